"""Drawing the next slot: two statements, no waiting between reviewers, exact overlap.

The reviewer's own walk (RoundReviewer) is locked first, so two tabs of one person draw one after the other. The slot
is taken with SKIP LOCKED behind the walk's cursor, so nobody waits for anybody and nothing done is walked over again.
Times are the database's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from claims.assignment.limits import check_limits
from claims.assignment.panels import check_traits, fitting
from claims.assignment.qualification import check_qualified, mark_what_counts
from claims.assignment.strategies import STRATEGIES
from claims.errors import Conflict
from claims.models import Assignment, Reviewer, Round, RoundReviewer, RoundUnit
from claims.models.returning import give_back_expired
from claims.models.statements import Table, fetch_one
from claims.permissions import check_can_label, check_consent

SLOTS = Table(Assignment)
WALK = """
SELECT w.id, w.cursor, w.is_paused, w.quota, w.done,
       (SELECT a.id FROM claims_assignment a
        WHERE a.reviewer_id = w.reviewer_id AND a.round_id = w.round_id AND a.state = 'reserved'
        ORDER BY a.position LIMIT 1), now(),
       COALESCE(t.leaning, ''), COALESCE(t.languages, '{}'),
       EXISTS (SELECT FROM claims_interest i WHERE i.reviewer_id = w.reviewer_id),
       EXISTS (SELECT FROM claims_topicoptout q WHERE q.reviewer_id = w.reviewer_id)
FROM claims_roundreviewer w LEFT JOIN claims_reviewertraits t ON t.reviewer_id = w.reviewer_id
WHERE w.round_id = %(round)s AND w.reviewer_id = %(reviewer)s FOR UPDATE OF w
"""

# Not ORDER BY id: the planner would walk the primary key past every finished slot (performance.md, trap 1).
# OFFSET 0 keeps the look at one's own slots a look into an index for the few rows passed; as a join it reads them all.
TAKE = f"""
WITH picked AS (
    SELECT a.id, {{cursor}} AS cursor FROM claims_assignment a
    WHERE a.round_id = %(round)s AND a.state = 'open' AND {{condition}}{{fits}}
      AND NOT EXISTS (SELECT FROM claims_assignment b
                      WHERE b.round_id = a.round_id AND b.unit_id = a.unit_id AND b.reviewer_id = %(reviewer)s
                        AND b.state NOT IN ('expired', 'withdrawn') OFFSET 0)
    ORDER BY {{order}} LIMIT 1 FOR UPDATE SKIP LOCKED
), walked AS (
    UPDATE claims_roundreviewer SET cursor = picked.cursor FROM picked WHERE claims_roundreviewer.id = %(walk)s
)
UPDATE claims_assignment a
SET state = 'reserved', reviewer_id = %(reviewer)s, reserved_at = now(),
    expires_at = now() + make_interval(mins => %(minutes)s)
FROM picked WHERE a.id = picked.id RETURNING {SLOTS.columns("a")}
"""  # noqa: S608 - names of our own columns

# The place `slot` of every unit of an article is one person's: nobody else holds or did it elsewhere in the article.
ARTICLE_IS_MINE = """
NOT EXISTS (SELECT FROM claims_unit mine
            JOIN claims_unit other ON other.article_id = mine.article_id
            JOIN claims_assignment c ON c.round_id = a.round_id AND c.unit_id = other.id AND c.slot = a.slot
            WHERE mine.id = a.unit_id AND c.reviewer_id <> %(reviewer)s AND c.state IN ('reserved', 'submitted')
            OFFSET 0)
"""
BY_POSITION = {"cursor": "a.position", "order": "a.position, a.slot"}
# Places are numbered from 1 in every unit and the lowest free one is taken: low numbers first is few labels first.
BY_NUMBER = {"cursor": "a.slot * 4294967296 + a.position", "order": "a.slot, a.position"}


def _look(condition: str, by: Mapping[str, str]) -> str:
    return TAKE.format(condition=condition, fits="{fits}", **by)


# What `Strategy.looks` name. The cursor is the walk's; what is behind it was given back by others, or added.
LOOKS: dict[str, str] = {
    "onward": _look("a.position > %(cursor)s", BY_POSITION),
    "round_again": _look("a.position > -1", BY_POSITION),
    "fewest_onward": _look(
        "(a.slot, a.position) > (%(cursor)s::bigint / 4294967296, %(cursor)s::bigint %% 4294967296)", BY_NUMBER
    ),
    "fewest_again": _look("true", BY_NUMBER),
    "doubtful": _look("a.is_urgent", {"cursor": "%(cursor)s::bigint", "order": "a.position, a.slot"}),
    "own_article": _look(f"a.position > %(cursor)s AND {ARTICLE_IS_MINE}", BY_POSITION),
    "own_article_again": _look(ARTICLE_IS_MINE, BY_POSITION),
}
# Two people who begin an article at the same moment would not see each other: such draws go one by one in a round.
ONE_BY_ONE = "SELECT pg_advisory_xact_lock(%(space)s, %(round)s)"
DRAWS = 7_301_177  # our space of advisory locks for draws

# Never waits for the slot, as the walk is locked: a submit or a correction holds the slot when it comes to the walk.
RENEW = f"""
UPDATE claims_assignment a SET expires_at = now() + make_interval(mins => %(minutes)s)
WHERE a.id = (SELECT id FROM claims_assignment WHERE id = %(id)s AND state = 'reserved' FOR UPDATE SKIP LOCKED)
RETURNING {SLOTS.columns("a")}
"""  # noqa: S608 - names of our own columns
LOOK = f"SELECT {SLOTS.columns('a')} FROM claims_assignment a WHERE a.id = %(id)s"  # noqa: S608 - our own columns


@dataclass(frozen=True)
class Walk:
    """A reviewer's place in a round, and the slot they hold already."""

    id: int
    cursor: int
    is_paused: bool
    quota: int | None
    done: int
    held: int | None
    now: datetime
    leaning: str
    languages: list[str]
    has_interests: bool
    has_opt_outs: bool


