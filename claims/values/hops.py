"""A chain of sources as a person gives it: who said it first, then each who passes it on. Plain Python.

The first hop is the original speaker, the last one the outermost source: the one nearest to the article's own words.
In "the ministry said, according to Rudaw" the chain is the ministry, Rudaw; PolNeAR annotates Rudaw alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from claims.errors import Sentence

HOPS = 8
HOP_CHARS = 200
BETWEEN = " → "  # hops, where a chain is shown in one line
ARTICLES = frozenset(
    [
        *("the", "a", "an"),
        *("der", "die", "das", "den", "dem", "des", "ein", "eine", "einer", "eines", "einem", "einen"),
        *("le", "la", "les", "un", "une", "el", "los", "las", "una", "il", "lo", "gli", "uno", "het", "een", "de"),
    ]
)

HopKey = tuple[str, ...]


def hops_in(written: str) -> list[str]:
    """The lines of a text field, one source each; lines without words are left out."""
    return [line.strip() for line in written.splitlines() if line.strip()]


def hop_faults(hops: Sequence[Any]) -> Iterator[tuple[str, Sentence]]:
    """(code, sentence) for each thing wrong with the hops of a chain; sources are counted from 1, as people do."""
    if len(hops) > HOPS:
        yield (
            "too_many_hops",
            Sentence(
                "{n} sources are named; at most {limit} are taken. Leave out whoever only repeats another.",
                n=len(hops),
                limit=HOPS,
            ),
        )
    for n, hop in enumerate(hops, 1):
        if not isinstance(hop, str):
            given = str(hop)[:40]
            yield "invalid_hop", Sentence("source {n} is “{given}”, not a name. Write it in words.", n=n, given=given)
        elif not hop:
            yield "empty_hop", Sentence("source {n} is empty. Name it, or leave the line out.", n=n)
        elif len(hop) > HOP_CHARS:
            yield (
                "hop_too_long",
                Sentence(
                    "source {n}, “{start}…”, has {length} characters; at most {limit} are taken. Shorten it.",
                    n=n,
                    start=hop[:30],
                    length=len(hop),
                    limit=HOP_CHARS,
                ),
            )


def hop_key(hop: str) -> str:
    """By what two names of one source are compared: in either case, without punctuation at the ends and without an
    article in front. What would be nothing then stays as it is."""
    plain = " ".join(unicodedata.normalize("NFC", hop).casefold().split())
    bare = _without_ends(plain)
    first, _, rest = bare.partition(" ")
    return (_without_ends(rest) if first in ARTICLES else bare) or bare or plain


def chain_key(hops: Sequence[Any]) -> HopKey:
    return tuple(hop_key(str(hop)) for hop in hops)


def _without_ends(text: str) -> str:
    """Without punctuation and white space at either end."""
    start, end = 0, len(text)
    while start < end and _is_edge(text[start]):
        start += 1
    while end > start and _is_edge(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_edge(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter)[0] == "P"
