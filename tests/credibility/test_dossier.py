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
from pypdf import PdfReader

from claims.adjudication.actions import settle_by_majority
from claims.credibility.dossier import pack
from claims.credibility.entities import add_alias, confirm_outlet
from claims.credibility.printed import print_dossier
from claims.exporting.writers.zipped import GrowingZip
from claims.models import AuditEvent, Outlet
from tests.credibility.test_tallies import begin, follow, judge
from tests.factories import PASSWORD, make_project, member, owner_of

pytestmark = pytest.mark.django_db


def zipped(outlet: Outlet) -> bytes:
    return b"".join(pack(outlet, GrowingZip()))


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
    content = zipped(outlet)
    assert content == zipped(outlet)
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


def test_the_pdf_says_what_the_folder_holds_in_any_writing_and_vouches_for_it() -> None:
    project, outlet, _, (first, second, *_), round_ = begin()
    confirm_outlet(outlet, by=owner_of(project))
    for name in ("Вечерняя гавань", "İstanbul Limanı", "Նավահանգիստ", "港湾新聞 ニュース", "<b>Post & 🚢"):
        add_alias(outlet, name, by=owner_of(project))
    judge(round_, first, "supported", "supports")
    judge(round_, second, "refuted", "supports")
    settle_by_majority(round_, by=owner_of(project))
    follow()
    printed = print_dossier(outlet)
    assert printed == print_dossier(outlet)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(printed)).pages]
    text = " ".join("\n".join(pages).split())
    for words in ("The bridge is closed.", "The dam leaks.", "confirm outlet", "person 1", "It is not so."):
        assert words.replace(" ", "") in text.replace(" ", "").replace("_", ""), words
    for words in ("Вечерняя гавань", "İstanbul Limanı", "Նավահանգիստ", "<b>Post & [U+1F6A2]"):
        assert words in text
    bare = text.replace(" ", "")
    assert all(row["sha256"] in bare for row in table(files_of(zipped(outlet))["manifest.csv"]))
    assert member(project, "alice").username not in text


def test_a_long_table_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claims.credibility.printed.MOST", 1)
    project, outlet, *_ = begin()
    confirm_outlet(outlet, by=owner_of(project))
    follow()
    pages = PdfReader(io.BytesIO(print_dossier(outlet))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "The first 1; all are in observations.csv of the folder." in text


def test_who_takes_it_is_written_down_and_strangers_get_nothing() -> None:
    project, outlet, *_ = begin()
    owner, stranger = Client(), Client()
    owner.login(username=owner_of(project).username, password=PASSWORD)
    stranger.login(username=owner_of(make_project()).username, password=PASSWORD)
    address = f"/p/{project.slug}/outlets/{outlet.pk}/dossier/"
    assert owner.get(address).status_code == 200
    taken = owner.post(f"{address}folder/")
    assert files_of(b"".join(taken))  # type: ignore[call-overload]
    assert owner.post(f"{address}pdf/").content.startswith(b"%PDF-")
    assert AuditEvent.objects.filter(verb="download_dossier", subject_id=outlet.pk).count() == 2
    for where in (f"{address}folder/", f"{address}pdf/"):
        assert stranger.get(address).status_code == stranger.post(where).status_code == 404
