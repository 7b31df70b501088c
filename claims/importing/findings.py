"""Claims that others judged, with their verdicts: written once, wherever they came from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from claims.importing.articles import Prepared, lock_imports
from claims.importing.datasets import Finding
from claims.importing.datasets.verdicts import common_verdict
from claims.models import Claim, ClaimSource, ClaimVersion, ExternalVerdict, Project, User


def take_reviews(project: Project, batch: Sequence[Prepared], *, by: User | None) -> int:
    """Write the claims that fact-checks among these pages judge, in the caller's transaction; returns how many are
    new."""
    found = [review for item in batch for review in item.record.reviews]
    return store_claims(project, found, by=by) if found else 0


def store_claims(project: Project, found: list[Finding], *, by: User | None) -> int:
    """Write the claims that are new in the project with where they come from, and all verdicts; call it in a
    transaction. Returns how many are new."""
    lock_imports(project)
    first: dict[str, Finding] = {}
    for item in found:
        first.setdefault(digest_of(item.text), item)
    known = known_claims(project, list(first))
    fresh = {digest: item for digest, item in first.items() if digest not in known}
    claims = Claim.objects.bulk_create([Claim(project=project, text=item.text) for item in fresh.values()])
    ClaimVersion.objects.bulk_create(
        [ClaimVersion(claim=claim, n=1, text=claim.text, origin="import", created_by=by) for claim in claims]
    )
    ClaimSource.objects.bulk_create(
        [
            ClaimSource(
                project=project,
                claim=claim,
                kind=item.kind,
                text_sha256=digest,
                speaker=item.speaker,
                said_at=item.said_at,
                place=item.place,
                url=item.url,
                extra=dict(item.extra),
                created_by=by,
            )
            for claim, (digest, item) in zip(claims, fresh.items(), strict=True)
        ]
    )
    known |= {digest: claim.pk for digest, claim in zip(fresh, claims, strict=True)}
    ExternalVerdict.objects.bulk_create(
        [
            ExternalVerdict(
                project=project,
                claim_id=known[digest_of(item.text)],
                publisher=verdict.publisher[:200],
                label=verdict.label[:300],
                verdict=common_verdict(verdict.label, verdict.publisher),
                rating=verdict.rating,
                worst=verdict.worst,
                best=verdict.best,
                url=verdict.url,
                published_at=verdict.published_at,
            )
            for item in found
            for verdict in item.verdicts
        ],
        ignore_conflicts=True,
    )
    return len(claims)


def known_claims(project: Project, digests: list[str]) -> dict[str, int]:
    rows = ClaimSource.objects.filter(project=project, text_sha256__in=digests, kind__in=("dataset", "review"))
    return dict(rows.values_list("text_sha256", "claim_id"))


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
