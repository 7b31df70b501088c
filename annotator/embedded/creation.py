"""Test databases as copies of one that is migrated already: 0.3 s in place of 10."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from contextlib import AbstractContextManager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import IntegrityError, OperationalError, ProgrammingError
from django.db.backends.postgresql import creation

TEST_NAME = re.compile(r"^test_attest_(\d+)")


class DatabaseCreation(creation.DatabaseCreation):
    """Keeps a template for each state of the migrations in the test cluster; the schema, no rows of ours."""

    def create_test_db(self, *args: Any, **options: Any) -> str:
        template = template_name()
        with self.cursor_without_database() as cursor:
            drop_leftovers(cursor, keep=template)
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template])
            known = cursor.fetchone() is not None
        if known:
            self.connection.settings_dict["TEST"]["TEMPLATE"] = template
        name = super().create_test_db(*args, **options)
        if not known:
            self._keep_as_template(name, template)
        return name

    def cursor_without_database(self) -> AbstractContextManager[Any]:
        return self._nodb_cursor()  # type: ignore[attr-defined,no-any-return] # missing in the stubs

    def _keep_as_template(self, name: str, template: str) -> None:
        self.connection.close()
        another_was_quicker = (IntegrityError, OperationalError, ProgrammingError)
        with contextlib.suppress(*another_was_quicker), self.cursor_without_database() as cursor:
            cursor.execute(f'CREATE DATABASE "{template}" TEMPLATE "{name}"')


def template_name() -> str:
    """Changes with every migration file and with Django."""
    digest = hashlib.sha256(version("django").encode())
    for app in sorted(apps.get_app_configs(), key=lambda config: config.label):
        for path in sorted(Path(app.path).glob("migrations/*.py")):
            digest.update(path.read_bytes())
    return f"template_{digest.hexdigest()[:16]}"


def drop_leftovers(cursor: Any, keep: str) -> None:
    """Test databases whose process was killed, and templates of other migrations."""
    cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^(test_attest|template)_'")
    for (name,) in cursor.fetchall():
        owner = TEST_NAME.match(name)
        if name != keep and (owner is None or not _lives(int(owner[1]))):
            with contextlib.suppress(OperationalError, ProgrammingError):  # somebody else was quicker, or is copying it
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
