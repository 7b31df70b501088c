"""What published projects reached on questions of the same kind: shown beside a figure to place it, not to judge it.

Krippendorff's lines say what conclusions can bear; they do not say what people reach on such a question. Words as
“fair” or “substantial” are given nowhere: nobody measured what they stand for.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("benchmarks.toml")


@dataclass(frozen=True)
class Benchmark:
    """One published project. `values` are its figures; `recomputed`: from the labels that it released."""

    questions: tuple[str, ...]
    project: str
    coefficient: str
    values: tuple[float, ...]
    what: str
    source: str
    view: str = "full"
    recomputed: bool = False


@dataclass(frozen=True)
class Band:
    """The lowest and the highest figure of the projects, and the projects."""

    low: float
    high: float
    benchmarks: tuple[Benchmark, ...]


@lru_cache(maxsize=1)
def all_benchmarks() -> tuple[Benchmark, ...]:
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["benchmarks"]
    return tuple(
        Benchmark(**row | {"questions": tuple(row["questions"]), "values": tuple(row["values"])}) for row in rows
    )


def band_of(question: str, view: str = "full") -> Band | None:
    """The band for the code of a question; None where no published figure was verified."""
    found = tuple(one for one in all_benchmarks() if question in one.questions and one.view == view)
    values = [value for one in found for value in one.values]
    return Band(min(values), max(values), found) if values else None
