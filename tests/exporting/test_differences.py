"""What changed from one release to another, on the page, by the API and by command."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from claims.adjudication.actions import settle_label
from claims.errors import NotPermitted, Refused
from claims.exporting import actions
from claims.exporting.actions import verify_release
from claims.exporting.differences import compare_releases
from claims.exporting.editions import made_with
from claims.exporting.selecting import Selection
from claims.labelling.actions import revise_label
from claims.models import Project, Release, Round
from tests.api.caller import Caller
from tests.exporting.test_actions import labelled, released
from tests.factories import answers_for, member, owner_of, reviewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def two() -> tuple[Project, Release, Release]:
    """Settled as supported; then Alice revises her answer, and it is settled anew as unrelated."""
    project, round_ = labelled()
    stand(round_, "supports", 0, "Both agree on the first reading.")
    first = released(project)
    unit = round_.round_units.get().unit
    revise_label(
        round_,
        unit,
        reviewer(project, "alice"),
        answers=answers_for(round_, stance="unrelated"),
        idempotency_key="revised-key",
        codebook_version_id=round_.codebook_version_id,
        expected_seq=1,
    )
    stand(round_, "unrelated", 1, "The claim is about another bridge.")
    return project, first, released(project, errata=["Unit 1 was about another bridge."])


def stand(round_: Round, value: str, revision: int, why: str) -> None:
    settle_label(
        round_,
        round_.round_units.get().unit,
        "stance",
        outcome="answer",
        value=value,
        method="expert",
        reason_code="none",
        rationale=why,
        expected_revision=revision,
        by=owner_of(round_.project),
    )


def test_it_works(two: tuple[Project, Release, Release]) -> None:
    project, first, second = two
    found = compare_releases(second, first, by=owner_of(project))
    [stance] = [row for row in found["labels"] if row["question"] == "stance"]
    assert stance == {"question": "stance", "added": 0, "removed": 0, "changed": 1, "same": 1}
    [moved] = found["settled"]["values"]
    assert (moved["before"]["value"], moved["after"]["value"]) == ("supports", "unrelated")
    assert moved["rationale"] == "The claim is about another bridge."
    assert found["errata"] == ["Unit 1 was about another bridge."]
    assert (found["older"], found["newer"], found["settled"]["moved"]) == (1, 2, 1)


def test_labels_that_came_or_went_are_counted() -> None:
    project, _ = labelled(preset="stance")
    whole, none = released(project), released(project, selection=Selection(last_day=date(2020, 1, 1)))
    [row] = compare_releases(whole, none, by=owner_of(project))["labels"]
    assert (row["added"], row["removed"], row["changed"], row["same"]) == (0, 2, 0, 0)
    [row] = compare_releases(none, released(project), by=owner_of(project))["labels"]
    assert (row["added"], row["removed"]) == (2, 0)


def test_page_api_and_command_say_the_same(two: tuple[Project, Release, Release], client: Client) -> None:
    project, first, second = two
    owner = owner_of(project)
    told = Caller(owner).get(f"releases/{second.pk}/changes/{first.pk}/").json()
    assert told == compare_releases(first, second, by=owner)
    said = StringIO()
    call_command("compare_releases", "1", "2", project=project.slug, json=True, stdout=said)
    assert json.loads(said.getvalue()) == told
    said = StringIO()
    call_command("compare_releases", "1", "2", project=project.slug, stdout=said)
    assert "supports -> unrelated (by expert; The claim is about another bridge.)" in said.getvalue()
    client.force_login(owner)
    page = client.get(f"/p/{project.slug}/releases/1/to/2/").content.decode()
    assert "The claim is about another bridge." in page
    assert "Unit 1 was about another bridge." in page
    assert f'/p/{project.slug}/releases/1/to/2/"' in client.get(f"/p/{project.slug}/releases/2/").content.decode()


def test_who_may_not_download_may_not_compare(two: tuple[Project, Release, Release]) -> None:
    project, first, second = two
    with pytest.raises(NotPermitted):
        compare_releases(first, second, by=member(project, "alice"))
    with pytest.raises(Refused, match="Both are release 1"):
        compare_releases(first, first, by=owner_of(project))
    stranger = Caller(owner_of(released(labelled()[0]).project))
    missing = stranger.get(f"releases/{second.pk}/changes/{10**9}/")
    foreign = stranger.get(f"releases/{second.pk}/changes/{first.pk}/")
    assert (missing.status_code, missing.content) == (foreign.status_code, foreign.content)


def test_the_manifest_says_what_changed_since_the_last_release(two: tuple[Project, Release, Release]) -> None:
    _, first, second = two
    assert first.manifest is not None
    assert second.manifest is not None
    assert first.manifest["changes"] is None  # there was none before
    changes = second.manifest["changes"]
    [stance] = [row for row in changes["labels"] if row["question"] == "stance"]
    assert (changes["since"], stance["changed"], changes["settled"]["moved"]) == (1, 1, 1)
    assert [moved["rationale"] for moved in changes["moved"]] == ["The claim is about another bridge."]
    assert changes["withheld"] == {"added": 0, "removed": 0}
    assert verify_release(second) == []


def test_a_release_of_an_earlier_edition_says_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    project, _ = labelled()
    released(project)
    monkeypatch.setattr(actions, "made_with", lambda: made_with() | {"edition": 2})
    earlier = released(project)
    assert earlier.manifest is not None
    assert "changes" not in earlier.manifest
    assert verify_release(earlier) == []


def test_a_failed_release_is_no_base() -> None:
    project, _ = labelled()
    first, failed = released(project), released(project)
    Release.objects.filter(pk=failed.pk).update(state="failed")
    manifest = released(project).manifest
    assert manifest is not None
    assert manifest["changes"]["since"] == first.number
