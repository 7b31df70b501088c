"""A newer splitter on an article that is split: what it would do differently, and taking over what a person accepts.

Nothing is stored until somebody accepts. Claims that carry answers, or that a person has corrected, are changed only
when they are named one by one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from claims.errors import Conflict, Refused
from claims.models import (
    Anchor,
    Article,
    Assignment,
    AttributionHop,
    ClaimOccurrence,
    Correction,
    OccurrenceVersion,
    TextVersion,
    User,
    place_hops,
)
from claims.permissions import check_can
from claims.splitting.actions import Draft, draft_claims
from claims.splitting.desk import (
    BETWEEN_PIECES,
    COLUMNS,
    HOP_COLUMNS,
    LISTS,
    Content,
    HopContent,
    Piece,
    Standing,
    at_desk,
)
from claims.splitting.splitters import DEFAULT_SPLITTER, SplitClaim

SAME_CLAIM = 0.5  # shared characters over joint ones: from here on it is one claim with other boundaries
MOST_AT_ONCE = 2_000
BUCKET = 1_000  # characters; claims are compared with those that share a bucket


@dataclass(frozen=True)
class Difference:
    """One claim before and after. `key` names it until either side changes. `is_safe`: nobody's work is touched."""

    key: str
    kind: str  # kept, changed, added, gone
    before: Content | None
    after: Content | None
    occurrence: int | None = None
    version: int | None = None
    n_answers: int = 0
    is_by_person: bool = False
    was_dropped: bool = False

    @property
    def is_safe(self) -> bool:
        return self.kind != "kept" and not (self.n_answers or self.is_by_person or self.was_dropped)

    @property
    def position(self) -> int:
        content = self.before or self.after
        return content.pieces[0][0] if content and content.pieces else 0


@dataclass(frozen=True)
class Proposal:
    splitter: str
    differences: tuple[Difference, ...]

    @property
    def counts(self) -> dict[str, int]:
        counted = Counter(one.kind for one in self.differences)
        return {kind: counted[kind] for kind in ("kept", "changed", "added", "gone")}

    @property
    def changes(self) -> list[Difference]:
        return [one for one in self.differences if one.kind != "kept"]


def propose_resplit(article: Article, *, splitter: str = DEFAULT_SPLITTER, by: User) -> Proposal:
    """Split the newest text again and compare with the claims that stand. Writes nothing; may take seconds."""
    check_can("correct_claims", by, article.project)
    draft = draft_claims(article, splitter=splitter)
    return _compare(article, draft)


def accept_resplit(
    article: Article, *, keys: Sequence[str] | None = None, splitter: str = DEFAULT_SPLITTER, by: User
) -> Correction | None:
    """Take over what is named by `keys`; None: everything that touches nobody's work. One step, undone as one.

    Conflict `stale_proposal` when a claim that is named has changed since the proposal was shown.
    """
    check_can("correct_claims", by, article.project)
    draft = draft_claims(article, splitter=splitter)
    with at_desk(article, by=by, step="accept_resplit") as desk:
        proposal = _compare(desk.article, draft)
        offered = {one.key: one for one in proposal.changes}
        missing = sorted(set(keys or ()) - set(offered))
        if missing:
            raise Conflict(
                "stale_proposal",
                "Some of these claims changed since the proposal was made. Look at it again.",
                current={"missing": missing[:50]},
            )
        wanted = [one for one in offered.values() if (one.is_safe if keys is None else one.key in set(keys))]
        if len(wanted) > MOST_AT_ONCE:
            raise Refused(
                "too_many_changes", f"At most {MOST_AT_ONCE:,} claims are taken over at once. Accept them in parts."
            )
        for one in wanted:
            if one.occurrence is None and one.after is not None:
                desk.add(one.after)
                continue
            found = desk.read(one.occurrence or 0)
            if one.after is None:
                desk.drop(found, f"not found by {proposal.splitter}")
            else:
                desk.write(found, _taken_over(found, one.after))
    return Correction.objects.filter(article=article, verb="accept_resplit").order_by("-n").first() if wanted else None


def _taken_over(found: Standing, after: Content) -> Content:
    """A wording by a person stays while the words it was written for stay."""
    if after.verbatim == found.content.verbatim:
        return replace(after, wording=found.content.wording, wording_checks=found.content.wording_checks)
    return after


def content_of_draft(draft: Draft, found: SplitClaim) -> Content:
    return Content(
        pieces=found.pieces,
        verbatim=BETWEEN_PIECES.join(draft.quote(piece) for piece in found.pieces),
        segment_role=found.role,
        attribution=found.attribution_presence,
        kinds=tuple(found.kinds),
        hedges=tuple(draft.quote(hedge)[:120] for hedge in found.hedges),
        checkworthiness=found.checkworthiness,
        checkworthiness_reasons=tuple(found.reasons),
        origin="rule",
        splitter=draft.splitter,
        hops=tuple(
            HopContent(
                source_text=hop.source_text,
                source_start=hop.source_span[0] if hop.source_span else None,
                source_end=hop.source_span[1] if hop.source_span else None,
                cue_text=hop.cue_text,
                cue_start=hop.cue_span[0] if hop.cue_span else None,
                cue_end=hop.cue_span[1] if hop.cue_span else None,
                mode=hop.mode,
                act=hop.act,
            )
            for hop in found.hops
        ),
    )


