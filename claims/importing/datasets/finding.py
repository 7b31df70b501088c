"""What every reader of a data set yields: a claim with what others said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from claims.errors import Refused
from claims.importing.addresses import check_url
from claims.importing.dates import parse_stated_date
from claims.importing.readers.record import ReadOptions, RecordError
from claims.text import clean_line, clean_text

CLAIM_CHARS = 20_000


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a publisher said of a claim, in its own words."""

    publisher: str
    label: str
    url: str = ""
    published_at: datetime | None = None
    rating: float | None = None
    worst: float | None = None
    best: float | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One claim from one place of a file. `labels` maps a question's name in the file to one value or several."""

    text: str
    line: int
    kind: str = "dataset"
    speaker: str = ""
    said_at: datetime | None = None
    place: str = ""
    url: str = ""
    verdicts: tuple[Verdict, ...] = ()
    annotator: str = ""
    labels: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class QuestionShape:
    """What is known of a published question beforehand: its choices in order, each with its other spellings."""

    title: str
    kind: str = "nominal"
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


Item = Finding | RecordError
Read = Callable[[BinaryIO, ReadOptions], Iterator[Item]]


@dataclass(frozen=True)
class Dataset:
    """A shape of data sets. `shapes` has the questions that are known by their name in the file."""

    title: str
    read: Read
    shapes: Mapping[str, QuestionShape] = field(default_factory=dict)


class Faults:
    """Collects what is wrong with fields of one entry: the claim is kept, the field is left empty and named."""

    def __init__(self, options: ReadOptions, line: int) -> None:
        self.options = options
        self.line = line
        self.found: list[RecordError] = []

    def add(self, code: str, sentence: str) -> None:
        self.found.append(RecordError(code=code, sentence=sentence, member=self.options.member, line=self.line))

    def date(self, stated: object) -> datetime | None:
        if not isinstance(stated, str) or not stated.strip():
            return None
        try:
            return parse_stated_date(stated)
        except (ValueError, OverflowError):
            self.add("invalid_date", f"“{stated[:40]}” is not a date. The claim was kept without it.")
            return None

    def url(self, stated: object) -> str:
        if not isinstance(stated, str) or not stated.strip():
            return ""
        try:
            check_url(stated.strip())
        except Refused as refusal:
            self.add(refusal.code, f"{refusal.sentence} The claim was kept without the address.")
            return ""
        return stated.strip()[:2_000]


def claim_text(stated: object) -> str:
    """The claim through the text gate. Raises Refused: `invalid_field`, `empty`, `claim_too_long`."""
    if not isinstance(stated, str):
        raise Refused("invalid_field", "The claim must be text.")
    text = clean_text(stated, limit=CLAIM_CHARS, code="claim_too_long").text.strip()
    if not text:
        raise Refused("empty", "The claim is empty.")
    return text


def short(stated: object, limit: int = 300) -> str:
    """A field of one line; whatever is no text counts as nothing."""
    return clean_line(stated)[:limit] if isinstance(stated, str) else ""


def refused(refusal: Refused, options: ReadOptions, line: int) -> RecordError:
    return RecordError(code=refusal.code, sentence=refusal.sentence, member=options.member, line=line)
