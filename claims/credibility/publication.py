"""Saying something about an outlet in public: not before it could reply, not by one person, and never for ever.

A profile is published as a frozen snapshot with at least three reviewers behind it and an interval on every figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone

from claims import audit
from claims.credibility.composite import Composite, composite_of
from claims.credibility.profile import Figure, Frame, profile_of
from claims.errors import Conflict, Refused
from claims.lifecycle import PUBLICATION
from claims.models import Outlet, Publication, User
from claims.permissions import check_can, check_not_archived
from claims.text import clean_text

LEAST_REVIEWERS = 3  # under which nothing is said in public: people must not be guessed from figures
LEAST_DAYS, MOST_DAYS = 7, 90
TEXT_CHARS = 20_000
FORMULA = "shares-2"  # version of how figures are computed; named in every snapshot

REVIEWERS = """
SELECT count(DISTINCT l.reviewer_id) FROM claims_outletobservation b
JOIN claims_occurrenceversion v ON v.occurrence_id = b.occurrence_id
JOIN claims_unit u ON u.occurrence_version_id = v.id
JOIN claims_label l ON l.round_id = b.round_id AND l.unit_id = u.id AND NOT l.is_void
JOIN claims_reviewer w ON w.id = l.reviewer_id AND w.kind = 'human'
WHERE b.outlet_id = %s AND b.measure = 'verdict'
"""


def reviewers_behind(outlet: Outlet) -> int:
    """How many people's labels the verdicts of this outlet rest on."""
    with connection.cursor() as cursor:
        cursor.execute(REVIEWERS, [outlet.pk])
        n: int = cursor.fetchone()[0]
    return n


def start_publication(outlet: Outlet, *, letter: str, days: int, by: User) -> Publication:
    """Freeze the figures and write to the outlet; it has `days` to reply. Figures without an interval are refused."""
    _check(outlet, by)
    words = _text(letter, "letter_missing", "Write what the outlet is told: the figures, the claims, how to reply.")
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise Refused("invalid_deadline", f"Give the outlet {LEAST_DAYS} to {MOST_DAYS} days to reply, not {days}.")
    found = profile_of(outlet)
    verdicts = [figure for figure in found.figures if figure.measure == "verdict"]
    missing = next((figure for figure in verdicts if figure.low is None), None)
    if missing is not None:
        raise Refused(missing.reason, f"“{missing.name}” has no figure: {missing.sentence}")
    n = reviewers_behind(outlet)
    if n < LEAST_REVIEWERS:
        raise Refused(
            "too_few_reviewers", f"{n} reviewers stand behind these figures; {LEAST_REVIEWERS} are needed in public."
        )
    snapshot = {
        "formula": FORMULA,
        "name": outlet.name,
        "figures": [_said(figure) for figure in found.figures if not figure.reason],
        "frames": {measure: [_frame(frame) for frame in frames] for measure, frames in found.frames.items()},
        "composite": _composite(composite_of(outlet)),
    }
    with transaction.atomic():
        Outlet.objects.select_for_update(no_key=True).get(pk=outlet.pk)
        running = Publication.objects.filter(outlet=outlet, state__in=("awaiting_reply", "in_approval")).first()
        if running is not None:
            raise Conflict(
                "publication_under_way",
                f"Version {running.n} is under way: the outlet answers one letter at a time. Finish or withdraw it.",
                current={"n": running.n},
            )
        newest = Publication.objects.filter(outlet=outlet).aggregate(n=Max("n"))["n"] or 0
        made = Publication.objects.create(
            outlet=outlet,
            n=newest + 1,
            snapshot=snapshot,
            n_reviewers=n,
            letter=words,
            reply_until=timezone.now() + timedelta(days=days),
            created_by=by,
        )
        audit.record("start_publication", made, by=by, project=outlet.project, outlet=outlet.pk)
    return made


def _said(figure: Figure) -> dict[str, Any]:
    names = ("name", "measure", "outcome", "n", "value", "low", "high")
    return {name: getattr(figure, name) for name in names}


def _composite(found: Composite | None) -> dict[str, Any] | None:
    """The composite as it may be said in public: every criterion that counts rests on enough people."""
    if found is None or found.value is None:
        return None
    if any(part.share is not None and part.reviewers < LEAST_REVIEWERS for part in found.components):
        return None
    names = ("criterion", "title", "weight", "state", "share", "reviewers")
    said = {name: getattr(found, name) for name in ("value", "low", "high", "coverage")}
    parts = [{name: getattr(part, name) for name in names} for part in found.components]
    return {**said, "formula": found.formula.n, "rationale": found.formula.rationale, "components": parts}


def _frame(frame: Frame) -> dict[str, Any]:
    return {"round": frame.round.name if frame.round else None, "probability": frame.probability, "n": frame.n}


