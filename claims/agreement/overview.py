"""What the agreement page and the API show of a round: stored scores with all that must be read beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from claims.agreement.benchmarks import Band, band_of
from claims.agreement.camps import Meeting, meetings_of, shown_camps
from claims.agreement.folding import plan_round
from claims.agreement.pairs import Pair, read_pairs
from claims.agreement.patterns import QuestionPlan
from claims.agreement.strata import CAMP, WHOLE, kind_of
from claims.models import Reviewer, Round
from claims.models.label import PHASES
from claims.models.statements import prepared_cursor
from claims.statistics.intervals import FEW_ARTICLES
from claims.statistics.score import INTERVAL_REASONS, REASONS, WARNINGS
from claims.statistics.scoring import warnings_of
from claims.statistics.specific import specific_agreement
from claims.statistics.tables import LabelTable, Pattern, table_from_patterns

REASON_SENTENCES = REASONS | {"not_scored_yet": "Nothing has been scored yet. A worker does so after each submission."}
SCORE_TITLES = {
    "krippendorff_alpha_nominal": "Krippendorff's alpha (nominal)",
    "krippendorff_alpha_ordinal": "Krippendorff's alpha (ordinal)",
    "krippendorff_alpha_interval": "Krippendorff's alpha (interval)",
    "krippendorff_alpha_ratio": "Krippendorff's alpha (ratio)",
    "gwet_ac1": "Gwet's AC1",
    "gwet_ac2_linear": "Gwet's AC2 (linear weights)",
    "gwet_ac2_quadratic": "Gwet's AC2 (quadratic weights)",
    "percent_agreement": "Percent agreement (mean over units)",
}


# A page of figures is these two statements and the questions, whatever the round holds.
SCORES = """
SELECT question, phase, view, coefficient, value, low, high, reason, interval, n_reviewers, as_of, scored_at
FROM claims_agreementscore WHERE round_id = %s AND stratum = %s
"""
PATTERNS = """
SELECT question, phase, counts, n_units FROM claims_patterncount
WHERE round_id = %s AND stratum = %s AND article_id IS NULL
"""

Place = tuple[str, str, str]  # question, phase, view


class StoredScore(NamedTuple):
    """A row of SCORES, as `AgreementScore` has it."""

    coefficient: str
    value: float | None
    low: float | None
    high: float | None
    reason: str
    interval: str
    n_reviewers: int
    as_of: int
    scored_at: datetime


@dataclass(frozen=True)
class Figure:
    """One stored score. `sentence` says why there is no value; `interval_sentence` how the interval was made or why
    there is none."""

    coefficient: str
    title: str
    value: float | None
    low: float | None
    high: float | None
    reason: str
    sentence: str
    interval_sentence: str


@dataclass(frozen=True)
class ChoiceShare:
    """How often a choice was given; `agreement` is the share of pairs with one such label where the other is too."""

    label: str
    n: int
    share: float | None
    agreement: float | None


@dataclass(frozen=True)
class QuestionAgreement:
    """A question's agreement in one phase and view. `figures` begin with the headline and the one beside it.

    `warnings` are sentences. `pairs` is None where there are too many labels to compare all pairs on a page, and empty
    where they were not asked for. `camps` are meetings within each camp of a panel and across, of the whole round.
    """

    code: str
    title: str
    level: str
    phase: str
    view: str
    figures: tuple[Figure, ...]
    n_units: int
    n_pairable: int
    n_labels: int
    n_reviewers: int
    choices: tuple[ChoiceShare, ...]
    warnings: tuple[str, ...]
    pairs: tuple[Pair, ...] | None
    camps: tuple[Meeting, ...]
    as_of: int
    scored_at: datetime | None

    @property
    def headline(self) -> Figure:
        return self.figures[0]

    @property
    def published(self) -> Band | None:
        """What published projects reached on such questions."""
        return band_of(self.code, self.view)

    @property
    def second(self) -> Figure:
        return self.figures[1]

    @property
    def percent_agreement(self) -> Figure:
        return next(figure for figure in self.figures if figure.coefficient == "percent_agreement")


def why_hidden(round_: Round) -> str:
    """The sentence shown instead of scores, or nothing: watching them grow tempts people to stop at a good moment."""
    if round_.shows_live_scores or round_.state == "closed":
        return ""
    return "This round shows its scores when it is closed. Close it, or allow live scores when you plan the next one."


def agreement_overview(
    round_: Round, stratum: str = WHOLE, *, pairs_of: Collection[str] | None = None
) -> list[QuestionAgreement]:
    """One entry per counted question, phase with labels, and view, in the codebook's order; none while hidden.

    Reads counts and scores only, whatever the round holds, but for the pairs of reviewers: they read labels, for the
    questions in `pairs_of` (None: all).
    """
    if why_hidden(round_):
        return []
    scores, patterns = _read_stored(round_, stratum)
    camps = shown_camps(round_)
    is_camp = kind_of(stratum) == CAMP
    if is_camp:
        pairs_of = ()  # they would tell who stands where
    names = {} if pairs_of == () else dict(Reviewer.objects.in_project(round_.project).values_list("pk", "name"))
    found = []
    for code, plan in plan_round(round_).items():
        phases = {phase for question, phase in patterns if question == code} | {"first"}
        for phase in sorted(phases, key=PHASES.index):
            shown = camps.get((code, phase), ())
            if is_camp and stratum not in shown:
                continue
            met = meetings_of(round_, code, phase, shown) if stratum == WHOLE else ()
            asked = pairs_of is None or code in pairs_of
            place = (round_.pk, code, phase, stratum)
            pairs = read_pairs(place, patterns[code, phase], names) if asked else ()
            whole = table_from_patterns(patterns[code, phase], len(plan.choices))
            found += [
                _question(plan, phase, view, scores[code, phase, view], whole, (pairs, met)) for view in plan.views
            ]
    return found


def _read_stored(
    round_: Round, stratum: str
) -> tuple[Mapping[Place, dict[str, StoredScore]], Mapping[tuple[str, str], dict[Pattern, int]]]:
    """(scores by question, phase and view, each by its coefficient; units of each pattern by question and phase)."""
    scores: defaultdict[Place, dict[str, StoredScore]] = defaultdict(dict)
    patterns: defaultdict[tuple[str, str], dict[Pattern, int]] = defaultdict(dict)
    with prepared_cursor() as cursor:
        cursor.execute(SCORES, [round_.pk, stratum])
        for question, phase, view, *columns in cursor.fetchall():
            score = StoredScore(*columns)
            scores[question, phase, view][score.coefficient] = score
        cursor.execute(PATTERNS, [round_.pk, stratum])
        for question, phase, counts, n_units in cursor.fetchall():
            patterns[question, phase][tuple(counts)] = n_units
    return scores, patterns


def _question(  # noqa: PLR0917 - private, and every argument is of its own type
    plan: QuestionPlan,
    phase: str,
    view: str,
    stored: Mapping[str, StoredScore],
    whole: LabelTable,
    met: tuple[tuple[Pair, ...] | None, tuple[Meeting, ...]],
) -> QuestionAgreement:
    table, _ = plan.table_of(whole, view)
    newest = max(stored.values(), key=lambda score: score.as_of, default=None)
    names = plan.scores_of(view)
    headline = stored.get(names[0])
    return QuestionAgreement(
        code=plan.code,
        title=plan.title,
        level=plan.level_of(view),
        phase=phase,
        view=view,
        figures=tuple(_figure(name, stored.get(name)) for name in names),
        n_units=table.n_units,
        n_pairable=table.n_pairable,
        n_labels=table.n_labels,
        n_reviewers=newest.n_reviewers if newest else 0,
        choices=_choice_shares(plan.labels_of(view), table),
        warnings=(
            *(WARNINGS[warning] for warning in warnings_of(table)),
            *few_articles(headline.interval if headline else ""),
        ),
        pairs=met[0],
        camps=met[1],
        as_of=newest.as_of if newest else 0,
        scored_at=newest.scored_at if newest else None,
    )


def _figure(name: str, score: StoredScore | None) -> Figure:
    title = SCORE_TITLES[name]
    if score is None:
        return Figure(name, title, None, None, None, "not_scored_yet", REASON_SENTENCES["not_scored_yet"], "")
    sentence = REASON_SENTENCES.get(score.reason, "")
    made = interval_sentence(score.interval)
    return Figure(name, title, score.value, score.low, score.high, score.reason, sentence, made)


# What was done with how many of what, in words and as it is called.
METHODS = {
    "jackknife_log_t": "each of {n} {what} left out in turn (jackknife on log(1 - value) with Student's t)",
    "jackknife_t": "each of {n} {what} left out in turn (jackknife with Student's t)",
    "bootstrap": "{n} {what} drawn anew 1,000 times with a fixed seed (bootstrap)",
}

RESAMPLED = {
    "unit": "units",
    "article": "articles",
    "bundle of articles": "bundles into which the articles were drawn",
}


def interval_sentence(made: str) -> str:
    """`made` is as stored: a method with what was resampled and how many, or a reason."""
    if made in INTERVAL_REASONS:
        return INTERVAL_REASONS[made]
    method, _, rest = made.partition(" by ")
    if method not in METHODS:
        return ""
    resampled, _, n = rest.partition(", ")
    return f"95 % interval: {METHODS[method].format(n=n, what=RESAMPLED[resampled])}, for these reviewers."


def few_articles(made: str) -> tuple[str, ...]:
    """A warning where the interval rests on few articles; `made` as in `interval_sentence`."""
    method, _, n = made.partition(" by article, ")
    if method not in METHODS or int(n) >= FEW_ARTICLES:
        return ()
    return (
        f"All of it comes from {n} articles, which tell little about other articles: how wide the interval should be "
        "is itself uncertain. It is made no narrower than if the units had nothing in common.",
    )


def _choice_shares(labels: tuple[str, ...], table: LabelTable) -> tuple[ChoiceShare, ...]:
    given, total = table.units @ table.counts, table.n_labels
    return tuple(
        ChoiceShare(label, int(n), float(n / total) if total else None, agreement)
        for label, n, agreement in zip(labels, given, specific_agreement(table), strict=True)
    )
