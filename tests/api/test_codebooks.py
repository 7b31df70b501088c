"""Codebooks of one's own through the API: taken in, changed as a draft, published, never changed after."""

from __future__ import annotations

import pytest

from claims.api.views.codebooks import EXAMPLE
from claims.models import CodebookVersion
from tests.api.caller import Caller, code
from tests.factories import make_codebook, make_project, member, owner_of

pytestmark = pytest.mark.django_db


def test_it_works_from_text_to_a_second_version() -> None:
    project = make_project(clio="curator", bob="reviewer")
    clio, address = Caller(member(project, "clio")), f"projects/{project.slug}/codebooks/take-in/"
    first = clio.post(address, {"text": EXAMPLE, "publish": True}).json()
    assert (first["n"], first["state"], first["codebook"]) == (1, "published", "weather")
    draft = clio.post(f"codebooks/{first['id']}/draft/").json()
    assert (draft["n"], draft["state"]) == (2, "draft")
    document = draft["document"] | {"title": "Weather, revised"}
    change = {"document": document, "expected_sha256": draft["sha256"]}
    changed = clio.put(f"codebooks/{draft['id']}/draft/", change).json()
    assert changed["document"]["title"] == "Weather, revised"
    stale = clio.put(f"codebooks/{draft['id']}/draft/", change)
    assert (stale.status_code, code(stale)) == (409, "stale_codebook")
    seen = {"expected_sha256": changed["sha256"], "changelog": "Another title."}
    assert clio.post(f"codebooks/{draft['id']}/publish/", seen).json()["state"] == "published"
    assert code(clio.put(f"codebooks/{draft['id']}/draft/", change)) == "codebook_frozen"
    bob = Caller(member(project, "bob"))
    assert bob.post(address, {"text": EXAMPLE}).status_code == 403
    assert bob.post(f"codebooks/{first['id']}/draft/").status_code == 403


def test_a_draft_is_dropped_as_it_was_seen() -> None:
    project = make_project()
    carol, base = Caller(owner_of(project)), make_codebook(project, "stance")
    draft = carol.post(f"codebooks/{base.pk}/draft/").json()
    assert carol.post(f"codebooks/{base.pk}/draft/").json()["id"] == draft["id"]  # one at a time
    assert code(carol.post(f"codebooks/{draft['id']}/discard/", {"expected_sha256": "0" * 64})) == "stale_codebook"
    assert carol.post(f"codebooks/{draft['id']}/discard/", {"expected_sha256": draft["sha256"]}).status_code == 204
    assert not CodebookVersion.objects.filter(pk=draft["id"]).exists()


@pytest.mark.parametrize("kind", ["toml", "json", "table"])
def test_what_is_no_codebook_is_refused(kind: str) -> None:
    project = make_project()
    address = f"projects/{project.slug}/codebooks/take-in/"
    refused = Caller(owner_of(project)).post(address, {"text": "[[[", "format": kind})
    assert refused.status_code in (400, 422), refused.content
    assert refused.json()["detail"]
    assert not CodebookVersion.objects.exists()


def test_a_table_is_a_codebook_too() -> None:
    project = make_project()
    table = "question\tcode\tdefinition\texample\nRain\tyes\tIt rains.\tWet.\nRain\tno\tIt does not.\tDry.\n"
    made = Caller(owner_of(project)).post(
        f"projects/{project.slug}/codebooks/take-in/", {"text": table, "format": "table", "title": "Weather"}
    )
    assert (made.status_code, made.json()["state"]) == (201, "draft"), made.content
    assert [choice["code"] for choice in made.json()["document"]["questions"][0]["choices"]] == ["yes", "no"]
