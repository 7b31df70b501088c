"""What a reviewer may read. Nothing here depends on what others answered (INV-4): blindness is in the query."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from django.db.models import QuerySet

from claims.errors import NotFound
from claims.labelling.answers import round_spec
from claims.labelling.checking import Shown, checked_evidence
from claims.labelling.codebook import CodebookSpec
from claims.labelling.pool import Found, pooled_evidence
from claims.labelling.submission import own_answers
from claims.labelling.survey import Survey, survey_of
from claims.labelling.voting import phase_of_correction
from claims.models import (
    Anchor,
    Article,
    Assignment,
    AttributionHop,
    ClaimOccurrence,
    LabelEvent,
    OccurrenceVersion,
    Outlet,
    OutletVersion,
    ReopenedUnit,
    Reviewer,
    Round,
    Segment,
    TextVersion,
    Unit,
    place_hops,
)
from claims.models.statements import Table, fetch_one
from claims.permissions import check_can_label


@dataclass(frozen=True)
class Masthead:
    """What the round lets a reviewer know about the article; hidden parts are not in here at all."""

    headline: str
    outlet: str | None = None
    byline: str | None = None
    published_at: Any = None
    url: str | None = None


@dataclass(frozen=True)
class LabelContext:
    """Everything the label page shows. `spans` are code points into `text`, end exclusive."""

    round: Round
    unit: Unit
    assignment: Assignment
    spec: CodebookSpec
    done: int
    previous: int | None  # the unit that this reviewer submitted last before it, to go back to
    following: int | None  # the one they submitted next after it, or hold now, to go on to
    text: str = ""
    text_id: int | None = None  # the version whose code points spans count in
    language: str = "und"
    masthead: Masthead | None = None
    segments: QuerySet[Segment] = field(default_factory=Segment.objects.none)  # in order; a page reads what it shows
    spans: Sequence[Anchor] = ()
    hops: Sequence[AttributionHop] = ()
    claim: str = ""
    outlet: OutletVersion | None = None
    survey: Survey | None = None  # in place of the outlet, where the round hides it
    draft: dict[str, Any] = field(default_factory=dict)
    draft_seq: int = 0
    submitted: dict[str, Any] = field(default_factory=dict)
    claim_day: str = ""  # when the claim was published, where the round flags evidence that is later; 2026-03-14
    pool: Sequence[Found] = ()  # what others found, in a round that shares evidence
    checked: Sequence[Shown] = ()  # the evidence to judge by, in a round that checks another one's
    is_second_vote: bool = False  # the votes are in: what is said now is kept beside the first vote
    words_before: str = ""  # the claim was changed after this reviewer had worked on it
    warnings: Sequence[str] = ()  # topics that the article or the claim is about, to be asked before it is read


ASSIGNMENTS, UNITS, TEXTS = Table(Assignment), Table(Unit), Table(TextVersion)
VERSIONS, OCCURRENCES = Table(OccurrenceVersion), Table(ClaimOccurrence)
OUTLET_VERSIONS, ARTICLES, OUTLETS = Table(OutletVersion), Table(Article), Table(Outlet)
# One slot with what the page shows beside the questions. What is not submitted yet comes after all that is.
HELD = f"""
SELECT {ASSIGNMENTS.columns("a")}, {UNITS.columns("u")}, {VERSIONS.columns("v")}, {OCCURRENCES.columns("o")},
       {OUTLET_VERSIONS.columns("ov")}, {TEXTS.columns("t")}, {ARTICLES.columns("ar")}, {OUTLETS.columns("ou")},
       COALESCE(d.payload, '{{}}'), COALESCE(d.client_seq, 0), COALESCE(w.done, 0),
       (SELECT b.unit_id FROM claims_assignment b
        WHERE b.round_id = a.round_id AND b.reviewer_id = a.reviewer_id AND b.state = 'submitted'
          AND b.ended_at < COALESCE(a.ended_at, 'infinity')
        ORDER BY b.ended_at DESC LIMIT 1),
       (SELECT b.unit_id FROM claims_assignment b
        WHERE b.round_id = a.round_id AND b.reviewer_id = a.reviewer_id AND b.state IN ('submitted', 'reserved')
          AND COALESCE(b.ended_at, 'infinity') > COALESCE(a.ended_at, 'infinity')
        ORDER BY COALESCE(b.ended_at, 'infinity') LIMIT 1),
       ARRAY(SELECT DISTINCT topic.name FROM claims_contentwarning c JOIN claims_topic topic ON topic.id = c.topic_id
             WHERE c.article_id = u.article_id
                OR c.claim_id IN (SELECT own.claim_id FROM claims_claimoccurrence own
                                  WHERE own.article_id = u.article_id)
                OR c.claim_id = (SELECT worded.claim_id FROM claims_claimversion worded
                                 WHERE worded.id = u.claim_version_id)
             ORDER BY topic.name)
