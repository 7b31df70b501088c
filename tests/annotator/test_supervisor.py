"""Processes are kept running and end together."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from claims.management.supervisor import Supervisor

SLEEPS = [sys.executable, "-uc", "import os, time; print('pid', os.getpid()); time.sleep(60)"]
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)


class Lines(list[tuple[str, str]]):
    def say(self, name: str, line: str) -> None:
        self.append((name, line))

    def wait_for(self, word: str, times: int = 1, seconds: float = 20) -> list[str]:
        deadline = time.monotonic() + seconds
        while len(found := [line for _, line in self if word in line]) < times:
            assert time.monotonic() < deadline, self
            time.sleep(0.02)
        return found


def test_it_works_and_a_killed_process_comes_back(tmp_path: Path) -> None:
    lines = Lines()
    supervisor = Supervisor({"one": SLEEPS}, tmp_path, lines.say, 5)
    supervisor.start()
    first = int(lines.wait_for("pid")[0].split()[1])
    os.kill(first, signal.SIGKILL)
    second = int(lines.wait_for("pid", times=2)[1].split()[1])
    supervisor.stop()
    assert ("one", "ended with -9; starting it again in 1 s") in lines
    assert first != second
    assert supervisor.processes["one"].poll() is not None


def test_what_does_not_listen_is_ended_by_force(tmp_path: Path) -> None:
    lines = Lines()
    supervisor = Supervisor({"deaf": [sys.executable, "-c", STUBBORN]}, tmp_path, lines.say, 0.3)
    supervisor.start()
    lines.wait_for("deaf")
    began = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - began < 3
    assert supervisor.processes["deaf"].returncode == -signal.SIGKILL
