"""What is wrong with a reviewer's answers, question by question: what was given, why not, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from claims.errors import Problem
from claims.values.shown import SHOWN, read_shown
from claims.vocabulary import MISSING_REASONS

if TYPE_CHECKING:
    from claims.labelling.codebook import QuestionSpec

COMMENT = "note"  # the remark about the whole unit, always welcome
DISCUSS = "discuss"  # what the reviewer wants to talk about with the others; always welcome too
NUMBER_LIMIT = 1e15  # beyond it a float no longer tells neighbours apart
MAX_SPANS = 1000


def chosen(answer: Any) -> set[str]:
    """The choice codes in an answer, those of its spans too: none for a number, a missing reason or no answer."""
    if isinstance(answer, str):
        return {answer}
    if isinstance(answer, list | tuple):
        codes = (part.get("choice") if isinstance(part, Mapping) else part for part in answer)
        return {code for code in codes if isinstance(code, str)}
    return set()


def find_answer_faults(
    questions: Sequence[QuestionSpec],
    asked: Sequence[QuestionSpec],
    answers: Mapping[str, Any],
    evidence: Sequence[Mapping[str, Any]],
    notes: Mapping[str, str],
) -> list[Problem]:
    """Faults of answers to `questions`, of which `asked` are reached; in the order of the questions."""
    faults = [*_stray_faults(questions, asked, answers, notes)]
    for question in asked:
        if question.kind == "evidence":
            faults += _evidence_faults(question, answers, evidence)
        elif question.kind == "text":
            faults += _text_faults(question, answers, notes)
        else:
            faults += _answer_faults(question, answers.get(question.code), evidence)
    if evidence and not any(question.kind == "evidence" for question in asked):
        faults.append(Problem("evidence", "not_asked", "Evidence is not asked for here. Remove it."))
    return faults


def _stray_faults(
    questions: Sequence[QuestionSpec],
    asked: Sequence[QuestionSpec],
    answers: Mapping[str, Any],
    notes: Mapping[str, str],
) -> Iterator[Problem]:
    """Answers to questions that do not exist or are not reached, and texts for what takes none."""
    known, reached = {question.code: question for question in questions}, {question.code for question in asked}
    for code in [*answers, *(code for code in notes if code not in (COMMENT, DISCUSS))]:
        question = known.get(code)
        if question is None:
            yield Problem(code, "unknown_question", f"There is no question {code!r} here. Remove the answer.")
        elif code not in reached:
            conditions = " and ".join(f"{name} is {' or '.join(codes)}" for name, codes in question.ask_if.items())
            yield Problem(code, "not_asked", f"“{question.title}” is asked only if {conditions}. Remove the answer.")
    for code in notes:
        question = known.get(code)
        if question is not None and question.kind != "text":
            yield Problem(code, "text_not_taken", f"“{question.title}” takes no free text. Write it as the note.")


def _answer_faults(question: QuestionSpec, answer: Any, evidence: Sequence[Mapping[str, Any]]) -> list[Problem]:
    is_empty = answer in ([], "") and not (question.kind == "span" and answer == [])  # no place is an answer
    if answer is None or is_empty:
        return _unanswered(question, "Choose an answer, or say why there is none.")
    if isinstance(answer, Mapping):
        return _missing_faults(question, answer)
    return [*KIND_FAULTS[question.kind](question, answer)] or [*_support_faults(question, answer, evidence)]


def _unanswered(question: QuestionSpec, cure: str) -> list[Problem]:
    if not question.required:
        return []
    return [Problem(question.code, "required", f"“{question.title}” has no answer. {cure}")]


def _missing_faults(question: QuestionSpec, answer: Mapping[str, Any]) -> list[Problem]:
    reason = answer.get("missing")
    if set(answer) != {"missing"} or reason not in MISSING_REASONS:
        return [
            Problem(
                question.code,
                "unknown_missing_reason",
                f"“{question.title}”: without a value, give one of {', '.join(MISSING_REASONS)} as the missing reason.",
            )
        ]
    return []


def _choice_faults(question: QuestionSpec, answer: Any) -> Iterator[Problem]:
    if not isinstance(answer, str):
        yield _shape_fault(question, answer, "one choice")
    elif answer in MISSING_REASONS:
        yield Problem(
            question.code,
            "missing_is_not_a_choice",
            f"“{question.title}”: {answer} is a missing reason; send it as {{“missing”: “{answer}”}}.",
        )
    elif question.choice(answer) is None:
        offered = ", ".join(choice.code for choice in question.choices)
        yield Problem(
            question.code,
            "unknown_choice",
            f"“{question.title}” offers {offered}; not {answer[:40]!r}. Choose one of them.",
        )


def _set_faults(question: QuestionSpec, answer: Any) -> Iterator[Problem]:
    if not isinstance(answer, list | tuple):
        yield _shape_fault(question, answer, "a list of choices")
        return
    for code in answer:
        yield from _choice_faults(question, code)
    if len(chosen(answer)) < sum(isinstance(code, str) for code in answer):
        yield Problem(
            question.code, "choice_given_twice", f"“{question.title}”: a choice is given twice. Give it once."
        )


def _interval_faults(question: QuestionSpec, answer: Any) -> Iterator[Problem]:
    if question.choices:
        yield from _choice_faults(question, answer)
        return
    if isinstance(answer, bool) or not isinstance(answer, int | float):
        yield _shape_fault(question, answer, "a number")
        return
    low = -NUMBER_LIMIT if question.minimum is None else question.minimum
    high = NUMBER_LIMIT if question.maximum is None else question.maximum
    if not low <= answer <= high:  # also true of what is not a number
        yield Problem(question.code, "out_of_range", f"“{question.title}” takes a number from {low:g} to {high:g}.")


def _span_faults(question: QuestionSpec, answer: Any) -> Iterator[Problem]:
    """Spans are [{"start", "end", "choice"?, "text"?}], code points, end exclusive; they may overlap."""
    if not isinstance(answer, list | tuple) or len(answer) > MAX_SPANS:
        yield _shape_fault(question, answer, f"a list of at most {MAX_SPANS} spans")
        return
    for span in answer:
        if not _is_span(span):
            yield _shape_fault(question, span, "spans with a start before their end")
        elif question.choices:
            yield from _choice_faults(question, span.get("choice"))


def _is_span(span: Any) -> bool:
    if not isinstance(span, Mapping) or set(span) - {"start", "end", "choice", "text"}:
        return False
    start, end = span.get("start"), span.get("end")
    return type(start) is int and type(end) is int and 0 <= start < end


def _shape_fault(question: QuestionSpec, answer: Any, wanted: str) -> Problem:
    return Problem(question.code, "invalid_answer", f"“{question.title}” takes {wanted}, not {str(answer)[:60]!r}.")


def _support_faults(question: QuestionSpec, answer: Any, evidence: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """A choice that rests on evidence needs an item of each relation it names."""
    brought = {item.get("relation") for item in evidence}
    for code in sorted(chosen(answer)):
        choice = question.choice(code)
        for relation in choice.needs_evidence if choice else ():
            if relation not in brought:
                yield Problem(
                    question.code,
                    "evidence_missing",
                    f"“{choice.label if choice else code}” needs a piece of evidence that {relation} the claim. "
                    "Add it, or choose another answer.",
                )


def _text_faults(question: QuestionSpec, answers: Mapping[str, Any], notes: Mapping[str, str]) -> list[Problem]:
    answer = answers.get(question.code)
    if question.code.endswith(SHOWN):
        return _shown_faults(question, notes.get(question.code, ""))
    if isinstance(answer, Mapping):
        return _missing_faults(question, answer)
    if answer is not None:
        return [Problem(question.code, "invalid_answer", f"“{question.title}” is free text: send it among the notes.")]
    return [] if notes.get(question.code, "").strip() else _unanswered(question, "Write a sentence.")


def _shown_faults(question: QuestionSpec, written: str) -> list[Problem]:
    """What is said about an outlet can be looked up by somebody else, or it is not said."""
    address, seen_on = read_shown(written)
    if not address:
        lacks = "an address that begins with http:// or https://"
    elif seen_on is None:
        lacks = "the day you looked, written as 2026-03-09"
    else:
        return []
    cure = "Add it, or answer “Not enough evidence” above."
    return [Problem(question.code, "not_shown", f"“{question.title}” lacks {lacks}. {cure}")]


def _evidence_faults(
    question: QuestionSpec, answers: Mapping[str, Any], evidence: Sequence[Mapping[str, Any]]
) -> list[Problem]:
    answer = answers.get(question.code)
    if isinstance(answer, Mapping):
        return _missing_faults(question, answer)
    if answer is not None:
        return [
            Problem(
                question.code, "invalid_answer", f"“{question.title}”: send the items as evidence, not as an answer."
            )
        ]
    return [] if evidence else _unanswered(question, "Add a piece of evidence.")


KIND_FAULTS: dict[str, Callable[[QuestionSpec, Any], Iterator[Problem]]] = {
    "nominal": _choice_faults,
    "ordinal": _choice_faults,
    "relation": _choice_faults,
    "interval": _interval_faults,
    "set": _set_faults,
    "span": _span_faults,
}
