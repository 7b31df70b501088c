"""Switching a project's composite on and off, and its weights: each change is a version with its reason."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from claims import audit
from claims.credibility.criteria import newest_formula
from claims.errors import Conflict, Refused
from claims.models import Project, Reviewer, ScoreFormula, User
from claims.models.formula import CRITERIA
from claims.permissions import check_can, check_not_archived
from claims.text import clean_line, clean_text

RATIONALE_CHARS = 4_000
HEAVIEST = 100
CAMP_CHARS = 40


def set_formula(
    project: Project,
    *,
    expected_n: int,
    is_on: bool,
    weights: Mapping[str, Any],
    rationale: str,
    by: User,
    camps: Mapping[int, str] | None = None,
) -> ScoreFormula:
    """Make the next version stand. Raises Conflict `stale_version` when somebody was quicker."""
    check_can("manage_outlets", by, project)
    check_not_archived(project)
    words = clean_text(rationale, limit=RATIONALE_CHARS, code="rationale_too_long").text.strip()
    if not words:
        raise Refused("rationale_missing", "Say why these weights, or why it is switched off: readers will ask.")
    checked = check_weights(weights)
    declared = _check_camps(project, camps or {})
    newest = newest_formula(project)
    current = newest.n if newest else 0
    stale = Conflict("stale_version", "Somebody changed the formula meanwhile.", current={"version": current})
    if current != expected_n:
        raise stale
    try:
        with transaction.atomic():
            made = ScoreFormula.objects.create(
                project=project,
                n=current + 1,
                is_on=is_on,
                weights=checked,
                camps=declared,
                rationale=words,
                created_by=by,
            )
            audit.record("set_score_formula", made, by=by, version=made.n, is_on=is_on)
    except IntegrityError:
        raise stale from None
    return made


def check_weights(weights: Mapping[str, Any]) -> dict[str, float]:
    """Every criterion's weight, 0 to 100; one at least is above 0."""
    unknown = sorted(set(weights) - set(CRITERIA))
    if unknown:
        raise Refused("unknown_criterion", f"There is no criterion {unknown[0][:40]!r}. Known: {', '.join(CRITERIA)}.")
    checked = {}
    for criterion in CRITERIA:
        weight = weights.get(criterion, 0)
        is_number = isinstance(weight, int | float) and not isinstance(weight, bool) and math.isfinite(weight)
        if not is_number or not 0 <= weight <= HEAVIEST:
            raise Refused("invalid_weight", f"The weight of {criterion} is a number from 0 to {HEAVIEST}.")
        checked[criterion] = float(weight)
    if not any(checked.values()):
        raise Refused("invalid_weight", "Give one criterion at least a weight above 0.")
    return checked


def _check_camps(project: Project, camps: Mapping[int, str]) -> dict[str, str]:
    named = {reviewer: clean_line(camp)[:CAMP_CHARS] for reviewer, camp in camps.items()}
    known = set(Reviewer.objects.filter(project=project, pk__in=list(named)).values_list("pk", flat=True))
    if strangers := set(named) - known:
        raise Refused("unknown_reviewer", f"Reviewer {min(strangers)} is not of this project.")
    return {str(reviewer): camp for reviewer, camp in sorted(named.items()) if camp}
