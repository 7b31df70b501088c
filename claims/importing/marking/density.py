"""Which lines of a text are the article: a score a line, and the smoothest course through them.

Two states, article and furniture; a line's score is how much more it looks like article, and going from one state to
the other costs. The best course is found by dynamic programming (Viterbi 1967). The figures are set by hand: length and
a full stop speak for running text, list marks, repetition and phrases of furniture against it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from claims.importing.marking.phrases import (
    has_furniture,
    is_closing,
    is_credit,
    is_inline_link,
    is_promotion,
    is_tail_heading,
    is_time,
)

SWITCH_COST = 3.0
ASIDE_SCORE = -0.3
PARAGRAPH_SCORE = 2.0
_BULLET = re.compile(r"\s*(?:[•·▪◦*»>|–—-]|\d{1,2}[.)])\s")
_ENDS_SENTENCE = re.compile(r"[.!?。！？۔।։;:؟][\"'”’»“›)\]」』]*\s*\Z")
_CUT_OFF = re.compile(r"(?:\.\.\.?|…)\s*\Z")
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\u3040-\u30ff]")
_LENGTH_SCORES = ((160, 3.0), (90, 1.6), (45, 0.2), (20, -0.8))


def width(line: str) -> float:
    """Return the length in letters of an alphabet; a character of Chinese, Japanese or Korean says as much as 2.5."""
    return len(line) + 1.5 * len(_WIDE.findall(line))


def ends_sentence(line: str) -> bool:
    """Say whether the line ends as sentences do, closing quotation marks and brackets included."""
    return _ENDS_SENTENCE.search(line) is not None


def article_lines(lines: Sequence[str]) -> list[bool]:
    """Say for each line whether it belongs to the article's running text."""
    scores = _scores(lines)
    found = _smoothest(scores)
    asides = [is_in and _is_aside(line.strip()) for line, is_in in zip(lines, found, strict=True)]
    for order in (range(len(lines)), range(len(lines) - 1, -1, -1)):
        _trim(found, asides, scores, order)
    return found


def _trim(found: list[bool], asides: Sequence[bool], scores: Sequence[float], order: range) -> None:
    """An aside is a bridge between paragraphs: what lies beyond the outermost ones, without a paragraph, is let go."""
    beyond: list[int] = []
    for at in (at for at in order if found[at]):
        if scores[at] >= PARAGRAPH_SCORE and not asides[at]:
            return
        beyond.append(at)
        if asides[at]:
            for passed in beyond:
                found[passed] = False
            beyond = []


def _scores(lines: Sequence[str]) -> list[float]:
    seen = Counter(line.strip().casefold() for line in lines)
    scores: list[float] = []
    after_tail_heading = 0.0
    for line in lines:
        stripped = line.strip()
        # The same words over the article are navigation, and say nothing about what comes below.
        if is_tail_heading(stripped) and sum(score > 2 for score in scores[-40:]) >= 2:
            after_tail_heading = 2.5
        scores.append(_score(line, repeated=seen[stripped.casefold()] > 1) - after_tail_heading)
    return scores


def _score(line: str, *, repeated: bool) -> float:
    stripped, size = line.strip(), width(line.strip())
    score = next((points for least, points in _LENGTH_SCORES if size >= least), -1.2)
    score += 0.8 if ends_sentence(stripped) and size >= 20 else -0.6
    if _CUT_OFF.search(stripped):
        score -= 1.5
    if _BULLET.match(line):
        score -= 0.8
    if repeated and size < 250:
        score -= 1.5
    if size < 400 and has_furniture(stripped):
        score -= 3.0
    if is_tail_heading(stripped) or is_inline_link(stripped) or is_credit(stripped):
        score -= 1.5
    return max(score, ASIDE_SCORE) if _is_aside(stripped) else score


def _is_aside(line: str) -> bool:
    """Lines that are told by themselves wherever they stand: between two paragraphs they do not end the article."""
    return is_promotion(line) or is_closing(line) or is_credit(line) or is_inline_link(line) or is_time(line)


def _smoothest(scores: Sequence[float]) -> list[bool]:
    inside, outside = -SWITCH_COST / 2, 0.0
    came_from_inside: list[tuple[bool, bool]] = []
    for score in scores:
        stay, enter = inside, outside - SWITCH_COST
        leave, rest = inside - SWITCH_COST, outside
        came_from_inside.append((stay >= enter, leave > rest))
        inside, outside = max(stay, enter) + score, max(leave, rest)
    state, found = inside > outside, []
    for from_inside, from_outside in reversed(came_from_inside):
        found.append(state)
        state = from_inside if state else from_outside
    return found[::-1]
