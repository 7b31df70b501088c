"""What a coefficient is: a function of sums over units.

Written so, the figure, its jackknife and its bootstrap are one formula on other sums, whatever the number of units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from claims.statistics.scales import Measure, Scale
from claims.statistics.tables import Floats, LabelTable


@dataclass(frozen=True)
class Coefficient:
    """One line of COEFFICIENTS.

    sums      table, scale, measure -> rows x features: what one unit of each row adds. A unit that adds nothing but
              zeros plays no part in the coefficient and in its interval.
    estimate  draws x features, scale, measure -> draws: the figure for each line of totals, nan where undefined
    measures  the words it accepts; the first is the default
    lowest    the least it can be; intervals are cut there
    """

    title: str
    measures: tuple[str, ...]
    sums: Callable[[LabelTable, Scale, Measure], Floats]
    estimate: Callable[[Floats, Scale, Measure], Floats]
    needs_reviewers: bool = False
    needs_two_reviewers: bool = False
    lowest: float = -1.0
