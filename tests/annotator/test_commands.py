"""The two commands: `test` runs every check and pytest; `up` says what is in its way, starts everything and ends it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings
from django.db import DataError

from annotator import command_line
from annotator.configuration.environment import Environment
from annotator.launching import addresses, up
from claims.management.commands import test as test_command
from tests.faults.installation import Installation, wait_until

HERE = f"localhost,127.0.0.1,[::1],{socket.gethostname()}"
Ran = list[tuple[list[str], bool]]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Ran:
    """What the test command would run; every check passes, pytest does not."""
    found: Ran = []

    def run(command: list[str], *, quiet: bool) -> subprocess.CompletedProcess[str]:
        found.append((command, quiet))
        return subprocess.CompletedProcess(command, 0 if quiet else 5, stdout="")

    monkeypatch.setattr(test_command, "run", run)
    return found


def call(*words: str) -> None:
    test_command.Command().run_from_argv(["manage.py", "test", *words])


def test_it_works_and_gives_pytest_what_is_pytests(ran: Ran) -> None:
    with pytest.raises(SystemExit) as ended:
        call("tests/text", "--slow", "-k", "offsets or spans", "-x")
    assert ended.value.code == 5
    names = ("ruff", "ruff", "djade", "lint-imports", "makemigrations", "mypy")
    assert all(any(name in word for word in command) for name, (command, _) in zip(names, ran, strict=False))
    assert ran[-1][0][2:] == ["pytest", "--slow", "-n", "2", "tests/text", "-k", "offsets or spans", "-x"]


def test_checks_can_be_left_out_and_processes_chosen(ran: Ran) -> None:
    with pytest.raises(SystemExit):
        call("--no-checks", "-n0")
    assert [command[2:] for command, _ in ran] == [["pytest", "-n0"]]


def test_a_failed_check_fails_the_command_though_every_test_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], *, quiet: bool) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1 if "mypy" in command else 0, stdout="found 1 error")

    monkeypatch.setattr(test_command, "run", run)
    with pytest.raises(SystemExit) as ended:
        call()
    assert ended.value.code == 1


@pytest.mark.parametrize(("statuses", "runs", "end"), [([3, 0], 2, None), ([3, 3], 2, 3), ([1, 0], 1, 1)])
def test_only_an_error_of_pytests_own_starts_it_once_more(
    monkeypatch: pytest.MonkeyPatch, statuses: list[int], runs: int, end: int | None
) -> None:
    """A failed test is a verdict and stays one."""
    ran: list[list[str]] = []

    def run(command: list[str], *, quiet: bool) -> subprocess.CompletedProcess[str]:
        ran.append(command)
        return subprocess.CompletedProcess(command, statuses[len(ran) - 1])

    monkeypatch.setattr(test_command, "run", run)
    with pytest.raises(SystemExit) if end else contextlib.nullcontext() as ended:
        call("--no-checks", "tests/text")
    assert len(ran) == runs
    assert ran[0] == ran[-1]
    assert end is None or ended.value.code == end


def test_a_port_in_use_is_refused_with_the_cure() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(addresses.LaunchError, match=rf"port {port}: .*Choose another with --port {port + 1}"):
            addresses.refuse_taken_port("127.0.0.1", port)
    with pytest.raises(addresses.LaunchError, match="Choose one from 1024"):
        addresses.refuse_taken_port("127.0.0.1", 99999)
    with pytest.raises(addresses.LaunchError, match="It is no address of this machine"):
        addresses.refuse_taken_port("192.0.2.1", 8000)


@pytest.mark.parametrize(
    ("host", "own", "link"),
    [
        ("127.0.0.1", ["192.0.2.9"], "http://127.0.0.1:8100/"),
        ("0.0.0.0", ["192.0.2.9", "[2001:db8::9]"], "http://192.0.2.9:8100/"),
        ("::", ["[2001:db8::9]"], "http://[2001:db8::9]:8100/"),
        ("0.0.0.0", [], "http://127.0.0.1:8100/"),
        ("192.0.2.7", ["192.0.2.9"], "http://192.0.2.7:8100/"),
    ],
)
def test_links_lead_to_it_also_from_other_machines(
    host: str, own: list[str], link: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In letters, and in what `invite` prints: to the port it was given, and never to the reader's own machine."""
    monkeypatch.setattr(addresses, "own_addresses", lambda: own)
    assert addresses.left_address(tmp_path / "none") == ""
    addresses.leave_address(tmp_path / "state", host, 8100)
    assert addresses.left_address(tmp_path / "state") == link
    unset, chosen = Environment({}), Environment({"SITE_URL": "https://attest.example"})
    assert up.about_links(host, 8100, unset).startswith(f"links in letters and invitations begin with {link}; ")
    assert "set SITE_URL" in up.about_links(host, 8100, unset)
    assert up.about_links(host, 8100, chosen).endswith("begin with https://attest.example")


