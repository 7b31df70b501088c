"""A question's agreement in sentences: for a methods section, for everybody, and on the paradox where there is one."""

from __future__ import annotations

from claims.agreement.overview import Figure, QuestionAgreement
from claims.models import Round

HIGH_AGREEMENT, LOW_ALPHA, RARE_AFTER = 0.8, 0.667, 0.75
PERCENT = "percent_agreement"


def number(value: float) -> str:
    """0.6667 -> .667, as journals print what cannot exceed 1."""
    written = f"{abs(value):.3f}"
    return ("\u2212" if value < 0 and float(written) else "") + (written[1:] if written.startswith("0") else written)


def figure_words(figure: Figure) -> str:
    if figure.value is None:
        return f"{figure.title} is not defined ({figure.sentence.rstrip('.').lower()})"
    if figure.low is None or figure.high is None:
        return f"{figure.title} = {number(figure.value)} (no interval)"
    return f"{figure.title} = {number(figure.value)}, 95 % CI [{number(figure.low)}, {number(figure.high)}]"


def methods_sentence(round_: Round, row: QuestionAgreement, part: str = "") -> str:
    """To be copied into a paper: what was measured, on what, how, and the figures with their intervals."""
    version = round_.codebook_version
    where = f" within {part}" if part else ""
    phase = "independent first" if row.phase == "first" else "after-discussion"
    scale = " (choices collapsed)" if row.view != "full" else ""
    headline = row.headline
    how = f" {headline.interval_sentence}" if headline.low is not None else ""
    return (
        f"“{row.title}” ({row.level}, {len(row.choices)} choices{scale}; codebook {version.codebook.name}, version "
        f"{version.n}) was answered by {row.n_reviewers} reviewers with {row.n_labels} {phase} labels on {row.n_units} "
        f"units{where}, {row.n_pairable} of which have two labels or more. {figure_words(headline)}; "
        f"{figure_words(row.second)}; {figure_words(row.percent_agreement)}.{how} Control items are left out."
    )


def plain_sentence(row: QuestionAgreement) -> str:
    """The headline without a technical word. Krippendorff's alpha is one minus disagreement seen over expected."""
    percent, alpha = row.percent_agreement.value, row.headline.value
    if percent is None:
        return "Nobody can say yet how far reviewers agree: no unit has answers from two of them."
    same = f"Of 100 pairs of answers to the same unit, about {round(100 * percent)} are the same."
    if alpha is None:
        return f"{same} How much of that is chance cannot be told, because only one answer was ever given."
    if alpha <= 0:
        return f"{same} That is no better than dealing out the same answers at random."
    return (
        f"{same} If the same answers were dealt out at random, people would differ more: about "
        f"{round(100 * min(alpha, 1))} % of that disagreement is not there."
    )


def paradox_sentence(row: QuestionAgreement) -> str:
    """Why percent agreement is high and alpha low (Feinstein and Cicchetti 1990), or nothing."""
    percent, alpha = row.percent_agreement.value, row.headline.value
    often = max(row.choices, key=lambda choice: choice.n, default=None)
    if percent is None or often is None or often.share is None or percent < HIGH_AGREEMENT:
        return ""
    if alpha is None:
        return f"All comparable answers are “{often.label}”: nobody has shown that they tell two answers apart."
    if alpha >= LOW_ALPHA or often.share < RARE_AFTER:
        return ""
    second = row.second
    beside = (
        f" {second.title}, which expects less agreement by chance, is {number(second.value)}." if second.value else ""
    )
    return (
        f"{round(100 * percent)} % agreement and an alpha of {number(alpha)} do not contradict each other: "
        f"“{often.label}” is {round(100 * often.share)} % of all answers, so that two people agree often without "
        f"looking. The few other cases decide alpha, and on those they differ.{beside}"
    )
