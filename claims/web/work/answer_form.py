"""Between the labelling form and the answers that the actions take: what was sent, and what the page shows again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext

from claims.errors import Problem
from claims.labelling.answer_faults import COMMENT, DISCUSS, chosen
from claims.labelling.codebook import ChoiceSpec, CodebookSpec, QuestionSpec, applicable_questions
from claims.models import EvidenceItem
from claims.values.hops import BETWEEN, hops_in

MISSING = "missing:"
MISSING_REASONS = {
    "cannot_judge": ("Cannot judge", "0"),
    "not_applicable": ("Not applicable", "9"),
    "conflict_of_interest": ("Conflict of interest", ""),
}
EVIDENCE_FIELDS = (
    *("url", "title", "outlet", "published", "quote", "relation", "strength", "source_kind", "independence"),
    *("question", "answer", "copy", "screenshot"),
)
SOURCE_KINDS = {
    "official": "official record or statistics",
    "study": "study",
    "news": "news report",
    "fact_check": "fact-check",
    "witness": "witness or recording",
    "statement": "statement of a party",
    "other": "other",
}
INDEPENDENCES = {
    "independent": "independent of the claim",
    "same_source": "goes back to the same source",
    "interested": "has an interest in it",
    "unknown": "cannot be told",
}
EVIDENCE_ROWS = 50
SPAN_ROWS = 1000
SPARE_SPANS = 3  # rows that a browser without scripts can fill in at once
NOWHERE = "nowhere"  # the answer that there is no such place


@dataclass
class Given:
    """Answers, free text and evidence, in the shape that `submit_label` and drafts take."""

    answers: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    evidence: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def from_post(cls, spec: CodebookSpec, post: QueryDict) -> Given:
        """What the form sent. Answers to questions that these answers do not lead to are left out: a browser without
        scripts shows all questions."""
        given = cls(evidence=_evidence(post))
        for question in spec.questions:
            answer = _answer(question, post)
            if answer is not None:
                given.answers[question.code] = answer
            if words := post.get(f"note-{question.code}", "").strip():
                given.notes[question.code] = words
        asked = applicable_questions(spec, given.answers)
        codes = {question.code for question in asked}
        given.answers = {code: value for code, value in given.answers.items() if code in codes}
        given.notes = {code: words for code, words in given.notes.items() if code in codes}
        if not any(question.kind == "evidence" for question in asked):
            given.evidence = []
        for name in (COMMENT, DISCUSS):
            if words := post.get(name, "").strip():
                given.notes[name] = words
        return given

    @classmethod
    def from_draft(cls, payload: Mapping[str, Any]) -> Given:
        """A draft as it was kept; what is not in shape is left out."""
        answers, notes, evidence = (payload.get(name) for name in ("answers", "notes", "evidence"))
        items = evidence if isinstance(evidence, list) else []
        return cls(
            dict(answers) if isinstance(answers, Mapping) else {},
            {str(k): str(v) for k, v in notes.items()} if isinstance(notes, Mapping) else {},
            [
                {name: str(item.get(name, "")) for name in EVIDENCE_FIELDS}
                for item in items
                if isinstance(item, Mapping)
            ],
        )

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any], evidence: Iterable[EvidenceItem] | None = None) -> Given:
        """One's own submitted answers: an event's {"value"} and {"missing"} forms, and the evidence rows it names.
        Without the rows, each is an item of which nothing but the relation is known."""
        answers = {}
        for code, answer in stored.get("answers", {}).items():
            if "missing" in answer:
                answers[code] = {"missing": answer["missing"]}
            elif _is_choice(answer.get("value")) or _is_spans(answer.get("value")):
                answers[code] = answer["value"]
        items = [_stored_item(item) for item in evidence or ()]
        if evidence is None:
            items = [{"relation": ""} for _ in evidence_ids(stored)]
        return cls(answers, dict(stored.get("notes") or {}), items)


def _stored_item(item: EvidenceItem) -> dict[str, str]:
    plain = {name: getattr(item, name) for name in EVIDENCE_FIELDS if name not in ("published", "copy", "screenshot")}
    return plain | {
        "published": item.published_at.strftime("%Y-%m-%d") if item.published_at else "",
        "copy": item.page_copy.key if item.page_copy else "",
        "screenshot": item.screenshot.key if item.screenshot else "",
    }


def stored_evidence(stored: Mapping[str, Any]) -> QuerySet[EvidenceItem]:
    """The evidence that a stored answer names, with what its form shows of the copies."""
    rows = EvidenceItem.objects.filter(pk__in=evidence_ids(stored)).select_related("page_copy", "screenshot")
    return rows.defer("page_copy__text", "screenshot__text").order_by("id")


def _is_choice(value: Any) -> bool:
    """A value of its own: text and evidence are only named in an event, and stand elsewhere."""
    is_list = isinstance(value, list) and all(isinstance(code, str) for code in value)
    return is_list or isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool))


def _is_spans(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(span, Mapping) and "start" in span for span in value)


def evidence_ids(stored: Mapping[str, Any]) -> list[int]:
    """The evidence rows that a stored answer names."""
    values = [answer.get("value") for answer in stored.get("answers", {}).values() if isinstance(answer, Mapping)]
    items = [item for value in values if isinstance(value, list) for item in value if isinstance(item, Mapping)]
    return [item["id"] for item in items if "id" in item]


def _answer(question: QuestionSpec, post: QueryDict) -> Any:
    sent = [value for value in post.getlist(f"answer-{question.code}") if value]
    written = _written(question, post)
    if written or not sent:
        return written or None
    if len(sent) == 1 and sent[0].startswith(MISSING):
        return {"missing": sent[0].removeprefix(MISSING)}
    if question.kind == "span":
        return []
    if question.kind == "set":
        return sent
    if question.kind == "interval" and not question.choices:
        return _number(sent[0])
    return sent[0]


def _written(question: QuestionSpec, post: QueryDict) -> list[Any]:
    """What does not come by choosing: marked places, and the sources of a chain."""
    if question.kind == "chain":
        return hops_in(post.get(f"hops-{question.code}", ""))
    return _spans(question, post) if question.kind == "span" else []


def _spans(question: QuestionSpec, post: QueryDict) -> list[dict[str, Any]]:
    """The marked places: with offsets as the script wrote them, else by their words as a person typed them."""
    text = post.get(f"span-{question.code}-text", "")
    spans: list[dict[str, Any]] = []
    for n in range(SPAN_ROWS):
        prefix = f"span-{question.code}-{n}-"
        if f"{prefix}words" not in post:
            break
        start, end, words = (post.get(prefix + name, "").strip() for name in ("start", "end", "words"))
        span: dict[str, Any] = {}
        if start.isdecimal() and end.isdecimal() and not post.get(f"{prefix}drop"):
            span = {"start": int(start), "end": int(end)}
            span |= {"text": int(text)} if text.isdecimal() else {}
        elif words and not start:
            nth = post.get(f"{prefix}nth", "")
            span = {"quote": words, "nth": int(nth) if nth.isdecimal() else 1}
        if span and (choice := post.get(f"{prefix}choice", "")):
            span["choice"] = choice
        if span:
            spans.append(span)
    return spans


def _number(written: str) -> float | str:
    """A number, or the words as they came: the check says what is wrong with them."""
    try:
        number = float(written.replace(",", "."))
    except ValueError:
        return written
    return int(number) if number.is_integer() else number


def _evidence(post: QueryDict) -> list[dict[str, str]]:
    items = []
    for n in range(EVIDENCE_ROWS):
        item = {name: post.get(f"evidence-{n}-{name}", "").strip() for name in EVIDENCE_FIELDS}
        if any(item[name] for name in ("url", "title", "quote", "question", "answer")):
            items.append(item)  # with its empty fields: a page that looks for `copy` would find the method of the dict
    return items


@dataclass
class Offer:
    """One thing that can be chosen, as the page shows it."""

    value: str
    label: str
    key: str
    is_chosen: bool
    spec: ChoiceSpec | None = None


@dataclass
class Marked:
    """One place in the text that was marked; without offsets, words that have yet to be found there."""

    words: str
    start: int | None = None
    end: int | None = None
    choice: str = ""
    nth: int = 1


@dataclass
class Asked:
    """One question as the page shows it."""

    n: int
    spec: QuestionSpec
    offers: list[Offer]
    missing: list[Offer]
    words: str = ""
    number: str = ""
    items: list[dict[str, str]] = field(default_factory=list)
    spans: list[Marked] = field(default_factory=list)
    is_nowhere: bool = False
    hops: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    is_applicable: bool = True
    is_open: bool = False

    @property
    def template(self) -> str:
        return f"claims/questions/{self.spec.kind}.html"

    @property
    def key(self) -> str:
        """The key that opens the question: its own, and c for the one about confidence."""
        return self.spec.key or ("c" if self.spec.code == "confidence" else "")

    @property
    def spare_spans(self) -> range:
        return range(len(self.spans), len(self.spans) + SPARE_SPANS)

    @property
    def hop_lines(self) -> str:
        return "\n".join(self.hops)

    @property
    def conditions(self) -> list[tuple[str, str]]:
        """(earlier question, its codes separated by spaces), for the script that opens and closes questions."""
        return [(code, " ".join(codes)) for code, codes in self.spec.ask_if.items()]

    @property
    def answer_words(self) -> str:
        """The answer in words, for the question's one-line form."""
        chosen = [offer.label for offer in [*self.offers, *self.missing] if offer.is_chosen and offer.value]
        if self.spec.kind == "evidence":
            return gettext("%d added") % len(self.items) if self.items else ""
        if self.spec.kind == "span" and (self.spans or self.is_nowhere):
            return gettext("%d marked") % len(self.spans)
        if self.hops:
            return BETWEEN.join(self.hops)
        return ", ".join(chosen) or self.number or (self.words[:60] if self.words else "")


