"""The thread about a unit: read and written by who has judged it, and by who settles. Nobody else knows it is there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from claims import audit
from claims.errors import NotFound, Refused, Sentence
from claims.labelling.voting import check_unsealed
from claims.models import Assignment, Reviewer, Round, Unit, UnitComment, User
from claims.permissions import can, check_not_archived
from claims.text import clean_text

COMMENT_CHARS = 5_000
COMMENTS_SHOWN = 500


YOU = Sentence("you")


@dataclass(frozen=True)
class Remark:
    """One comment as it is shown. `who` is a letter that stands for the person in this thread only, or “you”."""

    who: Sentence
    text: str
    at: datetime


def thread_unit(round_: Round, unit_id: int, reviewer: Reviewer, user: User) -> Unit:
    """The unit, if this person may read what is said about it. Raises NotFound; Conflict `votes_are_sealed`.

    That is: one's own answer is submitted; or one settles here and has no answer of one's own to give any more (INV-4).
    """
    own = Assignment.objects.filter(round=round_, unit=unit_id, reviewer=reviewer)
    states = set(own.values_list("state", flat=True))
    settles = can("settle", user, round_.project) and "reserved" not in states
    if "submitted" not in states and not settles:
        raise NotFound
    unit: Unit | None = Unit.objects.filter(pk=unit_id, round_units__round=round_).first()
    if unit is None:
        raise NotFound
    check_unsealed(round_, unit)
    return unit


def read_thread(round_: Round, unit: Unit, reviewer: Reviewer) -> list[Remark]:
    """The newest COMMENTS_SHOWN, oldest first."""
    rows = UnitComment.objects.filter(round=round_, unit=unit).order_by("-id")[:COMMENTS_SHOWN]
    newest = list(rows)[::-1]
    letters = _letters(round_, unit, [row.author_id for row in newest if row.author_id != reviewer.pk])
    return [Remark(letters.get(row.author_id, YOU), row.text, row.created_at) for row in newest]


def _letters(round_: Round, unit: Unit, authors: list[int]) -> dict[int, Sentence]:
    """By a digest, so that they say nothing of who came first, nor across units."""
    digest = {pk: hashlib.sha256(f"thread/{round_.pk}/{unit.pk}/{pk}".encode()).hexdigest() for pk in authors}
    return {pk: Sentence("person {n}", n=n) for n, pk in enumerate(sorted(digest, key=digest.__getitem__), 1)}


def add_comment(round_: Round, unit: Unit, reviewer: Reviewer, user: User, *, text: str) -> UnitComment:
    """Say something in the thread. Raises NotFound as `thread_unit`, Refused `comment_missing`, `comment_too_long`."""
    thread_unit(round_, unit.pk, reviewer, user)
    check_not_archived(round_.project)
    words = clean_text(text, limit=COMMENT_CHARS, code="comment_too_long").text.strip()
    if not words:
        raise Refused("comment_missing", Sentence("There is nothing in the comment. Write a sentence."))
    with transaction.atomic():
        comment: UnitComment = UnitComment.objects.create(
            project=round_.project, round=round_, unit=unit, author=reviewer, text=words
        )
        audit.record("add_comment", comment, by=user, project=round_.project, unit=unit.pk)
    return comment
