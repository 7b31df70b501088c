"""Taking an answer: checked, chained, projected and acknowledged in one short transaction.

Statements of a submit: lock the chain (and find a repeat of the same key), lock the slot with what it belongs to,
write everything (one statement), wake the scorer. Reviewers never wait for each other: the only locked rows are
their own chain, walk and slot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.db import IntegrityError, transaction

from claims.errors import Conflict, NotFound, Refused, Sentence
from claims.labelling.answers import Submission, check_submission, stored_answers
from claims.labelling.chain import canonical
from claims.labelling.checking import check_side
from claims.labelling.events import Receipt, Write, append, lock_chain
from claims.labelling.evidence import write_evidence
from claims.labelling.unchanged import says_the_same
from claims.labelling.voting import has_voted_again, phase_of_correction
from claims.models import (
    Assignment,
    ClaimOccurrence,
    Draft,
    LabelEvent,
    OccurrenceVersion,
    Project,
    Reviewer,
    Round,
    Unit,
)
from claims.models.statements import Table, fetch_one
from claims.permissions import check_can_label
from claims.values.erasable import bare

ATTEMPTS = 3  # two submits of one key at once: the loser finds the winner's event the next time


@dataclass(frozen=True)
class Request:
    """One submit as it was asked: `kind` is submitted or revised, `expected_seq` the event a revision follows."""

    kind: str
    round: Round
    unit: Unit
    reviewer: Reviewer
    submission: Submission
    key: str
    codebook_version_id: int
    expected_seq: int | None = None

    @cached_property
    def sha256(self) -> str:
        """Of what was sent: taken before the texts are cleaned, so that a repeat of the same bytes is the same."""
        return request_digest(self.kind, self.round, self.unit, self.submission)


def submit_label(
    round_: Round,
    unit: Unit,
    reviewer: Reviewer,
    *,
    answers: Mapping[str, Any],
    idempotency_key: str,
    codebook_version_id: int,
    notes: Mapping[str, str] | None = None,
    evidence: Sequence[Mapping[str, Any]] = (),
    seconds: int | None = None,
) -> Receipt:
    """Store a reviewer's answers about a unit; when this returns, they are kept (INV-1).

    `answers` maps a question's code to a choice, a list of choices, a number, or {"missing": reason}.
    Raises Refused `invalid_answers` with a problem a question, `idempotency_key_reused`; Conflict `round_not_open`,
    `project_archived`, `codebook_changed`, `claim_retracted`, `reservation_lost`, `already_submitted`.
    """
    submission = Submission(dict(answers), dict(notes or {}), [dict(item) for item in evidence], seconds)
    return _take(Request("submitted", round_, unit, reviewer, submission, idempotency_key, codebook_version_id))


def revise_label(
    round_: Round,
    unit: Unit,
    reviewer: Reviewer,
    *,
    answers: Mapping[str, Any],
    idempotency_key: str,
    codebook_version_id: int,
    expected_seq: int,
    notes: Mapping[str, str] | None = None,
    evidence: Sequence[Mapping[str, Any]] = (),
    seconds: int | None = None,
) -> Receipt:
    """Correct one's own submitted answers: a new event follows, nothing is overwritten.

    `expected_seq` is the event the person saw; if a newer one exists (another tab), Conflict `stale_label` holds it.
    What changes nothing is not stored: the receipt is that of the standing answers, `unchanged`.
    """
    submission = Submission(dict(answers), dict(notes or {}), [dict(item) for item in evidence], seconds)
    return _take(
        Request("revised", round_, unit, reviewer, submission, idempotency_key, codebook_version_id, expected_seq)
    )


def _take(request: Request) -> Receipt:
    if not 8 <= len(request.key) <= 64:
        raise Refused("invalid_idempotency_key", Sentence("An idempotency key has 8 to 64 characters."), status=400)
    for _ in range(ATTEMPTS - 1):
        try:
            return _take_once(request)
        except IntegrityError:
            continue
    return _take_once(request)


def request_digest(kind: str, round_: Round, unit: Unit, submission: Submission) -> str:
    """What makes two requests the same one: what is said about what, not how long it took."""
    said = [kind, round_.pk, unit.pk, submission.answers, submission.notes, submission.evidence]
    return hashlib.sha256(canonical(said)).hexdigest()


@transaction.atomic
def _take_once(request: Request) -> Receipt:
    chained = lock_chain(request.reviewer, request.key)
    if chained.earlier is not None:
        if chained.earlier_request != request.sha256:
            raise Refused(
                "idempotency_key_reused",
                Sentence("This idempotency key was used for other answers. Use a fresh key."),
            )
        return chained.earlier
    assignment = lock_assignment(request.round, request.unit, request.reviewer)
    try:
        _check_may_write(request, assignment, chained.now)
    except Conflict:
        # The chain was locked by a twin of this request: its event was not in the first statement's snapshot.
        twin = lock_chain(request.reviewer, request.key)
        if twin.earlier is None or twin.earlier_request != request.sha256:
            raise
        return twin.earlier
    submission = request.submission
    check_submission(assignment.round, assignment.unit, submission)
    phase = "first"
    if request.kind == "revised":
        phase = phase_of_correction(assignment.round, request.unit)
        if receipt := _unchanged(request, assignment, phase):
            return receipt
    items = write_evidence(assignment, submission.evidence)
    answers, text = stored_answers(assignment.round, submission, items)
    write = Write(request.kind, assignment, answers, text, submission.seconds, phase)
    append(write, request.reviewer, chained, request.key, request.sha256)
    return Receipt(chained.seq + 1, request.unit.pk, chained.now)


def _unchanged(request: Request, assignment: Assignment, phase: str) -> Receipt | None:
    """The receipt of the answers that stand, when these say the same; a draft of them is then of no use. To vote again
    as before is something else than not to vote again, so a first second vote is always kept."""
    if phase != "first" and not has_voted_again(assignment.round, request.unit, request.reviewer):
        return None
    current = own_answers(assignment)
    if not says_the_same(assignment.round, request.submission, current):
        return None
    Draft.objects.filter(round=assignment.round_id, unit=assignment.unit_id, reviewer=request.reviewer).delete()
    stored = LabelEvent.objects.get(reviewer=request.reviewer, seq=current["seq"])
    return Receipt(stored.seq, assignment.unit_id, stored.created_at, unchanged=True)


def _check_may_write(request: Request, assignment: Assignment, now: datetime) -> None:
    if assignment.round.purpose == "splitting":
        raise Refused("cut_instead", Sentence("This round asks nothing: cut the article, and hand your cut in."))
    if request.kind == "submitted":
        _check_deadline(assignment, now)
        _check_may_submit(assignment)
    else:
        _check_may_revise(assignment, request.expected_seq)
    if request.codebook_version_id != assignment.round.codebook_version_id:
        raise Conflict(
            "codebook_changed",
            Sentence("The codebook of this round is another version than the one you answered. Your draft is kept."),
            current={"codebook_version": assignment.round.codebook_version_id},
        )


def lock_assignment(round_: Round, unit: Unit, reviewer: Reviewer) -> Assignment:
    """The reviewer's own slot of the unit with what the checks need, locked; NotFound when they hold none."""
    assignment = _locked_slot(round_, unit, reviewer)
    if assignment is None or assignment.state == "skipped":
        raise NotFound
    check_can_label(reviewer, assignment.round)
    return assignment


