"""Runs a command; a wrong setting, a value that is too large, or a database that is away is told in a sentence, not as
a traceback; with --json in an object, as what a command refuses is."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DataError, OperationalError

from claims.management.told import REFUSED, as_line


def execute(argv: Sequence[str]) -> None:
    """Like Django's own, with exit status 1 and a sentence for each. `--traceback` shows where it happened."""
    try:
        execute_from_command_line(list(argv))
    except ImproperlyConfigured as fault:
        if "--traceback" in argv:
            raise
        end(argv, "settings_unusable", f"The settings cannot be used: {fault}")
    except DataError as fault:
        if "--traceback" in argv:
            raise
        why = str(fault).splitlines()[0]
        said = f"What was given does not fit: {why}. Nothing was changed. Shorten it, or take a smaller number."
        end(argv, "does_not_fit", said)
    except OperationalError as fault:
        if "--traceback" in argv or not is_out_of_reach(fault):
            raise
        setting = "DATABASE_URL" if os.environ.get("DATABASE_URL") else "the embedded database"
        why = " ".join(str(fault).split())
        said = f"The database cannot be reached: {why}. Is it running, and does {setting} name it rightly?"
        end(argv, "database_unreachable", said)


def end(argv: Sequence[str], code: str, sentence: str) -> NoReturn:
    """With exit status 1, the sentence on stderr or, for programs, the object that holds it."""
    sys.exit(as_line(code, sentence, exit_status=REFUSED) if "--json" in argv else sentence)


def is_out_of_reach(fault: OperationalError) -> bool:
    """Whether no server answered at all, or it turned the connection away: then there is no code of a statement."""
    cause = fault.__cause__
    return isinstance(cause, psycopg.OperationalError) and cause.sqlstate is None
