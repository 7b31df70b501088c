"""What the agreement tests share: labels by the dozen, and the counting state as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models.functions import Now

from claims import jobs
from claims.models import (
    BundleCount,
    Label,
    LabelEvent,
    PatternCount,
    PendingFold,
    Project,
    Reviewer,
    ReviewerCount,
    Round,
    UnitPattern,
)
from tests import factories

# question, phase, stratum, the article (or nothing) or "bundle n" or "reviewer n", pattern
CountKey = tuple[str, str, str, int | str | None, tuple[int, ...]]
State = tuple[dict[tuple[int, str, str], tuple[int, ...]], dict[CountKey, int]]


def label_all(round_: Round, project: Project, **answers: Sequence[str]) -> None:
    """`label_all(round_, project, alice=["supports", ...])`: each takes what comes next, stance by stance."""
    for name, stances in answers.items():
        who = factories.reviewer(project, name)
        for stance in stances:
            assert factories.label_next(round_, who, stance=stance) is not None
    factories.run_jobs()


def touch(round_: Round, units: Sequence[int]) -> None:
    """Say that the units changed, as every write of labels does, and wake a worker."""
    newest = Label.objects.filter(round=round_).order_by("-event_id").values_list("event_id", flat=True).first() or 0
    PendingFold.objects.bulk_create(PendingFold(round=round_, unit_id=unit, event_id=newest) for unit in units)
    jobs.enqueue_once("fold_round", key=str(round_.pk), args={"round": round_.pk})


def counting_state(round_: Round) -> State:
    """(unit, question, phase) -> labels for each choice; (question, phase, stratum, part, pattern) -> units."""
    patterns = UnitPattern.objects.filter(round=round_)
    counts: dict[CountKey, int] = {}
    for row in PatternCount.objects.filter(round=round_):
        counts[row.question, row.phase, row.stratum, row.article_id, tuple(row.counts)] = row.n_units
    for bundle in BundleCount.objects.filter(round=round_):
        name = f"bundle {bundle.bundle}"
        counts[bundle.question, bundle.phase, bundle.stratum, name, tuple(bundle.counts)] = bundle.n_units
    for own in ReviewerCount.objects.filter(round=round_):
        counts[own.question, own.phase, own.stratum, f"reviewer {own.reviewer_id}", ()] = own.n_units
    return {(row.unit_id, row.question, row.phase): tuple(row.counts) for row in patterns}, counts


def write_label(
    round_: Round, unit: int, who: Reviewer, question: str, value: Any, *, at: datetime | None = None
) -> None:
    """One label with its event and its line in the queue, without the checks and chains of submitting."""
    seq = LabelEvent.objects.filter(reviewer=who).count() + 1
    event = LabelEvent.objects.create(
        project_id=round_.project_id, reviewer=who, seq=seq, kind="submitted", round=round_, unit_id=unit,
        codebook_version_id=round_.codebook_version_id, answers={question: {"value": value}},
        idempotency_key=f"{who.pk}/{seq}", request_sha256="", prev_hash=b"", hash=b"",
        created_at=at or Now(),
    )  # fmt: skip
    Label.objects.update_or_create(
        round=round_, unit_id=unit, question=question, reviewer=who, phase="first",
        defaults={"value": value, "missing": None, "event": event, "is_void": False},
    )  # fmt: skip
    PendingFold.objects.create(round=round_, unit_id=unit, event_id=event.pk)
