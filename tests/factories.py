"""Builders: plain functions with keywords and good defaults. Alice and Bob label, Carol owns the project.

Text is our own; outlets, places and people are invented.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from claims import jobs
from claims.assignment.actions import create_round, draw_next, open_round
from claims.labelling.actions import create_codebook, submit_label
from claims.models import (
    Anchor,
    Article,
    AttributionHop,
    Claim,
    ClaimOccurrence,
    ClaimVersion,
    CodebookVersion,
    Job,
    OccurrenceVersion,
    Outlet,
    OutletVersion,
    Project,
    Reviewer,
    Round,
    Segment,
    TextVersion,
    Unit,
    User,
)
from claims.people.actions import add_member, create_project, reviewer_for
from claims.tasks import HANDLERS, do
from claims.turns import fair_choice

PASSWORD = "a-long-enough-sentence-9"
TEXT = (
    "Harbour bridge closed after inspection\n\n"
    "The Lake Bridge in Sandmouth was closed on Tuesday. Inspectors found 14 broken bolts, the Tidal Post reported. "
    "Mayor Edda Quill denied that the city had known of the damage.\n\n"
    "The bridge carries 9,000 cars a day."
)
_numbers = itertools.count(1)


def make_user(name: str = "", **columns: Any) -> User:
    """A login with PASSWORD; hashed fast, since tests sign in often."""
    user = User(username=name or f"user{next(_numbers)}", **columns)
    user.set_password(PASSWORD)
    user.save()
    return user


def make_project(name: str = "", *, owner: User | None = None, goal: str = "code_corpus", **members: str) -> Project:
    """A project owned by Carol, with further members as name=role: `make_project(alice="reviewer")`."""
    n = next(_numbers)
    owner = owner or make_user(f"carol{n}")
    project = create_project(name=name or f"Project {n}", slug=f"project-{n}", goal=goal, by=owner)
    for member, role in members.items():
        add_member(project, user=make_user(f"{member}{n}"), role=role, by=owner)
    return project


def owner_of(project: Project) -> User:
    return User.objects.get(membership__project=project, membership__role="owner")


def member(project: Project, name: str) -> User:
    """The member whose user name begins with `name`."""
    return User.objects.get(membership__project=project, username__startswith=name)


def reviewer(project: Project, name: str) -> Reviewer:
    return reviewer_for(member(project, name), project)


def make_outlet(project: Project, name: str = "Tidal Post") -> Outlet:
    outlet = Outlet.objects.create(project=project, name=name)
    OutletVersion.objects.create(outlet=outlet, n=1, name=name, country="XX")
    return outlet


def make_article(project: Project, text: str = TEXT, *, outlet: Outlet | None = None, **columns: Any) -> Article:
    """An article with one text version; its first line is the headline segment, the other lines are body."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    headline = text.split("\n", 1)[0][:500]
    article = Article.objects.create(
        project=project, outlet=outlet, headline=headline, language="en", content_sha256=digest, **columns
    )
    version = TextVersion.objects.create(
        article=article, n=1, text=text, sha256=digest, length=len(text), recipe="test"
    )
    start, segments = 0, []
    for n, line in enumerate(text.split("\n")):
        if line:
            role = "body" if n else "headline"
            segments.append(Segment(text_version=version, n=n, start=start, end=start + len(line), role=role))
        start += len(line) + 1
    Segment.objects.bulk_create(segments)
    return article


