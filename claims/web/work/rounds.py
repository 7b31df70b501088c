"""Rounds: planned on one page with what they will cost, opened, followed, closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from claims.assignment.actions import close_round, create_round, open_round, progress, set_paused, units_chosen
from claims.assignment.overlap import change_overlap
from claims.assignment.strategies import STRATEGIES
from claims.assignment.subjects import SUBJECTS
from claims.errors import Refused
from claims.models import Assignment, CodebookVersion, Job, Round, RoundReviewer
from claims.models.article import CLAIM_ROLES
from claims.permissions import can_open_round
from claims.web.page import Here, go, project_page, show, slice_of

UNIT_WORDS = {"claim_occurrence": "each claim where it stands", "article": "each article", "outlet": "each outlet"}


class CodebookField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable when run
    """A published version, named as people know it."""

    def label_from_instance(self, obj: CodebookVersion) -> str:
        return f"{obj.codebook.name}, version {obj.n}"


class RoundForm(forms.Form):
    name = forms.CharField(max_length=120, error_messages={"required": "Name the round, as “Pilot” or “Round 1”."})
    codebook = CodebookField(CodebookVersion.objects.none(), empty_label=None)
    unit_kind = forms.ChoiceField(choices=[(kind, UNIT_WORDS[kind]) for kind in SUBJECTS])
    overlap = forms.IntegerField(min_value=1, max_value=60, initial=2)
    limit = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)
    min_checkworthiness = forms.FloatField(min_value=0, max_value=1, required=False)
    roles = forms.MultipleChoiceField(choices=[(role, role) for role in CLAIM_ROLES], required=False)
    order = forms.ChoiceField(choices=[(order, order) for order in STRATEGIES])
    hides_outlet = forms.BooleanField(required=False)
    hides_author = forms.BooleanField(required=False)
    hides_date = forms.BooleanField(required=False)
    flags_evidence_dates = forms.BooleanField(required=False)
    blocks_own_outlet = forms.BooleanField(required=False)

    def __init__(self, *args: Any, here: Here, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codebook = cast(CodebookField, self.fields["codebook"])
        published = CodebookVersion.objects.filter(codebook__project=here.project, state="published")
        codebook.queryset = published.select_related("codebook").order_by("codebook__name", "-n")

    @property
    def selection(self) -> dict[str, Any]:
        asked = {name: self.cleaned_data.get(name) for name in ("limit", "min_checkworthiness", "roles")}
        return {name: value for name, value in asked.items() if value not in (None, [], "")}

    def plan(self) -> dict[str, Any]:
        """What `create_round` takes."""
        same = (
            *("name", "unit_kind", "overlap", "order", "hides_outlet", "hides_author", "hides_date"),
            *("flags_evidence_dates", "blocks_own_outlet"),
        )
        plan = {name: self.cleaned_data[name] for name in same}
        return plan | {"codebook_version": self.cleaned_data["codebook"], "selection": self.selection}


def _round(here: Here, pk: int) -> Round:
    rows = Round.objects.in_project(here.project).select_related("codebook_version__codebook")
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
    return show(request, "rounds", here, slice=found, done=dict(walks.values_list("round", "done")))


@project_page("manage_rounds", tab="rounds")
def new(request: HttpRequest, here: Here) -> HttpResponse:
    """The form; with `preview` in the address it is filled from there and says what the round would cost."""
    given = request.POST or (request.GET if request.GET else None)
    form = RoundForm(given, here=here)
    if request.method == "POST" and form.is_valid():
        try:
            row = create_round(here.project, by=here.user, **form.plan())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            return go("round", here.slug, row.pk)
    cost = cost_of(here, form) if given else None
    template = "_round_cost" if request.headers.get("HX-Request") == "true" else "round_new"
    is_refused = request.method == "POST" and bool(form.errors)
    return show(
        request, template, here, form=form, cost=cost, claim_roles=CLAIM_ROLES, status=422 if is_refused else 200
    )


def cost_of(here: Here, form: RoundForm) -> dict[str, int] | None:
    """Units and labels that the plan would draw now; None while the plan is not whole."""
    if not form.is_valid() and set(form.errors) - {"name"}:
        return None
    plan = Round(project=here.project, unit_kind=form.cleaned_data["unit_kind"], selection=form.selection)
    n_units = units_chosen(plan)
    return {"units": n_units, "labels": n_units * form.cleaned_data["overlap"]}


@project_page("see_project", tab="rounds")
def round_page(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """A round: for its managers with everybody's progress, for reviewers with their own alone (INV-4)."""
    row = _round(here, pk)
    if row.state == "draft" and not here.may["manage_rounds"]:
        raise Http404
    context: dict[str, Any] = {"round": row, "questions": questions_of(row)}
    walk = RoundReviewer.objects.filter(round=row, reviewer=here.reviewer).first()
    held = Assignment.objects.filter(round=row, reviewer=here.reviewer, state="reserved").first()
    context |= {"done": walk.done if walk else 0, "held": held}
    if here.may["manage_rounds"]:
        context |= _management(here, row)
    return show(request, "round", here, **context)


def questions_of(round_: Round) -> list[Any]:
    rows = round_.codebook_version.questions.filter(unit_kind=round_.unit_kind).order_by("n")
    return [question for question in rows if not round_.questions or question.code in round_.questions]


def _management(here: Here, row: Round) -> dict[str, Any]:
    counts = progress(row)
    total = counts["open"] + counts["reserved"] + counts["submitted"]
    walks = RoundReviewer.objects.filter(round=row).select_related("reviewer").order_by("reviewer__name")
    opening = Job.objects.in_project(here.project).filter(kind="open_round", args__round=row.pk).order_by("-id").first()
    under_way = Job.objects.in_project(here.project).filter(args__round=row.pk, state__in=("queued", "running"))
    return {
        "counts": counts,
        "total": total,
        "walks": walks,
        "opening": opening,
        "can_open": row.state == "draft" and can_open_round(here.user, row),
        "changing": under_way.filter(kind="change_overlap").order_by("-id").first(),
        "n_units": units_chosen(row) if row.state == "draft" else counts["units"],
    }


@require_POST
@project_page("manage_rounds", tab="rounds")
def change(request: HttpRequest, here: Here, pk: int, verb: str) -> HttpResponse:
    """Open, pause, resume, close, or ask another number of reviewers per unit."""
    row = _round(here, pk)
    overlap = request.POST.get("overlap", "")
    verbs: dict[str, Callable[[], Any]] = {
        "open": lambda: open_round(row, by=here.user),
        "pause": lambda: set_paused(row, True, by=here.user),
        "resume": lambda: set_paused(row, False, by=here.user),
        "close": lambda: close_round(row, by=here.user),
        "overlap": lambda: change_overlap(row, int(overlap) if overlap.isdecimal() else 0, by=here.user),
    }
    if verb not in verbs:
        raise Http404
    try:
        verbs[verb]()
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    return go("round", here.slug, row.pk)
