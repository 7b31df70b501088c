"""Releases without the words of articles: offsets, addresses and checksums stay, and whoever holds a text rejoins it.

A text is named by the SHA-256 of its UTF-8 bytes. Rejoined, the tables `articles` and `claims` are what they would have
been with text, except for pieces of a text that was not there, and quotes in evidence, which come from elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from claims.exporting.writers.document import CONTEXT
from claims.exporting.writers.jsonl import encode_json

BETWEEN = " … "  # between the pieces of a claim, see OccurrenceVersion.verbatim
QUOTED = frozenset({"exact", "prefix", "suffix", "quote"})

Row = dict[str, Any]


def bare_row(table: str, names: Sequence[str], row: Sequence[Any]) -> tuple[Any, ...]:
    """The row without the words of an article in it. `names` are the table's columns."""
    strip = STRIPPED.get(table)
    if strip is None:
        return tuple(row)
    stripped = strip(dict(zip(names, row, strict=True)))
    return tuple(stripped[name] for name in names)


def _without_text(row: Row) -> Row:
    return row | {"text": None}


def _without_words(row: Row) -> Row:
    pieces = [piece | {"exact": "", "prefix": "", "suffix": ""} for piece in row["pieces"]]
    return row | {"verbatim": None, "pieces": pieces, "hops": [_bare_hop(hop) for hop in row["hops"]]}


def _bare_hop(hop: Row) -> Row:
    """Words whose place is known are found again; a name that only a person wrote down stays."""
    places = {name: hop[f"{name}_start"] is not None for name in ("source", "cue")}
    return hop | {name: "" for name, is_placed in places.items() if is_placed}


def _without_quotes(row: Row) -> Row:
    return row | {"quote": None}


def _without_spans(row: Row) -> Row:
    return row | {"value": _bare_value(row["value"])}


def _bare_value(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare_value(item) for item in value]
    if isinstance(value, dict):
        return {key: _bare_value(item) for key, item in value.items() if key not in QUOTED}
    return value


STRIPPED: dict[str, Callable[[Row], Row]] = {
    "articles": _without_text,
    "claims": _without_words,
    "evidence": _without_quotes,
    "labels": _without_spans,
    "settled": _without_spans,
    "soft_labels": _without_spans,
}


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def rejoin_articles(lines: Iterable[str], texts: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    """(line of articles.jsonl, whether its text was found)."""
    for line in lines:
        row = json.loads(line)
        row["text"] = texts.get(row["text_sha256"])
        yield encode_json(row) + "\n", row["text"] is not None


def rejoin_claims(lines: Iterable[str], texts: Mapping[tuple[int, int], str]) -> Iterator[tuple[str, bool]]:
    """(line of claims.jsonl, whether all its pieces were found). `texts` is {(article, text version): text}."""
    for line in lines:
        row = json.loads(line)
        held = {piece["text_version"]: texts.get((row["article"], piece["text_version"])) for piece in row["pieces"]}
        row["pieces"] = [_rejoin_piece(piece, held[piece["text_version"]]) for piece in row["pieces"]]
        first = min(held, default=None)
        text = held.get(first) if first is not None else None
        if text is not None:
            row["verbatim"] = BETWEEN.join(p["exact"] for p in row["pieces"] if p["text_version"] == first)
            row["hops"] = [_rejoin_hop(hop, text) for hop in row["hops"]]
        yield encode_json(row) + "\n", all(text is not None for text in held.values())


def _rejoin_piece(piece: Row, text: str | None) -> Row:
    if text is None:
        return piece
    start, end = piece["start"], piece["end"]
    before, after = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    return piece | {"exact": text[start:end], "prefix": before, "suffix": after}


def _rejoin_hop(hop: Row, text: str) -> Row:
    found = {}
    for name in ("source", "cue"):
        if hop[f"{name}_start"] is not None:
            found[name] = text[hop[f"{name}_start"] : hop[f"{name}_end"]]
    return hop | found
