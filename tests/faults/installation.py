"""A whole installation of its own, started by `manage.py up`, and the nemesis that kills parts of it."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import redis

from annotator.embedded.cluster import Cluster

ROOT = Path(__file__).resolve().parents[2]


class Installation:
    """`up` in a state directory of its own, on a free port. A context manager; everything has ended afterwards."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        Path(self.folder.name).chmod(0o711)  # for root, the servers' account has to pass through
        self.port = free_port()
        self.log = Path(self.folder.name) / "up.log"
        self.cluster = Cluster(Path(self.folder.name) / "pg18", durable=True)
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("ATTEST", "PYTEST", "DJANGO"))
        }
        self.variables = clean | {"ATTEST_STATE_DIR": self.folder.name, "DJANGO_SETTINGS_MODULE": "annotator.settings"}

    def __enter__(self) -> Installation:
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.folder.cleanup()

    def stop(self) -> None:
        if self.up.poll() is None:
            self.up.send_signal(signal.SIGINT)
        self.up.wait(30)
        wait_until(lambda: not self.keepers(), 20)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "manage.py", "up", "--no-demo", "--port", str(self.port)]
        with open(self.log, "a") as log:
            self.up = subprocess.Popen(command, cwd=ROOT, env=self.variables, stdout=log, stderr=log)
        assert wait_until(lambda: "Ready after" in self.log.read_text(), 120), self.log.read_text()[-3000:]

    def run(self, code: str, *arguments: str) -> Any:
        """Run Python with Django set up on the installation's database; what it prints last is JSON."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{code}", *arguments],
            cwd=ROOT,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def children(self, word: str) -> list[psutil.Process]:
        """The processes that `up` supervises, by a word of their command."""
        found = []
        for child in psutil.Process(self.up.pid).children():
            try:
                if word in child.cmdline():
                    found.append(child)
            except psutil.NoSuchProcess:
                continue
        return found

    def keepers(self) -> list[psutil.Process]:
        marks = ("annotator.embedded.keeper", str(self.cluster.state))
        return [found for found in psutil.process_iter(["cmdline"]) if set(marks) <= set(found.info["cmdline"] or ())]


class Nemesis(threading.Thread):
    """Kills something, waits for news of progress and a random moment more, and kills again; counts what it hit.

    `progress` counts what clients had acknowledged: a kill among processes that are only starting would show little.
    It ends early when its time is over or nothing is left that could be killed: the test then judges what was hit.
    """

    LONGEST = 15 * 60  # seconds; a hundred kills take six minutes on two free cores

    def __init__(self, installation: Installation, wanted: int, seed: int, progress: Callable[[], int]) -> None:
        super().__init__(name="nemesis")
        self.installation = installation
        self.wanted = wanted
        self.progress = progress
        self.random = random.Random(seed)
        self.hits: Counter[str] = Counter()
        self.deeds: dict[str, Callable[[], bool]] = {
            "web": lambda: self._kill(self.installation.children("granian"), with_children=True),
            "worker": lambda: self._kill(self.installation.children("worker"), with_children=True),
            "pool child": self._kill_pool_child,
            "beat": lambda: self._kill(self.installation.children("beat")),
            "postgres": self._kill_postgres,
            "broker": self._kill_broker,
            "broker forgets": self._flush_broker,
        }

    def run(self) -> None:
        deadline = time.monotonic() + self.LONGEST
        while self.hits.total() < self.wanted and time.monotonic() < deadline and self.installation.up.poll() is None:
            before = self.progress()
            wait_until(lambda: self.progress() > before, 15)  # noqa: B023 - asked within this turn only
            time.sleep(self.random.uniform(0, 1.5))
            name = self.random.choice(list(self.deeds))
            try:
                self.hits[name] += self.deeds[name]()
            except (OSError, ValueError, psutil.Error, redis.RedisError):  # it is down already: not a hit
                continue

    def _kill(self, processes: list[psutil.Process], *, with_children: bool = False) -> bool:
        for process in processes:
            family = process.children(recursive=True) if with_children else []
            for member in [process, *family]:
                member.kill()
        return bool(processes)

    def _kill_pool_child(self) -> bool:
        pool = [child for worker in self.installation.children("worker") for child in worker.children()]
        return self._kill([self.random.choice(pool)]) if pool else False

    def _kill_postgres(self) -> bool:
        pid = int((self.installation.cluster.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        return True

    def _kill_broker(self) -> bool:
        pid = int((self.installation.cluster.state / "mq" / "pid").read_text())
        os.kill(pid, signal.SIGKILL)
        return True

    def _flush_broker(self) -> bool:
        with redis.Redis(unix_socket_path=str(self.installation.cluster.sockets / "valkey.sock")) as client:
            return bool(client.flushall())


def wait_until(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
