"""What may be answered: the round's questions, checked against the codebook version, and the form that is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from claims.errors import Problem, Refused, Sentence
from claims.labelling.codebook import CodebookSpec, QuestionSpec, check_answers, spec_from_document
from claims.labelling.evidence import published_at
from claims.labelling.marked import place_spans
from claims.models import CodebookVersion, EvidenceItem, Round, TextVersion, Unit
from claims.models.claim import STRENGTHS
from claims.text import clean_line, clean_name, clean_text
from claims.vocabulary import RELATIONS

NOTE_CHARS = 20_000
EVIDENCE_ITEMS = 50
EVIDENCE_LINES = {"url": 2000, "title": 500, "source_kind": 32, "independence": 32, "outlet": 200}
EVIDENCE_KEYS = ("copy", "screenshot", "published")  # what names a copy, and a day
EVIDENCE_TEXTS = ("quote", "question", "answer")


@dataclass
class Submission:
    """What a reviewer sent: answers by question, free text by question (or "note"), evidence, seconds spent."""

    answers: dict[str, Any]
    notes: dict[str, str] = field(default_factory=dict)
    evidence: list[dict[str, Any]] = field(default_factory=list)
    seconds: int | None = None


@lru_cache(maxsize=256)
def spec_of(version_id: int) -> CodebookSpec:
    """The questions of a published version; published versions never change, so they are kept."""
    return spec_from_document(CodebookVersion.objects.values_list("document", flat=True).get(pk=version_id))


@lru_cache(maxsize=256)
def _asked(version_id: int, unit_kind: str, questions: tuple[str, ...], is_check: bool = False) -> CodebookSpec:
    spec = spec_of(version_id)
    kept = tuple(q for q in spec.questions if q.unit == unit_kind and (not questions or q.code in questions))
    return spec.with_questions(tuple(map(_without_evidence, kept)) if is_check else kept)


def _without_evidence(question: QuestionSpec) -> QuestionSpec:
    """As it is asked of a checker, who judges by the evidence of others, brings none, and leaves nothing open."""
    choices = tuple(replace(choice, needs_evidence=()) for choice in question.choices)
    words = {
        name: {key: said for key, said in one.items() if key != "help"} for name, one in question.translations.items()
    }
    return replace(question, choices=choices, required=True, help="", translations=words)


def round_spec(round_: Round) -> CodebookSpec:
    """The part of the round's codebook version that the round asks."""
    is_check = round_.checks_id is not None
    return _asked(round_.codebook_version_id, round_.unit_kind, tuple(round_.questions), is_check)


def check_submission(round_: Round, unit: Unit, submission: Submission) -> None:
    """Clean the texts, place the spans and check everything against the codebook; raises Refused `invalid_answers`."""
    submission.notes = {
        str(code)[:40]: clean_text(str(words), limit=NOTE_CHARS, code="note_too_long").text.strip()
        for code, words in submission.notes.items()
        if words
    }
    problems = _clean_evidence(submission)
    if submission.seconds is not None and not 0 <= submission.seconds <= 86_400:
        submission.seconds = None  # a clock that jumped is no reason to refuse work
    spec = round_spec(round_)
    problems += _place_spans(spec, unit, submission)
    _clean_chains(spec, submission)
    problems += check_answers(spec, submission.answers, evidence=submission.evidence, notes=submission.notes)
    if problems:
        raise Refused(
            "invalid_answers",
            " ".join(problem.sentence for problem in problems),
            problems=problems,
        )


def _place_spans(spec: CodebookSpec, unit: Unit, submission: Submission) -> list[Problem]:
    """Spans as offsets into the text that the unit is judged in; the text is read only where something is marked."""
    marked = [q for q in spec.questions if q.kind == "span" and isinstance(submission.answers.get(q.code), list)]
    if not any(submission.answers[question.code] for question in marked):
        return []
    text = judged_text(unit)
    if text is None:
        sentence = Sentence("“{title}”: there is no text to mark here.", title=marked[0].title)
        return [Problem(marked[0].code, "no_text", sentence)]
    problems: list[Problem] = []
    for question in marked:
        placed, found = place_spans(question, submission.answers[question.code], text.text, text.pk)
        submission.answers[question.code] = placed
        problems += found
    return problems


def _clean_chains(spec: CodebookSpec, submission: Submission) -> None:
    """Each source as it is stored; what is no text is left for the check."""
    for question in spec.questions:
        hops = submission.answers.get(question.code)
        if question.kind == "chain" and isinstance(hops, list):
            submission.answers[question.code] = [clean_name(hop) if isinstance(hop, str) else hop for hop in hops]


