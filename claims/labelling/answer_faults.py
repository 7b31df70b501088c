"""What is wrong with a reviewer's answers, question by question: what was given, why not, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from claims.errors import Problem, Sentence
from claims.values.hops import hop_faults
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
            faults += _text_faults(question, answers, notes, questions)
        else:
            faults += _answer_faults(question, answers.get(question.code), evidence)
    if evidence and not any(question.kind == "evidence" for question in asked):
        faults.append(Problem("evidence", "not_asked", Sentence("Evidence is not asked for here. Remove it.")))
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
            sentence = Sentence("There is no question “{code}” here. Remove the answer.", code=code)
            yield Problem(code, "unknown_question", sentence)
        elif code not in reached:
            conditions = ", ".join(f"{name} = {' / '.join(codes)}" for name, codes in question.ask_if.items())
            asked_if = Sentence(
                "“{title}” is asked only if {conditions}. Remove the answer.",
                title=question.title,
                conditions=conditions,
            )
            yield Problem(code, "not_asked", asked_if)
    for code in notes:
        question = known.get(code)
        if question is not None and question.kind != "text":
            sentence = Sentence("“{title}” takes no free text. Write it as the note.", title=question.title)
            yield Problem(code, "text_not_taken", sentence)


def _answer_faults(question: QuestionSpec, answer: Any, evidence: Sequence[Mapping[str, Any]]) -> list[Problem]:
    is_empty = answer in ([], "") and not (question.kind == "span" and answer == [])  # no place is an answer
    if answer is None or is_empty:
        return _unanswered(question, Sentence("Choose an answer, or say why there is none."))
    if isinstance(answer, Mapping):
        return _missing_faults(question, answer)
    return [*KIND_FAULTS[question.kind](question, answer)] or [*_support_faults(question, answer, evidence)]


def _unanswered(question: QuestionSpec, cure: Sentence) -> list[Problem]:
    if not question.required:
        return []
    sentence = Sentence("“{title}” has no answer. {cure}", title=question.title, cure=cure)
    return [Problem(question.code, "required", sentence)]


def _missing_faults(question: QuestionSpec, answer: Mapping[str, Any]) -> list[Problem]:
    reason = answer.get("missing")
    if set(answer) != {"missing"} or reason not in MISSING_REASONS:
        return [
            Problem(
                question.code,
                "unknown_missing_reason",
                Sentence(
                    "“{title}”: without a value, give one of {reasons} as the missing reason.",
                    title=question.title,
                    reasons=", ".join(MISSING_REASONS),
                ),
            )
        ]
    return []


def _choice_faults(question: QuestionSpec, answer: Any) -> Iterator[Problem]:
    if not isinstance(answer, str):
        yield _shape_fault(question, answer, Sentence("one choice"))
    elif answer in MISSING_REASONS:
        yield Problem(
            question.code,
            "missing_is_not_a_choice",
            Sentence(
                "“{title}”: {answer} is a missing reason; send it as {{“missing”: “{answer}”}}.",
                title=question.title,
                answer=answer,
            ),
        )
    elif question.choice(answer) is None:
        offered = ", ".join(choice.code for choice in question.choices)
        yield Problem(
            question.code,
            "unknown_choice",
            Sentence(
                "“{title}” offers {offered}; not “{answer}”. Choose one of them.",
                title=question.title,
                offered=offered,
                answer=answer[:40],
            ),
        )


def _set_faults(question: QuestionSpec, answer: Any) -> Iterator[Problem]:
    if not isinstance(answer, list | tuple):
        yield _shape_fault(question, answer, Sentence("a list of choices"))
        return
    for code in answer:
        yield from _choice_faults(question, code)
    if len(chosen(answer)) < sum(isinstance(code, str) for code in answer):
        sentence = Sentence("“{title}”: a choice is given twice. Give it once.", title=question.title)
        yield Problem(question.code, "choice_given_twice", sentence)


def _interval_faults(question: QuestionSpec, answer: Any) -> Iterator[Problem]:
    if question.choices:
        yield from _choice_faults(question, answer)
        return
    if isinstance(answer, bool) or not isinstance(answer, int | float):
        yield _shape_fault(question, answer, Sentence("a number"))
        return
    low = -NUMBER_LIMIT if question.minimum is None else question.minimum
    high = NUMBER_LIMIT if question.maximum is None else question.maximum
    if not low <= answer <= high:  # also true of what is not a number
        sentence = Sentence(
            "“{title}” takes a number from {low} to {high}.", title=question.title, low=f"{low:g}", high=f"{high:g}"
        )
        yield Problem(question.code, "out_of_range", sentence)


def _span_faults(question: QuestionSpec, answer: Any) -> Iterator[Problem]:
    """Spans are [{"start", "end", "choice"?, "text"?}], code points, end exclusive; they may overlap."""
    if not isinstance(answer, list | tuple) or len(answer) > MAX_SPANS:
        yield _shape_fault(question, answer, Sentence("a list of at most {n} spans", n=MAX_SPANS))
        return
    for span in answer:
        if not _is_span(span):
            yield _shape_fault(question, span, Sentence("spans with a start before their end"))
        elif question.choices:
            yield from _choice_faults(question, span.get("choice"))


def _chain_faults(question: QuestionSpec, answer: Any) -> Iterator[Problem]:
    """A chain is a list of names, the original speaker first."""
    if not isinstance(answer, list | tuple):
        yield _shape_fault(question, answer, Sentence("a list of sources, the original speaker first"))
        return
    for code, fault in hop_faults(answer):
        sentence = Sentence("“{title}”: {fault}", title=question.title, fault=fault)
        yield Problem(question.code, code, sentence)


def _is_span(span: Any) -> bool:
    if not isinstance(span, Mapping) or set(span) - {"start", "end", "choice", "text"}:
        return False
    start, end = span.get("start"), span.get("end")
    return type(start) is int and type(end) is int and 0 <= start < end


def _shape_fault(question: QuestionSpec, answer: Any, wanted: Sentence) -> Problem:
    given = str(answer)[:60]
    sentence = Sentence("“{title}” takes {wanted}, not “{given}”.", title=question.title, wanted=wanted, given=given)
    return Problem(question.code, "invalid_answer", sentence)


def _support_faults(question: QuestionSpec, answer: Any, evidence: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """A choice that rests on evidence needs an item of each relation it names."""
    brought = {item.get("relation") for item in evidence}
    for code in sorted(chosen(answer)):
        choice = question.choice(code)
        for relation in choice.needs_evidence if choice else ():
            if relation not in brought:
                yield Problem(
                    question.code, "evidence_missing", _support_missing(choice.label if choice else code, relation)
                )


def _support_missing(label: str, relation: str) -> Sentence:
    if relation == "supports":
        return Sentence(
            "“{label}” needs a piece of evidence that supports the claim. Add it, or choose another answer.",
            label=label,
        )
    if relation == "refutes":
        return Sentence(
            "“{label}” needs a piece of evidence that refutes the claim. Add it, or choose another answer.",
            label=label,
        )
    return Sentence(
        "“{label}” needs a piece of evidence with the relation {relation}. Add it, or choose another answer.",
        label=label,
        relation=relation,
    )


def _text_faults(
    question: QuestionSpec, answers: Mapping[str, Any], notes: Mapping[str, str], questions: Sequence[QuestionSpec]
) -> list[Problem]:
    answer = answers.get(question.code)
    if question.code.endswith(SHOWN) and not isinstance(answer, str):
        before = question.code.removesuffix(SHOWN)
        title = next((other.title for other in questions if other.code == before), question.title)
        return _shown_faults(question, title, notes.get(question.code, ""))
    if isinstance(answer, Mapping):
        return _missing_faults(question, answer)
    if answer is not None:
        sentence = Sentence("“{title}” is free text: send it among the notes.", title=question.title)
        return [Problem(question.code, "invalid_answer", sentence)]
    return [] if notes.get(question.code, "").strip() else _unanswered(question, Sentence("Write a sentence."))


def _shown_faults(question: QuestionSpec, title: str, written: str) -> list[Problem]:
    """What is said about an outlet can be looked up by somebody else, or it is not said. `title` is of the question
    that it shows the answer to: there are nine of them."""
    address, seen_on = read_shown(written, datetime.now(UTC).date())
    if not address:
        lacks = Sentence("an address that begins with http:// or https://")
    elif seen_on is None and read_shown(written)[1]:
        lacks = Sentence("a day that has come already")
    elif seen_on is None:
        lacks = Sentence("the day you looked, written as 2026-03-09")
    else:
        return []
    sentence = Sentence(
        "“{title}” lacks {lacks}. Add it, or answer “Not enough evidence” above.", title=title, lacks=lacks
    )
    return [Problem(question.code, "not_shown", sentence)]


def _evidence_faults(
    question: QuestionSpec, answers: Mapping[str, Any], evidence: Sequence[Mapping[str, Any]]
) -> list[Problem]:
    answer = answers.get(question.code)
    if isinstance(answer, Mapping):
        return _missing_faults(question, answer)
    if answer is not None:
        sentence = Sentence("“{title}”: send the items as evidence, not as an answer.", title=question.title)
        return [Problem(question.code, "invalid_answer", sentence)]
    return [] if evidence else _unanswered(question, Sentence("Add a piece of evidence."))


KIND_FAULTS: dict[str, Callable[[QuestionSpec, Any], Iterator[Problem]]] = {
    "nominal": _choice_faults,
    "ordinal": _choice_faults,
    "relation": _choice_faults,
    "interval": _interval_faults,
    "set": _set_faults,
    "span": _span_faults,
    "chain": _chain_faults,
}
