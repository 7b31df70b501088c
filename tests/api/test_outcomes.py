"""Agreement, disputes, settling, the quality of work."""

from __future__ import annotations

from typing import Any

import pytest

from claims.models import Round, SettledLabel, UnitPattern
from tests.api.caller import Caller, code, fresh_key
from tests.factories import label_next, make_codebook, make_project, make_round, member, owner_of, reviewer, run_jobs

pytestmark = pytest.mark.django_db


def disputed(units: int = 2) -> Round:
    """A round in which Alice and Bob differ on every unit."""
    project = make_project(alice="reviewer", bob="reviewer", olga="observer")
    round_ = make_round(project, units=units, codebook=make_codebook(project, "stance"))
    for _ in range(units):
        for name, stance in (("alice", "supports"), ("bob", "refutes")):
            label_next(round_, reviewer(project, name), stance=stance)
    run_jobs()
    return round_


def test_it_works() -> None:
    round_ = disputed()
    carol = Caller(owner_of(round_.project))
    found = carol.get(f"rounds/{round_.pk}/agreement/").json()
    stance = next(question for question in found["questions"] if question["code"] == "stance")
    percent = next(figure for figure in stance["figures"] if figure["coefficient"] == "percent_agreement")
    assert (percent["value"], stance["n_labels"], found["hidden"]) == (0.0, 4, "")
    outlet = next(part["name"] for part in found["strata"] if part["kind"] == "outlet")
    part = carol.get(f"rounds/{round_.pk}/agreement/?stratum={outlet}").json()
    assert (part["stratum"], part["questions"][0]["n_labels"]) == (outlet, 4)
    unknown = carol.get(f"rounds/{round_.pk}/agreement/?stratum=outlet:0")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_stratum")
    queue = carol.get(f"rounds/{round_.pk}/disputes/?question=stance").json()["results"]
    assert len(queue) == 2
    address = f"rounds/{round_.pk}/disputes/{queue[0]['unit']}/stance/"
    shown = carol.get(address).json()
    assert [group["value"] for group in shown["groups"]] == ["supports", "refutes"]
    assert {voice["name"] for group in shown["groups"] for voice in group["voices"]} == {None}
    asked = {"expected_revision": shown["revision"], "outcome": "answer", "value": "supports", "method": "expert"}
    settled = carol.post(f"{address}settle/", asked, Idempotency_Key=fresh_key())
    assert (settled.status_code, settled.json()["revision"]) == (201, 1)
    assert {voice["name"] for group in carol.get(address).json()["groups"] for voice in group["voices"]} != {None}
    rows = carol.get(f"rounds/{round_.pk}/reviewers/").json()["reviewers"]
    assert [(row["n_units"], row["peer_agreement"], row["too_few"][:7]) for row in rows] == [(2, None, "Too few")] * 2


def test_somebody_was_quicker() -> None:
    round_ = disputed(1)
    carol = Caller(owner_of(round_.project))
    unit = UnitPattern.objects.filter(round=round_, question="stance").values_list("unit", flat=True)[0]
    asked = {"expected_revision": 0, "outcome": "answer", "value": "supports"}
    address = f"rounds/{round_.pk}/disputes/{unit}/stance/settle/"
    assert carol.post(address, asked).status_code == 201
    late = carol.post(address, asked | {"value": "refutes"})
    assert (late.status_code, code(late), late.json()["current"]["value"]) == (409, "settled_meanwhile", "supports")
    assert SettledLabel.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status", "expected"),
    [
        ({"outcome": "perhaps"}, 400, "invalid_request"),
        ({"value": "nonsense"}, 422, "unknown_value"),
        ({"value": "a\u0000"}, 400, "invalid_request"),
        ({"value": {"deep": [1]}}, 422, "unknown_value"),
        ({"value": None}, 422, "value_missing"),
        ({"expected_revision": -1}, 400, "invalid_request"),
        ({"created_by": 1}, 400, "unknown_field"),
        ({"expected_revision": 3}, 409, "settled_meanwhile"),
    ],
)
def test_a_faulty_decision_is_refused(change: dict[str, Any], status: int, expected: str) -> None:
    round_ = disputed(1)
    unit = UnitPattern.objects.filter(round=round_, question="stance").values_list("unit", flat=True)[0]
    asked = {"expected_revision": 0, "outcome": "answer", "value": "supports"} | change
    answer = Caller(owner_of(round_.project)).post(f"rounds/{round_.pk}/disputes/{unit}/stance/settle/", asked)
    assert (answer.status_code, code(answer)) == (status, expected)
    assert not SettledLabel.objects.exists()


def test_who_may_not_settle_or_look() -> None:
    round_ = disputed(1)
    unit = UnitPattern.objects.filter(round=round_, question="stance").values_list("unit", flat=True)[0]
    for name, may_see_figures in (("alice", False), ("olga", True)):
        caller = Caller(member(round_.project, name))
        assert caller.get(f"rounds/{round_.pk}/agreement/").status_code == (200 if may_see_figures else 403)
        for part in ("disputes/", "reviewers/", f"disputes/{unit}/stance/"):
            assert caller.get(f"rounds/{round_.pk}/{part}").status_code == 403
        assert caller.post(f"rounds/{round_.pk}/disputes/{unit}/stance/settle/").status_code == 403
        assert caller.post(f"rounds/{round_.pk}/settle-by-majority/").status_code == 403


def test_disputes_are_paged_without_gap_or_repeat() -> None:
    round_ = disputed(5)
    carol = Caller(owner_of(round_.project))
    address, seen = f"rounds/{round_.pk}/disputes/?page_size=2&question=stance", []
    while address:
        page = carol.get(address.removeprefix("/api/v1/")).json()
        seen += [row["unit"] for row in page["results"]]
        address = page["next"]
    assert len(seen) == len(set(seen)) == 5


def test_az_02_units_of_other_rounds_are_one_answer() -> None:
    round_, other = disputed(1), disputed(1)
    foreign = UnitPattern.objects.filter(round=other).values_list("unit", flat=True)[0]
    carol = Caller(owner_of(round_.project))
    asked = {"expected_revision": 0, "outcome": "answer", "value": "supports"}
    for method, part, body in (("GET", "", None), ("POST", "settle/", asked)):
        one = carol.send(method, f"rounds/{round_.pk}/disputes/{foreign}/stance/{part}", body)
        none = carol.send(method, f"rounds/{round_.pk}/disputes/999999999/stance/{part}", body)
        assert one.status_code == none.status_code == 404
        assert one.content == none.content
    assert not SettledLabel.objects.exists()


def test_what_is_clear_is_settled_by_majority() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    round_ = make_round(project, units=2, codebook=make_codebook(project, "stance"))
    for name in ("alice", "bob"):
        for _ in range(2):
            label_next(round_, reviewer(project, name), stance="supports")
    run_jobs()
    settled = Caller(owner_of(project)).post(f"rounds/{round_.pk}/settle-by-majority/").json()
    assert settled["unanimous"] >= 2
    assert settled["majority"] == 0
