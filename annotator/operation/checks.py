"""What `manage.py check --database default` asks of the database itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connection

QUESTION = """
SELECT has_table_privilege(current_user, 'claims_labelevent', 'UPDATE, DELETE, TRUNCATE')
       OR has_schema_privilege(current_user, 'public', 'CREATE')
 WHERE to_regclass('claims_labelevent') IS NOT NULL
"""


@register(Tags.database, deploy=True)
def application_role_is_limited(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """The role of web and worker may neither change label events nor the schema (OP-11)."""
    if "default" not in (databases or ()):
        return []
    with connection.cursor() as cursor:
        cursor.execute(QUESTION)
        row = cursor.fetchone()
    if row is None or not row[0]:
        return []
    return [
        Warning(
            "The database role of DATABASE_URL may change label events or alter tables.",
            hint="Run annotator/deploy/roles.sql after migrating, and name attest_app in DATABASE_URL.",
            id="attest.W001",
        )
    ]
