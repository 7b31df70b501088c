"""What a round's plan says beside its questions: its fields, by which pages and API ask, and what each holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from claims.assignment.strategies import STRATEGIES
from claims.assignment.subjects import SUBJECTS, check_selection
from claims.errors import Conflict, Problem, Refused
from claims.models import CodebookVersion, Job, Project, Question, Round
from claims.models.project import LEANINGS
from claims.models.round import EVIDENCE_VISIBILITY, PURPOSES


class Plan(TypedDict, total=False):
    """All optional. What is left out stays as it is, in a new round as the model's defaults say."""

    overlap: int
    shared_share: float | None  # this share of the units, drawn by the seed, is answered by `shared_overlap` reviewers
    shared_overlap: int | None
    grows_to: int | None  # a reviewer is added where a unit's labels leave doubt, up to so many
    grows_below: float | None  # doubt: the likeliest answer is less likely than this; None: any two answers differ
    selection: Mapping[str, Any] | None
    order: str
    seed: int
    purpose: str
    reservation_minutes: int
    quota: int | None  # units for one person
    deadline: datetime | None  # nothing is drawn from here on
    control_share: float | None  # of the units: those whose answer is known from another round, to see how well it goes
    control_floor: float | None  # who answers fewer of them rightly is paused
    set_size: int | None  # of a qualification: units of one attempt, ...
    pass_mark: float | None  # ... the share of their known answers to give rightly, ...
    attempts: int | None  # ... and how often one may try
    qualification: Round | None  # only who has passed that round is offered units of this one
    checks: Round | None  # the evidence of that round is judged anew, by people who brought none of it
    repeats_weekly: bool  # a round like it is opened every week, shared by all
    panel: Sequence[str]  # leanings: who sits in the first places of every unit
    matches_languages: bool  # units are offered to those who read the article's language
    has_second_vote: bool  # sealed first votes, then the discussion of the unit, then a vote that is kept beside
    hides_outlet: bool
    hides_author: bool
    hides_date: bool
    evidence_visibility: str
    flags_evidence_dates: bool
    blocks_own_outlet: bool
    shows_live_scores: bool


PLANNED = frozenset(Plan.__annotations__)
MOST_REVIEWERS = 60
MOST_IN_A_SET, MOST_ATTEMPTS = 500, 20


