"""What can be done to a claim on the desk: from which state, by whom, with which words. One table for page and API."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from claims.errors import NotPermitted, Sentence
from claims.models import DeskItem, Reviewer

FILE = Path(__file__).with_name("presets.toml")


@dataclass(frozen=True)
class DeskPreset:
    """`source` says whose way of working it follows; `questions` are put to the editors."""

    title: str
    what: str
    source: str
    questions: tuple[str, ...]


DESK_PRESETS: dict[str, DeskPreset] = {
    name: DeskPreset(**entry | {"questions": tuple(entry["questions"])})
    for name, entry in tomllib.loads(FILE.read_text(encoding="utf-8")).items()
}


@dataclass(frozen=True)
class At:
    """Who stands before which item."""

    item: DeskItem
    me: Reviewer
    is_editor: bool

    def is_any(self, *names: str) -> bool:
        return any(getattr(self.item, f"{name}_id") == self.me.pk for name in names)


Rule = Callable[[At], Sentence | None]  # why not, or None
EDITORS = Sentence("Only owners and curators are editors here.")
WRITER = Sentence("Only whoever the claim is assigned to writes about it.")
SECOND = Sentence("The second editor is somebody who neither wrote nor assigned it. Ask another editor.")
OWN_TEXT = Sentence("It is your own text. Ask an editor to send it back.")
SIGNER = Sentence("Whoever signs off is neither the writer nor the second editor. Ask another editor.")


def _editor(at: At) -> Sentence | None:
    return None if at.is_editor else EDITORS


def _writer(at: At) -> Sentence | None:
    return None if at.is_any("writer") else WRITER


def _second(at: At) -> Sentence | None:
    return SECOND if at.is_any("writer", "assigned_by") else _editor(at)


def _back(at: At) -> Sentence | None:
    return OWN_TEXT if at.is_any("writer") else _editor(at)


def _signs(at: At) -> Sentence | None:
    return SIGNER if at.is_any("writer", "second_editor") else _editor(at)


@dataclass(frozen=True)
class Deed:
    """`title` is what its button says and `done` what stands in the history; `sources` are states in which it is
    possible, `fields` what has to come with it, `key` the key on its page."""

    title: str
    done: str
    key: str
    sources: tuple[str, ...]
    target: str
    rule: Rule
    fields: tuple[str, ...] = ()

    def why_not(self, at: At) -> Sentence | None:
        return self.rule(at)


DEEDS: dict[str, Deed] = {
    "assign": Deed("Assign", "Assigned", "a", ("triage", "assigned", "draft"), "assigned", _editor, ("writer",)),
    "write": Deed("Keep the draft", "Draft kept", "w", ("assigned", "draft"), "draft", _writer, ("rating", "text")),
    "hand_in": Deed("Hand in to a second editor", "Handed in", "h", ("draft",), "second_edit", _writer),
    "pass": Deed("Pass on for sign-off", "Passed on for sign-off", "p", ("second_edit",), "sign_off", _second),
    "sign_off": Deed(
        "Sign off as published", "Signed off", "s", ("sign_off",), "published", _signs, ("rationale", "link")
    ),
    "send_back": Deed(
        "Send back to the writer", "Sent back", "b", ("second_edit", "sign_off"), "draft", _back, ("words",)
    ),
    "decline": Deed(
        "Do not check it", "Not checked", "d", ("triage", "assigned", "draft"), "declined", _editor, ("words",)
    ),
    "take_up": Deed("Take it up again", "Taken up again", "t", ("declined",), "triage", _editor),
}


def deeds_at(at: At) -> Mapping[str, Sentence | None]:
    """The deeds that the item's state knows, each with why this person cannot do it, or None."""
    return {name: deed.why_not(at) for name, deed in DEEDS.items() if at.item.state in deed.sources}


def check_deed_at(at: At, deed: str) -> None:
    """NotPermitted `not_yours_to_do`."""
    if (sentence := DEEDS[deed].why_not(at)) is not None:
        raise NotPermitted("not_yours_to_do", sentence)
