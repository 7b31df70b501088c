"""How to cite and deposit a release: CITATION.cff (version 1.2.0) and the metadata a Zenodo deposit is created with."""

from __future__ import annotations

import json
from typing import Any

from claims.exporting.writers.card import About, Card
from claims.exporting.writers.methods import methods_of, paragraph

KEYWORDS = ("fact-checking", "claims", "news", "annotation", "inter-annotator agreement")


def _quoted(text: str) -> str:
    """A JSON string is a YAML string."""
    return json.dumps(text, ensure_ascii=False)


def citation_of(about: About) -> str:
    project = about.manifest["project"]["name"]
    lines = [
        "cff-version: 1.2.0",
        "message: If you use this dataset, please cite it as below.",
        "type: dataset",
        f"title: {_quoted(about.name)}",
        "authors:",
        f"  - name: {_quoted(project)}",
        f"version: {_quoted(str(about.manifest['release']))}",
        f"date-released: {about.made_on.isoformat()}",
        *([f"license: {_quoted(about.licence)}"] if about.licence else []),
        f"abstract: {_quoted(paragraph(about))}",
        "keywords:",
        *(f"  - {_quoted(word)}" for word in KEYWORDS),
        "identifiers:",
        "  - type: other",
        f"    value: {_quoted('sha256:' + about.manifest['as_of']['digest'])}",
        '    description: "Digest of the seal that the release is as of"',
    ]
    return "\n".join(lines) + "\n"


def deposit_of(about: About) -> str:
    """The body of a new deposit. Without a licence nobody may be told that access is open."""
    access: dict[str, Any] = {"access_right": "closed"}
    if about.licence:
        access = {"access_right": "open", "license": about.licence.lower()}
    metadata = {
        "upload_type": "dataset",
        "title": about.name,
        "creators": [{"name": about.manifest["project"]["name"]}],
        "description": paragraph(about),
        "publication_date": about.made_on.isoformat(),
        "version": str(about.manifest["release"]),
        "keywords": list(KEYWORDS),
        "notes": "Checksums of all files are in manifest.json.",
        **access,
    }
    return json.dumps({"metadata": metadata}, ensure_ascii=False, indent=2) + "\n"


CITATION = Card(
    "Citation, deposit metadata for Zenodo, and a methods paragraph",
    {"CITATION.cff": citation_of, "methods.md": methods_of, "zenodo.json": deposit_of},
)
