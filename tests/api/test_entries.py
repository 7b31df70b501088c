"""Claims without an article by API."""

from __future__ import annotations

import pytest

from claims.models import Claim, ExternalVerdict
from tests.api.caller import Caller, code
from tests.factories import make_project, member, owner_of

pytestmark = pytest.mark.django_db
SAID = "The new harbour of Velmora cost 40 million crowns."


def test_it_works() -> None:
    project = make_project(alice="reviewer")
    carol, root = Caller(owner_of(project)), f"projects/{project.slug}/claims/"
    made = carol.post(f"{root}entered/", {"text": SAID, "speaker": "Edda Quill", "said_at": "2026-03-01"})
    assert made.status_code == 201
    claim = Claim.objects.get(pk=made.json()["claim"])
    ExternalVerdict.objects.create(project=project, claim=claim, publisher="Tide Check", label="Mostly false")
    (alike,) = carol.get(f"{root}alike/?text={SAID.replace('40', '60')}").json()
    assert (alike["claim"], alike["external_verdicts"][0]["label"]) == (claim.pk, "Mostly false")
    again = carol.post(f"{root}entered/", {"text": "It cost 40 million.", "kind": "post", "claim": claim.pk})
    assert again.json()["claim"] == claim.pk
    assert [row["kind"] for row in carol.get(f"{root}entered/").json()["results"]] == ["post", "speech"]
    read = carol.get(f"claims/{claim.pk}/").json()
    assert [source["speaker"] for source in read["sources"]] == ["Edda Quill", ""]
    assert read["external_verdicts"][0]["publisher"] == "Tide Check"
    assert Caller(member(project, "alice")).get(f"claims/{claim.pk}/").json()["external_verdicts"] == []


def test_a_file_is_attached_once_and_only_downloaded() -> None:
    project = make_project(alice="reviewer")
    carol = Caller(owner_of(project))
    entry = carol.post(f"projects/{project.slug}/claims/entered/", {"text": SAID}).json()
    assert entry["attachment"] == ""
    address, plain = f"attachments/{entry['id']}/", {"Content-Type": "application/octet-stream"}
    assert carol.get(address).status_code == 404
    named = f"{address}?filename=..%2Fspeech.html"
    assert code(carol.send("POST", named, raw=b"", **plain)) == "nothing_to_import"
    kept = carol.send("POST", named, raw=b"<script>1</script>", **plain)
    assert (kept.status_code, kept.json()["attachment"]) == (201, "speech.html")
    assert code(carol.send("POST", named, raw=b"another", **plain)) == "attachment_there"
    got = carol.get(address)
    assert got.getvalue() == b"<script>1</script>"
    assert got["Content-Type"] == "application/octet-stream"
    assert got["Content-Disposition"].startswith("attachment")
    assert got["Content-Security-Policy"] == "default-src 'none'; sandbox"
    alice = Caller(member(project, "alice"))
    assert (alice.get(address).status_code, alice.send("POST", named, raw=b"x", **plain).status_code) == (200, 403)


def test_what_is_refused() -> None:
    project, other = make_project(), make_project()
    carol, root = Caller(owner_of(project)), f"projects/{project.slug}/claims/entered/"
    Caller(owner_of(other)).post(f"projects/{other.slug}/claims/entered/", {"text": SAID})
    foreign = Claim.objects.get()
    assert carol.post(root, {"text": SAID, "claim": foreign.pk}).status_code == 404
    assert code(carol.post(root, {"text": SAID, "said_at": "yesterday"})) == "invalid_date"
    assert carol.get(f"projects/{project.slug}/claims/alike/").status_code == 400
    assert Claim.objects.count() == 1
