"""Writing the files of a release: the same bytes each time, at constant memory, whatever the formats."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC
from typing import IO, Any

from claims.exporting.bare import bare_row
from claims.exporting.computed import places_of
from claims.exporting.editions import made_with_of
from claims.exporting.facts import facts_of
from claims.exporting.joined import records_of
from claims.exporting.manifest import build_manifest
from claims.exporting.records import TABLES, Table, batches_of
from claims.exporting.scope import Params, scope_of
from claims.exporting.streaming import Batch, stream
from claims.exporting.writers import CARDS, DOCUMENTS, TABULAR
from claims.exporting.writers.card import About
from claims.exporting.writers.document import Part
from claims.exporting.writers.jsonl import JSONL
from claims.models import Release

MANIFEST = "manifest.json"
TICK_EVERY = 2_000  # records
COUNTED = {
    "checked": TABLES["desk"].source,
    "judged": TABLES["units"].source,
    "texts": TABLES["articles"].source,
}  # source of records -> about as many rows

Tick = Callable[[int], None]  # how many rows were read since the last time


@dataclass
class BuiltFile:
    """A file on its way: written to disk, hashed and counted as it grows."""

    name: str
    format: str
    content: IO[bytes]
    rows: int = 0
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def write(self, part: bytes) -> None:
        self.content.write(part)
        self.digest.update(part)
        self.size += len(part)

    @property
    def entry(self) -> dict[str, Any]:
        sha256 = self.digest.hexdigest()
        return {"name": self.name, "format": self.format, "rows": self.rows, "bytes": self.size, "sha256": sha256}


@dataclass
class Built:
    """All files of a release and the manifest over them."""

    files: list[BuiltFile]
    manifest: dict[str, Any]
    rows: int


def build_files(release: Release, stack: ExitStack, tick: Tick = lambda rows: None) -> Built:
    """Write every table and document in every format to temporary files that live as long as `stack`."""
    params = scope_of(release)
    params["places"] = places_of(params)
    files: list[BuiltFile] = []
    tables: dict[str, dict[str, Any]] = {}
    for name, table in tables_of(release).items():
        formats = [each for each in release.formats if each in TABULAR]
        written = [new_file(stack, f"{name}.{TABULAR[each].extension}", each) for each in formats]
        tables[name] = write_table(name, table, params, written, tick)
        files += written
    total = sum(table["rows"] for table in tables.values())
    chosen = {each: DOCUMENTS[each].parts for each in release.formats if each in DOCUMENTS}
    made = {part.name: (part, new_file(stack, part.name, each)) for each, parts in chosen.items() for part in parts}
    read = write_documents(list(made.values()), params, tick)
    documents = {
        each: {part.name: {"records": _read_by(part, read), "rows": made[part.name][1].rows} for part in parts}
        for each, parts in chosen.items()
    }
    files += [file for _, file in made.values()]
    manifest = build_manifest(release, params, tables, documents, [each.entry for each in files])
    cards = _write_cards(release, params, manifest, stack)
    files += cards
    manifest["files"] += [each.entry for each in cards]
    last = new_file(stack, MANIFEST, "json")
    last.write(json.dumps(manifest, ensure_ascii=False, indent=2).encode() + b"\n")
    return Built([*files, last], manifest, total)


def expected_rows(release: Release) -> int:
    """How many rows and records will be read, for people who look on: counted by the database before it sorts and
    hands them over. Tables that are computed add what they have when they have it."""
    params, formats = scope_of(release), set(release.formats)
    queries = [table.source for table in tables_of(release).values() if table.compute is None]
    chosen = {source for name in formats & set(DOCUMENTS) for part in DOCUMENTS[name].parts for source in part.sources}
    queries += [COUNTED[source] for source in sorted(chosen)]
    return sum(rows for query in queries for (rows,) in stream(f"SELECT count(*) FROM ({query}) q", params))  # noqa: S608


def tables_of(release: Release) -> dict[str, Table]:
    """Those that there were when it was started."""
    edition = made_with_of(release)["edition"]
    return {name: table for name, table in TABLES.items() if table.since <= edition}


def _write_cards(release: Release, params: Params, manifest: dict[str, Any], stack: ExitStack) -> list[BuiltFile]:
    chosen = [each for each in release.formats if each in CARDS]
    if not chosen:
        return []
    columns = {name: table.columns for name, table in tables_of(release).items()}
    about = About(manifest, columns, release.created_at.astimezone(UTC).date(), facts_of(params))
    made = []
    for each in chosen:
        for name, write in CARDS[each].parts.items():
            made.append(new_file(stack, name, each))
            made[-1].write(write(about).encode("utf-8", "backslashreplace"))
    return made


def new_file(stack: ExitStack, name: str, format_: str) -> BuiltFile:
    return BuiltFile(name, format_, stack.enter_context(tempfile.TemporaryFile(prefix="release-")))


def write_table(
    name: str, table: Table, params: Params, files: Sequence[BuiltFile], tick: Tick = lambda rows: None
) -> dict[str, Any]:
    """Each row goes to all formats at once, and to the hash that says whether two formats hold the same."""
    written = [(TABULAR[each.format].begin(table.columns), each) for each in files]
    canonical = next((each for each in files if each.format == "jsonl"), None)  # which it is the hash of
    lines = JSONL.begin(table.columns)
    digest, rows = hashlib.sha256(), 0
    for part, each in written:
        each.write(part.head())
    for batch in _batches(name, table, params):
        if canonical is None:
            digest.update(lines.rows(batch))
        for part, each in written:
            each.write(part.rows(batch))
        rows += len(batch)
        tick(len(batch))
    for part, each in written:
        each.write(part.end())
        each.rows = rows
    return {"rows": rows, "sha256": (digest if canonical is None else canonical.digest).hexdigest()}


def _batches(name: str, table: Table, params: Params) -> Iterator[Batch]:
    given = batches_of(table, params)
    if params["has_texts"]:
        return given
    names = [column.name for column in table.columns]
    return ([bare_row(name, names, row) for row in batch] for batch in given)


def write_documents(
    made: Sequence[tuple[Part, BuiltFile]], params: Params, tick: Tick = lambda rows: None
) -> dict[str, int]:
    """Each record goes to all documents made of its source at once: {source: number of records}. Sources come in the
    order of their names, and so in each part what it begins with comes first."""
    read: dict[str, int] = {}
    begun = [(part, part.begin(), file) for part, file in made]
    for source in sorted({source for part, _ in made for source in part.sources}):
        written = [(part, entries, file) for part, entries, file in begun if source in part.sources]
        for part, entries, file in written:
            if source == part.sources[0]:
                file.write(entries.head())
        read[source] = 0
        for record in _ticking(records_of(source, params), tick):
            read[source] += 1
            for _, entries, file in written:
                file.write(entries.row(record))
        for part, entries, file in written:
            if source == part.source:
                file.write(entries.end())
                file.rows = entries.rows
    return read


def _read_by(part: Part, read: dict[str, int]) -> int:
    return sum(read[source] for source in part.sources)


def _ticking(rows: Iterable[Any], tick: Tick) -> Iterator[Any]:
    n = 0
    for n, row in enumerate(rows, 1):
        yield row
        if n % TICK_EVERY == 0:
            tick(TICK_EVERY)
    tick(n % TICK_EVERY)
