"""The labelling page over HTTP: submits, corrections, conflicts, drafts and skips, with and without a script."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db.models.functions import Now
from django.http import HttpResponse
from django.test import Client

from claims.assignment.actions import close_round, draw_next
from claims.labelling.answers import round_spec
from claims.models import Article, Assignment, Draft, EvidenceItem, Label, LabelEvent, Project, Round
from tests.factories import label_next, make_codebook, make_project, make_round, member, owner_of, reviewer, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_(db: None) -> Round:
    return make_round(make_project(alice="reviewer", bob="reviewer"), units=3)


@pytest.fixture
def alice(round_: Round, client: Client) -> Client:
    client.force_login(member(round_.project, "alice"))
    return client


def draw(round_: Round, who: str = "alice") -> str:
    """The address of the unit that the reviewer now holds."""
    drawn = draw_next(round_, reviewer(round_.project, who))
    assert drawn is not None
    return f"/p/{round_.project.slug}/rounds/{round_.pk}/label/{drawn.unit_id}/"


def form(round_: Round, **fields: Any) -> dict[str, Any]:
    whole = {
        "answer-stance": "supports",
        "answer-sentence_bias": "biased",
        "idempotency_key": "key-of-this-form",
        "codebook_version": round_.codebook_version_id,
        "expected_seq": "",
        "seconds": "12",
    }
    return whole | fields


def as_script(client: Client, address: str, fields: dict[str, Any]) -> HttpResponse:
    return client.post(address, fields, headers={"Accept": "application/json"})


def test_it_works_without_a_script(alice: Client, round_: Round) -> None:
    """The form posts, the label is stored, and the next unit follows."""
    address = draw(round_)
    assert alice.get(address).status_code == 200
    response = alice.post(address, form(round_, note="As the minutes say."))
    assert response.status_code == 303
    assert response["Location"] != address
    assert alice.get(response["Location"]).status_code == 200
    event = LabelEvent.objects.get()
    assert event.seconds == 12
    assert event.answers == {"stance": {"value": "supports"}, "sentence_bias": {"value": "biased"}}
    assert event.text.content == {"note": "As the minutes say."}


def test_a_script_is_told_where_to_go_on(alice: Client, round_: Round) -> None:
    answer = as_script(alice, draw(round_), form(round_)).json()
    assert set(answer) == {"seq", "saved_at", "next"}
    assert answer["next"] == draw(round_)


def test_ft_03_same_form_twice_is_one_label(alice: Client, round_: Round) -> None:
    address = draw(round_)
    first, second = (as_script(alice, address, form(round_)).json() for _ in range(2))
    assert first == second
    assert LabelEvent.objects.count() == 1


def test_the_last_unit_leads_back_to_the_round(alice: Client, round_: Round) -> None:
    for n in range(3):
        response = alice.post(draw(round_), form(round_, idempotency_key=f"key-number-{n}"))
    assert response["Location"] == f"/p/{round_.project.slug}/rounds/{round_.pk}/"


def test_what_is_missing_is_said_and_nothing_typed_is_lost(alice: Client, round_: Round) -> None:
    address = draw(round_)
    fields = form(round_, note="Kept words")
    del fields["answer-stance"]
    response = alice.post(address, fields)
    body = response.content.decode()
    assert response.status_code == 422
    assert "What does the article do with the claim?” has no answer" in body
    assert "Kept words" in body
    assert 'value="biased" data-label="Biased" data-key="1" checked' in " ".join(body.split())
    problems = as_script(alice, address, fields).json()["problems"]
    assert [problem["field"] for problem in problems] == ["stance"]


def test_a_verdict_needs_its_evidence(alice: Client, round_: Round) -> None:
    address = draw(round_)
    verdict = form(round_, **{"answer-verdict": "refuted"})
    assert alice.post(address, verdict).status_code == 422
    item = {"url": "https://example.org/register", "quote": "40 ships", "relation": "refutes", "strength": "strong"}
    with_evidence = verdict | {f"evidence-0-{name}": value for name, value in item.items()}
    assert alice.post(address, with_evidence).status_code == 303
    stored = EvidenceItem.objects.get()
    assert {name: getattr(stored, name) for name in item} == item


def test_a_round_that_flags_dates_says_the_day_of_the_claim_unless_it_hides_it(alice: Client, round_: Round) -> None:
    Article.objects.update(published_at=datetime(2026, 3, 14, 12, tzinfo=UTC), published_how="stated")
    address = draw(round_)
    assert 'data-claim-day=""' in alice.get(address).content.decode()
    Round.objects.update(flags_evidence_dates=True)
    assert 'data-claim-day="2026-03-14"' in alice.get(address).content.decode()
    Round.objects.update(hides_date=True)
    assert "2026-03-14" not in alice.get(address).content.decode()


def test_an_answer_that_is_not_asked_is_left_out(alice: Client, round_: Round) -> None:
    """Without a script all questions show; what the other answers do not lead to is not submitted."""
    fields = form(round_, **{"note-search_note": "looked in the archive"})
    assert alice.post(draw(round_), fields).status_code == 303
    assert "search_note" not in LabelEvent.objects.get().answers


def test_a_missing_reason_is_no_value(alice: Client, round_: Round) -> None:
    alice.post(draw(round_), form(round_, **{"answer-stance": "missing:cannot_judge"}))
    label = Label.objects.get(question="stance")
    assert (label.value, label.missing) == (None, "cannot_judge")


def test_co_15_the_second_tab_gets_both_versions(alice: Client, round_: Round) -> None:
    """Two tabs with the same form: the second is shown what is stored, and nothing is overwritten."""
    address = draw(round_)
    alice.post(address, form(round_))
    response = alice.post(address, form(round_, **{"answer-stance": "refutes", "idempotency_key": "second-tab-key"}))
    body = response.content.decode()
    assert response.status_code == 409
    assert "Refutes" in body
    assert "Supports" in body
    assert Label.objects.get(question="stance").value == "supports"
    correction = form(round_, **{"answer-stance": "refutes", "idempotency_key": "third-key", "expected_seq": "1"})
    assert alice.post(address, correction).status_code == 303
    assert Label.objects.get(question="stance").value == "refutes"
    assert LabelEvent.objects.count() == 2


def test_a_correction_that_changes_nothing_says_so(alice: Client, round_: Round) -> None:
    address = draw(round_)
    alice.post(address, form(round_))
    same = form(round_, idempotency_key="same-again", expected_seq="1")
    answer = alice.post(address, same, follow=True)
    assert "Nothing was changed, so nothing new was stored." in answer.content.decode()
    assert LabelEvent.objects.count() == 1


def test_co_15_a_stale_correction_is_refused(alice: Client, round_: Round) -> None:
    address = draw(round_)
    alice.post(address, form(round_))
    once = form(round_, **{"answer-stance": "refutes", "idempotency_key": "correction-1", "expected_seq": "1"})
    twice = form(round_, **{"answer-stance": "questions", "idempotency_key": "correction-2", "expected_seq": "1"})
    assert alice.post(address, once).status_code == 303
    response = alice.post(address, twice)
    assert response.status_code == 409
    assert "number 2" in response.content.decode()
    assert Label.objects.get(question="stance").value == "refutes"


@pytest.mark.parametrize("what_happened", ["closed round", "archived project"])
def test_co_19_what_was_typed_is_shown_when_it_is_too_late(alice: Client, round_: Round, what_happened: str) -> None:
    address = draw(round_)
    if what_happened == "closed round":
        close_round(round_, by=owner_of(round_.project))
    else:
        Project.objects.update(archived_at=Now())
    response = alice.post(address, form(round_, note="typed in vain"))
    body = response.content.decode()
    assert response.status_code == 409
    assert "Supports" in body
    assert "typed in vain" in body
    assert LabelEvent.objects.count() == 0
    assert as_script(alice, address, form(round_)).status_code == 409


def test_a_draft_comes_back(alice: Client, round_: Round) -> None:
    address = draw(round_)
    payload = json.dumps({"answers": {"stance": "questions"}, "notes": {"note": "half a thought"}, "evidence": []})
    assert alice.post(f"{address}draft/", {"payload": payload, "client_seq": "5"}).json()["kept"] is True
    older = json.dumps({"answers": {}, "notes": {}, "evidence": []})
    assert alice.post(f"{address}draft/", {"payload": older, "client_seq": "4"}).json()["kept"] is False
    body = alice.get(address).content.decode()
    assert "half a thought" in body
    assert 'data-draft-seq="5"' in body


@pytest.mark.parametrize(
    "payload",
    [
        {"answers": [1], "notes": 3, "evidence": {"a": 1}},
        {"answers": {"stance": [{"a": 1}], "verdict": {"missing": 3}}, "notes": {"note": None}, "evidence": [1, {}]},
        {},
    ],
)
def test_a_draft_out_of_shape_does_no_harm(alice: Client, round_: Round, payload: dict[str, Any]) -> None:
    address = draw(round_)
    alice.post(f"{address}draft/", {"payload": json.dumps(payload), "client_seq": "5"})
    assert Draft.objects.count() == 1
    assert alice.get(address).status_code == 200


def test_a_draft_that_is_not_json_is_refused(alice: Client, round_: Round) -> None:
    address = draw(round_)
    assert alice.post(f"{address}draft/", {"payload": "[1", "client_seq": "5"}).status_code in (400, 422)
    assert alice.post(f"{address}draft/", {"payload": "[1]", "client_seq": "5"}).status_code == 400


def test_a_skipped_unit_does_not_come_back(alice: Client, round_: Round) -> None:
    address = draw(round_)
    skipped = alice.post(f"{address}skip/", {"reason": "unclear", "idempotency_key": "skip-once-1"})
    assert skipped.status_code == 303
    assert skipped["Location"] not in (address, "/")
    assert alice.get(address).status_code == 404


def test_a_link_draws_nothing(alice: Client, round_: Round) -> None:
    root = f"/p/{round_.project.slug}/rounds/{round_.pk}/label/"
    assert alice.get(root)["Location"] == f"/p/{round_.project.slug}/rounds/{round_.pk}/"
    assert not Assignment.objects.filter(state="reserved").exists()
    drawn = alice.post(root)["Location"]
    assert alice.get(root)["Location"] == drawn


def test_az_05_the_page_holds_nothing_of_the_others(alice: Client, round_: Round) -> None:
    """The same page, byte for byte but for its own keys, whether Bob has labelled or not (INV-4)."""
    address = draw(round_)

    def page() -> str:
        body = alice.get(address).content.decode()
        lines = [line for line in body.splitlines() if "csrfmiddlewaretoken" not in line]
        return "\n".join(line for line in lines if "idempotency_key" not in line)

    before = page()
    label_next(round_, reviewer(round_.project, "bob"), stance="refutes", notes={"note": "secret of Bob"})
    run_jobs()
    assert page() == before


def test_hidden_parts_are_not_in_the_source(client: Client) -> None:
    project = make_project(alice="reviewer")
    round_ = make_round(project, units=1, hides_outlet=True, hides_author=True, overlap=1)
    from claims.models import Article, Outlet

    outlet = Outlet.objects.create(project=project, name="Hidden Herald")
    Article.objects.filter(project=project).update(byline="Nobody Special", outlet=outlet)
    client.force_login(member(project, "alice"))
    body = client.get(draw(round_)).content.decode()
    assert "Hidden Herald" not in body
    assert "Nobody Special" not in body
    assert "outlet hidden in this round" in body


def test_anothers_unit_does_not_exist(alice: Client, round_: Round) -> None:
    address = draw(round_, "bob")
    assert alice.get(address).status_code == 404
    assert alice.post(address, form(round_)).status_code == 404


def test_places_are_told_only_where_a_question_marks_them(alice: Client, round_: Round) -> None:
    """A long article has thousands of paragraphs: what no question needs is not written."""
    address = draw(round_)
    assert 'class="block role-body' in alice.get(address).content.decode()
    assert "data-start" not in alice.get(address).content.decode()
    spans = make_round(round_.project, codebook=make_codebook(round_.project, "bias"))
    assert any(q.kind == "span" for q in round_spec(spans).questions)
    assert 'data-start="0"' in alice.get(draw(spans)).content.decode()


def test_the_number_of_queries(alice: Client, round_: Round, django_assert_num_queries: Any) -> None:
    """Session, person, membership, round, reviewer and unit come first; then what the page shows, or the submit and the
    draw with their two savepoints each."""
    address = draw(round_)
    alice.get(address)
    with django_assert_num_queries(10):  # one of them says how far she is
        alice.get(address)
    with django_assert_num_queries(16):
        alice.post(address, form(round_))
