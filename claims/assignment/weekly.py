"""Calibration every week: a round that repeats is followed by its like, with units drawn anew and shared by all.

A round goes on repeating until its like is open; the like repeats from then on. So a week without units, or a job that
failed, ends no series: a week later it is tried again.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from claims import audit, jobs, notices
from claims.assignment.opening import check_has_work, run_open_round
from claims.assignment.plan import MOST_REVIEWERS, PLANNED
from claims.errors import Conflict
from claims.models import AuditEvent, Job, Membership, Reviewer, Round
from claims.permissions import ALLOWED

WEEK = timedelta(days=7)
NO_UNITS = _("What the series selects finds no unit now. Bring in what it looks for, or end it and plan another.")


def repeat_weekly() -> int:
    """Follow every round that repeats and is a week old, once a week. Returns how many were sent to be opened."""
    due = Round.objects.filter(repeats_weekly=True, opened_at__lte=Now() - WEEK, project__archived_at=None)
    due = due.exclude(state="draft").exclude(_tried_this_week())
    return sum(_repeat(pk) for pk in due.order_by("pk").values_list("pk", flat=True))


def _tried_this_week() -> Exists:
    tries = AuditEvent.objects.filter(subject_type="round", subject_id=OuterRef("pk"), verb="repeat_round")
    return Exists(tries.filter(created_at__gt=Now() - WEEK))


def _repeat(pk: int) -> bool:
    """Whether its like was planned. The row is locked and looked at again: two sweeps at once make one."""
    with transaction.atomic():
        rows = Round.objects.select_for_update(no_key=True, of=("self",)).select_related("project")
        before = rows.filter(pk=pk, repeats_weekly=True).exclude(_tried_this_week()).first()
        if before is None:
            return False
        try:
            with transaction.atomic():
                made = _successor(before)
                check_has_work(made)
                jobs.enqueue("open_round", project=before.project, args={"round": made.pk, "follows": pk})
        except Conflict as conflict:
            return _leave_out(before, conflict)
        except IntegrityError:
            taken = Conflict("round_name_taken", f"Another round has its name, {_name(before)!r}, already.")
            return _leave_out(before, taken)
        audit.record("repeat_round", before, by=None, followed_by=made.pk)
    return True


def _leave_out(before: Round, conflict: Conflict) -> bool:
    audit.record("repeat_round", before, by=None, reason=conflict.code)
    _tell_curators(before, conflict)
    return False


def _successor(before: Round) -> Round:
    """Its plan with another seed, for as many people as label now, until the next takes over."""
    plan = {name: getattr(before, name) for name in PLANNED} | {"questions": before.questions}
    now = timezone.now()
    year, week = now.isocalendar()[:2]
    plan |= {"seed": year * 100 + week, "deadline": now + WEEK, "repeats_weekly": False}
    plan["overlap"] = max(len(plan["panel"]), min(MOST_REVIEWERS, _people(before).count()), 1)
    return Round.objects.create(
        project=before.project,
        name=_name(before),
        codebook_version=before.codebook_version,
        unit_kind=before.unit_kind,
        created_by=before.created_by,
        **plan,
    )


def _name(before: Round) -> str:
    year, week = timezone.now().isocalendar()[:2]
    return f"{_stem(before)}, week {week} of {year}"


def _stem(round_: Round) -> str:
    return round_.name.split(", week ")[0][:100]


def _people(round_: Round) -> QuerySet[Reviewer]:
    seats = Membership.objects.filter(project=round_.project, role__in=ALLOWED["label"]).values("user")
    return Reviewer.objects.filter(project=round_.project, user__in=seats, kind="human", state="active")


def run_open(job: Job) -> None:
    """Open a round. With the week's round of a series, people hear of it and the series goes on from it in the
    transaction that opens it, or its curators hear why there is none."""
    if "follows" in job.args:
        run_open_round(job, then=_go_on, otherwise=_give_up)
    else:
        run_open_round(job)


def _go_on(job: Job, made: Round) -> None:
    before = Round.objects.select_for_update(no_key=True).get(pk=job.args["follows"])
    if before.repeats_weekly:  # unless somebody ended the series meanwhile
        Round.objects.filter(pk=before.pk).update(repeats_weekly=False, version=F("version") + 1)
        Round.objects.filter(pk=made.pk).update(repeats_weekly=True)
    for person in _people(made).select_related("user"):
        if person.user is not None:
            notices.send_message(
                person.user,
                kind="deadline",
                subject=_("This week's shared units are there: everybody answers the same ones, for a week"),
                project=made.project,
                path=_path(made),
                key=f"weekly-{made.pk}",
            )


def _give_up(job: Job, made: Round) -> None:
    before = Round.objects.get(pk=job.args["follows"])
    _tell_curators(before, Conflict("no_units", "Nothing matches the selection."))


def _tell_curators(before: Round, conflict: Conflict) -> None:
    """Why there is no round this week, to those who can do something about it; nobody else heard of one."""
    seats = Membership.objects.filter(project=before.project, role__in=ALLOWED["manage_rounds"], user__is_active=True)
    year, week = timezone.now().isocalendar()[:2]
    for seat in seats.select_related("user"):
        notices.send_message(
            seat.user,
            kind="deadline",
            subject=format_lazy(_("“{name}” has no shared units this week"), name=_stem(before)),
            body=format_lazy(
                _("No round was opened and no reviewer was told: {why} It is tried again in a week."),
                why=NO_UNITS if conflict.code == "no_units" else str(conflict.sentence),
            ),
            project=before.project,
            path=_path(before),
            key=f"weekly-none-{before.pk}-{year}-{week}",
        )


def _path(round_: Round) -> str:
    return reverse("round", args=[round_.project.slug, round_.pk])
