"""The default splitter: rules and word lists, no model, nothing downloaded."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from claims.splitting.splitters.chains import Part
from claims.splitting.splitters.context import Speech
from claims.splitting.splitters.cues import cues_for
from claims.splitting.splitters.english import english_parts, is_clause
from claims.splitting.splitters.general import general_parts
from claims.splitting.splitters.quotes import Quote, find_quotes, without_lone_marks
from claims.splitting.splitters.sentences import segment
from claims.splitting.splitters.shapes import CLAIM_ROLES, MOST_CLAIMS, Block, Hop, Mode, Presence, Span, SplitClaim
from claims.splitting.splitters.view import matching_view
from claims.splitting.splitters.weight import is_vague, weigh

QUOTED = ("direct_quote", "partial_quote", "block_quote")
LONGEST_SCRAP = 4  # letters, in scripts that are written without blanks
LONGEST_SPEAKER = 30  # code points of `市长王明周一说`, in scripts that are written without blanks
LONGEST_SENTENCE = 1_500  # code points; a longer one is kept whole, as no rule reads it reliably


@dataclass(frozen=True)
class Stretch:
    """One sentence of a block, with the quotations that it touches."""

    start: int
    end: int
    block: Block
    quotes: list[Quote]


def split_by_rules(text: str, language: str, blocks: Sequence[Block]) -> list[SplitClaim]:
    """The claims of an article in reading order; every span is in code points of `text`, end exclusive.

    At most MOST_CLAIMS + 1 come back: one too many tells the caller that the article has too many.
    `language` is the article's ISO 639-1 code; a language without a file of its own gets sentences as claims.
    """
    view = matching_view(text)
    speech = Speech(view)
    claims: list[SplitClaim] = []
    for stretch in _stretches(view, language, blocks):
        if len(claims) > MOST_CLAIMS:
            break
        parts = speech.carried(stretch.start, stretch.end, stretch.quotes, _parts(view, stretch, language))
        claims += [
            _claim(text, view, language, stretch, part) for part in parts if _states(view, language, stretch, part)
        ]
    return claims[: MOST_CLAIMS + 1]


def _stretches(view: str, language: str, blocks: Sequence[Block]) -> Iterator[Stretch]:
    for block in sorted(blocks, key=lambda block: block.start):
        if block.role not in CLAIM_ROLES:
            continue
        quotes = find_quotes(view, block.start, block.end)
        first = 0
        spans = [
            (block.start + low, block.start + high) for low, high in segment(view[block.start : block.end], language)
        ]
        for start, end in _with_speakers(view, spans, quotes, language):
            while first < len(quotes) and quotes[first].end < start - 1:
                first += 1
            last = bisect_left(quotes, end + 1, lo=first, key=lambda quote: quote.start)
            yield Stretch(start, end, block, quotes[first:last])


def _with_speakers(view: str, spans: list[Span], quotes: list[Quote], language: str) -> list[Span]:
    """The sentences, where `“大桥是安全的。”市长说。` is one: in scripts without blanks a quotation keeps its full stop
    and who said it follows the closing mark."""
    cues = cues_for(language)
    if cues.table.get("spaced", True):
        return spans
    ending = {quote.end: quote for quote in quotes if quote.closed}
    joined: list[Span] = []
    for start, end in spans:
        quote = ending.get(start)
        said = view[start:end].rstrip("。！？ ")
        if (
            quote is not None
            and len(said) <= LONGEST_SPEAKER
            and any(v.end() == len(said) for v in cues.verbs_in(said))
        ):
            held = [span for span in joined if span[0] >= quote.start]
            if held and held[0][0] == quote.start:
                joined[-len(held) :] = [(quote.start, end)]
                continue
        joined.append((start, end))
    return joined


def _parts(view: str, stretch: Stretch, language: str) -> list[Part]:
    if stretch.end - stretch.start > LONGEST_SENTENCE:
        return [Part(((stretch.start, stretch.end),))]
    split = english_parts if language.startswith("en") else partial(general_parts, language=language)
    return [
        replace(part, pieces=tuple(without_lone_marks(view, piece, stretch.quotes) for piece in part.pieces))
        for part in split(view, stretch.start, stretch.end, stretch.quotes)
    ]


def _states(view: str, language: str, stretch: Stretch, part: Part) -> bool:
    """A question of the author's states nothing, nor does a scrap of one or two words (`OFFICE (Letter)`)."""
    if part.chain:
        return True
    if view[stretch.end - 1] in "?？؟":
        return False
    text = view[part.pieces[0][0] : part.pieces[-1][1]]
    if " " not in text:
        return len(text) > LONGEST_SCRAP
    if text.count(" ") > 1:
        return True
    is_whole = len(text) > (stretch.end - stretch.start) // 2  # `Photo supplied`; but `Prices fell as farmers sold …`
    return not is_whole and language.startswith("en") and is_clause(view, *part.pieces[0])


def _claim(text: str, view: str, language: str, stretch: Stretch, part: Part) -> SplitClaim:
    sentence = (stretch.start, stretch.end)
    hops = _hops(text, part, stretch.quotes)
    weight = weigh(view, sentence, part, language, is_quoted=any(hop.mode in QUOTED for hop in hops))
    return SplitClaim(
        pieces=part.pieces,
        sentence=sentence,
        role=stretch.block.role,
        attribution_presence=_presence(view, part, language),
        hops=hops,
        kinds=weight.kinds,
        hedges=weight.hedges,
        checkworthiness=weight.checkworthiness,
        reasons=weight.reasons,
    )


def _presence(view: str, part: Part, language: str) -> Presence:
    if part.chain and not all(saying.vague for saying in part.chain):
        return "attributed"
    return "vague" if is_vague(view, part, language) else "author_voice"


def _hops(text: str, part: Part, quotes: list[Quote]) -> tuple[Hop, ...]:
    """A quotation is the innermost speaker's whose words it holds; whoever passes them on has an indirect hop."""
    free = list(quotes)
    hops: list[Hop] = []
    for saying in part.chain:
        own = [quote for quote in free if saying.content[0] - 2 <= quote.start < saying.content[1]]
        free = [quote for quote in free if quote not in own]
        hops.append(
            Hop(
                source_text=text[slice(*saying.source)] if saying.source else "",
                source_span=saying.source,
                cue_text=text[slice(*saying.cue)] if saying.cue else "",
                cue_span=saying.cue,
                mode="block_quote" if saying.block else _mode(part, own),
                act=saying.act,
            )
        )
    return tuple(hops)


def _mode(part: Part, own: list[Quote]) -> Mode:
    """Direct: the claim stands inside a quotation; partial: a quotation stands inside the claim."""
    start, end = part.pieces[0][0], part.pieces[-1][1]
    if any(quote.inner[0] <= start and end <= quote.inner[1] for quote in own):
        return "direct_quote"
    if any(quote.start < end and start < quote.end for quote in own):
        return "partial_quote"
    return "indirect"
