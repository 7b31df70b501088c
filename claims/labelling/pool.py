"""Evidence that a round shares while it is labelled: the pages and words that were found, never how they were read.

Of what others submitted for a unit only the source is passed on. Their relation to the claim, their strength, the
question they were an answer to and who brought them are not read from the database at all: together with one's own
reading they would tell the others' verdict (INV-4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from claims.labelling.answers import round_spec
from claims.labelling.evidence import own_hosts, stands_on
from claims.models import EvidenceItem, Label, Reviewer, Round, Unit

SHARED = ("url", "title", "outlet", "quote", "published_at")


@dataclass(frozen=True, order=True)
class Found:
    """A source as everybody who holds the unit sees it; `published` is a day, 2026-03-14, or empty."""

    url: str
    quote: str
    title: str
    outlet: str
    published: str


def pooled_evidence(round_: Round, unit: Unit, reviewer: Reviewer) -> list[Found]:
    """What others submitted for the unit in a round that shares evidence, each source once, in the order of addresses.

    An order by time or by person would tell who brought what. Empty in rounds that keep evidence private.
    """
    if round_.evidence_visibility != "pool":
        return []
    asked = [question.code for question in round_spec(round_).questions if question.kind == "evidence"]
    others = Label.objects.filter(round=round_, unit=unit, question__in=asked, phase="first", is_void=False)
    others = others.exclude(reviewer=reviewer).exclude(reviewer__kind="machine")
    rows = EvidenceItem.objects.filter(pk__in=_named(others.values_list("value", flat=True)), project=round_.project_id)
    found = {
        Found(url, quote, title, outlet, day.astimezone(UTC).date().isoformat() if day else "")
        for url, title, outlet, quote, day in rows.values_list(*SHARED)
    }
    hidden = own_hosts(unit.article) if round_.hides_outlet else set()
    shown = [one for one in found if (one.url or one.quote) and not stands_on(one.url, hidden)]
    return sorted({(one.url, one.quote): one for one in sorted(shown)}.values())


def _named(values: Iterable[Any]) -> list[int]:
    """The evidence rows that answers name."""
    items = [item for value in values if isinstance(value, list) for item in value]
    return [item["id"] for item in items if isinstance(item, Mapping) and "id" in item]
