"""The ways a codebook is taken in."""

from __future__ import annotations

from claims.errors import Refused
from claims.labelling.codebook import CodebookSpec, spec_from_document, spec_from_toml
from claims.labelling.codebook_text import document_from_table
from claims.text import strict_json

FORMATS = {"toml": "TOML", "json": "JSON", "table": "a pasted table: question, code, definition, example"}


def read_codebook(text: str, kind: str, title: str = "") -> CodebookSpec:
    """A codebook from text in one of FORMATS; raises Refused."""
    if kind == "table":
        return spec_from_document(document_from_table(text, title=title.strip()[:120] or "My codebook"))
    if kind == "json":
        document = strict_json(text)
        if not isinstance(document, dict):
            raise Refused("invalid_codebook", "The codebook is a JSON object with id, title and questions.")
        return spec_from_document(document)
    if kind == "toml":
        return spec_from_toml(text)
    raise Refused("unknown_format", f"A codebook comes as {', '.join(FORMATS)}.")
