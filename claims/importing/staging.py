"""Files are shown before they are imported: how their bytes are read, their first rows, which column is what.

Nothing of them is in the project until their person says so; what nobody comes back to is forgotten after a day.
"""

from __future__ import annotations

import hashlib
import io
import json
import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, BinaryIO, cast

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.functions import Now

from claims import audit
from claims.errors import Refused
from claims.importing.actions import UPLOAD_BYTES, UPLOAD_FILES, start_import
from claims.importing.readers import LOOKS, Look, ReadOptions, format_of
from claims.models import ColumnMapping, Job, Project, StagedImport, User
from claims.permissions import check_can, check_not_archived
from claims.text import clean_line

TABLES = ("csv", "xlsx", "jsonl")
ROWS = 5
MOST_TABLES = 20
MOST_STAGED = 20  # of one person in one project
KEPT = timedelta(days=1)

Choice = Mapping[str, Any]  # {"encoding", "delimiter", "columns"}, each only where a person chose


@dataclass(frozen=True)
class Shown:
    """One staged file as it is read now; `refusal` says why it cannot be."""

    filename: str
    format: str
    size: int
    look: Look | None
    refusal: Refused | None = None
    is_remembered: bool = False
    choice: Choice = field(default_factory=dict)


def needs_look(file: File[Any]) -> bool:
    """A table, or a text in an encoding that could be another (UP-13): somebody should look before it goes in."""
    format_ = format_of(file.name or "")
    if format_ != "text":
        return format_ in TABLES
    try:
        return look_at(file, "text", {}).encoding_confidence < 1
    except Refused as refusal:
        return refusal.code == "encoding_unknown"


def look_at(file: File[Any], format_: str, choice: Choice) -> Look:
    """Read the beginning of a file. Raises Refused with what is wrong with the file as a whole."""
    inner = file.file
    data = cast(BinaryIO, inner if isinstance(inner, io.IOBase) else file)
    options = ReadOptions(
        member=clean_line(file.name or "")[:300],
        encoding=choice.get("encoding") or None,
        delimiter=choice.get("delimiter") or None,
        columns=choice.get("columns") or {},
    )
    data.seek(0)
    try:
        return LOOKS[format_](data, options, ROWS)
    finally:
        data.seek(0)


def stage_files(project: Project, files: Sequence[File[Any]], *, by: User, **facts: str) -> StagedImport:
    """Keep uploaded files for their person to look at. Raises Refused: `too_many_files`, `too_large` (413),
    `unsupported_format` (415), `too_many_tables`, `too_many_staged` (429)."""
    check_can("import", by, project)
    check_not_archived(project)
    for file in files:
        _check(file)
    if len(files) > UPLOAD_FILES:
        raise Refused("too_many_files", f"These are {len(files)} files; at most {UPLOAD_FILES} go into one import.")
    if sum(format_of(file.name or "") in TABLES for file in files) > MOST_TABLES:
        raise Refused("too_many_tables", f"At most {MOST_TABLES} tables are looked at together. Choose fewer.")
    if StagedImport.objects.in_project(project).filter(created_by=by).count() >= MOST_STAGED:
        raise Refused(
            "too_many_staged", f"{MOST_STAGED} of your uploads wait to be looked at. Do these first.", status=429
        )
    kept = [
        {
            "name": default_storage.save(f"imports/{uuid.uuid4().hex}", file),
            "filename": clean_line((file.name or "").replace("\\", "/").rpartition("/")[2])[:300],
            "format": format_of(file.name or ""),
            "size": file.size,
        }
        for file in files
    ]
    with transaction.atomic():
        staged = StagedImport.objects.create(
            project=project, files=kept, facts={name: said for name, said in facts.items() if said}, created_by=by
        )
        audit.record("stage_import", staged, by=by, files=len(kept))
    return staged


def show_staged(staged: StagedImport, choices: Sequence[Choice] = ()) -> list[Shown]:
    """Each file as it reads with these choices; without any, as it was read the last time in the project."""
    return [
        _shown(staged.project, given, choices[at] if at < len(choices) else None)
        for at, given in enumerate(staged.files)
    ]


def import_staged(staged: StagedImport, choices: Sequence[Choice], *, by: User) -> Job:
    """Start the import of staged files as chosen, and remember the choice for tables of the same columns.

    Raises Refused: what `start_import` does; the files stay staged then.
    """
    if not all(default_storage.exists(given["name"]) for given in staged.files):
        raise _gone()
    with ExitStack() as opened:
        files = [
            File(opened.enter_context(default_storage.open(given["name"])).file, name=given["filename"])
            for given in staged.files
        ]
        facts = {name: staged.facts.get(name, "") for name in ("text", "title", "outlet", "url")}
        job = start_import(staged.project, files=files, each=choices, by=by, **facts)
        for file, given, choice in zip(files, staged.files, choices, strict=False):
            if given["format"] in TABLES and choice.get("columns"):
                _remember(staged.project, look_at(file, given["format"], choice).names, choice["columns"])
    _forget(staged)
    return job


def discard_staged(staged: StagedImport, *, by: User) -> None:
    check_can("import", by, staged.project)
    audit.record("discard_staged_import", staged, by=by, project=staged.project)
    _forget(staged)


def forget_staged() -> None:
    """Let go of what nobody came back to; called every night."""
    for staged in StagedImport.objects.filter(created_at__lt=Now() - KEPT)[:1_000]:
        _forget(staged)


def _gone() -> Refused:
    return Refused("file_gone", "The file that was chosen is not kept any more. Choose it again.", status=410)


def _check(file: File[Any]) -> None:
    shown = clean_line(file.name or "")[:80]
    if format_of(file.name or "") is None:
        raise Refused("unsupported_format", f"There is no reader for “{shown}”.", status=415)
    if file.size > UPLOAD_BYTES:
        raise Refused(
            "too_large", f"{shown} has {file.size:,} bytes; at most {UPLOAD_BYTES:,} are taken here.", status=413
        )


def _shown(project: Project, given: Mapping[str, Any], choice: Choice | None) -> Shown:
    named = {name: given[name] for name in ("filename", "format", "size")}
    if given["format"] not in LOOKS:
        return Shown(**named, look=None)
    try:
        stored = default_storage.open(given["name"])
    except FileNotFoundError:
        return Shown(**named, look=None, refusal=_gone(), choice=choice or {})
    with stored as opened:
        file = File(opened.file, name=given["filename"])
        try:
            look = look_at(file, given["format"], choice or {})
            known = _remembered(project, look.names) if choice is None and look.names else None
            if known is not None:
                look = look_at(file, given["format"], {"columns": known})
            return Shown(**named, look=look, is_remembered=known is not None, choice=choice or {})
        except Refused as refusal:
            return Shown(**named, look=None, refusal=refusal, choice=choice or {})


def _remember(project: Project, names: Sequence[str], columns: Mapping[str, str]) -> None:
    ColumnMapping.objects.update_or_create(
        project=project, header_sha256=_header(names), defaults={"columns": dict(columns), "used_at": Now()}
    )


def _remembered(project: Project, names: Sequence[str]) -> dict[str, str] | None:
    found = ColumnMapping.objects.in_project(project).filter(header_sha256=_header(names)).first()
    return dict(found.columns) if found is not None else None


def _header(names: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(sorted(names)).encode()).hexdigest()


def _forget(staged: StagedImport) -> None:
    names = [given["name"] for given in staged.files]
    staged.delete()
    for name in names:
        default_storage.delete(name)
