"""How near each reviewer's work is to the panel's: a first table. A figure is a question to ask, not a verdict."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from django.db import connection

from claims.adjudication.lists import NO_CHAIN
from claims.models import Project, Question, Reviewer, Round
from claims.statistics.reviewers import SHOWN_FROM, PeerAgreement, label_agreement, summarise_peers
from claims.statistics.scales import Scale
from claims.statistics.tables import Floats, Ints

# First, independent answers of people to counted questions; control items have a known answer and are left out.
LABELS = """
SELECT l.round_id, l.question, l.unit_id, l.reviewer_id, l.value #>> '{}'
FROM claims_label l
JOIN claims_round r ON r.id = l.round_id
JOIN claims_reviewer w ON w.id = l.reviewer_id AND w.kind <> 'machine'
JOIN claims_roundunit ru ON ru.round_id = l.round_id AND ru.unit_id = l.unit_id AND NOT ru.is_control
WHERE r.project_id = %(project)s AND (%(round)s::bigint IS NULL OR l.round_id = %(round)s::bigint)
  AND l.phase = 'first' AND NOT l.is_void AND jsonb_typeof(l.value) = 'string'
"""
WORK = """
SELECT e.reviewer_id, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY e.seconds)
FROM claims_labelevent e
WHERE e.project_id = %(project)s AND (%(round)s::bigint IS NULL OR e.round_id = %(round)s::bigint)
  AND e.kind = 'submitted' AND e.phase = 'first'
GROUP BY 1
"""
# Newest settlements with a value of their own, and how often each reviewer's answer was another one.
OVERRULES = f"""
WITH settled AS (
    SELECT DISTINCT ON (s.round_id, s.unit_id, s.question) s.*
    FROM claims_settledlabel s JOIN claims_round r ON r.id = s.round_id
    WHERE r.project_id = %(project)s AND (%(round)s::bigint IS NULL OR s.round_id = %(round)s::bigint)
    ORDER BY s.round_id, s.unit_id, s.question, s.revision DESC
)
SELECT l.reviewer_id, count(*),
       count(*) FILTER (WHERE s.outcome = 'all_wrong' OR l.value IS DISTINCT FROM s.value
                           OR l.missing IS DISTINCT FROM s.missing)
FROM settled s
JOIN claims_label l ON l.round_id = s.round_id AND l.unit_id = s.unit_id AND l.question = s.question
     AND l.phase = 'first' AND NOT l.is_void
WHERE s.outcome <> 'no_agreement' AND {NO_CHAIN}
GROUP BY 1
"""  # noqa: S608 - of our own words


@dataclass(frozen=True)
class ReviewerRow:
    """One reviewer's line of the table.

    n_units      units submitted
    peer         agreement with the others on the same units, drawn towards the panel's
    too_few      the sentence to show instead of `peer`, or nothing
    seconds      median seconds a unit, None where pages did not tell
    n_settled    own labels on questions that were settled with an answer, or as all wrong
    n_overruled  of these, how many were settled otherwise
    """

    reviewer: Reviewer
    n_units: int
    peer: PeerAgreement
    seconds: float | None
    n_settled: int
    n_overruled: int

    @property
    def too_few(self) -> str:
        if self.peer.is_shown:
            return ""
        return f"Too few: {self.peer.n} of {SHOWN_FROM} labels shared with others."


def reviewer_table(within: Project | Round) -> list[ReviewerRow]:
    """One row per person who submitted, most work first, over a round or a whole project."""
    project = within if isinstance(within, Project) else within.project
    place = {"project": project.pk, "round": within.pk if isinstance(within, Round) else None}
    peers = _peers(place)
    with connection.cursor() as cursor:
        cursor.execute(WORK, place)
        work = {reviewer: (n, seconds) for reviewer, n, seconds in cursor.fetchall()}
        cursor.execute(OVERRULES, place)
        overrules = {reviewer: (n, overruled) for reviewer, n, overruled in cursor.fetchall()}
    known = Reviewer.objects.in_project(project).exclude(kind="machine").in_bulk(sorted({*work, *peers}))
    rows = []
    for pk, reviewer in known.items():
        n_units, seconds = work.get(pk, (0, None))
        n_settled, n_overruled = overrules.get(pk, (0, 0))
        peer = peers.get(pk, PeerAgreement(0))
        rows.append(ReviewerRow(reviewer, n_units, peer, seconds, n_settled, n_overruled))
    return sorted(rows, key=lambda row: (-row.n_units, row.reviewer.name))


def _peers(place: dict[str, int | None]) -> dict[int, PeerAgreement]:
    """Reviewer id -> agreement pooled over all questions, each label weighing the same."""
    columns: defaultdict[tuple[int, str], list[tuple[int, int, str]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(LABELS, place)
        for round_, question, unit, reviewer, value in cursor.fetchall():
            columns[round_, question].append((unit, reviewer, value))
    scales = _choices({round_ for round_, _ in columns})
    reviewers, agreement = [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
    for key, labels in columns.items():
        if key in scales:
            own_reviewers, own_agreement = _question_agreement(labels, *scales[key])
            reviewers.append(own_reviewers)
            agreement.append(own_agreement)
    ids, codes = np.unique(np.concatenate(reviewers), return_inverse=True)
    return dict(zip(ids.tolist(), summarise_peers(codes, np.concatenate(agreement)), strict=True))


def _choices(rounds: set[int]) -> dict[tuple[int, str], tuple[dict[str, int], str]]:
    """(round, question) -> (place of each choice, agreement weights): near misses count in part on ordered scales."""
    found = {}
    for round_ in Round.objects.filter(pk__in=rounds):
        asked = Question.objects.filter(
            codebook_version=round_.codebook_version_id, kind__in=("nominal", "ordinal", "interval")
        ).exclude(level="none")
        for question in asked.prefetch_related("choices"):
            declared = sorted(question.choices.all(), key=lambda choice: choice.n)
            places = {choice.code: n for n, choice in enumerate(declared)}
            found[round_.pk, question.code] = places, "identity" if question.level == "nominal" else "quadratic"
    return found


def _question_agreement(
    labels: list[tuple[int, int, str]], places: dict[str, int], weights: str
) -> tuple[Ints, Floats]:
    """(reviewer ids, agreement with the others) of the labels whose choice is declared."""
    known = [(unit, reviewer, places[value]) for unit, reviewer, value in labels if value in places]
    table = np.array(known, dtype=np.int64).reshape(len(known), 3)
    _, units = np.unique(table[:, 0], return_inverse=True)
    return table[:, 1], label_agreement(units, table[:, 2], Scale(len(places)), weights)
