"""Two votes: the first is sealed until all who were asked about the unit have voted, then it is talked about, and who
votes again has both votes kept. What comes after the seal is broken is never a first vote.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from claims import jobs, notices
from claims.errors import Conflict, Sentence
from claims.models import Assignment, Job, Label, Reviewer, Round, RoundUnit, Unit, User

# A second vote follows the event by which the reviewer's own first one stands.
WAITING = """
SELECT a.unit_id, (SELECT max(e.seq) FROM claims_labelevent e
                   WHERE e.reviewer_id = a.reviewer_id AND e.round_id = a.round_id AND e.unit_id = a.unit_id
                     AND e.kind IN ('submitted', 'revised'))
FROM claims_assignment a
JOIN claims_roundunit ru ON ru.round_id = a.round_id AND ru.unit_id = a.unit_id
WHERE a.round_id = %(round)s AND a.reviewer_id = %(reviewer)s AND a.state = 'submitted'
  AND NOT EXISTS (SELECT FROM claims_label l WHERE l.round_id = a.round_id AND l.unit_id = a.unit_id
                  AND l.reviewer_id = a.reviewer_id AND l.phase = 'after_discussion')
  AND ru.overlap <= (SELECT count(*) FROM claims_assignment b
                     WHERE b.round_id = a.round_id AND b.unit_id = a.unit_id AND b.state = 'submitted')
ORDER BY a.position
"""


def votes_are_in(round_: Round, unit: Unit) -> bool:
    """Everybody who was asked about the unit has answered."""
    place = RoundUnit.objects.filter(round=round_, unit=unit).first()
    given = Assignment.objects.filter(round=round_, unit=unit, state="submitted").count()
    return place is not None and given >= place.overlap


def phase_of_correction(round_: Round, unit: Unit) -> str:
    """In which phase what a reviewer says now, having answered before, is kept."""
    return "after_discussion" if round_.has_second_vote and votes_are_in(round_, unit) else "first"


def has_voted_again(round_: Round, unit: Unit, reviewer: Reviewer) -> bool:
    own = Label.objects.filter(round=round_, unit=unit, reviewer=reviewer, phase="after_discussion")
    return own.exists()


def has_answered(round_: Round, unit: Unit, reviewer: Reviewer) -> bool:
    return Assignment.objects.filter(round=round_, unit=unit, reviewer=reviewer, state="submitted").exists()


def check_unsealed(round_: Round, unit: Unit) -> None:
    """Conflict `votes_are_sealed` before all votes are in."""
    if round_.has_second_vote and round_.state != "closed" and not votes_are_in(round_, unit):
        raise Conflict(
            "votes_are_sealed",
            Sentence("The first votes are sealed. Once everybody who was asked has voted, you talk about it here."),
        )


@dataclass(frozen=True)
class OpenVote:
    """A unit about which the reviewer may vote again, and the number of the own event that the vote follows."""

    unit: int
    seq: int


def open_votes(round_: Round, reviewer: Reviewer) -> list[OpenVote]:
    """Units whose first votes are in and about which the reviewer has not voted again, in the round's order."""
    if not round_.has_second_vote or round_.state != "open":
        return []
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"round": round_.pk, "reviewer": reviewer.pk})
        return [OpenVote(unit, seq) for unit, seq in cursor]


def waiting_for_second_vote(round_: Round, reviewer: Reviewer) -> list[int]:
    return [vote.unit for vote in open_votes(round_, reviewer)]


def rounds_with_second_votes(rounds: Iterable[Round], user: User) -> set[int]:
    """Those of the rounds in which a second vote of the user waits."""
    asked = [round_.pk for round_ in rounds if round_.has_second_vote and round_.state == "open"]
    if not asked:
        return set()
    mine = Reviewer.objects.filter(user=user).values("pk")
    voted = Label.objects.filter(
        round=OuterRef("round"), unit=OuterRef("unit"), reviewer=OuterRef("reviewer"), phase="after_discussion"
    )
    given = Assignment.objects.filter(round=OuterRef("round"), unit=OuterRef("unit"), state="submitted")
    whole = RoundUnit.objects.filter(round=OuterRef("round"), unit=OuterRef("unit"))
    rows = Assignment.objects.filter(round__in=asked, reviewer__in=mine, state="submitted").exclude(Exists(voted))
    rows = rows.annotate(
        given=Subquery(given.order_by().values("round").annotate(n=Count("pk")).values("n")),
        asked=Subquery(whole.values("overlap")[:1]),
    )
    return set(rows.filter(given__gte=F("asked")).values_list("round", flat=True))


def run_tell_votes(job: Job) -> None:
    """Who voted on units of the job whose last first vote came in hears of it, once a day for each round."""
    with jobs.chunk(job):
        round_ = Round.objects.select_related("project").get(pk=job.args["round"])
        voters = Assignment.objects.filter(round=round_, unit__in=job.args["units"], state="submitted")
        people = Reviewer.objects.filter(pk__in=voters.values("reviewer"), state="active").select_related("user")
        told = [person for person in people.order_by("pk") if _tell_votes(round_, person, set(job.args["units"]))]
        job.counts = {"told": len(told)}
        jobs.finish(job, "succeeded")


def _tell_votes(round_: Round, reviewer: Reviewer, units: set[int]) -> bool:
    if reviewer.user is None or not units.intersection(waiting_for_second_vote(round_, reviewer)):
        return False
    notice = notices.send_message(
        reviewer.user,
        kind="reopened",
        subject=_("All first votes on units of yours are in: talk about them and vote again"),
        project=round_.project,
        path=reverse("round", args=[round_.project.slug, round_.pk]),
        key=f"votes-{round_.pk}-{timezone.now():%Y-%m-%d}",
    )
    return notice is not None


def first_votes(round_: Round, unit: Unit) -> list[tuple[str, str, int]]:
    """(question, answer, how many), most first: how it stood before the discussion, without names."""
    votes = Label.objects.filter(round=round_, unit=unit, phase="first", is_void=False, reviewer__kind="human")
    votes = votes.exclude(value=None)
    questions = {q.code: q for q in round_.codebook_version.questions.filter(unit_kind=round_.unit_kind)}
    counted: list[tuple[str, str, int]] = []
    rows = votes.values_list("question", "value").annotate(n=Count("id")).order_by("question", "-n")
    for code, value, n in rows:
        question = questions.get(code)
        if question is not None and question.kind in ("nominal", "ordinal", "set", "chain", "interval"):
            counted.append((question.title, question.in_words(value), n))
    return counted
