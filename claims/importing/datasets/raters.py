"""Tables with one row for each annotator and text, such as the raw labels of BABE."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from claims.errors import Refused
from claims.importing.datasets.finding import Faults, Finding, Item, QuestionShape, claim_text, refused, short
from claims.importing.readers import csv
from claims.importing.readers.record import ReadOptions, Record

ANNOTATORS = ("annotator_id", "annotator", "worker_id", "rater", "coder", "user")
TEXTS = ("text", "sentence", "claim", "statement")
ADDRESSES = ("news_link", "url", "link")
# What is known of BABE's questions; the spellings in its file are kept as aliases.
SHAPES = {
    "label_bias": QuestionShape(
        title="Is this sentence biased?", choices={"Non-biased": ("Non biased", "Not biased"), "Biased": ()}
    ),
    "label_opinion": QuestionShape(
        title="Fact or opinion?",
        kind="ordinal",
        choices={
            "Entirely factual": (),
            "Somewhat factual but also opinionated": ("Somewhat factional but also opinionated",),
            "Expresses writer’s opinion": (
                "Expresses writer's opinion",
                "Expresses writer´s opinion",
                "Expresses wleter´s opinion",
            ),
        },
    ),
}


def read(data: BinaryIO, options: ReadOptions) -> Iterator[Item]:
    """Yield one finding a row. Questions are the columns whose name begins with “label”, without a digit's copy of one.

    Raises Refused: `missing_column`, and what the CSV reader raises.
    """
    known: list[str] = []
    names: tuple[str, str, str] | None = None
    for found in csv.read(data, replace(options, columns={"text": _text_column(data, options)})):
        if not isinstance(found, Record):
            yield found
            continue
        if names is None:
            names = _columns(list(found.extra))
            known = [name for name in found.extra if name in SHAPES] or _questions(list(found.extra))
        yield from _row(found, known, names, options)


def _text_column(data: BinaryIO, options: ReadOptions) -> str:
    """The column with the text, found in the header before the table is read."""
    head = data.read(1 << 16)
    data.seek(0)
    header = head.removeprefix(b"\xef\xbb\xbf").splitlines()[0].decode("utf-8", "replace") if head.strip() else ""
    cells = [cell.strip().strip('"') for cell in header.split(options.delimiter or csv.choose_delimiter(header))]
    return next((name for wanted in TEXTS for name in cells if name.lower() == wanted), "text")


def _columns(names: list[str]) -> tuple[str, str, str]:
    lower = {name.lower(): name for name in names}
    annotator = next((lower[name] for name in ANNOTATORS if name in lower), None)
    if annotator is None:
        raise Refused(
            "missing_column",
            f"No column says who labelled. Expected {', '.join(ANNOTATORS)}. Found: {', '.join(names[:20])}.",
        )
    return annotator, next((lower[name] for name in ADDRESSES if name in lower), ""), lower.get("outlet", "")


def _questions(names: list[str]) -> list[str]:
    found = [name for name in names if name.lower().startswith("label")]
    if not found:
        raise Refused("missing_column", f"No column begins with “label”. Found: {', '.join(names[:20])}.")
    return found


def _row(row: Record, questions: list[str], names: tuple[str, str, str], options: ReadOptions) -> Iterator[Item]:
    line = row.line or 0
    faults = Faults(options, line)
    annotator = short(row.extra.get(names[0]), 80)
    labels = {name: value for name in questions if (value := short(row.extra.get(name)))}
    try:
        text = claim_text(row.text)
        if not annotator:
            raise Refused("missing_annotator", "The row does not say who labelled. It was left out.")
    except Refused as refusal:
        yield refused(refusal, options, line)
        return
    for name in questions:
        if name not in labels:
            faults.add(f"missing_{name}"[:40], f"The row has no {name}. Its other labels were kept.")
    used = {*names, *questions}
    yield Finding(
        text=text,
        line=line,
        url=row.url or faults.url(row.extra.get(names[1])),
        annotator=annotator,
        labels=labels,
        extra={"outlet": row.outlet, **{name: value for name, value in row.extra.items() if name not in used}},
    )
    yield from faults.found
