"""What comes back from a backup is what was there: rows, the chains of labels, and the bytes of a release."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from claims.exporting.actions import verify_release
from claims.models import Release
from tests.exporting.test_actions import all_bytes, labelled, released


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
