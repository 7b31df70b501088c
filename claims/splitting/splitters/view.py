"""The view that rules match against: the text with odd characters replaced one by one, so that offsets stay true."""

from __future__ import annotations

# Code point for code point: spaces of every kind become a blank, line ends of every kind a line feed.
_REPLACED = {
    **dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000, 9], " "),
    **dict.fromkeys([0x2028, 0x2029, 0x85, 0xB, 0xC, 0xD], "\n"),
}


def matching_view(text: str) -> str:
    """The text to match in; it has the same length as the text given, position by position."""
    return text.translate(_REPLACED)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space at either end; empty (start == end) when nothing is left."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
