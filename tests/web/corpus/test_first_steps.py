"""The first way through a project: each goal's steps, ticked off by what is there and by nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client

from claims import jobs
from claims.adjudication.actions import settle_label
from claims.exporting.actions import start_release
from claims.importing.actions import start_import
from claims.labelling.answers import round_spec
from claims.models import Job, Membership, Project, SettledLabel, Unit
from claims.people.actions import add_member
from claims.tasks import HANDLERS, do
from claims.web.corpus.first_steps import first_steps
from claims.web.page import Here
from tests.factories import (
    label_next,
    make_article,
    make_claims,
    make_codebook,
    make_outlet,
    make_project,
    make_round,
    make_user,
    owner_of,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db
EVIDENCE = [{"url": "https://minutes.example/14", "quote": "14 bolts", "relation": "supports"}]


def done(project: Project) -> list[bool]:
    return [step.is_done for step in first_steps(Here(project, "owner", owner_of(project)))]


def join(project: Project, name: str) -> None:
    add_member(project, user=make_user(f"{name}{project.pk}"), role="reviewer", by=owner_of(project))


def test_code_a_corpus(client: Client) -> None:
    """A codebook, articles, twenty units, two coders, their answers, alpha: then the steps are gone."""
    project = make_project()
    version = make_codebook(project, "stance")
    assert done(project) == [True, False, False, False, False, False]
    make_claims(project, 3)
    assert done(project) == [True, True, False, False, False, False]
    client.force_login(owner_of(project))
    steps = first_steps(Here(project, "owner", owner_of(project)))
    form = client.get(steps[2].url)
    assert 'value="First round"' in form.content.decode()
    assert "3 units" in form.content.decode()
    round_ = make_round(project, codebook=version)
    assert done(project) == [True, True, True, False, False, False]
    join(project, "alice")
    assert done(project) == [True, True, True, True, False, False]
    for n in range(3):
        label_next(round_, reviewer(project, "carol"), stance="supports")
        label_next(round_, reviewer(project, "alice"), stance="refutes" if n else "supports")
        assert done(project)[4] is (n == 2)
    run_jobs()
    assert done(project) == []
    assert "First steps" not in client.get(f"/p/{project.slug}/").content.decode()


def test_articles_are_there_when_the_last_is_split() -> None:
    project = make_project()
    start_import(project, text="Harbour closed\n\nThe harbour is closed.", by=owner_of(project))
    run = []
    while job := Job.objects.filter(state="queued").order_by("id").first():
        assert done(project)[1] is ("split_article" in run)
        jobs.run(job.pk, dict.fromkeys(HANDLERS, do))
        run.append(job.kind)
    assert run[:2] == ["import_articles", "split_article"]


@pytest.mark.parametrize("goal", ["code_corpus", "check_claims", "rate_outlets"])
@pytest.mark.parametrize("kind", ["import_addresses", "import_claims", "reextract_articles", "split_article"])
def test_what_is_still_coming_is_waited_for(goal: str, kind: str) -> None:
    project = make_project(goal=goal)
    make_outlet(project)
    make_claims(project, 2)
    place = 1 if goal == "code_corpus" else 0
    assert done(project)[place]
    job = jobs.enqueue(kind, project=project, by=owner_of(project), args={})
    assert not done(project)[place]
    Job.objects.filter(pk=job.pk).update(state="succeeded", ended_at=Now())
    assert done(project)[place]


def test_check_claims() -> None:
    """One claim, a verdict with evidence, a colleague's approval, ClaimReview."""
    project = make_project(goal="check_claims")
    make_claims(project, 1)
    round_ = make_round(project, codebook=make_codebook(project), overlap=1)
    assert done(project) == [True, True, False, False, False, False]
    unit: Unit | None = label_next(round_, reviewer(project, "carol"), verdict="supported", evidence=EVIDENCE)
    assert unit is not None
    join(project, "alice")
    assert done(project) == [True, True, True, True, False, False]
    alice = Membership.objects.get(project=project, role="reviewer")
    Membership.objects.filter(pk=alice.pk).update(role="curator")
    decision: dict[str, Any] = {"outcome": "answer", "value": "supported", "method": "expert"}
    settle_label(round_, unit, "verdict", expected_revision=0, by=alice.user, **decision)
    assert SettledLabel.objects.count() == 1
    assert done(project) == [True, True, True, True, True, False]
    start_release(project, formats=["claimreview"], by=owner_of(project))
    run_jobs()
    assert done(project) == []


def test_rate_outlets(client: Client) -> None:
    """One outlet, three criteria with their evidence, a page that is marked as not published."""
    project = make_project(goal="rate_outlets")
    version = make_codebook(project, "outlet")
    assert done(project) == [False, True, False, False, False]
    outlet = make_outlet(project)
    make_article(project, outlet=outlet)
    round_ = make_round(project, codebook=version, unit_kind="outlet", overlap=1)
    assert done(project) == [True, True, True, False, False]
    client.force_login(owner_of(project))
    assert "draft, not published" in client.get(f"/p/{project.slug}/outlets/{outlet.pk}/").content.decode()
    asked = [question.code for question in round_spec(round_).questions if question.code.endswith("_shown")]
    label_next(
        round_, reviewer(project, "carol"), notes=dict.fromkeys(asked, "https://shore.example/corrections, 2026-03-14")
    )
    assert done(project) == []


def test_only_those_who_set_projects_up_see_them(client: Client) -> None:
    project = make_project(alice="reviewer", olga="observer")
    for name, shows in (("carol", True), ("alice", False), ("olga", False)):
        client.force_login(Membership.objects.get(project=project, user__username__startswith=name).user)
        assert ("First steps" in client.get(f"/p/{project.slug}/").content.decode()) is shows


def test_what_is_there_is_asked_in_one_query(django_assert_num_queries: Any) -> None:
    project = make_project()
    here = Here(project, "owner", owner_of(project))
    with django_assert_num_queries(2):  # and the codebook that the form of a round is filled with
        first_steps(here)
