"""The claims of an article in a new version of its text: found again, moved, or marked as orphaned."""

from __future__ import annotations

from collections import Counter, defaultdict

from django.db import transaction

from claims import jobs
from claims.models import Anchor, Article, ClaimOccurrence, Job, OccurrenceVersion, TextVersion
from claims.text import find_again

BATCH = 500


def run_anchor(job: Job) -> None:
    """The job `anchor_claims`: args {"texts": [ids of new text versions]}. Doing it again changes nothing."""
    for at, pk in enumerate(job.args["texts"]):
        if at < job.cursor.get("text", 0):
            continue
        text = TextVersion.objects.select_related("article").get(pk=pk)
        with jobs.chunk(job):
            states = anchor_claims(text)
            for state, found in states.items():
                job.counts[state] = job.counts.get(state, 0) + found
            job.cursor = {"text": at + 1}
    said = ", ".join(f"{job.counts.get(state, 0):,} {state}" for state in ("anchored", "moved", "orphaned"))
    jobs.finish(job, "succeeded", sentence=f"Claims in the new text: {said}.")


def anchor_claims(text: TextVersion) -> Counter[str]:
    """Write where the newest version of each claim of the article stands in this text, and count the states.

    A piece is `anchored` where its words stand at the same place, `moved` where they stand elsewhere or with other
    white space, and `orphaned`, with its old place, where they are gone. A claim that lost a piece is orphaned whole.
    """
    versions = OccurrenceVersion.objects.filter(occurrence__article=text.article).order_by("occurrence", "-n")
    newest = list(versions.distinct("occurrence").values_list("pk", "occurrence"))
    known = Anchor.objects.filter(occurrence_version__in=[pk for pk, _ in newest]).order_by("-text_version__n", "piece")
    old: defaultdict[int, list[Anchor]] = defaultdict(list)
    done: set[int] = set()
    for anchor in known:
        if anchor.text_version_id == text.pk:
            done.add(anchor.occurrence_version_id)
        elif anchor.state != "orphaned":
            place = old[anchor.occurrence_version_id]
            if not place or place[0].text_version_id == anchor.text_version_id:
                place.append(anchor)
    texts = dict(TextVersion.objects.filter(article=text.article).values_list("pk", "text"))
    rows: list[Anchor] = []
    positions: dict[int, int] = {}
    counts: Counter[str] = Counter()
    for pk, occurrence in newest:
        if pk in done or not old[pk]:
            continue
        placed = _placed(pk, old[pk], texts, text)
        counts[placed[0].state if placed[0].state == "orphaned" else _state(placed)] += 1
        rows += placed
        if placed[0].state != "orphaned":
            positions[occurrence] = placed[0].start
    with transaction.atomic():
        Article.objects.select_for_update(no_key=True).get(pk=text.article_id)
        Anchor.objects.bulk_create(rows, batch_size=BATCH)
        moved = list(ClaimOccurrence.objects.filter(pk__in=positions))
        for row in moved:
            row.position = positions[row.pk]
        ClaimOccurrence.objects.bulk_update(moved, ["position"], batch_size=BATCH)
    return counts


def _placed(version: int, pieces: list[Anchor], texts: dict[int, str], text: TextVersion) -> list[Anchor]:
    found = [find_again(texts[piece.text_version_id], text.text, piece.start, piece.end) for piece in pieces]
    if any(place is None for place in found):
        return [_anchor(version, text, piece, piece.start, piece.exact, state="orphaned") for piece in pieces]
    rows = []
    for piece, place in zip(pieces, found, strict=True):
        start, end = place or (piece.start, piece.end)
        exact = text.text[start:end]
        is_same = (start, exact) == (piece.start, piece.exact)
        rows.append(_anchor(version, text, piece, start, exact, state="anchored" if is_same else "moved"))
    return rows


def _anchor(version: int, text: TextVersion, piece: Anchor, start: int, exact: str, *, state: str) -> Anchor:
    return Anchor(
        occurrence_version_id=version,
        text_version=text,
        piece=piece.piece,
        start=start,
        end=start + len(exact),
        exact=exact,
        state=state,
    )


def _state(placed: list[Anchor]) -> str:
    return "moved" if any(anchor.state == "moved" for anchor in placed) else "anchored"