FROM claims_assignment a
JOIN claims_unit u ON u.id = a.unit_id
LEFT JOIN claims_occurrenceversion v ON v.id = u.occurrence_version_id
LEFT JOIN claims_claimoccurrence o ON o.id = v.occurrence_id
LEFT JOIN claims_outletversion ov ON ov.id = u.outlet_version_id
LEFT JOIN claims_textversion t ON t.id = u.text_version_id
LEFT JOIN claims_article ar ON ar.id = u.article_id
LEFT JOIN claims_outlet ou ON ou.id = ar.outlet_id
LEFT JOIN claims_draft d ON d.round_id = a.round_id AND d.unit_id = a.unit_id AND d.reviewer_id = a.reviewer_id
LEFT JOIN claims_roundreviewer w ON w.round_id = a.round_id AND w.reviewer_id = a.reviewer_id
WHERE a.round_id = %(round)s AND a.unit_id = %(unit)s AND a.reviewer_id = %(reviewer)s
  AND a.state NOT IN ('expired', 'withdrawn')
"""  # noqa: S608 - names of our own columns


@dataclass(frozen=True)
class Held:
    """A slot that a reviewer holds or has submitted, and where it stands among their own."""

    assignment: Assignment
    draft: dict[str, Any]
    draft_seq: int
    done: int
    previous: int | None
    following: int | None
    warnings: Sequence[str]


def held_assignment(round_: Round, unit_id: int, reviewer: Reviewer) -> Held:
    """The reviewer's own slot of a unit; NotFound when they never held it, gave it back, let it run out, or the unit
    is foreign."""
    asked = {"round": round_.pk, "unit": unit_id, "reviewer": reviewer.pk}
    row = fetch_one(HELD, asked)  # at most one: claims_assignment_reviewer_holds_a_unit_once
    if row is None:
        raise NotFound
    values = iter(row)
    assignment, unit = ASSIGNMENTS.take(values), UNITS.take(values)
    assignment.reviewer, assignment.unit = reviewer, unit
    version, occurrence = VERSIONS.take_joined(values), OCCURRENCES.take_joined(values)
    if version is not None and occurrence is not None:
        version.occurrence = occurrence
    unit.occurrence_version, unit.outlet_version = version, OUTLET_VERSIONS.take_joined(values)
    unit.text_version, unit.article = TEXTS.take_joined(values), ARTICLES.take_joined(values)
    outlet = OUTLETS.take_joined(values)
    if unit.article is not None:
        unit.article.outlet = outlet
    if assignment.state == "skipped":
        raise NotFound
    draft, *rest = values
    return Held(assignment, json.loads(draft), *rest)


def label_context(round_: Round, unit_id: int, reviewer: Reviewer) -> LabelContext:
    """What the reviewer sees while judging a unit they hold or have submitted."""
    if round_.project_id != reviewer.project_id:
        raise NotFound
    held = held_assignment(round_, unit_id, reviewer)
    assignment = held.assignment
    if assignment.state != "submitted":
        check_can_label(reviewer, round_)
    unit = assignment.unit
    return LabelContext(
        round=round_,
        unit=unit,
        assignment=assignment,
        spec=round_spec(round_),
        done=held.done,
        previous=held.previous,
        following=held.following,
        draft=held.draft,
        draft_seq=held.draft_seq,
        submitted=own_answers(assignment) if assignment.state == "submitted" else {},
        pool=pooled_evidence(round_, unit, reviewer),
        checked=checked_evidence(round_, unit),
        is_second_vote=assignment.state == "submitted" and phase_of_correction(round_, unit) != "first",
        words_before=_words_before(assignment) if assignment.reason == "claim_changed" else "",
        warnings=held.warnings,
        **_subject(round_, unit),
    )


def _words_before(assignment: Assignment) -> str:
    rows = ReopenedUnit.objects.filter(
        reviewer=assignment.reviewer, round=assignment.round_id, unit=assignment.unit_id
    ).select_related("unit_before__occurrence_version")
    told = rows.order_by("-id").first()
    before = told.unit_before.occurrence_version if told is not None else None
    return before.wording or before.verbatim if before is not None else ""


def _subject(round_: Round, unit: Unit) -> dict[str, Any]:
    if unit.kind == "claim_occurrence":
        return _occurrence(round_, unit)
    if unit.kind == "article" and unit.text_version is not None:
        return _article(round_, unit, unit.text_version)
    if unit.outlet_version is not None and round_.hides_outlet:
        return {"survey": survey_of(round_, unit.outlet_version)}
    return {"outlet": unit.outlet_version}


def _occurrence(round_: Round, unit: Unit) -> dict[str, Any]:
    version = unit.occurrence_version
    if version is None:  # claims_unit_subject_is_whole
        raise NotFound
    anchors = list(
        version.anchors.exclude(state="orphaned").select_related("text_version").order_by("-text_version__n", "piece")
    )
    newest = anchors[0].text_version if anchors else None
    spans = [anchor for anchor in anchors if anchor.text_version_id == (newest.pk if newest else None)]
    found = _article(round_, unit, newest) if newest is not None else {}
    hops = list(version.hops.order_by("n"))
    if newest is not None:
        hops = place_hops(hops, newest)
    said = {"spans": spans, "hops": hops, "claim": version.wording or version.verbatim}
    return found | said


def _article(round_: Round, unit: Unit, text: TextVersion) -> dict[str, Any]:
    article = unit.article
    if article is None:  # units of text always name their article
        raise NotFound
    return {
        "text": text.text,
        "text_id": text.pk,
        "language": article.language,
        "masthead": masthead(round_, article),
        "claim_day": _claim_day(round_, article),
        "segments": text.segments.order_by("n"),
    }


def masthead(round_: Round, article: Article) -> Masthead:
    """The article's head as far as the round shows it."""
    return Masthead(
        headline=article.headline,
        outlet=None if round_.hides_outlet or article.outlet is None else article.outlet.name,
        byline=None if round_.hides_author else article.byline,
        published_at=None if round_.hides_date else article.published_at,
        url=None if round_.hides_outlet else article.url,
    )


def _claim_day(round_: Round, article: Article) -> str:
    """A date that the round hides is not told by comparing with it either."""
    if not round_.flags_evidence_dates or round_.hides_date or article.published_at is None:
        return ""
    return article.published_at.astimezone(UTC).date().isoformat()


def own_events(reviewer: Reviewer) -> QuerySet[LabelEvent]:
    """A reviewer's own history, newest first (keyset on `seq`)."""
    return (
        LabelEvent.objects.filter(reviewer=reviewer)
        .select_related("round", "unit__occurrence_version", "unit__outlet_version", "unit__article", "text")
        .order_by("-seq")
    )


def rounds_to_label(reviewer: Reviewer) -> QuerySet[Round]:
    """Open rounds of the reviewer's project, oldest first."""
    return Round.objects.filter(project=reviewer.project_id, state="open").order_by("id")
