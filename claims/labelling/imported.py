"""Labels that were given elsewhere: imported reviewers, a codebook made for them, and a round that is closed.

They go through the same append-only events and chains as all labels, with the kind `imported`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from django.core.files.storage import default_storage
from django.db.models.functions import Now

from claims import audit, jobs
from claims.labelling.actions import create_codebook
from claims.labelling.chain import canonical
from claims.labelling.codebook import CodebookSpec, spec_from_document
from claims.labelling.events import Write, append, lock_chain
from claims.models import Assignment, Job, LabelChain, Project, Reviewer, Round, RoundReviewer, RoundUnit, Unit
from claims.text import clean_line

CHUNK_UNITS = 50
Line = tuple[int, Mapping[str, Mapping[str, list[str]]]]


def run_import_labels(job: Job) -> None:
    """Do an `import_labels` job: `args.plan` says what to make, `args.file` holds a line for each unit."""
    assert job.project is not None and job.created_by is not None  # noqa: S101, PT018 - as importing queues it
    spec = spec_from_document(job.args["plan"]["codebook"])
    if "round" not in job.cursor:
        with jobs.chunk(job):
            round_ = _make_round(job, job.project, spec)
            job.counts = {"total": job.args["units"], "read": 0, "imported": 0}
            job.cursor = {"round": round_.pk, "offset": 0}
    round_ = Round.objects.select_related("project").get(pk=job.cursor["round"])
    places = list(RoundReviewer.objects.filter(round=round_).select_related("reviewer").order_by("id"))
    reviewers = [place.reviewer for place in places]
    more = True
    while more:
        with jobs.chunk(job):
            more = _take_chunk(job, round_, reviewers, spec)
    with jobs.chunk(job):
        sentence = f"{job.counts['imported']:,} labels of {len(reviewers)} people stand in the round “{round_.name}”."
        jobs.finish(job, "succeeded", sentence=sentence)


def _make_round(job: Job, project: Project, spec: CodebookSpec) -> Round:
    assert job.created_by is not None  # noqa: S101 - checked by the caller
    plan = job.args["plan"]
    version = create_codebook(project, by=job.created_by, spec=spec)
    round_ = Round.objects.create(
        project=project,
        name=f"Imported: {clean_line(plan['title'])[:80]} ({job.pk})",
        state="closed",
        codebook_version=version,
        unit_kind="claim",
        overlap=max(1, min(60, plan["overlap"])),
        selection={"imported": job.args["import"]},
        created_by=job.created_by,
        opened_at=Now(),
        closed_at=Now(),
    )
    reviewers = Reviewer.objects.bulk_create(
        [
            Reviewer(project=project, kind="imported", name=f"I-{job.pk}-{n:02}", state="left")
            for n in range(1, plan["annotators"] + 1)
        ]
    )
    LabelChain.objects.bulk_create([LabelChain(reviewer=reviewer) for reviewer in reviewers])
    RoundReviewer.objects.bulk_create([RoundReviewer(round=round_, reviewer=reviewer) for reviewer in reviewers])
    audit.record("import_labels", round_, by=job.created_by, reviewers=len(reviewers))
    return round_


def _take_chunk(job: Job, round_: Round, reviewers: list[Reviewer], spec: CodebookSpec) -> bool:
    """Write the labels of the next units; False at the end of the file."""
    lines, offset = _lines(job.args["file"], job.cursor["offset"])
    if not lines:
        return False
    units = _units(round_, [version for version, _ in lines])
    first = job.counts["read"]
    RoundUnit.objects.bulk_create(
        [
            RoundUnit(round=round_, unit_id=units[version], position=first + n, overlap=len(labels))
            for n, (version, labels) in enumerate(lines)
        ]
    )
    # Reviewer by reviewer: chains are locked in one order everywhere.
    for place, reviewer in enumerate(reviewers):
        for version, labels in lines:
            if (answers := labels.get(str(place))) is not None:
                _append(round_, units[version], reviewer, _answers(spec, answers))
                job.counts["imported"] += 1
    job.counts["read"] = first + len(lines)
    job.cursor["offset"] = offset
    return True


def _append(round_: Round, unit: int, reviewer: Reviewer, answers: dict[str, Any]) -> None:
    key = f"imported-{round_.pk}-{unit}"
    chained = lock_chain(reviewer, key)
    if chained.earlier is None:
        slot = Assignment(round=round_, unit_id=unit)  # never saved: nobody was asked here
        request = hashlib.sha256(canonical(["imported", round_.pk, unit, answers])).hexdigest()
        append(Write("imported", slot, answers), reviewer, chained, key, request)


def _answers(spec: CodebookSpec, given: Mapping[str, list[str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for code, values in given.items():
        question = spec.question(code)
        if question is not None:
            found[code] = {"value": values if question.kind == "set" else values[0]}
    return found


def _units(round_: Round, versions: list[int]) -> dict[int, int]:
    """The unit of each claim version, made where there is none."""
    Unit.objects.bulk_create(
        [Unit(project=round_.project, kind="claim", claim_version_id=version) for version in versions],
        ignore_conflicts=True,
    )
    rows = Unit.objects.filter(project=round_.project, kind="claim", claim_version__in=versions)
    return {version: unit for version, unit in rows.values_list("claim_version_id", "pk") if version is not None}


def _lines(name: str, offset: int) -> tuple[list[Line], int]:
    """The next lines of the staged file, and where the ones after them begin."""
    found = []
    with closing(default_storage.open(name)) as opened:
        opened.seek(offset)
        for raw in _raw_lines(opened):
            offset += len(raw)
            version, labels = json.loads(raw)
            found.append((version, labels))
            if len(found) >= CHUNK_UNITS:
                break
    return found, offset


def _raw_lines(opened: Any) -> Iterator[bytes]:
    stream = getattr(opened, "file", opened)
    while raw := stream.readline():
        yield raw
