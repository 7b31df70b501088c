"""Errors of commands as programs read them: with --json, one JSON object on stderr instead of a sentence."""

from __future__ import annotations

import json

from django.core.management.base import CommandError

from claims.errors import Refused

REFUSED, MISSPELT = 1, 2  # exit statuses


class ToldError(CommandError):
    """A refusal of a command's own, with a stable code as those of the actions have."""

    def __init__(self, code: str, sentence: str, *, returncode: int = REFUSED) -> None:
        super().__init__(sentence, returncode=returncode)
        self.code = code


def fault_line(error: Exception) -> str:
    """The object in one line: type, title, code, detail, errors and exit_status, named as in the API's problems. The
    reason that an action gave counts, also where a command has said it in a sentence of its own."""
    refused = error if isinstance(error, Refused) else error.__cause__
    status = getattr(error, "returncode", REFUSED)
    if not isinstance(refused, Refused):
        return as_line(getattr(error, "code", "refused"), str(error), exit_status=status)
    problems = [
        {"field": problem.field, "code": problem.code, "detail": problem.sentence} for problem in refused.problems
    ]
    return as_line(refused.code, str(error).partition(f" ({refused.code})")[0], problems, exit_status=status)


def as_line(code: str, detail: str, errors: list[dict[str, str]] | None = None, *, exit_status: int = REFUSED) -> str:
    said = {
        "type": "about:blank",
        "title": "Misspelt" if exit_status == MISSPELT else "Refused",
        "code": code,
        "detail": detail,
        "errors": errors or [],
        "exit_status": exit_status,
    }
    return json.dumps(said, ensure_ascii=False)
