"""The text beside the questions. A huge one comes as the surroundings of what is marked; the rest is read in parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from django.db.models import Q

from claims.labelling.queries import LabelContext
from claims.web.corpus.parts import PART, part_at, part_of
from claims.web.marking import Block, Mark, blocks_of

WHOLE = 64_000  # code points up to which a text is sent whole: some 10,000 words
AROUND = 4_000  # code points on either side of a mark that come with it


@dataclass
class Stretch:
    """Parts of the text in a row that are sent, or left out."""

    first: int
    last: int
    start: int
    end: int
    is_sent: bool
    blocks: list[Block] = field(default_factory=list)

    @property
    def nearest(self) -> int:
        """Of what is left out, the part beside what is sent: before the first marks that is the last one."""
        return self.first if self.first else self.last

    @property
    def length(self) -> int:
        return self.end - self.start


def stretches_of(context: LabelContext, marked: Iterable[tuple[int, int]] = ()) -> list[Stretch]:
    """The whole text in stretches. Those beside a mark have their paragraphs, as have those that the reviewer `marked`;
    in a text without any mark it is the first part."""
    if not context.text:
        return []
    marks = _marks(context)
    if len(context.text) <= WHOLE:
        whole = Stretch(0, count_parts(context.text) - 1, 0, len(context.text), is_sent=True)
        return _filled(context, [whole], marks)
    places = [*((mark.start, mark.end) for mark in marks), *marked]
    return _filled(context, _cut(context.text, _parts_beside(context.text, places)), marks)


def stretch_at(context: LabelContext, number: int) -> Stretch:
    """One part, with its marks."""
    part = part_at(context.text, number)
    return _filled(context, [Stretch(part.number, part.number, part.start, part.end, is_sent=True)], _marks(context))[0]


def count_parts(text: str) -> int:
    return max(len(text) - 1, 0) // PART + 1


def _marks(context: LabelContext) -> list[Mark]:
    """The claim, its sources and its cues."""
    marks = [Mark(span.start, span.end, "claim") for span in context.spans]
    marks += [Mark(span.start, span.end, "focus", 1) for span in context.spans]
    for hop in context.hops:
        if hop.source_start is not None and hop.source_end is not None:
            marks.append(Mark(hop.source_start, hop.source_end, "source"))
        if hop.cue_start is not None and hop.cue_end is not None:
            marks.append(Mark(hop.cue_start, hop.cue_end, "cue"))
    return marks


def _parts_beside(text: str, places: Iterable[tuple[int, int]]) -> set[int]:
    beside: set[int] = set()
    for start, end in places:
        first = part_of(text, max(start - AROUND, 0)).number
        last = part_of(text, min(end + AROUND, len(text) - 1)).number
        beside.update(range(first, last + 1))
    return beside or {0}


def _cut(text: str, sent: set[int]) -> list[Stretch]:
    last = count_parts(text) - 1
    begins = [n for n in range(last + 1) if n == 0 or (n in sent) != (n - 1 in sent)]
    return [
        Stretch(first, after - 1, part_at(text, first).start, part_at(text, after - 1).end, first in sent)
        for first, after in pairwise([*begins, last + 1])
    ]


def _filled(context: LabelContext, stretches: list[Stretch], marks: Sequence[Mark]) -> list[Stretch]:
    """With the paragraphs of those that are sent: one query, cut where a stretch ends."""
    sent = [stretch for stretch in stretches if stretch.is_sent]
    inside = Q()
    for stretch in sent:
        inside |= Q(start__lt=stretch.end, end__gt=stretch.start)
    found = context.segments.filter(inside).order_by("start").values_list("start", "end", "role", "language")
    rows = list(found) or [(stretch.start, stretch.end, "body", "und") for stretch in sent]
    begun: set[int] = set()
    for stretch in sent:
        clipped = [
            (max(start, stretch.start), min(end, stretch.end), role, language)
            for start, end, role, language in rows
            if start < stretch.end and end > stretch.start
        ]
        stretch.blocks = blocks_of(context.text, clipped, marks, begun) if clipped else []
    return stretches
