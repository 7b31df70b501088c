"""Rounds: planned on one page with what they will cost, opened, followed, closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from claims.assignment.actions import close_round, create_round, open_round, progress, set_paused
from claims.assignment.amendments import amend_round, delete_round
from claims.assignment.cautions import cautions
from claims.assignment.limits import reason_to_wait
from claims.assignment.offers import rounds_with_work
from claims.assignment.opening import labels_asked, shared_units, units_chosen, unknown_units
from claims.assignment.overlap import change_overlap
from claims.assignment.plan import check_is_planned
from claims.assignment.presets import ROUND_PRESETS, Preset
from claims.errors import Refused
from claims.labelling.progress import standing_in
from claims.labelling.voting import rounds_with_second_votes, waiting_for_second_vote
from claims.models import Assignment, Attempt, Job, Round, RoundReviewer
from claims.models.article import CLAIM_ROLES
from claims.permissions import can_open_round
from claims.web.following import Follow, follow, is_poll, show_poll
from claims.web.page import Here, go, number_in, project_page, show, slice_of
from claims.web.said import refusal_said
from claims.web.work.round_form import LimitsForm, RoundForm, planned, rounds_with_evidence


def _round(here: Here, pk: int) -> Round:
    rows = Round.objects.in_project(here.project).select_related("project", "codebook_version__codebook")
    row: Round | None = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@project_page("see_project", tab="rounds")
def rounds(request: HttpRequest, here: Here) -> HttpResponse:
    rows = Round.objects.in_project(here.project).select_related("codebook_version__codebook")
    if not here.may["manage_rounds"]:
        rows = rows.exclude(state="draft")
    found = slice_of(request, rows)
    walks = RoundReviewer.objects.filter(round__in=found.rows, reviewer=here.reviewer)
    done = dict(walks.values_list("round", "done"))
    work, votes = rounds_with_work(found.rows, here.user), rounds_with_second_votes(found.rows, here.user)
    return show(request, "rounds", here, slice=found, done=done, work=work, votes=votes)


@project_page("manage_rounds", tab="rounds")
def new(request: HttpRequest, here: Here) -> HttpResponse:
    """The form, empty or filled: from the address, which then says what the round would cost, or from a preset."""
    preset = ROUND_PRESETS.get(request.GET.get("preset", "")) if request.method == "GET" else None
    given = request.POST or (request.GET if request.GET and preset is None else None)
    form = RoundForm(given, initial=_begun(request, here, preset) if preset else None, here=here)
    if request.method == "POST" and form.is_valid():
        try:
            row = create_round(here.project, by=here.user, **form.plan())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            return go("round", here.slug, row.pk)
    return _plan_page(request, here, form)


@project_page("manage_rounds", tab="rounds")
def edit(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """The plan of a draft, to be changed or given up."""
    row = _round(here, pk)
    check_is_planned(row)
    if request.method != "POST":
        return _plan_page(request, here, RoundForm(request.GET or planned(row), here=here), row)
    form = RoundForm(request.POST, here=here)
    if form.is_valid():
        # A part of the selection that has no field here, such as chosen articles, stays as it is.
        kept = {name: value for name, value in row.selection.items() if name not in form.fields}
        changes = form.plan() | {"selection": kept | form.selection}
        try:
            amend_round(row, changes=changes, expected=int(_digits(request, "version") or 0), by=here.user)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            return go("round", here.slug, row.pk)
    return _plan_page(request, here, form, row)


def _begun(request: HttpRequest, here: Here, preset: Preset) -> dict[str, Any]:
    """The preset's plan; for a check, of the round that the address names."""
    begun = planned(Round(project=here.project, name=preset.title, **preset.plan))
    checked = rounds_with_evidence(here.project).filter(pk=number_in(request, "checks") or 0).first()
    if checked is None:
        return begun
    name = f"Check of {checked.name}"[:120]
    return begun | {"checks": checked.pk, "codebook": checked.codebook_version_id, "name": name}


def _plan_page(request: HttpRequest, here: Here, form: RoundForm, row: Round | None = None) -> HttpResponse:
    """The form beside what it would cost; htmx asks for the cost alone."""
    is_refused = request.method == "POST" and bool(form.errors)
    return show(
        request,
        "_round_cost" if request.headers.get("HX-Request") == "true" else "round_new",
        here,
        form=form,
        cost=cost_of(here, form) if form.is_bound else None,
        claim_roles=CLAIM_ROLES,
        round=row,
        presets=ROUND_PRESETS,
        preset=ROUND_PRESETS.get(request.GET.get("preset", "")),
        status=422 if is_refused else 200,
    )


def cost_of(here: Here, form: RoundForm) -> dict[str, Any] | None:
    """Units and labels that the plan would draw now; None while the plan is not whole."""
    if not form.is_valid() and set(form.errors) - {"name"}:
        return None
    asked = form.cleaned_data
    plan = Round(project=here.project, unit_kind=asked["unit_kind"], selection=form.selection, overlap=asked["overlap"])
    plan.codebook_version, plan.qualification = asked["codebook"], asked.get("qualification")
    plan.checks = asked.get("checks")
    plan.shared_share, plan.shared_overlap = form.shared_share, asked["shared_overlap"]
    plan.pass_mark, plan.set_size, plan.attempts = form.pass_mark, asked["set_size"], asked["attempts"]
    n_units = units_chosen(plan)
    return {
        "units": n_units,
        "labels": labels_asked(plan, n_units),
        "shared": shared_units(plan, n_units),
        "unknown": unknown_units(plan),
        "cautions": cautions(plan),
    }


