"""What every reader yields: articles as they were found, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from typing import Any, BinaryIO, Protocol


@dataclass(frozen=True, kw_only=True)
class Record:
    """One article from one place of a file: text through the text gate, metadata as far as the file states it.

    `published_how` is one of unknown, stated, metadata, text, url. `is_stated` says that a person or a data set named
    the outlet, and not a page about itself. `line` counts from 1, `member` names the file, `recipe` says how the text
    was made.
    """

    text: str
    title: str = ""
    url: str = ""
    outlet: str = ""
    is_stated: bool = True
    author: str = ""
    published_at: datetime | None = None
    published_how: str = "unknown"
    language: str = ""
    warnings: tuple[str, ...] = ()  # codes of the project's topics
    extra: Mapping[str, Any] = dataclass_field(default_factory=dict)
    member: str = ""
    line: int | None = None
    control_chars_removed: int = 0
    encoding: str = "utf-8"
    encoding_confidence: float = 1.0
    recipe: str = "clean_text 1"
    remarks: tuple[tuple[str, str], ...] = ()  # (code, sentence): what whoever imported it should know
    links: tuple[str, ...] = ()  # canonical addresses on other sites that the text leads to
    reviews: tuple[Any, ...] = ()  # datasets.Finding: what a fact-check's page says of a claim in its own metadata


@dataclass(frozen=True, kw_only=True)
class RecordError:
    """One place of a file that gave no article, with the reason; `field` is the one of ours that is at fault."""

    code: str
    sentence: str
    member: str = ""
    line: int | None = None
    field: str = ""


PASSED = RecordError(code="passed_over", sentence="An earlier run took this one.")


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """What is known beside the bytes. `columns` maps our field names to the file's own, `url` is the page's address,
    `charset` is what the server said of the encoding, `encoding` a person's answer, or what was found once the file is
    open; `tables` are the answers for members of an archive, by their names. Of the first `done` items a reader may
    yield PASSED instead of reading them again: an import that was killed goes on where it was."""

    done: int = 0

    member: str = ""
    encoding: str | None = None
    encoding_confidence: float = 1.0
    delimiter: str | None = None
    columns: Mapping[str, str] = dataclass_field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Any]] = dataclass_field(default_factory=dict)
    url: str = ""
    charset: str = ""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What the import would say of a row as it is read now; `row` is its place among those shown, None beyond them."""

    code: str
    sentence: str
    line: int | None = None
    field: str = ""
    row: int | None = None


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a table is taken for before anything of it is imported. `columns` maps our fields to the file's names,
    `escape` is what stands before a quotation mark inside a cell, `faults` are those of the first `checked` rows."""

    names: list[str]
    rows: list[list[str]]
    columns: Mapping[str, str]
    encoding: str = "utf-8"
    encoding_confidence: float = 1.0
    delimiter: str = ""
    escape: str = ""
    faults: list[Fault] = dataclass_field(default_factory=list)
    checked: int = 0


class Reader(Protocol):
    """Turns the bytes of one file into records, one at a time. Raises Refused when the file as a whole is of no use."""

    def __call__(self, data: BinaryIO, options: ReadOptions) -> Iterator[Record | RecordError]: ...
