"""How a correction is written: new versions, never changed ones; one step in the article's list; units that follow.

Whoever corrects holds the article's row, so steps in one article follow one another, and names for each claim the
version they saw: Conflict `stale_version` holds what stands when another step came between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import Max

from claims import audit
from claims.errors import Conflict, NotFound, Refused
from claims.lifecycle import OCCURRENCE
from claims.models import (
    Anchor,
    Article,
    AttributionHop,
    Claim,
    ClaimOccurrence,
    ClaimVersion,
    Correction,
    OccurrenceVersion,
    Segment,
    TextVersion,
    User,
    place_hops,
)
from claims.permissions import check_can, check_not_archived
from claims.splitting.carrying import carry_units, carry_warnings
from claims.splitting.measuring import measures_of
from claims.splitting.splitters import MOST_CLAIMS

Piece = tuple[int, int]
BETWEEN_PIECES = " … "
MOST_PIECES = 30


@dataclass(frozen=True)
class HopContent:
    """One step of who says it; spans are code points, None where the text has no such words."""

    source_text: str = ""
    source_start: int | None = None
    source_end: int | None = None
    cue_text: str = ""
    cue_start: int | None = None
    cue_end: int | None = None
    mode: str = "indirect"
    act: str = "statement"
    source_kind: str = ""


@dataclass(frozen=True)
class Content:
    """Everything one version of a claim in its article says."""

    pieces: tuple[Piece, ...]
    verbatim: str
    wording: str = ""
    wording_checks: tuple[str, ...] = ()
    segment_role: str = "body"
    attribution: str = "author_voice"
    kinds: tuple[str, ...] = ()
    hedges: tuple[str, ...] = ()
    checkworthiness: float | None = None
    checkworthiness_reasons: tuple[str, ...] = ()
    origin: str = "person"
    splitter: str = ""
    hops: tuple[HopContent, ...] = ()

    @property
    def claim_text(self) -> str:
        return self.wording or self.verbatim


COLUMNS = ("verbatim", "wording", "segment_role", "attribution", "checkworthiness", "origin", "splitter")
LISTS = ("wording_checks", "kinds", "hedges", "checkworthiness_reasons")
HOP_COLUMNS = tuple(HopContent.__dataclass_fields__)


def content_of(version: OccurrenceVersion, text: TextVersion) -> Content:
    """A stored version as content, its pieces in this text."""
    anchors = Anchor.objects.filter(occurrence_version=version, text_version=text).exclude(state="orphaned")
    hops = place_hops(AttributionHop.objects.filter(occurrence_version=version).order_by("n"), text)
    columns: dict[str, Any] = {name: getattr(version, name) for name in COLUMNS}
    columns |= {name: tuple(getattr(version, name)) for name in LISTS}
    return Content(
        pieces=tuple((anchor.start, anchor.end) for anchor in anchors.order_by("piece")),
        hops=tuple(HopContent(**{name: getattr(hop, name) for name in HOP_COLUMNS}) for hop in hops),
        **columns,
    )


@dataclass
class Standing:
    """A claim in its article as it stands: the row, its newest version, its content."""

    row: ClaimOccurrence
    version: OccurrenceVersion
    content: Content

    @property
    def snapshot(self) -> dict[str, Any]:
        return {"version": self.version.pk, "state": self.row.state, "reason": self.row.state_reason}


@dataclass
class Desk:
    """One step under way. `text` is the article's newest text."""

    article: Article
    text: TextVersion
    by: User
    changes: dict[int, dict[str, Any]] = field(default_factory=dict)
    inherits: dict[int, int] = field(default_factory=dict)

    # --- reading ---------------------------------------------------------------------------------------------------

    def read(self, occurrence: int, expected: int | None = None) -> Standing:
        """The claim; refused when it is not in this article or another version than the person saw stands."""
        row = ClaimOccurrence.objects.select_for_update(no_key=True).filter(pk=occurrence, article=self.article).first()
        version = OccurrenceVersion.objects.filter(occurrence=occurrence).order_by("-n").first()
        if row is None or version is None:
            raise NotFound
        found = Standing(row, version, content_of(version, self.text))
        if expected is not None and expected != row.version:
            raise Conflict(
                "stale_version", "Somebody changed this claim meanwhile. Look again.", current=current(found)
            )
        return found

    def read_standing(self, occurrence: int, expected: int | None) -> Standing:
        found = self.read(occurrence, expected)
        if found.row.state != "proposed":
            raise Conflict("claim_is_gone", f"This claim is {found.row.state}.", current=current(found))
        return found

    def check_pieces(self, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
        """The pieces in order, without white space at their ends; refused when they do not lie in the text."""
        if not 1 <= len(pieces) <= MOST_PIECES:
            raise Refused("invalid_pieces", f"A claim has 1 to {MOST_PIECES} pieces of the text.")
        found = sorted(self._trimmed(start, end) for start, end in pieces)
        if any(after[0] < before[1] for before, after in pairwise(found)):
            raise Refused("pieces_overlap", "Two pieces of one claim lie over each other. Join them.")
        return tuple(found)

    def _trimmed(self, start: int, end: int) -> Piece:
        if not 0 <= start < end <= self.text.length:
            raise Refused(
                "span_outside", f"Characters {start} to {end} are not in the text, which has {self.text.length:,}."
            )
        quote = self.text.text[start:end]
        left, right = len(quote) - len(quote.lstrip()), len(quote.rstrip())
        if left >= right:
            raise Refused("span_is_empty", "Only white space is marked. Mark the words of the claim.")
        return start + left, start + right

    def verbatim(self, pieces: Sequence[Piece]) -> str:
        return BETWEEN_PIECES.join(self.text.text[start:end] for start, end in pieces)

    def role_at(self, at: int) -> str:
        rows = Segment.objects.filter(text_version=self.text, start__lte=at, end__gt=at)
        return rows.values_list("role", flat=True).first() or "body"

    # --- writing ---------------------------------------------------------------------------------------------------

    def write(self, found: Standing, content: Content, *, state: str = "proposed", reason: str = "") -> None:
        """The next version where the content differs, and the state; nothing when nothing differs."""
        if content == found.content and (state, reason) == (found.row.state, found.row.state_reason):
            return
        before = found.snapshot
        if content != found.content:
            self._word_claim(found, content)
            found.version = self._new_version(found.row, found.version.n + 1, content)
            found.content = content
        if state != found.row.state:
            OCCURRENCE.check_move(found.row.state, state)
        found.row.state, found.row.state_reason = state, reason
        found.row.position = content.pieces[0][0] if content.pieces else found.row.position
        found.row.version += 1
        found.row.save(update_fields=["state", "state_reason", "position", "version"])
        self._note(found.row.pk, before, found.snapshot)

    def drop(self, found: Standing, reason: str) -> None:
        self.write(found, found.content, state="dropped", reason=reason)

    def add(self, content: Content, *, like: Standing | None = None) -> Standing:
        """A new claim; one that was cut off another joins the rounds of that one."""
        standing = ClaimOccurrence.objects.filter(article=self.article).standing().count()
        if standing >= MOST_CLAIMS:
            raise Refused("too_many_claims", f"An article has at most {MOST_CLAIMS:,} claims.")
        project = self.article.project_id
        claim = Claim.objects.create(
            project_id=project, text=content.claim_text, checkworthiness=content.checkworthiness
        )
        ClaimVersion.objects.create(
            claim=claim, n=1, text=claim.text, origin=content.origin, created_by=self._author(content)
        )
        row = ClaimOccurrence.objects.create(
            project_id=project, claim=claim, article=self.article, position=content.pieces[0][0]
        )
        found = Standing(row, self._new_version(row, 1, content), content)
        self._note(row.pk, None, found.snapshot)
        if like is not None:
            self.inherits[row.pk] = like.row.pk
        return found

    def _author(self, content: Content) -> User | None:
        return self.by if content.origin == "person" else None

    def _word_claim(self, found: Standing, content: Content) -> None:
        """The claim's own wording follows while this is the only place where it is said."""
        claim = Claim.objects.get(pk=found.row.claim_id)
        if content.claim_text == claim.text or claim.occurrences.exclude(pk=found.row.pk).exists():
            return
        last = claim.versions.aggregate(n=Max("n"))["n"] or 0
        ClaimVersion.objects.create(
            claim=claim, n=last + 1, text=content.claim_text, origin="person", created_by=self.by
        )
        Claim.objects.filter(pk=claim.pk).update(text=content.claim_text)

    def _new_version(self, row: ClaimOccurrence, n: int, content: Content) -> OccurrenceVersion:
        version = OccurrenceVersion.objects.create(
            occurrence=row,
            n=n,
            created_by=self._author(content),
            **{name: getattr(content, name) for name in COLUMNS},
            **{name: list(getattr(content, name)) for name in LISTS},
            **measures_of(content.verbatim, self.article),
        )
        Anchor.objects.bulk_create(
            Anchor(
                occurrence_version=version,
                text_version=self.text,
                piece=piece,
                start=start,
                end=end,
                exact=self.text.text[start:end],
            )
            for piece, (start, end) in enumerate(content.pieces)
        )
        AttributionHop.objects.bulk_create(
            AttributionHop(occurrence_version=version, n=place, **{name: getattr(hop, name) for name in HOP_COLUMNS})
            for place, hop in enumerate(content.hops)
        )
        return version

    def _note(self, occurrence: int, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
        known = self.changes.get(occurrence)
        first = known["before"] if known is not None else before
        self.changes[occurrence] = {"occurrence": occurrence, "before": first, "after": after}


def current(found: Standing) -> dict[str, Any]:
    """What stands, for a 409."""
    return {
        "occurrence": found.row.pk,
        "version": found.row.version,
        "state": found.row.state,
        "verbatim": found.content.verbatim,
        "wording": found.content.wording,
        "pieces": [list(piece) for piece in found.content.pieces],
    }


def states_of(article: Article, occurrences: Sequence[int]) -> list[dict[str, Any]]:
    """How these claims stand, as a 409 would show them: three queries, however many they are."""
    rows = {row.pk: row for row in ClaimOccurrence.objects.filter(article=article, pk__in=list(occurrences))}
    newest = OccurrenceVersion.objects.filter(occurrence__in=rows).order_by("occurrence", "-n").distinct("occurrence")
    versions = {version.pk: version for version in newest}
    pieces: dict[int, list[list[int]]] = {pk: [] for pk in versions}
    anchors = Anchor.objects.filter(occurrence_version__in=versions).order_by("text_version__n", "piece")
    places = anchors.values_list("occurrence_version", "text_version", "start", "end")
    newest_text = max((text for _, text, _, _ in places), default=None)
    for version, text, start, end in places:
        if text == newest_text:
            pieces[version].append([start, end])
    return [
        {
            "occurrence": version.occurrence_id,
            "version": rows[version.occurrence_id].version,
            "state": rows[version.occurrence_id].state,
            "verbatim": version.verbatim,
            "wording": version.wording,
            "pieces": pieces[version.pk],
        }
        for version in sorted(versions.values(), key=lambda one: (rows[one.occurrence_id].position, one.pk))
    ]


@contextmanager
def at_desk(article: Article, *, by: User, step: str = "") -> Iterator[Desk]:
    """A step in the article: what is written inside commits as a whole, with its row in the list, its audit event and
    the units that follow. Refused for those who may not correct, and while the claims are locked. Nothing is kept of
    a step that changed nothing. Without a `step` the caller keeps the list itself (undo, redo)."""
    check_can("correct_claims", by, article.project)
    check_not_archived(article.project)
    with transaction.atomic():
        locked = Article.objects.select_for_update(no_key=True).get(pk=article.pk)
        _check_correctable(locked)
        text = locked.text_versions.order_by("-n").first()
        if text is None or text.erased_at is not None:
            raise NotFound
        desk = Desk(locked, text, by)
        yield desk
        desk.changes = {pk: one for pk, one in desk.changes.items() if one["before"] != one["after"]}
        if not desk.changes:
            return
        Article.objects.filter(pk=locked.pk).update(version=locked.version + 1)
        if step:
            _keep_step(desk, step)
        carry_warnings(desk.inherits)
        carried = carry_units(locked, desk.changes, desk.inherits)
        audit.record(
            step or "undo_correction",
            locked,
            by=by,
            occurrences=sorted(desk.changes)[:200],
            n_occurrences=len(desk.changes),
            n_answers_moved=len(carried.assignments),
        )


def _check_correctable(article: Article) -> None:
    if article.state != "split":
        raise Conflict(
            "article_not_split",
            f"This article is {article.state}: its claims cannot be corrected.",
            current={"state": article.state},
        )
    if article.claims_locked_at is not None:
        raise Conflict(
            "claims_locked", "The claims of this article are locked. Unlock them to correct.", current={"locked": True}
        )


def _keep_step(desk: Desk, verb: str) -> None:
    Correction.objects.filter(article=desk.article, state="undone").update(state="replaced")
    last = Correction.objects.filter(article=desk.article).aggregate(n=Max("n"))["n"] or 0
    Correction.objects.create(
        project_id=desk.article.project_id,
        article=desk.article,
        n=last + 1,
        verb=verb,
        changes=[desk.changes[pk] for pk in sorted(desk.changes)],
        created_by=desk.by,
    )
