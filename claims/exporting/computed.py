"""Tables of a release that are computed, not read: how likely each choice is right, and which split a unit is in."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

import numpy as np

from claims.exporting import sources
from claims.exporting.likeness import LIKE, near_duplicates
from claims.exporting.scope import Params
from claims.exporting.selecting import SplitPlan
from claims.exporting.splits import Member, Place, share_out, shared
from claims.exporting.streaming import FETCHED_AT_ONCE, Batch, Row, stream
from claims.models import Question
from claims.statistics.dawid_skene import fit_consensus

UNITS_AT_ONCE = 1_000


def posteriors(params: Params) -> Iterator[Batch]:
    """The choices of each unit with their chance, by Dawid and Skene's model of people's first answers."""
    for (round_, code), given in groupby(stream(sources.GIVEN, params), key=itemgetter(0, 1)):
        head = next(given)
        asked = Question.objects.filter(codebook_version=head[5], code=code)
        codes = list(asked.values_list("choices__code", flat=True).order_by("choices__n"))
        for batch in _fitted(chain([head], given), [choice for choice in codes if choice]):
            yield [(round_, unit, code, *chance) for unit, *chance in batch]


def _fitted(rows: Iterator[Row], codes: list[str]) -> Iterator[Batch]:
    """Of rows (round, question, unit, reviewer, choice, codebook version) unit, choice and chance. Nothing where
    reviewers share no units. Numbers alone are kept of a row, since a question may have a million."""
    place = {code: n for n, code in enumerate(codes)}
    numbers: defaultdict[str, int] = defaultdict(lambda: len(numbers))
    units, people, values = array("q"), array("q"), array("q")
    for _, _, unit, reviewer, choice, _ in rows:
        if choice in place:
            units.append(unit)
            people.append(numbers[reviewer])
            values.append(place[choice])
    if len(codes) < 2 or not units:
        return
    known, at = np.unique(np.asarray(units), return_inverse=True)
    model = fit_consensus(at.astype(np.int64), np.asarray(people), np.asarray(values), len(codes))
    if model is None:
        return
    chances = model.posteriors.round(4) + 0.0  # four places: processors differ in the last bits, releases may not
    for start in range(0, len(known), UNITS_AT_ONCE):
        part = slice(start, start + UNITS_AT_ONCE)
        lines = zip(known[part].tolist(), chances[part].tolist(), strict=True)
        yield [(unit, code, p) for unit, line in lines for code, p in zip(codes, line, strict=True) if p]


def members_of(params: Params, plan: SplitPlan) -> list[Member]:
    values = params | {"stratify_by": plan.stratify_by}
    return [Member(*row) for row in stream(sources.MEMBERS, values)]


def places_of(params: Params) -> dict[int, Place]:
    """{unit: its place}, in order of units; nothing where no splits are planned."""
    if params["split_plan"] is None:
        return {}
    plan = SplitPlan.of(params["split_plan"])
    return dict(sorted(share_out(members_of(params, plan), plan).items()))


def splits(params: Params) -> Iterator[Batch]:
    rows = [(unit, *place) for unit, place in params["places"].items()]
    for start in range(0, len(rows), FETCHED_AT_ONCE):
        yield rows[start : start + FETCHED_AT_ONCE]


def split_report(params: Params) -> dict[str, Any]:
    """The plan, how many units each split has, and what is in two of them all the same."""
    plan, places = SplitPlan.of(params["split_plan"]), params["places"]
    by_split = [place.split for place in places.values()]
    words = (
        (places[unit].split, text or "")
        for unit, text in stream(sources.WORDED, params)
        if places[unit].split is not None
    )
    return {
        **params["split_plan"],
        "units": {split: by_split.count(split) for split in plan.shares},
        "without_split": by_split.count(None),
        "in_two_splits": shared(members_of(params, plan), places),
        "near_duplicates": near_duplicates(words),
        "near_duplicates_from": LIKE,
    }