ASSIGNMENTS, ROUNDS, PROJECTS, UNITS = Table(Assignment), Table(Round), Table(Project), Table(Unit)
VERSIONS, OCCURRENCES = Table(OccurrenceVersion), Table(ClaimOccurrence)
# What the reviewer holds or has done (at most one row), else what ran out last.
SLOT = f"""
SELECT {ASSIGNMENTS.columns("a")}, {ROUNDS.columns("r")}, {PROJECTS.columns("p")}, {UNITS.columns("u")},
       {VERSIONS.columns("v")}, {OCCURRENCES.columns("o")}
FROM claims_assignment a
JOIN claims_round r ON r.id = a.round_id JOIN claims_project p ON p.id = r.project_id
JOIN claims_unit u ON u.id = a.unit_id
LEFT JOIN claims_occurrenceversion v ON v.id = u.occurrence_version_id
LEFT JOIN claims_claimoccurrence o ON o.id = v.occurrence_id
WHERE a.round_id = %(round)s AND a.unit_id = %(unit)s AND a.reviewer_id = %(reviewer)s
ORDER BY a.state IN ('expired', 'withdrawn'), a.id DESC LIMIT 1 FOR UPDATE OF a
"""  # noqa: S608 - names of our own columns


def _locked_slot(round_: Round, unit: Unit, reviewer: Reviewer) -> Assignment | None:
    row = fetch_one(SLOT, {"round": round_.pk, "unit": unit.pk, "reviewer": reviewer.pk})
    if row is None:
        return None
    values = iter(row)
    found = ASSIGNMENTS.take(values)
    found.reviewer, found.round = reviewer, ROUNDS.take(values)
    found.round.project = PROJECTS.take(values)
    found.unit = UNITS.take(values)
    if found.unit.occurrence_version_id is None:
        found.unit.occurrence_version = None
    else:
        found.unit.occurrence_version = VERSIONS.take(values)
        found.unit.occurrence_version.occurrence = OCCURRENCES.take(values)
    return found


