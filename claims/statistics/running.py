"""Pattern counts that follow single changes exactly: whole numbers moved from one pattern to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from .tables import LabelTable, Pattern, table_from_patterns


def moves(before: Pattern | None, after: Pattern | None) -> dict[Pattern, int]:
    """What a unit's move from one pattern to another adds to the counts. None and all-zero patterns are not counted."""
    change: Counter[Pattern] = Counter()
    if before is not None and any(before):
        change[before] -= 1
    if after is not None and any(after):
        change[after] += 1
    return {pattern: n for pattern, n in change.items() if n}


class RunningCounts:
    """How many units show each pattern, kept while labels come, change and go. Any order of changes ends the same."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.patterns: Counter[Pattern] = Counter()
        self._answers: dict[tuple[int, int], int] = {}
        self._counts: dict[int, Pattern] = {}

    def set_answer(self, unit: int, reviewer: int, value: int | None) -> None:
        """The reviewer's answer to the unit is now this choice; None takes it back."""
        before = self._counts.get(unit, (0,) * self.size)
        counts = list(before)
        old = self._answers.pop((unit, reviewer), None)
        if old is not None:
            counts[old] -= 1
        if value is not None:
            counts[value] += 1
            self._answers[unit, reviewer] = value
        self._counts[unit] = tuple(counts)
        self.merge(moves(before, self._counts[unit]))

    def merge(self, change: Mapping[Pattern, int]) -> None:
        """Adds changes counted elsewhere; the sum of parts is the whole."""
        for pattern, n in change.items():
            self.patterns[pattern] += n
            if not self.patterns[pattern]:
                del self.patterns[pattern]

    def table(self) -> LabelTable:
        return table_from_patterns(self.patterns, self.size)
