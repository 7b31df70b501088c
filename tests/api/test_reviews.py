"""The review of work by program: each act as on the card, and the reply of whom it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from claims.models import Label, Project, Reviewer, Round, WorkReview
from tests import factories
from tests.agreement.builders import label_all
from tests.api.caller import Caller, code, fresh_key

pytestmark = pytest.mark.django_db
TODAY = datetime.now(UTC).date().isoformat()


@pytest.fixture
def project() -> Project:
    return factories.make_project(alice="reviewer", bob="reviewer", clio="curator", olga="observer")


@pytest.fixture
def round_(project: Project) -> Round:
    round_ = factories.make_round(project, units=2)
    label_all(round_, project, alice=["supports"] * 2, bob=["refutes"] * 2)
    return round_


@pytest.fixture
def bob(project: Project) -> Reviewer:
    return factories.reviewer(project, "bob")


def caller(project: Project, name: str) -> Caller:
    return Caller(factories.member(project, name))


def address(who: Reviewer) -> str:
    return f"reviewers/{who.pk}/reviews/"


def test_it_works(project: Project, round_: Round, bob: Reviewer) -> None:
    """Every act, in an order in which each is possible; the table says whose card it is."""
    clio = caller(project, "clio")
    listed = clio.get(f"rounds/{round_.pk}/reviewers/").json()["reviewers"]
    assert bob.pk in {row["id"] for row in listed}
    days = {"round": round_.pk, "first_day": TODAY, "last_day": TODAY}
    acts = ["message", "requalify", "pause", "resume", "reopen_range", "void_range", "unvoid_range"]
    for kind in acts:
        body = {"kind": kind, "words": f"Why {kind}."} | (days if kind.endswith("_range") else {})
        answer = clio.post(address(bob), body, Idempotency_Key=fresh_key())
        assert (answer.status_code, answer.json()["n_units"]) == (201, 2 if "range" in kind else 0), kind
        void = Label.objects.filter(round=round_, reviewer=bob, is_void=True).exists()
        bob.refresh_from_db()
        assert (bob.state, void) == ("paused" if kind == "pause" else "active", kind == "void_range")
    found = clio.get(address(bob)).json()["results"]
    assert [row["kind"] for row in found] == acts[::-1]
    assert clio.get(f"{address(bob)}?kind=pause").json()["results"][0]["words"] == "Why pause."


def test_the_reviewer_reads_it_and_replies_once(project: Project, round_: Round, bob: Reviewer) -> None:
    clio, own = caller(project, "clio"), caller(project, "bob")
    made = clio.post(address(bob), {"kind": "message", "words": "Look at page two."}).json()
    [seen] = own.get(f"projects/{project.slug}/own-reviews/").json()["results"]
    assert (seen["id"], seen["words"], seen["replies"]) == (made["id"], "Look at page two.", [])
    key = fresh_key()
    first = own.post(f"reviews/{made['id']}/reply/", {"words": "I did."}, Idempotency_Key=key)
    again = own.post(f"reviews/{made['id']}/reply/", {"words": "I did."}, Idempotency_Key=key)
    assert (first.status_code, again.json()) == (201, first.json())
    late = own.post(f"reviews/{made['id']}/reply/", {"words": "And more."})
    assert (late.status_code, code(late)) == (409, "replied_already")
    assert clio.get(address(bob)).json()["results"][0]["replies"][0]["words"] == "I did."
    assert caller(project, "alice").get(f"projects/{project.slug}/own-reviews/").json()["results"] == []


def test_who_may_not(project: Project, round_: Round, bob: Reviewer) -> None:
    words = {"kind": "message", "words": "Hello."}
    for name in ("alice", "bob", "olga"):
        asked = caller(project, name)
        assert (asked.get(address(bob)).status_code, asked.post(address(bob), words).status_code) == (403, 403)
    elsewhere = Caller(factories.owner_of(factories.make_project("Elsewhere")))
    assert elsewhere.post(address(bob), words).status_code == 404
    made = caller(project, "clio").post(address(bob), words).json()
    for name in ("alice", "clio"):
        assert caller(project, name).post(f"reviews/{made['id']}/reply/", {"words": "Not mine."}).status_code == 404
    clio = factories.reviewer(project, "clio")
    answer = caller(project, "clio").post(address(clio), words)
    assert (answer.status_code, code(answer)) == (403, "own_work")
    assert WorkReview.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status", "expected"),
    [
        ({"kind": "dismiss"}, 400, "invalid_request"),
        ({"kind": "reply"}, 400, "invalid_request"),
        ({"words": ""}, 400, "invalid_request"),
        ({"words": " \n "}, 422, "words_missing"),
        ({"kind": "void_range"}, 422, "range_missing"),
        ({"kind": "void_range", "first_day": "2026-02-30"}, 400, "invalid_request"),
        ({"kind": "unvoid_range", "first_day": TODAY, "last_day": TODAY}, 422, "range_missing"),
        ({"round": 2**40}, 404, "not_found"),
        ({"kind": "resume"}, 409, "state_changed"),
        ({"reviewer": 1}, 400, "unknown_field"),
    ],
)
def test_a_faulty_act_is_refused(
    round_: Round, bob: Reviewer, change: dict[str, Any], status: int, expected: str
) -> None:
    answer = caller(bob.project, "clio").post(address(bob), {"kind": "message", "words": "Hello."} | change)
    assert (answer.status_code, code(answer)) == (status, expected)
    assert not WorkReview.objects.exists()
