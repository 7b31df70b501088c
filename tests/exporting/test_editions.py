"""A release that an earlier edition of the program wrote stays what it was, and is verified by its rows."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from claims.exporting import actions, manifest
from claims.exporting.actions import verify_release
from claims.exporting.editions import made_with
from claims.models import ClaimOccurrence
from tests.exporting.test_actions import labelled, released

pytestmark = pytest.mark.django_db
EARLIER = made_with() | {"edition": 1}


def said(slug: str) -> str:
    out = StringIO()
    call_command("verify_release", project=slug, stdout=out)
    return out.getvalue()


def test_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    project, _ = labelled()
    monkeypatch.setattr(actions, "made_with", lambda: EARLIER)
    release = released(project)
    assert release.manifest is not None
    assert release.manifest["made_with"] == EARLIER
    assert "posteriors" not in release.manifest["tables"]
    assert not release.files.filter(name__startswith="posteriors").exists()
    assert verify_release(release) == []
    assert "Edition 1 of the program wrote it" in said(project.slug)


def test_other_words_of_a_later_edition_are_no_difference_and_other_rows_are(monkeypatch: pytest.MonkeyPatch) -> None:
    project, _ = labelled()
    today = released(project)
    monkeypatch.setattr(actions, "made_with", lambda: EARLIER)
    earlier = released(project)
    monkeypatch.setitem(manifest.NOTES, "a note", "Said in other words.")
    assert verify_release(today) == ["manifest.json had 0 rows and another content; it has 0 rows now."]
    assert verify_release(earlier) == []
    ClaimOccurrence.objects.filter(project=project).update(state="retracted")
    assert "claims had 1 rows and other values; it has 0 rows now." in verify_release(earlier)


def test_a_release_from_before_editions_were_kept_is_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    project, _ = labelled()
    monkeypatch.setattr(actions, "made_with", lambda: EARLIER)
    release = released(project)
    del release.filter["made_with"]
    release.save(update_fields=["filter"])
    assert verify_release(release) == []
