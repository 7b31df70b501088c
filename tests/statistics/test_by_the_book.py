"""Every coefficient against its definition written out pair by pair, over random tables: missing labels, choices that
nobody used, one label, no variation. The definitions follow the papers; nothing here is shared with the product."""

from __future__ import annotations

import math
import random
from collections import Counter
from itertools import combinations, pairwise, permutations

import numpy as np
import pytest

from claims.statistics.coefficients import COEFFICIENTS
from claims.statistics.dawid_skene import estimate_consensus
from claims.statistics.running import RunningCounts
from claims.statistics.scales import WEIGHTS, Scale
from claims.statistics.scoring import score_labels
from claims.statistics.sets import score_sets
from claims.statistics.spans import Span, span_f1, unitizing
from claims.statistics.tables import table_from_matrix

Rows = list[list[int | None]]
TABLES = range(120)


def draw_table(seed: int) -> tuple[Rows, int]:
    """Units x reviewers with holes, and the number of declared choices, not all of which need occur."""
    dice = random.Random(seed)
    size, reviewers, units = dice.randint(2, 6), dice.choice([2, 2, 3, 5]), dice.choice([1, 2, 5, 12, 30])
    used = dice.randint(1, size)
    holes, noise = dice.choice([0, 0.3, 0.7]), dice.choice([0, 0.2, 1])
    rows: Rows = []
    for _ in range(units):
        truth = dice.randrange(used)
        row = [truth if dice.random() > noise else dice.randrange(used) for _ in range(reviewers)]
        rows.append([None if dice.random() < holes else value for value in row])
    return rows, size


def given(row: list[int | None]) -> list[int]:
    return [value for value in row if value is not None]


def weight(name: str, one: int, other: int, size: int) -> float:
    """Gwet (2014), chapter 3, over ranks."""
    apart, most = abs(one - other), size - 1
    return {
        "identity": float(not apart),
        "linear": 1 - apart / most,
        "quadratic": 1 - apart**2 / most**2,
        "radical": 1 - math.sqrt(apart) / math.sqrt(most),
        "ordinal": 1 - math.comb(apart + 1, 2) / math.comb(most + 1, 2),
    }[name]


