"""Qualifying: sets of units with a known answer, marked when whole, explained, and asked for by other rounds."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from claims.adjudication.actions import settle_label
from claims.adjudication.known import add_known_answers
from claims.adjudication.reviews import review_work
from claims.assignment.actions import close_round, create_round, draw_next
from claims.assignment.limits import reason_to_wait
from claims.assignment.offers import rounds_with_work
from claims.assignment.qualification import begin_attempt, candidate, told_answers
from claims.errors import Conflict, NotFound, Refused
from claims.labelling.actions import skip_unit
from claims.models import Attempt, ClaimOccurrence, Project, Reviewer, Round, Unit
from tests.api.caller import Caller
from tests.api.caller import code as code_in
from tests.factories import (
    label_next,
    make_claims,
    make_codebook,
    make_project,
    make_round,
    member,
    owner_of,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db
WHY = "It names a source and takes no side."


def known_project(n: int, units: int) -> Project:
    """The first `n` of so many claims are known to be `reports`."""
    project = make_project(alice="reviewer", bob="reviewer", clio="curator")
    claims = make_claims(project, units)
    book = make_codebook(project, "stance")
    before = make_round(project, codebook=book, overlap=1, questions=["stance"])
    close_round(before, by=owner_of(project))
    before.refresh_from_db()
    said = {"question": "stance", "value": "reports", "explanation": WHY}
    add_known_answers(before, [{"claim": claim.pk} | said for claim in claims[:n]], by=owner_of(project))
    return project


def qualifying(project: Project, **plan: Any) -> Round:
    given: dict[str, Any] = {"purpose": "qualification", "set_size": 3, "pass_mark": 0.6, "attempts": 2, "overlap": 5}
    given |= {"selection": {"known": True}, "questions": ["stance"]} | plan
    return make_round(project, codebook=make_codebook(project, "stance"), **given)


def answer(round_: Round, who: Reviewer, *stances: str) -> None:
    for stance in stances:
        assert label_next(round_, who, stance=stance), "nothing was offered"


def code_of(round_: Round, who: Reviewer) -> str:
    with pytest.raises(Conflict) as conflict:
        draw_next(round_, who)
    waits = reason_to_wait(round_, who)
    assert waits is not None
    assert waits.code == conflict.value.code  # pages say what drawing says
    return conflict.value.code


def test_only_units_with_a_known_answer_are_drawn() -> None:
    round_ = qualifying(known_project(4, 9))
    assert round_.round_units.count() == 4


def test_a_qualification_is_opened_only_where_every_unit_has_a_known_answer() -> None:
    project = known_project(4, 9)
    caller, book = Caller(owner_of(project)), make_codebook(project, "stance")
    plan = {"name": "Ready", "codebook_version": book.pk, "purpose": "qualification", "questions": ["stance"]}
    plan |= {"set_size": 3, "pass_mark": 0.6, "attempts": 2}
    made = caller.post(f"projects/{project.slug}/rounds/", plan).json()
    assert made["without_known_answer"] == 5
    page, address = Client(), f"/p/{project.slug}/rounds/{made['id']}/"
    page.force_login(owner_of(project))
    assert "5 of them have no known answer" in page.get(address).content.decode()
    refused = caller.post(f"rounds/{made['id']}/open/")
    assert (refused.status_code, code_in(refused)) == (409, "units_without_known_answer")
    assert "5 of the units" in refused.json()["detail"]
    assert "selection.known" in refused.json()["detail"]
    change = {"selection": {"known": True}}
    amended = caller.patch(f"rounds/{made['id']}/", change, **{"If-Match": f'"{made["version"]}"'})
    assert amended.json()["without_known_answer"] == 0
    assert caller.post(f"rounds/{made['id']}/open/").status_code == 202
    run_jobs()
    assert caller.get(f"rounds/{made['id']}/").json()["progress"]["units"] == 4


def test_the_plan_on_the_page_names_the_units_without_a_known_answer_beside_its_cost() -> None:
    project = known_project(4, 9)
    page = Client()
    page.force_login(owner_of(project))
    asked = {"name": "Ready", "codebook": make_codebook(project, "stance").pk, "purpose": "qualification"}
    asked |= {"unit_kind": "claim_occurrence", "overlap": 1, "order": "fixed"}
    asked |= {"set_size": 3, "pass_percent": 60, "attempts": 2}
    cost = page.get(f"/p/{project.slug}/rounds/new/", asked, headers={"HX-Request": "true"}).content.decode()
    assert "5 units of these have no known answer" in cost
    asked["known"] = "on"
    cost = page.get(f"/p/{project.slug}/rounds/new/", asked, headers={"HX-Request": "true"}).content.decode()
    assert "no known answer" not in cost


def test_a_plan_in_which_not_everybody_can_try_as_often_as_it_says_is_told_and_not_refused() -> None:
    project = known_project(4, 9)  # two reviewers; the curator and the owner write the known answers
    caller, book = Caller(owner_of(project)), make_codebook(project, "stance")
    plan = {"name": "Ready", "codebook_version": book.pk, "purpose": "qualification", "questions": ["stance"]}
    plan |= {"set_size": 3, "pass_mark": 0.6, "attempts": 2, "overlap": 1, "selection": {"known": True}}
    made = caller.post(f"projects/{project.slug}/rounds/", plan).json()
    assert [caution["code"] for caution in made["cautions"]] == ["too_few_places", "too_few_units"]
    said = [caution["sentence"] for caution in made["cautions"]]
    assert said[0].startswith("2 reviewers of the project are to try it, and each unit has 1 place:")
    assert "takes 6 units with a known answer" in said[1]
    assert said[1].endswith("finds 4. It is enough for 1 attempt.")
    page, address = Client(), f"/p/{project.slug}/rounds/{made['id']}/"
    page.force_login(owner_of(project))
    assert all(sentence in page.get(address).content.decode() for sentence in said)
    asked = {"name": "Other", "codebook": book.pk, "purpose": "qualification", "known": "on"}
    asked |= {"unit_kind": "claim_occurrence", "overlap": 1, "order": "fixed"}
    asked |= {"set_size": 3, "pass_percent": 60, "attempts": 2}
    new = f"/p/{project.slug}/rounds/new/"
    cost = page.get(new, asked, headers={"HX-Request": "true"}).content.decode()
    assert all(sentence in cost for sentence in said)
    asked |= {"overlap": 2, "set_size": 2}
    assert "notice attention" not in page.get(new, asked, headers={"HX-Request": "true"}).content.decode()
    assert caller.post(f"rounds/{made['id']}/open/").status_code == 202
    run_jobs()
    assert caller.get(f"rounds/{made['id']}/").json()["cautions"] == []  # it is no draft any more


def test_a_unit_whose_known_answer_was_taken_back_burns_no_attempt() -> None:
    project = known_project(5, 5)
    round_, bob = qualifying(project, attempts=1), reviewer(project, "bob")
    before = Round.objects.exclude(pk=round_.pk).get(project=project)
    first, second = (place.unit_id for place in round_.round_units.order_by("position")[:2])
    for unit in (first, second):  # curators find that nobody can know
        settle_label(
            before,
            Unit.objects.get(pk=unit),
            "stance",
            expected_revision=1,
            outcome="no_agreement",
            method="expert",
            rationale="Nobody can tell.",
            by=owner_of(project),
        )
    answer(round_, bob, "reports", "reports", "reports", "reports")
    assert candidate(round_, bob).done == 2
    assert not Attempt.objects.filter(round=round_).exists()
    answer(round_, bob, "reports")
    assert code_of(round_, bob) == "qualified"
    made = Attempt.objects.get(round=round_)
    assert (made.asked, made.right, len(made.units)) == (3, 3, 3)


def test_who_passes_is_offered_the_rounds_that_ask_for_it_and_others_nothing() -> None:
    project = known_project(6, 10)
    round_ = qualifying(project)
    main = make_round(project, codebook=make_codebook(project, "stance"), overlap=2, qualification=round_)
    assert main.round_units.count() == 4  # the qualification's units are left out: their answers are explained there
    alice, bob = reviewer(project, "alice"), reviewer(project, "bob")
    assert code_of(main, alice) == "not_qualified"
    answer(round_, alice, "reports", "supports", "reports")
    assert code_of(round_, alice) == "qualified"
    made = Attempt.objects.get(reviewer=alice)
    assert (made.n, made.asked, made.right, made.has_passed) == (1, 3, 2, True)
    assert draw_next(main, alice) is not None
    assert code_of(main, bob) == "not_qualified"
    rounds = [round_, main]
    assert rounds_with_work(rounds, member(project, "alice")) == {main.pk}
    assert rounds_with_work(rounds, member(project, "bob")) == {round_.pk}


def test_a_failed_attempt_is_explained_before_the_next_begins_and_the_last_ends_it() -> None:
    project = known_project(7, 7)
    round_, bob = qualifying(project), reviewer(project, "bob")
    answer(round_, bob, "supports", "supports", "reports")
    assert code_of(round_, bob) == "attempt_ended"
    first = Attempt.objects.get(reviewer=bob)
    told = told_answers(first)
    assert [(one.is_right, one.why) for one in told] == [(False, WHY), (False, WHY), (True, WHY)]
    assert told[0].mine != told[0].known
    begin_attempt(round_, by=member(project, "bob"))
    answer(round_, bob, "supports", "supports", "supports")
    assert code_of(round_, bob) == "attempts_used"
    with pytest.raises(Conflict):
        begin_attempt(round_, by=member(project, "bob"))
    again = set(Attempt.objects.get(reviewer=bob, n=2).units)
    assert not again & set(first.units)


def test_a_skipped_unit_is_not_right_and_a_later_correction_changes_no_mark() -> None:
    project = known_project(3, 3)
    round_, bob = qualifying(project, pass_mark=1.0), reviewer(project, "bob")
    answer(round_, bob, "reports", "reports")
    held = draw_next(round_, bob)
    assert held is not None
    skip_unit(round_, held.unit, bob, reason="unclear", idempotency_key="skipped-one")
    assert code_of(round_, bob) == "attempts_used"  # no other units are left for another attempt
    made = Attempt.objects.get(reviewer=bob)
    assert (made.right, made.asked, made.has_passed) == (2, 3, False)
    assert [one.mine for one in told_answers(made)][-1] == "skipped"


def test_marks_follow_the_labels_by_themselves() -> None:
    project = known_project(3, 3)
    round_, bob = qualifying(project), reviewer(project, "bob")
    answer(round_, bob, "reports", "reports", "reports")
    run_jobs()
    assert candidate(round_, bob).has_passed


def test_who_is_asked_to_qualify_again_has_not_passed_and_tries_with_other_units() -> None:
    project = known_project(6, 8)
    round_, alice = qualifying(project), reviewer(project, "alice")
    main = make_round(project, codebook=make_codebook(project, "stance"), qualification=round_)
    answer(round_, alice, "reports", "reports", "reports")
    assert draw_next(main, alice) is not None
    review_work(alice, "requalify", words="Read the guideline again, please.", by=member(project, "clio"))
    assert not candidate(round_, alice).has_passed
    answer(round_, alice, "reports", "reports", "reports")
    assert [a.n for a in candidate(round_, alice).attempts] == [1]
    run_jobs()
    assert [a.has_passed for a in candidate(round_, alice).attempts] == [True, True]


def test_the_answer_to_a_unit_that_is_asked_elsewhere_is_not_told() -> None:
    project = known_project(3, 3)
    round_, bob = qualifying(project), reviewer(project, "bob")
    elsewhere = make_round(project, codebook=make_codebook(project, "stance"), overlap=2, questions=["stance"])
    answer(round_, bob, "supports", "supports", "supports")
    run_jobs()
    made = Attempt.objects.get(reviewer=bob)
    assert {(one.known, one.why, one.is_right) for one in told_answers(made)} == {("", "", None)}
    page = Client()
    page.force_login(member(project, "bob"))
    address = f"/p/{project.slug}/rounds/{round_.pk}/qualification/"
    words = page.get(address).content.decode()
    assert ("asked about this unit in another round" in words, ">not right<" in words) == (True, False)
    shown = Caller(member(project, "bob")).get(f"rounds/{round_.pk}/qualification/").json()["attempts"][0]["answers"]
    assert {(one["known"], one["is_right"]) for one in shown} == {("", None)}
    answer(elsewhere, bob, "supports")
    assert sorted(one.why for one in told_answers(made)) == ["", "", WHY]
    assert sorted(str(one.is_right) for one in told_answers(made)) == ["False", "None", "None"]
    assert ">not right<" in page.get(address).content.decode()


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ({"attempts": None}, "half_a_qualification"),
        ({"purpose": "main"}, "not_a_qualification"),
        ({"pass_mark": 0}, "invalid_share"),
        ({"set_size": 0}, "invalid_set"),
        ({"attempts": 21}, "invalid_attempts"),
    ],
)
def test_plans_that_do_not_fit(plan: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        qualifying(make_project(), **plan)
    assert refusal.value.code == code


def test_a_qualification_is_a_round_of_the_project_with_a_pass_mark() -> None:
    project, other = make_project(), known_project(3, 3)
    plain, foreign = make_round(project, units=1), qualifying(other)
    for asked, code in ((plain, "not_a_qualification"), (foreign, "unknown_qualification")):
        with pytest.raises(Refused) as refusal:
            create_round(
                project, name="x", codebook_version=plain.codebook_version, by=owner_of(project), qualification=asked
            )
        assert refusal.value.code == code


def test_the_pages_lead_through_it() -> None:
    project, page, boss = known_project(6, 6), Client(), Client()
    round_ = qualifying(project)
    bob = member(project, "bob")
    page.force_login(bob)
    boss.force_login(owner_of(project))
    root = f"/p/{project.slug}/rounds/{round_.pk}/"
    assert "You have not begun" in page.get(f"{root}qualification/").content.decode()
    answer(round_, reviewer(project, "bob"), "supports", "supports", "supports")
    went = page.post(f"{root}label/")
    assert went.headers["Location"] == f"{root}qualification/"
    shown = page.get(f"{root}qualification/").content.decode()
    assert "Your attempt 1: 0/3 right" in shown
    assert shown.count("Your answer: <b>Supports</b> · known answer: <b>Reports</b>") == 3
    assert shown.count(WHY) == 3
    assert "Qualification by person" not in shown
    assert page.post(f"{root}qualification/begin/").status_code == 303
    assert "/label/" in page.post(f"{root}label/").headers["Location"]
    assert "0/3" in boss.get(f"{root}qualification/").content.decode()


def test_the_api_plans_one_writes_known_answers_and_tells_attempts() -> None:
    project = make_project(alice="reviewer")
    claims = make_claims(project, 4)
    owner, alice = Caller(owner_of(project)), Caller(member(project, "alice"))
    book = make_codebook(project, "stance")
    before = make_round(project, codebook=book, overlap=1, questions=["stance"])
    said = [{"claim": claim.pk, "question": "stance", "value": "reports", "explanation": WHY} for claim in claims]
    address = f"rounds/{before.pk}/known-answers/"
    assert owner.post(address, {"answers": said}).json()["code"] == "quorum_not_reached"
    owner.post(f"rounds/{before.pk}/close/")
    assert owner.post(address, {"answers": [said[0] | {"explanation": " "}]}).json()["code"] == "invalid_entries"
    assert alice.post(address, {"answers": said}).status_code == 403
    made = owner.post(address, {"answers": said})
    assert (made.status_code, len(made.json()["results"])) == (201, 4)
    plan = {"name": "Q", "codebook_version": book.pk, "questions": ["stance"], "preset": "qualification"}
    round_ = owner.post(f"projects/{project.slug}/rounds/", plan | {"set_size": 2, "attempts": 1}).json()
    owner.post(f"rounds/{round_['id']}/open/")
    run_jobs()
    asked = {"name": "M", "codebook_version": book.pk, "qualification": round_["id"]}
    assert owner.post(f"projects/{project.slug}/rounds/", asked).json()["qualification"] == round_["id"]
    foreign = make_round(make_project(), units=1)
    assert owner.post(f"projects/{project.slug}/rounds/", asked | {"qualification": foreign.pk}).status_code == 404
    answer(Round.objects.get(pk=round_["id"]), reviewer(project, "alice"), "reports", "supports")
    run_jobs()
    own = alice.get(f"rounds/{round_['id']}/qualification/").json()
    assert [(one["right"], one["asked"], len(one["answers"])) for one in own["attempts"]] == [(1, 2, 2)]
    assert own["people"] is None
    people = owner.get(f"rounds/{round_['id']}/qualification/").json()["people"]
    assert [len(one["attempts"]) for one in people if one["name"] == reviewer(project, "alice").name] == [1]
    assert alice.post(f"rounds/{round_['id']}/qualification/begin/").json()["code"] == "attempts_used"


def test_known_answers_go_into_their_own_round() -> None:
    project = known_project(1, 2)
    round_ = Round.objects.get(project=project)
    foreign = make_claims(make_project(), 1)[0]
    assert ClaimOccurrence.objects.filter(pk=foreign.pk).exists()
    entry = {"claim": foreign.pk, "question": "stance", "value": "reports", "explanation": WHY}
    with pytest.raises(Refused, match="names no unit"):
        add_known_answers(round_, [entry], by=owner_of(project))
    with pytest.raises(NotFound):
        begin_attempt(round_, by=member(project, "alice"))