def ask(spec: CodebookSpec, given: Given, problems: Sequence[Problem] = (), text: str = "") -> list[Asked]:
    """The questions in order, filled with what was given; the first that needs an answer is open."""
    applicable = {question.code for question in applicable_questions(spec, given.answers)}
    asked = [_asked(n, question, given, problems, text) for n, question in enumerate(spec.questions, 1)]
    for one in asked:
        one.is_applicable = one.spec.code in applicable
    waiting = [one for one in asked if one.is_applicable and (one.problems or not one.answer_words)]
    faulty = [one for one in waiting if one.problems]
    is_done = not any(one.spec.required for one in waiting)
    for one in (faulty or (asked if is_done else waiting))[:1]:
        one.is_open = True
    return asked


def _asked(n: int, question: QuestionSpec, given: Given, problems: Sequence[Problem], text: str) -> Asked:
    answer = given.answers.get(question.code)
    values = chosen(answer)
    missing = answer.get("missing") if isinstance(answer, Mapping) else None
    return Asked(
        n,
        question,
        [Offer(c.code, c.label, c.key, c.code in values, c) for c in question.choices],
        [Offer(MISSING + code, gettext(label), key, code == missing) for code, (label, key) in MISSING_REASONS.items()],
        words=given.notes.get(question.code, ""),
        number=str(answer) if isinstance(answer, int | float) else "",
        items=given.evidence if question.kind == "evidence" else [],
        spans=_marked(answer, text) if question.kind == "span" else [],
        is_nowhere=question.kind == "span" and answer == [],
        hops=_hops(answer) if question.kind == "chain" else [],
        problems=[problem for problem in problems if problem.field == question.code or _is_evidence(problem, question)],
    )


def _hops(answer: Any) -> list[str]:
    return [hop for hop in answer if isinstance(hop, str)] if isinstance(answer, list) else []


def _marked(answer: Any, text: str) -> list[Marked]:
    """A draft may hold anything: what is no span is left out."""
    marked = []
    for span in answer if isinstance(answer, list) else []:
        if not isinstance(span, Mapping):
            continue
        start, end, choice = span.get("start"), span.get("end"), str(span.get("choice") or "")
        if type(start) is int and type(end) is int and 0 <= start < end <= len(text):
            marked.append(Marked(text[start:end], start, end, choice))
        elif isinstance(span.get("quote"), str):
            nth = span.get("nth")
            marked.append(Marked(span["quote"], choice=choice, nth=nth if type(nth) is int else 1))
    return marked


def _is_evidence(problem: Problem, question: QuestionSpec) -> bool:
    return problem.field == "evidence" and question.kind == "evidence"