@project_page("see_project", tab="rounds")
def round_page(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """A round: for its managers with everybody's progress, for reviewers with their own alone (INV-4)."""
    row = _round(here, pk)
    if row.state == "draft" and not here.may["manage_rounds"]:
        raise Http404
    following = followed(here, row) if here.may["manage_rounds"] else None
    if is_poll(request):
        return show_poll(request, here, following)
    context: dict[str, Any] = {"round": row, "questions": questions_of(row), "follow": following}
    held = Assignment.objects.filter(round=row, reviewer=here.reviewer, state="reserved").first()
    standing = standing_in(row, here.reviewer, now=timezone.now())
    context |= {"done": standing.done, "held": held, "standing": standing}
    context["has_work"] = row.pk in rounds_with_work([row], here.user)
    context["attempts"] = Attempt.objects.filter(round=row, reviewer=here.reviewer).count()
    context["second_votes"] = waiting_for_second_vote(row, here.reviewer) if here.may["label"] else []
    if row.state == "open" and here.may["label"] and held is None:
        waits = reason_to_wait(row, here.reviewer)
        context["waits"] = refusal_said(waits) if waits else None
    if here.may["manage_rounds"]:
        context |= _management(here, row)
        context["can_be_checked"] = rounds_with_evidence(here.project).filter(pk=row.pk).exists()
        context["checked_by"] = row.checked_by.order_by("pk")
    return show(request, "round", here, **context)


def followed(here: Here, row: Round) -> Follow | None:
    """The job that opens the round or changes how many judge each unit, while it is under way."""
    waiting = Job.objects.in_project(here.project).filter(args__round=row.pk, state__in=("queued", "running"))
    job = waiting.filter(kind__in=("open_round", "change_overlap")).order_by("-id").first()
    is_opening = job is not None and job.kind == "open_round"
    sentence = "The units are being drawn." if is_opening else "The number of reviewers per unit is being changed."
    return follow(job, sentence)


def questions_of(round_: Round) -> list[Any]:
    if round_.purpose == "splitting":
        return []  # who cuts an article answers nothing
    rows = round_.codebook_version.questions.filter(unit_kind=round_.unit_kind).order_by("n")
    return [question for question in rows if not round_.questions or question.code in round_.questions]


def _management(here: Here, row: Round) -> dict[str, Any]:
    counts = progress(row)
    n_units = units_chosen(row) if row.state == "draft" else counts["units"]
    total = counts["open"] + counts["reserved"] + counts["submitted"]
    walks = RoundReviewer.objects.filter(round=row).select_related("reviewer").order_by("reviewer__name")
    return {
        "counts": counts,
        "total": total,
        "walks": walks,
        "can_open": row.state == "draft" and can_open_round(here.user, row),
        "n_units": n_units,
        "n_labels": labels_asked(row, n_units),
        "n_unknown": unknown_units(row) if row.state == "draft" else 0,
        "cautions": cautions(row) if row.state == "draft" else [],
    }


def _digits(request: HttpRequest, name: str) -> str:
    written = request.POST.get(name, "")
    return written if written.isascii() and written.isdigit() and len(written) < 5 else ""


def _limit(request: HttpRequest, here: Here, row: Round) -> None:
    form = LimitsForm(request.POST)
    if not form.is_valid():
        raise Refused("invalid_limits", "Units for one person is a whole number above 0, the deadline a date and time.")
    amend_round(row, changes=form.cleaned_data, expected=row.version, by=here.user)


@require_POST
@project_page("manage_rounds", tab="rounds")
def change(request: HttpRequest, here: Here, pk: int, verb: str) -> HttpResponse:
    """Open, pause, resume, close, move the limits, ask another number of reviewers, or give up a draft."""
    row = _round(here, pk)
    asked = {name: int(number) for name in ("overlap", "shared_overlap") if (number := _digits(request, name))}
    verbs: dict[str, Callable[[], Any]] = {
        "open": lambda: open_round(row, by=here.user),
        "pause": lambda: set_paused(row, True, by=here.user),
        "resume": lambda: set_paused(row, False, by=here.user),
        "close": lambda: close_round(row, by=here.user),
        "delete": lambda: delete_round(row, by=here.user),
        "limits": lambda: _limit(request, here, row),
        "overlap": lambda: change_overlap(row, **({"overlap": 0} | asked), by=here.user),
    }
    if verb not in verbs:
        raise Http404
    try:
        verbs[verb]()
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return go("round", here.slug, row.pk)
    if verb == "delete":
        messages.success(request, f"The draft “{row.name}” is gone.")
        return go("rounds", here.slug)
    return go("round", here.slug, row.pk)
