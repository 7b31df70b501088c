"""What comes back from a backup is what was there: rows, the chains of labels, and the bytes of a release."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from claims.exporting.actions import verify_release
from claims.models import Release
from tests.exporting.test_actions import all_bytes, content, labelled, released
from tests.factories import label_next, make_codebook, make_project, make_round, reviewer, run_jobs


@contextmanager
def in_database(name: str) -> Iterator[None]:
    """Work in another database of the server, which is dropped afterwards."""
    kept = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = kept
        given = connection.get_connection_params()
        where = {part: given[part] for part in ("host", "port", "user", "password") if given.get(part)}
        with psycopg.connect(**where, dbname=kept, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}"')


def row_counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_app_config("claims").get_models()}


@pytest.mark.django_db(transaction=True)
def test_ft_25_rows_chains_and_releases_come_back_as_they_were(tmp_path: Path) -> None:
    project, _ = labelled()
    release = released(project, formats=["jsonl", "csv", "parquet"])
    counts, files = row_counts(), all_bytes(release)
    kept, name = tmp_path / "all.dump", f"{connection.settings_dict['NAME']}_restored"
    call_command("backup", str(kept), stdout=io.StringIO())
    call_command("restore", str(kept), into=name, stdout=io.StringIO())
    with in_database(name):
        assert row_counts() == counts
        call_command("verify_labels", stdout=io.StringIO())
        again = Release.objects.get(pk=release.pk)
        assert all_bytes(again) == files
        assert verify_release(again) == []


@pytest.mark.django_db(transaction=True)
def test_ft_26_an_older_backup_is_told_by_the_manifests_that_went_out(tmp_path: Path) -> None:
    project = make_project(alice="reviewer")
    round_ = make_round(project, units=3, codebook=make_codebook(project, "stance"))
    label_next(round_, reviewer(project, "alice"))
    first = released(project)
    kept, name = tmp_path / "old.dump", f"{connection.settings_dict['NAME']}_older"
    call_command("backup", str(kept), stdout=io.StringIO())
    label_next(round_, reviewer(project, "alice"))
    run_jobs()
    second = released(project)
    out = tmp_path / "manifest.json"
    out.write_bytes(content(second, "manifest.json"))
    said = io.StringIO()
    call_command("restore", str(kept), into=name, json=True, stdout=said)
    assert json.loads(said.getvalue())["lacks"] == {"label events": 1, "releases": 1}
    call_command("verify_labels", against=[out], stdout=io.StringIO())  # the database in use has it all
    with in_database(name):
        ends = f"this database ends at seal {first.seal_id}, so what was sealed after it is missing"
        assert verified(out) == [
            f"is as of seal {second.seal_id}; {ends}",
            "is not here; the next release of the project would take its number",
        ]
        label_next(round_, reviewer(project, "alice"), stance="refutes")
        run_jobs()
        assert released(project).number == second.number  # the number is given again: that is told, too
        assert verified(out) == [
            f"names another seal {second.seal_id} than the one that is here: the number was given twice",
            "is another release here: the number was given twice",
        ]


def verified(manifest: Path) -> list[str]:
    said = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_labels", against=[manifest], json=True, stdout=said)
    return [fault["sentence"] for fault in json.loads(said.getvalue())["faults"]]


@pytest.mark.django_db
@pytest.mark.parametrize("written", ["{", "[1]", "{}", '{"format": "attest-release/1", "project": 3}'])
def test_what_is_no_manifest_is_refused(tmp_path: Path, written: str) -> None:
    (tmp_path / "manifest.json").write_text(written)
    with pytest.raises(CommandError, match="manifest"):
        call_command("verify_labels", against=[tmp_path / "manifest.json"])
