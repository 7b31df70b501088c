"""The writes of matching: candidates are suggested by the system, relations are decided by people."""

from __future__ import annotations

import hashlib
import re
import time
import unicodedata
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max, Q

from claims import audit, jobs
from claims.errors import Conflict, NotFound, Refused
from claims.matching import embedding
from claims.matching.candidates import MATCHER, suggestions_by_meaning, suggestions_for
from claims.models import (
    Claim,
    ClaimOccurrence,
    ClaimRelation,
    DocumentCitation,
    Job,
    RelationDecision,
    SourceDocument,
    User,
)
from claims.models.matching import CLAIM_RELATIONS
from claims.permissions import check_can, check_not_archived
from claims.text import clean_text

BATCH = 50  # claims a chunk, or as many as a second allows: what else waits goes between two chunks
CHUNK_SECONDS = 1.0
NOTE_CHARS = 2_000
DAY = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def suggest_relations(claim: Claim) -> int:
    """Write what the system suggests for one claim; pairs that are there already are left alone. Returns how many."""
    model = embedding.name()
    rows = [
        ClaimRelation(
            project_id=claim.project_id,
            left_id=found.left,
            right_id=found.right,
            suggested=found.relation,
            score=found.score,
            differences=[difference.as_json() for difference in found.differences],
            matcher=f"{MATCHER} + {model}" if model else MATCHER,
        )
        for found in (suggestions_by_meaning(claim) if model else suggestions_for(claim))
    ]
    ClaimRelation.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def run_match(job: Job) -> None:
    """The job `match_claims`: args {"articles": [ids]} or {"claims": [ids]}; every claim of these articles, or each of
    these claims, is looked for elsewhere.

    The cursor is the last claim done, so that it goes on after a crash where it was.
    """
    occurrences = ClaimOccurrence.objects.filter(article__in=job.args.get("articles", []), state="proposed")
    wanted = Q(pk__in=job.args["claims"]) if "claims" in job.args else Q(pk__in=occurrences.values("claim"))
    job.counts = {"total": Claim.objects.filter(wanted).count(), "read": 0, "suggested": 0} | job.counts
    while claims := list(Claim.objects.filter(wanted, pk__gt=job.cursor.get("claim", 0)).order_by("pk")[:BATCH]):
        with jobs.chunk(job):
            _match_some(job, claims)
    read, suggested = job.counts["read"], job.counts["suggested"]
    jobs.finish(job, "succeeded", sentence=f"{read:,} claims looked for elsewhere; {suggested:,} pairs suggested.")


def _match_some(job: Job, claims: Sequence[Claim]) -> None:
    """Match the first of these claims, as many as a chunk's time allows."""
    until = time.monotonic() + CHUNK_SECONDS
    for claim in claims:
        job.counts["read"] += 1
        job.counts["suggested"] += suggest_relations(claim)
        job.cursor = {"claim": claim.pk}
        if time.monotonic() > until:
            return


def decide_relation(
    relation: ClaimRelation, decided: str, *, expected: int, by: User, note: str = ""
) -> RelationDecision:
    """A person says how two claims relate; the next number after the `expected` last one (0: none yet).

    Raises Refused `unknown_relation`; Conflict `decided_meanwhile` with what stands now.
    """
    check_can("correct_claims", by, relation.project)
    check_not_archived(relation.project)
    if decided not in CLAIM_RELATIONS:
        raise Refused("unknown_relation", f"There is no such relation. Choose one of: {', '.join(CLAIM_RELATIONS)}.")
    words = clean_text(note, limit=NOTE_CHARS, code="note_too_long").text.strip()
    with transaction.atomic():
        row = ClaimRelation.objects.select_for_update().get(pk=relation.pk)
        last: int = row.decisions.aggregate(last=Max("n"))["last"] or 0
        if last != expected:
            raise Conflict(
                "decided_meanwhile",
                "Somebody else decided about this pair in the meantime. Look at it again.",
                current={"n": last, "relation": row.relation},
            )
        decision = RelationDecision.objects.create(
            claim_relation=row, n=last + 1, relation=decided, note=words, decided_by=by
        )
        ClaimRelation.objects.filter(pk=row.pk).update(relation=decided)
        audit.record("decide_relation", row, by=by, relation=decided, n=last + 1)
    relation.relation = decided
    return decision


def relate_claims(left: Claim, right: Claim, decided: str, *, by: User, note: str = "") -> ClaimRelation:
    """A person relates two claims that nobody suggested; `more_specific` is said of `left`."""
    check_can("correct_claims", by, left.project)
    if left.project_id != right.project_id or left.pk == right.pk:
        raise NotFound
    if left.pk > right.pk:
        left, right, decided = right, left, turned(decided)
    relation, _ = ClaimRelation.objects.get_or_create(
        left=left,
        right=right,
        defaults={"project_id": left.project_id, "suggested": "related_only", "score": 0.0, "origin": "person"},
    )
    last: int = relation.decisions.aggregate(last=Max("n"))["last"] or 0
    decide_relation(relation, decided, expected=last, by=by, note=note)
    return relation


def turned(relation: str) -> str:
    """The relation as it reads from the other claim."""
    return {"more_specific": "more_general", "more_general": "more_specific"}.get(relation, relation)


def cite_document(
    occurrence: ClaimOccurrence, *, publisher: str, title: str = "", published: str = "", url: str = "", by: User
) -> SourceDocument:
    """Say which document a claim goes back to. The same publisher, title and date are the same document; a report of
    another date or title is another one, whoever published it."""
    check_can("correct_claims", by, occurrence.project)
    check_not_archived(occurrence.project)
    names = [clean_text(text, limit=500, code="name_too_long").text.strip() for text in (publisher, title, published)]
    if not names[0]:
        raise Refused("publisher_missing", "A document needs the name of whoever published it.")
    if url and not url.startswith(("https://", "http://")):
        raise Refused("invalid_url", "The address of a document begins with https:// or http://.")
    if names[2] and not DAY.fullmatch(names[2]):
        raise Refused("date_not_understood", "Write the date as YYYY, YYYY-MM or YYYY-MM-DD.")
    with transaction.atomic():
        document, _ = SourceDocument.objects.get_or_create(
            project_id=occurrence.project_id,
            identity=identity_of(*names),
            defaults={"publisher": names[0][:300], "title": names[1], "published": names[2], "url": url[:2000]},
        )
        DocumentCitation.objects.get_or_create(document=document, occurrence=occurrence, defaults={"created_by": by})
        audit.record("cite_document", document, by=by, occurrence=occurrence.pk)
    return document


def identity_of(publisher: str, title: str, published: str) -> str:
    folded = [
        " ".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in (publisher, title, published)
    ]
    return hashlib.sha256("\x1f".join(folded).encode()).hexdigest()
