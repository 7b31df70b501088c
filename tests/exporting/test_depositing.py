from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from claims.errors import Refused
from claims.exporting.actions import start_release
from claims.exporting.depositing import deposit_release
from claims.exporting.handing import open_file
from claims.models import AuditEvent, Project, Release
from tests.exporting.zenodo import TOKEN, Zenodo
from tests.factories import label_next, make_codebook, make_project, make_round, member, owner_of, reviewer, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def zenodo(settings: Any) -> Iterator[Zenodo]:
    server = Zenodo()
    settings.ZENODO_ENDPOINT, settings.ZENODO_TOKEN = f"{server.origin}/api", TOKEN
    yield server
    server.end()


def released(*formats: str, project: Project | None = None) -> Release:
    project = project or make_project(alice="reviewer")
    round_ = make_round(project, units=2, codebook=make_codebook(project, "stance"), overlap=1)
    label_next(round_, reviewer(project, "alice"), stance="supports")
    release = start_release(project, by=owner_of(project), formats=formats or ("jsonl", "citation"))
    run_jobs()
    release.refresh_from_db()
    return release


def files_of(release: Release) -> dict[str, bytes]:
    owner = owner_of(release.project)
    return {name: open_file(release, name, by=owner)[1].read() for name in release.files.values_list("name", flat=True)}


def test_it_works_a_draft_with_every_file(zenodo: Zenodo) -> None:
    release = released()
    deposit = deposit_release(release, by=owner_of(release.project))
    assert zenodo.files[deposit.id] == files_of(release)
    assert (deposit.is_published, deposit.doi, deposit.kept) == (False, "", [])
    assert sorted(deposit.sent) == sorted(files_of(release))
    metadata = zenodo.deposits[deposit.id]["metadata"]
    assert (metadata["upload_type"], metadata["creators"]) == ("dataset", [{"name": release.project.name}])
    assert not zenodo.deposits[deposit.id]["submitted"]


def test_twice_makes_one_deposit_and_sends_nothing_twice(zenodo: Zenodo) -> None:
    release = released()
    first = deposit_release(release, by=owner_of(release.project))
    second = deposit_release(release, by=owner_of(release.project))
    assert (second.id, second.sent, sorted(second.kept)) == (first.id, [], sorted(first.sent))
    assert len(zenodo.deposits) == 1
    assert sum(line.startswith("PUT /api/files/") for line in zenodo.asked) == len(first.sent)


def test_what_broke_off_goes_on_where_it_stopped(zenodo: Zenodo) -> None:
    release = released()
    zenodo.files_until_away = 2
    with pytest.raises(Refused, match="503: Down for maintenance"):
        deposit_release(release, by=owner_of(release.project))
    zenodo.files_until_away = None
    deposit = deposit_release(release, by=owner_of(release.project))
    assert (len(zenodo.deposits), len(deposit.kept)) == (1, 2)
    assert zenodo.files[deposit.id] == files_of(release)


def test_publishing_is_asked_for_and_done_once(zenodo: Zenodo) -> None:
    release = released()
    owner = owner_of(release.project)
    deposit_release(release, by=owner)
    published = deposit_release(release, by=owner, publish=True)
    again = deposit_release(release, by=owner, publish=True)
    assert published.doi == again.doi == f"10.5281/zenodo.{published.id}"
    assert sum(line.endswith("/actions/publish") for line in zenodo.asked) == 1
    assert list(AuditEvent.objects.filter(verb__endswith="_deposit").values_list("verb", flat=True).order_by("pk")) == [
        "begin_deposit",
        "publish_deposit",
    ]


def test_a_deposit_that_was_deleted_there_is_made_anew(zenodo: Zenodo) -> None:
    release = released()
    first = deposit_release(release, by=owner_of(release.project))
    zenodo.deposits[999] = zenodo.deposits.pop(first.id)
    assert deposit_release(release, by=owner_of(release.project)).id != first.id


def test_each_release_has_a_deposit_of_its_own(zenodo: Zenodo) -> None:
    first = released()
    second = released(project=first.project)
    owner = owner_of(first.project)
    assert deposit_release(first, by=owner).id != deposit_release(second, by=owner, creators=["Quill, Edda"]).id
    assert [one["metadata"]["creators"] for one in zenodo.deposits.values()] == [
        [{"name": first.project.name}],
        [{"name": "Quill, Edda"}],
    ]


def test_who_may_not_release_may_not_deposit(zenodo: Zenodo) -> None:
    release = released()
    with pytest.raises(Refused, match="owners and curators"):
        deposit_release(release, by=member(release.project, "alice"))
    assert zenodo.asked == []


def test_what_is_refused(zenodo: Zenodo, settings: Any) -> None:
    release, bare = released(), released("jsonl")
    owner = owner_of(release.project)
    with pytest.raises(Refused, match=r"has no zenodo\.json.*citation"):
        deposit_release(bare, by=owner_of(bare.project))
    zenodo.required = (*zenodo.required, "communities")
    with pytest.raises(
        Refused, match=r"400: Validation error\.; metadata\.communities: Missing.*Correct what it names"
    ):
        deposit_release(release, by=owner)
    zenodo.required = zenodo.required[:-1]
    zenodo.spoils = "manifest.json"
    with pytest.raises(Refused, match=r"manifest\.json arrived otherwise"):
        deposit_release(release, by=owner)
    zenodo.bucket_at = "http://127.0.0.1:1"
    with pytest.raises(Refused, match="no place for files at its own address"):
        deposit_release(release, by=owner)
    settings.ZENODO_TOKEN = "another"
    with pytest.raises(Refused, match=r"401.*Check ZENODO_TOKEN"):
        deposit_release(release, by=owner)
    settings.ZENODO_TOKEN = ""
    with pytest.raises(Refused, match="Set ZENODO_TOKEN"):
        deposit_release(release, by=owner)


def told(**options: Any) -> str:
    out = io.StringIO()
    call_command("deposit_release", stdout=out, **options)
    return out.getvalue()


def test_the_command_says_what_stands(zenodo: Zenodo, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    release = released()
    slug = release.project.slug
    shown = json.loads(told(project=slug, release=1, json=True))
    assert shown["id"] in zenodo.deposits
    assert shown["doi"] == ""
    said = told(project=slug, release=1, publish=True)
    assert "published as 10.5281/zenodo" in said
    everything = caplog.text + said + json.dumps(list(AuditEvent.objects.values_list("details", flat=True)))
    assert TOKEN not in everything


def test_the_command_refuses_with_a_sentence(zenodo: Zenodo, settings: Any) -> None:
    release = released()
    with pytest.raises(CommandError, match="has no release 7"):
        told(project=release.project.slug, release=7)
    with pytest.raises(CommandError, match="There is no project “nowhere”"):
        told(project="nowhere", release=1)
    settings.ZENODO_TOKEN = ""
    with pytest.raises(CommandError, match=r"Set ZENODO_TOKEN.*zenodo_token_missing"):
        told(project=release.project.slug, release=1)
