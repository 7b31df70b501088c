"""Calibration every week: a round that repeats is followed by its like, with units drawn anew and shared by all."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from claims import audit, jobs, notices
from claims.assignment.plan import MOST_REVIEWERS, PLANNED
from claims.models import Membership, Reviewer, Round
from claims.permissions import ALLOWED

WEEK = timedelta(days=7)


def repeat_weekly() -> int:
    """Follow every round that repeats and is a week old. Returns how many were planned and sent to be opened."""
    due = Round.objects.filter(repeats_weekly=True, opened_at__lte=Now() - WEEK, project__archived_at=None)
    return sum(_repeat(round_) for round_ in due.exclude(state="draft").select_related("project").order_by("pk"))


def _repeat(before: Round) -> bool:
    """The successor repeats from now on, and its predecessor no more: two sweeps at once make one."""
    try:
        with transaction.atomic():
            if not Round.objects.filter(pk=before.pk, repeats_weekly=True).update(repeats_weekly=False):
                return False
            made = _successor(before)
            audit.record("repeat_round", made, by=None, follows=before.pk)
            jobs.enqueue("open_round", project=before.project, args={"round": made.pk})
            _tell(made)
    except IntegrityError:  # the name of the week is taken
        return False
    return True


def _successor(before: Round) -> Round:
    """Its plan with another seed, for as many people as label now, until the next takes over."""
    plan = {name: getattr(before, name) for name in PLANNED} | {"questions": before.questions}
    now = timezone.now()
    year, week, _ = now.isocalendar()
    plan |= {"seed": year * 100 + week, "deadline": now + WEEK, "repeats_weekly": True}
    plan["overlap"] = max(len(plan["panel"]), min(MOST_REVIEWERS, _people(before).count()), 1)
    stem = before.name.split(", week ")[0][:100]
    return Round.objects.create(
        project=before.project,
        name=f"{stem}, week {week} of {year}",
        codebook_version=before.codebook_version,
        unit_kind=before.unit_kind,
        created_by=before.created_by,
        **plan,
    )


def _people(round_: Round) -> QuerySet[Reviewer]:
    seats = Membership.objects.filter(project=round_.project, role__in=ALLOWED["label"]).values("user")
    return Reviewer.objects.filter(project=round_.project, user__in=seats, kind="human", state="active")


def _tell(made: Round) -> None:
    for person in _people(made).select_related("user"):
        if person.user is not None:
            notices.send_message(
                person.user,
                kind="deadline",
                subject="This week's shared units are there: everybody answers the same ones, for a week",
                project=made.project,
                path=reverse("round", args=[made.project.slug, made.pk]),
                key=f"weekly-{made.pk}",
            )
