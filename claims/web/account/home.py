"""What waits for a person, and where their projects stand."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef
from django.http import HttpRequest, HttpResponse

from claims import notices
from claims.assignment.offers import rounds_with_work
from claims.labelling.voting import rounds_with_second_votes
from claims.models import Job, Membership, Project, Round, RoundReviewer, SettledLabel, UnitPattern, User
from claims.permissions import ALLOWED
from claims.web.page import GOAL_NAMES, go, person, show, signed_in


@dataclass
class Standing:
    """One project as one person sees it."""

    project: Project
    role: str
    rounds: list[tuple[Round, int]] = field(default_factory=list)  # with work for this person, and what they did there
    second_votes: list[Round] = field(default_factory=list)  # first votes are in, and this person may vote again
    finished: list[Round] = field(default_factory=list)  # open ones in which this person has nothing left to do
    disputes: int = 0
    failed_jobs: list[Job] = field(default_factory=list)

    @property
    def goal_name(self) -> str:
        return GOAL_NAMES[self.project.goal]


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    standings = standings_of(person(request))
    if not standings:
        return go("start")
    waiting = any(s.rounds or s.second_votes or s.disputes or s.failed_jobs for s in standings)
    unread = notices.unread(person(request))
    return show(request, "home", standings=standings, is_waiting=waiting, unread=unread)


def standings_of(user: User) -> list[Standing]:
    """All projects of a person, in six queries however many there are."""
    memberships = Membership.objects.filter(user=user).select_related("project").order_by("project__name")
    standings = {m.project_id: Standing(m.project, m.role) for m in memberships}
    _add_rounds(standings, user)
    settlers = [pk for pk, s in standings.items() if s.role in ALLOWED["settle"]]
    for pk, n in open_disputes(settlers):
        standings[pk].disputes = n
    failed = Job.objects.filter(project__in=settlers, state="failed", kind__in=("import_articles", "build_release"))
    for job in failed.order_by("-id")[:20]:
        if job.project_id is not None:
            standings[job.project_id].failed_jobs.append(job)
    return list(standings.values())


def _add_rounds(standings: dict[int, Standing], user: User) -> None:
    labelling = [pk for pk, s in standings.items() if s.role in ALLOWED["label"] and not s.project.archived_at]
    done = dict(RoundReviewer.objects.filter(reviewer__user=user).values_list("round_id", "done"))
    rows = Round.objects.filter(project__in=labelling, state="open")
    found = list(rows.order_by("id"))
    work, votes = rounds_with_work(found, user), rounds_with_second_votes(found, user)
    for round_ in found:
        standing = standings[round_.project_id]
        if round_.pk in votes:
            standing.second_votes.append(round_)
        if round_.pk in work:
            standing.rounds.append((round_, done.get(round_.pk, 0)))
        elif done.get(round_.pk) and round_.pk not in votes:
            standing.finished.append(round_)


def open_disputes(projects: list[int]) -> list[tuple[int, int]]:
    """(project, number of disputed answers that nobody settled)."""
    settled = SettledLabel.objects.filter(round=OuterRef("round"), unit=OuterRef("unit"), question=OuterRef("question"))
    rows = UnitPattern.objects.filter(round__project__in=projects, is_split=True).exclude(Exists(settled))
    return list(rows.values("round__project").annotate(n=Count("id")).values_list("round__project", "n"))