def record_reply(publication: Publication, *, reply: str, disputed: str, by: User) -> None:
    """Keep the outlet's reply word for word, with the points that it disputes."""
    words = _text(reply, "reply_missing", "Paste the reply as it came.")
    with _locked(publication, by, "awaiting_reply") as row:
        if row.reply:
            raise Conflict("reply_recorded", "A reply is recorded already; it is kept as it came.")
        points = clean_text(disputed, limit=TEXT_CHARS, code="text_too_long").text.strip()
        Publication.objects.filter(pk=row.pk).update(reply=words, disputed=points)
        audit.record("record_reply", row, by=by, project=row.outlet.project)


def respond(publication: Publication, *, response: str, by: User) -> None:
    """Answer the reply; from then on the publication waits for its approvals."""
    words = _text(response, "response_missing", "Say what was checked again and what changed, or why nothing did.")
    with _locked(publication, by, "awaiting_reply") as row:
        if not row.reply:
            raise Conflict("no_reply", "There is no reply to answer yet.")
        Publication.objects.filter(pk=row.pk).update(response=words, state="in_approval")
        audit.record("respond_to_outlet", row, by=by, project=row.outlet.project)


def approve(publication: Publication, *, by: User) -> None:
    """The first or the second approval; the second, by somebody else, publishes.

    Nothing is approved before the outlet's time is over (by the database's clock), with a reply or without: the letter
    gave it that long, and who publishes could else cut the time short by typing a reply themselves.
    """
    with _locked(publication, by, "awaiting_reply", "in_approval") as row:
        _check_time_is_over(row)
        row.state = "in_approval"
        if row.first_approval_by_id is None:
            row.first_approval_by = by
        elif row.first_approval_by_id == by.pk:
            raise Conflict("second_person_needed", "You have approved this already. A second person has to.")
        else:
            PUBLICATION.check_move(row.state, "published")
            row.second_approval_by, row.state, row.published_at = by, "published", timezone.now()
        row.save(update_fields=["state", "first_approval_by", "second_approval_by", "published_at"])
        audit.record("approve_publication", row, by=by, project=row.outlet.project, state=row.state)


def _check_time_is_over(row: Publication) -> None:
    if row.reply and row.state == "awaiting_reply":
        raise Conflict("reply_unanswered", "The outlet has replied. Answer it first.")
    if not Publication.objects.filter(pk=row.pk, reply_until__lte=Now()).exists():
        raise Conflict(
            "reply_time_running", f"The outlet may reply until {row.reply_until:%Y-%m-%d %H:%M} UTC. Wait for it."
        )


def correct(publication: Publication, *, notice: str, by: User) -> None:
    """Add a dated notice that says what was wrong; the figures stay as they were published."""
    words = _text(notice, "notice_missing", "Say what was wrong and what is right.")
    with _locked(publication, by, "published") as row:
        dated = {"at": timezone.now().isoformat(timespec="seconds"), "notice": words}
        Publication.objects.filter(pk=row.pk).update(corrections=[*row.corrections, dated])
        audit.record("correct_publication", row, by=by, project=row.outlet.project)


def withdraw(publication: Publication, *, reason: str, by: User) -> None:
    """Take it down: from the next request on its page says only that it was withdrawn."""
    words = _text(reason, "reason_missing", "Say why; the reason is not shown in public.")
    with _locked(publication, by, "awaiting_reply", "in_approval", "published") as row:
        Publication.objects.filter(pk=row.pk).update(state="withdrawn", withdrawn_reason=words)
        audit.record("withdraw_publication", row, by=by, project=row.outlet.project)


def set_hold(outlet: Outlet, *, is_held: bool, by: User) -> None:
    """Legal hold: while it lasts the database refuses to erase texts of the outlet's articles."""
    check_can("manage_people", by, outlet.project)
    with transaction.atomic():
        Outlet.objects.filter(pk=outlet.pk).update(held_at=Now() if is_held else None)
        audit.record("hold_outlet" if is_held else "release_hold", outlet, by=by)


def public_version(project_slug: str, outlet: int, n: int | None = None) -> Publication | None:
    """The version in public (the newest, or one of them), withdrawn ones included so that their page can say so.

    None when nothing was ever public: such a page does not exist.
    """
    rows = Publication.objects.filter(
        outlet__project__slug=project_slug, outlet=outlet, published_at__isnull=False
    ).select_related("outlet__project")
    return (rows.filter(n=n) if n is not None else rows).order_by("-n").first()


def _text(written: str, code: str, cure: str) -> str:
    words = clean_text(written, limit=TEXT_CHARS, code="text_too_long").text.strip()
    if not words:
        raise Refused(code, cure)
    return words


def _check(outlet: Outlet, by: User) -> None:
    check_can("manage_outlets", by, outlet.project)
    check_not_archived(outlet.project)


@contextmanager
def _locked(publication: Publication, by: User, *states: str) -> Iterator[Publication]:
    """The row, locked in a transaction, when the person may and it is in one of these states."""
    _check(publication.outlet, by)
    with transaction.atomic():
        rows = Publication.objects.select_for_update(of=("self",), no_key=True).select_related("outlet__project")
        row = rows.get(pk=publication.pk)
        if row.state not in states:
            shown = row.state.replace("_", " ")
            raise Conflict("publication_moved_on", f"This publication is {shown}.", current={"state": row.state})
        yield row
