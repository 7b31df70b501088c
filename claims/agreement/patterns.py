"""What is counted for a question and which figures are made of it. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from claims.statistics.scales import Scale
from claims.statistics.tables import LabelTable, Pattern

PATTERNED_KINDS = ("nominal", "ordinal", "interval")
VIEWS = ("full", "collapsed")

# A score's name -> coefficient and level or weights in `claims.statistics`.
SCORES: dict[str, tuple[str, str]] = {
    "krippendorff_alpha_nominal": ("krippendorff_alpha", "nominal"),
    "krippendorff_alpha_ordinal": ("krippendorff_alpha", "ordinal"),
    "krippendorff_alpha_interval": ("krippendorff_alpha", "interval"),
    "krippendorff_alpha_ratio": ("krippendorff_alpha", "ratio"),
    "gwet_ac1": ("gwet_ac", "identity"),
    "gwet_ac2_linear": ("gwet_ac", "linear"),
    "gwet_ac2_quadratic": ("gwet_ac", "quadratic"),
    "percent_agreement": ("percent_agreement", "identity"),
}

# Level of a question -> its headline, the second figure beside it, and what else is kept.
SCORES_OF_LEVEL: dict[str, tuple[str, ...]] = {
    "nominal": ("krippendorff_alpha_nominal", "gwet_ac1", "percent_agreement"),
    "ordinal": ("krippendorff_alpha_ordinal", "gwet_ac2_linear", "percent_agreement", "krippendorff_alpha_nominal"),
    "interval": (
        "krippendorff_alpha_interval",
        "gwet_ac2_quadratic",
        "percent_agreement",
        "krippendorff_alpha_ordinal",
        "krippendorff_alpha_nominal",
    ),
    "ratio": (
        "krippendorff_alpha_ratio",
        "gwet_ac2_quadratic",
        "percent_agreement",
        "krippendorff_alpha_nominal",
    ),
}


@dataclass(frozen=True)
class ChoicePlan:
    """A declared choice, and the choice it counts as in the collapsed view (its own code where none is declared)."""

    code: str
    label: str
    collapsed_to: str


@dataclass(frozen=True)
class Path:
    """A question that some answers to an earlier one open: both answers together are one derived label."""

    first: str
    second: str
    opening: frozenset[str]  # choices of the first


@dataclass(frozen=True)
class QuestionPlan:
    """A question whose answers are counted: one declared choice a label. `path` is set where the label is derived."""

    code: str
    title: str
    level: str
    choices: tuple[ChoicePlan, ...]
    path: Path | None = None

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Where a choice's number stands in a pattern."""
        return {choice.code: n for n, choice in enumerate(self.choices)}

    @property
    def scale(self) -> Scale:
        """Choices are equally spaced where the level is interval: their rank is their number."""
        return Scale(len(self.choices), tuple(float(n) for n in range(len(self.choices))))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Codes of the collapsed view, in the order in which the choices name them first."""
        return tuple(dict.fromkeys(choice.collapsed_to for choice in self.choices))

    @property
    def views(self) -> tuple[str, ...]:
        return VIEWS if 1 < len(self.groups) < len(self.choices) else VIEWS[:1]

    def level_of(self, view: str) -> str:
        """Choices that are put together from different places leave no order behind."""
        order = [self.groups.index(choice.collapsed_to) for choice in self.choices]
        return "nominal" if view == "collapsed" and order != sorted(order) else self.level

    def scores_of(self, view: str) -> tuple[str, ...]:
        return SCORES_OF_LEVEL[self.level_of(view)]

    def labels_of(self, view: str) -> tuple[str, ...]:
        if view == "full":
            return tuple(choice.label for choice in self.choices)
        names = {choice.code: choice.label for choice in self.choices}
        return tuple(names.get(code, code.replace("_", " ")) for code in self.groups)

    def count(self, answers: Iterable[tuple[str, int]]) -> Pattern:
        """The pattern of (choice code, number of labels); what the question does not declare is not counted."""
        counts = [0] * len(self.choices)
        for code, n in answers:
            if code in self.place:
                counts[self.place[code]] += n
        return tuple(counts)

    def table_of(self, table: LabelTable, view: str) -> tuple[LabelTable, Scale]:
        """The table and scale of a view of the question."""
        if view == "full":
            return table, self.scale
        joined = np.zeros((len(self.choices), len(self.groups)), dtype=np.int64)
        for n, choice in enumerate(self.choices):
            joined[n, self.groups.index(choice.collapsed_to)] = 1
        scale = Scale(len(self.groups), tuple(float(n) for n in range(len(self.groups))))
        return LabelTable(table.counts @ joined, table.units, table.articles), scale


PATH_PREFIX = "path:"
PATH_CHOICES = 60  # with more, hardly two units show the same pattern


def path_plan(first: QuestionPlan, second: QuestionPlan, opening: Iterable[str]) -> QuestionPlan | None:
    """The derived label "this answer, and then that one": comparable for everybody who answered the first question,
    also where only one of two came to the second. None where there would be too many choices."""
    opened, choices = frozenset(opening), []
    for choice in first.choices:
        if choice.code in opened:
            choices += [
                ChoicePlan(code, f"{choice.label}: {then.label}", code)
                for then in second.choices
                for code in [f"{choice.code}/{then.code}"]
            ]
        else:
            choices.append(ChoicePlan(choice.code, choice.label, choice.code))
    if len(choices) > PATH_CHOICES:
        return None
    title = f"{first.title} Then: {second.title}"
    path = Path(first.code, second.code, opened)
    return QuestionPlan(PATH_PREFIX + second.code, title, "nominal", tuple(choices), path)


def is_split(pattern: Pattern) -> bool:
    """At least two different choices were given: people differ."""
    return sum(n > 0 for n in pattern) > 1


def division(pattern: Pattern) -> float:
    """Share of pairs of labels that differ: 0 for one mind, 1 when no two agree."""
    labels = sum(pattern)
    pairs = labels * (labels - 1)
    return 1 - sum(n * (n - 1) for n in pattern) / pairs if pairs else 0.0
