"""The dossier: everything in it, nobody named, and the same bytes each time."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client

from claims.adjudication.actions import settle_by_majority
from claims.credibility.entities import add_alias, confirm_outlet
from claims.models import AuditEvent
from claims.web.outlets.dossier import zipped
from tests.credibility.test_tallies import begin, follow, judge
from tests.factories import PASSWORD, make_project, member, owner_of

pytestmark = pytest.mark.django_db


def files_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}


def table(content: bytes) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_a_dossier_holds_every_observation_with_hashes_and_nobodys_name() -> None:
    project, outlet, _, (first, second, *_), round_ = begin()
    confirm_outlet(outlet, by=owner_of(project))
    add_alias(outlet, "=The Post", by=owner_of(project))
    judge(round_, first, "supported", "supports")
    judge(round_, second, "refuted", "supports")
    settle_by_majority(round_, by=owner_of(project))
    follow()
    content = b"".join(zipped(outlet))
    assert content == b"".join(zipped(outlet))
    found = files_of(content)
    verdicts = [row for row in table(found["observations.csv"]) if row["measure"] == "verdict"]
    assert [(row["outcome"], row["words"]) for row in verdicts] == [
        ("supported", "The bridge is closed."),
        ("refuted", "The dam leaks."),
    ]
    evidence = table(found["evidence.csv"])
    assert {row["url"] for row in evidence} == {"https://records.example/1", "https://records.example/2"}
    assert {row["quote_sha256"] for row in evidence} == {
        hashlib.sha256(words.encode()).hexdigest() for words in ("It is so.", "It is not so.")
    }
    assert [row["decision"] for row in table(found["decisions.csv"])] == ["confirm_outlet", "add_outlet_alias"]
    assert {row["by"] for row in table(found["decisions.csv"])} == {"person 1"}
    assert json.loads(found["outlet.json"])["aliases"] == ["=The Post"]
    for row in table(found["manifest.csv"]):
        assert hashlib.sha256(found[row["file"]]).hexdigest() == row["sha256"]
        assert len(found[row["file"]]) == int(row["bytes"])
    assert set(found) == {row["file"] for row in table(found["manifest.csv"])} | {"manifest.csv"}
    for name in ("alice", "bob"):
        assert member(project, name).username.encode() not in content


def test_who_takes_it_is_written_down_and_strangers_get_nothing() -> None:
    project, outlet, *_ = begin()
    owner, stranger = Client(), Client()
    owner.login(username=owner_of(project).username, password=PASSWORD)
    stranger.login(username=owner_of(make_project()).username, password=PASSWORD)
    address = f"/p/{project.slug}/outlets/{outlet.pk}/dossier/"
    assert owner.get(address).status_code == 200
    taken = owner.post(f"{address}folder/")
    assert files_of(b"".join(taken))  # type: ignore[call-overload]
    assert AuditEvent.objects.filter(verb="download_dossier", subject_id=outlet.pk).count() == 1
    assert stranger.get(address).status_code == stranger.post(f"{address}folder/").status_code == 404
