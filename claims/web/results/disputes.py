"""The queue of what reviewers disagree on, and the page that settles one answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from claims.adjudication.actions import count_clear, settle_by_majority, settle_label
from claims.adjudication.disputes import PAGE, Dispute, DisputeDetail, dispute_detail
from claims.adjudication.disputes import disputes as dispute_queue
from claims.adjudication.lists import LISTED
from claims.adjudication.posteriors import Likely, least_certain
from claims.adjudication.second import curators_agreement, waiting_for_second
from claims.errors import Refused
from claims.models import Question, Round, SettledLabel, Unit
from claims.models.score import REASONS
from claims.text import strict_json
from claims.values.hops import hops_in
from claims.vocabulary import MISSING_REASONS
from claims.web.filters import code_in
from claims.web.marking import Block, Mark, blocks_of
from claims.web.page import Here, project_page, show
from claims.web.results.agreement import begun_rounds, chosen_round

REASON_WORDS = {
    "slip": "Slip: somebody pressed the wrong key",
    "guideline_gap": "The guideline does not say",
    "ambiguous": "The text can be read in several ways",
    "legitimate_disagreement": "Careful people may differ here",
    "none": "No reason given",
}
ANOTHER_CHAIN = "another_chain"
CHOSEN = "chosen"  # the choices of a set that are ticked
# what is not one of the question's choices, as the form sends it
NO_SUCH_ANSWER = [
    *((f"missing:{code}", code.replace("_", " ").capitalize()) for code in MISSING_REASONS),
    ("all_wrong", "All answers are wrong"),
    ("no_agreement", "Leave it open: no agreement possible"),
]


@dataclass(frozen=True)
class Row:
    """A dispute with what it is about and how the answers fell."""

    dispute: Dispute
    subject: str
    title: str
    answers: list[tuple[str, int]]


def subject_of(unit: Unit) -> str:
    if unit.occurrence_version is not None:
        return unit.occurrence_version.wording or unit.occurrence_version.verbatim
    if unit.outlet_version is not None:
        return unit.outlet_version.name
    return unit.article.headline if unit.article else ""


def units() -> QuerySet[Unit]:
    return Unit.objects.select_related("occurrence_version", "outlet_version", "article__outlet")


def subjects_of(pks: list[int]) -> dict[int, str]:
    return {unit.pk: subject_of(unit) for unit in units().filter(pk__in=pks)}


@project_page("settle", tab="disputes")
def disputes(request: HttpRequest, here: Here) -> HttpResponse:
    rounds = begun_rounds(here)
    round_ = chosen_round(request, rounds)
    questions = list(round_.codebook_version.questions.prefetch_related("choices").order_by("n")) if round_ else []
    questions = [one for one in questions if one.choices.all() or one.kind == "chain"]
    question = code_in(request, "question", [one.code for one in questions]) or None
    shown = code_in(request, "settled", ["1", "alone"])
    is_settled, is_alone = shown == "1", shown == "alone"
    by_posterior = bool(code_in(request, "order", ["posterior"]))
    found, likely = _queue(request, round_, question, is_settled=is_settled, is_alone=is_alone)
    return show(
        request,
        "disputes",
        here,
        rounds=rounds,
        round=round_,
        questions=questions,
        question=question,
        is_settled=is_settled,
        is_alone=is_alone,
        n_alone=_count_alone(round_) if round_ and not is_alone else 0,
        by_posterior=by_posterior,
        rows=[(row, likely.get((row.dispute.unit, row.dispute.question))) for row in rows_of(found, questions)],
        follows=_follows(request, found) if len(found) == PAGE and not by_posterior else "",
        curators=curators_agreement(round_, here.user) if round_ else None,
        n_second=len(waiting_for_second(round_, here.user)) if round_ else 0,
        n_clear=count_clear(round_) if round_ else 0,
    )


def _queue(
    request: HttpRequest, round_: Round | None, question: str | None, *, is_settled: bool, is_alone: bool
) -> tuple[list[Dispute], dict[tuple[int, str], Likely]]:
    """Most divided first, a page at a time; or, when asked for, those on which the model is least certain."""
    if round_ is None:
        return [], {}
    if request.GET.get("order") == "posterior" and not is_alone:
        return least_certain(round_, question, settled=is_settled, limit=PAGE)
    return dispute_queue(round_, question, settled=is_settled, alone=is_alone, after=_after(request)), {}


def _count_alone(round_: Round) -> int:
    """Answers of one person alone that wait for a colleague, up to a page of them."""
    return len(dispute_queue(round_, alone=True)) if round_.overlap == 1 else 0


def rows_of(found: list[Dispute], questions: list[Question]) -> list[Row]:
    by_code = {question.code: question for question in questions}
    about = subjects_of([dispute.unit for dispute in found])
    rows = []
    for dispute in found:
        question = by_code[dispute.question]
        labels = dispute.words or [one.label for one in sorted(question.choices.all(), key=lambda one: one.n)]
        answers = [(label, n) for label, n in zip(labels, dispute.counts, strict=False) if n]
        rows.append(Row(dispute, about[dispute.unit], question.title, answers))
    return rows


def _after(request: HttpRequest) -> tuple[float, int, str] | None:
    written = request.GET.get("after", "")
    if not written:
        return None
    try:
        division, unit, question = written.split(":")
        return float(division), int(unit), question
    except ValueError:
        raise BadRequest("after is not the end of a page.") from None


def _follows(request: HttpRequest, found: list[Dispute]) -> str:
    division, unit, question = found[-1].key
    query = {name: value for name, value in request.GET.items() if name != "after" and value}
    return "?" + urlencode({**query, "after": f"{division!r}:{unit}:{question}"})


def _place(here: Here, pk: int, unit_id: int) -> tuple[Round, Unit]:
    round_ = Round.objects.in_project(here.project).select_related("project").filter(pk=pk).first()
    unit = units().filter(pk=unit_id, round_units__round=pk, project=here.project).first()
    if round_ is None or unit is None:
        raise Http404
    return round_, unit


@project_page("settle", tab="disputes")
def settle(request: HttpRequest, here: Here, pk: int, unit_id: int, question: str) -> HttpResponse:
    """One answer: what was said for what, anonymous until it is settled; then the next one loads."""
    round_, unit = _place(here, pk, unit_id)
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            settle_label(round_, unit, question, by=here.user, **decision_in(request))
        except Refused as error:
            refusal = error
        else:
            messages.success(request, "Settled.")
            return HttpResponseRedirect(_next_address(here, round_, question), status=303)
    return _settle_page(request, here, (round_, unit), question, refusal)


def decision_in(request: HttpRequest) -> dict[str, Any]:
    """What `settle_label` takes: `decision` is a choice's code, a list as JSON or the word for another one, which then
    stands in lines (a chain) or is ticked (a set), missing:<reason>, or an outcome without a value."""
    post = request.POST
    decision, expected = post.get("decision", ""), post.get("expected_revision", "")
    if not (expected.isascii() and expected.isdigit() and len(expected) < 10):
        raise BadRequest("expected_revision must be a whole number.")
    same = {
        "expected_revision": int(expected),
        "method": post.get("method", "expert"),
        "reason_code": post.get("reason_code", "none"),
        "rationale": post.get("rationale", "").strip(),
    }
    if decision == CHOSEN and post.getlist("choice"):
        return {"outcome": "answer", "value": post.getlist("choice"), **same}
    if not decision or decision == CHOSEN:
        raise Refused("decision_missing", "Nothing is chosen yet. Choose an answer, or open “No such answer”.")
    if decision in ("all_wrong", "no_agreement"):
        return {"outcome": decision, **same}
    if decision == ANOTHER_CHAIN:
        return {"outcome": "answer", "value": hops_in(post.get("chain", "")), **same}
    if decision.startswith("["):
        return {"outcome": "answer", "value": strict_json(decision), **same}
    if decision.startswith("missing:"):
        return {"outcome": "answer", "missing": decision.removeprefix("missing:"), **same}
    return {"outcome": "answer", "value": decision or None, **same}


def _next_address(here: Here, round_: Round, question: str) -> str:
    waiting = dispute_queue(round_, question, limit=1) or dispute_queue(round_, limit=1)
    if not waiting and round_.overlap == 1:
        waiting = dispute_queue(round_, question, alone=True, limit=1)
    if not waiting:
        return reverse("disputes", args=[here.slug]) + f"?round={round_.pk}"
    return reverse("settle", args=[here.slug, round_.pk, waiting[0].unit, waiting[0].question])


def _settle_page(
    request: HttpRequest, here: Here, place: tuple[Round, Unit], question: str, refusal: Refused | None
) -> HttpResponse:
    round_, unit = place
    detail = dispute_detail(unit, round_, question)
    history = SettledLabel.objects.filter(round=round_, unit=unit, question=question).order_by("-revision")
    choices = list(detail.question.choices.order_by("n"))
    titles = {choice.code: choice.label for choice in choices}
    is_conflict = refusal is not None and refusal.status == 409
    # After somebody else's decision one's own is not chosen any more: a key too many would write over theirs.
    sent = {name: value for name, value in request.POST.items() if not (is_conflict and name == "decision")}
    return show(
        request,
        "settle",
        here,
        status=refusal.status if refusal else 200,
        refusal=refusal,
        round=round_,
        unit=unit,
        detail=detail,
        n_voices=sum(len(group.voices) for group in detail.groups),
        choices=choices,
        lists=list_offers(detail),
        ticked=request.POST.getlist("choice"),
        another_chain=ANOTHER_CHAIN,
        is_conflict=is_conflict,
        no_such_answer=NO_SUCH_ANSWER,
        has_no_value=sent.get("decision", "") in dict(NO_SUCH_ANSWER),
        reasons={code: REASON_WORDS[code] for code in REASONS},
        history=[(label, decided(label, titles, detail.question)) for label in history.select_related("created_by")],
        subject=subject_of(unit),
        hops=unit.occurrence_version.hops.order_by("n") if unit.occurrence_version else (),
        blocks=blocks_near(unit),
        sent=sent,
    )


def list_offers(detail: DisputeDetail) -> list[tuple[str, str]]:
    """(what the form sends, in words) for each chain or set that somebody gave."""
    if detail.question.kind not in LISTED:
        return []
    return [(json.dumps(group.value), group.label) for group in detail.groups if group.missing is None]


def decided(label: SettledLabel, titles: Mapping[str, str], question: Question) -> str:
    """What was settled, in the words of the codebook."""
    if label.outcome != "answer":
        return label.outcome.replace("_", " ")
    if isinstance(label.value, list):
        return question.in_words(label.value)
    return label.missing.replace("_", " ") if label.missing else titles.get(str(label.value), str(label.value))


def blocks_near(unit: Unit) -> list[Block]:
    """The paragraphs that hold the claim, and their neighbours."""
    version = unit.occurrence_version
    anchors = list(version.anchors.exclude(state="orphaned").order_by("-text_version__n", "piece")) if version else []
    if not anchors:
        return []
    newest = anchors[0].text_version
    marks = [
        Mark(anchor.start, anchor.end, kind, 1)
        for anchor in anchors
        if anchor.text_version_id == newest.pk
        for kind in ("claim", "focus")
    ]
    segments = [(s.start, s.end, s.role, s.language) for s in newest.segments.order_by("n")]
    near = [n for n, (start, end, _, _) in enumerate(segments) if any(m.start < end and m.end > start for m in marks)]
    kept = segments[max(near[0] - 1, 0) : near[-1] + 2] if near else segments[:1]
    return blocks_of(newest.text, kept, marks)


@require_POST
@project_page("settle", tab="disputes")
def majority(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """Settle all that is clear in a round."""
    round_ = Round.objects.in_project(here.project).select_related("project").filter(pk=pk).first()
    if round_ is None:
        raise Http404
    settled = settle_by_majority(round_, by=here.user)
    messages.success(request, f"Settled: {settled['unanimous']} unanimous, {settled['majority']} by majority.")
    return HttpResponseRedirect(reverse("disputes", args=[here.slug]) + f"?round={round_.pk}", status=303)
