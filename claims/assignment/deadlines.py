"""Telling people that a deadline comes near, once for each deadline."""

from __future__ import annotations

from datetime import UTC, timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

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
    when = lazy(date_format, str)(deadline.astimezone(UTC), "j F, H:i")
    notice = notices.send_message(
        user,
        kind="deadline",
        subject=format_lazy(_("A round of yours takes new units until {when} UTC"), when=when),
        body=format_lazy(
            _("You have done {n} so far. What you hold at that moment you may still submit."), n=walk.done
        ),
        project=round_.project,
        path=f"/p/{round_.project.slug}/rounds/{round_.pk}/",
        key=f"deadline-{round_.pk}-{deadline.timestamp():.0f}",
    )
    return notice is not None