def test_a_value_that_is_too_large_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def execute(argv: list[str]) -> None:
        raise DataError("integer out of range\nCONTEXT: a column")

    monkeypatch.setattr(command_line, "execute_from_command_line", execute)
    with pytest.raises(SystemExit, match=r"does not fit: integer out of range\. Nothing"):
        command_line.execute(["manage.py", "open_round"])
    with pytest.raises(DataError):
        command_line.execute(["manage.py", "open_round", "--traceback"])


@pytest.mark.parametrize(
    ("found", "waited_for"),
    [
        ({"database": "ok", "broker": "ok", "worker": "ok", "beat": "ok", "queue": "stalled"}, ""),
        ({"database": "ok", "broker": "ok", "worker": "silent", "beat": "silent", "queue": "ok"}, "worker, beat"),
        ({"database": "unavailable", "broker": "ok", "worker": "unknown"}, "database, worker, beat"),
        (None, "something else"),
    ],
)
def test_a_long_queue_does_not_hold_up_a_start(found: dict[str, str] | None, waited_for: str) -> None:
    body = json.dumps(found).encode() if found else b"<html>"
    assert up.what_is_missing(body, otherwise="something else") == waited_for


def test_each_line_is_out_at_once_also_into_a_pipe() -> None:
    """Into a pipe Python writes in blocks; the line is there while the process that wrote it still sleeps."""
    code = "import time; from annotator.launching.up import say_line; say_line('web', 'listening'); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True) as it:
        assert it.stdout is not None
        assert it.stdout.readline() == "web    | listening\n"
        assert it.poll() is None
        it.kill()


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/"),
        ("0.0.0.0", "http://127.0.0.1:8000/"),
        ("::1", "http://[::1]:8000/"),
        ("attest.example", "http://attest.example:8000/"),
    ],
)
def test_the_address_can_be_clicked(host: str, shown: str) -> None:
    assert addresses.address(host, 8000) == shown


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1", None),
        ("192.0.2.7", f"{HERE},192.0.2.7"),
        ("::", f"{HERE},192.0.2.9"),
    ],
)
def test_only_the_names_it_listens_on_are_answered(
    host: str, allowed: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "")  # so that what `allow_host` leaves behind is undone
    monkeypatch.delenv("ALLOWED_HOSTS")
    monkeypatch.setattr(addresses, "own_addresses", lambda: ["192.0.2.9"])
    addresses.allow_host(host)
    assert os.environ.get("ALLOWED_HOSTS") == allowed


def test_the_addresses_of_this_machine_are_for_others() -> None:
    known = {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None)}
    others = {one for one in known if not one.startswith(("127.", "::1", "fe80"))}
    assert {f"[{one}]" if ":" in one else one for one in others} <= set(addresses.own_addresses())
    assert not {"127.0.0.1", "[::1]"} & set(addresses.own_addresses())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"DATABASE_URL": "mysql://x"}, "The settings cannot be used: DATABASE_URL is a value of 9 characters"),
        ({"SECRET_KEY": ""}, "The settings cannot be used: SECRET_KEY is not set. Make one"),
        ({}, "The database cannot be reached: connection"),
    ],
)
def test_a_wrong_setting_ends_a_command_with_a_sentence(changed: dict[str, str], told: str) -> None:
    given = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/none",
        "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "0123456789abcdef" * 4,
        "ALLOWED_HOSTS": "attest.example",
        "CSRF_TRUSTED_ORIGINS": "https://attest.example",
        "STORAGE": "database",
        "EMAIL_URL": "consolemail://",
    }
    command = [sys.executable, "manage.py", "migrate"]
    ended = subprocess.run(
        command, cwd=settings.BASE_DIR, env=given | changed, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr.startswith(told)) == (1, True), ended.stderr
    assert ended.stderr.count("\n") == 1


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, answer.read()


@pytest.mark.slow
def test_up_starts_everything_keeps_what_was_entered_and_leaves_nothing_running() -> None:
    with Installation() as installation:
        assert get(f"{installation.url}/sign-in/")[0] == 200
        assert get(f"{installation.url}/healthz") == (
            200,
            b'{"database": "ok", "broker": "ok", "worker": "ok", "beat": "ok", "queue": "ok"}',
        )
        assert "Sign in as: owner" in installation.log.read_text()
        began = time.monotonic()
        installation.up.send_signal(signal.SIGINT)
        assert installation.up.wait(20) == 0
        assert time.monotonic() - began < 15
        assert wait_until(lambda: not installation.keepers(), 20)

        installation.log.write_text("")
        installation.start()
        again = installation.log.read_text()
        assert "Sign in as" not in again
        assert "preparing the database" not in again
        assert "collecting scripts" not in again

        installation.stop()
        shutil.rmtree(Path(installation.folder.name) / "static")  # it was prepared, and cannot run all the same
        installation.log.write_text("")
        installation.start()
        assert "collecting scripts" in installation.log.read_text()
        assert get(f"{installation.url}/sign-in/")[0] == 200

        family = psutil.Process(installation.up.pid).children(recursive=True) + installation.keepers()
        installation.up.kill()  # nobody can say goodbye
        installation.up.wait()
        assert wait_until(lambda: not any(member.is_running() and member.status() != "zombie" for member in family), 20)
