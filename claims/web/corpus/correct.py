"""The correction page: a part of the article with its claims marked, and what can be done to each.

Every deed is a form of its own and works without script; static/js/correct.js sends the same forms and puts the
answer in place. Only the part of the article that is looked at is read and written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from claims.errors import NotFound, Refused
from claims.models import (
    Article,
    Assignment,
    AttributionHop,
    TextVersion,
)
from claims.models.claim import ATTRIBUTION_PRESENCE, HOP_ACTS, HOP_MODES, WORDING_CHECKS
from claims.splitting import correcting
from claims.splitting.desk import Piece
from claims.splitting.undoing import last_steps, redo, undo
from claims.web.corpus.parts import Shown, asked_part, blocks_in, claims_in
from claims.web.page import MAX_ID, Here, number_in, project_page, refused_page, show
from claims.web.work.label import wants_json

SPARE_HOPS = 1

CHECK_WORDS = {
    "entailed": "The article says this (entailed)",
    "self_contained": "It can be understood alone (self-contained)",
    "atomic": "It is one proposition (atomic)",
}
STEP_WORDS = {
    "add_claim": "adding a claim",
    "move_boundaries": "moving boundaries",
    "split_claim": "splitting",
    "merge_claims": "merging",
    "drop_claim": "dropping",
    "word_claim": "the wording",
    "change_hops": "who says it",
    "accept_resplit": "the newer splitting",
    "accept_suggestion": "the model’s suggestion",
}


def article_here(here: Here, pk: int) -> Article:
    row: Article | None = Article.objects.in_project(here.project).select_related("outlet").filter(pk=pk).first()
    if row is None:
        raise Http404
    row.project = here.project
    return row


@project_page("correct_claims", tab="articles")
def correct(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    article = article_here(here, pk)
    text = article.text_versions.order_by("-n").first()
    if text is None or text.erased_at is not None:
        raise Http404
    chosen = number_in(request, "claim")
    part = asked_part(request, article, text, chosen)
    shown = claims_in(article, text, part)
    selected = next((one for one in shown if one.row.pk == chosen), None)
    to_undo, to_redo = last_steps(article)
    return show(
        request,
        "correct",
        here,
        article=article,
        text=text,
        part=part,
        blocks=blocks_in(text, part, shown, selected),
        shown=shown,
        selected=selected,
        answers=answers_about(selected) if selected else 0,
        following=[one for one in shown if selected and one.row.pk != selected.row.pk],
        after=_next_of(shown, selected),
        hops=_rows_of(selected),
        to_undo=to_undo,
        to_redo=to_redo,
        step_words=STEP_WORDS,
        drop_reasons=correcting.DROP_REASONS,
        checks=[(f"check_{name}", CHECK_WORDS[name]) for name in WORDING_CHECKS],
        modes=HOP_MODES,
        acts=HOP_ACTS,
        attributions=ATTRIBUTION_PRESENCE,
        is_closed=article.state != "split" or article.claims_locked_at is not None,
    )


def answers_about(one: Shown) -> int:
    """How many answers stand about the claim as it is: they would be asked again if its words changed."""
    rows = Assignment.objects.filter(unit__occurrence_version__occurrence=one.row.pk, state="submitted")
    return rows.count()


def _next_of(shown: list[Shown], selected: Shown | None) -> Shown | None:
    return shown[shown.index(selected) + 1] if selected and shown.index(selected) + 1 < len(shown) else None


def _rows_of(selected: Shown | None) -> list[AttributionHop]:
    """The chain as rows of a form, with an empty one at the end."""
    own = selected.hops if selected else []
    return [*own, *(AttributionHop(mode="indirect") for _ in range(SPARE_HOPS))]


# --- deeds ------------------------------------------------------------------------------------------------------------


@dataclass
class Sent:
    """A form of the page."""

    article: Article
    here: Here
    post: Any

    def number(self, name: str) -> int:
        written = self.post.get(name, "")
        if not (written.isascii() and written.isdigit() and len(written) < 20 and int(written) <= MAX_ID):
            raise Refused("invalid_number", f"{name} must be a whole number.", status=400)
        return int(written)

    @property
    def claim(self) -> dict[str, Any]:
        return {"occurrence": self.number("claim"), "expected": self.number("version"), "by": self.here.user}

    @property
    def pieces(self) -> list[Piece]:
        """Places that script counted; else the words themselves, a piece a line, nearest to `near`."""
        if spans := self.post.get("spans", ""):
            return [_span(span) for span in spans[:4_000].split(",")]
        return correcting.locate_lines(self.text.text, self.post.get("words", "")[:100_000], self.near)

    @property
    def text(self) -> TextVersion:
        found = self.article.text_versions.order_by("-n").first()
        if found is None:
            raise NotFound
        return found

    @property
    def near(self) -> int:
        written = self.post.get("near", "")
        return int(written) if written.isascii() and written.isdigit() and len(written) < 9 else 0


def _span(written: str) -> Piece:
    start, _, end = written.partition("-")
    if not (start.isascii() and start.isdigit() and end.isascii() and end.isdigit() and len(written) < 20):
        raise Refused("invalid_pieces", "A piece is written start-end, in characters of the text.", status=400)
    return int(start), int(end)


def _add(sent: Sent) -> int:
    return correcting.add_claim(sent.article, pieces=sent.pieces, by=sent.here.user).pk


def _boundaries(sent: Sent) -> int:
    return correcting.move_boundaries(sent.article, pieces=sent.pieces, **sent.claim).pk


SPLIT_MARK = "|"


def _split(sent: Sent) -> int:
    at = sent.number("at") if sent.post.get("at") else _place_of_mark(sent)
    _, second = correcting.split_claim(sent.article, at=at, **sent.claim)
    return second.pk


def _place_of_mark(sent: Sent) -> int:
    """Without script: the claim's words come back with a bar where it is to be cut."""
    words = sent.post.get("words", "").replace("\r", "")
    before, mark, behind = words.partition(SPLIT_MARK)
    place = correcting.locate(sent.text.text, (before + behind).strip(), sent.near)
    if place is None and mark:  # somebody put spaces around the bar
        place = correcting.locate(sent.text.text, f"{before.strip()} {behind.strip()}", sent.near)
    if place is None or not mark:
        raise Refused("nothing_to_split", f"Put one {SPLIT_MARK} between the words where the claim is to be cut.")
    return place[0] + len(before.lstrip())


