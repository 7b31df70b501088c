"""Copies of what evidence rests on: asked for while labelling, kept by a job, named by the evidence at submission.

A copy is its reviewer's own until an answer that names it is submitted; then those who settle see it with the evidence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from claims import audit, jobs
from claims.errors import NotFound, Problem, Refused, Sentence
from claims.hosts import ascii_host
from claims.labelling.brought import is_checking
from claims.models import Article, Assignment, EvidenceCopy, EvidenceItem, OutletDomain, Reviewer, User
from claims.models.evidence import new_key
from claims.outbound import PUBLIC
from claims.outbound.addresses import parse
from claims.permissions import can, check_not_archived

COPIES_A_DAY = 300  # of one reviewer
PICTURE_BYTES = 5_000_000
PICTURES = {b"\x89PNG\r\n\x1a\n": ("image/png", "png"), b"\xff\xd8\xff": ("image/jpeg", "jpg")}


def request_copy(reviewer: Reviewer, url: str) -> EvidenceCopy:
    """The copy of a page: the reviewer's own newest one, unless it failed, else a new one that a job fetches.

    Raises Refused: what `outbound.addresses.parse` raises, `too_many_copies` (429); Conflict `project_archived`.
    """
    check_not_archived(reviewer.project)
    address = parse(url, PUBLIC).url
    if len(address) > 2000:
        raise Refused("invalid_url", Sentence("The address is longer than 2,000 characters."))
    own = EvidenceCopy.objects.filter(project=reviewer.project_id, added_by=reviewer, kind="page", url=address)
    known: EvidenceCopy | None = own.exclude(state="failed").order_by("-id").first()
    if known is not None:
        return known
    _check_quota(reviewer)
    with transaction.atomic():
        copy: EvidenceCopy = EvidenceCopy.objects.create(
            project_id=reviewer.project_id, added_by=reviewer, kind="page", url=address
        )
        # Of no project and nobody's: the list of jobs would tell who is looking for evidence (INV-4).
        jobs.enqueue("copy_evidence", args={"copy": copy.pk})
    return copy


def keep_screenshot(reviewer: Reviewer, picture: File[Any]) -> EvidenceCopy:
    """Keep a picture of the reviewer's own. It is handed out as a download only, never shown as a picture.

    Raises Refused `unsupported_format` (415), `too_large` (413), `too_many_copies` (429).
    """
    check_not_archived(reviewer.project)
    data: bytes = picture.read(PICTURE_BYTES + 1)
    if len(data) > PICTURE_BYTES:
        sentence = Sentence("A screenshot has at most {n} MB.", n=PICTURE_BYTES // 1_000_000)
        raise Refused("too_large", sentence, status=413)
    media_type, ending = _picture_type(data)
    _check_quota(reviewer)
    key = new_key()
    with transaction.atomic():
        copy = EvidenceCopy.objects.create(
            key=key,
            project_id=reviewer.project_id,
            added_by=reviewer,
            kind="screenshot",
            state="kept",
            fetched_at=Now(),
            media_type=media_type,
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            file=default_storage.save(f"evidence/{key}.{ending}", ContentFile(data)),
        )
        audit.record("keep_screenshot", copy, by=reviewer.user, project=reviewer.project, sha256=copy.sha256)
    copy.refresh_from_db(fields=["fetched_at"])
    return copy


def _picture_type(data: bytes) -> tuple[str, str]:
    """By its first bytes: a name and a stated type say nothing."""
    for magic, found in PICTURES.items():
        if data.startswith(magic):
            return found
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp", "webp"
    raise Refused("unsupported_format", Sentence("This is not a PNG, JPEG or WebP picture."), status=415)


def _check_quota(reviewer: Reviewer) -> None:
    since = datetime.now(UTC) - timedelta(days=1)
    own = EvidenceCopy.objects.filter(project=reviewer.project_id, added_by=reviewer, created_at__gt=since)
    if own.count() >= COPIES_A_DAY:
        sentence = Sentence("At most {n} copies a day. Go on tomorrow.", n=COPIES_A_DAY)
        raise Refused("too_many_copies", sentence, status=429)


def visible_copy(key: str, user: User, reviewer: Reviewer) -> EvidenceCopy:
    """A copy that this person may read: their own, one of the evidence that they check, or one named by submitted
    evidence if they settle. Else NotFound."""
    copy: EvidenceCopy | None = EvidenceCopy.objects.in_project(reviewer.project).filter(key=key).first()
    if copy is None:
        raise NotFound
    if copy.added_by_id == reviewer.pk:
        return copy
    items = EvidenceItem.objects.in_project(reviewer.project).filter(Q(page_copy=copy) | Q(screenshot=copy))
    if is_checking(reviewer, items):
        return copy
    if not can("settle", user, reviewer.project) or not items.exists() or _is_to_judge(reviewer, items):
        raise NotFound
    return copy


def _is_to_judge(reviewer: Reviewer, items: Any) -> bool:
    """Whoever settles may also label: what others brought to a claim they still have to judge stays hidden."""
    claims = items.values("claim")
    return Assignment.objects.filter(
        reviewer=reviewer, state="reserved", unit__occurrence_version__occurrence__claim__in=claims
    ).exists()


def quote_place(copy: EvidenceCopy, quote: str) -> tuple[int, int] | None:
    """Where a quote stands in the copy's text, [start, end) in code points: white space aside, word by word."""
    words = quote.split()
    if not words:
        return None
    at = copy.text.find(quote.strip())
    if at >= 0:
        return at, at + len(quote.strip())
    return _loose_place(copy.text, words)


