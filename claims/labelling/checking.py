"""What a checker sees of the evidence, and what keeps the two sides of a check apart when answers come in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from claims.errors import Conflict, Sentence
from claims.labelling.brought import brought_in
from claims.labelling.evidence import own_hosts, stands_on
from claims.models import Assignment, EvidenceItem, Round, RoundUnit, Unit

READ = ("url", "quote", "question", "answer", "title", "outlet", "published_at", "page_copy__key", "screenshot__key")


@dataclass(frozen=True, order=True)
class Shown:
    """A piece of evidence without who brought it, which way they read it and how strong they found it; `published` is
    a day, 2026-03-14, or empty; `copy` and `screenshot` are keys of what was kept, or empty."""

    url: str
    quote: str
    question: str
    answer: str
    title: str
    outlet: str
    published: str
    copy: str
    screenshot: str


def checked_evidence(round_: Round, unit: Unit) -> list[Shown]:
    """The standing evidence of the round that is checked, each piece once, in the order of addresses: an order by time
    would tell who brought what. Empty in a round that checks none."""
    if round_.checks_id is None:
        return []
    rows = EvidenceItem.objects.filter(pk__in=brought_in(round_.checks_id, unit.pk), project=round_.project_id)
    hidden = own_hosts(unit.article) if round_.hides_outlet else set()
    found = {
        Shown(url, quote, question, answer, title, outlet, _day(published), copy or "", picture or "")
        for url, quote, question, answer, title, outlet, published, copy, picture in rows.values_list(*READ)
    }
    return sorted(one for one in found if not stands_on(one.url, hidden))


def _day(published: datetime | None) -> str:
    return published.astimezone(UTC).date().isoformat() if published else ""


def check_side(assignment: Assignment) -> None:
    """For a place that was taken again after its reservation had run out: Conflict `own_evidence` for a checker who has
    brought evidence since, or for a bringer who has checked; `evidence_not_in` while more evidence is looked for."""
    round_, unit, reviewer = assignment.round, assignment.unit, assignment.reviewer
    working = {"unit": unit, "reviewer": reviewer}
    if round_.checks_id is not None:
        others = Assignment.objects.filter(round=round_.checks_id, **working, state__in=("reserved", "submitted"))
        version = unit.occurrence_version
        claim = version.occurrence.claim_id if version is not None else None
        if others.exists() or EvidenceItem.objects.filter(claim=claim, added_by=reviewer).exists():
            raise _other_side()
        if not _is_in(round_.checks_id, unit):
            raise Conflict(
                "evidence_not_in",
                Sentence("More evidence is being looked for, and is not in yet. Your draft is kept."),
            )
    elif round_.is_checked:
        checks = Assignment.objects.filter(round__checks=round_, **working, state__in=("reserved", "submitted"))
        if checks.exists():
            raise _other_side()


def _other_side() -> Conflict:
    return Conflict(
        "own_evidence",
        Sentence("Whoever brings evidence to a claim does not check it, too. Somebody else does; your draft is kept."),
    )


def _is_in(evidence: int, unit: Unit) -> bool:
    place = RoundUnit.objects.filter(round=evidence, unit=unit).first()
    done = Assignment.objects.filter(round=evidence, unit=unit, state="submitted").count()
    return place is not None and done >= place.overlap
