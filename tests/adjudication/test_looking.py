"""PR-10: an owner sees a reviewer's list as they see it; it is written down and told, and answers nothing."""

from __future__ import annotations

import pytest
from django.test import Client

from claims.models import AuditEvent, LabelEvent, Notice, Project, Round
from tests.api.caller import Caller, code
from tests.factories import label_next, make_codebook, make_project, make_round, member, owner_of, reviewer, run_jobs

pytestmark = pytest.mark.django_db


def labelled() -> tuple[Project, Round]:
    """Of two claims, Alice has judged both and Bob one."""
    project = make_project(alice="reviewer", bob="reviewer", clio="curator")
    round_ = make_round(project, units=2, codebook=make_codebook(project, "stance"), overlap=2)
    for name in ("alice", "alice", "bob"):
        label_next(round_, reviewer(project, name))
    run_jobs()
    Notice.objects.all().delete()
    return project, round_


def test_pr_10_it_is_written_down_told_once_a_day_and_without_a_form(client: Client) -> None:
    project, _ = labelled()
    carol, alice = owner_of(project), reviewer(project, "alice")
    client.force_login(carol)
    address, events = f"/p/{project.slug}/reviewers/{alice.pk}/look/", LabelEvent.objects.count()
    assert client.get(address).status_code == 405  # reading alone would be written down by any crawl
    page = client.post(address)
    assert page.status_code == 200
    assert [len(page.context["entries"]), page.context["besides"]] == [1, 1]  # Bob has still to judge the other
    main = page.content.decode().partition("<main")[2].partition("</main>")[0]
    assert "<form" not in main
    assert "/label/" not in main
    client.post(address)
    seen = AuditEvent.objects.filter(verb="look_as_reviewer", subject_id=alice.pk, actor=carol)
    assert seen.count() == 2
    [told] = Notice.objects.filter(user=alice.user)
    assert "looked at your list" in told.subject
    assert LabelEvent.objects.count() == events


def test_pr_10_whoever_looks_cannot_submit_in_their_place() -> None:
    project, round_ = labelled()
    bob, carol = Caller(member(project, "bob")), Caller(owner_of(project))
    held = bob.post(f"rounds/{round_.pk}/next/").json()["unit"]
    body = {"codebook_version": round_.codebook_version_id, "answers": {"stance": "reports"}}
    address = f"rounds/{round_.pk}/units/{held}/label/"
    assert carol.post(address, body, Idempotency_Key="looking-1").status_code == 404  # not Carol's to answer
    for field in ("reviewer", "as", "user"):
        said = carol.post(address, {**body, field: reviewer(project, "bob").pk}, Idempotency_Key="looking-2")
        assert code(said) == "unknown_field"


def test_pr_10_a_program_of_an_owner_looks_as_openly() -> None:
    project, _ = labelled()
    alice = reviewer(project, "alice")
    looked = Caller(owner_of(project)).post(f"reviewers/{alice.pk}/look/").json()
    assert (len(looked["events"]), looked["besides"]) == (1, 1)
    assert Notice.objects.filter(user=alice.user).count() == 1
    assert Caller(member(project, "clio")).post(f"reviewers/{alice.pk}/look/").status_code == 403


def test_pr_10_only_owners_look_and_not_at_themselves(client: Client) -> None:
    project, _ = labelled()
    alice = reviewer(project, "alice")
    for name in ("clio", "bob"):
        client.force_login(member(project, name))
        assert client.post(f"/p/{project.slug}/reviewers/{alice.pk}/look/").status_code == 403
    client.force_login(owner_of(project))
    own = reviewer(project, "carol")
    assert client.post(f"/p/{project.slug}/reviewers/{own.pk}/look/").status_code == 403
    assert not Notice.objects.exists()
    assert not AuditEvent.objects.filter(verb="look_as_reviewer").exists()
