"""Who is signed in, read with two plain statements: every request asks, and building a query costs more than it.

Django's own session store and backend with their reads replaced; writes, expiry and checks are Django's.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db

from claims.models import SignIn, User
from claims.models.statements import Table, fetch_one

USERS = Table(User)
SESSION = "SELECT session_data, expire_date FROM django_session WHERE session_key = %(key)s AND expire_date > now()"
USER = f"SELECT {USERS.columns('u')} FROM {User._meta.db_table} u WHERE u.id = %(id)s"  # noqa: S608 - our own columns


class SessionStore(db.SessionStore):
    """`django.contrib.sessions.backends.db`, reading without the query compiler."""

    def _validate_session_key(self, key: str) -> bool:
        """A cookie can hold anything, NUL too, which no column of PostgreSQL can."""
        return bool(key) and len(key) >= 8 and key.isascii() and key.isalnum()

    def cycle_key(self) -> None:
        """A new key for the same session; the list of a person's sessions follows."""
        before = self.session_key
        super().cycle_key()
        if before:
            SignIn.objects.filter(session_key=before).update(session_key=self.session_key)

    def _get_session_from_db(self) -> Any:
        row = fetch_one(SESSION, {"key": self.session_key})
        if row is None:
            self._session_key = None
            return None
        return self.model(session_key=str(self.session_key), session_data=row[0], expire_date=row[1])


class SignInBackend(ModelBackend):
    """`ModelBackend`, reading the user without the query compiler."""

    def get_user(self, user_id: Any) -> User | None:
        row = fetch_one(USER, {"id": int(user_id)})
        user = USERS.take(iter(row)) if row is not None else None
        return user if user is not None and self.user_can_authenticate(user) else None