def draw_next(round_: Round, reviewer: Reviewer) -> Assignment | None:
    """The slot the reviewer holds, or the next one for them; None when there is nothing left for them here.

    Refused when the round is not open, the reviewer is paused or has not accepted the project's consent text, has not
    qualified, or a limit is reached (`claims.assignment.limits`); a slot that is held is returned all the same.
    """
    check_can_label(reviewer, round_)
    check_consent(reviewer, round_.project)
    mark_what_counts(round_, reviewer)
    with transaction.atomic():
        walk = _locked_walk(round_, reviewer)
        row = _hold_on(round_, walk) if walk.held is not None else _take(round_, reviewer, walk)
    return SLOTS.take(iter(row)) if row is not None else None


def draw_several(round_: Round, reviewer: Reviewer, count: int) -> list[Assignment]:
    """What the reviewer holds, with more drawn until it is `count`; fewer when nothing is left for them, or a limit is
    reached on the way. Raises what `draw_next` raises when there is nothing at all.
    """
    check_can_label(reviewer, round_)
    check_consent(reviewer, round_.project)
    mark_what_counts(round_, reviewer)
    with transaction.atomic():
        walk = _locked_walk(round_, reviewer)
        held = Assignment.objects.filter(round=round_, reviewer=reviewer, state="reserved").order_by("position")
        kept = [_hold_on(round_, replace(walk, held=pk)) for pk in held.values_list("pk", flat=True)[:count]]
        rows = [row for row in kept if row is not None]
        while len(rows) < count:
            try:
                row = _take(round_, reviewer, _locked_walk(round_, reviewer), held=len(rows))
            except Conflict:
                if not rows:
                    raise
                break
            if row is None:
                break
            rows.append(row)
    return [SLOTS.take(iter(row)) for row in rows]


def _hold_on(round_: Round, walk: Walk) -> Sequence[Any] | None:
    """What is held is held for longer, but not after the deadline: then it may be submitted until it runs out."""
    mine = {"minutes": round_.reservation_minutes, "id": walk.held}
    is_over = round_.deadline is not None and round_.deadline <= walk.now
    return (None if is_over else fetch_one(RENEW, mine)) or fetch_one(LOOK, {"id": walk.held})


def _take(round_: Round, reviewer: Reviewer, walk: Walk, held: int = 0) -> Sequence[Any] | None:
    check_limits(round_, reviewer, done=walk.done, quota=walk.quota, is_paused=walk.is_paused, now=walk.now, held=held)
    check_qualified(round_, reviewer)
    asked = {
        "round": round_.pk,
        "reviewer": reviewer.pk,
        "minutes": round_.reservation_minutes,
        "walk": walk.id,
        "cursor": walk.cursor,
    }
    check_traits(round_, leaning=walk.leaning, languages=walk.languages)
    fits, more = fitting(
        round_,
        leaning=walk.leaning,
        languages=walk.languages,
        has_interests=walk.has_interests,
        has_opt_outs=walk.has_opt_outs,
    )
    asked |= more
    looks = STRATEGIES[round_.order].looks
    if "own_article" in looks:
        fetch_one(ONE_BY_ONE, {"space": DRAWS, "round": round_.pk})
    statements = [LOOKS[look].replace("{fits}", fits) for look in looks]
    taken = _first(statements, asked)
    # Nothing is left but what somebody holds: what ran out is given back now, and not when the next sweep comes.
    return taken if taken is not None or not give_back_expired(round_.pk) else _first(statements, asked)


def _first(statements: Sequence[str], asked: Mapping[str, Any]) -> Sequence[Any] | None:
    rows = (fetch_one(statement, asked) for statement in statements)
    return next((row for row in rows if row is not None), None)


def _locked_walk(round_: Round, reviewer: Reviewer) -> Walk:
    mine = {"round": round_.pk, "reviewer": reviewer.pk}
    row = fetch_one(WALK, mine)
    if row is None:
        begun = RoundReviewer(round=round_, reviewer=reviewer, cursor=RoundReviewer.NOT_BEGUN)
        RoundReviewer.objects.bulk_create([begun], ignore_conflicts=True)
        row = fetch_one(WALK, mine)
    assert row is not None  # noqa: S101 - written just now, or by a twin of this request
    walk = Walk(*row)
    return walk if walk.cursor != RoundReviewer.NOT_BEGUN else replace(walk, cursor=_start(round_, reviewer))


def _start(round_: Round, reviewer: Reviewer) -> int:
    n_units = RoundUnit.objects.filter(round=round_).count()
    return STRATEGIES[round_.order].start(round_.seed, reviewer.pk, n_units)
