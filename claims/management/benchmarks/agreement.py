"""Agreement beside krippendorff, crowd-kit and statsmodels, in one run; those that are not installed are left out.

They come with the extra `benchmark`, which no lock holds: krippendorff is GPL and stays out of what users install.

The aims are for large data, and each is printed with the size it is meant for (`--units 1000000,3333334`): with few
units alpha itself takes a fraction of a millisecond, and what an interval costs whatever the size is many times that.
"""

from __future__ import annotations

import importlib
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from claims.management.benchmarks.dashboard import measure_dashboard
from claims.statistics.coefficients import COEFFICIENTS
from claims.statistics.dawid_skene import estimate_consensus
from claims.statistics.scales import Scale
from claims.statistics.scoring import score_labels
from claims.statistics.tables import Floats, Ints, LabelTable, table_from_labels

CHOICES, LABELS, REVIEWERS, AN_ARTICLE = 5, 3, 20, 3
MODEL_UNITS, ITERATIONS = 100_000, 20
AT_A_MILLION = "aim at 1,000,000 units"
Say = Callable[[str], None]
EVERYTHING = [
    *(("krippendorff_alpha", level) for level in ("nominal", "ordinal", "interval")),
    *(("gwet_ac", weights) for weights in ("identity", "linear", "quadratic")),
    ("fleiss_kappa", "identity"),
    ("brennan_prediger", "identity"),
    ("percent_agreement", "identity"),
]


def run(sizes: Sequence[int], reviewers: Sequence[int], seconds: float, say: Say) -> None:
    """Each size is a number of units with three labels; reviewers and seconds do not matter here."""
    for size in sizes:
        units, who, values = make_labels(size)
        say(f"{size:,} units, {len(values):,} labels")
        alone = measure_alpha(units, values, say)
        compare_alpha(units, who, values, alone, say)
        measure_everything(units, values, alone, say)
    measure_model(say)
    measure_dashboard(say)


def make_labels(size: int) -> tuple[Ints, Ints, Ints]:
    """(unit, reviewer, choice) of each label; people are right in seven of ten cases."""
    random = np.random.default_rng(7)
    units = np.repeat(np.arange(size, dtype=np.int64), LABELS)
    first = random.integers(0, REVIEWERS, size)
    who = (first[:, None] + np.arange(LABELS) * 6).ravel() % REVIEWERS  # three different people on each unit
    truth = random.integers(0, CHOICES, size)[units]
    guess = random.integers(0, CHOICES, len(units))
    values = np.where(random.random(len(units)) < 0.7, truth, guess).astype(np.int64)
    return units, who.astype(np.int64), values


def best(act: Callable[[], Any], times: int = 3) -> float:
    """Seconds of the quickest of some runs."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        found.append(time.perf_counter() - began)
    return min(found)


def alpha(table: LabelTable) -> float:
    known, scale = COEFFICIENTS["krippendorff_alpha"], Scale(CHOICES, tuple(range(CHOICES)))
    sums = known.sums(table, scale, "nominal")
    return float(known.estimate((table.units @ sums)[None, :], scale, "nominal")[0])


def measure_alpha(units: Ints, values: Ints, say: Say) -> float:
    def act() -> None:
        alpha(table_from_labels(units, values, CHOICES))

    seconds = best(act)
    tracemalloc.start()  # numpy tells it of every array; slow, so not while the time is taken
    act()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    say(f"  alpha from integer arrays: {1000 * seconds:.1f} ms, {peak / 1e6:.0f} MB at most beside them "
        "(aim at 10,000,000 labels: 500 ms, 500 MB)")  # fmt: skip
    return seconds


def compare_alpha(units: Ints, who: Ints, values: Ints, alone: float, say: Say) -> None:
    other = _module("krippendorff", say)
    if other is None:
        return
    ours = alpha(table_from_labels(units, values, CHOICES))
    size = int(units.max()) + 1

    def from_counts() -> float:
        counts = np.bincount(units * CHOICES + values, minlength=size * CHOICES).reshape(size, CHOICES)
        return float(other.alpha(value_counts=counts, level_of_measurement="nominal"))

    def dense() -> float:
        table: Floats = np.full((REVIEWERS, size), np.nan)
        table[who, units] = values
        return float(other.alpha(reliability_data=table, level_of_measurement="nominal"))

    for name, act, aim in (("from counts", from_counts, 6), (f"dense, {REVIEWERS} reviewers", dense, 20)):
        apart = abs(act() - ours)
        seconds = best(act, 2)
        say(f"  krippendorff {name}: {1000 * seconds:.0f} ms, {seconds / alone:.1f} times ours "
            f"({AT_A_MILLION}: {aim}); values {apart:.1e} apart")  # fmt: skip


def measure_everything(units: Ints, values: Ints, alone: float, say: Say) -> None:
    scale = Scale(CHOICES, tuple(float(n) for n in range(CHOICES)))
    articles = np.arange(int(units.max()) + 1, dtype=np.int64) // AN_ARTICLE

    def act(by: Ints | None) -> None:
        table = table_from_labels(units, values, CHOICES, articles=by)
        for coefficient, measure in EVERYTHING:
            score_labels(table, coefficient, scale, measure, seed=1)

    for name, by, aim in (("unit", None, 2), ("article", articles, 5)):
        seconds = best(lambda by=by: act(by), 2)  # type: ignore[misc]
        say(f"  {len(EVERYTHING)} coefficients with intervals by {name}: {1000 * seconds:.0f} ms, "
            f"{seconds / alone:.1f} times alpha alone ({AT_A_MILLION}: at most {aim})")  # fmt: skip
    other = _module("statsmodels.stats.inter_rater", say)
    if other is not None:
        table = table_from_labels(units, values, CHOICES)
        counts = np.repeat(table.counts, table.units, axis=0)
        say(f"  statsmodels Fleiss from counts: {1000 * best(lambda: other.fleiss_kappa(counts), 2):.0f} ms")


def measure_model(say: Say) -> None:
    units, who, values = make_labels(MODEL_UNITS)
    drawn = np.argsort(np.random.default_rng(8).random((MODEL_UNITS, REVIEWERS)), axis=1)[:, :LABELS].ravel()
    for name, people in (("a rota", who), ("reviewers drawn", drawn.astype(np.int64))):
        _compare_model(name, units, people, values, say)


def _compare_model(name: str, units: Ints, who: Ints, values: Ints, say: Say) -> None:
    estimate_consensus(units[:300], who[:300], values[:300], CHOICES)  # loads what it needs
    began = time.process_time()
    estimate_consensus(units, who, values, CHOICES, most_iterations=ITERATIONS, tolerance=-1)
    ours = time.process_time() - began
    say(f"Dawid-Skene, {MODEL_UNITS:,} units x {LABELS} by {name}, {ITERATIONS} iterations: {ours:.3f} CPU-seconds")
    kit, pandas = _module("crowdkit.aggregation", say), _module("pandas", say)
    if kit is None or pandas is None:
        return
    frame = pandas.DataFrame({"task": units, "worker": who, "label": values})
    began = time.process_time()
    kit.DawidSkene(n_iter=ITERATIONS, tol=-np.inf).fit(frame)
    theirs = time.process_time() - began
    say(f"  crowd-kit: {theirs:.2f} CPU-seconds, {theirs / ours:.1f} times ours (aim: 12)")


def _module(name: str, say: Say) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        say(f"  {name} is not installed: pip install 'attest[benchmark]'")
        return None
