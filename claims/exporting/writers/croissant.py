"""Croissant 1.1 with the responsible-AI vocabulary: which file holds which field of which type, and how it was made.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html and croissant-rai-spec.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from claims.exporting.writers.card import About, Card
from claims.exporting.writers.methods import limitations, paragraph
from claims.exporting.writers.table import Column

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
}
TERMS = [
    "arrayShape",
    "citeAs",
    "column",
    "containedIn",
    "equivalentProperty",
    "extract",
    "field",
    "fileObject",
    "fileProperty",
    "fileSet",
    "format",
    "includes",
    "isArray",
    "isLiveDataset",
    "jsonPath",
    "key",
    "md5",
    "parentField",
    "path",
    "recordSet",
    "references",
    "regex",
    "repeated",
    "replace",
    "samplingRate",
    "separator",
    "source",
    "subField",
    "transform",
]
TYPES = {"whole": "sc:Integer", "number": "sc:Float", "yes_no": "sc:Boolean", "time": "sc:DateTime"}
ENCODINGS = {
    "parquet": "application/x-parquet",
    "jsonl": "application/jsonlines",
    "csv": "text/csv",
}


def croissant_of(about: About) -> str:
    files = about.best_files()
    record_sets = [_record_set(table, about.columns[table], file) for table, file in files.items()]
    whole = {
        "@context": CONTEXT | {term: f"cr:{term}" for term in TERMS},
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": about.name,
        "description": paragraph(about),
        "version": f"{about.manifest['release']}.0.0",
        "datePublished": about.made_on.isoformat(),
        "license": about.licence or "No licence is stated.",
        "url": f"urn:sha256:{about.manifest['as_of']['digest']}",
        "creator": {"@type": "sc:Organization", "name": about.manifest["project"]["name"]},
        "citeAs": f"{about.manifest['project']['name']} ({about.made_on.year}). {about.name}.",
        "isLiveDataset": False,
        **dict(_responsible(about)),
        "distribution": [_file(file) for file in files.values()],
        "recordSet": record_sets,
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _responsible(about: About) -> Iterator[tuple[str, Any]]:
    rounds = about.facts["rounds"]
    yield "rai:dataCollection", "News articles that were imported by the project; claims were marked in their text."
    yield "rai:dataAnnotationProtocol", paragraph(about)
    yield "rai:dataAnnotationPlatform", ["Attest"]
    yield "rai:dataAnnotationAnalysis", [about.manifest["notes"]["agreement"]]
    if rounds:
        yield "rai:annotationsPerItem", ", ".join(f"{row['name']}: {row['overlap']}" for row in rounds)
    if machines := about.facts["machines"]:
        yield "rai:machineAnnotationTools", [f"{machines} machine annotators, marked as such in reviewers"]
    yield (
        "rai:personalSensitiveInformation",
        [
            about.manifest["notes"]["pseudonyms"],
            about.manifest["notes"]["free_text"],
            "The articles name people.",
        ],
    )
    yield "rai:dataLimitations", list(limitations(about))
    yield "rai:dataUseCases", ["Research on claims, on how they are judged, and on how far people agree about them."]
    yield (
        "rai:dataReleaseMaintenancePlan",
        "A release never changes. Corrections come as a further release that lists them as errata.",
    )


def _file(file: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file["name"],
        "name": file["name"],
        "contentUrl": file["name"],
        "contentSize": f"{file['bytes']} B",
        "encodingFormat": ENCODINGS[file["name"].rsplit(".")[-1]],
        "sha256": file["sha256"],
    }


def _record_set(table: str, columns: Any, file: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": table,
        "name": table,
        "field": [_field(table, column, file) for column in columns],
    }


def _field(table: str, column: Column, file: Mapping[str, Any]) -> dict[str, Any]:
    about = {"description": column.meaning} if column.meaning else {}
    return {
        "@type": "cr:Field",
        "@id": f"{table}/{column.name}",
        "name": column.name,
        **about,
        "dataType": TYPES.get(column.kind, "sc:Text"),
        "source": {"fileObject": {"@id": file["name"]}, "extract": {"column": column.name}},
    }


CROISSANT = Card(
    "Croissant 1.1 (JSON-LD): metadata for machines, with RAI fields",
    {"croissant.json": croissant_of},
    needs=("jsonl", "parquet", "csv", "csv_raw"),
)
