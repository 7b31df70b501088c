"""Agreement on answers that no pattern is kept for: sets of tags, marked places, chains of sources, and the sources
people brought.

Read from the first, independent labels when somebody looks, up to MOST of them a question; a larger round is scored
from a release. Everybody's evidence is their own, so sources are compared and never scored as labels.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from urllib.parse import urlsplit

from django.db import connection
from django.db.models import Sum

from claims.agreement.overview import why_hidden
from claims.models import Question, Round, TextVersion
from claims.statistics.chains import chain_shares
from claims.statistics.continua import Continuum, pooled_alpha_u, pooled_token_alpha
from claims.statistics.means import mean_with_interval
from claims.statistics.score import INTERVAL_REASONS, REASONS
from claims.statistics.sets import jaccard_distance, score_sets
from claims.statistics.spans import span_f1
from claims.values.hops import chain_key

MOST = 5_000  # labels of one question
MOST_UNITS = 5_000  # of the round: reading what a larger one holds takes longer than a page may
MOST_CHARACTERS = 5_000_000  # of the texts that places are marked in
OVERLAP = 0.5
WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]|[^\W_\u3040-\u9fff\u0e00-\u0e7f]+")
TOO_LONG = "There is too much text to compare on a page. A release has the marks, and the statistics to score them."
NO_MARKS = "Nobody marked anything."
TOO_MANY = "There are too many labels to compare on a page. A release has them, and the statistics to score them."
NOTHING = "No two people answered the same unit yet."

LABELS = """
SELECT l.unit_id, l.reviewer_id, l.value, u.article_id FROM claims_label l
JOIN claims_unit u ON u.id = l.unit_id
JOIN claims_roundunit ru ON ru.round_id = l.round_id AND ru.unit_id = l.unit_id AND NOT ru.is_control
JOIN claims_reviewer r ON r.id = l.reviewer_id AND r.kind <> 'machine'
WHERE l.round_id = %s AND l.question = %s AND l.phase = 'first' AND NOT l.is_void AND jsonb_typeof(l.value) = 'array'
ORDER BY l.unit_id, l.reviewer_id LIMIT %s
"""
# What people who answered in the round brought to the claims it asks about.
SOURCES = """
SELECT e.claim_id, e.added_by_id, e.url, min(u.article_id) FROM claims_roundunit ru
JOIN claims_unit u ON u.id = ru.unit_id
LEFT JOIN claims_occurrenceversion v ON v.id = u.occurrence_version_id
LEFT JOIN claims_claimoccurrence o ON o.id = v.occurrence_id
LEFT JOIN claims_claimversion c ON c.id = u.claim_version_id
JOIN claims_evidenceitem e ON e.claim_id = COALESCE(o.claim_id, c.claim_id) AND e.url <> ''
JOIN claims_reviewer r ON r.id = e.added_by_id AND r.kind <> 'machine'
WHERE ru.round_id = %s AND NOT ru.is_control AND EXISTS (SELECT FROM claims_label l WHERE l.round_id = ru.round_id
    AND l.unit_id = ru.unit_id AND l.reviewer_id = e.added_by_id AND l.phase = 'first' AND NOT l.is_void)
GROUP BY e.claim_id, e.added_by_id, e.url ORDER BY 1, 2, 3 LIMIT %s
"""
Row = tuple[int, int, str, int | None]  # unit or claim, reviewer, what they gave, article


@dataclass(frozen=True)
class Answered:
    """What two people or more gave to one unit or claim."""

    given: Mapping[int, list[Any]]  # by reviewer
    article: int | None


@dataclass(frozen=True)
class MarkFigure:
    """One figure of a question. `sentence` says why there is no value, `why_no_interval` why no interval."""

    question: str
    title: str
    name: str
    value: float | None
    low: float | None
    high: float | None
    n_units: int
    sentence: str
    why_no_interval: str = ""


def mark_figures(round_: Round) -> list[MarkFigure]:
    """Every set, span, chain and evidence question that the round asks, in the codebook's order; none while hidden."""
    if why_hidden(round_):
        return []
    asked = Question.objects.filter(
        codebook_version=round_.codebook_version_id, unit_kind=round_.unit_kind, kind__in=KINDS
    )
    if round_.questions:
        asked = asked.filter(code__in=round_.questions)
    return [figure for question in asked.order_by("n") for figure in _figures(round_, question)]


