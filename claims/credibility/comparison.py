"""Our own outlet ratings beside those of others, by rank: scales differ, orders can be compared."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from claims.credibility.external import Names
from claims.models import ExternalRating, Outlet, Project, SettledLabel
from claims.models.credibility import RATING_SCALES
from claims.statistics.ranks import Correlation, spearman

OWN_QUESTIONS = {"bias": "outlet_bias", "factuality": "outlet_factuality"}


@dataclass(frozen=True)
class Compared:
    """Spearman's rho between our settled ratings and one rater's, over the outlets that both rated."""

    axis: str
    rater: str
    found: Correlation


def own_and_external(project: Project) -> list[Compared]:
    """One row for each axis and rater."""
    external: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    names = Names(project)
    stated = ExternalRating.objects.filter(project=project).exclude(mapped="").order_by("rated_on", "id")
    for rating in stated.values_list("axis", "rater", "outlet_id", "outlet__name", "mapped"):
        axis, rater, outlet, name, mapped = rating
        external[axis, rater][names.outlet(name) or outlet] = float(
            RATING_SCALES[axis].index(mapped)
        )  # the newest stands
    return [
        Compared(axis, rater, _compare(own_ratings(project, axis), theirs))
        for (axis, rater), theirs in sorted(external.items())
    ]


def own_ratings(project: Project, axis: str) -> dict[int, float]:
    """Outlet -> place on the scale that was settled last, as a number."""
    rows = SettledLabel.objects.filter(
        unit__project=project, unit__kind="outlet", question=OWN_QUESTIONS[axis], outcome="answer", missing=None
    ).order_by("id")
    found: dict[int, float] = {}
    names = Names(project)
    outlets = dict(Outlet.objects.filter(project=project).values_list("id", "name"))
    for outlet, value in rows.values_list("unit__outlet_version__outlet", "value"):
        place = _place(axis, value)
        if place is not None:
            found[names.outlet(outlets[outlet]) or outlet] = place
    return found


def _place(axis: str, value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return float(RATING_SCALES[axis].index(value)) if isinstance(value, str) and value in RATING_SCALES[axis] else None


def _compare(ours: dict[int, float], theirs: dict[int, float]) -> Correlation:
    both = sorted(ours.keys() & theirs.keys())
    return spearman([ours[outlet] for outlet in both], [theirs[outlet] for outlet in both])
