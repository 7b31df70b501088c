"""Rounds of the purpose `splitting`: articles are given to several people, each cuts them alone, the cuts are compared.

Nobody sees a comparison while anybody may still be asked to cut: who has read one does not cut blind any more.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F
from django.db.models.functions import Now

from claims.models import Article, ArticleCut, Assignment, Round, RoundReviewer, RoundUnit, TextVersion, User
from claims.permissions import check_can, check_can_label
from claims.splitting.splitters.sentences import segment
from claims.statistics.cutting import CutFigure, CutText, cut_figures, pair_figures
from claims.statistics.spans import Span

MOST_ARTICLES = 500  # of a round that are compared on a page
MOST_SENTENCES = 200  # that are shown
_WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]|[^\W_\u3040-\u9fff\u0e00-\u0e7f]+")

Cuts = dict[int, list[list[list[int]]]]  # person -> claims, each as its pieces


def end_places(article: Article, by: User) -> int:
    """The places that the person holds for this article in rounds of cutting are filled; how many. For use in the
    transaction that hands the cut in. Conflict `round_not_open` when such a round is paused."""
    held = Assignment.objects.filter(
        round__purpose="splitting",
        unit__text_version__article=article,
        reviewer__user=by,
        state__in=("reserved", "expired"),
    )
    filled = 0
    for place in held.select_related("round__project", "reviewer").order_by("-id").select_for_update(of=("self",)):
        if place.state == "expired":
            filled += _take_again(place)
        elif place.reviewer is not None:
            check_can_label(place.reviewer, place.round)
            filled += _end(place)
    return filled


def _take_again(expired: Assignment) -> int:
    """Who hands in after the reservation ran out gets a place of the article that nobody has taken meanwhile."""
    own = Assignment.objects.filter(round=expired.round, unit=expired.unit_id, reviewer=expired.reviewer)
    if expired.round.state != "open" or own.filter(state__in=("reserved", "submitted")).exists():
        return 0
    free = Assignment.objects.filter(round=expired.round, unit=expired.unit_id, state="open").order_by("slot")
    place = free.select_for_update(skip_locked=True).first()
    if place is None:
        return 0
    Assignment.objects.filter(pk=place.pk).update(
        state="reserved", reviewer=expired.reviewer, reserved_at=Now(), expires_at=Now()
    )
    place.reviewer = expired.reviewer
    return _end(place)


def _end(place: Assignment) -> int:
    Assignment.objects.filter(pk=place.pk).update(state="submitted", ended_at=Now(), expires_at=None)
    RoundReviewer.objects.filter(round=place.round_id, reviewer=place.reviewer).update(done=F("done") + 1)
    return 1


def round_to_cut_for(article: Article, by: User) -> Round | None:
    """The newest round of cutting in which the person has a place for the article, held or filled."""
    own = Assignment.objects.filter(round__purpose="splitting", unit__text_version__article=article)
    own = own.filter(reviewer__user=by, state__in=("reserved", "submitted", "expired")).select_related("round")
    place = own.order_by("-round", "-id").first()
    return place.round if place is not None else None


def is_being_cut(article: Article) -> bool:
    """Whether a round that is under way still waits for somebody's cut of the article."""
    waiting = Assignment.objects.filter(round__purpose="splitting", round__state__in=("open", "paused"))
    return waiting.filter(unit__text_version__article=article, state__in=("open", "reserved")).exists()


@dataclass(frozen=True)
class Uneven:
    """One sentence that people cut differently: each one's number and what they cut out of it."""

    article: Article
    sentence: str
    cuts: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True)
class RoundCuts:
    """What a round of cutting found. `is_awaited`: somebody may still cut, so nothing but the counts is given.

    People are numbers from 1, the same for all articles: whose cut it is plays no part in correcting. `changed` are
    articles whose text is another one than the one that was given out: places in it do not mean the same.
    """

    n_articles: int
    n_asked: int
    n_given: int
    is_awaited: bool
    n_people: int = 0
    figures: tuple[CutFigure, ...] = ()
    pairs: tuple[tuple[int, int, tuple[CutFigure, ...]], ...] = ()  # numbers of two people, from 1
    uneven: tuple[Uneven, ...] = ()
    n_uneven: int = 0
    n_sentences: int = 0
    articles: tuple[Article, ...] = ()
    changed: tuple[Article, ...] = ()
    left_out: int = 0  # articles beyond MOST_ARTICLES