def _loose_place(text: str, words: Sequence[str]) -> tuple[int, int] | None:
    """The words in a row, however they are spaced; linear, since both sides come from strangers."""
    squeezed, places, was_space = [], [], True
    for place, char in enumerate(text):
        if char.isspace() and was_space:
            continue
        was_space = char.isspace()
        squeezed.append(" " if was_space else char)
        places.append(place)
    wanted = " ".join(words)
    at = "".join(squeezed).find(wanted)
    return None if at < 0 else (places[at], places[at + len(wanted) - 1] + 1)


def own_outlet_problems(assignment: Assignment, evidence: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Evidence from the outlet that published the claim, where the round takes none of it."""
    if not assignment.round.blocks_own_outlet or not any(item["url"] for item in evidence):
        return []
    own = own_hosts(assignment.unit.article)
    return [
        Problem(
            "evidence",
            "own_outlet",
            Sentence("Evidence {n}: this round takes none from the outlet that is judged.", n=n),
        )
        for n, item in enumerate(evidence, 1)
        if stands_on(item["url"], own)
    ]


def own_hosts(article: Article | None) -> set[str]:
    """The hosts of the outlet that published an article."""
    if article is None:
        return set()
    own = set(OutletDomain.objects.filter(outlet=article.outlet_id).values_list("domain", flat=True))
    return (own | {host_of(article.url)}) - {""}


def stands_on(url: str, hosts: set[str]) -> bool:
    """Whether an address is on one of these hosts or under it."""
    host = host_of(url)
    return any(host == one or host.endswith(f".{one}") for one in hosts)


def host_of(url: str) -> str:
    try:
        return ascii_host(urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def write_evidence(assignment: Assignment, evidence: Sequence[Mapping[str, Any]]) -> list[EvidenceItem]:
    """Store the pieces with the copies they rest on; an address without a copy gets one, fetched after the submit."""
    version = assignment.unit.occurrence_version
    claim_id = version.occurrence.claim_id if version else None
    if not evidence:
        return []
    if claim_id is None:
        raise Refused("evidence_needs_a_claim", Sentence("Evidence belongs to a claim; this unit is not one."))
    if problems := own_outlet_problems(assignment, evidence):
        raise Refused("invalid_answers", " ".join(problem.sentence for problem in problems), problems=problems)
    reviewer = assignment.reviewer
    assert reviewer is not None  # noqa: S101 - whoever submits holds the slot
    copies = _copies_named(reviewer, evidence)
    return EvidenceItem.objects.bulk_create(
        EvidenceItem(
            project_id=assignment.round.project_id,
            claim_id=claim_id,
            added_by=reviewer,
            page_copy=copies.get(item.get("copy", "")) or _copy_of_address(reviewer, item["url"]),
            screenshot=copies.get(item.get("screenshot", "")),
            published_at=published_at(item.get("published", "")),
            **{name: value for name, value in item.items() if name not in ("copy", "screenshot", "published")},
        )
        for item in evidence
    )


def _copies_named(reviewer: Reviewer, evidence: Sequence[Mapping[str, Any]]) -> dict[str, EvidenceCopy]:
    wanted = {str(item.get(name) or "") for item in evidence for name in ("copy", "screenshot")} - {""}
    if not wanted:
        return {}
    rows = EvidenceCopy.objects.filter(project=reviewer.project_id, added_by=reviewer, key__in=wanted)
    found = {row.key: row for row in rows}
    problems = [
        Problem(
            "evidence",
            "unknown_copy",
            Sentence("Evidence {n}: there is no copy of yours with this key. Fetch it again.", n=n),
        )
        for n, item in enumerate(evidence, 1)
        if {str(item.get("copy") or ""), str(item.get("screenshot") or "")} - {""} - set(found)
    ]
    if problems:
        raise Refused("invalid_answers", " ".join(problem.sentence for problem in problems), problems=problems)
    return found


def _copy_of_address(reviewer: Reviewer, url: str) -> EvidenceCopy | None:
    """An address that cannot be fetched is evidence all the same: a book's page, a site behind a wall."""
    if not url:
        return None
    try:
        return request_copy(reviewer, url)
    except Refused:
        return None


def published_at(stated: str) -> datetime | None:
    """A day as a person writes it in the form, 2026-03-14. Raises ValueError."""
    return datetime.strptime(stated, "%Y-%m-%d").replace(tzinfo=UTC) if stated else None


def is_after_claim(published: datetime | None, claimed: datetime | None) -> bool | None:
    """Whether a source appeared on a later day than the claim; None: one of the dates is not known."""
    if published is None or claimed is None:
        return None
    return published.astimezone(UTC).date() > claimed.astimezone(UTC).date()
