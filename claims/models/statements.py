"""Hand-written statements of the labelling path: planned by the server once a connection, not at every use.

Planning the submit costs PostgreSQL more than running it, and building a queryset costs Python more than both. Django
binds parameters on the client, which rules prepared statements out; the cursor given here binds on the server. How
soon psycopg prepares is the connection's `prepare_threshold`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from typing import Any, Generic, TypeVar

import psycopg
from django.db import connection, models
from django.db.backends.utils import CursorWrapper

M = TypeVar("M", bound=models.Model)


@contextmanager
def prepared_cursor() -> Iterator[CursorWrapper]:
    """A cursor of the default connection, for statements whose text does not change.

    While queries are logged it is Django's own, whose log shows the values.
    """
    if connection.queries_logged:
        with connection.cursor() as logged:
            yield logged
        return
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as own:
        yield CursorWrapper(own, connection)


def fetch_one(statement: str, values: Mapping[str, Any]) -> Sequence[Any] | None:
    """The first row of a prepared statement, None when there is none."""
    with prepared_cursor() as cursor:
        cursor.execute(statement, values)
        row: Sequence[Any] | None = cursor.fetchone()
        return row


class Table(Generic[M]):
    """A model's columns for a SELECT list, and instances from the values that came back in that order."""

    def __init__(self, model: type[M]) -> None:
        self.model = model
        self.fields = model._meta.concrete_fields

    @cached_property
    def names(self) -> list[str]:
        return [field.attname for field in self.fields]

    @cached_property
    def conversions(self) -> list[tuple[int, Any]]:
        """Fields whose values Django converts when it loads them (JSON)."""
        return [(n, field.from_db_value) for n, field in enumerate(self.fields) if hasattr(field, "from_db_value")]

    def columns(self, alias: str) -> str:
        return ", ".join(f'{alias}."{field.column}"' for field in self.fields)

    def take(self, values: Iterator[Any]) -> M:
        """An instance from the next values of a row, as many as the model has columns."""
        row = list(islice(values, len(self.fields)))
        for n, convert in self.conversions:
            row[n] = convert(row[n], None, connection)
        return self.model.from_db("default", self.names, row)

    def take_joined(self, values: Iterator[Any]) -> M | None:
        """As `take`, for a table that a LEFT JOIN found nothing in: then all of its values are NULL."""
        found = self.take(values)
        return None if found.pk is None else found
