from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from claims.models import ClaimOccurrence, Project
from tests.factories import label_next, make_codebook, make_project, make_round, reviewer

pytestmark = pytest.mark.django_db


def labelled() -> Project:
    project = make_project(alice="reviewer")
    round_ = make_round(project, units=2, codebook=make_codebook(project, "stance"), overlap=1)
    label_next(round_, reviewer(project, "alice"), stance="supports")
    return project


def told(command: str, **options: Any) -> Any:
    out = io.StringIO()
    call_command(command, **options, stdout=out)
    return json.loads(out.getvalue()) if options.get("json") else out.getvalue()


def test_it_works(tmp_path: Path) -> None:
    project = labelled()
    shown = told("export_release", project=project.slug, format=["jsonl"], out=tmp_path / "new", json=True)
    manifest = json.loads((tmp_path / "new" / "manifest.json").read_text())
    assert shown["release"] == manifest["release"] == 1
    for each in manifest["files"]:
        assert hashlib.sha256((tmp_path / "new" / each["name"]).read_bytes()).hexdigest() == each["sha256"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(shown["files"])


def test_an_existing_release_gives_the_same_bytes(tmp_path: Path) -> None:
    project = labelled()
    told("export_release", project=project.slug, out=tmp_path / "a", json=True)
    told("export_release", project=project.slug, out=tmp_path / "b", release=1, json=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()} == {
        path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()
    }


def test_verify_release_says_what_differs(tmp_path: Path) -> None:
    project = labelled()
    told("export_release", project=project.slug, out=tmp_path, json=True)
    assert "is what the database gives" in told("verify_release", project=project.slug)
    ClaimOccurrence.objects.filter(project=project).update(state="retracted")
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_release", project=project.slug, stdout=out)
    assert "claims.jsonl had 2 rows" in out.getvalue()


def test_verify_labels_finds_whole_chains() -> None:
    project = labelled()
    assert told("verify_labels", project=project.slug, json=True) == {"projects": 1, "faults": []}
    assert "are whole" in told("verify_labels")


@pytest.mark.parametrize("command", ["export_release", "verify_release", "verify_labels"])
def test_an_unknown_project_is_refused(command: str, tmp_path: Path) -> None:
    options = {"out": tmp_path} if command == "export_release" else {}
    with pytest.raises(CommandError, match="no project “nowhere”"):
        call_command(command, project="nowhere", **options)


def test_a_release_that_is_not_there_is_refused(tmp_path: Path) -> None:
    project = labelled()
    with pytest.raises(CommandError, match="has no release 7"):
        call_command("export_release", project=project.slug, release=7, out=tmp_path)
    with pytest.raises(CommandError, match="no release that is ready"):
        call_command("verify_release", project=project.slug)
