"""Rounds, agreement, disputes, settling, reviewers and releases as pages."""

from __future__ import annotations

import pytest
from django.test import Client

from claims.assignment.actions import create_round, open_round
from claims.exporting.actions import start_release
from claims.models import Job, Release, Round, SettledLabel
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


@pytest.fixture
def round_(client: Client, db: None) -> Round:
    """Alice and Bob are done with two units; on the second they differ about the stance."""
    round_ = make_round(make_project(alice="reviewer", bob="reviewer"), units=3)
    for stance in ("supports", "reports"):
        label_next(round_, reviewer(round_.project, "alice"), stance="supports", notes={"note": "Alice's words"})
        label_next(round_, reviewer(round_.project, "bob"), stance=stance)
    run_jobs()
    client.force_login(owner_of(round_.project))
    return round_


def root(round_: Round) -> str:
    return f"/p/{round_.project.slug}"


def test_it_works_to_set_up_and_open_a_round(client: Client) -> None:
    project = make_project()
    make_claims(project, 4)
    version = make_codebook(project)
    client.force_login(owner_of(project))
    plan = {"codebook": version.pk, "unit_kind": "claim_occurrence", "overlap": "3", "order": "fixed", "limit": "2"}
    preview = client.get(f"/p/{project.slug}/rounds/new/", plan, headers={"HX-Request": "true"}).content.decode()
    assert "2 units, each answered by 3 reviewers" in preview
    made = client.post(f"/p/{project.slug}/rounds/new/", plan | {"name": "Pilot", "hides_outlet": "on"})
    round_ = Round.objects.get()
    assert (made["Location"], round_.hides_outlet) == (f"/p/{project.slug}/rounds/{round_.pk}/", True)
    client.post(f"{made['Location']}open-round/")
    run_jobs()
    assert "open" in client.get(made["Location"]).content.decode()
    for verb, state in (("pause", "paused"), ("resume", "open"), ("close", "closed")):
        client.post(f"{made['Location']}{verb}-round/")
        round_.refresh_from_db()
        assert round_.state == state
    assert client.post(f"{made['Location']}explode-round/").status_code == 404


def test_a_plan_that_does_not_fit_says_why(client: Client) -> None:
    project = make_project()
    version = make_codebook(project, "main")
    client.force_login(owner_of(project))
    plan = {"name": "x", "codebook": version.pk, "unit_kind": "outlet", "overlap": "2", "order": "fixed"}
    answer = client.post(f"/p/{project.slug}/rounds/new/", plan)
    assert (answer.status_code, "does not ask any question about a outlet" in answer.content.decode()) == (422, True)


def test_a_draft_is_changed_and_given_up(client: Client) -> None:
    project = make_project()
    make_claims(project, 4)
    version = make_codebook(project)
    client.force_login(owner_of(project))
    rounds = f"/p/{project.slug}/rounds/"
    plan = {"codebook": version.pk, "unit_kind": "claim_occurrence", "overlap": "3", "order": "fixed", "limit": "2"}
    page = client.post(f"{rounds}new/", plan | {"name": "Pilot", "hides_outlet": "on", "shares_evidence": "on"})[
        "Location"
    ]
    form = client.get(f"{page}edit/").content.decode()
    assert 'value="Pilot"' in form
    assert 'name="hides_outlet" checked' in form
    assert 'name="shares_evidence" checked' in form
    changed = plan | {"name": "Pilot two", "overlap": "2", "limit": "", "version": "1"}
    assert client.post(f"{page}edit/", changed)["Location"] == page
    round_ = Round.objects.get()
    assert (round_.name, round_.overlap, round_.selection) == ("Pilot two", 2, {})
    assert (round_.hides_outlet, round_.evidence_visibility, round_.version) == (False, "private", 2)
    stale = client.post(f"{page}edit/", changed | {"name": "Pilot three"})
    assert (stale.status_code, "Somebody changed this round meanwhile" in stale.content.decode()) == (422, True)
    assert client.post(f"{page}delete-round/", follow=True).status_code == 200
    assert not Round.objects.exists()


def test_an_opened_round_is_not_changed_and_not_given_up(client: Client, round_: Round) -> None:
    page = f"{root(round_)}/rounds/{round_.pk}/"
    assert client.get(f"{page}edit/").status_code == 409
    assert (
        "only the name and the limits can change" in client.post(f"{page}delete-round/", follow=True).content.decode()
    )
    assert Round.objects.filter(pk=round_.pk).exists()


def test_a_round_and_a_release_follow_their_job(client: Client) -> None:
    """While it runs a poll brings the moving part; when it has ended, the browser is told to take the page anew."""
    project = make_project()
    make_claims(project, 2)
    owner = owner_of(project)
    client.force_login(owner)
    round_ = create_round(project, name="Pilot", codebook_version=make_codebook(project), by=owner)
    open_round(round_, by=owner)
    release = start_release(project, by=owner)
    polled = {"HX-Request": "true"}
    for page in (f"/p/{project.slug}/rounds/{round_.pk}/", f"/p/{project.slug}/releases/{release.number}/"):
        assert f'hx-get="{page}"' in client.get(page).content.decode()
        moving = client.get(page, headers=polled)
        assert (b"<main" in moving.content, b'id="follow"' in moving.content) == (False, True)
    run_jobs()
    for page in (f"/p/{project.slug}/rounds/{round_.pk}/", f"/p/{project.slug}/releases/{release.number}/"):
        assert client.get(page, headers=polled)["HX-Refresh"] == "true"
        assert b"hx-get" not in client.get(page).content


