"""Telling people that a deadline comes near, once for each deadline."""

from __future__ import annotations

from datetime import UTC, timedelta

from django.db import transaction
from django.db.models.functions import Now

from claims import notices
from claims.models import Round, RoundReviewer

AHEAD = timedelta(days=1)


def tell_deadlines() -> int:
    """Whoever has begun an open round hears in the last day before its deadline. Returns how many were told."""
    near = Round.objects.filter(state="open", deadline__gt=Now(), deadline__lte=Now() + AHEAD).select_related("project")
    n = 0
    for round_ in near:
        walks = RoundReviewer.objects.filter(round=round_, reviewer__state="active", reviewer__user__isnull=False)
        for walk in walks.select_related("reviewer__user"):
            with transaction.atomic():
                n += _tell(round_, walk)
    return n


def _tell(round_: Round, walk: RoundReviewer) -> bool:
    user, deadline = walk.reviewer.user, round_.deadline
    if user is None or deadline is None:
        return False
    notice = notices.send_message(
        user,
        kind="deadline",
        subject=f"A round of yours takes new units until {deadline.astimezone(UTC):%d %B, %H:%M} UTC",
        body=f"You have done {walk.done} so far. What you hold at that moment you may still submit.",
        project=round_.project,
        path=f"/p/{round_.project.slug}/rounds/{round_.pk}/",
        key=f"deadline-{round_.pk}-{deadline.timestamp():.0f}",
    )
    return notice is not None
