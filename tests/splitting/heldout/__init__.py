"""Sentences of our own that the rules were not made on, in a short notation, ready to be compared."""

from __future__ import annotations

import re
from pathlib import Path

Span = tuple[int, int]
FOLDER = Path(__file__).parent
_MARK = re.compile(r"\{([sck]) ([^{}]*)\}")
_NAMES = {"s": "source", "c": "cue", "k": "claim"}


def kinds(name: str) -> dict[str, list[tuple[str, str]]]:
    """(language, marked text) by kind; a line `@ kind` opens one, a file without such lines is one kind."""
    found: dict[str, list[tuple[str, str]]] = {}
    kind = "all"
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("@"):
            kind = line[1:].strip()
        elif line and not line.startswith("#"):
            language, marked = line.split("\t", 1)
            found.setdefault(kind, []).append((language, marked.replace("\\n", "\n")))
    return found


def lines(name: str) -> list[tuple[str, str]]:
    return [case for cases in kinds(name).values() for case in cases]


def attribution_cases(name: str = "attribution.txt") -> list[tuple[str, str, dict[str, list[Span]]]]:
    """(language, text, spans by label)."""
    return marked_spans(lines(name))


def marked_spans(marked_lines: list[tuple[str, str]]) -> list[tuple[str, str, dict[str, list[Span]]]]:
    cases = []
    for language, marked in marked_lines:
        spans: dict[str, list[Span]] = {"source": [], "cue": [], "claim": []}
        text, at = "", 0
        for mark in _MARK.finditer(marked):
            text += marked[at : mark.start()]
            spans[_NAMES[mark.group(1)]].append((len(text), len(text) + len(mark.group(2))))
            text += mark.group(2)
            at = mark.end()
        cases.append((language, text + marked[at:], spans))
    return cases


def sentence_cases(name: str = "sentences.txt") -> list[tuple[str, str, list[Span]]]:
    """(language, text, sentences)."""
    return parted(lines(name))


def parted(marked_lines: list[tuple[str, str]]) -> list[tuple[str, str, list[Span]]]:
    cases = []
    for language, marked in marked_lines:
        text, spans = "", []
        for piece in marked.split("¦"):
            spans.append((len(text), len(text) + len(piece.rstrip())))
            text += piece
        cases.append((language, text, spans))
    return cases


def overlap(a: Span, b: Span) -> float:
    return max(0, min(a[1], b[1]) - max(a[0], b[0])) / max(1, max(a[1], b[1]) - min(a[0], b[0]))
