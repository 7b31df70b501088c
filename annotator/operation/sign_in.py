"""Who is signed in, read with two plain statements: every request asks, and building a query costs more than it.

Django's own session store and backend with their reads replaced; writes, expiry and checks are Django's.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.db import connection

from claims.models import User

SESSION = "SELECT session_data, expire_date FROM django_session WHERE session_key = %s AND expire_date > now()"
FIELDS = [field.attname for field in User._meta.concrete_fields]
COLUMNS = ", ".join(f'"{field.column}"' for field in User._meta.concrete_fields)
USER = f"SELECT {COLUMNS} FROM {User._meta.db_table} WHERE id = %s"  # noqa: S608 - names of our own columns


class SessionStore(db.SessionStore):
    """`django.contrib.sessions.backends.db`, reading without the query compiler."""

    def _validate_session_key(self, key: str) -> bool:
        """A cookie can hold anything, NUL too, which no column of PostgreSQL can."""
        return bool(key) and len(key) >= 8 and key.isascii() and key.isalnum()

    def _get_session_from_db(self) -> Any:
        row = _row(SESSION, self.session_key)
        if row is None:
            self._session_key = None
            return None
        return self.model(session_key=str(self.session_key), session_data=row[0], expire_date=row[1])


class SignInBackend(ModelBackend):
    """`ModelBackend`, reading the user without the query compiler."""

    def get_user(self, user_id: Any) -> User | None:
        row = _row(USER, user_id)
        user = User.from_db("default", FIELDS, row) if row is not None else None
        return user if user is not None and self.user_can_authenticate(user) else None


def _row(statement: str, key: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, [key])
        return cursor.fetchone()
