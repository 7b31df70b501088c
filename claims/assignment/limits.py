"""What ends a reviewer's walk for now or for good: a pause, the quota, the deadline, the day's cap. Each says why, and
when it goes on."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.utils import timezone

from claims.assignment.panels import check_traits
from claims.assignment.qualification import check_qualified
from claims.errors import Conflict, Sentence
from claims.models import Reviewer, ReviewerTraits, Round, RoundReviewer
from claims.models.statements import fetch_one

# Events are numbered in order, so the count stops at the day's beginning however long the chain is.
DONE_SINCE = """
SELECT count(*) FROM claims_labelevent WHERE reviewer_id = %(reviewer)s AND kind = 'submitted' AND seq > COALESCE(
    (SELECT max(seq) FROM claims_labelevent WHERE reviewer_id = %(reviewer)s AND created_at < %(since)s), 0)
"""


def check_limits(
    round_: Round, reviewer: Reviewer, *, done: int, quota: int | None, is_paused: bool, now: datetime, held: int = 0
) -> None:
    """Conflict `paused_here`, `deadline_passed`, `quota_reached`, `daily_cap_reached`; `current` holds `resumes_at`.
    What is `held` besides counts as if it were done."""
    if is_paused:
        raise _ends("paused_here", Sentence("Your work in this round is paused. A curator can resume it."))
    if round_.deadline is not None and round_.deadline <= now:
        ended = f"{round_.deadline.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        raise _ends(
            "deadline_passed",
            Sentence("This round took new units until {ended}. What you submitted is kept.", ended=ended),
        )
    most = quota if quota is not None else round_.quota
    if most is not None and done + held >= most:
        raise _ends(
            "quota_reached", Sentence("You have done what this round asks of one person: {n}. Thank you.", n=most)
        )
    cap = round_.project.daily_cap
    midnight = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    if cap is not None and _done_since(reviewer, midnight) + held >= cap:
        raise _ends(
            "daily_cap_reached",
            Sentence("You have done what is done in a day here: {n}. It goes on at midnight UTC.", n=cap),
            midnight + timedelta(days=1),
        )


def reason_to_wait(round_: Round, reviewer: Reviewer) -> Conflict | None:
    """Why the reviewer would be offered nothing, looked up without drawing."""
    walk = RoundReviewer.objects.filter(round=round_, reviewer=reviewer).first() or RoundReviewer()
    try:
        check_limits(round_, reviewer, done=walk.done, quota=walk.quota, is_paused=walk.is_paused, now=timezone.now())
        check_qualified(round_, reviewer)
        traits = ReviewerTraits.objects.filter(reviewer=reviewer).first() or ReviewerTraits()
        check_traits(round_, leaning=traits.leaning, languages=traits.languages)
    except Conflict as conflict:
        return conflict
    return None


def _done_since(reviewer: Reviewer, since: datetime) -> int:
    row = fetch_one(DONE_SINCE, {"reviewer": reviewer.pk, "since": since})
    return int(row[0]) if row else 0


def _ends(code: str, sentence: Sentence, resumes_at: datetime | None = None) -> Conflict:
    return Conflict(code, sentence, current={"resumes_at": resumes_at.isoformat() if resumes_at else None})
