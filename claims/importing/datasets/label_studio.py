"""Exports of Label Studio: one JSON array of tasks, each with the annotations of several people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from claims.errors import Refused
from claims.importing.datasets.finding import Faults, Finding, Item, claim_text, refused, short
from claims.importing.datasets.objects import objects
from claims.importing.readers.record import ReadOptions, RecordError

_TEXTS = ("text", "claim", "sentence", "statement", "body")


def read(data: BinaryIO, options: ReadOptions) -> Iterator[Item]:
    """Yield one finding an annotation; a task without annotations is a claim without labels."""
    for found in objects(data, options):
        if isinstance(found, RecordError):
            yield found
            continue
        line, task = found
        faults = Faults(options, line)
        try:
            yield from _findings(task, line, faults)
        except Refused as refusal:
            yield refused(refusal, options, line)
        yield from faults.found


def _findings(task: dict[str, Any], line: int, faults: Faults) -> Iterator[Finding]:
    written = task.get("data")
    if not isinstance(written, dict):
        raise Refused("missing_field", "The task has no “data”. Export as JSON, not as JSON-MIN.")
    text = claim_text(_text(written))
    url = faults.url(written.get("url"))
    done = task.get("annotations") or task.get("completions") or []
    standing = [one for one in done if isinstance(one, dict) and not one.get("was_cancelled")]
    if not standing:
        yield Finding(text=text, line=line, url=url)
    for annotation in standing:
        who = annotation.get("completed_by")
        if isinstance(who, dict):
            who = who.get("id") or who.get("email")
        labels = _labels(annotation.get("result"), faults)
        yield Finding(text=text, line=line, url=url, annotator="unknown" if who is None else str(who), labels=labels)


def _text(written: dict[str, Any]) -> Any:
    named = next((written[name] for name in _TEXTS if isinstance(written.get(name), str)), None)
    return named if named is not None else next((v for v in written.values() if isinstance(v, str)), None)


def _labels(result: Any, faults: Faults) -> dict[str, str | tuple[str, ...]]:
    found: dict[str, str | tuple[str, ...]] = {}
    for entry in result if isinstance(result, list) else []:
        if not isinstance(entry, dict) or not isinstance(entry.get("value"), dict):
            continue
        name, value = short(entry.get("from_name"), 80) or "label", entry["value"]
        if isinstance(value.get("choices"), list):
            chosen = tuple(short(choice) for choice in value["choices"] if short(choice))
            found[name] = chosen[0] if len(chosen) == 1 else chosen
        elif isinstance(value.get("rating"), int):
            found[name] = str(value["rating"])
        else:
            kind = short(entry.get("type"), 20) or "unknown"
            faults.add("unsupported_label", f"Labels of the kind “{kind}” are not brought over.")
    return {name: value for name, value in found.items() if value}
