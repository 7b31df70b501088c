"""The overview of a project: how far its articles have come, what runs, what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from claims import jobs
from claims.adjudication.actions import count_clear
from claims.assignment.offers import rounds_with_work
from claims.models import (
    Article,
    Assignment,
    ClaimOccurrence,
    CodebookVersion,
    Job,
    PatternCount,
    Project,
    Release,
    Round,
    SettledLabel,
)
from claims.models.flow import flow_of
from claims.models.round import ACTIVE
from claims.turns import MIDDLE, RANKS
from claims.web.account.home import open_disputes
from claims.web.corpus.first_steps import first_steps
from claims.web.page import Here, project_page, show

BEHIND = tuple(kind for kind, rank in RANKS.items() if rank > MIDDLE)  # what follows from what people start


@dataclass(frozen=True)
class Stage:
    """One cell of the pipeline strip; `url` is empty where this person may not look.

    The label says what is counted: a unit is asked of several people, and one label answers several questions.
    """

    code: str
    label: str
    count: int
    url: str = ""


@dataclass(frozen=True)
class NextStep:
    sentence: str
    button: str
    url: str


@project_page("see_project", tab="project")
def project(request: HttpRequest, here: Here) -> HttpResponse:
    stages = stages_of(here)
    running = running_jobs(here.project) if here.may["import"] else Running([], [])
    steps = first_steps(here)
    rounds = list(Round.objects.filter(project=here.project, state__in=("open", "paused")).order_by("id")[:10])
    return show(
        request,
        "project",
        here,
        stages=stages,
        now=running,
        steps=steps,
        current=next((step for step in steps if not step.is_done), None),
        n_done=sum(step.is_done for step in steps),
        next_step=None if steps else next_step(here, {stage.code: stage.count for stage in stages}, bool(running)),
        is_worker_alive=jobs.is_alive("worker") if running else True,
        flow=flow_of(here.project) if here.may["correct_claims"] else None,
        rounds=rounds,
        work=rounds_with_work(rounds, here.user),
        releases=Release.objects.filter(project=here.project, state="ready").order_by("-id")[:3],
    )


@project_page("import")
def running(request: HttpRequest, here: Here) -> HttpResponse:
    """The list of running jobs alone; the overview asks for it every two seconds while there are any."""
    now = running_jobs(here.project)
    return show(request, "_running_jobs", here, now=now, is_worker_alive=jobs.is_alive("worker") if now else True)


@dataclass(frozen=True)
class Running:
    """What goes on: jobs that somebody started, newest first, and how many of each kind follow from them."""

    asked_for: list[Job]
    behind: list[tuple[str, int]]

    def __bool__(self) -> bool:
        return bool(self.asked_for or self.behind)


def running_jobs(project: Project) -> Running:
    waiting = Job.objects.in_project(project).filter(state__in=("queued", "running")).exclude(kind="fold_round")
    behind = waiting.filter(kind__in=BEHIND).values_list("kind").annotate(n=Count("id")).order_by("kind")
    return Running(list(waiting.exclude(kind__in=BEHIND).order_by("-id")[:10]), list(behind))


def stages_of(here: Here) -> list[Stage]:
    """The strip. A reviewer's depends on their own work alone (INV-4)."""
    project, slug = here.project, here.slug
    standing = ClaimOccurrence.objects.in_project(project).standing()
    stages = [
        Stage("articles", "articles", Article.objects.in_project(project).count(), reverse("articles", args=[slug])),
        Stage("claims", "claims", standing.count(), reverse("claims", args=[slug])),
    ]
    if not here.may["see_agreement"]:
        own = Assignment.objects.filter(reviewer=here.reviewer, round__project=project, state="submitted").count()
        return [*stages, Stage("labelled", "labelled by you", own, reverse("my-labels", args=[slug]))]
    agreeing = agreeing_answers(project)
    disputed = sum(n for _, n in open_disputes([project.pk]))
    settled = SettledLabel.objects.filter(round__project=project, revision=1).count()
    rounds, agreement = reverse("rounds", args=[slug]), reverse("agreement", args=[slug])
    disputes = reverse("disputes", args=[slug]) if here.may["settle"] else ""
    slots = Assignment.objects.filter(round__project=project, state__in=ACTIVE)
    labels = slots.aggregate(asked=Count("id"), given=Count("id", filter=Q(state="submitted")))
    return [
        *stages,
        Stage("assigned", "labels assigned", labels["asked"], rounds),
        Stage("labelled", "labels given", labels["given"], rounds),
        Stage("agreeing", "answers agreeing", agreeing, agreement),
        Stage("disputed", "answers disputed", disputed, disputes),
        Stage("settled", "answers settled", settled, disputes),
    ]


def agreeing_answers(project: Project) -> int:
    """Questions about units to which at least two reviewers gave one and the same answer."""
    patterns = PatternCount.objects.filter(round__project=project, stratum="all", article=None, phase="first")
    rows = patterns.exclude(question__startswith="path:").values_list("counts", "n_units")
    return sum(n for counts, n in rows if sum(counts) > 1 and max(counts) == sum(counts))


def next_step(here: Here, counts: dict[str, int], is_busy: bool) -> NextStep | None:
    """The one thing that helps most now; None when it is to wait or to do as one likes."""
    if here.project.archived_at is not None or is_busy:
        return None
    if not here.may["import"]:
        return _reviewer_step(here)
    versions = CodebookVersion.objects.filter(codebook__project=here.project, state="published")
    agrees = counts["agreeing"] > 0 and not counts["disputed"]
    steps = (
        (not counts["articles"], "The project is empty.", "Import articles", "import"),
        (not versions.exists(), "Nothing is asked yet.", "Choose a codebook", "codebooks"),
        (not counts["assigned"], "The claims are ready to be judged.", "Set up a round", "round-new"),
        (counts["disputed"] > 0, "Reviewers differ on some answers.", "Settle disputes", "disputes"),
        (agrees and is_something_clear(here.project), "Agreeing answers wait too.", "Settle what is clear", "disputes"),
        (agrees, "No dispute is open.", "Make a release", "releases"),
    )
    for is_due, sentence, button, page in steps:
        if is_due:
            return NextStep(sentence, button, reverse(page, args=[here.slug]))
    return None


def is_something_clear(project: Project) -> bool:
    """Whether "Settle all that is clear" would settle something in the newest round that has begun."""
    newest = Round.objects.in_project(project).exclude(state="draft").order_by("-id").first()
    return newest is not None and count_clear(newest) != 0


def _reviewer_step(here: Here) -> NextStep | None:
    is_open = Round.objects.filter(project=here.project, state="open")
    if not (here.may["label"] and rounds_with_work(is_open, here.user)):
        return None
    return NextStep("A round is open.", "Go to the rounds", reverse("rounds", args=[here.slug]))
