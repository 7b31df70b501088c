"""What a person should look at on a card, in sentences, with examples. A flag is a question, never a verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from claims.adjudication.cards.card import Card
from claims.adjudication.cards.reading import Panel

EXAMPLES = 5
SURE = 0.05
FEW_CONTROLS = 10
LOW_CONTROL = 0.7  # the interval's upper bound lies under it


@dataclass(frozen=True)
class Example:
    """An answer to look at: the unit, the reviewer's answer, and those of the others as (label, number)."""

    round: int
    unit: int
    question: str
    title: str
    own: str
    others: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Flag:
    code: str
    sentence: str
    examples: tuple[Example, ...] = ()


def flags_of(card: Card, panel: Panel) -> list[Flag]:
    """At most one flag of each kind: drift, distance, speed, runs, control items."""
    found = [_drift(card, panel), _distance(card, panel), _speed(card), _runs(card), _control(card)]
    return [flag for flag in found if flag]


def _drift(card: Card, panel: Panel) -> Flag | None:
    falling = [week for week in card.weeks if week.step.signals == "down"]
    if not falling:
        return None
    # The sum begins to climb where the level changed; the signal follows when that is sure.
    first = next(n for n, week in enumerate(card.weeks) if week.step.signals == "down")
    while first > 0 and card.weeks[first - 1].step.down > 0:
        first -= 1
    began = card.weeks[first].week
    sentence = (
        f"Agreement with the others fell from week {began} on, compared with this reviewer's own earlier weeks; sure "
        f"since {falling[0].week}."
    )
    return Flag("drift", sentence, examples_of(card, panel, since=began))


def _distance(card: Card, panel: Panel) -> Flag | None:
    peer, mean = card.peer, card.panel
    if not peer.is_shown or peer.high is None or mean is None or peer.high >= mean:
        return None
    sentence = (
        f"Agrees with the others less than the panel does ({mean:.0%} on average). A careful minority may be right."
    )
    return Flag("distance", sentence.replace("%", " %"), examples_of(card, panel))


def _speed(card: Card) -> Flag | None:
    """Fast work alone is no fault: only together with low agreement."""
    peer = card.peer
    low = peer.is_shown and peer.high is not None and card.panel is not None and peer.high < card.panel
    if card.pace is None or not card.pace.is_fast or not low:
        return None
    return Flag("speed", f"Takes {card.pace.factor:.2f} of the panel's time for texts of that length, and agrees less.")


def _runs(card: Card) -> Flag | None:
    sure = [line for line in card.lines if line.p < SURE]
    if not sure:
        return None
    line = min(sure, key=lambda one: one.p)
    return Flag(
        "runs",
        f"Gave the same answer {line.runs.longest} times in a row to “{line.question}”; in random order about "
        f"{line.runs.expected:.0f}. Units in order of their article can do that, too.",
    )


def _control(card: Card) -> Flag | None:
    control = card.control
    if control is None or control.n < FEW_CONTROLS or control.high >= LOW_CONTROL:
        return None
    return Flag("control", f"{control.right} of {control.n} control items are right.")


def examples_of(card: Card, panel: Panel, *, since: str = "") -> tuple[Example, ...]:
    """The newest answers on which the reviewer stands alone."""
    found: list[Example] = []
    for column in panel.columns:
        alone = (column.reviewers == card.reviewer.pk) & (column.agreement == 0)
        for n in np.flatnonzero(alone)[::-1].tolist():
            if column.weeks[n] < since or len(found) >= EXAMPLES:
                break
            there = (column.units == column.units[n]) & (column.reviewers != card.reviewer.pk)
            labels = column.plan.labels
            counts = np.bincount(column.values[there], minlength=len(labels))
            others = tuple((label, int(k)) for label, k in zip(labels, counts, strict=True) if k)
            place = column.round.pk, int(column.units[n]), column.plan.code, column.plan.title
            found.append(Example(*place, labels[column.values[n]], others))
    return tuple(found)
