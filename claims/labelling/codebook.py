"""Codebooks as plain values: read from TOML or JSON, checked, hashed, and asked of a reviewer's answers.

A codebook is a list of questions. Answers are {question code: choice code | [choice codes] | [sources] | number |
{"missing": reason}}; what is written in free text comes beside them as notes, and evidence as a list of items.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from claims.errors import Problem, Refused
from claims.labelling.answer_faults import chosen, find_answer_faults
from claims.labelling.codebook_faults import find_faults
from claims.vocabulary import LEVELS_OF_KIND

Words = Mapping[str, Mapping[str, str]]  # language -> field -> the words in it
LATER_FIELDS = ("replaces", "translations")  # left out where empty, so that codebooks without them keep their hash
FOLDER = Path(__file__).parent / "codebooks"
# One line a preset: its name in forms and commands, and its file.
PRESETS: dict[str, Path] = {
    "main": FOLDER / "main.toml",
    "full": FOLDER / "full.toml",
    "stance": FOLDER / "stance.toml",
    "factcheck": FOLDER / "factcheck.toml",
    "bias": FOLDER / "bias.toml",
    "attribution": FOLDER / "attribution.toml",
    "outlet": FOLDER / "outlet.toml",
    "triage": FOLDER / "triage.toml",
    "desk": FOLDER / "desk.toml",
}
TAKES: dict[str, tuple[str, ...]] = {"full": ("outlet",)}  # whose questions come behind a preset's own


@dataclass(frozen=True)
class ChoiceSpec:
    """One answer on offer. `needs_evidence` lists the relations of which the reviewer must bring an item each."""

    code: str
    label: str
    definition: str = ""
    example: str = ""
    counterexample: str = ""
    key: str = ""
    collapsed_to: str = ""
    aliases: tuple[str, ...] = ()
    needs_evidence: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()  # codes of earlier versions that were renamed to it or merged into it
    translations: Words = field(default_factory=dict)


@dataclass(frozen=True)
class QuestionSpec:
    """One question about one kind of unit. It is asked if every earlier question named in `ask_if` was answered with
    one of the codes listed for it. The order of the choices is their rank where the level is ordinal or interval."""

    code: str
    title: str
    kind: str
    level: str
    unit: str
    help: str = ""
    required: bool = True
    key: str = ""
    ask_if: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[ChoiceSpec, ...] = ()
    replaces: tuple[str, ...] = ()
    translations: Words = field(default_factory=dict)

    def choice(self, code: str) -> ChoiceSpec | None:
        return next((choice for choice in self.choices if choice.code == code), None)

    def find_choice(self, written: str) -> ChoiceSpec | None:
        """The choice that a dataset means: by code, label or alias, regardless of case and outer spaces."""
        wanted = written.strip().casefold()
        for choice in self.choices:
            if wanted in {name.casefold() for name in (choice.code, choice.label, *choice.aliases)}:
                return choice
        return None


@dataclass(frozen=True)
class CodebookSpec:
    """A whole codebook. `document` is its canonical form, the same bytes of which are hashed."""

    id: str
    title: str
    questions: tuple[QuestionSpec, ...]
    version: str = "1.0.0"
    language: str = "en"
    description: str = ""

    def question(self, code: str) -> QuestionSpec | None:
        return next((question for question in self.questions if question.code == code), None)

    def with_questions(self, questions: tuple[QuestionSpec, ...]) -> CodebookSpec:
        """The part of the codebook that a round asks."""
        return replace(self, questions=questions)

    @cached_property
    def document(self) -> dict[str, Any]:
        """Plain JSON values, complete: every field is present, so that two spellings of one codebook hash alike."""
        written: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        for part in (*written["questions"], *(c for question in written["questions"] for c in question["choices"])):
            for name in LATER_FIELDS:
                if not part[name]:
                    del part[name]
        return written

    def in_language(self, language: str) -> CodebookSpec:
        """The codebook with the words of a language where it has them: pt-BR, else pt, else its own. Codes stay."""
        questions = (
            replace(_said(question, language), choices=tuple(_said(choice, language) for choice in question.choices))
            for question in self.questions
        )
        return replace(self, questions=tuple(questions))

    @cached_property
    def canonical_json(self) -> str:
        return json.dumps(self.document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 (hex) of the canonical JSON in UTF-8."""
        return hashlib.sha256(self.canonical_json.encode()).hexdigest()


