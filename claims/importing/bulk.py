"""Many articles in one import: what is wrong with one is said of that one, and the others go in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile

from claims.errors import Refused, none_taken
from claims.importing.actions import start_import
from claims.importing.gathering import LeftOut
from claims.importing.readers import ReadOptions, RecordError
from claims.importing.readers.columns import ALIASES, build_record
from claims.models import Job, Project, User

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Bulk:
    """`lines` holds for each article that was given its line in the job, as the job's errors name it, or why not."""

    job: Job
    lines: list[int | Refused]


def start_bulk_import(project: Project, given: Sequence[Fields | Refused], *, by: User) -> Bulk:
    """Queue one job that imports the articles, each {field: text} by the names in ALIASES. What the caller refused
    already, and what has faults here, is left out and noted in the job.

    Raises Refused `none_taken` with a problem for each article when none is left, and what `start_import` raises.
    """
    lines: list[int | Refused] = []
    kept: list[Fields] = []
    for one in given:
        fault = one if isinstance(one, Refused) else fault_of(one)
        if fault is None and not isinstance(one, Refused):
            kept.append(one)
        lines.append(fault or len(kept))
    if not kept:
        raise none_taken("articles", lines)
    written = "".join(f"{json.dumps(dict(one), ensure_ascii=False)}\n" for one in kept)
    file: ContentFile[Any] = ContentFile(written.encode("utf-8", "ignore"), name="articles.jsonl")
    left_out = [LeftOut(f"article {n}", said) for n, said in enumerate(lines, 1) if isinstance(said, Refused)]
    job = start_import(project, files=[file], options={"encoding": "utf-8"}, left_out=left_out, by=by)
    job.refresh_from_db()
    return Bulk(job, lines)


def fault_of(one: Fields) -> Refused | None:
    """Why the article would be refused line by line, looked at with the reader's own rules."""
    found = build_record(one, {name: name for name in ALIASES if one.get(name)}, ReadOptions(), 1)
    return Refused(found.code, found.sentence) if isinstance(found, RecordError) else None
