"""The product's text functions in the shape that ../shared/data/text/score.py calls."""

from __future__ import annotations

from claims.importing.marking.blocks import find_blocks
from claims.importing.pages import page_text


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
