"""Everything that has to hold before a change goes in: lint, types, import contracts, templates, migrations, tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from argparse import REMAINDER
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

PYTHON = [sys.executable, "-m"]
INTERNAL_ERROR = 3  # pytest's exit status where its own machinery failed, so that there is no verdict on the tests


class Command(BaseCommand):
    help = f"{__doc__} What follows is given to pytest, for example: test tests/text -k offsets"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slow", action="store_true", help="fault injection and simulations too")
        parser.add_argument("--no-checks", action="store_true", help="only pytest")
        parser.add_argument("pytest", nargs=REMAINDER)

    def run_from_argv(self, argv: list[str]) -> None:
        """Our own options, in any place; everything else goes to pytest as it is."""
        own = [word for word in argv[2:] if word in {"--slow", "--no-checks", "--help", "-h"}]
        rest = [word for word in argv[2:] if word not in own]
        super().run_from_argv([*argv[:2], *own, *(["--", *rest] if rest else [])])

    def handle(self, *_: Any, slow: bool, no_checks: bool, pytest: list[str], **__: Any) -> None:
        failed = [] if no_checks else [name for name, command in checks().items() if not self.passes(name, command)]
        rest = [word for word in pytest if word != "--"]
        if not any(word.startswith("-n") for word in rest):
            rest = ["-n", "2", *rest]
        command = [*PYTHON, "pytest", *(["--slow"] if slow else []), *rest]
        tests = run(command, quiet=False)
        if tests.returncode == INTERNAL_ERROR:
            # Seen once in many runs: a process of pytest-xdist ended before its first test, and the run with it.
            self.stderr.write(self.style.WARNING("pytest ended with an error of its own: it is started once more."))
            tests = run(command, quiet=False)
        if failed:
            self.stderr.write(self.style.ERROR(f"These checks failed, see above: {', '.join(failed)}"))
        if failed or tests.returncode:
            raise CommandError("Not everything holds.", returncode=tests.returncode or 1)

    def passes(self, name: str, command: list[str]) -> bool:
        began = time.monotonic()
        done = run(command, quiet=True)
        word = self.style.SUCCESS("ok") if done.returncode == 0 else self.style.ERROR("FAILED")
        self.stdout.write(f"{name:<18} {word}  {time.monotonic() - began:.1f} s")
        if done.returncode:
            self.stdout.write(done.stdout)
        self.stdout.flush()
        return done.returncode == 0


def checks() -> dict[str, list[str]]:
    """Name and command of each, the quick ones first."""
    templates = sorted(str(path) for path in (settings.BASE_DIR / "templates").rglob("*.html"))
    beside_python = Path(sys.executable).parent
    return {
        "ruff check": [*PYTHON, "ruff", "check", "."],
        "ruff format": [*PYTHON, "ruff", "format", "--check", "."],
        "djade": [str(beside_python / "djade"), "--check", "--target-version", "5.2", *templates],
        "import contracts": [str(beside_python / "lint-imports")],
        "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        "mypy": [*PYTHON, "mypy"],
    }


def run(command: list[str], *, quiet: bool) -> subprocess.CompletedProcess[str]:
    where: dict[str, Any] = {"cwd": settings.BASE_DIR, "env": os.environ | {"ATTEST_TESTING": "1"}, "text": True}
    if quiet:
        where |= {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.run(command, check=False, **where)
