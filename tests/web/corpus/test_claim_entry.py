"""Entering claims on the page: what was checked before is shown first; who labels does not see verdicts."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from claims.importing.entering import Entry, enter_claim
from claims.models import Claim, ClaimSource, ExternalVerdict, Project
from tests.factories import make_project, member, owner_of

pytestmark = pytest.mark.django_db
SAID = "The new harbour of Velmora cost 40 million crowns."


@pytest.fixture
def project(client: Client, db: None) -> Project:
    project = make_project(alice="reviewer")
    client.force_login(owner_of(project))
    return project


def checked(project: Project) -> Claim:
    claim = enter_claim(project, Entry(text=SAID, speaker="Edda Quill"), by=owner_of(project)).claim
    ExternalVerdict.objects.create(project=project, claim=claim, publisher="Tide Check", label="Mostly false")
    return claim


def test_it_works(client: Client, project: Project) -> None:
    root = f"/p/{project.slug}/claims"
    clip = SimpleUploadedFile("clip.mp4", b"<script>1")
    sent = {"text": SAID, "kind": "video", "speaker": "Edda Quill", "said_at": "2026-03-01", "file": clip, "add": "1"}
    answer = client.post(f"{root}/new/", sent)
    source = ClaimSource.objects.get()
    assert answer["Location"] == f"{root}/{source.claim_id}/"
    page = client.get(answer["Location"]).content.decode()
    assert "Edda Quill" in page
    assert '<span class="quiet">video · 1 Mar 2026</span>' in page
    file = client.get(f"/p/{project.slug}/attachments/{source.pk}/")
    assert file["Content-Disposition"].startswith("attachment")
    assert file["Content-Type"] == "application/octet-stream"
    assert SAID in client.get(f"{root}/entered/").content.decode()


def test_what_reads_like_it_is_shown_before_it_is_added(client: Client, project: Project) -> None:
    claim, address = checked(project), f"/p/{project.slug}/claims/new/"
    sent = {"text": SAID.replace("40", "60"), "kind": "speech", "add": "1"}
    shown = client.post(address, sent)
    assert Claim.objects.count() == 1
    assert "Mostly false" in shown.content.decode()
    live = client.post(address, {"text": sent["text"]}, headers={"HX-Request": "true"}).content.decode()
    assert "checked by Tide Check" in live
    mark = shown.context["looked"]
    assert f'value="{mark}"' in live
    assert client.post(address, {**sent, "looked": mark}).status_code == 303
    assert Claim.objects.count() == 2
    assert client.post(address, {**sent, "looked": mark, "is": str(claim.pk)})["Location"].endswith(f"/{claim.pk}/")
    assert Claim.objects.count() == 2
    assert claim.sources.count() == 2


def test_looking_writes_nothing(client: Client, project: Project) -> None:
    answer = client.post(f"/p/{project.slug}/claims/new/", {"text": SAID, "kind": "speech", "look": "1"})
    assert "Nothing like it is in this project." in answer.content.decode()
    assert not Claim.objects.exists()


def test_rows_of_a_spreadsheet_are_shown_and_added(client: Client, project: Project) -> None:
    checked(project)
    address, rows = f"/p/{project.slug}/claims/paste/", f"{SAID}\tEdda Quill\nThe pier is closed.\t\t1 May"
    page = client.post(address, {"rows": rows, "look": "1"}).content.decode()
    assert "same, checked" in page
    assert "is not a date" in page
    assert client.post(address, {"rows": rows, "add": "1"}).status_code == 422
    client.post(address, {"rows": rows.replace("1 May", "2026-05-01"), "add": "1"})
    assert Claim.objects.count() == 3


def test_the_verdicts_of_others_are_not_shown_to_who_labels(client: Client, project: Project) -> None:
    claim = checked(project)
    assert "Mostly false" in client.get(f"/p/{project.slug}/claims/{claim.pk}/").content.decode()
    client.force_login(member(project, "alice"))
    page = client.get(f"/p/{project.slug}/claims/{claim.pk}/").content.decode()
    assert SAID in page
    assert "Mostly false" not in page
    assert "Tide Check" not in page
