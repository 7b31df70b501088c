"""Importing claims with what others said of them: verdicts as external verdicts, labels for the labelling stage.

A job reads the file once for the claims, in chunks, and once more for the labels, which it hands on as a file of units
with a plan of the codebook they need (see claims.labelling.imported).
"""

from __future__ import annotations

import json
import re
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, BinaryIO, cast

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from claims import audit, jobs
from claims.errors import Conflict, Refused
from claims.importing.datasets import DATASETS, Finding, QuestionShape
from claims.importing.findings import digest_of, known_claims, store_claims
from claims.importing.gathering import UPLOAD_BYTES, measure
from claims.importing.quota import check_quota
from claims.importing.readers import ReadOptions, RecordError
from claims.lifecycle import JOB
from claims.models import ClaimVersion, Job, Project, User
from claims.permissions import check_can, check_not_archived
from claims.text import clean_line

__all__ = ["retry_claims_import", "run_import_claims", "start_claims_import"]

CHUNK = 500
FIRST = 50  # claims in the first chunk: whoever looks on soon sees that it goes on
MAX_CHOICES = 60
MAX_ANNOTATORS = 60
Item = Finding | RecordError


def start_claims_import(
    project: Project, *, dataset: str, file: File[Any], by: User, name: str = "", limit: int | None = UPLOAD_BYTES
) -> Job:
    """Keep the file and queue the job that imports its claims, verdicts and labels.

    The same bytes again give a job that has already ended, for the reason `duplicate_of`.
    Raises Refused: `unknown_dataset`, `empty`, `too_large` (413), `too_many_imports` (429).
    """
    for deed in ("import", "manage_codebook", "manage_rounds"):
        check_can(deed, by, project)
    check_not_archived(project)
    if dataset not in DATASETS:
        raise Refused("unknown_dataset", f"“{dataset[:40]}” is not a shape of data. Shapes: {', '.join(DATASETS)}.")
    filename = clean_line((file.name or "").replace("\\", "/").rpartition("/")[2])[:300]
    if limit is not None and file.size > limit:
        raise Refused("too_large", f"{filename} has {file.size:,} bytes; at most {limit:,} are taken here.", status=413)
    head = file.read(1 << 16)
    if file.size <= len(head) and not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise Refused("empty", f"{filename} is empty. Give a file with at least one claim.")
    digest, _ = measure(cast(BinaryIO, file))
    if earlier := _imported_before(project, dataset, digest):
        return _job_of_duplicate(project, earlier, by=by)
    with transaction.atomic():
        if limit is not None:
            check_quota(by, lock=True)
        stored = default_storage.save(f"imports/{uuid.uuid4().hex}", file)
        shown = clean_line(name)[:80] or filename.rpartition(".")[0][:80] or dataset
        args = {"dataset": dataset, "name": stored, "filename": filename, "sha256": digest, "title": shown}
        job = jobs.enqueue("import_claims", project=project, by=by, args=args, file=stored)
        audit.record("start_import_claims", job, by=by, dataset=dataset)
    return job


def retry_claims_import(job: Job, *, by: User) -> Job:
    """Queue what an import that was cancelled or broke off did not get to. Raises Conflict: `job_not_ended`,
    `nothing_to_retry`."""
    assert job.project is not None  # noqa: S101 - every import has one
    for deed in ("import", "manage_codebook", "manage_rounds"):
        check_can(deed, by, job.project)
    check_not_archived(job.project)
    if job.state not in JOB.terminal:
        raise Conflict("job_not_ended", f"This import is still {job.state}. Wait for its end or cancel it.")
    is_whole = job.cursor.get("labels") and not job.counts.get("read")  # read to its end, and nothing was in it
    if job.state in ("succeeded", "partial") or is_whole:
        raise Conflict("nothing_to_retry", "The whole file was read. Mend what was refused and give the file again.")
    with transaction.atomic():
        again = jobs.enqueue("import_claims", project=job.project, by=by, args=job.args, file=job.file.name or "")
        Job.objects.filter(pk=again.pk).update(cursor=job.cursor)
        audit.record("retry_import", again, by=by, job=job.pk)
    return again


def run_import_claims(job: Job) -> None:
    """Do an `import_claims` job from where its cursor stands to its end."""
    assert job.project is not None  # noqa: S101 - `start_claims_import` gives every import a project
    if not job.cursor.get("labels"):
        _take_claims(job, job.project)
    plan, units = _labels(job, job.project)
    with jobs.chunk(job):
        if plan is not None:
            staged = _stage(units)
            args = {"plan": plan, "file": staged, "units": len(units), "import": job.pk}
            jobs.enqueue("import_labels", project=job.project, by=job.created_by, args=args, file=staged)
        _finish(job)


