"""The registry of export formats. To add one: a module in this folder and a line here.

A Writer takes the rows of one table one by one and gives bytes; a Document takes joined records and gives the files of
one format; a Card is about a release as a whole and is written last. The same rows always give the same bytes.
"""

from __future__ import annotations

from claims.exporting.writers.annotations import BRAT, CONLL, WEB_ANNOTATION
from claims.exporting.writers.card import Card
from claims.exporting.writers.citation import CITATION
from claims.exporting.writers.croissant import CROISSANT
from claims.exporting.writers.csv import CSV, CSV_RAW
from claims.exporting.writers.dataset_card import HUGGINGFACE
from claims.exporting.writers.disagreement import LABEL_STUDIO, LEWIDI
from claims.exporting.writers.document import Document
from claims.exporting.writers.factchecks import AVERITEC, CLAIMREVIEW, FEVER, LIAR
from claims.exporting.writers.jsonl import JSONL
from claims.exporting.writers.parquet import PARQUET
from claims.exporting.writers.stances import FNC1
from claims.exporting.writers.table import Column, Writer
from claims.exporting.writers.xlsx import XLSX

__all__ = ["CARDS", "DOCUMENTS", "TABULAR", "WRITERS", "Card", "Column", "Document", "Writer"]

TABULAR: dict[str, Writer] = {
    "jsonl": JSONL,
    "csv": CSV,
    "csv_raw": CSV_RAW,
    "parquet": PARQUET,
    "xlsx": XLSX,
}
DOCUMENTS: dict[str, Document] = {
    "averitec": AVERITEC,
    "fever": FEVER,
    "fnc1": FNC1,
    "liar": LIAR,
    "lewidi": LEWIDI,
    "claimreview": CLAIMREVIEW,
    "web_annotation": WEB_ANNOTATION,
    "brat": BRAT,
    "conll": CONLL,
    "label_studio": LABEL_STUDIO,
}
CARDS: dict[str, Card] = {
    "citation": CITATION,
    "huggingface": HUGGINGFACE,
    "croissant": CROISSANT,
}
WRITERS: dict[str, Writer | Document | Card] = {**TABULAR, **DOCUMENTS, **CARDS}
