"""How many rows a second each format of a release is written at, beside COPY of the same rows, and the most memory.

A project is filled with labels by statements. Every format of tables writes the table of labels, every format of the
field its own records; COPY runs the same query and throws the bytes away. In the end a whole release is built.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any, cast

from django.db import connection, transaction

from claims import jobs
from claims.exporting.actions import run_build_release, start_release
from claims.exporting.building import new_file, write_documents, write_table
from claims.exporting.joined import SOURCES
from claims.exporting.records import TABLES
from claims.exporting.scope import Params, scope_of
from claims.exporting.writers import DOCUMENTS, TABULAR
from claims.management.benchmarks import filling
from claims.management.benchmarks.labelling import own_database
from claims.models import Job, Release, Reviewer, Round, User
from claims.people.actions import add_member, reviewer_for

Say = Callable[[str], None]
FLOORS = {"csv": 1 / 3, "jsonl": 1 / 3, "parquet": 1 / 2}  # of the rate of COPY
MOST_MEGABYTES = 512
FIRST = (1, 1, "stance", "R-", "first", "supports", None, 1, "2026-11-21", 1)
REVIEWERS = 2
QUESTIONS = 2  # of the codebook that projects are filled with
LABELLED = """
INSERT INTO claims_labelevent (project_id, reviewer_id, seq, kind, round_id, unit_id, phase, codebook_version_id,
    answers, seconds, text_digest, idempotency_key, request_sha256, prev_hash, hash)
SELECT %(project)s, %(reviewer)s, position + 1, 'submitted', round_id, unit_id, 'first', %(codebook)s,
    jsonb_build_object(
        'stance', jsonb_build_object('value', (ARRAY['supports', 'refutes', 'questions', 'reports', 'unrelated'])
                                              [1 + (hashint8(unit_id * 31 + %(reviewer)s) & 1023) %% 5]),
        'confidence', jsonb_build_object('value', (ARRAY['guess', 'unsure', 'fairly_sure', 'certain'])
                                                  [1 + (hashint8(unit_id * 17 + %(reviewer)s) & 1023) %% 4])),
    5 + unit_id %% 90, '', 'k' || position, '', '', sha256((unit_id::text || ' ' || %(reviewer)s)::bytea)
FROM claims_roundunit WHERE round_id = %(round)s
"""


def run(sizes: Sequence[int], reviewers: Sequence[int], seconds: float, say: Say) -> None:
    """Each size is a number of labels; reviewers and seconds do not matter here."""
    for size in sizes:
        with own_database():
            say(f"filling a project with {size:,} labels ...")
            measure(labelled(size), say)


def labelled(labels: int) -> Round:
    """A round of which every unit was labelled by REVIEWERS reviewers, QUESTIONS labels each."""
    round_ = filling.fill(max(1, labels // (REVIEWERS * QUESTIONS)))
    owner = User.objects.get(membership__project=round_.project, membership__role="owner")
    people = [add_reviewer(round_, f"{round_.project.slug}-reviewer-{n}", by=owner) for n in range(REVIEWERS)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for each in people:
            values = {"reviewer": each.pk, "project": round_.project_id, "round": round_.pk}
            cursor.execute(LABELLED, values | {"codebook": round_.codebook_version_id})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return round_


def add_reviewer(round_: Round, name: str, *, by: User) -> Reviewer:
    user = User.objects.create(username=name)
    add_member(round_.project, user=user, role="reviewer", by=by)
    return reviewer_for(user, round_.project)


def measure(round_: Round, say: Say) -> None:
    owner = User.objects.get(membership__project=round_.project, membership__role="owner")
    release = start_release(round_.project, by=owner, formats=["jsonl", "csv", "parquet"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    params = scope_of(release)
    for name in TABULAR:
        warm_up(name)
    copied = spent_on(lambda: copy(TABLES["labels"].source, params))
    say(line("COPY", "labels", *copied))
    for name in TABULAR:
        say(line(name, "labels", *spent_on(lambda name=name: labels_in(name, params)), bare=copied))  # type: ignore[misc]
    for source, (query, _) in SOURCES.items():
        copied = spent_on(lambda query=query: copy(query, params))  # type: ignore[misc]
        if not copied[0]:
            continue  # a rate of none tells nothing
        say(line("COPY", f"{source} records", *copied))
        for name, document in DOCUMENTS.items():
            if source in {part.source for part in document.parts}:
                found = spent_on(lambda name=name, source=source: records_in(name, source, params))  # type: ignore[misc]
                say(line(name, f"{source} records", *found, bare=copied))
    say(whole(release))


def warm_up(format_: str) -> None:
    """What a format loads at its first use is no part of its rate."""
    table = TABULAR[format_].begin(TABLES["labels"].columns)
    table.head()
    table.rows([FIRST])
    table.end()


def spent_on(work: Callable[[], int]) -> tuple[int, float]:
    """(rows, seconds)."""
    began = time.perf_counter()
    rows = work()
    return rows, time.perf_counter() - began


def copy(query: str, params: Params) -> int:
    connection.ensure_connection()
    with connection.connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", params) as out:
        for _ in out:
            pass
        return cast("int", cursor.rowcount)


def labels_in(format_: str, params: Params) -> int:
    with ExitStack() as stack:
        file = new_file(stack, "labels", format_)
        return cast("int", write_table("labels", TABLES["labels"], params, [file])["rows"])


def records_in(format_: str, source: str, params: Params) -> int:
    with ExitStack() as stack:
        parts = [part for part in DOCUMENTS[format_].parts if part.source == source]
        return write_documents([(part, new_file(stack, part.name, format_)) for part in parts], params)[source]


def line(name: str, what: str, rows: int, seconds: float, *, bare: tuple[int, float] | None = None) -> str:
    shown = f"{name:15} {rows / seconds:10,.0f} {what}/s  {rows:,} in {seconds:.1f} s"
    if bare is None:
        return shown
    ratio = (rows / seconds) / (bare[0] / bare[1])
    floor = FLOORS.get(name)
    fault = f"  BELOW the floor of {floor:.2f}" if floor and ratio < floor else ""
    return f"{shown}  {ratio:.2f} of COPY{fault}"


def whole(release: Release) -> str:
    began = time.perf_counter()
    job = Job.objects.get(kind="build_release", args__release=release.pk)
    jobs.run(job.pk, {"build_release": run_build_release})
    spent = time.perf_counter() - began
    job.refresh_from_db()
    if job.state != "succeeded":
        raise RuntimeError(f"The release was not built: {job.sentence}")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    over = f"  OVER {MOST_MEGABYTES} MB" if most > MOST_MEGABYTES else ""
    rows: Any = job.counts["read"]
    return f"whole release   {rows / spent:10,.0f} rows/s  {rows:,} in {spent:.1f} s, most memory {most} MB{over}"