def _take_claims(job: Job, project: Project) -> None:
    batch: list[Item] = []
    done, number = job.cursor.get("item", 0), 0
    for number, item in enumerate(_read(job), start=1):
        if number > done:
            batch.append(item)
        if len(batch) >= (CHUNK if job.counts.get("read") else FIRST):
            _write(job, project, batch, {"item": number})
            batch = []
    _write(job, project, batch, {"item": number, "labels": True})


def _write(job: Job, project: Project, batch: list[Item], cursor: dict[str, Any]) -> None:
    found = [item for item in batch if isinstance(item, Finding)]
    counts = Counter(job.counts)
    with jobs.chunk(job):
        created = store_claims(project, found, by=job.created_by)
        counts["read"] += len(found)
        counts["imported"] += created
        counts["labelled"] += sum(bool(item.labels) for item in found)
        for error in (item for item in batch if isinstance(item, RecordError)):
            counts["failed"] += 1
            job.counts["failed"] = counts["failed"]
            jobs.note_error(job, code=error.code, sentence=error.sentence, member=error.member, line=error.line)
        job.counts = dict(counts)
        job.cursor = cursor


def _finish(job: Job) -> None:
    counts = job.counts
    counts["total"] = counts.get("read", 0)
    failed, read = counts.get("failed", 0), counts.get("read", 0)
    state, reason = ("partial", "some_failed") if read and failed else ("succeeded", "") if read else ("failed", "")
    if state == "failed":
        first = job.errors.order_by("id").first()
        reason = first.code if first is not None else "empty"
    claims = counts.get("imported", 0)
    sentence = f"{claims:,} claim{'' if claims == 1 else 's'} imported from {read:,} entr{'y' if read == 1 else 'ies'}."
    if others := read - claims:
        who = f"The other {others:,}" if claims else "All"
        sentence += f" {who} say something of claims that are here already; it is kept with them."
    if failed:
        sentence += f" {failed:,} places have a fault; each is listed, and what was sound beside it is kept."
    jobs.finish(job, state, reason=reason, sentence=sentence)


# Labels


class _Questions:
    """The questions of a file with the choices that its labels use, and the code of each."""

    def __init__(self, shapes: Mapping[str, QuestionShape]) -> None:
        self.shapes = shapes
        self.codes: dict[str, dict[str, str]] = {}
        self.labels: dict[str, dict[str, str]] = {}
        self.sets: set[str] = set()
        for name, shape in shapes.items():
            for label, aliases in shape.choices.items():
                code = self._add(name, label)
                self.codes[name] |= {_folded(alias): code for alias in aliases}

    def code(self, name: str, value: str) -> str:
        """The choice's code; "" when the question is a known one that has no such choice, or has too many."""
        known = self.codes.get(name, {})
        if (code := known.get(_folded(value))) is not None:
            return code
        return "" if name in self.shapes or len(self.labels.get(name, ())) >= MAX_CHOICES else self._add(name, value)

    def _add(self, name: str, label: str) -> str:
        labels = self.labels.setdefault(name, {})
        code = base = _slug(label)[:36] or f"value_{len(labels) + 1}"
        while code in labels:
            code = f"{base}_{len(labels) + 1}"
        labels[code] = label
        self.codes.setdefault(name, {})[_folded(label)] = code
        return code

    def document(self, job: Job, used: list[str], names: Mapping[str, str]) -> dict[str, Any]:
        questions = []
        for name in used:
            shape = self.shapes.get(name)
            choices = [{"code": code, "label": label[:120]} for code, label in self.labels[name].items()]
            if len(choices) == 1:
                choices.append({"code": "never_chosen", "label": "Anything else (chosen by nobody)"})
            kind = shape.kind if shape else "set" if name in self.sets else "nominal"
            title = shape.title if shape else name[:200]
            questions.append(
                {"code": names[name], "title": title, "kind": kind, "unit": "claim", "required": False}
                | {"choices": choices}
            )
        return {
            "id": f"imported-{_slug(job.args['title']).replace('_', '-')[:40] or 'labels'}-{job.pk}",
            "title": f"Imported: {job.args['title']}"[:120],
            "description": f"Made for the labels of {job.args['filename']}, which were given elsewhere."[:5_000],
            "questions": questions,
        }


