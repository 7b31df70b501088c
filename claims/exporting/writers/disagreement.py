"""Every reviewer's answer side by side: Le-Wi-Di (learning with disagreement) and Label Studio.

First answers only, and only choices (in Label Studio chains of sources, too): what was said after a discussion, and
free text, is in the tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from claims.exporting.writers.document import JUDGED, Document, Entries, Part, Record, json_array, json_object
from claims.exporting.writers.jsonl import encode_json


def _first_choices(record: Record) -> Iterator[tuple[str, list[tuple[str, str, bool]]]]:
    """(question, [(reviewer, choice, is_machine)]) of a unit, for questions answered by one choice."""
    for question, answers in groupby(record["answers"], key=lambda answer: answer[0]):
        first = [answer for answer in answers if answer[2] == "first" and isinstance(answer[3], str)]
        given = [(who, value, is_machine) for _, who, _, value, _, is_machine, _ in first]
        if given:
            yield question, given


def _lewidi(record: Record) -> Iterator[tuple[str, dict[str, Any]]]:
    for question, answers in _first_choices(record):
        given = [(who, value) for who, value, is_machine in answers if not is_machine]
        if not given:
            continue
        counts = Counter(value for _, value in given)
        settled = record["settled"].get(question) or {}
        yield (
            f"{record['round']}-{record['unit']}-{question}",
            {
                "text": record["text"],
                "annotation task": question,
                "number of annotations": len(given),
                "annotators": ",".join(who for who, _ in given),
                "annotations": dict(given),
                "soft_label": {value: round(n / len(given), 6) for value, n in sorted(counts.items())},
                "split": record["split"] or "",
                "lang": record["language"] or "und",
                "other_info": {
                    "round": record["round"],
                    "unit": record["unit"],
                    "unit_kind": record["kind"],
                    "part": record["part"],
                    "article": record["article"],
                    "claim": record["claim"],
                    "settled": settled.get("value"),
                    "outcome": settled.get("outcome"),
                },
            },
        )


class _Annotators(Entries):
    """Who answered what how often; no more is said of anybody."""

    def __init__(self) -> None:
        super().__init__(lambda record: ())
        self._answers: Counter[str] = Counter()

    def row(self, values: Record) -> bytes:
        for _, answers in _first_choices(values):
            self._answers.update(who for who, _, is_machine in answers if not is_machine)
        return b""

    def end(self) -> bytes:
        self.rows = len(self._answers)
        about = {who: {"answers": n} for who, n in sorted(self._answers.items())}
        return encode_json(about).encode() + b"\n"


def _task(record: Record) -> Iterator[dict[str, Any]]:
    by_reviewer: dict[str, list[dict[str, Any]]] = {}
    machines: set[str] = set()
    for question, who, phase, value, _, is_machine, is_chain in record["answers"]:
        if phase == "first" and (result := _result(question, value, is_chain=is_chain)) is not None:
            by_reviewer.setdefault(who, []).append(result)
            if is_machine:
                machines.add(who)
    if not by_reviewer:
        return
    data = {"text": record["text"], "url": record["url"] or "", "headline": record["headline"] or ""}
    data |= {"outlet": record["outlet"] or "", "round": record["round"], "unit": record["unit"]}
    given = [
        {"id": n, "completed_by": who, "result": result}
        for n, (who, result) in enumerate(sorted(by_reviewer.items()), 1)
        if who not in machines
    ]
    foreseen = [
        {"id": n, "model_version": who, "result": result}
        for n, (who, result) in enumerate(sorted(by_reviewer.items()), 1)
        if who in machines
    ]
    yield {"data": data, "annotations": given, "predictions": foreseen}


def _result(question: str, value: Any, *, is_chain: bool) -> dict[str, Any] | None:
    """Choices, or the sources of a chain as lines of text."""
    chosen = [value] if isinstance(value, str) else value
    if not isinstance(chosen, list) or not chosen or not all(isinstance(choice, str) for choice in chosen):
        return None
    kind, name = ("textarea", "text") if is_chain else ("choices", "choices")
    return {"from_name": question, "to_name": "text", "type": kind, "value": {name: chosen}}


LEWIDI = Document(
    "Le-Wi-Di (JSON): each reviewer's choice, and how the choices are shared out",
    (
        Part("lewidi.json", JUDGED, json_object(_lewidi)),
        Part("lewidi_annotators_meta.json", JUDGED, _Annotators),
    ),
)
LABEL_STUDIO = Document(
    "Label Studio (JSON): a task a unit, an annotation a reviewer",
    (Part("label_studio.json", JUDGED, json_array(_task)),),
)
