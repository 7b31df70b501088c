"""What differs between two versions of a codebook, and where the codes of the older one went. Plain Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from claims.labelling.codebook import ChoiceSpec, CodebookSpec, QuestionSpec

NOT_COMPARED = ("code", "choices", "replaces")
# What a reviewer reads before answering, and what the answer is made of: a change here makes older labels stale.
MEANING_OF_QUESTION = ("title", "help", "kind", "level", "unit", "ask_if", "minimum", "maximum")
MEANING_OF_CHOICE = ("definition", "needs_evidence")


@dataclass(frozen=True)
class Change:
    """One difference. `kind` is added, retired, renamed, merged, changed or moved; `choice` is empty for a question."""

    kind: str
    question: str
    choice: str = ""
    field: str = ""
    before: str = ""
    after: str = ""
    is_of_meaning: bool = False


@dataclass(frozen=True)
class Moved:
    """Where the answers that named a code went: `to_choice` is empty when the code was retired."""

    question: str
    choice: str
    to_question: str
    to_choice: str

    @property
    def kind(self) -> str:
        if not self.to_choice:
            return "retired"
        return "kept" if (self.question, self.choice) == (self.to_question, self.to_choice) else "moved"


def successor(question: QuestionSpec, newer: CodebookSpec) -> QuestionSpec | None:
    """The question of the newer version that stands for an older one."""
    replaced = (one for one in newer.questions if question.code in one.replaces)
    return newer.question(question.code) or next(replaced, None)


def _heir(choice: ChoiceSpec, question: QuestionSpec) -> ChoiceSpec | None:
    return question.choice(choice.code) or next((one for one in question.choices if choice.code in one.replaces), None)


def find_mapping(older: CodebookSpec, newer: CodebookSpec) -> list[Moved]:
    """Each choice of the older version, in its order, with the choice that stands for it now."""
    rows = []
    for question in older.questions:
        after = successor(question, newer)
        for choice in question.choices:
            heir = _heir(choice, after) if after else None
            rows.append(Moved(question.code, choice.code, after.code if after else "", heir.code if heir else ""))
    return rows


def find_changes(older: CodebookSpec, newer: CodebookSpec) -> list[Change]:
    """What was added, retired, renamed, merged and changed, in the order of the newer version; retired ones last."""
    changes = [Change("changed", "", "", *row) for row in _fields(older, newer, ("title", "description", "language"))]
    known: set[str] = set()
    for question in newer.questions:
        before = next((one for one in older.questions if one.code == question.code), None)
        before = before or next((one for one in older.questions if one.code in question.replaces), None)
        if before is None:
            changes.append(Change("added", question.code, after=question.title, is_of_meaning=True))
            continue
        known.add(before.code)
        changes += _of_question(before, question)
    gone = [question for question in older.questions if question.code not in known]
    for question in gone:
        kind = "merged" if successor(question, newer) else "retired"
        changes.append(Change(kind, question.code, before=question.title, is_of_meaning=True))
    common = [one.code for one in newer.questions if older.question(one.code)]
    if common != [one.code for one in older.questions if newer.question(one.code)]:
        changes.append(Change("moved", "", field="order of the questions", after=", ".join(common)))
    return changes


def _of_question(before: QuestionSpec, after: QuestionSpec) -> Iterator[Change]:
    if before.code != after.code:
        yield Change("renamed", after.code, before=before.code, after=after.code)
    names = [field.name for field in fields(QuestionSpec) if field.name not in NOT_COMPARED]
    for name, old, new in _fields(before, after, names):
        yield Change("changed", after.code, "", name, old, new, name in MEANING_OF_QUESTION)
    known: set[str] = set()
    for choice in after.choices:
        olds = [one for one in before.choices if one.code == choice.code or one.code in choice.replaces]
        known.update(one.code for one in olds)
        if not olds:
            yield Change("added", after.code, choice.code, after=choice.label, is_of_meaning=True)
            continue
        own = next((one for one in olds if one.code == choice.code), olds[0])
        yield from _of_choice(own, choice, after.code)
        for other in olds:
            if other is not own:
                yield Change("merged", after.code, choice.code, "", other.code, choice.code, is_of_meaning=True)
    for choice in before.choices:
        if choice.code not in known:
            yield Change("retired", after.code, choice.code, before=choice.label, is_of_meaning=True)
    if _order(before, after) != _order(after, before):
        ranked = after.kind in ("ordinal", "interval")
        yield Change("moved", after.code, field="order of the choices", is_of_meaning=ranked)


def _order(one: QuestionSpec, other: QuestionSpec) -> list[str]:
    return [choice.code for choice in one.choices if other.choice(choice.code)]


def _of_choice(before: ChoiceSpec, after: ChoiceSpec, question: str) -> Iterator[Change]:
    if before.code != after.code:
        yield Change("renamed", question, after.code, "", before.code, after.code)
    names = [field.name for field in fields(ChoiceSpec) if field.name not in NOT_COMPARED]
    for name, old, new in _fields(before, after, names):
        yield Change("changed", question, after.code, name, old, new, name in MEANING_OF_CHOICE)


def _fields(before: object, after: object, names: tuple[str, ...] | list[str]) -> Iterator[tuple[str, str, str]]:
    for name in names:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield name, _words(old), _words(new)


def _words(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_words(said)}" for name, said in value.items())
    return "" if value is None else str(value)


def stale_questions(older: CodebookSpec, newer: CodebookSpec) -> list[str]:
    """Codes of the older version whose answers may no longer mean the same: their work is to be looked at again."""
    touched = {change.question for change in find_changes(older, newer) if change.is_of_meaning}
    codes = []
    for question in older.questions:
        after = successor(question, newer)
        if question.code in touched or after is None or after.code in touched:
            codes.append(question.code)
    return codes