def _figures(round_: Round, question: Question) -> list[MarkFigure]:
    if round_.round_units.all()[: MOST_UNITS + 1].count() > MOST_UNITS:
        return [_none(question, TOO_MANY)]
    is_evidence = question.kind == "evidence"
    rows = _read(SOURCES, [round_.pk]) if is_evidence else _read(LABELS, [round_.pk, question.code])
    answers = _several(rows, are_lists=not is_evidence)
    if len(rows) > MOST or not answers:
        return [_none(question, TOO_MANY if len(rows) > MOST else NOTHING)]
    return KINDS[question.kind](round_, question, answers)


def _read(query: str, of: list[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(query, [*of, MOST + 1])
        return list(cursor.fetchall())


def _several(rows: Sequence[Row], *, are_lists: bool) -> list[Answered]:
    """Only what two people or more answered: a list as JSON each, or several rows of one person."""
    found: defaultdict[int, defaultdict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
    articles = {unit: article for unit, _, _, article in rows}
    for unit, reviewer, written, _ in rows:
        found[unit][reviewer] += json.loads(written) if are_lists else [written]
    return [Answered(given, articles[unit]) for unit, given in found.items() if len(given) > 1]


def _none(question: Question, sentence: str) -> MarkFigure:
    return MarkFigure(question.code, question.title, "", None, None, None, 0, sentence)


def _set_figures(round_: Round, question: Question, answers: Sequence[Answered]) -> list[MarkFigure]:
    people = sorted({reviewer for each in answers for reviewer in each.given})
    rows = [[each.given.get(reviewer) for reviewer in people] for each in answers]
    found = []
    for distance, name in (("masi", "Krippendorff's alpha (MASI)"), ("jaccard", "Krippendorff's alpha (Jaccard)")):
        score = score_sets(rows, distance, articles=[each.article for each in answers], seed=round_.pk)
        why = "" if score.reason else INTERVAL_REASONS.get(score.interval_reason or "", "")
        found.append(
            MarkFigure(
                question.code,
                question.title,
                name,
                score.value,
                score.low,
                score.high,
                score.n_pairable,
                REASONS.get(score.reason or "", ""),
                why,
            )
        )
    return found


def _span_figures(round_: Round, question: Question, answers: Sequence[Answered]) -> list[MarkFigure]:
    """F1 of pairs of people, a mean over the units in which anybody marked something."""
    marked = [
        ([[(span["start"], span["end"]) for span in own] for own in each.given.values()], each.article)
        for each in answers
    ]
    found = []
    for overlap, name in ((None, "Same places, F1"), (OVERLAP, "Places that overlap by half or more, F1")):
        scored = [(f1, article) for spans, article in marked if (f1 := span_f1(spans, overlap)) is not None]
        found.append(_mean(round_, question, name, scored))
    return [*found, *_alphas(round_, question, answers)]


def _alphas(round_: Round, question: Question, answers: Sequence[Answered]) -> list[MarkFigure]:
    """Alpha-U and token alpha, over the units in which anybody marked something."""
    marked = [each for each in answers if any(each.given.values())]
    texts = _continua(marked)
    found = []
    for figure, name in ((pooled_alpha_u, "Alpha-U (1995/2004)"), (pooled_token_alpha, "Token alpha (nominal)")):
        value, around = figure(texts, seed=round_.pk) if texts is not None else (None, None)
        sentence = "" if value is not None else TOO_LONG if texts is None else NO_MARKS
        why = INTERVAL_REASONS.get(around.reason or "", "") if around is not None and value is not None else ""
        low, high = (around.low, around.high) if around is not None else (None, None)
        n = len(texts) if texts is not None else 0
        found.append(MarkFigure(question.code, question.title, name, value, low, high, n, sentence, why))
    return found


def _continua(answers: Sequence[Answered]) -> list[Continuum] | None:
    """The texts with the marks in them; None where there is too much text to read on a page. A mark says in which
    version of the text it counts; where it does not, it is the newest of the article."""
    named = {span["text"] for each in answers for own in each.given.values() for span in own if "text" in span}
    newest = TextVersion.objects.filter(article__in={each.article for each in answers}).order_by("article", "-n")
    of_article = dict(newest.distinct("article").values_list("article", "pk"))
    wanted = TextVersion.objects.filter(pk__in=named | set(of_article.values()))
    if (wanted.aggregate(n=Sum("length"))["n"] or 0) > MOST_CHARACTERS:
        return None
    texts = {
        pk: (text, [word.span() for word in WORDS.finditer(text)]) for pk, text in wanted.values_list("pk", "text")
    }
    found = []
    for each in answers:
        versions = {span.get("text", of_article.get(each.article or 0)) for own in each.given.values() for span in own}
        for version in sorted(versions & texts.keys()):
            text, words = texts[version]
            marked = [_by_label(own, version, of_article.get(each.article or 0)) for own in each.given.values()]
            found.append(Continuum(marked, words, len(text), each.article))
    return found


def _by_label(spans: Sequence[Mapping[str, Any]], version: int, newest: int | None) -> dict[str, list[tuple[int, int]]]:
    found: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for span in spans:
        if span.get("text", newest) == version:
            found[str(span.get("choice", ""))].append((span["start"], span["end"]))
    return found


def _chain_figures(round_: Round, question: Question, answers: Sequence[Answered]) -> list[MarkFigure]:
    """Pairs of people who name the same chain, and the same outermost source: means over the units of their shares."""
    chains = [[chain_key(own) for own in each.given.values()] for each in answers]
    scored = [
        (shares, each.article) for own, each in zip(chains, answers, strict=True) if (shares := chain_shares(own))
    ]
    exact = [(shares.exact, article) for shares, article in scored]
    outermost = [(shares.outermost, article) for shares, article in scored]
    return [
        _mean(round_, question, "Same chain, share of pairs", exact),
        _mean(round_, question, "Same outermost source, share of pairs", outermost),
    ]


def _source_figures(round_: Round, question: Question, answers: Sequence[Answered]) -> list[MarkFigure]:
    """How many of two people's sources are the same, by address and by site: a mean over claims of their pairs."""
    found = []
    for told, name in ((_address, "Same addresses, shared over all"), (_site, "Same sites, shared over all")):
        means = []
        for each in answers:
            sets = [frozenset(map(told, urls)) for urls in each.given.values()]
            shares = [1 - jaccard_distance(one, other) for one, other in combinations(sets, 2)]
            means.append((sum(shares) / len(shares), each.article))
        found.append(_mean(round_, question, name, means))
    return found


def _mean(round_: Round, question: Question, name: str, scored: Sequence[tuple[float, int | None]]) -> MarkFigure:
    shares, articles = [share for share, _ in scored], [article for _, article in scored]
    value, found = mean_with_interval(shares, articles, seed=round_.pk)
    sentence = "" if scored else NO_MARKS
    why = INTERVAL_REASONS.get(found.reason or "", "") if scored else ""
    return MarkFigure(question.code, question.title, name, value, found.low, found.high, len(scored), sentence, why)


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{_site(url)}{parts.path.rstrip('/')}?{parts.query}"


def _site(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


KINDS: dict[str, Callable[[Round, Question, Sequence[Answered]], list[MarkFigure]]] = {
    "set": _set_figures,
    "span": _span_figures,
    "chain": _chain_figures,
    "evidence": _source_figures,
}
