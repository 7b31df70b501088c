"""Speech that goes on after the sentence that names the speaker: in the next quotation, paragraph or block quote."""

from __future__ import annotations

from dataclasses import replace

from claims.splitting.splitters.chains import Part, Saying
from claims.splitting.splitters.quotes import Quote

_GOES_ON = ("[…]", "[...]", "…", "...", ":", "(…)")


class Speech:
    """Who speaks at this point of the article. Give it the sentences in order, each with its parts."""

    def __init__(self, view: str) -> None:
        self._view = view
        self._chain: tuple[Saying, ...] = ()  # of the last quotation that had a speaker
        self._quoted_until = -1  # where that quotation's sentence ended
        self._is_open = False  # whether its quotation mark was still open
        self._block: tuple[Saying, ...] = ()
        self._block_end = 0  # where its announcement, or the last sentence of it so far, ended

    def carried(self, start: int, end: int, quotes: list[Quote], parts: list[Part]) -> list[Part]:
        """The parts of the sentence at start:end, with the chain of whoever is still speaking."""
        if any(not part.pieces for part in parts):
            self._block, self._block_end = parts[0].chain, end
            return []
        if self._is_in_block(start):
            self._block_end = end
            chain = tuple(replace(saying, block=True, content=(start, end)) for saying in self._block)
            return [replace(part, chain=(*part.chain, *chain)) for part in parts]
        if self._continues(start, end, quotes) and not any(part.chain for part in parts):
            opened = min((quote.start for quote in quotes if quote.end >= end - 2), default=start)
            chain = tuple(replace(saying, content=(min(start, opened), end)) for saying in self._chain)
            parts = [replace(part, chain=chain) for part in parts]
        self._remember(start, end, quotes, parts)
        return parts

    def _is_in_block(self, start: int) -> bool:
        """The paragraph after the announcement, and further ones as long as the one before breaks off (`[…]`)."""
        if not self._block:
            return False
        new_paragraph = "\n" in self._view[self._block_end : start]
        if new_paragraph and not self._view[max(0, self._block_end - 5) : start].rstrip().endswith(_GOES_ON):
            self._block = ()
        return bool(self._block)

    def _continues(self, start: int, end: int, quotes: list[Quote]) -> bool:
        """A sentence that is one quotation, right after speech in the same line or after a mark left open."""
        if not self._chain or not any(quote.start <= start + 1 and quote.end >= end - 2 for quote in quotes):
            return False
        gap = self._view[self._quoted_until : start]
        if gap.strip():
            return False
        return "\n" not in gap or self._is_open

    def _remember(self, start: int, end: int, quotes: list[Quote], parts: list[Part]) -> None:
        inside = [quote for quote in quotes if quote.start < end and quote.end > start]
        chained = [part for part in parts if part.chain]
        if inside and chained:
            self._chain, self._quoted_until = chained[-1].chain, end
            self._is_open = not inside[-1].closed and inside[-1].end <= end + 1
        elif not parts:
            self._quoted_until = end
        else:
            self._chain = ()