def _check_may_submit(assignment: Assignment) -> None:
    if assignment.state == "submitted":
        raise Conflict(
            "already_submitted",
            Sentence(
                "You have already submitted this. Both versions are shown; correct the stored one if it is wrong."
            ),
            current=own_answers(assignment),
        )
    if assignment.state == "expired" and not _take_again(assignment):
        raise Conflict(
            "reservation_lost",
            Sentence("Your reservation ran out and others have taken the places of this unit. Your draft is kept."),
            current={"state": assignment.state},
        )
    if assignment.reason == "claim_changed" and assignment.state in ("withdrawn", "voided"):
        raise Conflict(
            "claim_changed",
            Sentence(
                "This claim was changed while you worked on it. Your draft is kept; you are asked about the new words."
            ),
            current=_claim_now(assignment.unit),
        )
    if assignment.state in ("withdrawn", "voided"):
        raise Conflict("reservation_lost", Sentence("This unit is no longer asked of you. Your draft is kept."))
    _check_stands(assignment.unit)
    check_side(assignment)


def _check_deadline(assignment: Assignment, now: datetime) -> None:
    """What was begun before the deadline is taken until its reservation ends, and no longer."""
    deadline, until = assignment.round.deadline, assignment.expires_at
    is_held = assignment.state == "reserved" and until is not None and until > now
    if deadline is not None and deadline <= now and assignment.state in ("reserved", "expired") and not is_held:
        raise Conflict(
            "deadline_passed",
            Sentence(
                "The round's deadline was {deadline} and your reservation has ended. Your draft is kept. "
                "A curator can move the deadline.",
                deadline=f"{deadline.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
            ),
        )


def _take_again(assignment: Assignment) -> bool:
    """A reservation that ran out still counts while a place of its unit is free: take that place, if it is not one
    of a panel that others sit in."""
    rows = Assignment.objects.filter(round_id=assignment.round_id, unit_id=assignment.unit_id, state="open")
    rows = rows.select_for_update(skip_locked=True).order_by("slot")
    own = {"", assignment.round.seat(assignment.slot)}
    free = next((row for row in rows if assignment.round.seat(row.slot) in own), None)
    if free is None:
        return False
    Assignment.objects.filter(pk=free.pk).update(
        state="reserved",
        reviewer=assignment.reviewer,
        reserved_at=assignment.reserved_at,
        expires_at=assignment.expires_at,
    )
    assignment.pk, assignment.state = free.pk, "reserved"
    return True


def _claim_now(unit: Unit) -> dict[str, Any]:
    """What stands in place of the claim that was judged."""
    judged = unit.occurrence_version
    if judged is None:
        return {}
    newest = OccurrenceVersion.objects.filter(occurrence=judged.occurrence_id).order_by("-n")[0]
    return {"state": judged.occurrence.state, "version": newest.n, "claim": newest.wording or newest.verbatim}


def _check_stands(unit: Unit) -> None:
    version = unit.occurrence_version
    occurrence: ClaimOccurrence | None = version.occurrence if version else None
    if occurrence is not None and occurrence.state != "proposed":
        raise Conflict(
            "claim_retracted",
            Sentence("This claim does not stand any more. Your draft is kept; go on to the next."),
        )


def _check_may_revise(assignment: Assignment, expected_seq: int | None) -> None:
    if assignment.state == "voided":
        raise Conflict(
            "claim_changed", Sentence("This claim was changed since you answered."), current=_claim_now(assignment.unit)
        )
    if assignment.state != "submitted":
        raise Conflict("not_submitted", Sentence("There is no submitted answer to correct here."))
    current = own_answers(assignment)
    if current["seq"] != expected_seq:
        raise Conflict(
            "stale_label",
            Sentence("You corrected this in another place meanwhile. Both versions are shown."),
            current=current,
        )


def own_answers(assignment: Assignment) -> dict[str, Any]:
    """The reviewer's own standing answers: {"seq", "answers", "notes"}."""
    event = (
        LabelEvent.objects.filter(
            reviewer=assignment.reviewer,
            round_id=assignment.round_id,
            unit_id=assignment.unit_id,
            kind__in=("submitted", "revised"),
        )
        .select_related("text")
        .order_by("-seq")
        .first()
    )
    if event is None:
        return {"seq": 0, "answers": {}, "notes": {}}
    text = getattr(event, "text", None)
    return {"seq": event.seq, "answers": bare(event.answers), "notes": text.content if text else {}}
