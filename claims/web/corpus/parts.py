"""A long article in parts: only the stretch that is looked at is read, marked and sent, with the claims in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from django.http import HttpRequest

from claims.models import (
    Anchor,
    Article,
    AttributionHop,
    ClaimOccurrence,
    OccurrenceVersion,
    TextVersion,
    place_hops,
)
from claims.splitting.desk import Piece
from claims.web.marking import Block, Mark, blocks_of
from claims.web.page import number_in

HITS = 50  # places of searched words that are listed
AROUND = 60  # code points of the text shown on either side of such a place
PART = 16_000  # code points shown at once
LOOK_BACK = 2_000  # how far before its end a part may be cut, at a line's end or else between words
LONGEST = 10_000  # claims that begin farther before the part are not looked for


@dataclass
class Shown:
    """A claim in the part: its row, newest version, pieces in the text, and chain."""

    row: ClaimOccurrence
    version: OccurrenceVersion
    pieces: list[Piece] = field(default_factory=list)
    hops: list[AttributionHop] = field(default_factory=list)

    @property
    def spans(self) -> str:
        return ",".join(f"{start}-{end}" for start, end in self.pieces)


@dataclass(frozen=True)
class Part:
    """The stretch of the text that is shown."""

    number: int
    start: int
    end: int
    total: int

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.start else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.end < self.total else None

    @property
    def is_whole(self) -> bool:
        return self.start == 0 and self.end == self.total


@dataclass(frozen=True)
class Hit:
    """A place where words that were searched for stand."""

    start: int
    end: int
    part: int
    before: str
    words: str
    behind: str


def part_at(text: str, number: int) -> Part:
    """The part of this number; cut at ends of lines, else between words, so that every part is the same each time."""
    number = min(number, max(len(text) - 1, 0) // PART)
    return Part(number, _cut(text, number * PART), _cut(text, (number + 1) * PART), len(text))


def _cut(text: str, at: int) -> int:
    if at <= 0 or at >= len(text):
        return max(0, min(at, len(text)))
    for mark in ("\n", " "):
        found = text.rfind(mark, at - LOOK_BACK, at)
        if found >= 0:
            return found + 1
    return at


def part_of(text: str, position: int) -> Part:
    """The part that holds this position."""
    found = part_at(text, position // PART)
    if position >= found.end:
        return part_at(text, found.number + 1)
    return found if position >= found.start else part_at(text, max(found.number - 1, 0))


def asked_part(request: HttpRequest, article: Article, text: TextVersion, chosen: int | None) -> Part:
    """The part that the address names, else that of the claim it names, else the first."""
    number = number_in(request, "part")
    if number is None and chosen is not None:
        rows = ClaimOccurrence.objects.filter(article=article, pk=chosen)
        return part_of(text.text, rows.values_list("position", flat=True).first() or 0)
    return part_at(text.text, number or 0)


def hits_in(text: str, words: str) -> list[Hit]:
    """The first places where the words stand in a row, however they are written large or small and spaced."""
    wanted = r"\s+".join(map(re.escape, words.split()))
    found = islice(re.finditer(wanted, text, re.IGNORECASE), HITS) if wanted else ()
    return [
        Hit(
            match.start(),
            match.end(),
            part_of(text, match.start()).number,
            text[max(match.start() - AROUND, 0) : match.start()],
            match.group(),
            text[match.end() : match.end() + AROUND],
        )
        for match in found
    ]


def claims_in(article: Article, text: TextVersion, part: Part) -> list[Shown]:
    """Claims with a piece in the part, in reading order: four queries, however many they are."""
    rows = ClaimOccurrence.objects.filter(
        article=article, position__gte=part.start - LONGEST, position__lt=part.end
    ).standing()
    near = {row.pk: row for row in rows}
    versions = OccurrenceVersion.objects.filter(occurrence__in=near).order_by("occurrence", "-n")
    found = {v.pk: Shown(near[v.occurrence_id], v) for v in versions.distinct("occurrence")}
    anchors = Anchor.objects.filter(occurrence_version__in=found, text_version=text).exclude(state="orphaned")
    for anchor in anchors.order_by("occurrence_version", "piece"):
        found[anchor.occurrence_version_id].pieces.append((anchor.start, anchor.end))
    inside = {
        pk: one for pk, one in found.items() if any(start < part.end and end > part.start for start, end in one.pieces)
    }
    hops = AttributionHop.objects.filter(occurrence_version__in=inside).order_by("occurrence_version", "n")
    for hop in place_hops(hops, text):
        inside[hop.occurrence_version_id].hops.append(hop)
    return sorted(inside.values(), key=lambda one: (one.row.position, one.row.pk))


def blocks_in(
    text: TextVersion, part: Part, shown: list[Shown], selected: Shown | None, hits: Iterable[Hit] = ()
) -> list[tuple[int, Block]]:
    """(where it begins, block): the part's paragraphs with claims, who says them, and what was searched for, marked."""
    marks = [Mark(hit.start, hit.end, "found", name=f"found-{hit.start}") for hit in hits]
    marks += [Mark(start, end, "claim", one.row.pk) for one in shown for start, end in one.pieces]
    for one in shown:
        for hop in one.hops:
            for kind, start, end in (
                ("source", hop.source_start, hop.source_end),
                ("cue", hop.cue_start, hop.cue_end),
            ):
                if start is not None and end is not None:
                    marks.append(Mark(start, end, kind))
    if selected is not None:
        marks += [Mark(start, end, "focus", selected.row.pk) for start, end in selected.pieces]
    rows = text.segments.filter(start__lt=part.end, end__gt=part.start).order_by("start")
    segments = [
        (max(start, part.start), min(end, part.end), role, language)
        for start, end, role, language in rows.values_list("start", "end", "role", "language")
    ]
    segments = segments or [(part.start, part.end, "body", "und")]
    inside = [mark for mark in marks if mark.start < part.end and mark.end > part.start]
    return list(zip((start for start, *_ in segments), blocks_of(text.text, segments, inside), strict=True))
