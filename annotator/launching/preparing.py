"""`manage.py prepare` as a process of its own, and the memory of what it was done for.

Preparing loads all of Django to find, nearly always, that nothing has changed. A stamp beside the database says for
which code it was done last, so that the next start does not wait for it.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from annotator.bootstrap import ROOT
from annotator.launching.addresses import LaunchError

CHANGING = ("claims/migrations/*.py", "static/**/*", "requirements.lock")  # what preparing depends on


class Preparation:
    """Of one installation; `state` is the directory of its embedded database, None where the database is elsewhere."""

    def __init__(self, state: Path | None, *, has_demo: bool) -> None:
        self.stamp = state / "prepared" if state else None
        self.command = [sys.executable, "manage.py", "prepare", *([] if has_demo else ["--no-demo"])]

    @property
    def is_done(self) -> bool:
        """Whether it was done for the code as it is now. A database elsewhere may be another one by now: never."""
        return self.stamp is not None and self.stamp.exists() and self.stamp.read_text() == fingerprint()

    def run(self, is_over: Callable[[], bool]) -> str:
        """What to tell who started: how to sign in, where that is new. Raises LaunchError when it fails, which has said
        why itself. Ends unfinished when `is_over`, which waits a little, says so; the next start goes on from there."""
        before = fingerprint()
        with subprocess.Popen(
            self.command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C reaches the launcher alone
        ) as process:
            while process.poll() is None:
                if is_over():
                    process.terminate()
                    process.wait()
                    return ""
            told = process.stdout.read() if process.stdout else ""
        if process.returncode:
            raise LaunchError("Nothing was started.")
        if self.stamp is not None:
            self.stamp.write_text(before)
        return told


def fingerprint() -> str:
    """Changes with the name, size or time of anything that preparing depends on."""
    digest = hashlib.sha256()
    for pattern in CHANGING:
        for path in sorted(ROOT.glob(pattern)):
            about = path.stat()
            digest.update(f"{path.relative_to(ROOT)}|{about.st_size}|{about.st_mtime_ns}\n".encode())
    return digest.hexdigest()
