"""Refusals that a person can read: what was given, why not, what to do. Each has a stable code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class Sentence(str):
    """What is said to a person, in English, and what it takes to say it in another language: the `msgid` with its
    {holes} as it stands in the catalogues, and what `filled` them. Whoever shows it may ask for its translation."""

    msgid: str
    filled: Mapping[str, object]

    def __new__(cls, msgid: str, /, **filled: object) -> Sentence:
        said = super().__new__(cls, msgid.format(**filled))
        said.msgid, said.filled = msgid, filled
        return said

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one field, line or member of the input."""

    field: str
    code: str
    sentence: str


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """An action that is not done, with the reason.

    `code` is stable and documented; `sentence` is shown to people; `status` is the HTTP status that pages and the
    API answer with; `problems` lists faults field by field; `current` is the state that won, for a 409.
    """

    status = 422

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        status: int | None = None,
        problems: Sequence[Problem] = (),
        current: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.problems = tuple(problems)
        self.current = dict(current) if current is not None else None
        if status is not None:
            self.status = status


class NotPermitted(Refused):
    """The person may see the object but not do this with it (HTTP 403)."""

    status = 403


class NotFound(Refused):
    """Missing, foreign and hidden objects are answered alike (HTTP 404)."""

    status = 404

    def __init__(self) -> None:
        super().__init__(
            "not_found", Sentence("There is nothing here. Check the address, or ask the project's owner for access.")
        )


class Conflict(Refused):
    """Somebody or something was quicker; `current` holds what stands now (HTTP 409)."""

    status = 409


def none_taken(name: str, said: Sequence[object]) -> Refused:
    """The refusal of many items of which none was taken: a problem for each, its place counted from 0."""
    problems = [
        Problem(f"{name}.{n}", one.code, one.sentence) for n, one in enumerate(said) if isinstance(one, Refused)
    ]
    return Refused("none_taken", f"None of the {len(said)} {name} was taken; each has its reason.", problems=problems)
