"""The dataset card of Hugging Face: a README whose head says which file is which table."""

from __future__ import annotations

import json
from collections.abc import Iterator

from claims.exporting.writers.card import About, Card
from claims.exporting.writers.methods import limitations, paragraph, splitting

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def card_of(about: About) -> str:
    return "\n".join([*_head(about), "", *_body(about)]) + "\n"


def _head(about: About) -> Iterator[str]:
    """YAML; a JSON string is a YAML string. Tables without rows have no types to load, and are no configuration."""
    labels = about.manifest["counts"]["labels"]
    size = next((word for limit, word in SIZES if labels < limit), "1M<n<10M")
    yield "---"
    yield f"pretty_name: {json.dumps(about.name, ensure_ascii=False)}"
    yield f"license: {about.licence.lower() or 'unknown'}"
    yield "task_categories:\n  - text-classification"
    yield f"size_categories:\n  - {size}"
    filled = [(table, file) for table, file in about.best_files().items() if file["rows"]]
    if filled:
        yield "configs:"
    for table, file in filled:
        yield f"  - config_name: {table}"
        yield f"    data_files: {file['name']}"
        if table == "labels":
            yield "    default: true"
    yield "---"


def _body(about: About) -> Iterator[str]:
    yield f"# {about.name}\n"
    if about.manifest["title"]:
        yield about.manifest["title"] + "\n"
    yield "## How it was made\n"
    yield paragraph(about) + "\n"
    yield "## Tables\n"
    yield "| table | rows | what a row is |\n| --- | ---: | --- |"
    for name, table in about.manifest["tables"].items():
        yield f"| {name} | {table['rows']} | {table['title']} |"
    yield "\n## Annotations\n"
    yield (
        "All answers of every reviewer are in `labels`, how they are shared out in `soft_labels`, and what was settled "
        "in `settled`, with its method; `no_agreement` is an outcome there. The questions as they were asked are in "
        "`codebooks`.\n"
    )
    if plan := about.manifest.get("splits"):
        yield "## Splits\n"
        yield splitting(plan) + "\n"
        yield "| split | units |\n| --- | ---: |"
        yield "".join(f"| {split} | {n} |\n" for split, n in plan["units"].items())
    yield "## Personal and sensitive information\n"
    yield f"{about.manifest['notes']['pseudonyms']} {about.manifest['notes']['free_text']} The articles name people.\n"
    yield "## Limitations\n"
    yield "".join(f"- {sentence}\n" for sentence in limitations(about))
    if about.manifest["errata"]:
        yield "## Errata\n"
        yield "".join(f"- {erratum}\n" for erratum in about.manifest["errata"])
    yield "## Licence\n"
    yield f"Labels: {about.licence or 'none is stated'}. Articles: rights stay with their publishers."


HUGGINGFACE = Card("Hugging Face: a dataset card over Parquet files", {"README.md": card_of}, needs=("parquet",))
