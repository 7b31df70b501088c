"""The database engine gives up on a server that says nothing, and sees a dead connection without asking."""

from __future__ import annotations

import socket
import threading
from typing import Any

import psycopg
import pytest
from django.db import connection

from annotator.database import breaker
from annotator.database.base import PatientConnection


@pytest.fixture(autouse=True)
def closed_breaker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "_closed_again", 0.0)


def connect(limit: float | None) -> PatientConnection:
    known = connection.settings_dict
    where = {"host": known["HOST"], "port": known["PORT"], "user": known["USER"], "password": known["PASSWORD"]}
    return PatientConnection.connect(**where, dbname=known["NAME"], autocommit=True, answer_limit=limit)


@pytest.mark.django_db(transaction=True)
def test_ft_08_an_answer_that_does_not_come_is_not_waited_for() -> None:
    silent = connect(limit=0.3)
    backend = silent.info.backend_pid
    with pytest.raises(psycopg.OperationalError):
        silent.execute("SELECT pg_sleep(20)")
    assert silent.closed
    assert breaker.is_open()
    with connect(limit=None) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])


@pytest.mark.django_db(transaction=True)
def test_an_answer_in_time_and_an_error_in_time_leave_the_connection_as_it_was() -> None:
    with connect(limit=5) as patient:
        assert patient.execute("SELECT 6 * 7").fetchone() == (42,)
        with pytest.raises(psycopg.errors.DivisionByZero):
            patient.execute("SELECT 1 / 0")
        assert patient.execute("SELECT 1").fetchone() == (1,)
    assert not breaker.is_open()


@pytest.mark.django_db(transaction=True)
def test_without_a_limit_it_waits_as_long_as_it_takes() -> None:
    with connect(limit=None) as worker:
        assert worker.execute("SELECT 1 FROM pg_sleep(0.4)").fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_seen_without_a_statement() -> None:
    connection.ensure_connection()
    assert connection.is_usable()
    with connect(limit=None) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        other.execute("SELECT pg_sleep(0.2)")
    assert not connection.is_usable()
    connection.close()


def test_a_server_that_accepts_and_says_nothing_ends_the_attempt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        held: list[Any] = []
        threading.Thread(target=lambda: held.append(mute.accept()), daemon=True).start()
        with pytest.raises(psycopg.OperationalError):
            PatientConnection.connect(host="127.0.0.1", port=mute.getsockname()[1], dbname="x", connect_timeout=2)
        held[0][0].close()
