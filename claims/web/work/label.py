"""The labelling page: one unit, its questions, nothing of what others think of it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from claims.assignment.actions import draw_next
from claims.errors import NotFound, Refused
from claims.labelling.actions import Receipt, revise_label, save_draft, skip_unit, submit_label
from claims.labelling.answer_faults import COMMENT, DISCUSS
from claims.labelling.answers import round_spec
from claims.labelling.progress import standing_in
from claims.labelling.queries import LabelContext, label_context
from claims.models import Assignment, Round, Unit
from claims.splitting.freezing import fill_with_cut
from claims.text import strict_json
from claims.web.filters import code_in
from claims.web.page import MAX_ID, Here, number_in, project_page, refused_page, show
from claims.web.said import refusal_said
from claims.web.work.answer_form import INDEPENDENCES, SOURCE_KINDS, Given, ask, stored_evidence
from claims.web.work.cuts import cut_address, is_cut
from claims.web.work.stretches import count_parts, stretch_at, stretches_of

SKIP_REASONS = {
    "unclear": "The claim or its text is unclear",
    "not_a_claim": "This is not a claim",
    "wrong_language": "I do not read this language well enough",
    "conflict_of_interest": "I have a conflict of interest",
    "distressing": "I do not want to read this",
}
ATTEMPT_IS_OVER = ("qualified", "attempts_used", "attempt_ended")


def round_of(here: Here, pk: int) -> Round:
    rows = Round.objects.in_project(here.project).select_related("project", "codebook_version__codebook")
    row: Round | None = rows.filter(pk=pk).first()
    if row is None or row.state == "draft":
        raise Http404
    return row


def _address(here: Here, round_: Round, unit_id: int) -> str:
    return reverse("label", args=[here.slug, round_.pk, unit_id])


def next_address(here: Here, round_: Round) -> str:
    """Where the reviewer goes on: the next unit drawn for them, or the round's page when there is none. Where articles
    are cut, a cut that was handed in before fills the place at once."""
    try:
        drawn = draw_next(round_, here.reviewer)
    except NotFound:
        raise
    except Refused as refusal:
        if refusal.code == "consent_missing":
            return f"{reverse('consent', args=[here.slug])}?round={round_.pk}"
        if refusal.code in ATTEMPT_IS_OVER:
            return reverse("qualification", args=[here.slug, round_.pk])
        drawn = None
    if drawn is None:
        return reverse("round", args=[here.slug, round_.pk])
    if not is_cut(round_):
        return _address(here, round_, drawn.unit_id)
    return next_address(here, round_) if fill_with_cut(drawn, by=here.user) else cut_address(here, drawn.unit)


@project_page("label")
def next_unit(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """A form draws; a link only leads to what one holds already, since reading changes nothing (AZ-15)."""
    round_ = round_of(here, pk)
    if request.method == "POST":
        to = next_address(here, round_)
        if to == reverse("round", args=[here.slug, round_.pk]):
            messages.info(request, _("There is nothing left for you in this round now."))
        return HttpResponseRedirect(to, status=303)
    held = Assignment.objects.filter(round=round_, reviewer=here.reviewer, state="reserved").first()
    to = _address(here, round_, held.unit_id) if held else reverse("round", args=[here.slug, round_.pk])
    return HttpResponseRedirect(to)


@project_page("label")
def label(request: HttpRequest, here: Here, pk: int, unit_id: int) -> HttpResponse:
    round_ = round_of(here, pk)
    if is_cut(round_) and request.method != "POST":
        return HttpResponseRedirect(cut_address(here, own_unit(round_, unit_id, here)))
    if request.method != "POST":
        context = label_context(round_, unit_id, here.reviewer)
        is_walk = bool(code_in(request, "walk", ["1"]))
        return show(request, "label", here, **_page(here, context, _given_before(context), is_walk=is_walk))
    unit = own_unit(round_, unit_id, here)
    given = Given.from_post(round_spec(round_), request.POST)
    try:
        receipt = _submit(request, here, round_, unit, given)
    except NotFound:
        raise
    except Refused as refusal:
        return _refused(request, here, (round_, unit), given, refusal_said(refusal))
    is_alone = bool(request.POST.get("expected_seq")) and not request.POST.get("walk")
    to = reverse("my-labels", args=[here.slug]) if is_alone else _onward(here, round_, unit, request)
    if receipt.unchanged:
        messages.info(request, gettext("Nothing was changed, so nothing new was stored."))
    if wants_json(request):
        return JsonResponse({"seq": receipt.seq, "saved_at": receipt.saved_at.isoformat(), "next": to})
    return HttpResponseRedirect(to, status=303)


def _onward(here: Here, round_: Round, unit: Unit, request: HttpRequest) -> str:
    """After a new answer the next unit; after a correction on the way back, the one that was answered after it."""
    if not request.POST.get("expected_seq"):
        return next_address(here, round_)
    following = label_context(round_, unit.pk, here.reviewer).following
    if following is None:
        return next_address(here, round_)
    return f"{_address(here, round_, following)}?walk=1"


def own_unit(round_: Round, unit_id: int, here: Here) -> Unit:
    """The unit, if this reviewer ever held it in the round. Whether they still may answer it is the action's to say:
    its refusal comes with what was typed."""
    held = Assignment.objects.filter(round=round_, unit=unit_id, reviewer=here.reviewer).select_related("unit")
    found = held.order_by("-id").first()
    if found is None:
        raise NotFound
    return found.unit


def _given_before(context: LabelContext) -> Given:
    """What the form is filled with: the draft, else what was submitted."""
    if context.draft:
        return Given.from_draft(context.draft)
    if context.submitted:
        return Given.from_stored(context.submitted, stored_evidence(context.submitted))
    return Given()


def _submit(request: HttpRequest, here: Here, round_: Round, unit: Unit, given: Given) -> Receipt:
    sent: dict[str, Any] = {
        "answers": given.answers,
        "notes": given.notes,
        "evidence": given.evidence,
        "seconds": _whole(request.POST.get("seconds", "")),
        "idempotency_key": request.POST.get("idempotency_key", ""),
        "codebook_version_id": _whole(request.POST.get("codebook_version", "")) or 0,
    }
    if expected := _whole(request.POST.get("expected_seq", "")):
        return revise_label(round_, unit, here.reviewer, expected_seq=expected, **sent)
    return submit_label(round_, unit, here.reviewer, **sent)


def _whole(written: str) -> int | None:
    is_number = written.isascii() and written.isdigit() and len(written) < 20
    return int(written) if is_number and int(written) <= MAX_ID else None


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def _refused(
    request: HttpRequest, here: Here, place: tuple[Round, Unit], given: Given, refusal: Refused
) -> HttpResponse:
    """Nothing was stored. The form comes back as it was; a conflict shows both versions (CO-15)."""
    round_, unit = place
    if wants_json(request):
        problems = [{"field": p.field, "code": p.code, "sentence": p.sentence} for p in refusal.problems]
        body = {"code": refusal.code, "sentence": refusal.sentence, "problems": problems}
        return JsonResponse(body, status=refusal.status)
    if refusal.status == 409:
        return _conflict(request, here, place, given, refusal)
    if refusal.problems:
        context = label_context(round_, unit.pk, here.reviewer)
        is_walk = bool(request.POST.get("walk"))
        return show(request, "label", here, status=422, **_page(here, context, given, refusal, is_walk=is_walk))
    return refused_page(request, refusal)


def _conflict(
    request: HttpRequest, here: Here, place: tuple[Round, Unit], given: Given, refusal: Refused
) -> HttpResponse:
    round_, unit = place
    spec, current = round_spec(round_), refusal.current or {}
    stored = Given.from_stored(current, stored_evidence(current))
    mine, theirs = ask(spec, given), ask(spec, stored)
    return show(
        request,
        "label_conflict",
        here,
        status=409,
        refusal=refusal,
        round=round_,
        unit=unit,
        rows=[(one.spec.title, one.answer_words, other.answer_words) for one, other in zip(mine, theirs, strict=True)],
        note=given.notes.get("note", ""),
        stored_note=stored.notes.get("note", ""),
        stored_seq=current.get("seq"),
        sent=[(name, value) for name, values in request.POST.lists() for value in values if _is_answer(name)],
        key=uuid.uuid4().hex,
    )


def _is_answer(name: str) -> bool:
    is_given = name.startswith(("answer-", "note", "discuss", "span-", "hops-", "evidence-"))
    return is_given or name in ("seconds", "codebook_version", "walk")


def _page(
    here: Here, context: LabelContext, given: Given, refusal: Refused | None = None, *, is_walk: bool = False
) -> dict[str, Any]:
    """What the template shows; `is_walk`: the reviewer came by “previous”, and goes on labelling after a correction."""
    asked = ask(context.spec, given, refusal.problems if refusal else (), context.text)
    marked = [(span.start, span.end) for one in asked for span in one.spans if span.start is not None and span.end]
    stretches = stretches_of(context, marked)
    return {
        "context": context,
        "round": context.round,
        "standing": standing_in(context.round, here.reviewer, now=timezone.now()),
        "questions": asked,
        "stretches": stretches,
        "note": given.notes.get(COMMENT, ""),
        "discuss": given.notes.get(DISCUSS, ""),
        "refusal": refusal,
        "key": uuid.uuid4().hex,
        "expected_seq": context.submitted.get("seq", ""),
        "skip_reasons": SKIP_REASONS,
        "source_kinds": SOURCE_KINDS,
        "independences": INDEPENDENCES,
        "claim_day": context.claim_day,
        "draft_seq": context.draft_seq,
        "previous": context.previous,
        "following": context.following,
        "is_walk": is_walk,
        "has_places": len(stretches) > 1 or any(question.kind == "span" for question in context.spec.questions),
    }


@project_page("label")
def text(request: HttpRequest, here: Here, pk: int, unit_id: int) -> HttpResponse:
    """One part of a huge text, to read beside the form. The script of the labelling page takes the paragraphs out."""
    round_ = round_of(here, pk)
    context = label_context(round_, unit_id, here.reviewer)
    if not context.text:
        raise Http404
    last = count_parts(context.text) - 1
    stretch = stretch_at(context, min(number_in(request, "part") or 0, last))
    return show(
        request, "label_text", here, context=context, round=round_, stretch=stretch, n_parts=last + 1, has_places=True
    )


@require_POST
@project_page("label")
def draft(request: HttpRequest, here: Here, pk: int, unit_id: int) -> HttpResponse:
    """Keep what is typed so far; an older draft never replaces a newer one."""
    round_ = round_of(here, pk)
    unit = own_unit(round_, unit_id, here)
    payload = strict_json(request.POST.get("payload", ""))
    if not isinstance(payload, dict):
        raise Refused("invalid_draft", "A draft is a JSON object.", status=400)
    client_seq = _whole(request.POST.get("client_seq", "")) or 0
    try:
        kept = save_draft(round_, unit, here.reviewer, payload=payload, client_seq=client_seq)
    except NotFound:
        raise
    except Refused as refusal:
        shown = refusal_said(refusal)
        return JsonResponse({"code": shown.code, "sentence": shown.sentence}, status=shown.status)
    return JsonResponse({"kept": kept, "saved_at": timezone.now().isoformat()})


@require_POST
@project_page("label")
def skip(request: HttpRequest, here: Here, pk: int, unit_id: int) -> HttpResponse:
    """Give the unit back with a reason and go on."""
    round_ = round_of(here, pk)
    unit = own_unit(round_, unit_id, here)
    reason = request.POST.get("reason", "")
    if reason not in SKIP_REASONS:
        raise Refused("unknown_reason", f"Say why you skip: one of {', '.join(SKIP_REASONS)}.")
    key = request.POST.get("idempotency_key", "")
    skip_unit(round_, unit, here.reviewer, reason=SKIP_REASONS[reason], idempotency_key=key)
    return HttpResponseRedirect(next_address(here, round_), status=303)
