"""AP-10: Schemathesis calls every operation as the OpenAPI document describes it, and judges each answer by that.

All checks are on. Two of them are told what this API promises (contract 4.0) beyond what they hold usual: 428 for a
write without its version, 404 for what is not the asker's even when a header is missing too (INV-5), 422 for what has
the right shape and still cannot be done, such as a span behind the end of its text, and 415 for a file of a kind that
nobody reads.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from django.conf import settings as django
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections, connection, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from pytest_django.plugin import DjangoDbBlocker

from claims.people.actions import SCOPES, create_token
from tests.security.world import World, undone

PARTS = 8  # so that processes share the work
EVERY = 3  # of the cases at the edges of each shape, one in so many is asked
DRAWN = {"quick": 2, "slow": 4}  # random cases of each operation and mode
# Who asks, one after the other: mostly somebody who may, so that answers of every kind are seen.
TURNS = ("owner", "session", "owner", "reviewer", "owner", "read", "owner", "label", "owner", "outsider")
CSRF = "a" * 32
Credentials = Mapping[str, dict[str, Any]]


@contextmanager
def one_connection() -> Iterator[None]:
    """Requests use the connection that holds the world, which is in a transaction and looks disused."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


@cache
def described(number: int) -> Any:
    """The API as its document describes it, for one seed. Read once in a process, and only where it is used."""
    import schemathesis
    from schemathesis.config import ChecksConfig, ProjectConfig, ProjectsConfig

    usual, also = (
        ChecksConfig(),
        {"positive_data_acceptance": ("415", "422"), "missing_required_header": ("404", "428")},
    )
    for check, statuses in also.items():
        getattr(usual, check).expected_statuses = [*getattr(usual, check).expected_statuses, *statuses]
    projects = ProjectsConfig(default=ProjectConfig(checks=usual))
    config = schemathesis.Config(seed=number, projects=projects)
    with one_connection():
        return schemathesis.openapi.from_wsgi("/api/v1/schema/", WSGIHandler(), config=config)


@pytest.fixture(scope="module")
def credentials(built_world: World, django_db_blocker: DjangoDbBlocker) -> Credentials:
    """What each asker sends: a token with every scope or with one, or the session of a browser."""
    with django_db_blocker.unblock():
        tokens = {scope: built_world.tokens[scope] for scope in ("read", "label")}
        for role in ("owner", "reviewer", "outsider"):
            tokens[role] = create_token(user=built_world.people[role], name=role, scopes=SCOPES)[1]
        session = built_world.client("owner").cookies[django.SESSION_COOKIE_NAME].value
    cookies = {django.SESSION_COOKIE_NAME: session, django.CSRF_COOKIE_NAME: CSRF}
    asked = {name: {"headers": {"Authorization": f"Bearer {token}"}} for name, token in tokens.items()}
    return {**asked, "session": {"headers": {"X-CSRFToken": CSRF}, "cookies": cookies}}


class Asker:
    """Sends cases to the program, each in a transaction that is undone, and keeps what was found."""

    def __init__(self, world: World, credentials: Credentials) -> None:
        self.world, self.credentials = world, credentials
        self.turns = itertools.cycle(TURNS)
        self.asked, self.found = 0, dict[tuple[str, str], str]()

    def ask(self, case: Any) -> None:
        from schemathesis.specs.openapi.checks import ignored_auth

        who = next(self.turns)
        self.lead_somewhere(case)
        # Schemathesis sends a cookie of its own making too, and cannot tell it from the one that is good.
        left_out = [ignored_auth] if who == "session" else []
        self.asked += 1
        with one_connection(), transaction.atomic():
            try:
                case.call_and_validate(excluded_checks=left_out, **self.credentials[who])
            except BaseExceptionGroup as failures:
                for failure in failures.exceptions:
                    self.found.setdefault((type(failure).__name__, case.operation.label), f"{who}: {failures}")
            finally:
                transaction.set_rollback(True)

    def lead_somewhere(self, case: Any) -> None:
        """Fill what is well formed in the address with ids of the world, so that there is something to answer."""
        path = next((part for place, part in case.meta.components.items() if place.value == "path"), None)
        if path is None or path.mode.is_negative:
            return
        for name in case.path_parameters:
            before, blank = case.operation.path.partition("{" + name + "}")[0], "pk" if name == "id" else name
            found = (value for (part, known), value in self.world.blanks.items() if known == blank and part in before)
            case.path_parameters[name] = next(found)


