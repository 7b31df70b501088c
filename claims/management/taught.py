"""Commands whose --help ends with a line that can be typed as it stands, and whose errors programs can read."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

from claims.errors import Refused
from claims.management.told import MISSPELT, as_line, fault_line

STATUSES = "Exit status 0: done; 1: refused or not whole; 2: misspelt."
IN_JSON = " With --json an error is one JSON object on stderr: code, detail, errors, exit_status."


class TaughtCommand(BaseCommand):
    """`example` is what follows `manage.py` in a call that does something useful."""

    example = ""
    is_typed_for_json = False  # typed with --json, as far as can be told before the arguments are read

    def run_from_argv(self, argv: list[str]) -> None:
        self.is_typed_for_json = "--json" in argv[2:]
        super().run_from_argv(argv)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        takes_json = "--json" in parser._option_string_actions  # argparse has no other way to ask
        parser.epilog = f"For example: manage.py {self.example}. {STATUSES}{IN_JSON if takes_json else ''}"
        if self.is_typed_for_json and takes_json:
            parser.error = self.tell_misspelt  # type: ignore[method-assign]
        return parser

    def tell_misspelt(self, message: str) -> NoReturn:
        detail = f"{message[:1].upper()}{message[1:]}. Call the command with --help to see what it takes."
        self.stderr.write(as_line("misspelt", detail, exit_status=MISSPELT), lambda line: line)
        sys.exit(MISSPELT)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Like Django's own; a refusal of an action that no command caught is a refusal of the command."""
        try:
            return super().execute(*args, **options)
        except (CommandError, Refused) as error:
            if self.is_typed_for_json and not options.get("traceback"):
                self.stderr.write(fault_line(error), lambda line: line)
                sys.exit(getattr(error, "returncode", 1))
            if isinstance(error, CommandError):
                raise
            raise CommandError(said_of(error)) from error


def said_of(refused: Refused) -> str:
    """A refusal for people: its sentence, its code, and the faults that the sentence does not name, each in a line."""
    told = [problem.sentence for problem in refused.problems if problem.sentence != refused.sentence]
    return "".join([f"{refused.sentence} ({refused.code})", *(f"\n  {sentence}" for sentence in told)])