Part = TypeVar("Part", QuestionSpec, ChoiceSpec)


def _said(part: Part, language: str) -> Part:
    words = {name.casefold(): said for name, said in part.translations.items()}
    wanted = language.casefold()
    found = words.get(wanted) or words.get(wanted.split("-")[0]) or {}
    said: dict[str, Any] = {name: value for name, value in found.items() if value}
    return replace(part, **said)


def load_preset(name: str) -> CodebookSpec:
    """A codebook that comes with the product, by its name in PRESETS."""
    document = _read_preset(name)
    for taken in TAKES.get(name, ()):
        document["questions"] += _read_preset(taken)["questions"]
    return spec_from_document(document)


def _read_preset(name: str) -> dict[str, Any]:
    return tomllib.loads(PRESETS[name].read_text(encoding="utf-8"))


def spec_from_toml(text: str) -> CodebookSpec:
    """Read a codebook from TOML; raises Refused `invalid_toml` or `invalid_codebook`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused("invalid_toml", f"The codebook is not valid TOML: {error}. Correct that place.") from None
    return spec_from_document(document)


def spec_from_document(document: Mapping[str, Any]) -> CodebookSpec:
    """Read a codebook from plain values; raises Refused `invalid_codebook` with one problem a fault."""
    problems = find_faults(document)
    if problems:
        raise Refused("invalid_codebook", " ".join(problem.sentence for problem in problems), problems=problems)
    named = {name: document[name] for name in ("id", "title", "version", "language", "description") if name in document}
    return CodebookSpec(**named, questions=tuple(_question(written) for written in document["questions"]))


def _question(written: Mapping[str, Any]) -> QuestionSpec:
    ask_if = {code: tuple(codes) for code, codes in written.get("ask_if", {}).items()}
    choices = tuple(_choice(choice) for choice in written.get("choices", ()))
    level = written.get("level") or LEVELS_OF_KIND[written["kind"]][0]
    replaces = tuple(written.get("replaces", ()))
    return QuestionSpec(**{**written, "level": level, "ask_if": ask_if, "choices": choices, "replaces": replaces})


def _choice(written: Mapping[str, Any]) -> ChoiceSpec:
    lists = {name: tuple(written.get(name, ())) for name in ("aliases", "needs_evidence", "replaces")}
    return ChoiceSpec(**{**written, **lists})


def applicable_questions(spec: CodebookSpec, answers: Mapping[str, Any]) -> list[QuestionSpec]:
    """The questions that these answers lead to, in order.

    A missing reason opens nothing. A condition on a question that the spec does not hold (a round may ask a part of
    a codebook) cannot be asked of anybody and so does not close the question.
    """
    present = {question.code for question in spec.questions}
    open_: list[QuestionSpec] = []
    for question in spec.questions:
        reached = {earlier.code for earlier in open_}
        conditions = [(code, codes) for code, codes in question.ask_if.items() if code in present]
        if all(code in reached and chosen(answers.get(code)) & set(codes) for code, codes in conditions):
            open_.append(question)
    return open_


def collapse(question: QuestionSpec, value: Any) -> Any:
    """The value in the question's collapsed view; a choice that names no coarser one stands for itself."""
    if isinstance(value, list | tuple) and question.kind != "chain":
        return sorted({collapse(question, code) for code in value})
    choice = question.choice(value) if isinstance(value, str) else None
    return choice.collapsed_to or choice.code if choice else value


def check_answers(
    spec: CodebookSpec,
    answers: Mapping[str, Any],
    evidence: Sequence[Mapping[str, Any]] = (),
    notes: Mapping[str, str] | None = None,
) -> list[Problem]:
    """What is wrong with a reviewer's answers, in the order of the questions; an empty list when nothing is."""
    return find_answer_faults(spec.questions, applicable_questions(spec, answers), answers, evidence, notes or {})
