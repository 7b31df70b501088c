"""What people do to claims: add, move boundaries, split, merge, drop, word, say who says it. Each is one step that can
be undone. `expected` is the version of the claim that the person saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from claims.errors import NotFound, Problem, Refused
from claims.models import Article, ClaimOccurrence, User
from claims.models.claim import ATTRIBUTION_PRESENCE, HOP_ACTS, HOP_MODES, WORDING_CHECKS
from claims.splitting.carrying import carry_warnings
from claims.splitting.desk import Content, Desk, HopContent, Piece, Standing, at_desk
from claims.text import clean_line

DROP_REASONS = {
    "not_a_claim": "Not a claim",
    "not_checkable": "Nothing that could be checked",
    "duplicate": "Said already in this article",
    "boilerplate": "Not part of the article",
    "other": "Another reason",
}
MOST_HOPS = 12
MOST_WORDING = 2_000


def add_claim(article: Article, *, pieces: Sequence[Piece], by: User) -> ClaimOccurrence:
    """A claim at these places of the newest text (code points, end exclusive)."""
    with at_desk(article, by=by, step="add_claim") as desk:
        return desk.add(_content_at(desk, pieces)).row


def _content_at(desk: Desk, pieces: Sequence[Piece]) -> Content:
    found = desk.check_pieces(pieces)
    return Content(pieces=found, verbatim=desk.verbatim(found), segment_role=desk.role_at(found[0][0]))


def _moved(desk: Desk, found: Content, pieces: Sequence[Piece]) -> Content:
    """The same claim at other places. A wording written for other words no longer counts as checked."""
    places = desk.check_pieces(pieces)
    verbatim = desk.verbatim(places)
    hedges = tuple(hedge for hedge in found.hedges if hedge in verbatim)
    checks = found.wording_checks if verbatim == found.verbatim else ()
    return replace(
        found, pieces=places, verbatim=verbatim, hedges=hedges, wording_checks=checks, origin="person", splitter=""
    )


def move_boundaries(
    article: Article, occurrence: int, *, pieces: Sequence[Piece], expected: int, by: User
) -> ClaimOccurrence:
    """The claim's words begin and end elsewhere; one or several pieces."""
    with at_desk(article, by=by, step="move_boundaries") as desk:
        found = desk.read_standing(occurrence, expected)
        content = _moved(desk, found.content, pieces)
        if content.pieces != found.content.pieces:
            desk.write(found, content)
        return found.row


def split_claim(
    article: Article, occurrence: int, *, at: int, expected: int, by: User
) -> tuple[ClaimOccurrence, ClaimOccurrence]:
    """Two claims out of one: what stands before `at` (code points into the text) and what stands from it on."""
    with at_desk(article, by=by, step="split_claim") as desk:
        found = desk.read_standing(occurrence, expected)
        pieces = found.content.pieces
        left = [(start, min(end, at)) for start, end in pieces if start < at]
        right = [(max(start, at), end) for start, end in pieces if end > at]
        left, right = _with_words(desk, left), _with_words(desk, right)
        if not left or not right:
            raise Refused("nothing_to_split", "Put the caret inside the claim, with words before and after it.")
        before = found.content
        desk.write(found, replace(_moved(desk, before, left), wording="", wording_checks=()))
        second = desk.add(replace(_moved(desk, before, right), wording="", wording_checks=()), like=found)
        return found.row, second.row


def _with_words(desk: Desk, pieces: Sequence[Piece]) -> list[Piece]:
    return [(start, end) for start, end in pieces if desk.text.text[start:end].strip()]


def merge_claims(article: Article, occurrences: Sequence[tuple[int, int]], *, by: User) -> ClaimOccurrence:
    """One claim out of several [(occurrence, expected version)]: the first takes in the pieces of the others."""
    if not 2 <= len({pk for pk, _ in occurrences}) == len(occurrences):
        raise Refused("nothing_to_merge", "Choose at least two different claims to merge.")
    with at_desk(article, by=by, step="merge_claims") as desk:
        found = [desk.read_standing(pk, expected) for pk, expected in occurrences]
        found.sort(key=lambda one: (one.row.position, one.row.pk))
        kept, gone = found[0], found[1:]
        pieces = _joined(desk, [piece for one in found for piece in one.content.pieces])
        content = replace(_moved(desk, kept.content, pieces), wording="", wording_checks=())
        content = replace(content, kinds=tuple(dict.fromkeys(kind for one in found for kind in one.content.kinds)))
        if not content.hops:
            said = next((one.content for one in gone if one.content.hops), None)
            content = replace(content, hops=said.hops, attribution=said.attribution) if said else content
        desk.write(kept, content)
        for one in gone:
            desk.drop(one, f"merged into {kept.row.pk}")
            carry_warnings({kept.row.pk: one.row.pk})
        return kept.row


