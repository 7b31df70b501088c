"""Which evidence stands behind a unit in a round, and who may read it because they check it."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import QuerySet

from claims.models import Assignment, EvidenceItem, Label, Reviewer


def brought_in(evidence: int, unit: int) -> list[int]:
    """The evidence rows that standing answers of people name."""
    asked = Label.objects.filter(round=evidence, unit=unit, is_void=False, reviewer__kind="human")
    items = [
        item
        for value in asked.values_list("value", flat=True)
        if isinstance(value, list)
        for item in value
        if isinstance(item, Mapping)
    ]
    return [item["id"] for item in items if isinstance(item.get("id"), int) and "relation" in item]


def is_checking(reviewer: Reviewer, items: QuerySet[EvidenceItem]) -> bool:
    """Whether the reviewer checks, or has checked, a claim to which one of the items was brought in that round."""
    held = Assignment.objects.filter(reviewer=reviewer, state__in=("reserved", "submitted"))
    held = held.filter(unit__occurrence_version__occurrence__claim__in=items.values("claim"))
    own = set(items.values_list("pk", flat=True))
    places = held.exclude(round__checks=None).values_list("round__checks", "unit")
    return any(own & set(brought_in(evidence, unit)) for evidence, unit in places if evidence is not None)
