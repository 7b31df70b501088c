"""The blind evidence check: which units went back for more evidence, once each."""

from __future__ import annotations

from django.db import models

from claims.models.base import CreatedAt
from claims.models.round import Round, Unit


class EvidenceReturn(CreatedAt):
    """A unit whose checkers judged otherwise than who brought the evidence: one more person looks for evidence, and one
    more checks. A row is never changed, and a unit goes back once (Schlichtkrull, Guo and Vlachos, NeurIPS 2023)."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="returns", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    evidence_slot = models.PositiveSmallIntegerField()  # the place of the unit that was added where evidence is brought
    check_slot = models.PositiveSmallIntegerField()  # and the one that was added in the check

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "unit"], name="claims_evidence_is_returned_once"),
        ]
