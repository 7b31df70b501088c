"""Exports of doccano: one JSON object a line, with the labels of one person, or of all without names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from claims.errors import Refused
from claims.importing.datasets.finding import Faults, Finding, Item, claim_text, refused, short
from claims.importing.datasets.objects import objects
from claims.importing.readers.record import ReadOptions, RecordError

_LABELS = ("label", "labels", "cats", "annotations")
_ANNOTATORS = ("annotator", "username", "user", "annotated_by")


def read(data: BinaryIO, options: ReadOptions) -> Iterator[Item]:
    """Yield one finding an object. Where no object names its annotator, the file's name does (doccano writes a file
    for each person)."""
    stem = options.member.rpartition("/")[2].rpartition(".")[0] or "unknown"
    for found in objects(data, options):
        if isinstance(found, RecordError):
            yield found
            continue
        line, entry = found
        faults = Faults(options, line)
        try:
            yield _finding(entry, stem, faults)
        except Refused as refusal:
            yield refused(refusal, options, line)
        yield from faults.found


def _finding(entry: dict[str, Any], stem: str, faults: Faults) -> Finding:
    text = claim_text(entry.get("text", entry.get("data")))
    given: Any = next((entry[name] for name in _LABELS if entry.get(name)), [])
    chosen = _chosen(given if isinstance(given, list) else [given], faults)
    named = next((entry[name] for name in _ANNOTATORS if entry.get(name) not in (None, "")), stem)
    labels: dict[str, str | tuple[str, ...]] = {}
    if chosen:
        labels["label"] = chosen[0] if len(chosen) == 1 else chosen
    return Finding(text=text, line=faults.line, annotator=str(named)[:80] if labels else "", labels=labels)


def _chosen(given: list[Any], faults: Faults) -> tuple[str, ...]:
    found = []
    for label in given:
        name = label.get("label") if isinstance(label, dict) and "start_offset" not in label else label
        if isinstance(name, str) and short(name):
            found.append(short(name))
        else:
            faults.add("unsupported_label", "Labels of passages are not brought over; labels of the whole text are.")
    return tuple(found)