def make_claim(
    article: Article, quote: str, *, source: str = "", cue: str = "", checkworthiness: float = 0.5
) -> ClaimOccurrence:
    """A claim at the first place of `quote` in the article's newest text, attributed where a source is given."""
    text = article.text_versions.order_by("-n")[0]
    start = text.text.index(quote)
    project = article.project
    claim = Claim.objects.create(project=project, text=quote, checkworthiness=checkworthiness)
    ClaimVersion.objects.create(claim=claim, n=1, text=quote)
    occurrence = ClaimOccurrence.objects.create(project=project, claim=claim, article=article, position=start)
    version = OccurrenceVersion.objects.create(
        occurrence=occurrence,
        n=1,
        verbatim=quote,
        attribution="attributed" if source else "author_voice",
        checkworthiness=checkworthiness,
        splitter="test",
    )
    Anchor.objects.create(
        occurrence_version=version, text_version=text, start=start, end=start + len(quote), exact=quote
    )
    if source:
        AttributionHop.objects.create(
            occurrence_version=version, n=0, source_text=source, cue_text=cue, mode="indirect"
        )
    return occurrence


def make_claims(project: Project, n: int) -> list[ClaimOccurrence]:
    """An article of n numbered sentences, each a claim."""
    lines = [f"Ferry number {i} arrived late on Monday." for i in range(n)]
    article = make_article(project, f"Ferry report {next(_numbers)}\n\n" + "\n".join(lines))
    return [make_claim(article, line) for line in lines]


def make_codebook(project: Project, preset: str = "main") -> CodebookVersion:
    return create_codebook(project, preset=preset, by=owner_of(project))


def run_jobs() -> None:
    """Do everything that waits, as a worker would, until nothing is left."""
    while job := Job.objects.filter(state="queued").order_by("id").first():
        jobs.run(fair_choice(job.pk), dict.fromkeys(HANDLERS, do))


def make_round(project: Project, *, units: int = 0, codebook: CodebookVersion | None = None, **plan: Any) -> Round:
    """An open round over all claims of the project (`units` of them made first)."""
    if units:
        make_claims(project, units)
    by = owner_of(project)
    round_ = create_round(
        project,
        name=f"Round {next(_numbers)}",
        codebook_version=codebook or make_codebook(project),
        by=by,
        **plan,
    )
    with transaction.atomic():
        open_round(round_, by=by)
    run_jobs()
    round_.refresh_from_db()
    return round_


def answers_for(round_: Round, **given: Any) -> dict[str, Any]:
    """The given answers, and the first choice for every other question that is asked and required."""
    from claims.labelling.answers import round_spec
    from claims.labelling.codebook import applicable_questions

    spec, answers = round_spec(round_), dict(given)
    for question in spec.questions:
        asked = question in applicable_questions(spec, answers)
        if asked and question.required and question.code not in answers and question.choices:
            first = question.choices[0].code
            alone = {"set": [first], "span": []}
            answers[question.code] = alone.get(question.kind, first)
    return answers


def label(
    round_: Round,
    unit: Unit,
    who: Reviewer,
    *,
    evidence: Sequence[Mapping[str, Any]] = (),
    notes: Mapping[str, str] | None = None,
    seconds: int | None = None,
    **answers: Any,
) -> int:
    """One reviewer draws until they hold `unit`, and submits; returns the number of the event."""
    from claims.models import Assignment

    while not Assignment.objects.filter(round=round_, unit=unit, reviewer=who, state="reserved").exists():
        drawn = draw_next(round_, who)
        assert drawn is not None, "the unit was not offered"
        if drawn.unit_id != unit.pk:
            raise AssertionError(f"unit {drawn.unit_id} comes before unit {unit.pk}: label in order")
    receipt = submit_label(
        round_,
        unit,
        who,
        answers=answers_for(round_, **answers),
        notes=notes,
        evidence=evidence,
        seconds=seconds,
        idempotency_key=f"test-key-{next(_numbers)}",
        codebook_version_id=round_.codebook_version_id,
    )
    return receipt.seq


def label_next(round_: Round, who: Reviewer, **answers: Any) -> Unit | None:
    """The reviewer takes what comes next and submits; the unit, or None when nothing is left."""
    drawn = draw_next(round_, who)
    if drawn is None:
        return None
    label(round_, drawn.unit, who, **answers)
    return drawn.unit
