"""FNC-1: the stance an article takes to a claim, in two CSV files. The claim stands where FNC-1 has a headline."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from claims.exporting import crosswalk
from claims.exporting.writers.document import JUDGED, TEXTS, Document, Entries, Part, Record, settled_value


def _line(*cells: Any) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()


def _stance(record: Record) -> Iterator[str]:
    stance = crosswalk.FNC1.get(settled_value(record, *crosswalk.STANCE))
    if stance is not None and record["article"] is not None:
        yield _line(record["text"], record["article"], stance)


class _Bodies(Entries):
    """The newest text of each article; texts come in order of their number."""

    def __init__(self) -> None:
        super().__init__(lambda record: (), opening=_line("Body ID", "articleBody"))
        self._held: list[tuple[int, str]] = []

    def row(self, values: Record) -> bytes:
        is_next = bool(self._held) and self._held[0][0] != values["article"]
        ready = self.end() if is_next else b""
        self._held = [(values["article"], values["text"])]
        return ready

    def end(self) -> bytes:
        self.rows += len(self._held)
        return "".join(_line(*held) for held in self._held).encode("utf-8", "backslashreplace")


FNC1 = Document(
    "FNC-1 (two CSV files): settled stances of articles to claims",
    (
        Part("fnc1_stances.csv", JUDGED, lambda: Entries(_stance, opening=_line("Headline", "Body ID", "Stance"))),
        Part("fnc1_bodies.csv", TEXTS, _Bodies),
    ),
)