def _joined(desk: Desk, pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces that touch, overlap or have only white space between them become one."""
    joined: list[Piece] = []
    for start, end in sorted(pieces):
        if joined and (start <= joined[-1][1] or not desk.text.text[joined[-1][1] : start].strip()):
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def drop_claim(
    article: Article, occurrence: int, *, reason: str, note: str = "", expected: int, by: User
) -> ClaimOccurrence:
    """The claim is out, with its reason; what was answered about it stays readable and counts no more."""
    if reason not in DROP_REASONS:
        raise Refused("unknown_reason", f"Say why: one of {', '.join(DROP_REASONS)}.")
    with at_desk(article, by=by, step="drop_claim") as desk:
        found = desk.read_standing(occurrence, expected)
        said = clean_line(note)[:300]
        desk.drop(found, f"{reason}: {said}" if said else reason)
        return found.row


def word_claim(
    article: Article, occurrence: int, *, wording: str, checks: Sequence[str], expected: int, by: User
) -> ClaimOccurrence:
    """The claim understandable alone, beside its verbatim quote; empty: the quote is clear enough.

    A person says of a wording that it is entailed by the article, self-contained, and one proposition only.
    """
    said = clean_line(wording)
    if len(said) > MOST_WORDING:
        raise Refused("wording_too_long", f"A wording has at most {MOST_WORDING:,} characters.")
    missing = [check for check in WORDING_CHECKS if check not in checks] if said else []
    if missing:
        raise Refused(
            "wording_not_checked",
            "Say of the wording that the article entails it, that it is understandable alone, and that it is one "
            "proposition.",
            problems=[
                Problem(f"check_{name}", "missing", f"{name.replace('_', ' ')}: not confirmed.") for name in missing
            ],
        )
    with at_desk(article, by=by, step="word_claim") as desk:
        found = desk.read_standing(occurrence, expected)
        confirmed = WORDING_CHECKS if said else ()
        desk.write(found, replace(found.content, wording=said, wording_checks=confirmed, origin="person"))
        return found.row


def change_hops(
    article: Article,
    occurrence: int,
    *,
    hops: Sequence[Mapping[str, Any]],
    attribution: str = "",
    expected: int,
    by: User,
) -> ClaimOccurrence:
    """Who says it, from the original speaker towards the outlet: [{"source_text", "cue_text", "mode", "act", and the
    spans where known}]. Words without a span are looked for near the claim."""
    if len(hops) > MOST_HOPS:
        raise Refused("too_many_hops", f"A chain has at most {MOST_HOPS} hops.")
    presence = attribution or ("attributed" if hops else "author_voice")
    if presence not in ATTRIBUTION_PRESENCE:
        raise Refused("unknown_attribution", f"Attribution is one of {', '.join(ATTRIBUTION_PRESENCE)}.")
    with at_desk(article, by=by, step="change_hops") as desk:
        found = desk.read_standing(occurrence, expected)
        chain = tuple(_hop(desk, found, n, hop) for n, hop in enumerate(hops))
        desk.write(found, replace(found.content, hops=chain, attribution=presence, origin="person"))
        return found.row


def _hop(desk: Desk, found: Standing, n: int, given: Mapping[str, Any]) -> HopContent:
    mode, act = given.get("mode") or "indirect", given.get("act") or "statement"
    problems = []
    if mode not in HOP_MODES:
        problems.append(Problem(f"hops.{n}.mode", "unknown_mode", f"Mode is one of {', '.join(HOP_MODES)}."))
    if act not in HOP_ACTS:
        problems.append(Problem(f"hops.{n}.act", "unknown_act", f"Act is one of {', '.join(HOP_ACTS)}."))
    if problems:
        raise Refused("invalid_hop", " ".join(one.sentence for one in problems), problems=problems)
    source, source_span = _words(desk, found, given, "source")
    cue, cue_span = _words(desk, found, given, "cue")
    return HopContent(
        source, *source_span, cue, *cue_span, mode=mode, act=act, source_kind=given.get("source_kind", "")[:32]
    )


Span = tuple[int | None, int | None]


def _words(desk: Desk, found: Standing, given: Mapping[str, Any], part: str) -> tuple[str, Span]:
    start, end = given.get(f"{part}_start"), given.get(f"{part}_end")
    if start is not None and end is not None:
        place = desk.check_pieces([(start, end)])[0]
        return desk.text.text[place[0] : place[1]], place
    words = clean_line(given.get(f"{part}_text") or "")[:500]
    place_near = locate(desk.text.text, words, found.row.position) if words else None
    return words, place_near or (None, None)


def locate(text: str, words: str, near: int) -> Piece | None:
    """Where the words stand, the place nearest to `near`; None where they do not."""
    if not words:
        return None
    behind, before = text.find(words, near), text.rfind(words, 0, near + len(words))
    places = [at for at in (before, behind) if at >= 0]
    if not places:
        return None
    at = min(places, key=lambda place: abs(place - near))
    return at, at + len(words)


def locate_lines(text: str, lines: str, near: int) -> list[Piece]:
    """One piece a line, as a form without script sends them; refused with the line that does not stand in the text."""
    pieces = []
    for line in lines.replace("\r", "").split("\n"):
        if line.strip():
            place = locate(text, line.strip(), near)
            if place is None:
                raise Refused("not_in_text", f"The article does not hold these words: “{line.strip()[:80]}”.")
            pieces.append(place)
    return pieces


def article_of(occurrence: ClaimOccurrence | None) -> Article:
    if occurrence is None:
        raise NotFound
    return occurrence.article
