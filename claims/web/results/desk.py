"""The newsroom's desk: what lies where, and one claim with everything that can be done to it now."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from claims.adjudication.desk.actions import (
    MOST_AT_ONCE,
    do_deed,
    items_seen_by,
    standing_at,
    take_in,
    take_in_worthiest,
    writers_of,
)
from claims.adjudication.desk.deeds import DEEDS, DESK_PRESETS, deeds_at
from claims.errors import NotFound, Refused, Sentence
from claims.lifecycle import DESK
from claims.models import Claim, ContentWarning, DeskItem
from claims.models.desk import RATINGS
from claims.web.filters import code_in
from claims.web.page import MAX_ID, Here, go, project_page, show, slice_of
from claims.web.said import refusal_said, said

# state -> (what the tab says, whom such a claim waits for)
STATE_WORDS: dict[str, tuple[str, str]] = {
    "triage": ("Triage", "an editor, to assign it or let it go"),
    "assigned": ("Assigned", "its writer, to begin"),
    "draft": ("Draft", "its writer, to hand it in"),
    "second_edit": ("Second editor", "an editor who neither wrote nor assigned it"),
    "sign_off": ("Sign-off", "an editor who is neither the writer nor the second editor"),
    "published": ("Published", ""),
    "declined": ("Not checked", ""),
}
RATING_WORDS = {
    "supported": "Supported",
    "refuted": "Refuted",
    "conflicting": "Conflicting evidence",
    "not_enough_evidence": "Not enough evidence",
}
PUT_HERE = "Put on the desk"
PRESET = DESK_PRESETS["politifact"]


@project_page("see_desk", tab="desk")
def desk(request: HttpRequest, here: Here) -> HttpResponse:
    """The claims in one state, and how many are in each; an editor takes claims in here."""
    if request.method == "POST":
        return _take_in(request, here)
    rows = items_seen_by(here.user, here.project)
    counted = rows.order_by().values_list("state").annotate(n=Count("id"))
    counts = Counter(dict(counted.values_list("state", "n")))
    asked = code_in(request, "state", DESK.states)
    state = asked or next((name for name in DESK.states if counts[name]), DESK.initial)
    return show(
        request,
        "desk",
        here,
        slice=slice_of(request, rows.filter(state=state)),
        state=state,
        words=STATE_WORDS[state],
        tabs=[(name, words, counts[name], n) for n, (name, (words, _)) in enumerate(STATE_WORDS.items(), 1)],
        ratings=RATING_WORDS,
        total=sum(counts.values()),
        most=MOST_AT_ONCE,
    )


def _take_in(request: HttpRequest, here: Here) -> HttpResponse:
    """One claim by its number, or so many that are most worth checking."""
    if request.POST.get("claim"):
        pk = _number(request, "claim")
        claim = Claim.objects.in_project(here.project).select_related("project").filter(pk=pk).first()
        if claim is None:
            raise Http404
        return go("desk-item", here.slug, take_in(claim, by=here.user).pk)
    taken = take_in_worthiest(here.project, _number(request, "n"), by=here.user)
    if taken:
        messages.success(request, said(Sentence("Claims put on the desk: {n}.", n=taken)))
    else:
        nothing = Sentence("No claim with a score of how much it is worth checking is left to take.")
        messages.info(request, said(nothing))
    return go("desk", here.slug)


def _number(request: HttpRequest, name: str) -> int:
    written = request.POST.get(name, "")
    is_number = written.isascii() and written.isdigit() and len(written) < 20
    return int(written) if is_number and int(written) <= MAX_ID else 0


@project_page("see_desk", tab="desk")
def item(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    row = _item(here, pk)
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            do_deed(row, request.POST.get("deed", ""), by=here.user, expected=_number(request, "version"),
                    said=request.POST.dict())  # fmt: skip
        except NotFound:
            raise
        except Refused as error:
            refusal = error
        else:
            return go("desk-item", here.slug, row.pk)
    shown = _shown(request, here, _item(here, pk), refusal)
    return show(request, "desk_item", here, status=refusal.status if refusal else 200, **shown)


def _item(here: Here, pk: int) -> DeskItem:
    row: DeskItem | None = items_seen_by(here.user, here.project).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _shown(request: HttpRequest, here: Here, row: DeskItem, refusal: Refused | None) -> dict[str, Any]:
    at = standing_at(row, here.user)
    sent = request.POST.dict() if refusal else {}
    kept = {"rating": row.rating, "text": row.text, "rationale": row.rationale, "link": row.link}
    moves = list(row.moves.select_related("by").order_by("pk"))
    asked = [move for move in moves if move.deed == "send_back"] if row.state == "draft" else []
    deeds = [(name, DEEDS[name], why) for name, why in deeds_at(at).items()]
    return {
        "warnings": ContentWarning.objects.in_project(here.project).filter(claim=row.claim_id).names(),
        "item": row,
        "words": STATE_WORDS[row.state],
        "steps": [(name, words) for name, (words, _) in STATE_WORDS.items() if name != "declined"],
        "deeds": [deed for deed in deeds if deed[2] is None],
        "closed": [(deed, said(why)) for _, deed, why in deeds if why is not None and at.is_editor],
        "is_writing": any(name == "write" and why is None for name, _, why in deeds),
        "given": kept | {name: value for name, value in sent.items() if name in (*kept, "words", "writer")},
        "refusal": refusal_said(refusal) if refusal else None,
        "ratings": [(code, RATING_WORDS[code]) for code in RATINGS],
        "rating": RATING_WORDS.get(row.rating, ""),
        "writers": writers_of(here.project) if at.is_editor else [],
        "moves": moves,
        "asked": asked[-1] if asked else None,
        "deed_words": {name: deed.done for name, deed in DEEDS.items()} | {"take_in": PUT_HERE},
        "questions": PRESET.questions if row.state in ("second_edit", "sign_off") else (),
        "is_link": row.link.startswith(("https://", "http://")),
        "back": f"{reverse('desk', args=[here.slug])}?state={row.state}",
    }
