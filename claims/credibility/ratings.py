"""How reviewers place an outlet: left or right in a country's politics, factual or not, for or against somebody.

Left and right are averaged within one national frame only: a place in the politics of one country says nothing in those
of another. Where camps of reviewers are declared, places are averaged within each camp and then across, so that a large
camp does not outvote a small one. "Not applicable" is an answer and has no place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from claims.credibility.criteria import Observation, answers_about, newest_formula
from claims.credibility.entities import family_of
from claims.models import Outlet, Question
from claims.models.credibility import RATING_SCALES
from claims.statistics.shares import mean_of
from claims.values.naming import TOWARD, folded, target_name

FRAME, OWN, OTHER = "bias_frame", "own_country", "other_country"
STANCES = ("against", "neutral", "favor")
# Question -> its title and the scale in order.
AXES: dict[str, tuple[str, tuple[str, ...]]] = {
    "outlet_bias": ("Left or right", RATING_SCALES["bias"]),
    "outlet_factuality": ("Factual reporting", RATING_SCALES["factuality"]),
    "outlet_alignment": ("Toward its government", STANCES),
}


@dataclass(frozen=True)
class Rated:
    """`value` is a place on the scale from 0, `low` and `high` its 95 % interval (Student's) where there are no camps
    and people differ; `counts` how many chose which; `frame` in whose politics; `frames` who named which."""

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
    frame: str = ""
    country: str = ""  # of the frame "own_country", where the outlet's description names one

    @property
    def politics(self) -> str:
        """In whose politics the place is, in words."""
        if self.frame != OWN:
            return self.frame.replace("_", " ")
        return f"its own country ({self.country})" if self.country else "its own country, which is not stated"

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
    """Each axis that somebody answered, in the order of AXES, then the named targets by name; the newest answer of each
    person. Left or right has a row for each frame, that of most people first."""
    formula = newest_formula(outlet.project)
    camps = formula.camps if formula else {}
    axes = {**AXES, **_targets(outlet)}
    newest: dict[tuple[str, int], Observation] = {}
    for _, row in answers_about(outlet.project_id, family_of(outlet), (*axes, FRAME)):
        key = row.criterion, row.reviewer
        if key not in newest or newest[key].event < row.event:
            newest[key] = row
    by_axis: dict[str, list[Observation]] = defaultdict(list)
    for row in newest.values():
        by_axis[row.criterion].append(row)
    country = _country(outlet)
    framed = frames_of(by_axis.pop(FRAME, ()), country)
    found = []
    for axis, said in axes.items():
        if axis == "outlet_bias":
            found += _within_frames(by_axis[axis], camps, framed, country)
        elif by_axis[axis]:
            found.append(rated(axis, by_axis[axis], camps, {}, said))
    return found


def _targets(outlet: Outlet) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The named targets that any codebook of the project asks about: code -> title and scale, by name."""
    asked = Question.objects.filter(codebook_version__codebook__project=outlet.project_id, code__startswith=TOWARD)
    titles = dict(asked.order_by("id").values_list("code", "title"))  # the newest wording
    named = sorted((target_name(title), code) for code, title in titles.items())
    return {code: (f"Toward {name}", STANCES) for name, code in named}


def _country(outlet: Outlet) -> str:
    version = outlet.versions.order_by("-n").first()
    return version.country if version else ""


def frames_of(answers: Iterable[Observation], country: str) -> dict[int, str]:
    """Reviewer -> in whose politics: the outlet's own country, another as most people spell it, or "not_applicable".

    Who writes the letters of the outlet's own country means that one.
    """
    said: dict[int, tuple[str, str]] = {}  # reviewer -> what frames are told apart by, and how it was written
    spelled: dict[str, Counter[str]] = defaultdict(Counter)
    for row in answers:
        if row.answer == OTHER and folded(row.written) != folded(country):
            key = folded(row.written)
            spelled[key][" ".join(row.written.split())] += 1
            said[row.reviewer] = key, row.written
        else:
            said[row.reviewer] = "", OWN if row.answer == OTHER else row.answer
    words = {key: min(found, key=lambda name: (-found[name], name)) for key, found in spelled.items()}
    return {who: words[key] if key else name for who, (key, name) in said.items()}


def _within_frames(
    answers: Sequence[Observation], camps: Mapping[str, str], framed: Mapping[int, str], country: str
) -> list[Rated]:
    groups: dict[str, list[Observation]] = defaultdict(list)
    for row in answers:
        groups[framed.get(row.reviewer, "")].append(row)
    order = sorted(groups, key=lambda frame: (-len(groups[frame]), frame))
    found: list[Rated] = []
    for frame in order:
        within = rated("outlet_bias", groups[frame], camps, {frame: len(groups[frame])})
        found.append(replace(within, frame=frame, country=country if frame == OWN else ""))
    outside = sum(frame == "not_applicable" for frame in framed.values())
    if outside:
        title, scale = AXES["outlet_bias"]
        found.append(Rated("outlet_bias", title, scale, {"not_applicable": outside}, 0, None, None, None, {}, {}))
    return found


def rated(
    axis: str,
    answers: Sequence[Observation],
    camps: Mapping[str, str],
    frames: Mapping[str, int],
    said: tuple[str, tuple[str, ...]] | None = None,
) -> Rated:
    title, scale = said or AXES[axis]
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
