"""Codebooks as programs take them in and change them."""

from __future__ import annotations

from claims.api.bodies import Line, Shape, Text, Truth, Values, Word
from claims.labelling.codebook_formats import FORMATS
from claims.labelling.drafting import CHANGELOG_CHARS

SEEN = {"min_length": 64, "max_length": 64, "help_text": "The draft's sha256 as you read it."}


class CodebookText(Shape):
    text = Text(help_text="The codebook as text.")
    format = Word(list(FORMATS), default="toml")
    title = Line(required=False, default="", allow_blank=True, max_length=120, help_text="Of a table, which has none.")
    publish = Truth(default=False)


class CodebookChange(Shape):
    document = Values(help_text="The whole codebook, as `get_codebook` gives it.")
    expected_sha256 = Line(**SEEN)


class SeenDraft(Shape):
    expected_sha256 = Line(**SEEN)


class CodebookPublication(SeenDraft):
    changelog = Text(required=False, default="", help_text=f"What changed; at most {CHANGELOG_CHARS:,} characters.")