def operations_of(schema: Any, part: int) -> list[Any]:
    return [result.ok() for result in itertools.islice(schema.get_all_operations(), part, None, PARTS)]


def at_the_edges(schema: Any, operation: Any) -> Iterator[Any]:
    """Every parameter and field at and over its limits, left out, of a wrong type; every method that is not there."""
    from schemathesis import GenerationMode

    generation = schema.config.generation_for(operation=operation)
    yield from schema.iter_coverage_cases(
        operation, generation_modes=list(GenerationMode), generation_config=generation
    )


def at_random(asker: Asker, operation: Any, number: int, examples: int) -> None:
    from schemathesis import GenerationMode

    bounded = settings(
        max_examples=examples, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=HealthCheck
    )
    for mode in GenerationMode:
        if mode.is_negative and not (operation.query or operation.body or operation.path_parameters):
            continue
        seed(number)(bounded(given(case=operation.as_strategy(generation_mode=mode))(asker.ask)))()


def ask_all(asker: Asker, part: int, *, number: int, every: int, examples: int) -> None:
    schema = described(number)
    with connection.cursor() as cursor:  # the world's transaction rests while Schemathesis thinks of a case
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    for operation in operations_of(schema, part):
        for case in itertools.islice(at_the_edges(schema, operation), 0, None, every):
            asker.ask(case)
        at_random(asker, operation, number, examples)
    assert asker.asked > 100
    assert not asker.found, "\n\n".join(f"{label}\n{said}" for (_, label), said in asker.found.items())


@pytest.mark.parametrize("part", range(PARTS))
def test_it_works_ap_10_every_operation_answers_as_described(part: int, world: World, credentials: Credentials) -> None:
    ask_all(Asker(world, credentials), part, number=1, every=EVERY, examples=DRAWN["quick"])


@pytest.mark.slow
@pytest.mark.parametrize("number", [2])
@pytest.mark.parametrize("part", range(PARTS))
def test_ap_10_every_operation_answers_as_described_to_other_seeds(
    part: int, number: int, world: World, credentials: Credentials
) -> None:
    ask_all(Asker(world, credentials), part, number=number, every=EVERY, examples=DRAWN["slow"])


def shortest_bodies(schema: Any) -> Iterator[tuple[Any, Any]]:
    """Each operation that takes JSON, and a body that it takes."""
    from schemathesis import GenerationMode

    for operation in (result.ok() for result in schema.get_all_operations()):
        generation = schema.config.generation_for(operation=operation)
        cases = schema.iter_coverage_cases(
            operation, generation_modes=[GenerationMode.POSITIVE], generation_config=generation
        )
        found = next((case for case in cases if case.body and case.media_type == "application/json"), None)
        if found is not None:
            yield found, found.body


def with_half_pairs(value: Any) -> Any:
    """The value with half a surrogate pair in each of its strings: JSON can say it, UTF-8 cannot."""
    if isinstance(value, dict):
        return {name: with_half_pairs(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_half_pairs(inner) for inner in value]
    return f"{value}\ud800" if isinstance(value, str) else value


def one_by_one(body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The body with such strings in one field after the other, so that none hides behind the refusal of another."""
    for name, value in body.items():
        if (spoilt := with_half_pairs(value)) != value:
            yield name, {**body, name: spoilt}


def test_ap_07_half_a_surrogate_pair_in_any_body(world: World, credentials: Credentials) -> None:
    asker, failed, asked = Asker(world, credentials), [], 0
    client = Client(raise_request_exception=False, headers=credentials["owner"]["headers"])
    for case, body in shortest_bodies(described(1)):
        asker.lead_somewhere(case)
        for name, value in one_by_one(body):
            asked += 1
            with undone():
                sent = json.dumps(value)
                key = {"Idempotency-Key": f"half-pair-{asked:06}", "If-Match": '"1"'}
                answer = client.generic(case.method, case.formatted_path, sent, "application/json", headers=key)
            if answer.status_code >= 500:
                failed.append((case.operation.label, name))
    assert asked > 50
    assert failed == []
