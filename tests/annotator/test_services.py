"""The same code on this machine's own PostgreSQL, Redis and RabbitMQ, with the roles of a real installation."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
import redis

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "annotator" / "deploy"
SUPERUSER = "postgres://postgres@127.0.0.1:5432/{}"
REDIS_DATABASE = 13
pytestmark = [pytest.mark.services, pytest.mark.slow]

# Runs as the application: a round is opened by a worker, whose slots are then there.
STORY = """
import itertools, sys, time, django; django.setup()
from claims.assignment.actions import create_round, open_round
from claims.models import Assignment, Job, User
from tests import factories
from tests.factories import make_claims, make_codebook, make_project, owner_of
factories._numbers = itertools.count(User.objects.count() * 100 + 1)  # both brokers tell this story in one database
project = make_project(alice="reviewer", bob="reviewer")
make_claims(project, 5)
planned = create_round(
    project, name="Services", codebook_version=make_codebook(project), overlap=2, selection={}, by=owner_of(project)
)
job = open_round(planned, by=owner_of(project))
deadline = time.monotonic() + 40
while Job.objects.get(pk=job.pk).state in ("queued", "running") and time.monotonic() < deadline:
    time.sleep(0.05)
print(Job.objects.get(pk=job.pk).state, Assignment.objects.filter(round=planned).count())
"""


def run(*command: str, variables: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    env = clean_environment() | dict(variables or {})
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120)


def clean_environment() -> dict[str, str]:
    """Without what says that tests run: these processes are a production's."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("ATTEST", "PG", "PYTEST"))}


class Installation:
    """A database of its own on this machine's server, with the two roles of roles.sql."""

    def __init__(self) -> None:
        self.name = f"attest_{uuid.uuid4().hex[:10]}"
        self.owner, self.app = f"{self.name}_owner", f"{self.name}_app"

    def url(self, role: str) -> str:
        return f"postgres://{role}:secret@127.0.0.1:5432/{self.name}"

    def variables(self, broker: str) -> dict[str, str]:
        return {
            "DATABASE_URL": self.url(self.app),
            "MIGRATION_DATABASE_URL": self.url(self.owner),
            "CELERY_BROKER_URL": broker,
            "SECRET_KEY": uuid.uuid4().hex * 2,
            "ALLOWED_HOSTS": "attest.example",
            "CSRF_TRUSTED_ORIGINS": "https://attest.example",
            "DJANGO_SETTINGS_MODULE": "annotator.settings",
            "DB_POOL_MAX": "4",
            "LOG_LEVEL": "WARNING",
        }

    def set_roles(self) -> None:
        words = (
            "ON_ERROR_STOP=1",
            "owner_password=secret",
            "app_password=secret",
            f"owner={self.owner}",
            f"app={self.app}",
        )
        settings = [part for word in words for part in ("-v", word)]
        done = run("psql", "-q", SUPERUSER.format(self.name), *settings, "-f", str(DEPLOY / "roles.sql"))
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    made = Installation()
    with psycopg.connect(SUPERUSER.format("postgres"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{made.name}"')  # type: ignore[call-overload]
        try:
            made.set_roles()
            variables = made.variables("redis://127.0.0.1:6379/13")
            done = run(sys.executable, "manage.py", "migrate", "--verbosity", "0", variables=variables)
            assert done.returncode == 0, done.stderr
            made.set_roles()
            yield made
        finally:
            server.execute(f'DROP DATABASE "{made.name}" WITH (FORCE)')  # type: ignore[call-overload]
            for role in (made.owner, made.app):
                server.execute(f'DROP ROLE IF EXISTS "{role}"')  # type: ignore[call-overload]


@pytest.fixture
def redis_url() -> Iterator[str]:
    client = redis.Redis(db=REDIS_DATABASE)
    client.flushdb()
    yield f"redis://127.0.0.1:6379/{REDIS_DATABASE}"
    client.flushdb()
    client.close()


@pytest.fixture
def rabbitmq_url() -> Iterator[str]:
    host = f"attest-{uuid.uuid4().hex[:10]}"
    assert run("rabbitmqctl", "add_vhost", host).returncode == 0
    assert run("rabbitmqctl", "set_permissions", "-p", host, "guest", ".*", ".*", ".*").returncode == 0
    yield f"amqp://guest:guest@127.0.0.1:5672/{host}"
    run("rabbitmqctl", "delete_vhost", host)


@pytest.mark.parametrize("broker", ["redis_url", "rabbitmq_url"])
def test_it_works_a_worker_does_a_job(installation: Installation, broker: str, request: pytest.FixtureRequest) -> None:
    variables = installation.variables(request.getfixturevalue(broker))
    celery = [sys.executable, "-m", "celery", "-q", "-A", "annotator"]
    worker = subprocess.Popen(
        [*celery, "worker", "-c", "1", "-l", "WARNING", "--without-gossip", "--without-mingle"],
        cwd=ROOT,
        env=clean_environment() | variables,
        start_new_session=True,
    )
    try:
        done = run(sys.executable, "-c", STORY, variables=variables)
        assert done.stdout.split()[:1] == ["succeeded"], done.stderr
        assert int(done.stdout.split()[1]) > 0
    finally:
        worker.terminate()
        ended_with = worker.wait(30)
    assert ended_with == 0  # having finished what it did


REFUSED = {
    "UPDATE claims_labelevent SET seq = seq": "permission denied",
    "DELETE FROM claims_labelevent": "permission denied",
    "TRUNCATE claims_labelevent": "permission denied",
    "TRUNCATE claims_label": "permission denied",
    "UPDATE claims_auditevent SET verb = ''": "permission denied",
    "DROP TABLE claims_label": "must be owner",
    "ALTER TABLE claims_label DROP COLUMN value": "must be owner",
    "ALTER TABLE claims_labelevent DISABLE TRIGGER ALL": "must be owner",
    "CREATE TABLE more (n integer)": "permission denied",
    "DELETE FROM django_migrations": "permission denied",
}


@pytest.mark.parametrize("statement", REFUSED)
def test_op_11_the_application_may_not(installation: Installation, statement: str) -> None:
    with (
        psycopg.connect(installation.url(installation.app)) as client,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match=REFUSED[statement]),
    ):
        client.execute(statement)  # type: ignore[call-overload]


def test_the_application_blanks_sources_by_the_function_alone(installation: Installation) -> None:
    """It may not update these tables itself; the function may, as their owner. There is no row to change here."""
    with psycopg.connect(installation.url(installation.app)) as client:
        client.execute("SELECT claims_erase_sources('labelevent', 1, '{}')")
        for table in ("labelevent", "settledlabel", "secondsettlement"):
            may = client.execute("SELECT has_table_privilege(%s, 'UPDATE, DELETE')", [f"claims_{table}"]).fetchone()
            assert may == (False,), table


@pytest.mark.parametrize(("role", "warned"), [("app", False), ("owner", True)])
def test_op_11_check_says_when_the_role_may_do_too_much(installation: Installation, role: str, warned: bool) -> None:
    variables = installation.variables("redis://127.0.0.1:6379/13")
    variables["DATABASE_URL"] = installation.url(getattr(installation, role))
    done = run(sys.executable, "manage.py", "check", "--deploy", "--database", "default", variables=variables)
    assert ("attest.W001" in done.stderr) is warned, done.stderr


def test_ft_15_a_migration_gives_up_on_a_lock_soon(installation: Installation) -> None:
    with psycopg.connect(installation.url(installation.owner)) as client:
        assert client.execute("SHOW lock_timeout").fetchone() == ("3s",)
