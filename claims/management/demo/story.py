"""What the demo does, step by step, through the same actions as everybody else. Each step may run again."""

from __future__ import annotations

import secrets
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile

from claims import jobs
from claims.adjudication.actions import settle_label
from claims.assignment.actions import create_round, draw_next, open_round
from claims.credibility.entities import confirm_outlet
from claims.exporting.actions import start_release
from claims.importing.actions import start_import
from claims.labelling.actions import create_codebook, submit_label
from claims.labelling.answers import round_spec
from claims.management.demo.reviewers import Seen, reply
from claims.models import (
    Assignment,
    Job,
    Outlet,
    Project,
    Release,
    Reviewer,
    Round,
    SettledLabel,
    Unit,
    UnitPattern,
    User,
)
from claims.people.actions import add_member, create_project, create_user, reviewer_for
from claims.tasks import HANDLERS, do

FOLDER = Path(__file__).parent
REVIEWERS = ("ada", "ben")
SEED = 3  # of the sample of units: from all articles
PATIENCE = 300.0  # seconds for one project's background work
SETTLED_BECAUSE = "Decided by the guideline's example for this case."


def read_script() -> dict[str, Any]:
    with (FOLDER / "demo.toml").open("rb") as file:
        return tomllib.load(file)


def make_people() -> dict[str, str]:
    """The two demo reviewers; {name: password} of those that were made just now."""
    made = {}
    for name in REVIEWERS:
        if not User.objects.filter(username=name).exists():
            made[name] = secrets.token_urlsafe(12)
            create_user(username=name, password=made[name])
    return made


def play(plan: Mapping[str, Any], script: Mapping[str, Any], *, by: User) -> Project:
    """One project from its first article to its release."""
    project = make_project(plan, by=by)
    for file in plan["files"]:
        bring_in(project, file, by=by)
    finish_jobs(project)
    for outlet in Outlet.objects.in_project(project).filter(confirmed_at=None, merged_into=None).order_by("pk"):
        confirm_outlet(outlet, by=by)
    round_ = make_round(project, plan, by=by)
    finish_jobs(project)
    for name in REVIEWERS:
        label_some(round_, reviewer_for(User.objects.get(username=name), project), name, plan["labelled"], script)
    finish_jobs(project)
    settle_some(round_, plan["settled"], by=by)
    if not Release.objects.in_project(project).exists():
        start_release(project, title="Demo release", by=by)
        finish_jobs(project)
    return project


def make_project(plan: Mapping[str, Any], *, by: User) -> Project:
    project = Project.objects.filter(slug=plan["slug"]).first()
    if project is None:
        project = create_project(name=plan["name"], slug=plan["slug"], goal=plan["goal"], by=by)
    for user in User.objects.filter(username__in=REVIEWERS).exclude(membership__project=project).order_by("username"):
        add_member(project, user=user, role="reviewer", by=by)
    return project


def bring_in(project: Project, file: Mapping[str, str], *, by: User) -> None:
    """Import one file unless the project has it; a text that is there already is not taken twice in any case."""
    path = FOLDER / file["path"]
    imported = Job.objects.in_project(project).filter(kind="import_articles", args__sources__0__filename=path.name)
    if not imported.exists():
        content = ContentFile(path.read_bytes(), name=path.name)
        start_import(project, files=[content], outlet=file.get("outlet", ""), url=file.get("url", ""), by=by)


def make_round(project: Project, plan: Mapping[str, Any], *, by: User) -> Round:
    round_ = Round.objects.in_project(project).filter(name=plan["round"]).first()
    if round_ is None:
        version = create_codebook(project, preset=plan["preset"], by=by)
        unit_kind = plan.get("unit_kind", "claim_occurrence")
        round_ = create_round(
            project,
            name=plan["round"],
            codebook_version=version,
            unit_kind=unit_kind,
            overlap=2,
            selection={"limit": plan["sample"]} if "sample" in plan else {},
            seed=SEED,
            by=by,
        )
    opening = Job.objects.in_project(project).filter(kind="open_round", state__in=("queued", "running"))
    if round_.state == "draft" and not opening.exists():
        open_round(round_, by=by)
    return round_


def label_some(round_: Round, reviewer: Reviewer, name: str, wanted: int, script: Mapping[str, Any]) -> None:
    """The reviewer labels until `wanted` units are done or nothing is left."""
    round_.refresh_from_db()
    spec = round_spec(round_)
    done = Assignment.objects.filter(round=round_, reviewer=reviewer, state="submitted").count()
    for _ in range(wanted - done):
        drawn = draw_next(round_, reviewer)
        if drawn is None:
            return
        answer = reply(spec, look_at(drawn), name, script)
        submit_label(
            round_,
            drawn.unit,
            reviewer,
            answers=answer.answers,
            notes=answer.notes,
            evidence=answer.evidence,
            seconds=20 + drawn.unit_id % 40,
            idempotency_key=f"demo-{round_.pk}-{drawn.unit_id}",
            codebook_version_id=round_.codebook_version_id,
        )


def look_at(assignment: Assignment) -> Seen:
    unit = Unit.objects.select_related("occurrence_version", "outlet_version").get(pk=assignment.unit_id)
    if unit.outlet_version is not None:
        return Seen(claim="", outlet=unit.outlet_version.name)
    version = unit.occurrence_version
    if version is None:
        return Seen(claim="")
    first = version.hops.order_by("n").first()
    return Seen(version.wording or version.verbatim, version.attribution, first.source_text if first else "")


def settle_some(round_: Round, wanted: int, *, by: User) -> None:
    """Settle the first few disputes as the first reviewer had them."""
    settled = SettledLabel.objects.filter(round=round_).count()
    split = UnitPattern.objects.filter(round=round_, is_split=True).exclude(
        unit__in=SettledLabel.objects.filter(round=round_).values("unit")
    )
    for pattern in split.select_related("unit").order_by("unit_id", "question")[: max(0, wanted - settled)]:
        labels = pattern.unit.labels.filter(round=round_, question=pattern.question, missing=None)
        value = labels.order_by("reviewer_id").values_list("value", flat=True).first()
        settle_label(
            round_,
            pattern.unit,
            pattern.question,
            expected_revision=0,
            outcome="answer",
            value=value,
            method="expert",
            reason_code="guideline_gap",
            rationale=SETTLED_BECAUSE,
            by=by,
        )


def finish_jobs(project: Project) -> None:
    """Do the project's background work here, or wait while a worker does it; raises TimeoutError after PATIENCE."""
    until = time.monotonic() + PATIENCE
    waiting = Job.objects.in_project(project).filter(state__in=("queued", "running")).order_by("id")
    while job := waiting.first():
        if time.monotonic() > until:
            raise TimeoutError(f"Job {job.pk} ({job.kind}) has not ended in {PATIENCE:.0f} seconds.")
        jobs.run(job.pk, dict.fromkeys(HANDLERS, do))
        if waiting.filter(pk=job.pk).exists():
            time.sleep(0.2)
