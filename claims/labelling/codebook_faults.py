"""What is wrong with a codebook as it was written: plain values in, problems with sentences out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from claims.errors import Problem
from claims.vocabulary import LEVELS_OF_KIND, MISSING_REASONS, RELATIONS, UNIT_KINDS

CODE = re.compile(r"[a-z0-9][a-z0-9_]{0,39}", re.ASCII)
IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}", re.ASCII)
LISTS_OF_WORDS = ("aliases", "needs_evidence", "replaces")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.ASCII | re.IGNORECASE)
TRANSLATED_OF_QUESTION = ("title", "help")
TRANSLATED_OF_CHOICE = ("label", "definition", "example", "counterexample")
NEEDS_CHOICES = ("nominal", "ordinal", "set", "relation")
TAKES_NO_CHOICES = ("text", "evidence", "chain")
# What the labelling page itself listens to: moving between marks, questions and units, the claim, evidence, note,
# guideline, skipping, flagging, confidence, help, search, and the two missing reasons that have a key.
PAGE_KEYS = frozenset("npjkubemgsfcv?/09")
MAX_QUESTIONS = 60
MAX_CHOICES = 60

# field -> (type, longest text)
CODEBOOK_FIELDS: dict[str, tuple[type | tuple[type, ...], int]] = {
    "id": (str, 60),
    "title": (str, 120),
    "version": (str, 40),
    "language": (str, 12),
    "description": (str, 5000),
    "questions": ((list, tuple), MAX_QUESTIONS),
}
QUESTION_FIELDS: dict[str, tuple[type | tuple[type, ...], int]] = {
    "code": (str, 40),
    "title": (str, 200),
    "help": (str, 5000),
    "kind": (str, 16),
    "level": (str, 16),
    "unit": (str, 24),
    "required": (bool, 0),
    "key": (str, 1),
    "ask_if": (Mapping, MAX_QUESTIONS),
    "minimum": ((int, float, type(None)), 0),
    "maximum": ((int, float, type(None)), 0),
    "choices": ((list, tuple), MAX_CHOICES),
    "replaces": ((list, tuple), 60),
    "translations": (Mapping, 40),
}
CHOICE_FIELDS: dict[str, tuple[type | tuple[type, ...], int]] = {
    "code": (str, 40),
    "label": (str, 120),
    "definition": (str, 5000),
    "example": (str, 5000),
    "counterexample": (str, 5000),
    "key": (str, 1),
    "collapsed_to": (str, 40),
    "aliases": ((list, tuple), 100),
    "needs_evidence": ((list, tuple), 3),
    "replaces": ((list, tuple), 60),
    "translations": (Mapping, 40),
}


def find_faults(document: Mapping[str, Any]) -> list[Problem]:
    """Every fault of a codebook document; an empty list when it can be used."""
    shape = [*_field_faults("codebook", document, CODEBOOK_FIELDS, ("id", "title", "questions"))]
    if shape:
        return shape
    faults = []
    if not IDENTIFIER.fullmatch(document["id"]):
        faults.append(_code_fault("id", document["id"], "The codebook's id"))
    if not document["questions"]:
        faults.append(Problem("questions", "no_questions", "A codebook asks at least one question. Add one."))
    earlier: dict[str, Mapping[str, Any]] = {}
    keys: dict[str, str] = {}
    for n, question in enumerate(document["questions"], 1):
        found = list(_question_faults(n, question, earlier, keys))
        faults += found
        if isinstance(question, Mapping) and isinstance(question.get("code"), str):
            earlier[question["code"]] = question
    return faults


def _field_faults(
    place: str,
    written: Any,
    fields: Mapping[str, tuple[type | tuple[type, ...], int]],
    needed: Sequence[str],
) -> Iterator[Problem]:
    """Fields that are unknown, absent, of the wrong type or too long."""
    if not isinstance(written, Mapping):
        yield Problem(place, "invalid_value", f"{place} must be a table of fields, not {type(written).__name__}.")
        return
    for name in sorted(set(written) - set(fields)):
        yield Problem(place, "unknown_field", f"{place} has no field {name!r}. Its fields are {', '.join(fields)}.")
    for name in needed:
        if name not in written or written[name] == "":
            yield Problem(place, "missing_field", f"{place} has no {name!r}; it needs one.")
    for name, (types, longest) in fields.items():
        if name in written:
            yield from _value_faults(place, name, written[name], types, longest)


def _value_faults(place: str, name: str, value: Any, types: type | tuple[type, ...], longest: int) -> Iterator[Problem]:
    number_from_yes_or_no = isinstance(value, bool) and types is not bool
    if not isinstance(value, types) or number_from_yes_or_no:
        yield Problem(place, "invalid_value", f"{place}: {name} cannot be {str(value)[:60]!r}.")
    elif isinstance(value, str | list | tuple | Mapping) and len(value) > longest:
        yield Problem(place, "too_long", f"{place}: {name} is longer than {longest}. Shorten it.")
    elif (
        name in LISTS_OF_WORDS and isinstance(value, list | tuple) and not all(isinstance(word, str) for word in value)
    ):
        yield Problem(place, "invalid_value", f"{place}: {name} is a list of words.")


def _code_fault(place: str, code: str, what: str) -> Problem:
    return Problem(
        place,
        "invalid_code",
        f"{what} {code!r} must be made of the letters a to z, digits and underscores: codes are stored for ever.",
    )


def _question_faults(
    n: int, question: Any, earlier: Mapping[str, Mapping[str, Any]], keys: dict[str, str]
) -> Iterator[Problem]:
    code = question.get("code") if isinstance(question, Mapping) else None
    place = f"question {code or n}"
    shape = list(_field_faults(place, question, QUESTION_FIELDS, ("code", "title", "kind", "unit")))
    if shape:
        yield from shape
        return
    if not CODE.fullmatch(question["code"]):
        yield _code_fault(place, question["code"], "The question's code")
    if question["code"] in earlier:
        yield Problem(place, "code_used_twice", f"Two questions have the code {code!r}. Give each its own.")
    yield from _kind_faults(place, question)
    yield from _key_faults(place, question.get("key", ""), keys, question["code"])
    yield from _condition_faults(place, question, earlier)
    yield from _later_faults(place, question, QUESTION_FIELDS, TRANSLATED_OF_QUESTION)
    yield from _choices_faults(place, question)


def _kind_faults(place: str, question: Mapping[str, Any]) -> Iterator[Problem]:
    kind, level, unit = question["kind"], question.get("level"), question["unit"]
    if kind not in LEVELS_OF_KIND:
        yield Problem(place, "unknown_kind", f"{place}: kinds are {', '.join(LEVELS_OF_KIND)}; not {kind!r}.")
        return
    if level and level not in LEVELS_OF_KIND[kind]:
        fitting = " or ".join(LEVELS_OF_KIND[kind])
        yield Problem(
            place, "level_does_not_fit", f"{place}: a {kind} question has the level {fitting}, not {level!r}."
        )
    if unit not in UNIT_KINDS:
        yield Problem(place, "unknown_unit", f"{place}: units are {', '.join(UNIT_KINDS)}; not {unit!r}.")
    n_choices = len(question.get("choices", ()))
    if kind in NEEDS_CHOICES and n_choices < 2:
        yield Problem(place, "too_few_choices", f"{place}: a {kind} question offers at least two choices.")
    if kind in TAKES_NO_CHOICES and n_choices:
        yield Problem(place, "choices_not_used", f"{place}: a {kind} question has no choices. Remove them.")
    low, high = question.get("minimum"), question.get("maximum")
    if low is not None and high is not None and low >= high:
        yield Problem(place, "empty_range", f"{place}: minimum {low} is not below maximum {high}.")


def _key_faults(place: str, key: str, keys: dict[str, str], owner: str) -> Iterator[Problem]:
    if not key:
        return
    if key in PAGE_KEYS:
        yield Problem(place, "key_is_taken", f"{place}: the key {key!r} belongs to the labelling page. Choose another.")
    elif key in keys:
        yield Problem(place, "key_used_twice", f"{place}: the key {key!r} is that of {keys[key]}. Choose another.")
    keys.setdefault(key, owner)


def _later_faults(
    place: str,
    written: Mapping[str, Any],
    fields: Mapping[str, tuple[type | tuple[type, ...], int]],
    translated: Sequence[str],
) -> Iterator[Problem]:
    """Codes of earlier versions that this one stands for, and the same words in other languages."""
    for code in written.get("replaces", ()):
        if not CODE.fullmatch(code):
            yield _code_fault(place, code, "The code that is replaced")
        elif code == written["code"]:
            yield Problem(place, "replaces_itself", f"{place}: {code!r} cannot replace itself. Leave it out.")
    for language, words in written.get("translations", {}).items():
        if not isinstance(language, str) or not LANGUAGE.fullmatch(language):
            sentence = f"{place}: {str(language)[:20]!r} is no language, like de or pt-BR."
            yield Problem(place, "unknown_language", sentence)
        elif not isinstance(words, Mapping) or set(words) - set(translated):
            named = ", ".join(translated)
            yield Problem(place, "invalid_value", f"{place}: translations into {language} hold {named}, nothing else.")
        else:
            for name, value in words.items():
                yield from _value_faults(f"{place} ({language})", name, value, *fields[name])


def _condition_faults(
    place: str, question: Mapping[str, Any], earlier: Mapping[str, Mapping[str, Any]]
) -> Iterator[Problem]:
    for asked, codes in question.get("ask_if", {}).items():
        if asked not in earlier:
            yield Problem(place, "condition_not_earlier", f"{place}: no earlier question is called {asked!r}.")
            continue
        offered = [choice.get("code") for choice in earlier[asked].get("choices", ()) if isinstance(choice, Mapping)]
        unknown = [code for code in codes if code not in offered] if isinstance(codes, list | tuple) else [codes]
        if unknown or not codes:
            listed = ", ".join(map(repr, unknown)) or "nothing"
            yield Problem(
                place,
                "condition_unknown_code",
                f"{place}: ask_if expects {listed} of {asked!r}, which does not offer it.",
            )


def _choices_faults(place: str, question: Mapping[str, Any]) -> Iterator[Problem]:
    keys: dict[str, str] = {}
    names: dict[str, str] = {}
    codes: list[str] = []
    for n, choice in enumerate(question.get("choices", ()), 1):
        code = choice.get("code") if isinstance(choice, Mapping) else None
        where = f"{place}, choice {code or n}"
        shape = list(_field_faults(where, choice, CHOICE_FIELDS, ("code", "label")))
        if shape:
            yield from shape
            continue
        yield from _choice_code_faults(where, choice, codes)
        yield from _key_faults(where, choice.get("key", ""), keys, choice["code"])
        yield from _name_faults(where, choice, names)
        yield from _later_faults(where, choice, CHOICE_FIELDS, TRANSLATED_OF_CHOICE)
        codes.append(choice["code"])
    yield from _rank_faults(place, question)


def _choice_code_faults(where: str, choice: Mapping[str, Any], codes: Sequence[str]) -> Iterator[Problem]:
    code, coarse = choice["code"], choice.get("collapsed_to", "")
    if not CODE.fullmatch(code) or (coarse and not CODE.fullmatch(coarse)):
        yield _code_fault(where, code if not CODE.fullmatch(code) else coarse, "The code")
    if code in codes:
        yield Problem(where, "code_used_twice", f"{where}: the code is used twice. Give each choice its own.")
    if code in MISSING_REASONS:
        yield Problem(
            where, "missing_is_not_a_choice", f"{where}: {code} is a missing reason, always on offer, and no value."
        )
    if set(choice.get("needs_evidence", ())) - set(RELATIONS):
        yield Problem(where, "unknown_relation", f"{where}: needs_evidence lists {', '.join(RELATIONS)}, nothing else.")


def _name_faults(where: str, choice: Mapping[str, Any], names: dict[str, str]) -> Iterator[Problem]:
    """A code, label or alias that already means another choice."""
    aliases = choice.get("aliases", ())
    for name in sorted({str(name).casefold() for name in (choice["code"], choice["label"], *aliases)}):
        if names.setdefault(name, choice["code"]) != choice["code"]:
            yield Problem(where, "name_used_twice", f"{where}: {name!r} already means {names[name]}. Remove one.")


def _rank_faults(place: str, question: Mapping[str, Any]) -> Iterator[Problem]:
    """In an ordered question the choices that collapse into one must stand side by side."""
    if question["kind"] not in ("ordinal", "interval"):
        return
    written = [choice for choice in question.get("choices", ()) if isinstance(choice, Mapping)]
    coarse = [choice.get("collapsed_to") or choice.get("code") for choice in written]
    runs = [code for n, code in enumerate(coarse) if n == 0 or coarse[n - 1] != code]
    if len(runs) != len(set(runs)):
        yield Problem(place, "collapse_breaks_order", f"{place}: choices that collapse into one must be neighbours.")
