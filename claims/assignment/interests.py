"""Conflicts of interest: declared by a reviewer or set by an owner, and honoured at once."""

from __future__ import annotations

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet

from claims import audit
from claims.assignment.panels import TOUCHES
from claims.errors import Conflict, NotFound, Refused
from claims.models import Interest, Outlet, Project, Reviewer, User
from claims.permissions import can, check_can, check_not_archived
from claims.text import clean_line

MOST = 200  # of one reviewer: each is looked at for every place that is passed while drawing
SHORTEST = 3  # a shorter name stands in too many other words

# What is held of such units goes to others in the same statement; answers that were given stay.
HAND_OVER = f"""
WITH ended AS (
    UPDATE claims_assignment a SET state = 'withdrawn', reason = 'conflict_of_interest', ended_at = now()
    WHERE a.reviewer_id = %(reviewer)s AND a.state = 'reserved' AND EXISTS ({TOUCHES})
    RETURNING a.round_id, a.unit_id, a.slot, a.position, a.is_urgent
)
INSERT INTO claims_assignment (round_id, unit_id, slot, position, state, reason, is_urgent)
SELECT round_id, unit_id, slot, position, 'open', '', is_urgent FROM ended
"""  # noqa: S608 - our own words


def seen_by(user: User, project: Project) -> QuerySet[Interest]:
    """One's own, and for owners those that owners have set. Nobody sees what others declared of themselves."""
    own = Q(reviewer__user=user)
    rows = Interest.objects.in_project(project).select_related("reviewer__user", "outlet").order_by("-id")
    return rows.filter(own | Q(is_declared=False) if can("manage_people", user, project) else own)


def add_interest(reviewer: Reviewer, *, by: User, outlet: Outlet | None = None, entity: str = "") -> Interest:
    """Keep units of this outlet, or that name this person or body, from the reviewer, also those in hand.

    Refused `invalid_interest`, `too_many_interests`; Conflict `interest_is_known`.
    """
    project, entity = reviewer.project, clean_line(entity)[:120]
    is_declared = reviewer.user_id == by.pk
    check_can("label" if is_declared else "manage_people", by, project)
    check_not_archived(project)
    if (outlet is None) == (entity == "") or (entity and len(entity) < SHORTEST):
        raise Refused(
            "invalid_interest", f"Name an outlet of the project, or a person or body in {SHORTEST} letters or more."
        )
    if outlet is not None and outlet.project_id != project.pk:
        raise NotFound
    if Interest.objects.filter(reviewer=reviewer).count() >= MOST:
        raise Refused("too_many_interests", f"At most {MOST} conflicts of interest for one reviewer.")
    try:
        with transaction.atomic():
            made = Interest.objects.create(
                project=project, reviewer=reviewer, outlet=outlet, entity=entity, is_declared=is_declared, created_by=by
            )
            with connection.cursor() as cursor:
                cursor.execute(HAND_OVER, {"reviewer": reviewer.pk})
            if not is_declared:  # what somebody declares of themselves is not told to owners through their log
                audit.record("add_interest", made, by=by, project=project)
    except IntegrityError:
        raise Conflict("interest_is_known", "This conflict of interest is kept already.") from None
    return made


def remove_interest(interest: Interest, *, by: User) -> None:
    """Who said it takes it back: the reviewer what they declared, an owner what was set."""
    is_own = interest.is_declared and interest.reviewer.user_id == by.pk
    if interest.is_declared and not is_own:
        raise NotFound
    check_can("label" if is_own else "manage_people", by, interest.project)
    with transaction.atomic():
        if not is_own:
            audit.record("remove_interest", interest, by=by, project=interest.project)
        interest.delete()
