"""Places and sizes of the drawings: the templates make SVG of them, and a table stands behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from claims.adjudication.cards.card import WeekStep
from claims.agreement.details import Confusion, Week
from claims.agreement.pairs import Pair
from claims.statistics.drift import LIMIT

CELL, GUTTER, TOP = 40, 150, 24
WIDTH, HEIGHT, LEFT, BELOW = 640, 220, 40, 28
LOWEST = -0.2
STRONGEST = 0.7  # so that the number on it can be read
LEVELS = ((1, "1"), (0.8, ".8"), (0.667, ".667"), (0, "0"))


@dataclass(frozen=True)
class Cell:
    """`tone` is more, less or none; `strength` 0 to 1 is how opaque it is filled."""

    x: int
    y: int
    tone: str
    strength: float
    words: str
    title: str


@dataclass(frozen=True)
class Named:
    x: float
    y: float
    name: str


@dataclass(frozen=True)
class Grid:
    width: int
    height: int
    rows: tuple[Named, ...]
    columns: tuple[Named, ...]
    cells: tuple[Cell, ...]
    cell: int = CELL


def _grid(names: Sequence[str], cells: Sequence[Cell]) -> Grid:
    size = len(names)
    return Grid(
        GUTTER + size * CELL,
        TOP + size * CELL,
        tuple(
            Named(GUTTER - 8, TOP + n * CELL + CELL // 2 + 4, f"{_short(name)}  {n + 1}")
            for n, name in enumerate(names)
        ),
        tuple(Named(GUTTER + n * CELL + CELL // 2, TOP - 8, str(n + 1)) for n in range(size)),
        tuple(cells),
    )


def _short(name: str, limit: int = 17) -> str:
    return name if len(name) <= limit else name[: limit - 1] + "…"


def confusion_grid(confusions: Sequence[Sequence[Confusion]]) -> Grid:
    """Observed minus expected, in hundredths of all comparable labels; the strongest cell is filled."""
    strongest = max((abs(cell.excess) for row in confusions for cell in row), default=0) or 1
    cells = [
        Cell(
            GUTTER + m * CELL,
            TOP + n * CELL,
            "more" if cell.excess > 0 else "less",
            round(STRONGEST * abs(cell.excess) / strongest, 3),
            _signed(100 * cell.excess),
            f"{cell.one} and {cell.other}: {100 * cell.observed:.1f} %, by chance {100 * cell.expected:.1f} %",
        )
        for n, row in enumerate(confusions)
        for m, cell in enumerate(row)
    ]
    return _grid([row[0].one for row in confusions], cells)


def _signed(number: float) -> str:
    whole = round(number)
    return f"{whole:+d}".replace("-", "\u2212") if whole else "0"


def pair_grid(pairs: Sequence[Pair]) -> Grid:
    """Share of common units with the same answer; the less alike two are, the stronger."""
    names = sorted({pair.one for pair in pairs} | {pair.other for pair in pairs})
    place = {name: n for n, name in enumerate(names)}
    cells = []
    for pair in pairs:
        title = f"{pair.one} and {pair.other}: {100 * pair.share:.0f} % of {pair.n} units alike"
        for row, column in ((pair.one, pair.other), (pair.other, pair.one)):
            x, y = GUTTER + place[column] * CELL, TOP + place[row] * CELL
            cells.append(Cell(x, y, "less", round(STRONGEST * (1 - pair.share), 3), f"{100 * pair.share:.0f}", title))
    return _grid(names, cells)


@dataclass(frozen=True)
class Mark:
    x: float
    y: float | None
    top: float | None
    bottom: float | None
    is_changed: bool
    title: str


@dataclass(frozen=True)
class Trend:
    """`line` are the points of the polyline; `levels` (y, name) lines to read it by."""

    width: int
    height: int
    line: str
    marks: tuple[Mark, ...]
    levels: tuple[Named, ...]
    dates: tuple[Named, ...]
    left: int = LEFT
    right: int = WIDTH - 10


def trend_chart(weeks: Sequence[Week]) -> Trend:
    step = (WIDTH - LEFT - 30) / max(len(weeks) - 1, 1)
    place = [round(LEFT + 15 + n * step, 1) for n in range(len(weeks))]
    marks = [
        Mark(x, _height(w.value), _height(w.high), _height(w.low), w.changed_from is not None, _week_words(w))
        for x, w in zip(place, weeks, strict=True)
    ]
    every = max(1, len(weeks) // 8)
    return Trend(
        WIDTH,
        HEIGHT,
        " ".join(f"{mark.x},{mark.y}" for mark in marks if mark.y is not None),
        tuple(marks),
        tuple(
            Named(LEFT - 6, _height(level) or 0, name)
            for level, name in ((1, "1"), (0.8, ".8"), (0.667, ".667"), (0, "0"))
        ),
        tuple(
            Named(x, HEIGHT - 8, w.name[5:])
            for n, (x, w) in enumerate(zip(place, weeks, strict=True))
            if n % every == 0
        ),
    )


def _height(value: float | None) -> float | None:
    if value is None:
        return None
    share = (min(max(value, LOWEST), 1) - LOWEST) / (1 - LOWEST)
    return round(12 + (1 - share) * (HEIGHT - BELOW - 12), 1)


def _week_words(week: Week) -> str:
    if week.value is None:
        return f"{week.name}: not defined, {week.n} units"
    interval = "" if week.low is None or week.high is None else f" ({week.low:.2f} to {week.high:.2f})"
    return f"{week.name}: {week.value:.2f}{interval}, {week.n} units"


def drift_chart(weeks: Sequence[WeekStep]) -> Trend:
    """The CUSUM of falls, week by week, with the line that it signals above."""
    step = (WIDTH - LEFT - 30) / max(len(weeks) - 1, 1)
    highest = max(2 * LIMIT, *(week.step.down for week in weeks))

    def height(sum_: float) -> float:
        return round(12 + (1 - sum_ / highest) * (HEIGHT - BELOW - 12), 1)

    place = [round(LEFT + 15 + n * step, 1) for n in range(len(weeks))]
    marks = [
        Mark(x, height(w.step.down), None, None, w.step.signals == "down", _drift_words(w))
        for x, w in zip(place, weeks, strict=True)
    ]
    every = max(1, len(weeks) // 8)
    return Trend(
        WIDTH,
        HEIGHT,
        " ".join(f"{mark.x},{mark.y}" for mark in marks),
        tuple(marks),
        (Named(LEFT - 6, height(LIMIT), f"{LIMIT:.0f}"), Named(LEFT - 6, height(0), "0")),
        tuple(Named(x, HEIGHT - 8, w.week[5:]) for x, w in list(zip(place, weeks, strict=True))[::every]),
    )


def _drift_words(week: WeekStep) -> str:
    return f"{week.week}: {100 * week.difference:+.0f} points over {week.n} labels, sum {week.step.down:.1f}"
