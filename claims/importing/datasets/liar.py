"""LIAR and tables like it: statements with a rating, tab-separated, with or without a header line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from claims.errors import Refused
from claims.importing.datasets.finding import Faults, Finding, Item, Verdict, claim_text, refused, short
from claims.importing.readers.lines import bounded_lines, open_text
from claims.importing.readers.record import ReadOptions

COLUMNS = ("id", "label", "statement", "subject", "speaker", "job", "state", "party")
COUNTS = ("barely_true", "false", "half_true", "mostly_true", "pants_on_fire")
ALL = (*COLUMNS, *(f"{name}_count" for name in COUNTS), "context")
_SAME = {"claim": "statement", "text": "statement", "rating": "label", "subjects": "subject", "venue": "context"}
_KEPT = ("id", "subject", "job", "state", "party")


def read(data: BinaryIO, options: ReadOptions) -> Iterator[Item]:
    """Yield one finding a line. Quotation marks mean nothing in these files. Raises Refused: `empty`,
    `encoding_unknown`."""
    names: list[str] = list(ALL)
    with open_text(data, options.encoding) as opened:
        for number, text in bounded_lines(opened):
            if text is not None and not text.strip():
                continue
            cells = (text or "").rstrip("\r\n").split("\t")
            header = [_SAME.get(cell.strip().lower(), cell.strip().lower()) for cell in cells]
            if number == 1 and {"label", "statement"} <= set(header):
                names = header
                continue
            try:
                if text is None:
                    raise Refused("line_too_long", "The line is longer than 8 MB and was left out.")
                if len(cells) > len(names) or len(cells) < 3:
                    raise Refused("column_mismatch", f"The line has {len(cells)} cells, not {len(names)}.")
                yield from _row(dict(zip(names, cells, strict=False)), Faults(options, number))
            except Refused as refusal:
                yield refused(refusal, options, number)


def _row(row: dict[str, str], faults: Faults) -> Iterator[Item]:
    text, label = claim_text(row.get("statement", "")), short(row.get("label"))
    if not label:
        faults.add("missing_label", "The statement has no label. It was kept without one.")
    yield Finding(
        text=text,
        line=faults.line,
        speaker=short(row.get("speaker")).replace("-", " "),
        place=short(row.get("context")),
        verdicts=(Verdict(publisher="politifact.com", label=label),) if label else (),
        extra={name: row[name][:500] for name in _KEPT if row.get(name)},
    )
    yield from faults.found