def _labels(job: Job, project: Project) -> tuple[dict[str, Any] | None, dict[str, dict[int, dict[str, Any]]]]:
    """Read the labels: the plan of the codebook and round they need, and {claim: {annotator: answers}}."""
    questions = _Questions(DATASETS[job.args["dataset"]].shapes)
    annotators: dict[str, int] = {}
    units: dict[str, dict[int, dict[str, Any]]] = {}
    names: dict[str, str] = {}
    with jobs.chunk(job):
        for item in _read(job):
            if isinstance(item, Finding) and item.labels and item.annotator:
                fault = _take_labels(item, questions, annotators, units, names)
                if fault:
                    job.counts["failed"] = job.counts.get("failed", 0) + 1
                    member = job.args["filename"]
                    jobs.note_error(job, code=fault[0], sentence=fault[1], member=member, line=item.line)
    if not units:
        return None, {}
    plan = {
        "title": job.args["title"],
        "codebook": questions.document(job, list(names), names),
        "annotators": len(annotators),
        "overlap": max(map(len, units.values())),
    }
    claims = _versions(project, list(units))
    return plan, {str(claims[digest]): labels for digest, labels in units.items()}


def _take_labels(
    item: Finding,
    questions: _Questions,
    annotators: dict[str, int],
    units: dict[str, dict[int, dict[str, Any]]],
    names: dict[str, str],
) -> tuple[str, str] | None:
    if item.annotator not in annotators and len(annotators) >= MAX_ANNOTATORS:
        return "too_many_annotators", f"Labels of at most {MAX_ANNOTATORS} people are brought over."
    place = annotators.setdefault(item.annotator, len(annotators))
    labels = units.setdefault(digest_of(item.text), {})
    if place in labels:
        return "duplicate_label", "This person labelled the same text before. The first label was kept."
    answers: dict[str, Any] = {}
    unknown = []
    for name, value in item.labels.items():
        codes = [questions.code(name, one) for one in ((value,) if isinstance(value, str) else value)]
        if not all(codes):
            unknown.append(name)
            continue
        if not isinstance(value, str):
            questions.sets.add(name)
        if name not in names:
            names[name] = _unused(_slug(name)[:36] or "label", set(names.values()))
        answers[names[name]] = codes
    if answers:
        labels[place] = answers
    elif not labels:
        units.pop(digest_of(item.text))
    return ("unknown_value", f"The value of {', '.join(unknown)[:80]} is not a choice of it.") if unknown else None


def _stage(units: Mapping[str, Mapping[int, Mapping[str, Any]]]) -> str:
    """Write one line a unit: [claim version, {annotator: {question: [codes]}}]."""
    with tempfile.TemporaryFile("w+b") as out:
        for version, labels in units.items():
            out.write(json.dumps([int(version), labels], separators=(",", ":")).encode() + b"\n")
        out.seek(0)
        return default_storage.save(f"labels/{uuid.uuid4().hex}", File(out))


def _versions(project: Project, digests: list[str]) -> dict[str, int]:
    """The first version of each claim: what was judged elsewhere is the wording of the file."""
    found: dict[str, int] = {}
    for at in range(0, len(digests), CHUNK):
        known = known_claims(project, digests[at : at + CHUNK])
        rows = ClaimVersion.objects.filter(claim__in=known.values(), n=1).values_list("claim_id", "pk")
        versions = dict(rows)
        found |= {digest: versions[claim] for digest, claim in known.items()}
    return found


# Reading


def _read(job: Job) -> Iterator[Item]:
    """Yield what the stored file holds; what makes it useless as a whole is its one error."""
    args = job.args
    with closing(default_storage.open(args["name"])) as opened:
        stream = cast(BinaryIO, getattr(opened, "file", opened))
        try:
            yield from DATASETS[args["dataset"]].read(stream, ReadOptions(member=args["filename"]))
        except Refused as refusal:
            yield RecordError(code=refusal.code, sentence=refusal.sentence, member=args["filename"])


def _imported_before(project: Project, dataset: str, digest: str) -> int | None:
    earlier = Job.objects.in_project(project).filter(
        kind="import_claims", state__in=("succeeded", "partial"), args__sha256=digest, args__dataset=dataset
    )
    return earlier.exclude(reason="duplicate_of").order_by("id").values_list("pk", flat=True).first()


def _job_of_duplicate(project: Project, earlier: int, *, by: User) -> Job:
    with transaction.atomic():
        job = Job.objects.create(
            kind="import_claims",
            project=project,
            args={},
            state="succeeded",
            reason="duplicate_of",
            sentence=f"The same bytes are what import {earlier} brought already. Nothing was changed.",
            created_by=by,
        )
        audit.record("start_import_claims", job, by=by, duplicate_of=earlier)
    return job


def _folded(value: str) -> str:
    return " ".join(value.casefold().split())


def _slug(value: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", value.casefold()).strip("_")


def _unused(code: str, taken: set[str]) -> str:
    found, n = code, 2
    while found in taken:
        found, n = f"{code}_{n}", n + 1
    return found
