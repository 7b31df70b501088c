"""Seeing a reviewer's list as they do: written down, told to them, and no way to answer in their place (PR-10)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from claims import audit, notices
from claims.errors import NotPermitted
from claims.models import LabelEvent, Reviewer, User
from claims.permissions import check_can

SHOWN = 100
# What others still have to judge stays out, for whoever looks may be asked about it, too (INV-4, AZ-07).
COMPLETE = """
SELECT e.id FROM claims_labelevent e
JOIN claims_round r ON r.id = e.round_id
JOIN claims_roundunit p ON p.round_id = e.round_id AND p.unit_id = e.unit_id
WHERE e.reviewer_id = %(reviewer)s AND (r.state = 'closed' OR p.overlap <= (
    SELECT count(*) FROM claims_assignment a
    WHERE a.round_id = e.round_id AND a.unit_id = e.unit_id AND a.state = 'submitted'))
ORDER BY e.seq DESC LIMIT %(shown)s
"""


@dataclass(frozen=True)
class Looked:
    """The reviewer's newest answers about units that all others have answered, and how many there are besides."""

    events: list[LabelEvent]
    besides: int


def look_as(reviewer: Reviewer, *, by: User) -> Looked:
    """What the reviewer's own list shows. Owners only; the reviewer is told of it, once a day for each who looks.

    Raises NotPermitted `own_page`: one's own list needs no looking.
    """
    check_can("manage_people", by, reviewer.project)
    if reviewer.user_id == by.pk:
        raise NotPermitted("own_page", "This is yourself. Your own list is under “My labels”.")
    with transaction.atomic():
        audit.record("look_as_reviewer", reviewer, by=by, project=reviewer.project)
        if reviewer.user is not None:
            notices.send_message(
                reviewer.user,
                kind="account",
                subject="An owner of a project looked at your list of answers",
                body=f"Project: {reviewer.project.name}. Nobody can answer in your place.",
                project=reviewer.project,
                path=f"/p/{reviewer.project.slug}/my-labels/",
                key=f"look/{reviewer.pk}/{by.pk}/{timezone.now():%Y-%m-%d}",
            )
    everything = LabelEvent.objects.filter(reviewer=reviewer)
    with connection.cursor() as cursor:
        cursor.execute(COMPLETE, {"reviewer": reviewer.pk, "shown": SHOWN})
        wanted = [pk for (pk,) in cursor]
    shown = everything.filter(pk__in=wanted).select_related(
        "round", "unit__occurrence_version", "unit__outlet_version", "unit__article", "text"
    )
    events = list(shown.order_by("-seq"))
    return Looked(events, everything.count() - len(events))
