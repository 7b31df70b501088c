"""FT-16: during an upgrade the program of one version meets the schema of the version beside it.

What differs is taken from the states of the migrations. PostgreSQL rolls back changes of a schema, so that the older
schema is made in the test's transaction: what newer migrations add is taken away.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.test import Client

from claims.models import User
from tests.web.site import make_site

pytestmark = pytest.mark.django_db
BACK = 3  # migrations that an upgrade may bring at once here


def states() -> list[str]:
    """The names of the migrations before each of the newest, the newest of them first."""
    loader = MigrationLoader(None)
    names = sorted(name for app, name in loader.disk_migrations if app == "claims")
    return names[-1 - BACK : -1][::-1]


def older_models(name: str) -> list[type[models.Model]]:
    found = MigrationLoader(None).project_state(("claims", name)).apps
    return [model for model in found.get_models() if model._meta.app_label == "claims"]


def columns(model: type[models.Model]) -> set[str]:
    return {field.column for field in model._meta.local_concrete_fields if field.column}


@pytest.mark.parametrize("name", states())
def test_ft_16_the_older_program_reads_and_writes_the_newer_schema(name: str) -> None:
    """Every column that it names is there, and none that it does not name has to be given."""
    with connection.cursor() as cursor:
        for model in older_models(name):
            list(model._default_manager.all()[:1])
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
                " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER'",
                [model._meta.db_table],
            )
            must_be_given = {row[0] for row in cursor.fetchall()}
            assert must_be_given <= columns(model), f"{model._meta.db_table}: give the new columns a db_default"


Pages = list[tuple[User, dict[str, str]]]


@pytest.fixture
def pages() -> Pages:
    """Who looks at which addresses of a project with something on each."""
    site = make_site()
    return [(site.owner, site.of_owner()), (site.alice, site.of_reviewer())]


@pytest.fixture
def older_schema(pages: Pages) -> Iterator[str]:
    """The database as it was before the newest migrations, with the site's rows in it; gone after the test."""
    name = states()[-1]
    known = {model._meta.db_table: columns(model) for model in older_models(name)}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in apps.get_app_config("claims").get_models(include_auto_created=True):
            table = model._meta.db_table
            if table not in known:
                cursor.execute(f'DROP TABLE "{table}" CASCADE')
                continue
            for column in columns(model) - known[table]:
                cursor.execute(f'ALTER TABLE "{table}" DROP COLUMN "{column}" CASCADE')
        yield name
        transaction.set_rollback(True)


def test_ft_16_the_newer_program_on_the_older_schema_serves_what_it_can_and_says_what_to_run(
    client: Client, pages: Pages, older_schema: str
) -> None:
    """What reads a column that is not there yet is refused for the moment with 503, never a fault; the rest works."""
    statuses: dict[str, int] = {}
    client.raise_request_exception = False
    for login, addresses in pages:
        client.force_login(login)
        for page, address in addresses.items():
            with transaction.atomic():  # a statement that failed ends here, as a request's connection does
                answer = client.get(address)
                statuses[f"{login.username} {page}"] = answer.status_code
                if answer.status_code == 503:
                    assert "manage.py migrate" in answer.content.decode()
                    assert answer.headers["Retry-After"]
                transaction.set_rollback(True)
    assert {status for status in statuses.values() if status >= 500} <= {503}, statuses
    assert sum(status < 400 for status in statuses.values()) > 1, statuses
    assert client.get("/sign-in/").status_code < 400
