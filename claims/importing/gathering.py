"""What is given to be imported: each file or text with its format and facts, or the reason why it is left out."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO, cast

from django.core.files.base import ContentFile, File

from claims.errors import Refused
from claims.importing.addresses import check_url
from claims.importing.archives import open_archive
from claims.importing.readers import EXTENSIONS, READERS, ReadOptions, RecordError, format_of
from claims.importing.readers.lines import check_is_text
from claims.text import ARTICLE_CHARS, clean_line, clean_text

UPLOAD_BYTES = 50_000_000
UPLOAD_FILES = 200
SINGLE = ("text", "html", "pdf")  # formats whose files hold one article
IN_THE_JOB = ("html", "pdf", "xlsx", "zip", "warc")  # nothing of these is parsed before the job runs
OPTIONS = frozenset({"format", "encoding", "delimiter", "columns", "tables"})


@dataclass(frozen=True)
class LeftOut:
    """A file that cannot be imported, and why; what was given beside it goes in."""

    filename: str
    refusal: Refused


@dataclass(frozen=True)
class Given:
    """One file to import and what is known of it."""

    file: File[Any]
    filename: str
    format: str
    facts: dict[str, Any]

    @property
    def bytes(self) -> BinaryIO:
        inner = self.file.file
        return cast(BinaryIO, inner if isinstance(inner, io.IOBase) else self.file)

    @cached_property
    def measured(self) -> tuple[str, int]:
        """(SHA-256, number of lines) of the bytes."""
        return measure(self.bytes)

    @property
    def expected(self) -> int:
        """How many articles to expect, as far as that can be told without parsing."""
        if self.format in ("csv", "jsonl"):
            return self.measured[1] - (self.format == "csv")
        return int(self.facts.get("members", 1))


def facts_of(*, title: str = "", url: str = "", outlet: str = "", options: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := sorted(set(options) - OPTIONS):
        raise Refused(
            "unknown_option",
            f"“{unknown[0][:40]}” is not an option. Options: {', '.join(sorted(OPTIONS))}.",
            status=400,
        )
    if url:
        check_url(url)
    named = {"title": clean_line(title)[:500], "url": url.strip(), "outlet": clean_line(outlet)[:200]}
    return {key: value for key, value in {**named, **options}.items() if value}


def gather(
    files: Sequence[File[Any]], text: str, facts: Mapping[str, Any], each: Sequence[Mapping[str, Any]]
) -> list[Given | LeftOut]:
    """What is to be imported, each with its format, and what has none. Title and address belong to one article, not to
    many files."""
    found: list[Given | LeftOut] = []
    for at, file in enumerate(files):
        found.append(_with_format(file, {**facts, **(each[at] if at < len(each) else {})}, _name_among(file, found)))
    if text.strip():
        found.append(_pasted(text, facts))
    if not found:
        raise Refused("nothing_to_import", "There is nothing to import. Paste a text or choose files.")
    if len(found) > UPLOAD_FILES:
        raise Refused("too_many_files", f"These are {len(found)} files; at most {UPLOAD_FILES} go into one import.")
    for item in found[: len(files)]:
        if isinstance(item, Given) and (len(found) > 1 or item.format not in SINGLE):
            item.facts.pop("title", None)
            item.facts.pop("url", None)
    return found


def _pasted(text: str, facts: Mapping[str, Any]) -> Given | LeftOut:
    try:
        clean_text(text, limit=ARTICLE_CHARS, code="article_too_long")
    except Refused as refusal:
        return LeftOut("", refusal)
    content = ContentFile(text.encode("utf-8", "ignore"), name="")
    pasted = {key: value for key, value in facts.items() if key in ("title", "url", "outlet")}
    return Given(content, "", "text", pasted | {"encoding": "utf-8"})


def _name_among(file: File[Any], others: Sequence[Given | LeftOut]) -> str:
    """The file's name; another one where a file of the same upload has it, so that what is said of each is kept."""
    filename = clean_line((file.name or "").replace("\\", "/").rpartition("/")[2])[:290]
    stem, dot, end = filename.rpartition(".")
    taken, n = {other.filename for other in others}, 1
    name = filename
    while name in taken:
        n += 1
        name = f"{stem} ({n}){dot}{end}" if dot else f"{filename} ({n})"
    return name


def _with_format(file: File[Any], facts: dict[str, Any], filename: str) -> Given | LeftOut:
    format_ = facts.pop("format", None) or format_of(file.name or "")
    if format_ in READERS:
        return Given(file, filename, format_, facts)
    ends = ", ".join(f".{end}" for end in EXTENSIONS)
    sentence = f"There is no reader for “{filename[:80]}”. Give {ends} files."
    return LeftOut(filename, Refused("unsupported_format", sentence, status=415))


def sort_out(found: Sequence[Given | LeftOut], limit: int | None) -> tuple[list[Given], list[LeftOut]]:
    """What can be imported and what cannot. Raises Refused, with the first reason, when nothing can."""
    given: list[Given] = []
    refused: list[LeftOut] = []
    for item in found:
        if isinstance(item, LeftOut):
            refused.append(item)
            continue
        try:
            _check(item, limit)
            given.append(item)
        except Refused as refusal:
            refused.append(LeftOut(item.filename, refusal))
    if not given:
        raise refused[0].refusal
    return given, refused


def _check(given: Given, limit: int | None) -> None:
    """Refuse at once what can be seen at once; what is no plain text is not parsed here but in the job."""
    if limit is not None and given.file.size > limit:
        shown = given.filename or "The text"
        raise Refused(
            "too_large", f"{shown} has {given.file.size:,} bytes; at most {limit:,} are taken here.", status=413
        )
    data = given.bytes
    data.seek(0)
    if given.format in IN_THE_JOB:
        check_beginning(data, given.format, given.filename)
        if given.format == "zip":
            data.seek(0)
            with open_archive(data) as archive:
                given.facts["members"] = len(archive.infolist())
    else:
        facts = given.facts
        options = ReadOptions(
            member=given.filename,
            encoding=facts.get("encoding"),
            delimiter=facts.get("delimiter"),
            columns=facts.get("columns") or {},
        )
        found = READERS[given.format](data, options)
        first = next(found, None)
        if first is not None and not isinstance(first, RecordError):
            facts["found"] = {"encoding": first.encoding, "confidence": first.encoding_confidence}
        del found, first
    data.seek(0)


def check_beginning(data: BinaryIO, format_: str, filename: str) -> None:
    """Refuse what its first bytes show not to be of its format; nothing is parsed. Raises Refused: `empty`,
    `unsupported_content` (415)."""
    data.seek(0)
    head = data.read(1 << 16)
    data.seek(0)
    if format_ == "html":
        check_is_text(head)
    if len(head) < 1 << 16 and not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise Refused("empty", f"{filename} is empty. Give a file with at least one article.")
    if format_ == "pdf" and b"%PDF-" not in head[:1024]:
        raise Refused(
            "unsupported_content", f"{filename} is named .pdf and is no PDF. Give the PDF itself.", status=415
        )


def measure(data: BinaryIO) -> tuple[str, int]:
    """(SHA-256, number of lines) of the bytes."""
    digest, lines, last = hashlib.sha256(), 0, b"\n"
    data.seek(0)
    while part := data.read(1 << 20):
        digest.update(part)
        lines += part.count(b"\n")
        last = part
    data.seek(0)
    return digest.hexdigest(), lines + (not last.endswith(b"\n"))
