"""The embedded servers: started once, shared, brought back when killed, gone with their last user."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from annotator.embedded.cluster import Cluster, find

ROOT = Path(__file__).resolve().parents[2]
USER = """
import sys; from pathlib import Path
from annotator.embedded.cluster import Cluster, ensure
servers = Cluster(Path(sys.argv[1]), sys.argv[2] == "durable")
ensure(servers); print("ready", flush=True)
for line in sys.stdin: ensure(servers); print("ready", flush=True)
"""
Users = Callable[[], "subprocess.Popen[str]"]


@pytest.mark.django_db
def test_it_works_on_the_embedded_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        assert cursor.fetchone()[0].startswith("18")


@pytest.fixture
def servers() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)  # for root, the servers' account has to pass through
        yield Cluster(Path(name), durable=True)


@pytest.fixture
def users(servers: Cluster) -> Iterator[Users]:
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", USER, str(servers.state), "durable"]
        user = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(user)
        return user

    yield start
    for user in started:
        user.kill()
        user.communicate()
    assert wait_until(lambda: not keepers(servers))


def wait_until(holds: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def is_ready(user: subprocess.Popen[str]) -> bool:
    assert user.stdout is not None
    return user.stdout.readline() == "ready\n"


def postmaster(servers: Cluster) -> int:
    return int((servers.data / "postmaster.pid").read_text().split()[0])


def query(servers: Cluster, statement: str) -> object:
    with psycopg.connect(host=str(servers.sockets), user="attest", dbname="attest", autocommit=True) as client:
        row = client.execute(statement).fetchone() if statement.startswith("SELECT") else client.execute(statement)
        return row[0] if isinstance(row, tuple) else None


@pytest.mark.slow
def test_many_processes_start_one_server_that_ends_with_the_last_of_them(servers: Cluster, users: Users) -> None:
    running = [users() for _ in range(6)]
    assert all(is_ready(user) for user in running)
    first = postmaster(servers)
    for user in running[1:]:
        user.kill()
    time.sleep(0.3)
    assert servers.is_ready()
    assert postmaster(servers) == first
    running[0].kill()
    assert wait_until(lambda: not (servers.data / "postmaster.pid").exists())


@pytest.mark.slow
def test_what_was_committed_outlives_kill_9_of_server_and_keeper(servers: Cluster, users: Users) -> None:
    user = users()
    assert is_ready(user)
    query(servers, "CREATE TABLE kept (n integer)")
    for n in range(3):
        query(servers, f"INSERT INTO kept VALUES ({n})")
        os.kill(postmaster(servers), signal.SIGKILL)
        for keeper in keepers(servers) if n == 1 else []:
            os.kill(keeper, signal.SIGKILL)
        assert user.stdin is not None
        user.stdin.write("\n")
        user.stdin.flush()
        assert is_ready(user)
        assert wait_until(lambda: answers(servers))
        assert query(servers, "SELECT count(*) FROM kept") == n + 1


def answers(servers: Cluster) -> bool:
    try:
        return query(servers, "SELECT 1") == 1
    except psycopg.OperationalError:
        return False


def keepers(servers: Cluster) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    wanted = re.compile(rf"^\s*(\d+) .*annotator\.embedded\.keeper {re.escape(str(servers.state))} ", re.MULTILINE)
    return [int(pid) for pid in wanted.findall(listed)]


@pytest.mark.parametrize("command", [["check"], ["makemigrations", "--check", "--dry-run"], ["up", "--help"]])
def test_commands_that_read_no_rows_start_no_server(command: list[str], tmp_path: Path) -> None:
    variables = {name: value for name, value in os.environ.items() if name != "ATTEST_TESTING"}
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=variables | {"ATTEST_STATE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    if command[0] != "makemigrations":  # which asks the history of migrations when it can
        assert not (tmp_path / "pg18" / "data").exists()


def test_a_long_path_gets_short_sockets(tmp_path: Path) -> None:
    servers = Cluster(tmp_path / ("long" * 30), durable=True)
    assert len(str(servers.sockets / ".s.PGSQL.5432")) < 104
    assert servers.broker_url == f"redis+socket://{servers.sockets}/valkey.sock"


def test_the_test_cluster_is_not_the_durable_one() -> None:
    assert find(durable=False).state != find(durable=True).state
