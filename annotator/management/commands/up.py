"""The entry of `up` in the list of commands; manage.py starts it without Django."""

from __future__ import annotations

import sys

from django.core.management import BaseCommand

from annotator.launching import up


class Command(BaseCommand):
    help = up.ABOUT

    def run_from_argv(self, argv: list[str]) -> None:
        sys.exit(up.main(argv[2:]))

    def print_help(self, prog_name: str, subcommand: str) -> None:
        up.main(["--help"])
