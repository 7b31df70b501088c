"""Claims that somebody enters by hand: a speech, a message, a post, a picture, with who said it, when and where."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import File
from django.db import transaction

from claims import audit, jobs
from claims.errors import NotFound, Refused
from claims.importing.addresses import check_url
from claims.importing.attachments import keep_file
from claims.importing.dates import parse_stated_date
from claims.importing.spoken import place_entries
from claims.models import Claim, ClaimSource, ClaimVersion, Project, User
from claims.permissions import check_can, check_not_archived
from claims.text import clean_line, clean_text

KINDS = ("speech", "message", "post", "image", "video")
CLAIM_CHARS = 2_000
PASTED_ROWS = 500
PASTED_CHARS = 2_000_000
# What the columns of a pasted table may be called; in this order when it has no header.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "claim", "statement"),
    "speaker": ("speaker", "who", "author", "said by"),
    "said_at": ("said_at", "date", "when", "day"),
    "place": ("place", "where"),
    "url": ("url", "link", "address"),
    "kind": ("kind", "type"),
}


@dataclass(frozen=True)
class Entry:
    """A claim as it was typed; `said_at` is a date in ISO form or empty."""

    text: str
    kind: str = "speech"
    speaker: str = ""
    said_at: str = ""
    place: str = ""
    url: str = ""
    file: File[Any] | None = None


@dataclass(frozen=True)
class PastedRow:
    """A row of a pasted table, and what is wrong with it."""

    line: int
    entry: Entry
    fault: Refused | None = None


def enter_claim(project: Project, entry: Entry, *, by: User, claim: Claim | None = None) -> ClaimSource:
    """Write a claim with where it was said; with `claim`, say that it is this one, said once more.

    Raises Refused: `claim_missing`, `claim_too_long`, `unknown_kind`, `invalid_date`, what `check_url` raises,
    `too_large` (413).
    """
    check_can("import", by, project)
    check_not_archived(project)
    if claim is not None and claim.project_id != project.pk:
        raise NotFound
    checked = check_entry(entry)
    if entry.file is not None:
        checked |= keep_file(entry.file)
    with transaction.atomic():
        return _write(project, [checked], by=by, claim=claim)[0]


def enter_rows(project: Project, rows: Sequence[PastedRow], *, by: User) -> list[ClaimSource]:
    """Write the claims of a pasted table, all or none. Raises Refused: `nothing_to_import`, `too_many_rows`, and what
    is wrong with the first faulty row."""
    check_can("import", by, project)
    check_not_archived(project)
    if not rows:
        raise Refused("nothing_to_import", "There is nothing to add. Paste rows of a spreadsheet.")
    for row in rows:
        if row.fault is not None:
            raise Refused(row.fault.code, f"Row {row.line}: {row.fault.sentence}")
    with transaction.atomic():
        return _write(project, [check_entry(row.entry) for row in rows], by=by)


def read_pasted(text: str) -> list[PastedRow]:
    """The rows of a table as a spreadsheet puts it on the clipboard: cells between tabs, with a header or without.

    Raises Refused: `too_many_rows`, `no_text_column`.
    """
    if len(text) > PASTED_CHARS:
        raise Refused("too_many_rows", f"At most {PASTED_CHARS:,} characters are pasted at once.", status=413)
    rows = [
        (n, row)
        for n, row in enumerate(csv.reader(text.splitlines(keepends=True), delimiter="\t"), 1)
        if any(map(str.strip, row))
    ]
    if not rows:
        return []
    names = _header(rows[0][1])
    if names is None:
        names = list(COLUMNS)
    else:
        rows = rows[1:]
    if "text" not in names:
        raise Refused("no_text_column", "No column is the claim. Call one “claim”.")
    if len(rows) > PASTED_ROWS:
        raise Refused("too_many_rows", f"These are {len(rows):,} rows; at most {PASTED_ROWS} are added at once.")
    return [_pasted(line, cells, names) for line, cells in rows]


def check_entry(entry: Entry) -> dict[str, Any]:
    """The columns of a source and the claim's text, through the text gate. Raises Refused like `enter_claim`."""
    text = " ".join(clean_text(entry.text, limit=CLAIM_CHARS, code="claim_too_long").text.split())
    if not text:
        raise Refused("claim_missing", "The claim is missing. Write what was said, in one sentence.")
    if entry.kind not in KINDS:
        raise Refused("unknown_kind", f"“{entry.kind[:40]}” is not a kind of source. Kinds: {', '.join(KINDS)}.")
    if entry.url:
        check_url(entry.url)
    try:
        said_at = parse_stated_date(entry.said_at) if entry.said_at else None
    except (ValueError, OverflowError) as error:
        raise Refused(
            "invalid_date", f"“{entry.said_at[:40]}” is not a date. Write it as 2026-03-01 or 2026-03-01T09:30+01:00."
        ) from error
    return {
        "text": text,
        "kind": entry.kind,
        "speaker": clean_line(entry.speaker)[:300],
        "said_at": said_at,
        "place": clean_line(entry.place)[:300],
        "url": entry.url,
    }


def _write(
    project: Project, checked: Sequence[dict[str, Any]], *, by: User, claim: Claim | None = None
) -> list[ClaimSource]:
    texts = [columns.pop("text") for columns in checked]
    claims = [claim] if claim else Claim.objects.bulk_create([Claim(project=project, text=text) for text in texts])
    if claim is None:
        ClaimVersion.objects.bulk_create(
            [ClaimVersion(claim=one, n=1, text=one.text, origin="person", created_by=by) for one in claims]
        )
        jobs.enqueue("match_claims", project=project, by=by, args={"claims": [one.pk for one in claims]})
    sources = ClaimSource.objects.bulk_create(
        [
            ClaimSource(
                project=project,
                claim=one,
                text_sha256=hashlib.sha256(text.encode()).hexdigest(),
                extra={} if text == one.text else {"said": text},
                created_by=by,
                **columns,
            )
            for one, text, columns in zip(claims, texts, checked, strict=True)
        ]
    )
    place_entries(sources, texts, by=by)
    audit.record("enter_claims", sources[0], by=by, claims=len(sources))
    return sources


def _header(cells: Sequence[str]) -> list[str] | None:
    """Our names of the columns where the first row names any of them; None when it is a row like the others."""
    names = [_named(cell) for cell in cells]
    return names if any(names) else None


def _named(cell: str) -> str:
    folded = " ".join(cell.casefold().replace("_", " ").split())
    return next((name for name, known in COLUMNS.items() if folded in {one.replace("_", " ") for one in known}), "")


def _pasted(line: int, cells: Sequence[str], names: Sequence[str]) -> PastedRow:
    said = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
    entry = Entry(
        text=said.get("text", ""),
        kind=said.get("kind", "").casefold() or "speech",
        speaker=said.get("speaker", ""),
        said_at=said.get("said_at", ""),
        place=said.get("place", ""),
        url=said.get("url", ""),
    )
    try:
        if len(cells) > len(names) and any(cells[len(names) :]):
            raise Refused("column_mismatch", f"The row has {len(cells)} cells; there are {len(names)} columns.")
        check_entry(entry)
    except Refused as refusal:
        return PastedRow(line, entry, refusal)
    return PastedRow(line, entry)
