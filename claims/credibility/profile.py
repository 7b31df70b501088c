"""An outlet's figures, each with its interval and the sample it stands on, or with the reason why there is none.

Read from the tallies alone: the time does not grow with the number of claims.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from claims.models import Outlet, OutletTally, Project, Round
from claims.models.credibility import MEASURES
from claims.statistics.shares import (
    Estimate,
    Sampled,
    Share,
    beta_prior,
    difference,
    mean_of,
    shrunken,
    weighted_share,
)

LEAST = 30  # observations under which no figure is printed
REASONS = {
    "outlet_not_confirmed": "Nobody has confirmed yet that these articles belong to this outlet.",
    "no_observations": "Nothing was observed yet.",
    "one_side_missing": "Judged in headlines alone, or in the text alone: a difference needs both.",
    "too_few": f"Fewer than {LEAST} observations: a figure would say more than is known.",
    "probability_unknown": "Some claims were chosen by hand or by rank, so nobody knows what they stand for.",
}
# Name, measure and outcome of each share that is printed, in order.
SHARES: tuple[tuple[str, str, str], ...] = (
    ("Supported", "verdict", "supported"),
    ("Refuted", "verdict", "refuted"),
    ("Unresolved", "verdict", "unresolved"),
    ("In its own voice", "voice", "author_voice"),
    ("Vaguely attributed", "voice", "vague"),
    ("Anonymous sources", "source", "anonymous"),
    ("Loaded language", "language", "biased"),
)
# What is shown by month, a table each: title, and the names of its figures.
MONTHLY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Voice and sources", ("In its own voice", "Vaguely attributed", "Anonymous sources", "Attribution distance")),
    ("Words and headlines", ("Loaded language", "Headline beyond the text")),
)
DISTANCES = {"0": 0.0, "1": 1.0, "2": 2.0, "3_or_more": 3.0}


@dataclass(frozen=True)
class Figure:
    """One share (0 to 1), mean or difference. Without a value there is a reason, and the other way round."""

    name: str
    measure: str
    outcome: str
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    raw: float | None = None  # the share before it was drawn towards the other outlets
    n_effective: float | None = None
    reason: str = ""

    @property
    def sentence(self) -> str:
        return REASONS.get(self.reason, "")


@dataclass(frozen=True)
class Frame:
    """Where observations come from: a round and how it chose, or (without one) every claim that was found."""

    round: Round | None
    probability: float | None
    n: int


@dataclass
class Profile:
    """`months` has the verdict shares by month, oldest first; `frames` the sampling frame of each measure."""

    outlet: Outlet
    figures: list[Figure] = field(default_factory=list)
    months: list[tuple[date, list[Figure]]] = field(default_factory=list)
    frames: dict[str, list[Frame]] = field(default_factory=dict)
    prior: dict[str, tuple[float, float]] = field(default_factory=dict)
    monthly: list[tuple[str, list[tuple[date, list[Figure]]]]] = field(default_factory=list)

    @property
    def has_months(self) -> bool:
        """Whether anything was observed in articles that have a date."""
        return bool(self.months) or any(rows for _, rows in self.monthly)

    @property
    def framed(self) -> list[tuple[Figure, list[Frame]]]:
        """Each figure with the sampling frame of its measure."""
        return [(figure, self.frames.get(figure.measure, [])) for figure in self.figures]


Rows = Sequence[OutletTally]


def profile_of(outlet: Outlet) -> Profile:
    """The figures of one outlet as of now."""
    rows = list(OutletTally.objects.filter(outlet=outlet, n__gt=0).select_related("round"))
    by_measure = _by_measure(rows)
    found = Profile(outlet, frames={measure: _frames(part) for measure, part in by_measure.items()})
    totals = _totals(outlet.project)
    for _, measure, outcome in SHARES:
        counted = [counts for key, counts in totals.items() if key[1:] == (measure, outcome)]
        found.prior[f"{measure}:{outcome}"] = beta_prior(counted)
    found.figures = _figures(outlet, by_measure, found.prior)
    found.monthly = [(title, _by_month(outlet, rows, names, found.prior)) for title, names in MONTHLY]
    verdicts = [name for name, measure, _ in SHARES if measure == "verdict"]
    found.months = _by_month(outlet, rows, verdicts, found.prior)
    return found


def _figures(outlet: Outlet, by_measure: Mapping[str, Rows], prior: Mapping[str, tuple[float, float]]) -> list[Figure]:
    shares = [
        _share_figure(outlet, asked, by_measure.get(asked[1], []), prior[f"{asked[1]}:{asked[2]}"]) for asked in SHARES
    ]
    headline, body = by_measure.get("stance_headline", []), by_measure.get("stance_body", [])
    return [*shares, _distance(outlet, by_measure.get("distance", [])), _headline_gap(outlet, headline, body)]


def _by_month(
    outlet: Outlet, rows: Rows, names: Sequence[str], prior: Mapping[str, tuple[float, float]]
) -> list[tuple[date, list[Figure]]]:
    """The named figures of each month, oldest first; months in which nothing of them was observed are left out."""
    by_month: dict[date, list[OutletTally]] = defaultdict(list)
    for row in rows:
        if row.month is not None:
            by_month[row.month].append(row)
    found = []
    for month, part in sorted(by_month.items()):
        figures = [figure for figure in _figures(outlet, _by_measure(part), prior) if figure.name in names]
        if any(figure.n for figure in figures):
            found.append((month, figures))
    return found


def _by_measure(rows: Iterable[OutletTally]) -> dict[str, list[OutletTally]]:
    found: dict[str, list[OutletTally]] = defaultdict(list)
    for row in rows:
        found[row.measure].append(row)
    return found


def _totals(project: Project) -> dict[tuple[int, str, str], tuple[float, float]]:
    """(outlet, measure, outcome) -> (hits, n) of every outlet of the project, for the prior."""
    rows = OutletTally.objects.filter(outlet__project=project, n__gt=0, probability__isnull=False)
    counts: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for outlet, measure, outcome, n in rows.values_list("outlet", "measure", "outcome", "n"):
        counts[outlet, measure][outcome] += n
    return {
        (outlet, measure, outcome): (found[outcome], found.total())
        for (outlet, measure), found in counts.items()
        for outcome in MEASURES[measure]
    }


def _frames(rows: Rows) -> list[Frame]:
    counts: Counter[tuple[int | None, float | None]] = Counter()
    rounds: dict[int, Round] = {}
    for row in rows:
        counts[row.round_id, row.probability] += row.n
        if row.round is not None:
            rounds[row.round.pk] = row.round
    return [
        Frame(rounds.get(pk) if pk else None, chance, n)
        for (pk, chance), n in sorted(counts.items(), key=lambda item: (item[0][0] or 0, item[0][1] or 0))
    ]


def refusal(outlet: Outlet, rows: Rows, least: int = LEAST) -> str:
    """Why no figure can be given from these rows; empty when one can."""
    n = sum(row.n for row in rows)
    if outlet.confirmed_at is None:
        return "outlet_not_confirmed"
    if n == 0:
        return "no_observations"
    if any(row.probability is None for row in rows):
        return "probability_unknown"
    return "too_few" if n < least else ""


def _share(rows: Rows, outcome: str) -> Share | None:
    hits: Counter[float] = Counter()
    totals: Counter[float] = Counter()
    for row in rows:
        chance = row.probability or 0.0  # refusal() has seen to it that there is one
        totals[chance] += row.n
        hits[chance] += row.n if row.outcome == outcome else 0
    return weighted_share([Sampled(hits[chance], n, chance) for chance, n in sorted(totals.items())])


def _share_figure(outlet: Outlet, asked: tuple[str, str, str], rows: Rows, prior: tuple[float, float]) -> Figure:
    name, measure, outcome = asked
    n = sum(row.n for row in rows)
    if reason := refusal(outlet, rows):
        return Figure(name, measure, outcome, n, reason=reason)
    share = _share(rows, outcome)
    if share is None:
        return Figure(name, measure, outcome, n, reason="no_observations")
    found = shrunken(share, prior)
    return Figure(name, measure, outcome, n, found.value, found.low, found.high, share.value, share.n_effective)


def _plain(name: str, measure: str, n: int, found: Estimate | None) -> Figure:
    if found is None:
        return Figure(name, measure, "", n, reason="no_observations")
    return Figure(name, measure, "", n, found.value, found.low, found.high)


def _distance(outlet: Outlet, rows: Rows) -> Figure:
    """Mean number of hops between the original speaker and the outlet; more than three count as three."""
    name, n = "Attribution distance", sum(row.n for row in rows)
    if reason := refusal(outlet, rows):
        return Figure(name, "distance", "", n, reason=reason)
    counts: Counter[float] = Counter()
    for row in rows:
        counts[DISTANCES[row.outcome]] += row.n
    return _plain(name, "distance", n, mean_of(counts))


def _headline_gap(outlet: Outlet, headline: Rows, body: Rows) -> Figure:
    """How much more often headlines take a claim's side than the text below them does."""
    name, n = "Headline beyond the text", sum(row.n for row in (*headline, *body))
    is_partial = bool(headline) != bool(body) and outlet.confirmed_at is not None
    if reason := "one_side_missing" if is_partial else refusal(outlet, headline) or refusal(outlet, body):
        return Figure(name, "stance_headline", "supports", n, reason=reason)
    first, second = _share(headline, "supports"), _share(body, "supports")
    found = difference(first, second) if first and second else None
    return _plain(name, "stance_headline", n, found)
