"""The second look at reasons: what people make of an answer with its reason, not knowing whose it is."""

from __future__ import annotations

from django.db import models

from claims.models.base import CreatedAt, choices, one_of
from claims.models.label import LabelEvent
from claims.models.project import Reviewer

VERDICTS = ("valid", "error", "guideline_gap", "legitimate_disagreement")


class ReasonJudgement(CreatedAt):
    """One judge's verdict on the answers and the reason of one event."""

    event = models.ForeignKey(LabelEvent, on_delete=models.PROTECT, related_name="judgements", db_index=False)
    judge = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="judgements")
    verdict = models.CharField(max_length=24, choices=choices(VERDICTS))
    words = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "judge"], name="claims_reason_is_judged_once_by_each"),
            one_of("verdict", VERDICTS, "claims_reason_verdict_is_known"),
        ]