def judged_text(unit: Unit) -> TextVersion | None:
    """The text that the page shows with a unit: its own, or the newest in which its claim is anchored."""
    if unit.text_version_id is not None:
        return TextVersion.objects.get(pk=unit.text_version_id)
    if unit.occurrence_version_id is None:
        return None
    anchored = TextVersion.objects.filter(
        anchors__occurrence_version=unit.occurrence_version_id, anchors__state__in=("anchored", "moved")
    )
    return anchored.order_by("-n").first()


def _clean_evidence(submission: Submission) -> list[Problem]:
    problems, kept = [], []
    if len(submission.evidence) > EVIDENCE_ITEMS:
        sentence = Sentence("At most {n} pieces of evidence.", n=EVIDENCE_ITEMS)
        problems.append(Problem("evidence", "too_many_items", sentence))
    for n, item in enumerate(submission.evidence[:EVIDENCE_ITEMS], 1):
        cleaned = clean_evidence(item)
        problems += [
            Problem("evidence", code, Sentence("Evidence {n}: {fault}", n=n, fault=fault))
            for code, fault in evidence_faults(item, cleaned)
        ]
        kept.append(cleaned)
    submission.evidence = kept
    return problems


def clean_evidence(item: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = {
        name: clean_line(str(item.get(name) or ""))
        for name in (*EVIDENCE_LINES, *EVIDENCE_KEYS, "relation", "strength")
    }
    cleaned["strength"] = cleaned["strength"] or "moderate"
    for name in EVIDENCE_TEXTS:
        cleaned[name] = clean_text(str(item.get(name) or ""), limit=NOTE_CHARS, code="note_too_long").text.strip()
    return cleaned


def evidence_faults(given: Mapping[str, Any], item: Mapping[str, Any]) -> list[tuple[str, Sentence]]:
    """(code, sentence) for each thing wrong with one piece of evidence."""
    faults = []
    unknown = sorted(set(given) - set(item))
    if unknown:
        faults.append(("unknown_field", Sentence("{names} is not a field of evidence.", names=", ".join(unknown))))
    if item["relation"] not in RELATIONS:
        faults.append(
            ("unknown_relation", Sentence("say how it relates to the claim: {names}.", names=", ".join(RELATIONS)))
        )
    if item["strength"] not in STRENGTHS:
        faults.append(("unknown_strength", Sentence("the strength is one of {names}.", names=", ".join(STRENGTHS))))
    if item["url"] and not item["url"].lower().startswith(("http://", "https://")):
        faults.append(("url_not_allowed", Sentence("the address must begin with http:// or https://.")))
    if not (item["url"] or item["quote"] or item["answer"]):
        faults.append(("empty_evidence", Sentence("give an address, a quotation or an answer.")))
    try:
        published_at(item["published"])
    except ValueError:
        faults.append(("invalid_date", Sentence("write the day it was published as 2026-03-14.")))
    faults += [
        ("too_long", Sentence("{name} has at most {limit} characters.", name=name, limit=limit))
        for name, limit in EVIDENCE_LINES.items()
        if len(item[name]) > limit
    ]
    return faults


def stored_answers(
    round_: Round, submission: Submission, items: Sequence[EvidenceItem]
) -> tuple[dict[str, Any], dict[str, str]]:
    """(answers for the event, texts kept apart): free text and evidence are named in the event, not repeated in it."""
    stored: dict[str, Any] = {}
    for question in round_spec(round_).questions:
        if question.kind == "evidence" and items:
            stored[question.code] = {"value": [{"id": item.pk, "relation": item.relation} for item in items]}
        elif question.kind == "text" and submission.notes.get(question.code):
            stored[question.code] = {"value": True}
        elif _is_given(question, submission.answers.get(question.code)):
            stored[question.code] = _stored(question, submission.answers[question.code])
    return stored, submission.notes


def _is_given(question: QuestionSpec, answer: Any) -> bool:
    return answer not in (None, "", []) or (question.kind == "span" and answer == [])


def _stored(question: QuestionSpec, answer: Any) -> dict[str, Any]:
    """A set has no order of its own; that of a chain says who comes first."""
    if isinstance(answer, Mapping):
        return {"missing": answer["missing"]}
    return {"value": sorted(answer) if question.kind == "set" else answer}
