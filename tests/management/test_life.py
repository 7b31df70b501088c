"""A project's whole life by commands: made, filled, split, opened, labelled, scored, settled, released, kept."""

from __future__ import annotations

import errno
import io
import json
import shlex
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg
import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.db import connection

from claims.management.taught import TaughtCommand
from claims.models import AgreementScore, Invitation, LabelEvent, Round
from claims.people.actions import join
from tests.factories import label_next, make_project, make_round, make_user, owner_of, reviewer

ARTICLE = (
    "Bridge shut\n\nThe Lake Bridge was shut on Tuesday. Inspectors found 14 broken bolts, the Tidal Post reported."
)


def said(command: str, *arguments: str, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command(command, *arguments, json=True, stdout=out, **options)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.mark.django_db
def test_from_an_empty_project_to_its_dataset(tmp_path: Path) -> None:
    make_user("carol")
    assert said("create_project", name="Harbour", slug="harbour", by="carol") == {"project": "harbour"}
    (tmp_path / "bridge.txt").write_text(ARTICLE)
    imported = said("import_articles", str(tmp_path / "bridge.txt"), project="harbour", here=True)
    assert imported["counts"]["imported"] == 1
    assert said("split_articles", project="harbour")["failed"] == 0
    assert said("split_articles", project="harbour") == {"split": 0, "claims": 0, "failed": 0}
    opened = said("open_round", project="harbour", name="First", codebook="stance", overlap=2)
    assert opened["state"] == "open"
    assert opened["units"] >= 2
    link = said("invite", project="harbour", role="reviewer", days=3)
    assert "/join/" in link["link"]
    assert Invitation.objects.count() == 1

    round_ = Round.objects.get(pk=opened["round"])
    people = make_project(alice="reviewer", bob="reviewer")  # their logins; they join by the link
    for name in ("alice", "bob"):
        user = reviewer(people, name).user
        assert user is not None
        join(round_.project, user=user, role="reviewer")
        for _ in range(opened["units"]):
            label_next(round_, reviewer(round_.project, name), stance="supports")
    scored = said("score_round", project="harbour", round="First")
    stance = {one["coefficient"]: one for one in scored["scores"] if one["question"] == "stance"}
    assert stance["percent_agreement"]["value"] == 1.0
    assert {one["reason"] for one in stance.values() if one["value"] is None} == {"no_variation"}
    assert AgreementScore.objects.filter(round=round_).exists()
    settled = said("settle_majority", project="harbour", round=str(round_.pk))
    assert settled["unanimous"] >= opened["units"]
    released = said("export_release", project="harbour", out=tmp_path / "dataset")
    assert "manifest.json" in released["files"]


@pytest.mark.django_db
def test_an_import_says_in_json_how_it_ended_and_which_part_failed(tmp_path: Path) -> None:
    project = make_project()
    rows = {"text": "Harbour dredged\n\nThe harbour was dredged on Monday, the mayor said."}, {"title": "No text"}
    (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command(
            "import_articles", str(tmp_path / "rows.jsonl"), project=project.slug, here=True, json=True, stdout=out
        )
    told = json.loads(out.getvalue())
    assert (told["state"], told["counts"]["imported"], bool(told["sentence"])) == ("partial", 1, True)
    [error] = told["errors"]
    assert (set(error), error["line"]) == ({"member", "line", "code", "sentence"}, 2)


@pytest.mark.django_db
def test_what_is_wrong_is_said_with_what_there_is() -> None:
    project = make_project()
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("create_project", {"name": "X", "slug": "x", "by": "nobody"}, "no login called 'nobody'"),
        ("create_project", {"name": "X", "slug": "Not one!", "by": owner_of(project).username}, "small letters"),
        ("create_project", {"name": "X", "slug": project.slug, "by": owner_of(project).username}, "already has"),
        ("create_project", {"name": "X", "slug": "x"}, f"Say with --by who. .*{owner_of(project).username}"),
        ("create_project", {"name": "X" * 121, "slug": "x", "by": owner_of(project).username}, "at most 120"),
        ("create_project", {"name": "X", "slug": "x", "by": owner_of(project).username, "language": "?"}, "pt-BR"),
        ("split_articles", {"project": project.slug, "by": "nobody"}, "nobody"),
        ("split_articles", {"project": "nowhere"}, f"no project “nowhere”. There is: {project.slug}"),
        ("export_release", {"project": project.slug, "out": Path("/tmp"), "release": 0}, "no release 0"),
        ("export_release", {"project": project.slug, "out": Path("/tmp"), "round": ["9"]}, "no round '9'"),
        ("open_round", {"project": project.slug, "name": "A", "codebook": "stance", "unit": "sentence"}, "sentence"),
        ("invite", {"project": project.slug, "email": "edda"}, "no.* e-mail address"),
        ("export_release", {"project": project.slug, "out": Path(__file__)}, "cannot be a folder"),
        ("export_release", {"project": project.slug, "out": Path("/dev/null/x"), "release": 3}, "cannot be a folder"),
        ("open_round", {"project": project.slug, "name": "A", "codebook": "none"}, "Choose one of: .*stance"),
        ("open_round", {"project": project.slug, "name": "A", "codebook": "stance", "overlap": 99}, "overlap"),
        (
            "score_round",
            {"project": project.slug, "round": "7"},
            "no round '7'. There is none yet. Make one",
        ),
        ("settle_majority", {"project": "nowhere", "round": "1"}, "no project"),
        ("invite", {"project": project.slug, "days": 0}, "days"),
    ]
    for command, options, sentence in wrong:
        with pytest.raises(CommandError, match=sentence):
            said(command, **options)


@pytest.mark.django_db(transaction=True)
def test_a_backup_comes_back_beside_the_database_in_use(tmp_path: Path) -> None:
    project = make_project(alice="reviewer")
    round_ = make_round(project, units=2, overlap=1)
    label_next(round_, reviewer(project, "alice"), stance="supports")
    kept, name = tmp_path / "all.dump", f"{connection.settings_dict['NAME']}_again"
    assert said("backup", str(kept))["bytes"] == kept.stat().st_size
    with pytest.raises(CommandError, match="overwrites nothing"):
        said("backup", str(kept))
    with pytest.raises(CommandError, match="the database in use"):
        said("restore", str(kept), into=connection.settings_dict["NAME"])
    (tmp_path / "half.dump").write_bytes(kept.read_bytes()[:2_000])
    with pytest.raises(CommandError, match="pg_restore failed"):
        said("restore", str(tmp_path / "half.dump"), into=name)
    said("restore", str(kept), into=name)
    given = connection.get_connection_params()
    where = {part: given[part] for part in ("host", "port", "user", "password") if given.get(part)}
    try:
        with psycopg.connect(**where, dbname=name) as other:
            events = other.execute("SELECT reviewer_id, seq, encode(hash, 'hex') FROM claims_labelevent").fetchall()
            with pytest.raises(psycopg.DatabaseError, match="insert-only"):
                other.execute("UPDATE claims_labelevent SET seq = 9")
        with pytest.raises(CommandError, match="is there already"):
            said("restore", str(kept), into=name)
    finally:
        with psycopg.connect(**where, dbname=connection.settings_dict["NAME"], autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}"')
    own = LabelEvent.objects.get()
    assert events == [(own.reviewer_id, own.seq, bytes(own.hash).hex())]
    assert owner_of(project)


LIFE = (
    "create_project",
    "import_articles",
    "split_articles",
    "open_round",
    "invite",
    "score_round",
    "settle_majority",
    "export_release",
    "deposit_release",
    "compare_releases",
    "verify_release",
    "verify_labels",
    "rejoin_text",
    "backup",
    "restore",
)


@pytest.mark.parametrize("name", LIFE)
def test_the_help_of_each_ends_with_a_line_that_can_be_typed(name: str) -> None:
    command = load_command_class("claims", name)
    assert isinstance(command, TaughtCommand)
    parser = command.create_parser("manage.py", name)
    assert f"manage.py {command.example}" in " ".join(parser.format_help().split())
    words = shlex.split(command.example)
    assert words[0] == name
    assert parser.parse_args(words[1:])
    assert "--json" in parser.format_help()


@pytest.mark.django_db
def test_a_release_that_could_not_be_built_is_no_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_project()
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr("claims.exporting.actions.build_files", mock.Mock(side_effect=full))
    with pytest.raises(CommandError, match=r"Release 1 is failed.*Make room"):
        said("export_release", project=project.slug, out=tmp_path)
    assert list(tmp_path.iterdir()) == []