def _merge(sent: Sent) -> int:
    chosen = [(sent.number("claim"), sent.number("version"))]
    for written in sent.post.getlist("with")[:20]:
        pk, _, version = written.partition(".")
        if not (pk.isdigit() and version.isdigit() and len(written) < 30):
            raise Refused("invalid_number", "Choose a claim of the list.", status=400)
        chosen.append((int(pk), int(version)))
    return correcting.merge_claims(sent.article, chosen, by=sent.here.user).pk


def _drop(sent: Sent) -> None:
    reason, note = sent.post.get("reason", ""), sent.post.get("note", "")
    correcting.drop_claim(sent.article, reason=reason, note=note, **sent.claim)


def _word(sent: Sent) -> int:
    checks = [name for name in WORDING_CHECKS if sent.post.get(f"check_{name}")]
    return correcting.word_claim(sent.article, wording=sent.post.get("wording", ""), checks=checks, **sent.claim).pk


def _hops(sent: Sent) -> int:
    """Rows of the form in the order of their numbers; a row without words or marked as gone is left out."""
    columns = {name: sent.post.getlist(name) for name in ("order", "source", "cue", "mode", "act")}
    if len({len(values) for values in columns.values()}) > 1:
        raise Refused("invalid_hop", "The chain came incomplete. Look again.", status=400)
    rows: defaultdict[int, list[dict[str, str]]] = defaultdict(list)
    gone = set(sent.post.getlist("gone"))
    for n, (order, source, cue, mode, act) in enumerate(zip(*columns.values(), strict=True)):
        if (source.strip() or cue.strip()) and str(n) not in gone:
            place = int(order) if order.isascii() and order.isdigit() and len(order) < 4 else n
            rows[place].append({"source_text": source, "cue_text": cue, "mode": mode, "act": act})
    chain = [row for place in sorted(rows) for row in rows[place]]
    presence = sent.post.get("attribution", "")
    if not chain and presence == "attributed":
        presence = ""
    return correcting.change_hops(sent.article, hops=chain, attribution=presence, **sent.claim).pk


def _undo(sent: Sent) -> None:
    undo(sent.article, expected=sent.number("step"), by=sent.here.user)


def _redo(sent: Sent) -> None:
    redo(sent.article, expected=sent.number("step"), by=sent.here.user)


# name in the address -> (what it does and which claim is looked at afterwards, what is said)
DEEDS: Mapping[str, tuple[Callable[[Sent], int | None], str]] = {
    "add": (_add, "Claim added."),
    "boundaries": (_boundaries, "Boundaries moved."),
    "split": (_split, "Split in two."),
    "merge": (_merge, "Merged into one claim."),
    "drop": (_drop, "Claim dropped."),
    "word": (_word, "Wording saved."),
    "hops": (_hops, "Who says it is saved."),
    "undo": (_undo, "Undone."),
    "redo": (_redo, "Done again."),
}


@require_POST
@project_page("correct_claims", tab="articles")
def deed(request: HttpRequest, here: Here, pk: int, step: str) -> HttpResponse:
    """One step; then the page again, at the claim it concerned."""
    if step not in DEEDS:
        raise Http404
    act, words = DEEDS[step]
    sent = Sent(article_here(here, pk), here, request.POST)
    try:
        claim = act(sent)
    except NotFound:
        raise
    except Refused as refusal:
        return _refused(request, here, sent, refusal)
    asked = {"claim": claim} if claim else {"part": request.POST.get("part", "")[:6]}
    to = reverse("correct", args=[here.slug, pk]) + "?" + urlencode({k: v for k, v in asked.items() if v})
    if wants_json(request):
        return JsonResponse({"to": to, "said": words})
    messages.success(request, words)
    return HttpResponseRedirect(to, status=303)


def _refused(request: HttpRequest, here: Here, sent: Sent, refusal: Refused) -> HttpResponse:
    """Nothing was changed. After a conflict what stands is shown beside what was sent (CO-15)."""
    if wants_json(request):
        body = {"code": refusal.code, "sentence": refusal.sentence, "current": refusal.current}
        return JsonResponse(body, status=refusal.status)
    if refusal.status == 409 and refusal.current and "verbatim" in refusal.current:
        mine = sent.post.get("wording") or sent.post.get("words", "")
        return show(
            request,
            "correct_conflict",
            here,
            status=409,
            article=sent.article,
            refusal=refusal,
            current=refusal.current,
            mine=mine[:2_000],
        )
    return refused_page(request, refusal)
