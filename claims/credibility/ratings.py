"""How reviewers place an outlet: left or right in a country's politics, factual or not, for or against a government.

Where camps of reviewers are declared, places are averaged within each camp and then across, so that a large camp does
not outvote a small one. "Not applicable" is an answer and has no place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claims.credibility.criteria import Observation, answers_about, newest_formula
from claims.credibility.entities import family_of
from claims.models import Outlet
from claims.models.credibility import RATING_SCALES
from claims.statistics.shares import mean_of

FRAME = "bias_frame"
# Question -> its title and the scale in order.
AXES: dict[str, tuple[str, tuple[str, ...]]] = {
    "outlet_bias": ("Left or right", RATING_SCALES["bias"]),
    "outlet_factuality": ("Factual reporting", RATING_SCALES["factuality"]),
    "outlet_alignment": ("Toward its government", ("against", "neutral", "favor")),
}


@dataclass(frozen=True)
class Rated:
    """`value` is a place on the scale from 0, `low` and `high` its 95 % interval (Student's) where there are no camps
    and people differ; `counts` how many chose which."""

    axis: str
    title: str
    scale: Sequence[str]
    counts: Mapping[str, int]
    reviewers: int
    value: float | None
    low: float | None
    high: float | None
    camps: Mapping[str, float]
    frames: Mapping[str, int]

    @property
    def is_alike(self) -> bool:
        """Several people, and one answer: how far the next may lie from it cannot be read from them."""
        return self.reviewers > 1 and self.low is None and not self.camps

    @property
    def word(self) -> str:
        """The choice next to the value."""
        return "" if self.value is None else self.scale[min(int(self.value + 0.5), len(self.scale) - 1)]

    @property
    def spread(self) -> list[tuple[str, int]]:
        return [(choice, self.counts[choice]) for choice in (*self.scale, "not_applicable") if self.counts.get(choice)]


def ratings_of(outlet: Outlet) -> list[Rated]:
    """Each axis that somebody answered, in the order of AXES; the newest answer of each person."""
    formula = newest_formula(outlet.project)
    camps = formula.camps if formula else {}
    newest: dict[tuple[str, int], Observation] = {}
    for _, row in answers_about(outlet.project_id, family_of(outlet), (*AXES, FRAME)):
        key = row.criterion, row.reviewer
        if key not in newest or newest[key].event < row.event:
            newest[key] = row
    by_axis: dict[str, list[Observation]] = defaultdict(list)
    for row in newest.values():
        by_axis[row.criterion].append(row)
    frames = Counter(row.answer for row in by_axis.pop(FRAME, ()))
    return [
        rated(axis, by_axis[axis], camps, frames if axis == "outlet_bias" else {}) for axis in AXES if by_axis[axis]
    ]


def rated(axis: str, answers: Sequence[Observation], camps: Mapping[str, str], frames: Mapping[str, int]) -> Rated:
    title, scale = AXES[axis]
    places: dict[str, list[int]] = defaultdict(list)
    for row in answers:
        camp = camps.get(str(row.reviewer), "")
        if row.answer in scale and (camp or not camps):
            places[camp].append(scale.index(row.answer))
    means = {camp: sum(found) / len(found) for camp, found in sorted(places.items())}
    counted = [place for found in places.values() for place in found]
    # Answers that are all alike do not tell how far the next one may lie: no interval, rather than one of no width.
    differ = len(set(counted)) > 1 and not camps
    spread = mean_of(Counter(map(float, counted))) if differ else None
    return Rated(
        axis=axis,
        title=title,
        scale=scale,
        counts=dict(Counter(row.answer for row in answers)),
        reviewers=len(counted),
        value=sum(means.values()) / len(means) if means else None,
        low=max(spread.low, 0.0) if spread else None,
        high=min(spread.high, len(scale) - 1.0) if spread else None,
        camps={camp: mean for camp, mean in means.items() if camp},
        frames=dict(frames),  # a Counter answers 0 to a template that asks for its items
    )
