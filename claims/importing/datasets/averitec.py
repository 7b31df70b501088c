"""AVeriTeC: one JSON array of claims, each with the verdict of a fact-checking article."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from claims.errors import Refused
from claims.importing.addresses import outlet_domain
from claims.importing.datasets.finding import Faults, Finding, Item, Verdict, claim_text, refused, short
from claims.importing.datasets.objects import objects
from claims.importing.readers.record import ReadOptions, RecordError

_DATE = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})")
_ARCHIVED = re.compile(r"https?://web\.archive\.org/web/\d+(?:[a-z_]+)?/(https?://.+)")
_KEPT = ("claim_types", "fact_checking_strategies", "reporting_source", "justification", "required_reannotation")


def read(data: BinaryIO, options: ReadOptions) -> Iterator[Item]:
    """Yield one finding a claim; a field that cannot be used is an error of its line and the claim is kept."""
    for found in objects(data, options):
        if isinstance(found, RecordError):
            yield found
            continue
        line, entry = found
        faults = Faults(options, line)
        try:
            yield _finding(entry, line, faults)
        except Refused as refusal:
            yield refused(refusal, options, line)
        yield from faults.found


def _finding(entry: dict[str, Any], line: int, faults: Faults) -> Finding:
    text = claim_text(entry.get("claim"))
    checked_at = faults.url(entry.get("fact_checking_article"))
    label = short(entry.get("label"))
    if not label:
        faults.add("missing_label", "The claim has no label. It was kept without one.")
    return Finding(
        text=text,
        line=line,
        speaker=short(entry.get("speaker")),
        said_at=faults.date(_iso(entry.get("claim_date"))),
        place=short(entry.get("location_ISO_code")),
        url=faults.url(entry.get("original_claim_url")),
        verdicts=(Verdict(publisher=_publisher(checked_at), label=label, url=checked_at),) if label else (),
        extra={name: entry[name] for name in _KEPT if entry.get(name) not in (None, "", [])},
    )


def _iso(stated: object) -> object:
    """Days come first, and often without a leading zero: 4-10-2020 is the fourth of October."""
    if isinstance(stated, str) and (found := _DATE.fullmatch(stated.strip())):
        day, month, year = found.groups()
        return f"{year}-{month:0>2}-{day:0>2}"
    return stated


def _publisher(url: str) -> str:
    original = _ARCHIVED.fullmatch(url)
    return (outlet_domain(original.group(1) if original else url) if url else "") or "AVeriTeC"
