"""Machine labels of a round beside people's: asking a model, how much it answered, and whether it may stand in."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from claims.agreement.overview import why_hidden
from claims.models import Job, Round
from claims.suggesting.asking import is_on
from claims.suggesting.machine_labels import start_model_labels
from claims.suggesting.machines import MARGIN, compare_machines
from claims.web.page import Here, go, project_page, show


def round_here(here: Here, pk: int) -> Round:
    round_: Round | None = Round.objects.in_project(here.project).filter(pk=pk).exclude(state="draft").first()
    if round_ is None:
        raise Http404
    round_.project = here.project
    return round_


@project_page("see_agreement", tab="agreement")
def machines(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    round_ = round_here(here, pk)
    asked = Job.objects.filter(project=here.project, kind="label_by_model", args__round=round_.pk).order_by("-id")
    return show(
        request,
        "machines",
        here,
        round=round_,
        hidden=why_hidden(round_),
        rows=compare_machines(round_),
        margin=MARGIN,
        is_on=is_on(),
        model=settings.MODEL_NAME,
        job=asked.first(),
    )


@require_POST
@project_page("manage_rounds", tab="agreement")
def ask(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    return go("job", here.slug, start_model_labels(round_here(here, pk), by=here.user).pk)
