"""Hand-written statements give what querysets give, are prepared, and belong to the transaction around them."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from claims.models import Project, Round
from claims.models.statements import Table, fetch_one, prepared_cursor
from tests.factories import make_project, make_round

pytestmark = pytest.mark.django_db
ROUNDS, PROJECTS = Table(Round), Table(Project)
BOTH = f"""
SELECT {ROUNDS.columns("r")}, {PROJECTS.columns("p")} FROM claims_round r JOIN claims_project p ON p.id = r.project_id
WHERE r.id = %(round)s
"""


def fields(instance: Round | Project) -> dict[str, object]:
    return {field.attname: getattr(instance, field.attname) for field in instance._meta.concrete_fields}


def test_it_works_for_one_id_after_the_other() -> None:
    first, second = make_round(make_project(), units=1), make_round(make_project(), units=2)
    for given in (first, second, first):
        row = fetch_one(BOTH, {"round": given.pk})
        assert row is not None
        values = iter(row)
        assert fields(ROUNDS.take(values)) == fields(Round.objects.get(pk=given.pk))  # JSON and times included
        assert fields(PROJECTS.take(values)) == fields(given.project)
        assert next(values, "end") == "end"


def test_nothing_is_none() -> None:
    assert fetch_one(BOTH, {"round": 2**62}) is None


def test_a_statement_used_often_is_prepared() -> None:
    for number in range(5):
        fetch_one("SELECT 'counted', %(number)s::int", {"number": number})
    row = fetch_one("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %(like)s", {"like": "%counted%"})
    assert row == (1,)


def test_an_error_is_djangos_and_the_transaction_rolls_back() -> None:
    project = make_project()

    @transaction.atomic
    def change() -> None:
        fetch_one("UPDATE claims_project SET name = 'changed' WHERE id = %(id)s RETURNING id", {"id": project.pk})
        fetch_one("UPDATE claims_project SET slug = NULL WHERE id = %(id)s RETURNING id", {"id": project.pk})

    with pytest.raises(IntegrityError):
        change()
    project.refresh_from_db()
    assert project.name != "changed"


def test_the_log_shows_the_values() -> None:
    connection.force_debug_cursor = True
    try:
        with prepared_cursor() as cursor:
            cursor.execute("SELECT %(word)s", {"word": "visible"})
        assert connection.queries_log[-1]["sql"] == "SELECT 'visible'"
    finally:
        connection.force_debug_cursor = False
