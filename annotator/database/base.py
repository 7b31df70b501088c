"""The database engine of the project (ENGINE = "annotator.database").

Django's own for PostgreSQL, with two differences. A statement that gets no answer at all is given up after
`answer_limit` seconds (OPTIONS): `statement_timeout` is the server's word and says nothing when the server is stopped
or the network drops what it sends. And whether a kept connection still lives is seen from its socket, which costs no
round trip.
"""

from __future__ import annotations

import select
import time
from collections.abc import Generator
from typing import Any, Self, TypeVar

import psycopg
from django.db.backends.postgresql import base
from psycopg import IsolationLevel
from psycopg.pq import TransactionStatus

from annotator.database import breaker

R = TypeVar("R")
CHECK = 0.1  # seconds between two looks at the clock


class PatientConnection(psycopg.Connection[Any]):
    """Waits for an answer only so long; then it is closed, and who asked gets OperationalError."""

    answer_limit: float | None = None  # seconds

    @classmethod
    def connect(cls, conninfo: str = "", **params: Any) -> Self:
        """As psycopg's, with `answer_limit` (seconds) among the parameters."""
        limit = params.pop("answer_limit", None)
        try:
            made = super().connect(conninfo, **params)
        except psycopg.errors.ConnectionTimeout:
            breaker.open_for_a_while()
            raise
        made.answer_limit = limit
        return made

    def wait(self, gen: Generator[Any, Any, R], interval: float = CHECK, timeout: float | None = None) -> R:
        began = time.monotonic()
        try:
            return super().wait(gen, interval, timeout or self.answer_limit)
        except psycopg.Error:
            if self.answer_limit is not None and time.monotonic() - began >= self.answer_limit:
                breaker.open_for_a_while()
                self.close()  # what it was asked may still be answered: to nobody
            raise


class DatabaseWrapper(base.DatabaseWrapper):
    """Where a pool is asked for, its `connection_class` has to be PatientConnection (see the settings)."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if self.pool:
            return super().get_new_connection(conn_params)
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return PatientConnection.connect(**conn_params)

    def is_usable(self) -> bool:
        """Whether the kept connection lives: idle, and nothing unread on its socket (a goodbye, or its end)."""
        held = self.connection
        if held is None or held.closed or held.info.transaction_status != TransactionStatus.IDLE:
            return False
        poll = select.poll()
        poll.register(held.fileno(), select.POLLIN | select.POLLPRI | getattr(select, "POLLRDHUP", 0))
        return not poll.poll(0)
