"""Commands whose --help ends with a line that can be typed as it stands."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class TaughtCommand(BaseCommand):
    """`example` is what follows `manage.py` in a call that does something useful."""

    example = ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name,
            subcommand,
            epilog=f"For example: manage.py {self.example}. Exit status 0: done; 1: refused or not whole; 2: misspelt.",
            **kwargs,
        )
