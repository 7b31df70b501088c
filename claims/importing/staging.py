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
from claims.importing.actions import start_import
from claims.importing.gathering import UPLOAD_BYTES, UPLOAD_FILES, LeftOut, check_beginning
from claims.importing.packed import look_into, tables_in
from claims.importing.readers import LOOKS, Fault, Look, ReadOptions, format_of
from claims.models import ColumnMapping, Job, Project, StagedImport, User
from claims.permissions import check_can, check_not_archived
from claims.text import clean_line

TABLES = ("csv", "xlsx", "jsonl")
ROWS = 5
MOST_TABLES = 20
MOST_STAGED = 20  # of one person in one project
KEPT = timedelta(days=1)
UNREADABLE = ("empty", "file_gone", "too_large", "unsupported_content", "unsupported_format")  # however one reads them

Choice = Mapping[str, Any]  # {"encoding", "delimiter", "columns"}, each only where a person chose


@dataclass(frozen=True)
class ShownRow:
    """One row of a preview: its cells, each with whether it is the one at fault, and the fault."""

    cells: list[tuple[str, bool]]
    fault: Fault | None


@dataclass(frozen=True)
class Shown:
    """One staged file, or the tables of one kind in a staged archive, as it is read now; `refusal` says why it cannot
    be. `others` are the tables that are read like the one shown."""

    filename: str
    format: str
    size: int | None
    look: Look | None
    refusal: Refused | None = None
    is_remembered: bool = False
    choice: Choice = field(default_factory=dict)
    others: int = 0

    @property
    def rows(self) -> list[ShownRow]:
        """The first rows with what the import would say of them."""
        if self.look is None:
            return []
        column = {field: self.look.names.index(name) for field, name in self.look.columns.items()}
        faults = {fault.row: fault for fault in self.look.faults if fault.row is not None}
        shown = []
        for at, cells in enumerate(self.look.rows):
            fault = faults.get(at)
            wrong = column.get(fault.field) if fault is not None else None
            shown.append(ShownRow([(cell, n == wrong) for n, cell in enumerate(cells)], fault))
        return shown

    @property
    def faults_below(self) -> list[Fault]:
        """The first of those that stand below the rows shown."""
        return [fault for fault in self.look.faults if fault.row is None][:ROWS] if self.look is not None else []

    @property
    def is_choosable(self) -> bool:
        """Whether another way of reading it may help."""
        return self.refusal is not None and self.refusal.code not in UNREADABLE and self.format in LOOKS


def needs_look(file: File[Any]) -> bool:
    """A table, an archive with one, or a text in an encoding that could be another (UP-13): somebody should look before
    it goes in."""
    format_ = format_of(file.name or "")
    if format_ == "zip":
        return bool(tables_in(bytes_of(file)))
    if format_ != "text":
        return format_ in TABLES
    try:
        return look_at(file, "text", {}).encoding_confidence < 1
    except Refused as refusal:
        return refusal.code == "encoding_unknown"


def look_at(file: File[Any], format_: str, choice: Choice) -> Look:
    """Read the beginning of a file. Raises Refused with what is wrong with the file as a whole."""
    data = bytes_of(file)
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


def bytes_of(file: File[Any]) -> BinaryIO:
    inner = file.file
    return cast(BinaryIO, inner if isinstance(inner, io.IOBase) else file)


def stage_files(project: Project, files: Sequence[File[Any]], *, by: User, **facts: str) -> StagedImport:
    """Keep uploaded files for their person to look at; one that cannot be taken is listed with the reason.

    Raises Refused: `too_many_files`, `too_many_tables`, `too_many_staged` (429); where no file can be taken, why the
    first cannot: `too_large` (413), `unsupported_format` (415).
    """
    check_can("import", by, project)
    check_not_archived(project)
    refused = [_refusal_of(file) for file in files]
    if refused and all(refused) and refused[0] is not None:
        raise refused[0]
    if len(files) > UPLOAD_FILES:
        raise Refused("too_many_files", f"These are {len(files)} files; at most {UPLOAD_FILES} go into one import.")
    if sum(format_of(file.name or "") in TABLES for file in files) > MOST_TABLES:
        raise Refused("too_many_tables", f"At most {MOST_TABLES} tables are looked at together. Choose fewer.")
    if StagedImport.objects.in_project(project).filter(created_by=by).count() >= MOST_STAGED:
        raise Refused(
            "too_many_staged", f"{MOST_STAGED} of your uploads wait to be looked at. Do these first.", status=429
        )
    kept = [_keep(file, refusal) for file, refusal in zip(files, refused, strict=True)]
    with transaction.atomic():
        staged = StagedImport.objects.create(
            project=project, files=kept, facts={name: said for name, said in facts.items() if said}, created_by=by
        )
        audit.record("stage_import", staged, by=by, files=len(kept))
    return staged


def show_staged(staged: StagedImport, choices: Sequence[Choice] = ()) -> list[Shown]:
    """Each place (`places_of`) as it reads with these choices; without any, as it was read the last time in the
    project."""
    return [
        _shown(staged.project, given, tables, choices[at] if at < len(choices) else None)
        for at, (given, tables) in enumerate(places_of(staged))
    ]


def places_of(staged: StagedImport) -> list[tuple[Mapping[str, Any], Sequence[str]]]:
    """What is shown and chosen for, in this order: each file, and after an archive its tables, those that are alike
    together."""
    return [(given, tables) for given in staged.files for tables in ([], *given.get("tables", []))]


