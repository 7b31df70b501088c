"""A correction that says what stands already is no correction: nothing is appended for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from claims.labelling.answers import EVIDENCE_LINES, EVIDENCE_TEXTS, Submission, stored_answers
from claims.models import EvidenceItem, Round

SAID = tuple(sorted({*EVIDENCE_LINES, *EVIDENCE_TEXTS, "relation", "strength"} - {"published"}))


def says_the_same(round_: Round, submission: Submission, current: Mapping[str, Any]) -> bool:
    """Whether a cleaned submission repeats the standing answers, `current` as `own_answers` gives them."""
    answers, words = stored_answers(round_, submission, [])
    stored = dict(current["answers"])
    held = [item for answer in stored.values() for item in _evidence_in(answer)]
    stored = {code: answer for code, answer in stored.items() if not _evidence_in(answer)}
    return answers == stored and words == current["notes"] and _same_evidence(submission, held)


def _evidence_in(answer: Mapping[str, Any]) -> list[int]:
    """The evidence rows that an answer names: [{"id", "relation"}]; a marked span has no id."""
    value = answer.get("value")
    items = value if isinstance(value, list) else []
    return [item["id"] for item in items if isinstance(item, Mapping) and "id" in item]


def _same_evidence(submission: Submission, held: list[int]) -> bool:
    if len(held) != len(submission.evidence):
        return False
    rows = EvidenceItem.objects.filter(pk__in=held).select_related("page_copy", "screenshot").order_by("id")
    rows = rows.defer("page_copy__text", "screenshot__text")
    return all(_same_piece(row, item) for row, item in zip(rows, submission.evidence, strict=True))


def _same_piece(row: EvidenceItem, item: Mapping[str, Any]) -> bool:
    """A copy that nobody named was fetched for the address afterwards, and is no difference."""
    day = row.published_at.astimezone(UTC).date().isoformat() if row.published_at else ""
    copy, screenshot = (kept.key if kept else "" for kept in (row.page_copy, row.screenshot))
    return (
        all(getattr(row, name) == item.get(name, "") for name in SAID)
        and day == item.get("published", "")
        and item.get("copy", "") in ("", copy)
        and item.get("screenshot", "") == screenshot
    )