@dataclass(frozen=True)
class Now:
    """A claim as it stands (or was dropped), read with all others in four queries."""

    row: ClaimOccurrence
    content: Content
    n_answers: int = 0


def _read_all(article: Article, text: TextVersion) -> list[Now]:
    rows = {row.pk: row for row in ClaimOccurrence.objects.filter(article=article).exclude(state="retracted")}
    newest = OccurrenceVersion.objects.filter(occurrence__article=article).order_by("occurrence", "-n")
    versions = [version for version in newest.distinct("occurrence") if version.occurrence_id in rows]
    ids = [version.pk for version in versions]
    pieces: defaultdict[int, list[Piece]] = defaultdict(list)
    anchors = Anchor.objects.filter(occurrence_version__in=ids, text_version=text).exclude(state="orphaned")
    for version, start, end in anchors.order_by("piece").values_list("occurrence_version", "start", "end"):
        pieces[version].append((start, end))
    hops: defaultdict[int, list[HopContent]] = defaultdict(list)
    for hop in place_hops(AttributionHop.objects.filter(occurrence_version__in=ids).order_by("n"), text):
        hops[hop.occurrence_version_id].append(HopContent(**{name: getattr(hop, name) for name in HOP_COLUMNS}))
    answered = Counter(
        Assignment.objects.filter(unit__occurrence_version__occurrence__article=article, state="submitted").values_list(
            "unit__occurrence_version__occurrence", flat=True
        )
    )
    return [
        Now(rows[version.occurrence_id], _content(version, pieces, hops), answered[version.occurrence_id])
        for version in versions
    ]


def _content(version: OccurrenceVersion, pieces: dict[int, list[Piece]], hops: dict[int, list[HopContent]]) -> Content:
    given = {name: getattr(version, name) for name in COLUMNS}
    given |= {name: tuple(getattr(version, name)) for name in LISTS}
    return Content(pieces=tuple(pieces.get(version.pk, ())), hops=tuple(hops.get(version.pk, ())), **given)


def _compare(article: Article, draft: Draft) -> Proposal:
    everything = _read_all(article, draft.text_version)
    standing = [one for one in everything if one.row.state == "proposed"]
    dropped = {one.content.pieces for one in everything if one.row.state == "dropped"}
    proposed = [content_of_draft(draft, found) for found in draft.claims]
    pairs = pair_up([one.content.pieces for one in standing], [content.pieces for content in proposed])
    partner = dict(pairs)
    differences = []
    for n, now in enumerate(standing):
        after = proposed[partner[n]] if n in partner else None
        kind = "gone" if after is None else "kept" if _says_the_same(now.content, after) else "changed"
        differences.append(
            Difference(
                key=f"{kind}:{now.row.pk}.{now.row.version}",
                kind=kind,
                before=now.content,
                after=after,
                occurrence=now.row.pk,
                version=now.row.version,
                n_answers=now.n_answers,
                is_by_person=now.content.origin == "person",
            )
        )
    for m in sorted(set(range(len(proposed))) - set(partner.values())):
        spans = ",".join(f"{start}-{end}" for start, end in proposed[m].pieces)
        was_dropped = proposed[m].pieces in dropped
        differences.append(Difference(f"added:{spans}", "added", None, proposed[m], was_dropped=was_dropped))
    differences.sort(key=lambda one: (one.position, one.key))
    return Proposal(draft.splitter, tuple(differences))


def _says_the_same(now: Content, after: Content) -> bool:
    return (now.pieces, now.attribution, now.hops) == (after.pieces, after.attribution, after.hops)


def pair_up(one: Sequence[Sequence[Piece]], other: Sequence[Sequence[Piece]]) -> list[tuple[int, int]]:
    """Which claim is which: the same places first, then by the greatest share of joint characters."""
    taken: set[int] = set()
    pairs: list[tuple[int, int]] = []
    at: defaultdict[tuple[Piece, ...], list[int]] = defaultdict(list)
    for m, pieces in enumerate(other):
        at[tuple(pieces)].append(m)
    for n, pieces in enumerate(one):
        if at[tuple(pieces)]:
            m = at[tuple(pieces)].pop(0)
            pairs.append((n, m))
            taken.add(m)
    done = {n for n, _ in pairs}
    near: defaultdict[int, list[int]] = defaultdict(list)
    for m, pieces in enumerate(other):
        if m not in taken:
            for bucket in _buckets(pieces):
                near[bucket].append(m)
    shares = []
    for n, pieces in enumerate(one):
        if n not in done:
            for m in {m for bucket in _buckets(pieces) for m in near[bucket]}:
                share = overlap(pieces, other[m])
                if share >= SAME_CLAIM:
                    shares.append((-share, n, m))
    for _, n, m in sorted(shares):
        if n not in done and m not in taken:
            pairs.append((n, m))
            done.add(n)
            taken.add(m)
    return sorted(pairs)


def _buckets(pieces: Iterable[Piece]) -> set[int]:
    return {bucket for start, end in pieces for bucket in range(start // BUCKET, (end - 1) // BUCKET + 1)}


def overlap(one: Sequence[Piece], other: Sequence[Piece]) -> float:
    """Shared characters over joint ones."""
    shared = sum(max(0, min(a[1], b[1]) - max(a[0], b[0])) for a in one for b in other)
    joint = sum(end - start for start, end in [*one, *other]) - shared
    return shared / joint if joint else 0.0
