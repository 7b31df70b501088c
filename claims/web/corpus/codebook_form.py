"""Between the editor's form and a codebook document: one question at a time, so that no form grows too long."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from claims.labelling.codebook import CodebookSpec

SPARE_CHOICES = 2
MAX_ROWS = 64
CHOICE_WORDS = ("label", "definition", "example", "counterexample", "key", "collapsed_to")


def question_from(post: QueryDict, before: dict[str, Any] | None) -> dict[str, Any]:
    """The question that the form describes. What the form does not show (translations, say) is kept from `before`."""
    before = before or {}
    question: dict[str, Any] = {name: post.get(name, "").strip() for name in ("code", "title", "help", "kind", "unit")}
    question |= {name: post.get(name, "").strip() for name in ("level", "key") if post.get(name, "").strip()}
    question["required"] = bool(post.get("required"))
    question["ask_if"] = _condition(post.get("ask_if", ""))
    for name in ("minimum", "maximum"):
        question[name] = _number(post.get(name, ""))
    question["replaces"] = _with(before.get("replaces", []), before.get("code", ""), question["code"])
    question["translations"] = before.get("translations", {})
    question["choices"] = _choices(post, {choice["code"]: choice for choice in before.get("choices", [])})
    return question


def _choices(post: QueryDict, before: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows in the order of their numbers; merged ones go into the choice that was named, with code and words."""
    rows: list[tuple[float, dict[str, Any]]] = []
    merged: list[tuple[str, dict[str, Any]]] = []
    for n in range(MAX_ROWS):
        given = {name: post.get(f"c-{n}-{name}", "").strip() for name in ("code", *CHOICE_WORDS)}
        if not (given["code"] or given["label"]) or post.get(f"c-{n}-retire"):
            continue
        old = before.get(post.get(f"c-{n}-was", ""), {})
        choice: dict[str, Any] = given
        choice["aliases"] = [word.strip() for word in post.get(f"c-{n}-aliases", "").split(",") if word.strip()]
        choice["needs_evidence"] = post.getlist(f"c-{n}-needs_evidence")
        choice["replaces"] = _with(old.get("replaces", []), old.get("code", ""), given["code"])
        choice["translations"] = old.get("translations", {})
        if heir := post.get(f"c-{n}-into", ""):
            merged.append((heir, choice))
        else:
            place = _number(post.get(f"c-{n}-place", ""))
            rows.append((place if isinstance(place, int | float) else n + 1, choice))
    choices = [choice for _, choice in sorted(rows, key=lambda row: row[0])]
    for heir, gone in merged:
        target = next((choice for choice in choices if heir in (choice["code"], *choice["replaces"])), None)
        if target is None:  # merged into what is going too: it stays, and the person sees it
            choices.append(gone)
            continue
        target["replaces"] = [*target["replaces"], gone["code"], *gone["replaces"]]
        names = {name.casefold() for name in (target["code"], target["label"], *target["aliases"])}
        aliases = [gone["label"], *gone["aliases"]]
        target["aliases"] = [*target["aliases"], *(name for name in aliases if name.casefold() not in names)]
    return choices


def _with(replaced: list[str], old: str, new: str) -> list[str]:
    """A new code stands for the old one from now on."""
    found = [*replaced, old] if old and old != new else list(replaced)
    return [code for code in dict.fromkeys(found) if code != new]


def _condition(written: str) -> dict[str, list[str]]:
    """Lines such as `stance = supports, refutes`."""
    condition = {}
    for line in written.splitlines():
        asked, _, codes = line.partition("=")
        if line.strip():
            condition[asked.strip()] = [code.strip() for code in codes.split(",") if code.strip()]
    return condition


def _number(written: str) -> float | str | None:
    written = written.strip()
    if not written:
        return None
    try:
        number = float(written.replace(",", "."))
    except ValueError:
        return written
    return int(number) if number.is_integer() else number


def condition_lines(ask_if: dict[str, list[str]]) -> str:
    return "\n".join(f"{asked} = {', '.join(codes)}" for asked, codes in ask_if.items())


def rows_of(question: dict[str, Any]) -> list[dict[str, Any]]:
    """Choices for the form, with spare rows."""
    known = [{**choice, "was": choice["code"]} for choice in question.get("choices", [])]
    return [*known, *({} for _ in range(SPARE_CHOICES))]


def with_question(document: dict[str, Any], code: str, question: dict[str, Any] | None) -> dict[str, Any]:
    """The document with the question of this code replaced (None: left out), or one more at its end.

    Conditions of later questions follow a changed code.
    """
    questions = []
    is_known = any(one["code"] == code for one in document["questions"])
    for one in document["questions"]:
        if one["code"] == code:
            questions += [question] if question else []
        elif question and code in one.get("ask_if", {}) and question["code"] != code:
            ask_if = {question["code"] if asked == code else asked: codes for asked, codes in one["ask_if"].items()}
            questions.append({**one, "ask_if": ask_if})
        else:
            questions.append(one)
    if question and not is_known:
        questions.append(question)
    return {**document, "questions": questions}


def moved(document: dict[str, Any], code: str, by: int) -> dict[str, Any]:
    questions = list(document["questions"])
    at = next((n for n, one in enumerate(questions) if one["code"] == code), None)
    if at is not None and 0 <= at + by < len(questions):
        questions.insert(at + by, questions.pop(at))
    return {**document, "questions": questions}


def part_about(spec: CodebookSpec, code: str) -> CodebookSpec:
    """What a reviewer would see with the question: all questions of its unit."""
    question = spec.question(code) or spec.questions[0]
    return spec.with_questions(tuple(one for one in spec.questions if one.unit == question.unit))