def test_agreement_shows_figures_with_n_and_reason(client: Client, round_: Round) -> None:
    page = client.get(f"{root(round_)}/agreement/")
    questions = {question.code: question for question, _ in page.context["questions"] if question.view == "full"}
    assert questions["stance"].n_pairable == 2
    assert questions["stance"].percent_agreement.value == pytest.approx(0.5)
    body = page.content.decode()
    assert "Fewer than 20 units have two labels" in body
    assert "All comparable labels are the same choice" in body


def test_the_queue_leads_to_the_settle_page_and_on(client: Client, round_: Round) -> None:
    queue = client.get(f"{root(round_)}/disputes/")
    ((row, _),) = queue.context["rows"]
    address = f"{root(round_)}/rounds/{round_.pk}/settle/{row.dispute.unit}/stance/"
    assert address in queue.content.decode()
    body = client.get(address).content.decode()
    assert "Alice&#x27;s words" in body
    assert "R-02" not in body
    decision = {"decision": "supports", "expected_revision": "0", "reason_code": "slip", "rationale": "See line 2."}
    assert client.post(address, decision)["Location"] == f"{root(round_)}/disputes/?round={round_.pk}"
    settled = SettledLabel.objects.get()
    assert (settled.value, settled.reason_code, settled.rationale) == ("supports", "slip", "See line 2.")
    assert "R-02" in client.get(address).content.decode()
    assert len(client.get(f"{root(round_)}/disputes/", {"settled": "1"}).context["rows"]) == 1


@pytest.mark.parametrize("method", ["expert", "discussion", "model"])
def test_it_is_recorded_how_a_dispute_was_decided(client: Client, round_: Round, method: str) -> None:
    ((row, _),) = client.get(f"{root(round_)}/disputes/").context["rows"]
    address = f"{root(round_)}/rounds/{round_.pk}/settle/{row.dispute.unit}/stance/"
    assert f'<option value="{method}"' in client.get(address).content.decode()
    client.post(address, {"decision": "supports", "expected_revision": "0", "method": method})
    assert SettledLabel.objects.get().method == method


def test_co_15_a_decision_about_what_was_settled_meanwhile_is_refused(client: Client, round_: Round) -> None:
    ((row, _),) = client.get(f"{root(round_)}/disputes/").context["rows"]
    address = f"{root(round_)}/rounds/{round_.pk}/settle/{row.dispute.unit}/stance/"
    client.post(address, {"decision": "supports", "expected_revision": "0"})
    answer = client.post(address, {"decision": "reports", "expected_revision": "0", "rationale": "my words"})
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "revision 1 stands now" in body
    assert "my words" in body
    assert "It is settled as <b>Supports</b> by" in body
    assert " checked" not in body.partition("data-settle")[2]
    assert [label.value for label in SettledLabel.objects.all()] == ["supports"]


def test_az_07_nothing_shows_before_all_are_done(client: Client, round_: Round) -> None:
    unit = label_next(round_, reviewer(round_.project, "alice"), stance="refutes", notes={"note": "early words"})
    assert unit is not None
    body = client.get(f"{root(round_)}/rounds/{round_.pk}/settle/{unit.pk}/stance/").content.decode()
    assert "Not all reviewers of this unit have submitted" in body
    assert "early words" not in body


def test_what_is_clear_is_settled_at_once(client: Client, round_: Round) -> None:
    answer = client.post(f"{root(round_)}/rounds/{round_.pk}/settle-majority/", follow=True)
    assert "Settled: 3 unanimous, 0 by majority" in answer.content.decode()


def test_the_queue_says_that_agreeing_answers_wait_too(client: Client, round_: Round) -> None:
    """Two units and two questions, one of the four answers disputed: three are clear, until they are settled."""
    queue = f"{root(round_)}/disputes/"
    assert "<b>3 answers</b> on which all or most agree" in client.get(queue).content.decode()
    client.post(f"{root(round_)}/rounds/{round_.pk}/settle-majority/")
    assert "Settle all that is clear" not in client.get(queue).content.decode()