def round_cuts(round_: Round, *, by: User) -> RoundCuts:
    """For those who correct claims; in a round that is closed, or in which every place is filled."""
    check_can("correct_claims", by, round_.project)
    places = Assignment.objects.filter(round=round_)
    given = places.filter(state="submitted").count()
    asked = places.filter(state__in=("open", "reserved", "submitted")).count()
    n_articles = RoundUnit.objects.filter(round=round_).count()
    if round_.state not in ("open", "paused", "closed") or (round_.state != "closed" and given < asked) or not given:
        return RoundCuts(n_articles, asked, given, is_awaited=True)
    return _compared(round_, RoundCuts(n_articles, asked, given, is_awaited=False))


def _compared(round_: Round, counts: RoundCuts) -> RoundCuts:
    units = RoundUnit.objects.filter(round=round_).order_by("position")
    of_round = list(units.values_list("unit__text_version", "unit__article")[:MOST_ARTICLES])
    articles = Article.objects.in_bulk([article for _, article in of_round])
    texts = TextVersion.objects.in_bulk([text for text, _ in of_round])
    newest = dict(
        TextVersion.objects.filter(article__in=articles).order_by("article", "-n").distinct("article")
        .values_list("article", "pk")
    )  # fmt: skip
    cuts, n_people = _handed_in(round_)
    same = [(article, texts[text]) for text, article in of_round if newest.get(article) == text]
    same = [(article, text) for article, text in same if text.erased_at is None]
    cut_texts = [_cut_text(text, cuts.get(article, {})) for article, text in same]
    uneven, n_sentences = _uneven([(articles[article], text, cuts.get(article, {})) for article, text in same])
    pairs = pair_figures(cut_texts, seed=round_.pk)
    kept = {article for article, _ in same}
    return RoundCuts(
        n_articles=counts.n_articles,
        n_asked=counts.n_asked,
        n_given=counts.n_given,
        is_awaited=False,
        n_people=n_people,
        figures=tuple(cut_figures(cut_texts, seed=round_.pk)),
        pairs=tuple((one, other, tuple(figures)) for (one, other), figures in pairs.items()),
        uneven=tuple(uneven[:MOST_SENTENCES]),
        n_uneven=len(uneven),
        n_sentences=n_sentences,
        articles=tuple(articles[article] for _, article in of_round),
        changed=tuple(articles[article] for _, article in of_round if article not in kept),
        left_out=max(0, counts.n_articles - len(of_round)),
    )


def _handed_in(round_: Round) -> tuple[dict[int, Cuts], int]:
    """The cuts that fill places of the round, by article and number of the person; how many people there are."""
    done = Assignment.objects.filter(round=round_, state="submitted", reviewer__user__isnull=False)
    filled = set(done.values_list("unit__article", "reviewer__user"))
    number = {user: n for n, user in enumerate(sorted({user for _, user in filled}), 1)}
    found: defaultdict[int, Cuts] = defaultdict(dict)
    rows = ArticleCut.objects.filter(article__in={article for article, _ in filled}, ended_at__isnull=False)
    for article, user, claims in rows.values_list("article", "user", "claims"):
        if (article, user) in filled:
            found[article][number[user]] = claims
    return found, len(number)


def _cut_text(text: TextVersion, cuts: Cuts) -> CutText:
    spans: dict[int, Sequence[Span]] = {
        who: sorted({(s, e) for claim in claims for s, e in claim}) for who, claims in cuts.items()
    }
    return CutText(spans, [match.span() for match in _WORDS.finditer(text.text)], text.length)


def _spans(claims: list[list[list[int]]]) -> list[Span]:
    return sorted({(start, end) for claim in claims for start, end in claim})


def _uneven(
    rows: Sequence[tuple[Article, TextVersion, Cuts]],
) -> tuple[list[Uneven], int]:
    """Sentences in which two people do not cut out the same words, and the number of sentences that were compared."""
    found: list[Uneven] = []
    n = 0
    for article, text, cuts in rows:
        if len(cuts) < 2:
            continue
        spans = {who: _spans(claims) for who, claims in cuts.items()}
        for start, end in segment(text.text, article.language):
            inside = {who: _inside(own, start, end) for who, own in sorted(spans.items())}
            if not any(inside.values()):
                continue
            n += 1
            if len({tuple(own) for own in inside.values()}) > 1:
                words = tuple((who, tuple(text.text[s:e] for s, e in own)) for who, own in inside.items())
                found.append(Uneven(article, text.text[start:end], words))
    return found, n


def _inside(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    return [(max(s, start), min(e, end)) for s, e in spans if s < end and e > start]
