"""The product's text functions in the shape that ../shared/data/text/score.py calls."""

from __future__ import annotations

from claims.importing.marking.blocks import find_blocks
from claims.importing.pages import page_text
from claims.matching.comparing import same
from claims.splitting.splitters import SPLITTERS, Block
from claims.splitting.splitters.sentences import segment

__all__ = ["attribute", "extract", "keep", "same", "segment"]


def extract(html: bytes, url: str) -> str:
    """Return the body of the article on a page."""
    return page_text(html, url)


def keep(lines: list[str]) -> list[bool]:
    """Say for each line whether it is body, or a heading inside the body."""
    text = "\n".join(lines)
    roles = {text.count("\n", 0, block.start): block.role for block in find_blocks(text)}
    body = [at for at, role in roles.items() if role == "body"] or [0]
    return [
        roles.get(at) == "body" or (roles.get(at) == "subheadline" and body[0] < at < body[-1])
        for at in range(len(lines))
    ]


def attribute(text: str, lang: str) -> dict[str, list[tuple[int, int]]]:
    """Return the spans of cues, sources and claims of a text that is all body."""
    claims = SPLITTERS["rules"](text, lang, [Block(0, len(text), "body")])
    hops = [hop for claim in claims for hop in claim.hops]
    return {
        "cue": sorted({hop.cue_span for hop in hops if hop.cue_span}),
        "source": sorted({hop.source_span for hop in hops if hop.source_span}),
        "claim": sorted({piece for claim in claims for piece in claim.pieces}),
    }
