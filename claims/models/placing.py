"""Who says a claim, in another version of the text than the one the claim was found in."""

from __future__ import annotations

from collections.abc import Iterable

from claims.models.article import TextVersion
from claims.models.claim import Anchor, AttributionHop
from claims.text import find_again


def place_hops(hops: Iterable[AttributionHop], text: TextVersion) -> list[AttributionHop]:
    """Return the hops with their spans moved to where the words stand in this text, in memory alone; a span whose
    words are not there becomes none. Rows keep the spans of the text in which their claim was written."""
    rows = list(hops)
    if text.n == 1 or not rows:
        return rows
    firsts = Anchor.objects.filter(occurrence_version__in={row.occurrence_version_id for row in rows})
    origin = dict(
        firsts.order_by("occurrence_version", "text_version__n")
        .distinct("occurrence_version")
        .values_list("occurrence_version", "text_version")
    )
    texts = dict(TextVersion.objects.filter(pk__in=set(origin.values()) - {text.pk}).values_list("pk", "text"))
    for row in rows:
        old = texts.get(origin.get(row.occurrence_version_id, text.pk))
        if old is not None:
            row.source_start, row.source_end = _again(old, text.text, row.source_start, row.source_end)
            row.cue_start, row.cue_end = _again(old, text.text, row.cue_start, row.cue_end)
    return rows


def _again(old: str, new: str, start: int | None, end: int | None) -> tuple[int | None, int | None]:
    found = find_again(old, new, start, end) if start is not None and end is not None else None
    return found if found is not None else (None, None)