def test_a_decision_without_a_choice_says_what_is_missing(client: Client, round_: Round) -> None:
    ((row, _),) = client.get(f"{root(round_)}/disputes/").context["rows"]
    address = f"{root(round_)}/rounds/{round_.pk}/settle/{row.dispute.unit}/stance/"
    answer = client.post(address, {"expected_revision": "0", "rationale": "my words"})
    body = answer.content.decode()
    assert (answer.status_code, "Nothing is chosen yet." in body, "my words" in body) == (422, True, True)
    assert not SettledLabel.objects.exists()


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("disputes", "question"),
        ("disputes", "settled"),
        ("disputes", "order"),
        ("agreement", "stratum"),
        ("articles", "state"),
        ("articles", "language"),
        ("articles", "outlet"),
        ("articles", "copies"),
        ("claims", "attribution"),
        ("claims", "role"),
        ("claims", "article"),
    ],
)
def test_a_filter_that_is_not_understood_is_named_and_everything_listed(
    client: Client, round_: Round, page: str, name: str
) -> None:
    asked = "99999" if name in ("outlet", "article") else "loud<b>"
    whole, answer = (client.get(f"{root(round_)}/{page}/", query) for query in ({}, {name: asked}))
    said = f"The filter “{name}” does not know “{asked.replace('<', '&lt;').replace('>', '&gt;')}”"
    assert said in answer.content.decode()
    assert said not in whole.content.decode()
    for listed in ("slice", "rows"):
        if (rows := whole.context.get(listed)) is not None:
            assert str(answer.context[listed]) == str(rows)


def test_the_strip_counts_labels_with_labels(client: Client, round_: Round) -> None:
    """Three units asked of two people are six labels; four of them are given."""
    stages = {stage.code: stage.count for stage in client.get(f"{root(round_)}/").context["stages"]}
    assert (stages["assigned"], stages["labelled"]) == (6, 4)


def test_who_has_nothing_left_is_not_asked_to_go_on(client: Client, round_: Round) -> None:
    alice = reviewer(round_.project, "alice")
    client.force_login(member(round_.project, "alice"))
    pages = ("/", f"{root(round_)}/rounds/{round_.pk}/", f"{root(round_)}/rounds/", f"{root(round_)}/")
    draw = f'action="{root(round_)}/rounds/{round_.pk}/label/'
    assert [draw in client.get(page).content.decode() for page in pages] == [True] * 4
    label_next(round_, alice, stance="supports")
    assert [draw in client.get(page).content.decode() for page in pages] == [False] * 4
    assert "You are done here" in client.get(pages[1]).content.decode()
    client.force_login(member(round_.project, "bob"))
    assert [draw in client.get(page).content.decode() for page in pages] == [True] * 4


def test_reviewers_are_compared_only_where_there_is_enough(client: Client, round_: Round) -> None:
    body = client.get(f"{root(round_)}/reviewers/").content.decode()
    assert "Too few: 4 of 30 labels shared with others" in body
    assert client.get(f"{root(round_)}/reviewers/", {"round": round_.pk}).status_code == 200
    assert client.get(f"{root(round_)}/reviewers/", {"round": 999}).status_code == 404


def test_a_release_is_made_and_downloaded(client: Client, round_: Round) -> None:
    asked = {"title": "First", "formats": ["jsonl", "csv"], "licence": "CC-BY-4.0", "errata": "One.\r\nTwo."}
    made = client.post(f"{root(round_)}/releases/", asked)
    assert made["Location"] == f"{root(round_)}/releases/1/"
    assert "selection" not in Release.objects.get().filter
    assert "The files are being written" in client.get(made["Location"]).content.decode()
    run_jobs()
    release = Release.objects.get()
    assert (release.state, release.filter["licence"], release.errata) == ("ready", "CC-BY-4.0", ["One.", "Two."])
    page = client.get(made["Location"])
    assert "labels.csv" in page.content.decode()
    shown = [file.name for group in page.context["groups"] for file in (*group.files, *group.empty)]
    assert sorted(shown) == sorted(release.files.values_list("name", flat=True))
    assert page.context["groups"][0].title == "About all of it"
    assert '<td class="num optional">–</td>' in page.content.decode()  # the manifest has no rows to count
    assert all(file.rows == 0 for group in page.context["groups"] for file in group.empty)
    answer = client.get(f"{made['Location']}files/labels.csv")
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"stance" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert client.get(f"{made['Location']}files/../secret").status_code == 404
    assert client.get(f"{made['Location']}files/nothing.csv").status_code == 404


def test_a_release_without_format_says_what_to_do(client: Client, round_: Round) -> None:
    answer = client.post(f"{root(round_)}/releases/", {"title": "First", "rounds": [round_.pk]})
    assert f'value="{round_.pk}" checked' in answer.content.decode()  # what was chosen stays chosen
    assert (answer.status_code, "Choose at least one format" in answer.content.decode()) == (422, True)


def test_a_release_whose_worker_was_lost_can_be_written_again(client: Client) -> None:
    project = make_project()
    make_round(project, units=1)
    owner = owner_of(project)
    release = start_release(project, by=owner)
    Job.objects.filter(pk=release.job_id).update(state="failed", reason="worker_lost", sentence="The worker died.")
    client.force_login(owner)
    address = f"/p/{project.slug}/releases/{release.number}/"
    assert "Write the files again" in client.get(address).content.decode()
    assert client.post(f"{address}retry/").status_code == 303
    run_jobs()
    page = client.get(address).content.decode()
    assert "labels.jsonl" in page
    assert "Write the files again" not in page
    assert client.post(f"{address}retry/").status_code == 409