def alpha_by_pairs(rows: Rows, level: str) -> float | None:
    """Krippendorff (2011), sections C and D: pairs within units against pairs of all comparable labels."""
    units = [given(row) for row in rows if len(given(row)) > 1]
    pooled = [value for unit in units for value in unit]
    often = Counter(pooled)

    def distance(one: int, other: int) -> float:
        if level == "nominal":
            return float(one != other)
        if level == "ordinal":
            low, high = sorted((one, other))
            return (sum(often[value] for value in range(low, high + 1)) - (often[low] + often[high]) / 2) ** 2
        if level == "interval":
            return float((one - other) ** 2)
        return ((one - other) / (one + other)) ** 2 if one + other else 0.0

    observed = sum(sum(distance(a, b) for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units)
    expected = sum(distance(a, b) for a, b in permutations(pooled, 2))
    return 1 - observed / len(pooled) / (expected / (len(pooled) * (len(pooled) - 1))) if expected else None


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_is_one_minus_observed_over_expected_pairs(level: str) -> None:
    for seed in TABLES:
        rows, size = draw_table(seed)
        found = score_labels(
            table_from_matrix(rows, size), "krippendorff_alpha", Scale(size, tuple(map(float, range(size)))), level
        )
        assert found.value == pytest.approx(alpha_by_pairs(rows, level), abs=1e-9), (seed, rows)


def family_by_units(rows: Rows, size: int, name: str, weights: str) -> float | None:
    """Gwet (2014), chapters 2 to 4: agreement is a mean over units with two labels, shares one over labelled units."""
    units = [given(row) for row in rows if given(row)]
    shares_of = [
        sum(weight(weights, a, b, size) for a, b in permutations(unit, 2)) / (len(unit) * (len(unit) - 1))
        for unit in units
        if len(unit) > 1
    ]
    if not shares_of:
        return None
    observed = sum(shares_of) / len(shares_of)
    share = [sum(unit.count(k) / len(unit) for unit in units) / len(units) for k in range(size)]
    total = sum(weight(weights, k, m, size) for k in range(size) for m in range(size))
    if name == "percent_agreement":
        return observed
    if name == "gwet_ac":
        chance = total / (size * (size - 1)) * sum(p * (1 - p) for p in share)
    elif name == "brennan_prediger":
        chance = total / size**2
    else:
        chance = sum(weight(weights, k, m, size) * share[k] * share[m] for k in range(size) for m in range(size))
    return None if math.isclose(chance, 1) else (observed - chance) / (1 - chance)


@pytest.mark.parametrize("weights", list(WEIGHTS))
@pytest.mark.parametrize("name", ["percent_agreement", "gwet_ac", "brennan_prediger", "fleiss_kappa"])
def test_the_family_of_kappas_by_its_definition(name: str, weights: str) -> None:
    for seed in TABLES:
        rows, size = draw_table(seed)
        found = score_labels(table_from_matrix(rows, size), name, Scale(size), weights)
        assert found.value == pytest.approx(family_by_units(rows, size, name, weights), abs=1e-9), (seed, rows)


def kappa_of_two(rows: Rows, size: int, weights: str) -> float | None:
    """Cohen (1968), formula 11, from the table of units that both labelled."""
    both = [(row[0], row[1]) for row in rows if None not in row[:2]]
    if not both:
        return None
    cells, one, other = Counter(both), Counter(a for a, _ in both), Counter(b for _, b in both)
    places = [(a, b) for a in range(size) for b in range(size)]
    seen = sum(weight(weights, a, b, size) * cells[a, b] for a, b in places) / len(both)
    chance = sum(weight(weights, a, b, size) * one[a] * other[b] for a, b in places) / len(both) ** 2
    return None if math.isclose(chance, 1) else (seen - chance) / (1 - chance)


@pytest.mark.parametrize("weights", list(WEIGHTS))
def test_weighted_kappa_of_two_reviewers_by_its_table(weights: str) -> None:
    for seed in TABLES:
        rows, size = draw_table(seed)
        if any(all(row[n] is None for row in rows) for n in (0, 1)) or len(rows[0]) != 2:
            continue
        found = score_labels(table_from_matrix(rows, size), "cohen_kappa", Scale(size), weights)
        assert found.value == pytest.approx(kappa_of_two(rows, size, weights), abs=1e-9), (seed, rows)


def conger_by_pairs(rows: Rows, size: int) -> float | None:
    """Conger (1980): chance is the mean over pairs of reviewers of what their own shares of the choices would give."""
    who = [n for n in range(len(rows[0])) if any(row[n] is not None for row in rows)]
    observed = family_by_units(rows, size, "percent_agreement", "identity")
    if len(who) < 2 or observed is None:
        return None
    often = {n: Counter(row[n] for row in rows if row[n] is not None) for n in who}
    pairs = [
        sum(often[a][k] * often[b][k] for k in range(size)) / often[a].total() / often[b].total()
        for a, b in combinations(who, 2)
    ]
    chance = sum(pairs) / len(pairs)
    return None if math.isclose(chance, 1) else (observed - chance) / (1 - chance)


def test_conger_by_pairs_of_reviewers() -> None:
    for seed in TABLES:
        rows, size = draw_table(seed)
        found = score_labels(table_from_matrix(rows, size), "conger_kappa", Scale(size))
        assert found.value == pytest.approx(conger_by_pairs(rows, size), abs=1e-9), (seed, rows)


def why(rows: Rows, size: int) -> str | None:
    if size < 2:
        return "single_category"
    units = [given(row) for row in rows if given(row)]
    if not units:
        return "no_labels"
    return "no_pairable_units" if all(len(unit) < 2 for unit in units) else None


@pytest.mark.parametrize("name", sorted(COEFFICIENTS))
def test_undefined_has_its_reason_and_is_no_number(name: str) -> None:
    for seed in range(400, 520):
        rows, size = draw_table(seed)
        score = score_labels(table_from_matrix(rows, size), name, Scale(size))
        assert (score.value is None) == (score.reason is not None)
        assert score.value is None or math.isfinite(score.value)
        if reason := why(rows, size):
            assert score.reason == reason
        elif score.value is None and name == "krippendorff_alpha":
            pairable = {value for row in rows if len(given(row)) > 1 for value in given(row)}
            assert (score.reason, len(pairable)) == ("no_variation", 1)


def set_distance(one: frozenset[str], other: frozenset[str], name: str) -> float:
    """Passonneau (2006), Measuring Agreement on Set-valued Items; Jaccard (1912)."""
    if one == other:
        return 0.0
    likeness = len(one & other) / len(one | other)
    if name == "jaccard":
        return 1 - likeness
    monotonicity = 2 / 3 if one < other or other < one else 1 / 3 if one & other else 0
    return 1 - likeness * monotonicity


@pytest.mark.parametrize("name", ["masi", "jaccard"])
def test_alpha_of_sets_by_pairs(name: str) -> None:
    for seed in TABLES:
        dice = random.Random(seed)
        rows = [
            [None if dice.random() < 0.2 else {t for t in "abc" if dice.random() < 0.5} for _ in range(3)]
            for _ in range(dice.choice([1, 4, 15]))
        ]
        units = [[frozenset(tags) for tags in row if tags is not None] for row in rows]
        units = [unit for unit in units if len(unit) > 1]
        pooled = [tags for unit in units for tags in unit]
        observed = sum(
            sum(set_distance(a, b, name) for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units
        )
        expected = sum(set_distance(a, b, name) for a, b in permutations(pooled, 2))
        value = 1 - observed * (len(pooled) - 1) / expected if expected else None
        assert score_sets(rows, name).value == pytest.approx(value, abs=1e-9), seed


def draw_spans(dice: random.Random, length: int) -> list[Span]:
    edges = sorted(dice.sample(range(length + 1), 2 * dice.randint(0, 3)))
    return list(zip(edges[::2], edges[1::2], strict=True))


def unit_distance(one: Span, is_marked: bool, other: Span, other_is_marked: bool) -> float:
    """Krippendorff (1995), formula 2: two sections, each marked or a gap."""
    if not (one[0] < other[1] and other[0] < one[1]):
        return 0
    if is_marked and other_is_marked:
        return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2
    if is_marked and other[0] <= one[0] and one[1] <= other[1]:
        return (one[1] - one[0]) ** 2
    if other_is_marked and one[0] <= other[0] and other[1] <= one[1]:
        return (other[1] - other[0]) ** 2
    return 0


def sections(spans: list[Span], length: int) -> list[tuple[Span, bool]]:
    edges = sorted({0, length, *(edge for span in spans for edge in span)})
    return [((a, b), (a, b) in spans) for a, b in pairwise(edges)]


def test_observed_disagreement_of_spans_section_by_section() -> None:
    for seed in TABLES:
        dice = random.Random(seed)
        length, people = dice.randint(8, 30), dice.choice([2, 3])
        marked = [draw_spans(dice, length) for _ in range(people)]
        seen = sum(
            unit_distance(*one, *other)
            for a, b in permutations(marked, 2)
            for one in sections(a, length)
            for other in sections(b, length)
        )
        found = unitizing(marked, 0, length)
        assert found.observed == pytest.approx(seen / (people * (people - 1) * length**2), abs=1e-12)
        assert (found.alpha is None) == (not any(marked))


def best_matches(one: list[Span], other: list[Span], overlap: float) -> int:
    """The most spans that can be matched one to one, by trying."""
    if not one:
        return 0
    first, rest = one[0], one[1:]
    best = best_matches(rest, other, overlap)
    for n, span in enumerate(other):
        shared = min(first[1], span[1]) - max(first[0], span[0])
        if shared > 0 and shared / (max(first[1], span[1]) - min(first[0], span[0])) >= overlap:
            best = max(best, 1 + best_matches(rest, other[:n] + other[n + 1 :], overlap))
    return best


@pytest.mark.parametrize("overlap", [None, 0.5, 0.3])
def test_f1_of_spans_matches_as_many_as_can_be(overlap: float | None) -> None:
    for seed in range(600):
        dice = random.Random(seed)
        marked = [draw_spans(dice, 14) for _ in range(2)]
        total = len(marked[0]) + len(marked[1])
        value = 2 * best_matches(*marked, overlap or 1.0) / total if total else None
        assert span_f1(marked, overlap) == pytest.approx(value), (seed, marked)


def consensus_by_loops(labels: list[tuple[int, int, int]], size: int, steps: int) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Dawid and Skene (1979), formulas 2.3 to 2.5 and 3.1, one product after the other."""
    units, people = 1 + max(u for u, _, _ in labels), 1 + max(r for _, r, _ in labels)
    shares = np.zeros((units, size))
    for unit, _, value in labels:
        shares[unit, value] += 1
    shares /= shares.sum(axis=1, keepdims=True)
    for _ in range(steps):
        common, rates = shares.mean(axis=0), np.zeros((people, size, size))
        for unit, who, value in labels:
            rates[who, :, value] += shares[unit]
        totals = rates.sum(axis=2, keepdims=True)
        rates = np.where(totals > 0, rates / np.where(totals > 0, totals, 1), 1 / size)
        shares = np.tile(common, (units, 1))
        for unit, who, value in labels:
            shares[unit] *= rates[who, :, value]
        shares /= shares.sum(axis=1, keepdims=True)
    return shares, rates


@pytest.mark.parametrize("alike", [False, True])
def test_dawid_skene_by_loops(alike: bool) -> None:
    """Also where most units are alike, so that they are worked on together."""
    for seed in range(6):
        dice = random.Random(seed)
        size, people, units = dice.randint(2, 4), 3 if alike else 6, 120
        labels = []
        for unit in range(units):
            truth = dice.randrange(size)
            who = range(people) if alike else dice.sample(range(people), 3)
            labels += [(unit, w, truth if dice.random() < 0.8 else dice.randrange(size)) for w in who]
        columns = (np.array(column, dtype=np.int64) for column in zip(*labels, strict=True))
        found = estimate_consensus(*columns, size, most_iterations=15, tolerance=-1)
        shares, rates = consensus_by_loops(labels, size, 15)
        assert found.posteriors == pytest.approx(shares, abs=1e-9)
        assert found.error_rates == pytest.approx(rates, abs=1e-9)


def test_running_counts_are_the_table_counted_at_the_end() -> None:
    for seed in range(20):
        dice = random.Random(seed)
        running, answers = RunningCounts(4), dict[tuple[int, int], int]()
        for _ in range(150):
            place = dice.randrange(8), dice.randrange(4)
            if dice.random() < 0.3:
                answers.pop(place, None)
                running.set_answer(*place, None)
            else:
                answers[place] = dice.randrange(4)
                running.set_answer(*place, answers[place])
            rows: Rows = [[answers.get((unit, who)) for who in range(4)] for unit in range(8)]
            counted = score_labels(running.table(), "krippendorff_alpha", Scale(4), "ordinal")
            assert counted.value == pytest.approx(alpha_by_pairs(rows, "ordinal"), abs=1e-12)
