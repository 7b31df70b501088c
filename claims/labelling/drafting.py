"""Drafts of codebooks: begun from a version, changed as often as one likes, published once.

A draft is named by the hash of what it says: a change or a publication names the hash it saw, and meets a conflict
when somebody else changed the draft meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Max

from claims import audit
from claims.errors import Conflict, Refused
from claims.labelling.actions import add_questions, publish_version
from claims.labelling.codebook import CodebookSpec, spec_from_document
from claims.labelling.codebook_diff import stale_questions
from claims.models import Choice, Codebook, CodebookVersion, Label, Question, Round, User
from claims.permissions import check_can, check_not_archived
from claims.text import clean_text

CHANGELOG_CHARS = 5000


def start_draft(codebook: Codebook, *, by: User, base: CodebookVersion) -> CodebookVersion:
    """A draft that begins as `base`; a codebook has one draft at a time, so the one there is comes back."""
    check_can("manage_codebook", by, codebook.project)
    check_not_archived(codebook.project)
    with transaction.atomic():
        Codebook.objects.select_for_update(no_key=True).get(pk=codebook.pk)
        open_ = codebook.versions.filter(state="draft").order_by("-n").first()
        if open_ is not None:
            return open_
        spec = spec_from_document(base.document)
        n = (codebook.versions.aggregate(n=Max("n"))["n"] or 0) + 1
        draft = CodebookVersion.objects.create(
            codebook=codebook, n=n, document=spec.document, sha256=spec.sha256, created_by=by
        )
        add_questions(draft, spec)
        audit.record("start_codebook_draft", draft, by=by, project=codebook.project, n=n, base=base.n)
    return draft


def _lock_draft(version: CodebookVersion, expected_sha256: str) -> CodebookVersion:
    locked = CodebookVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    if locked.state != "draft":
        raise Conflict(
            "codebook_frozen",
            f"Version {locked.n} is {locked.state} and never changes. Begin a new draft from it.",
            current={"state": locked.state},
        )
    if locked.sha256 != expected_sha256:
        raise Conflict(
            "stale_codebook",
            "Somebody changed this draft meanwhile. Nothing of yours was stored; both are shown.",
            current={"sha256": locked.sha256, "document": locked.document},
        )
    return locked


def change_draft(version: CodebookVersion, spec: CodebookSpec, *, by: User, expected_sha256: str) -> CodebookVersion:
    """Put `spec` in place of what the draft says; the same content again changes nothing."""
    project = version.codebook.project
    check_can("manage_codebook", by, project)
    check_not_archived(project)
    if spec.id != version.codebook.slug:
        raise Refused("id_is_kept", f"The codebook's id stays {version.codebook.slug!r}: its versions belong together.")
    with transaction.atomic():
        draft = _lock_draft(version, expected_sha256)
        if spec.sha256 != draft.sha256:
            _clear(draft)
            draft.document, draft.sha256 = spec.document, spec.sha256
            draft.save(update_fields=["document", "sha256"])
            add_questions(draft, spec)
            Codebook.objects.filter(pk=draft.codebook_id).update(name=spec.title)
            audit.record("change_codebook_draft", draft, by=by, project=project, sha256=spec.sha256)
    return draft


def _clear(draft: CodebookVersion) -> None:
    Choice.objects.filter(question__codebook_version=draft).delete()
    Question.objects.filter(codebook_version=draft).delete()


def publish_draft(version: CodebookVersion, *, by: User, expected_sha256: str, changelog: str = "") -> None:
    """Freeze what was seen, with a word on what changed."""
    check_can("manage_codebook", by, version.codebook.project)
    check_not_archived(version.codebook.project)
    words = clean_text(changelog, limit=CHANGELOG_CHARS, code="changelog_too_long").text.strip()
    with transaction.atomic():
        draft = _lock_draft(version, expected_sha256)
        same = draft.codebook.versions.filter(sha256=draft.sha256).exclude(state="draft").first()
        if same is not None:
            raise Refused("nothing_changed", f"The draft says the same as version {same.n}, which is published.")
        CodebookVersion.objects.filter(pk=draft.pk).update(changelog=words)
        publish_version(draft, by=by)


def discard_draft(version: CodebookVersion, *, by: User, expected_sha256: str) -> None:
    """Drop a draft; no label names it, since rounds take published versions."""
    project = version.codebook.project
    check_can("manage_codebook", by, project)
    with transaction.atomic():
        draft = _lock_draft(version, expected_sha256)
        if Round.objects.filter(codebook_version=draft).exists():
            raise Conflict("draft_is_used", "A planned round asks this draft. Take the round away first.")
        audit.record("discard_codebook_draft", draft, by=by, project=project, n=draft.n)
        _clear(draft)
        draft.delete()


@dataclass(frozen=True)
class StaleWork:
    """Labels of one round about one question that were given under an older version and may mean something else."""

    round: Round
    question: str
    version: int
    labels: int


def find_stale_work(codebook: Codebook, *, draft: CodebookVersion | None = None) -> list[StaleWork]:
    """What was answered under older versions of the codebook, where the newest published one changed the meaning.

    With a `draft`: what its publication would leave to look at again.
    """
    versions = [*([draft] if draft else []), *codebook.versions.exclude(state="draft").order_by("-n")]
    if len(versions) < 2:
        return []
    newest = spec_from_document(versions[0].document)
    stale = {old.pk: stale_questions(spec_from_document(old.document), newest) for old in versions[1:]}
    rounds = Round.objects.filter(codebook_version__in=stale).select_related("codebook_version")
    by_id = {round_.pk: round_ for round_ in rounds}
    counted = (
        Label.objects.counted()
        .filter(round__in=by_id, question__in={code for codes in stale.values() for code in codes})
        .values("round", "question")
        .annotate(n=Count("id"))
        .order_by("round", "question")
    )
    return [
        StaleWork(by_id[row["round"]], row["question"], by_id[row["round"]].codebook_version.n, row["n"])
        for row in counted
        if row["question"] in stale[by_id[row["round"]].codebook_version_id]
    ]
