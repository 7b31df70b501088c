"""A part stops answering: what people do goes on or is refused in words, and nothing acknowledged is lost."""

from __future__ import annotations

import json
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import psycopg
import pytest

from tests.faults.clients import Client, Importer
from tests.faults.installation import Installation, wait_until
from tests.faults.labelling import is_kept, label, label_for
from tests.faults.test_chaos import OPEN_JOBS

pytestmark = pytest.mark.slow


@contextmanager
def stopped(processes: list[psutil.Process]) -> Iterator[None]:
    """They exist and hold their sockets, and do nothing."""
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGCONT)


def broker_of(installation: Installation) -> list[psutil.Process]:
    return [psutil.Process(int((installation.cluster.state / "mq" / "pid").read_text()))]


def database_of(installation: Installation) -> list[psutil.Process]:
    """The server with one process for each connection."""
    number = int((installation.cluster.state / "data" / "postmaster.pid").read_text().split()[0])
    server = psutil.Process(number)
    return [server, *server.children(recursive=True)]


def health(installation: Installation) -> Any:
    try:
        with urllib.request.urlopen(f"{installation.url}/healthz", timeout=10) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return json.loads(error.read())


def test_ft_04_ft_13_labels_and_imports_are_taken_while_the_broker_hangs(
    installation: Installation, given: Any
) -> None:
    reviewer = label(installation, given, "alice", threading.Event())
    importer = Importer(Client(installation.port, given["owner"]), given["project"], threading.Event(), "H")
    with stopped(broker_of(installation)):
        importing = threading.Thread(target=importer.work)
        importing.start()
        label_for(8, reviewer, at_least=3)
        assert wait_until(lambda: len(importer.acknowledged) >= 2, 60)
        importer.stopping.set()
        importing.join(30)
        assert health(installation)["broker"] == "unavailable"
    assert set(reviewer.client.statuses) == {200, 201}
    assert set(importer.client.statuses) == {202}
    assert len(reviewer.acknowledged) >= 3
    assert wait_until(lambda: installation.run(OPEN_JOBS) == 0, 60)
    assert is_kept(installation, given, reviewer, "alice")


def test_ft_07_cut_connections_lose_nothing_and_show_no_traceback(installation: Installation, given: Any) -> None:
    reviewer = label(installation, given, "bob", threading.Event())
    cutting = threading.Event()
    where = {"host": str(installation.cluster.sockets), "user": "attest", "dbname": "attest", "autocommit": True}

    def cut() -> None:
        with psycopg.connect(**where) as server:
            while not cutting.wait(0.4):
                server.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                )

    cutter = threading.Thread(target=cut)
    cutter.start()
    label_for(15, reviewer, at_least=3)
    cutting.set()
    cutter.join()
    assert set(reviewer.client.statuses) <= {200, 201, 503}
    assert len(reviewer.acknowledged) >= 3
    assert is_kept(installation, given, reviewer, "bob")


def test_ft_08_a_database_that_hangs_is_answered_for_within_five_seconds(
    installation: Installation, given: Any
) -> None:
    reviewer = label(installation, given, "alice", threading.Event())
    label_for(1, reviewer)
    request = urllib.request.Request(
        f"{installation.url}/api/v1/projects/", headers={"Authorization": f"Bearer {given['tokens']['alice']}"}
    )
    found: list[tuple[int, float]] = []

    def ask() -> None:
        began = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                found.append((answer.status, time.monotonic() - began))
        except urllib.error.HTTPError as error:
            with error:
                found.append((error.code, time.monotonic() - began))

    crowd = [threading.Thread(target=ask) for _ in range(24)]  # more than the server has threads
    with stopped(database_of(installation)):
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
        time.sleep(2)
    assert {status for status, _ in found} == {503}
    assert len(found) == len(crowd)
    slowest = max(seconds for _, seconds in found)
    assert slowest < 6, f"{slowest:.1f} s"  # five, and what a loaded machine adds
    reviewer.stopping.clear()
    before = len(reviewer.acknowledged)
    label_for(5, reviewer, at_least=1)
    assert len(reviewer.acknowledged) > before
    assert is_kept(installation, given, reviewer, "alice")


def test_ft_24_a_worker_that_hangs_is_said_within_40_seconds(installation: Installation, given: Any) -> None:
    family = [one for worker in installation.children("worker") for one in (worker, *worker.children())]
    importer = Importer(Client(installation.port, given["owner"]), given["project"], threading.Event(), "W", pause=0)
    assert set(health(installation).values()) == {"ok"}
    with stopped(family):
        threading.Timer(0.1, importer.stopping.set).start()
        importer.work()
        assert wait_until(lambda: health(installation)["worker"] == "silent", 40)
        assert wait_until(lambda: health(installation)["queue"] == "stalled", 20)
    assert wait_until(lambda: set(health(installation).values()) == {"ok"}, 60)
    assert wait_until(lambda: installation.run(OPEN_JOBS) == 0, 60)
