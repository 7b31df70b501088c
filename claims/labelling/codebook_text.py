"""Codebooks as text: written as TOML or JSON, and read from a table pasted out of a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from claims.errors import Problem, Refused

HEAD = ("id", "title", "version", "language", "description")
TABLE_COLUMNS = ("question", "code", "definition", "example")
MAX_PASTED = 500_000


def to_json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def to_toml(document: Mapping[str, Any]) -> str:
    """A codebook document as readable TOML; what is empty is left out, so reading it again gives the same codebook."""
    lines = [*_fields(document, skip=("questions",))]
    for question in document["questions"]:
        lines += ["", "[[questions]]", *_fields(question, skip=("choices",))]
        for choice in question.get("choices", ()):
            lines += ["", "[[questions.choices]]", *_fields(choice)]
    return "\n".join(lines) + "\n"


def _fields(written: Mapping[str, Any], skip: tuple[str, ...] = ()) -> Iterator[str]:
    for name, value in written.items():
        is_empty = value is None or value in ("", [], {}) or (name == "required" and value is True)
        if name not in skip and not is_empty:
            yield f"{name} = {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(str(k))} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for DEL, which TOML wants escaped
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    return json.dumps(value)


def document_from_table(pasted: str, *, title: str, unit: str = "claim_occurrence") -> dict[str, Any]:
    """A codebook from rows of question, code, definition and example, with tabs, semicolons or commas between them.

    An empty question cell means the question above. Each question becomes nominal; raises Refused `invalid_table`.
    """
    if len(pasted) > MAX_PASTED:
        raise Refused("invalid_table", f"The table has more than {MAX_PASTED:,} characters.", status=413)
    questions: list[dict[str, Any]] = []
    problems = []
    for n, cells in enumerate(_rows(pasted), 1):
        asked, label, definition, example = [*cells, "", "", ""][:4]
        if (asked.casefold(), label.casefold()) == TABLE_COLUMNS[:2]:
            continue
        if asked and (not questions or questions[-1]["title"] != asked):
            known = next((question for question in questions if question["title"] == asked), None)
            if known is not None:
                problems.append(Problem(f"row {n}", "question_parted", f"Row {n}: “{asked}” stands in two places."))
            taken = [question["code"] for question in questions]
            fields = {"title": asked, "kind": "nominal", "unit": unit}
            questions.append({"code": _code(asked, taken), **fields, "choices": []})
        if not questions or not label:
            problems.append(Problem(f"row {n}", "cell_missing", f"Row {n}: needs a question and a code."))
            continue
        choices = questions[-1]["choices"]
        key = str(len(choices) + 1) if len(choices) < 8 else ""
        code = _code(label, [choice["code"] for choice in choices])
        words = {"definition": definition, "example": example}
        choices.append({"code": code, "label": label, "key": key, **words})
    if not questions:
        problems.append(Problem("table", "empty", "The table has no rows of question, code, definition, example."))
    if problems:
        raise Refused("invalid_table", " ".join(problem.sentence for problem in problems), problems=problems)
    return {"id": _code(title, []).replace("_", "-"), "title": title, "questions": questions}


def _rows(pasted: str) -> Iterator[list[str]]:
    lines = pasted.replace("\r\n", "\n").strip("\n")
    first = lines.split("\n", 1)[0]
    between = next((mark for mark in "\t;," if mark in first), "\t")
    for row in csv.reader(io.StringIO(lines), delimiter=between):
        cells = [cell.strip() for cell in row]
        if any(cells):
            yield cells


def _code(words: str, taken: list[str]) -> str:
    """A code made of the words: a to z, digits and underscores, once."""
    plain = unicodedata.normalize("NFKD", words.casefold().replace("ß", "ss")).encode("ascii", "ignore").decode()
    found = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:36].rstrip("_") or "item"
    n, code = 1, found
    while code in taken:
        n += 1
        code = f"{found}_{n}"
    return code
