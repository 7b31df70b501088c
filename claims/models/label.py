"""Labels: append-only events in one hash chain a reviewer, and the current answers projected from them."""

from __future__ import annotations

from typing import Self

from django.db import models

from claims.models.base import CreatedAt, choices, one_of
from claims.models.codebook import CodebookVersion
from claims.models.project import Project, Reviewer
from claims.models.round import Assignment, Round, Unit
from claims.vocabulary import MISSING_REASONS

PHASES = ("first", "after_discussion")
EVENT_KINDS = ("submitted", "revised", "skipped", "voided", "imported")


class LabelChain(models.Model):
    """The head of one reviewer's chain in a project. Locked while an event is appended: reviewers never wait for
    each other (INV-6)."""

    reviewer = models.OneToOneField(Reviewer, on_delete=models.PROTECT, primary_key=True, related_name="chain")
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.BinaryField(default=bytes)


class LabelEvent(CreatedAt):
    """One thing a reviewer did to one unit. The database refuses UPDATE and DELETE.

    `answers` is {question: {"value": code | [codes] | [sources] | number} | {"missing": reason} | {"private": true}}.
    Sources are those that the article names, in the order of a chain: an answer, counted and released. They are hashed
    by a digest only, so that a takedown can blank them (claims.values.erasable), and nothing else. What a person
    wrote in free text stands in LabelText, of which only a salted digest is hashed here: it can be erased without
    breaking the chain. `hash` = SHA-256(prev_hash + canonical JSON of the hashed columns), see
    claims.labelling.chain.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=16, choices=choices(EVENT_KINDS))
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="events", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="events")
    assignment = models.ForeignKey(
        Assignment, null=True, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    phase = models.CharField(max_length=20, choices=choices(PHASES), default="first")
    codebook_version = models.ForeignKey(CodebookVersion, on_delete=models.PROTECT, db_index=False)
    answers = models.JSONField()
    seconds = models.PositiveIntegerField(null=True)  # time spent, as the page measured it
    text_digest = models.BinaryField(default=bytes)
    idempotency_key = models.CharField(max_length=64)
    request_sha256 = models.CharField(max_length=64)
    prev_hash = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reviewer", "seq"], name="claims_label_event_number_is_used_once"),
            models.UniqueConstraint(fields=["reviewer", "idempotency_key"], name="claims_label_event_key_is_used_once"),
            one_of("kind", EVENT_KINDS, "claims_label_event_kind_is_known"),
            one_of("phase", PHASES, "claims_label_event_phase_is_known"),
            models.CheckConstraint(condition=models.Q(seq__gt=0), name="claims_label_event_numbers_start_at_one"),
        ]
        indexes = [models.Index(fields=["round", "unit"], name="claims_label_event_by_unit")]  # settle page


class LabelText(models.Model):
    """Free text that came with an event: notes, justifications, searches. Blanked on erasure, the event stays."""

    event = models.OneToOneField(LabelEvent, on_delete=models.PROTECT, primary_key=True, related_name="text")
    salt = models.BinaryField()
    content = models.JSONField()  # {"note": ..., question code: ...}
    erased_at = models.DateTimeField(null=True)


class LabelQuerySet(models.QuerySet["Label"]):
    def counted(self) -> Self:
        """Those that scores and releases count."""
        return self.filter(is_void=False)


class Label(models.Model):
    """The current answer of one reviewer to one question about one unit: the projection of the events."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="labels", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="labels")
    question = models.SlugField(max_length=40)
    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="labels")
    phase = models.CharField(max_length=20, choices=choices(PHASES), default="first")
    value = models.JSONField(null=True)
    missing = models.CharField(max_length=24, null=True, choices=choices(MISSING_REASONS))
    event = models.ForeignKey(LabelEvent, on_delete=models.PROTECT, related_name="labels")
    is_void = models.BooleanField(default=False)

    objects = LabelQuerySet.as_manager()

    class Meta:
        constraints = [
            # INV-2, and the order of its columns serves the fold: all answers to one question about one unit
            models.UniqueConstraint(
                fields=["round", "unit", "question", "reviewer", "phase"], name="claims_label_is_one_per_answer"
            ),
            models.CheckConstraint(
                condition=models.Q(value__isnull=False, missing=None)
                | models.Q(value__isnull=True, missing__isnull=False),
                name="claims_label_has_a_value_or_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(missing=None) | models.Q(missing__in=MISSING_REASONS),
                name="claims_label_missing_reason_is_known",
            ),
            one_of("phase", PHASES, "claims_label_phase_is_known"),
        ]


class Draft(models.Model):
    """What a reviewer has typed and not yet submitted. The newest `client_seq` wins (CO-21)."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="drafts", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="drafts")
    reviewer = models.ForeignKey(Reviewer, on_delete=models.CASCADE, related_name="drafts")
    payload = models.JSONField()
    client_seq = models.PositiveBigIntegerField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "unit", "reviewer"], name="claims_draft_is_one_per_reviewer")
        ]
