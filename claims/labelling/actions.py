"""The writes of labelling: codebooks, drafts, answers, skips."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.db.models.functions import Now

from claims import audit
from claims.errors import Conflict, NotFound, Refused, Sentence
from claims.labelling.answers import Submission
from claims.labelling.codebook import PRESETS, CodebookSpec, QuestionSpec, load_preset
from claims.labelling.events import Receipt, Write, append, lock_chain
from claims.labelling.submission import lock_assignment, request_digest, revise_label, submit_label
from claims.lifecycle import CODEBOOK_VERSION
from claims.models import Assignment, Choice, Codebook, CodebookVersion, Project, Question, Reviewer, Round, Unit, User
from claims.permissions import check_can, check_can_label, check_not_archived
from claims.text import clean_line

__all__ = ["Receipt", "create_codebook", "publish_version", "revise_label", "save_draft", "skip_unit", "submit_label"]

DRAFT_BYTES = 200_000


def create_codebook(
    project: Project,
    *,
    by: User,
    preset: str | None = None,
    spec: CodebookSpec | None = None,
    name: str = "",
    publish: bool = True,
) -> CodebookVersion:
    """A codebook's next version from a shipped preset or a spec; the same content again gives the version there is."""
    check_can("manage_codebook", by, project)
    check_not_archived(project)
    if spec is None:
        if preset not in PRESETS:
            raise Refused("unknown_preset", f"Presets are {', '.join(PRESETS)}; not {preset!r}.")
        spec = load_preset(preset)
    with transaction.atomic():
        codebook, _ = Codebook.objects.get_or_create(
            project=project, slug=spec.id, defaults={"name": clean_line(name) or spec.title}
        )
        Codebook.objects.select_for_update(no_key=True).get(pk=codebook.pk)
        same = codebook.versions.filter(sha256=spec.sha256).order_by("-state", "n").first()  # the published one first
        version = same or _add_version(codebook, spec, by)
        if publish and version.state == "draft":
            publish_version(version, by=by)
    return version


def _add_version(codebook: Codebook, spec: CodebookSpec, by: User) -> CodebookVersion:
    n = (codebook.versions.aggregate(n=Max("n"))["n"] or 0) + 1
    version = CodebookVersion.objects.create(
        codebook=codebook, n=n, document=spec.document, sha256=spec.sha256, created_by=by
    )
    add_questions(version, spec)
    audit.record("create_codebook_version", version, by=by, project=codebook.project, n=n)
    return version


def add_questions(version: CodebookVersion, spec: CodebookSpec) -> None:
    """The rows that repeat a version's document, for the database to count and check by."""
    for place, question in enumerate(spec.questions):
        _add_question(version, place, question)


def _add_question(version: CodebookVersion, place: int, spec: QuestionSpec) -> None:
    question = Question.objects.create(
        codebook_version=version,
        n=place,
        code=spec.code,
        title=spec.title,
        help=spec.help,
        kind=spec.kind,
        level=spec.level,
        unit_kind=spec.unit,
        is_required=spec.required,
        condition={code: list(codes) for code, codes in spec.ask_if.items()},
        key=spec.key,
    )
    Choice.objects.bulk_create(
        Choice(
            question=question,
            n=n,
            code=choice.code,
            label=choice.label,
            definition=choice.definition,
            example=choice.example,
            counterexample=choice.counterexample,
            key=choice.key,
            collapsed_to=choice.collapsed_to,
            aliases=list(choice.aliases),
        )
        for n, choice in enumerate(spec.choices)
    )


def publish_version(version: CodebookVersion, *, by: User) -> None:
    """Freeze a draft: from here the database refuses changes to it."""
    check_can("manage_codebook", by, version.codebook.project)
    with transaction.atomic():
        locked = CodebookVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
        CODEBOOK_VERSION.check_move(locked.state, "published")
        CodebookVersion.objects.filter(pk=version.pk).update(state="published", published_at=Now())
        audit.record(
            "publish_codebook_version", version, by=by, project=version.codebook.project, sha256=version.sha256
        )
    version.refresh_from_db(fields=["state", "published_at"])


SAVE_DRAFT = """
INSERT INTO claims_draft (round_id, unit_id, reviewer_id, payload, client_seq, saved_at)
VALUES (%s, %s, %s, %s::jsonb, %s, now())
ON CONFLICT (round_id, unit_id, reviewer_id)
DO UPDATE SET payload = EXCLUDED.payload, client_seq = EXCLUDED.client_seq, saved_at = now()
WHERE claims_draft.client_seq < EXCLUDED.client_seq
RETURNING id
"""


def save_draft(round_: Round, unit: Unit, reviewer: Reviewer, *, payload: Mapping[str, Any], client_seq: int) -> bool:
    """Keep what is typed so far. False: a newer draft is there already, and stays (CO-21)."""
    check_can_label(reviewer, round_)
    written = json.dumps(dict(payload))
    if len(written) > DRAFT_BYTES:
        raise Refused("draft_too_long", Sentence("A draft has at most {n} bytes.", n=f"{DRAFT_BYTES:,}"), status=413)
    if not Assignment.objects.filter(round=round_, unit=unit, reviewer=reviewer).exists():
        raise NotFound
    with connection.cursor() as cursor:
        cursor.execute(SAVE_DRAFT, [round_.pk, unit.pk, reviewer.pk, written, client_seq])
        return cursor.fetchone() is not None


def skip_unit(round_: Round, unit: Unit, reviewer: Reviewer, *, reason: str, idempotency_key: str) -> Receipt:
    """Give a unit back with a reason; it is offered to others and not to this reviewer again."""
    reason = clean_line(reason)[:200]
    if not reason:
        raise Refused(
            "reason_missing",
            Sentence("Say in a few words why you skip this: it helps whoever sets up the round."),
        )
    request = request_digest("skipped", round_, unit, Submission({}, {"reason": reason}))
    with transaction.atomic():
        chained = lock_chain(reviewer, idempotency_key)
        if chained.earlier is not None:
            return chained.earlier
        assignment = lock_assignment(round_, unit, reviewer)
        if assignment.state != "reserved":
            raise Conflict("not_reserved", Sentence("You do not hold this unit any more; only then can it be skipped."))
        write = Write("skipped", assignment, {}, {"note": reason})
        try:
            append(write, reviewer, chained, idempotency_key, request)
        except IntegrityError:
            raise Conflict("skipped_twice", Sentence("This was skipped in another place just now.")) from None
        _end_slot(assignment, reason)
    return Receipt(chained.seq + 1, unit.pk, chained.now)


def _end_slot(assignment: Assignment, reason: str) -> None:
    """The slot ends as skipped and a fresh open row takes its number."""
    Assignment.objects.filter(pk=assignment.pk).update(state="skipped", reason=reason, ended_at=Now(), expires_at=None)
    Assignment.objects.create(
        round_id=assignment.round_id,
        unit_id=assignment.unit_id,
        slot=assignment.slot,
        position=assignment.position,
        is_urgent=assignment.is_urgent,
    )