def check_plan(planned: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of the plan as they are kept; refused with a problem for each that does not fit."""
    problems = list(_faults(planned))
    if problems:
        raise Refused(problems[0].code, " ".join(problem.sentence for problem in problems), problems=problems)
    columns = dict(planned)
    if "selection" in columns:
        columns["selection"] = check_selection(columns["selection"] or {})
    return columns


def whole_plan(round_: Round, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The round's plan with the changes in it: numbers that have to fit each other are looked at together."""
    return {name: changes.get(name, getattr(round_, name)) for name in PLANNED}


def _faults(planned: Mapping[str, Any]) -> Iterator[Problem]:
    overlap = planned.get("overlap", 1)
    if not 1 <= overlap <= MOST_REVIEWERS:
        sentence = f"Overlap is the number of reviewers per unit, 1 to {MOST_REVIEWERS}, not {overlap}."
        yield Problem("overlap", "invalid_overlap", sentence)
    if (order := planned.get("order", "fixed")) not in STRATEGIES:
        sentence = f"The order is one of {', '.join(STRATEGIES)}; not {order!r}."
        yield Problem("order", "unknown_order", sentence)
    if (purpose := planned.get("purpose", "main")) not in PURPOSES:
        sentence = f"The purpose is one of {', '.join(PURPOSES)}; not {purpose!r}."
        yield Problem("purpose", "unknown_purpose", sentence)
    if (visibility := planned.get("evidence_visibility", "private")) not in EVIDENCE_VISIBILITY:
        sentence = f"Evidence is one of {', '.join(EVIDENCE_VISIBILITY)}; not {visibility!r}."
        yield Problem("evidence_visibility", "unknown_evidence_visibility", sentence)
    if (quota := planned.get("quota")) is not None and quota < 1:
        yield Problem("quota", "invalid_quota", f"One person is asked for at least one unit, not {quota}.")
    yield from _shared_faults(planned.get("shared_share"), planned.get("shared_overlap"), overlap)
    yield from _growth_faults(planned, overlap)
    yield from _control_faults(planned.get("control_share"), planned.get("control_floor"))
    yield from _qualification_faults(planned)
    if purpose == "splitting":
        yield from _splitting_faults(planned)
    yield from _panel_faults(planned.get("panel") or (), min(overlap, planned.get("shared_overlap") or overlap))


def _shared_faults(share: float | None, overlap: int | None, elsewhere: int) -> Iterator[Problem]:
    if (share is None) != (overlap is None):
        field = "shared_overlap" if overlap is None else "shared_share"
        sentence = "A shared part has a share of the units and a number of reviewers; give both or neither."
        yield Problem(field, "half_a_shared_part", sentence)
    if share is not None and not 0 < share < 1:
        sentence = f"The shared part is a share of the units between 0 and 1, not {share}."
        yield Problem("shared_share", "invalid_share", sentence)
    if overlap is not None and not 1 <= overlap <= MOST_REVIEWERS:
        sentence = f"Units of the shared part are answered by 1 to {MOST_REVIEWERS} reviewers, not {overlap}."
        yield Problem("shared_overlap", "invalid_overlap", sentence)
    elif overlap is not None and overlap < elsewhere <= MOST_REVIEWERS:
        sentence = (
            f"The shared part is what more people answer, to measure agreement on: {overlap} is fewer than the "
            f"{elsewhere} of the other units. Ask at least {elsewhere} there, or fewer of the others."
        )
        yield Problem("shared_overlap", "shared_part_is_smaller", sentence)


def _growth_faults(planned: Mapping[str, Any], overlap: int) -> Iterator[Problem]:
    cap, below = planned.get("grows_to"), planned.get("grows_below")
    if cap is not None and not (2 <= cap <= MOST_REVIEWERS and cap > overlap):
        sentence = f"Reviewers are added up to a number above the {overlap} of every unit and at most {MOST_REVIEWERS}."
        yield Problem("grows_to", "invalid_overlap", sentence)
    if below is not None and not 0 < below < 1:
        sentence = f"How likely an answer must be is between 0 and 1, not {below}."
        yield Problem("grows_below", "invalid_share", sentence)
    if below is not None and cap is None:
        yield Problem("grows_to", "cap_missing", "Say up to how many reviewers are added where a unit leaves doubt.")


def _control_faults(share: float | None, floor: float | None) -> Iterator[Problem]:
    if share is not None and not 0 < share < 1:
        sentence = f"Control items are a share of the units between 0 and 1, not {share}."
        yield Problem("control_share", "invalid_share", sentence)
    if floor is not None and not 0 < floor <= 1:
        sentence = f"The share of control items to answer rightly is above 0 and at most 1, not {floor}."
        yield Problem("control_floor", "invalid_share", sentence)
    if floor is not None and share is None:
        sentence = "Say which share of the units are control items; without them nobody is measured."
        yield Problem("control_share", "controls_missing", sentence)


def _qualification_faults(planned: Mapping[str, Any]) -> Iterator[Problem]:
    given = {name: planned.get(name) for name in ("set_size", "pass_mark", "attempts")}
    size, mark, attempts = given.values()
    if len({value is None for value in given.values()}) > 1:
        missing = next(name for name, value in given.items() if value is None)
        sentence = "A qualification has units for one attempt, a share to answer rightly and a number of attempts."
        yield Problem(missing, "half_a_qualification", sentence)
    if size is not None and planned.get("purpose", "main") != "qualification":
        yield Problem("purpose", "not_a_qualification", "Only a round with the purpose qualification has a pass mark.")
    if size is not None and not 1 <= size <= MOST_IN_A_SET:
        yield Problem("set_size", "invalid_set", f"One attempt is 1 to {MOST_IN_A_SET} units, not {size}.")
    if mark is not None and not 0 < mark <= 1:
        yield Problem("pass_mark", "invalid_share", f"The pass mark is above 0 and at most 1, not {mark}.")
    if attempts is not None and not 1 <= attempts <= MOST_ATTEMPTS:
        yield Problem("attempts", "invalid_attempts", f"There are 1 to {MOST_ATTEMPTS} attempts, not {attempts}.")
    if (asked := planned.get("qualification")) is not None and asked.pass_mark is None:
        sentence = f"“{asked.name}” has no pass mark. Choose a round that is a qualification."
        yield Problem("qualification", "not_a_qualification", sentence)


def _splitting_faults(planned: Mapping[str, Any]) -> Iterator[Problem]:
    if planned.get("overlap", 2) < 2:
        yield Problem("overlap", "invalid_overlap", "Cuts are compared: ask at least two people for each article.")
    for name in ("grows_to", "control_share", "shared_share", "set_size", "has_second_vote"):
        if planned.get(name):
            sentence = f"Who cuts an article answers no question, so a round of this purpose has no {name}."
            yield Problem(name, "not_in_splitting", sentence)


def _panel_faults(panel: Sequence[str], places: int) -> Iterator[Problem]:
    if unknown := sorted(set(panel) - set(LEANINGS)):
        sentence = f"A panel is made of {', '.join(LEANINGS)}; not of {', '.join(unknown)}."
        yield Problem("panel", "unknown_leaning", sentence)
    if len(panel) > places:
        sentence = f"A panel of {len(panel)} needs that many reviewers per unit; the plan asks for {places}."
        yield Problem("panel", "panel_too_large", sentence)


def check_codebook(project: Project, version: CodebookVersion) -> None:
    if version.codebook.project_id != project.pk:
        raise Refused("unknown_codebook", "The codebook version belongs to another project.")


def check_qualification(project: Project, asked: Round | None) -> None:
    if asked is not None and asked.project_id != project.pk:
        raise Refused("unknown_qualification", "The qualification belongs to another project.")


def check_order(order: str, unit_kind: str) -> None:
    """Refused `order_needs_claims` where units have no such order."""
    if order == "priority" and unit_kind != "claim_occurrence":
        raise Refused("order_needs_claims", "Only claims have a score of how much they are worth checking.")


def check_questions(version: CodebookVersion, unit_kind: str, questions: Sequence[str], purpose: str = "main") -> None:
    """Refused unless the version asks these questions about units of this kind; to cut articles, none are asked."""
    if unit_kind not in SUBJECTS:
        raise Refused("unknown_unit_kind", f"Rounds are drawn from {', '.join(SUBJECTS)}; not from {unit_kind!r}.")
    if purpose == "splitting":
        if unit_kind != "article" or questions:
            sentence = "A round in which articles are cut into claims is about each article and asks no question."
            raise Refused("splitting_takes_articles", sentence)
        return
    asked = Question.objects.filter(codebook_version=version, unit_kind=unit_kind)
    known = set(asked.values_list("code", flat=True))
    unknown = sorted(set(questions) - known)
    if unknown or not known:
        wanted = ", ".join(unknown) or "any question"
        raise Refused("unknown_question", f"This codebook version does not ask {wanted} about a {unit_kind}.")


def check_is_planned(round_: Round) -> None:
    """A draft of which nothing is drawn and nothing is being drawn. For use under a lock of the round."""
    if round_.state != "draft":
        raise Conflict(
            "round_not_draft",
            f"This round is {round_.state}: its units are drawn, so only the name and the limits can change. "
            "Plan another round.",
            current={"state": round_.state},
        )
    if Job.objects.filter(kind="open_round", args__round=round_.pk, state__in=("queued", "running")).exists():
        raise Conflict("round_is_opening", "This round is being opened already. Its job shows how far it is.")
