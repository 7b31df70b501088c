"""Which column or key of a file is which field of an article, and how one row becomes a record."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from claims.errors import Refused
from claims.importing.addresses import check_url
from claims.importing.dates import parse_stated_date
from claims.importing.readers.record import Fault, ReadOptions, Record, RecordError
from claims.text import ARTICLE_CHARS, check_left, clean_text

CELL_CHARS = 1_000_000
_NAME_CHARS = 300  # longer than a question of a survey as a column's name
_INVISIBLE = re.compile("[\ufeff\u200b-\u200f\u2060]")
COLUMNS = 200
# Names that published datasets and content systems use for the same thing; the first is ours.
ALIASES: dict[str, tuple[str, ...]] = {
    "text": (
        "text",
        "body",
        "content",
        "article",
        "article_text",
        "article_body",
        "full_text",
        "maintext",
        "plain_text",
    ),
    "title": ("title", "headline", "heading", "article_title", "name"),
    "url": ("url", "link", "href", "article_url", "source_url", "permalink", "web_url"),
    "outlet": (
        "outlet",
        "publisher",
        "source",
        "site",
        "site_name",
        "sitename",
        "publication",
        "news_outlet",
        "source_name",
    ),
    "author": ("author", "authors", "byline", "creator", "writer"),
    "published_at": (
        *("published_at", "published", "date", "publish_date", "publication_date", "date_published", "datepublished"),
        *("pubdate", "pub_date", "publishedat", "date_publish", "timestamp", "created_at"),
    ),
    "language": ("language", "lang", "language_code", "locale"),
    "content_warnings": ("content_warnings", "content_warning"),
}
_LIMITS = {"title": 500, "url": 2_000, "outlet": 200, "author": 300, "published_at": 100, "language": 35}
_LIMITS |= {"content_warnings": 1_000}
_LISTS = ("author", "content_warnings")  # JSON may give them as lists


def match_columns(names: Iterable[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """Return {our field: the file's name} for the names that are known; what a person chose goes before aliases, and
    a field that was given no name ("") gets none.

    Raises Refused `unknown_column` when a chosen name is not in the file or a field does not exist.
    """
    listed = list(names)
    for field, name in chosen.items():
        if field not in ALIASES or (name and name not in listed):
            raise Refused(
                "unknown_column",
                f"“{name[:60]}” cannot be the {field[:40]}. Fields: {', '.join(ALIASES)}. Columns: {_shown(listed)}.",
            )
    known = {_plain(name): name for name in reversed(listed) if name not in chosen.values()}
    found = dict(chosen)
    for field, aliases in ALIASES.items():
        alias = next((alias for alias in aliases if alias in known), None)
        if field not in found and alias is not None:
            found[field] = known[alias]
    return {field: name for field, name in found.items() if name}


def header_name(cell: str) -> str:
    """A column's name without white space round it and without the invisible marks that editors leave."""
    return " ".join(_INVISIBLE.sub("", cell).split())


def check_is_header(names: Sequence[str]) -> None:
    """Raise Refused `no_header` when the first row is an article itself: it would be lost as the columns' names."""
    aliases = {alias for listed in ALIASES.values() for alias in listed}
    if any(_plain(name) in aliases for name in names):
        return
    if found := next((name for name in names if _is_value(name)), ""):
        raise Refused(
            "no_header",
            f"The first row is not a header: “{found[:40]}” is no column’s name. "
            "Put a row with the columns’ names, such as title,text,url,published_at, before it.",
        )


def _is_value(name: str) -> bool:
    if len(name) > _NAME_CHARS or name.lower().startswith(("http://", "https://")):
        return True
    try:
        return bool(parse_stated_date(name))
    except (ValueError, OverflowError):
        return False


def check_header(names: list[str]) -> None:
    """Raise Refused `too_many_columns` or `duplicate_column` for a header that is of no use."""
    if len(names) > COLUMNS:
        raise Refused("too_many_columns", f"The header has {len(names):,} columns; at most {COLUMNS} are read.")
    doubled = [name for name, count in Counter(names).items() if count > 1 and name]
    if doubled:
        found = ", ".join(name[:40] for name in names[:20])
        raise Refused("duplicate_column", f"The column “{doubled[0][:40]}” stands twice. Found: {found}. Rename one.")


def check_text_column(columns: Mapping[str, str], names: Iterable[str]) -> None:
    """Raise Refused `missing_column` when nothing in the file is the article's text."""
    if "text" not in columns:
        raise Refused(
            "missing_column",
            f"There is no column with the text. Found: {_shown(list(names))}. "
            f"Expected one named {', '.join(ALIASES['text'][:4])}, or say which it is.",
        )


def build_record(
    row: Mapping[str, Any], columns: Mapping[str, str], options: ReadOptions, line: int
) -> Record | RecordError:
    """Turn one row or object into a record, or say which cell is wrong: `empty`, `cell_too_long`, `article_too_long`,
    `invalid_field`, `invalid_date`, `invalid_url`, `scheme_not_allowed`, `credentials_in_url`."""
    field = ""  # the one that is looked at
    try:
        cells = {}
        for field, name in columns.items():
            cells[field] = _cell(field, row.get(name))
        field = "text"
        text = clean_text(cells.get("text", ""), limit=ARTICLE_CHARS, code="article_too_long")
        check_left(cells.get("text", ""), text, "The text is empty. Every article needs one.")
        field = "url"
        if url := cells.get("url", ""):
            check_url(url)
        field = "published_at"
        published_at = _date(cells.get("published_at", ""))
        field, used = "", set(columns.values())
        extra = {_clean(name): _clean(value) for name, value in row.items() if name not in used}
    except Refused as refusal:
        return RecordError(code=refusal.code, sentence=refusal.sentence, member=options.member, line=line, field=field)
    return Record(
        text=text.text,
        title=cells.get("title", ""),
        url=url,
        outlet=cells.get("outlet", ""),
        author=cells.get("author", ""),
        published_at=published_at,
        published_how="stated" if published_at else "unknown",
        language=cells.get("language", "").lower(),
        warnings=tuple(cells.get("content_warnings", "").lower().replace(",", " ").replace(";", " ").split()),
        extra=extra,
        member=options.member,
        line=line,
        control_chars_removed=text.control_chars_removed,
        encoding=options.encoding or "utf-8",
        encoding_confidence=options.encoding_confidence,
    )


def _cell(field: str, value: Any) -> str:
    if value is None:
        return ""
    if (
        isinstance(value, list)
        and field in ("author", "content_warnings")
        and all(isinstance(name, str) for name in value)
    ):
        value = ", ".join(value)
    if not isinstance(value, str):
        raise Refused("invalid_field", f"{field} must be text, not {type(value).__name__}. Put it in quotation marks.")
    if len(value) > CELL_CHARS:
        code = "article_too_long" if field == "text" else "cell_too_long"
        raise Refused(code, f"The {field} has {len(value):,} characters; at most {CELL_CHARS:,} are taken.")
    if field == "text":
        return value
    return " ".join(clean_text(value, limit=_LIMITS[field], code="cell_too_long").text.split())


def _date(stated: str) -> datetime | None:
    if not stated:
        return None
    try:
        return parse_stated_date(stated)
    except (ValueError, OverflowError) as error:
        raise Refused(
            "invalid_date", f"“{stated[:40]}” is not a date. Write it as 2017-12-14 or 2017-12-14T09:30:00+01:00."
        ) from error


def _clean(value: Any) -> Any:
    """Pass every text inside a JSON value through the text gate."""
    if isinstance(value, str):
        return clean_text(value, limit=CELL_CHARS, code="cell_too_long").text
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(item) for name, item in value.items()}
    return value


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _shown(names: list[str]) -> str:
    shown = ", ".join(name[:40] for name in names[:20]) or "none"
    return f"{shown} and {len(names) - 20} more" if len(names) > 20 else shown


CHECKED = 200  # rows whose faults are shown before an import


class Preview:
    """The first rows of a table with what its import would say of them."""

    def __init__(self, shown: int) -> None:
        self._shown = shown
        self.rows: list[list[str]] = []
        self.faults: list[Fault] = []
        self.checked = 0

    @property
    def is_full(self) -> bool:
        return self.checked >= CHECKED

    def add(self, cells: list[str] | None, found: Record | RecordError | None) -> None:
        """Take one row: its cells, if it could be cut into some, and what it becomes, if that is known yet."""
        self.checked += 1
        is_shown = cells is not None and len(self.rows) < self._shown
        if isinstance(found, RecordError):
            place = len(self.rows) if is_shown else None
            self.faults.append(
                Fault(code=found.code, sentence=found.sentence, line=found.line, field=found.field, row=place)
            )
        if cells is not None and is_shown:
            self.rows.append(cells)
