"""Rounds: planned on one page with what they will cost, opened, followed, closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from claims.assignment.actions import close_round, create_round, open_round, progress, set_paused
from claims.assignment.amendments import amend_round, delete_round
from claims.assignment.limits import reason_to_wait
from claims.assignment.offers import rounds_with_work
from claims.assignment.opening import labels_asked, shared_units, units_chosen
from claims.assignment.overlap import change_overlap
from claims.assignment.plan import MOST_ATTEMPTS, MOST_IN_A_SET, check_is_planned
from claims.assignment.presets import ROUND_PRESETS
from claims.assignment.strategies import STRATEGIES
from claims.assignment.subjects import SUBJECTS
from claims.errors import Refused
from claims.labelling.progress import standing_in
from claims.labelling.voting import waiting_for_second_vote
from claims.models import Assignment, Attempt, CodebookVersion, Job, Round, RoundReviewer
from claims.models.article import CLAIM_ROLES
from claims.models.round import PURPOSES
from claims.permissions import can_open_round
from claims.web.following import Follow, follow, is_poll, show_poll
from claims.web.page import Here, go, project_page, show, slice_of
from claims.web.said import refusal_said

UNIT_WORDS = {"claim_occurrence": "each claim where it stands", "article": "each article", "outlet": "each outlet"}


DEADLINE = forms.DateTimeField(required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))


class LimitsForm(forms.Form):
    """What may change while a round is under way. Times are UTC."""

    quota = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)
    deadline = DEADLINE


class CodebookField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable when run
    """A published version, named as people know it."""

    def label_from_instance(self, obj: CodebookVersion) -> str:
        return f"{obj.codebook.name}, version {obj.n}"


class RoundForm(forms.Form):
    name = forms.CharField(max_length=120, error_messages={"required": "Name the round, as “Pilot” or “Round 1”."})
    codebook = CodebookField(CodebookVersion.objects.none(), empty_label=None)
    purpose = forms.ChoiceField(choices=[(word, word.replace("_", " ")) for word in PURPOSES], required=False)
    unit_kind = forms.ChoiceField(choices=[(kind, UNIT_WORDS[kind]) for kind in SUBJECTS])
    overlap = forms.IntegerField(min_value=1, max_value=60, initial=2)
    shared_percent = forms.IntegerField(min_value=1, max_value=99, required=False)
    shared_overlap = forms.IntegerField(min_value=1, max_value=60, required=False)
    grows_to = forms.IntegerField(min_value=2, max_value=60, required=False)
    grows_below = forms.FloatField(min_value=0.01, max_value=0.99, required=False)
    limit = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)
    min_checkworthiness = forms.FloatField(min_value=0, max_value=1, required=False)
    roles = forms.MultipleChoiceField(choices=[(role, role) for role in CLAIM_ROLES], required=False)
    control_percent = forms.IntegerField(min_value=1, max_value=50, required=False)
    control_floor_percent = forms.IntegerField(min_value=1, max_value=100, required=False)
    panel = forms.CharField(required=False, max_length=600)
    matches_languages = forms.BooleanField(required=False)
    known = forms.BooleanField(required=False)
    set_size = forms.IntegerField(min_value=1, max_value=MOST_IN_A_SET, required=False)
    pass_percent = forms.IntegerField(min_value=1, max_value=100, required=False)
    attempts = forms.IntegerField(min_value=1, max_value=MOST_ATTEMPTS, required=False)
    qualification = forms.ModelChoiceField(Round.objects.none(), required=False, empty_label="nobody has to qualify")
    repeats_weekly = forms.BooleanField(required=False)
    order = forms.ChoiceField(choices=[(name, strategy.title) for name, strategy in STRATEGIES.items()])
    quota = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)
    deadline = DEADLINE
    has_second_vote = forms.BooleanField(required=False)
    hides_outlet = forms.BooleanField(required=False)
    hides_author = forms.BooleanField(required=False)
    hides_date = forms.BooleanField(required=False)
    flags_evidence_dates = forms.BooleanField(required=False)
    blocks_own_outlet = forms.BooleanField(required=False)
    shares_evidence = forms.BooleanField(required=False)

    def __init__(self, *args: Any, here: Here, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codebook = cast(CodebookField, self.fields["codebook"])
        published = CodebookVersion.objects.filter(codebook__project=here.project, state="published")
        passed = cast("forms.ModelChoiceField[Round]", self.fields["qualification"])
        passed.queryset = Round.objects.in_project(here.project).exclude(pass_mark=None).order_by("name")
        codebook.queryset = published.select_related("codebook").order_by("codebook__name", "-n")

    @property
    def selection(self) -> dict[str, Any]:
        asked = {name: self.cleaned_data.get(name) for name in ("limit", "min_checkworthiness", "roles", "known")}
        return {name: value for name, value in asked.items() if value not in (None, [], "", False)}

    def plan(self) -> dict[str, Any]:
        """What `create_round` takes."""
        same = (
            *("name", "unit_kind", "overlap", "shared_overlap", "grows_to", "grows_below", "order", "panel"),
            *("matches_languages", "set_size", "attempts", "qualification", "repeats_weekly", "has_second_vote"),
            *("quota", "deadline"),
            *("hides_outlet", "hides_author", "hides_date", "flags_evidence_dates", "blocks_own_outlet"),
        )
        plan = {name: self.cleaned_data[name] for name in same}
        plan["shared_share"] = self.shared_share
        percent = self.cleaned_data["pass_percent"]
        plan["pass_mark"] = percent / 100 if percent else None
        plan["purpose"] = self.cleaned_data["purpose"] or "main"
        for name in ("control_share", "control_floor"):
            percent = self.cleaned_data[name.replace("_share", "") + "_percent"]
            plan[name] = percent / 100 if percent else None
        plan["evidence_visibility"] = "pool" if self.cleaned_data["shares_evidence"] else "private"
        return plan | {"codebook_version": self.cleaned_data["codebook"], "selection": self.selection}

    def clean_panel(self) -> list[str]:
        """Leanings between commas or blanks."""
        written: str = self.cleaned_data["panel"]
        return written.replace(",", " ").lower().split()

    @property
    def shared_share(self) -> float | None:
        percent = self.cleaned_data.get("shared_percent")
        return percent / 100 if percent else None


def planned(row: Round) -> dict[str, Any]:
    """A round as its form shows it."""
    shown = {name: getattr(row, name) for name in RoundForm.base_fields if hasattr(row, name)}
    shown |= {"codebook": row.codebook_version_id, "shares_evidence": row.evidence_visibility == "pool"}
    shown["shared_percent"] = round(row.shared_share * 100) if row.shared_share else None
    for name, share in (("control", row.control_share), ("control_floor", row.control_floor)):
        shown[f"{name}_percent"] = round(share * 100) if share else None
    shown["pass_percent"] = round(row.pass_mark * 100) if row.pass_mark else None
    shown["qualification"] = row.qualification_id
    shown["panel"] = ", ".join(row.panel)
    shown["deadline"] = row.deadline.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") if row.deadline else None
    return shown | {"roles": [], "known": False} | dict(row.selection)


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
    return show(request, "rounds", here, slice=found, done=done, work=rounds_with_work(found.rows, here.user))


@project_page("manage_rounds", tab="rounds")
def new(request: HttpRequest, here: Here) -> HttpResponse:
    """The form, empty or filled: from the address, which then says what the round would cost, or from a preset."""
    preset = ROUND_PRESETS.get(request.GET.get("preset", "")) if request.method == "GET" else None
    given = request.POST or (request.GET if request.GET and preset is None else None)
    begun = planned(Round(project=here.project, name=preset.title, **preset.plan)) if preset else None
    form = RoundForm(given, initial=begun, here=here)
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


def cost_of(here: Here, form: RoundForm) -> dict[str, int] | None:
    """Units and labels that the plan would draw now; None while the plan is not whole."""
    if not form.is_valid() and set(form.errors) - {"name"}:
        return None
    asked = form.cleaned_data
    plan = Round(project=here.project, unit_kind=asked["unit_kind"], selection=form.selection, overlap=asked["overlap"])
    plan.codebook_version, plan.qualification = asked["codebook"], asked.get("qualification")
    plan.shared_share, plan.shared_overlap = form.shared_share, asked["shared_overlap"]
    n_units = units_chosen(plan)
    return {"units": n_units, "labels": labels_asked(plan, n_units), "shared": shared_units(plan, n_units)}


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
    walk = RoundReviewer.objects.filter(round=row, reviewer=here.reviewer).first()
    held = Assignment.objects.filter(round=row, reviewer=here.reviewer, state="reserved").first()
    standing = standing_in(row, here.reviewer, walk, now=timezone.now())
    context |= {"done": standing.done, "held": held, "standing": standing}
    context["has_work"] = row.pk in rounds_with_work([row], here.user)
    context["attempts"] = Attempt.objects.filter(round=row, reviewer=here.reviewer).count()
    context["second_votes"] = waiting_for_second_vote(row, here.reviewer) if here.may["label"] else []
    if row.state == "open" and here.may["label"] and held is None:
        waits = reason_to_wait(row, here.reviewer)
        context["waits"] = refusal_said(waits) if waits else None
    if here.may["manage_rounds"]:
        context |= _management(here, row)
    return show(request, "round", here, **context)


def followed(here: Here, row: Round) -> Follow | None:
    """The job that opens the round or changes how many judge each unit, while it is under way."""
    waiting = Job.objects.in_project(here.project).filter(args__round=row.pk, state__in=("queued", "running"))
    job = waiting.filter(kind__in=("open_round", "change_overlap")).order_by("-id").first()
    is_opening = job is not None and job.kind == "open_round"
    sentence = "The units are being drawn." if is_opening else "The number of reviewers per unit is being changed."
    return follow(job, sentence)


def questions_of(round_: Round) -> list[Any]:
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
