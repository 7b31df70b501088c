"""Keeps the processes of an installation on one machine running, and ends them together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2)
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
STEADY = 5.0  # seconds after which a process that ends did not fail to start
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 30.0


class Supervisor:
    """Runs named commands side by side; what ends is started again, later and later while it fails at once.

    Each line they print goes to `say(name, line)`. On Linux the kernel ends them when this process is killed.
    """

    def __init__(
        self, commands: Mapping[str, Sequence[str]], directory: Path, say: Callable[[str, str], None], patience: float
    ) -> None:
        self.directory = directory
        self.say = say
        self.patience = patience
        self.stopping = threading.Event()
        self.has_failed = False  # whether one of them ever ended by itself
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.threads = {name: threading.Thread(target=self._run, args=item) for name, item in _items(commands)}

    def start(self) -> None:
        for thread in self.threads.values():
            thread.start()

    def stop(self) -> None:
        """End everything: politely, and after `patience` seconds by force."""
        self.stopping.set()
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + self.patience
        for thread in self.threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))
        for process in self.processes.values():
            if process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        for thread in self.threads.values():
            thread.join()

    def _run(self, name: str, command: Sequence[str]) -> None:
        pause = SHORTEST_PAUSE
        while not self.stopping.is_set():
            began = time.monotonic()
            code = self._run_once(name, command)
            if self.stopping.is_set():
                return
            self.has_failed = True
            pause = SHORTEST_PAUSE if time.monotonic() - began > STEADY else min(pause * 2, LONGEST_PAUSE)
            self.say(name, f"ended with {code}; starting it again in {pause:g} s")
            self.stopping.wait(pause)

    def _run_once(self, name: str, command: Sequence[str]) -> int:
        with subprocess.Popen(
            command,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches this process alone, which then ends the others in order
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - it only calls prctl
        ) as process:
            self.processes[name] = process
            if self.stopping.is_set():
                process.terminate()
            for line in process.stdout or ():
                self.say(name, line.rstrip())
        return process.returncode


def _items(commands: Mapping[str, Sequence[str]]) -> list[tuple[str, tuple[str, Sequence[str]]]]:
    return [(name, (name, command)) for name, command in commands.items()]


def _die_with_parent() -> None:
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