def import_staged(staged: StagedImport, choices: Sequence[Choice], *, by: User) -> Job:
    """Start the import of staged files as chosen, and remember the choice for tables of the same columns.

    Raises Refused: what `start_import` does; the files stay staged then.
    """
    chosen = [
        (given, tables, choices[at] if at < len(choices) else {})
        for at, (given, tables) in enumerate(places_of(staged))
        if given["name"]
    ]
    kept = [given for given, tables, _ in chosen if not tables]
    each = [_with_tables(given, choice, chosen) for given, tables, choice in chosen if not tables]
    if not all(default_storage.exists(given["name"]) for given in kept):
        raise _gone()
    left_out = [LeftOut(given["filename"], Refused(*given["refused"])) for given in staged.files if not given["name"]]
    with ExitStack() as opened:
        files = [
            File(opened.enter_context(default_storage.open(given["name"])).file, name=given["filename"])
            for given in kept
        ]
        facts = {name: staged.facts.get(name, "") for name in ("text", "title", "outlet", "url")}
        job = start_import(staged.project, files=files, each=each, left_out=left_out, by=by, **facts)
        opened_files = {given["name"]: file for given, file in zip(kept, files, strict=True)}
        for given, tables, choice in chosen:
            if choice.get("columns") and (tables or given["format"] in TABLES):
                _remember_choice(staged.project, opened_files[given["name"]], given["format"], tables, choice)
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


def _with_tables(given: Mapping[str, Any], choice: Choice, chosen: Sequence[Any]) -> Choice:
    """The choice for a file, with those for the tables in it."""
    inside = [[said, tables] for archive, tables, said in chosen if archive is given and tables and any(said.values())]
    return {**choice, "tables": inside} if inside else choice


def _gone() -> Refused:
    return Refused("file_gone", "The file that was chosen is not kept any more. Choose it again.", status=410)


def _refusal_of(file: File[Any]) -> Refused | None:
    shown = clean_line(file.name or "")[:80]
    if format_of(file.name or "") is None:
        return Refused("unsupported_format", f"There is no reader for “{shown}”.", status=415)
    if file.size > UPLOAD_BYTES:
        sentence = f"{shown} has {file.size:,} bytes; at most {UPLOAD_BYTES:,} are taken here."
        return Refused("too_large", sentence, status=413)
    return None


def _keep(file: File[Any], refusal: Refused | None) -> dict[str, Any]:
    format_ = format_of(file.name or "") or ""
    return {
        "tables": tables_in(bytes_of(file)) if format_ == "zip" and not refusal else [],
        "name": "" if refusal else default_storage.save(f"imports/{uuid.uuid4().hex}", file),
        "filename": clean_line((file.name or "").replace("\\", "/").rpartition("/")[2])[:300],
        "format": format_,
        "size": file.size,
        "refused": [refusal.code, refusal.sentence] if refusal else None,
    }


def _shown(project: Project, given: Mapping[str, Any], tables: Sequence[str], choice: Choice | None) -> Shown:
    named = {name: given[name] for name in ("filename", "format", "size")}
    if tables:
        inside = clean_line(tables[0])
        named |= {"filename": f"{given['filename']}/{inside}", "format": format_of(tables[0]), "size": None}
        named["others"] = len(tables) - 1
    if not given["name"]:
        return Shown(**named, look=None, refusal=Refused(*given["refused"]))
    try:
        stored = default_storage.open(given["name"])
    except FileNotFoundError:
        return Shown(**named, look=None, refusal=_gone(), choice=choice or {})
    with stored as opened:
        file = File(opened.file, name=given["filename"])
        try:
            if named["format"] not in LOOKS:
                check_beginning(cast(BinaryIO, opened.file), given["format"], given["filename"])
                return Shown(**named, look=None)
            look = _look(file, given["format"], tables, choice or {})
            known = _remembered(project, look.names) if choice is None and look.names else None
            if known is not None:
                look = _look(file, given["format"], tables, {"columns": known})
            return Shown(**named, look=look, is_remembered=known is not None, choice=choice or {})
        except Refused as refusal:
            return Shown(**named, look=None, refusal=refusal, choice=choice or {})


def _look(file: File[Any], format_: str, tables: Sequence[str], choice: Choice) -> Look:
    return look_into(bytes_of(file), tables[0], choice, ROWS) if tables else look_at(file, format_, choice)


def _remember_choice(project: Project, file: File[Any], format_: str, tables: Sequence[str], choice: Choice) -> None:
    """For tables of the same columns; of one that was left out because it cannot be read, nothing."""
    try:
        names = _look(file, format_, tables, choice).names
    except Refused:
        return
    ColumnMapping.objects.update_or_create(
        project=project, header_sha256=_header(names), defaults={"columns": dict(choice["columns"]), "used_at": Now()}
    )


def _remembered(project: Project, names: Sequence[str]) -> dict[str, str] | None:
    found = ColumnMapping.objects.in_project(project).filter(header_sha256=_header(names)).first()
    return dict(found.columns) if found is not None else None


def _header(names: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(sorted(names)).encode()).hexdigest()


def _forget(staged: StagedImport) -> None:
    names = [given["name"] for given in staged.files]
    staged.delete()
    for name in filter(None, names):
        default_storage.delete(name)
