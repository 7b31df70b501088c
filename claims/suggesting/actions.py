"""The writes of suggesting: a job asks about an article, people take over or reject what was found in the text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from claims import audit, jobs
from claims.errors import Conflict, NotFound, Refused
from claims.models import Anchor, Article, ClaimOccurrence, Job, ModelSuggestion, OccurrenceVersion, TextVersion, User
from claims.models.article import CLAIM_ROLES
from claims.permissions import check_can, check_not_archived
from claims.splitting.correcting import locate
from claims.splitting.desk import Content, HopContent, at_desk
from claims.suggesting.asking import Said, ask_about, is_on
from claims.suggesting.locating import locate_quote

PASSAGE = 6_000  # code points asked about at once
AROUND = 1_000  # code points beside a claim in which its speaker is looked for
ALIKE = 0.9  # intersection over union from which a suggestion is about a claim that is there


def start_suggestions(article: Article, *, by: User) -> Job:
    """Ask the model about the article's newest text, in the background. Refused `model_off`."""
    check_can("correct_claims", by, article.project)
    check_not_archived(article.project)
    if not is_on():
        raise Refused("model_off", "No model is set up. Set MODEL_ENDPOINT and MODEL_NAME, and start again.")
    if article.state != "split":
        raise Conflict("article_not_split", f"This article is {article.state}.", current={"state": article.state})
    with transaction.atomic():
        job = jobs.enqueue("suggest_claims", project=article.project, args={"article": article.pk}, by=by)
        audit.record("ask_model", article, by=by, job=job.pk)
    return job


def run_suggest(job: Job) -> None:
    """The job `suggest_claims`: args {"article": id}; a passage a chunk. A passage without an answer is noted and does
    not stop the others."""
    article = Article.objects.select_related("project").get(pk=job.args["article"])
    text = article.text_versions.order_by("-n").first()
    if text is None or text.erased_at is not None:
        jobs.finish(job, "failed", reason="no_text", sentence="This article has no text.")
        return
    passages = passages_of(text)
    for at in range(job.cursor.get("passage", 0), len(passages)):
        jobs.renew(job)
        said: Said | None = None
        refusal: Refused | None = None
        start, end = passages[at]
        try:
            said = ask_about(text.text[start:end])
        except Refused as refused:
            refusal = refused
        with jobs.chunk(job):
            job.cursor = {"passage": at + 1}
            _count(job, "read", 1)
            if refusal is not None:
                _count(job, "failed", 1)
                jobs.note_error(
                    job, code=refusal.code, sentence=refusal.sentence, member=f"characters {start} to {end}"
                )
            elif said is not None:
                _keep(job, article, text, said, (start, end))
    failed, suggested = job.counts.get("failed", 0), job.counts.get("suggested", 0)
    sentence = f"{suggested:,} suggestions; {job.counts.get('not_located', 0):,} quotes did not stand in the text."
    if failed:
        sentence += f" {failed:,} passages without an answer: see the errors."
    state = "succeeded" if not failed else "partial" if failed < len(passages) else "failed"
    jobs.finish(job, state, reason="some_failed" if failed else "", sentence=sentence)


def passages_of(text: TextVersion) -> list[tuple[int, int]]:
    """Runs of whole blocks that can hold claims, at most PASSAGE code points; a longer block is cut at white space."""
    found: list[tuple[int, int]] = []
    rows = text.segments.filter(role__in=CLAIM_ROLES).order_by("start").values_list("start", "end")
    for begin, end in rows:
        start = begin
        if found and end - found[-1][0] <= PASSAGE and not text.text[found[-1][1] : start].strip():
            found[-1] = (found[-1][0], end)
            continue
        while end - start > PASSAGE:
            ends = (text.text.rfind(mark, start + PASSAGE // 2, start + PASSAGE) for mark in (". ", " "))
            cut = next((at + 1 for at in ends if at > 0), start + PASSAGE)
            found.append((start, cut))
            start = cut
        found.append((start, end))
    return found


@dataclass(frozen=True)
class Known:
    """A claim that stands: its places and what is said of it."""

    occurrence: int
    pieces: tuple[tuple[int, int], ...]
    wording: str
    hops: tuple[tuple[str, str], ...]  # (source, cue)


def _known(article: Article, text: TextVersion) -> list[Known]:
    rows = ClaimOccurrence.objects.filter(article=article).standing()
    newest = OccurrenceVersion.objects.filter(occurrence__in=rows).order_by("occurrence", "-n").distinct("occurrence")
    versions = list(newest.prefetch_related("hops"))
    pieces: dict[int, list[tuple[int, int]]] = {version.pk: [] for version in versions}
    anchors = Anchor.objects.filter(occurrence_version__in=versions, text_version=text).order_by("piece")
    for version, start, end in anchors.values_list("occurrence_version", "start", "end"):
        pieces[version].append((start, end))
    return [
        Known(
            version.occurrence_id,
            tuple(pieces[version.pk]),
            version.wording,
            tuple((hop.source_text, hop.cue_text) for hop in sorted(version.hops.all(), key=lambda hop: hop.n)),
        )
        for version in versions
    ]


def _keep(job: Job, article: Article, text: TextVersion, said: Said, passage: tuple[int, int]) -> None:
    _count(job, "unusable", said.n_unusable)
    known = _known(article, text)
    rows = []
    for claim in said.claims:
        place = locate_quote(text.text, claim["quote"], *passage)
        if place is None:
            _count(job, "not_located", 1)
            continue
        pieces = ((place.start, place.end),)
        hops = _located_hops(text.text, claim["chain"], place.start, place.end)
        is_read_well = place.how != "near" and claim["wording"] != text.text[place.start : place.end]
        wording = claim["wording"] if is_read_well else ""
        same = max(known, key=lambda one: overlap(one.pieces, pieces), default=None)
        occurrence = same if same is not None and overlap(same.pieces, pieces) >= ALIKE else None
        for kind, content in _about(occurrence, pieces, wording, hops):
            rows.append(
                ModelSuggestion(
                    project=article.project,
                    article=article,
                    text_version=text,
                    occurrence_id=occurrence.occurrence if occurrence else None,
                    kind=kind,
                    content=content,
                    digest=_digest(kind, occurrence.occurrence if occurrence else None, content),
                    located=place.how,
                    model=said.model,
                    prompt_sha256=said.prompt_sha256,
                )
            )
    before = ModelSuggestion.objects.filter(article=article).count()
    ModelSuggestion.objects.bulk_create(rows, ignore_conflicts=True)
    _count(job, "suggested", ModelSuggestion.objects.filter(article=article).count() - before)


def _about(
    known: Known | None, pieces: Sequence[tuple[int, int]], wording: str, hops: list[dict[str, Any]]
) -> list[tuple[str, dict[str, Any]]]:
    """What is new in a suggestion: a claim, or another wording or chain of one that stands; nothing new, nothing."""
    places = [list(piece) for piece in pieces]
    if known is None:
        return [("claim", {"pieces": places, "wording": wording, "hops": hops})]
    found: list[tuple[str, dict[str, Any]]] = []
    if wording and wording != known.wording:
        found.append(("wording", {"wording": wording}))
    if hops and tuple((hop["source_text"], hop["cue_text"]) for hop in hops) != known.hops:
        found.append(("attribution", {"hops": hops}))
    return found


def _located_hops(text: str, chain: Sequence[Mapping[str, str]], start: int, end: int) -> list[dict[str, Any]]:
    """The chain with its places; none when a speaker does not stand near the claim."""
    low, high = max(0, start - AROUND), min(len(text), end + AROUND)
    near, found = text[low:high], []
    for hop in chain:
        source, cue = locate(near, hop["source"], start - low), locate(near, hop["cue"], start - low)
        if source is None:
            return []
        found.append(
            {
                "source_text": hop["source"],
                "source_start": source[0] + low,
                "source_end": source[1] + low,
                "cue_text": hop["cue"] if cue else "",
                "cue_start": cue[0] + low if cue else None,
                "cue_end": cue[1] + low if cue else None,
                "mode": hop["mode"],
                "act": hop["act"],
            }
        )
    return found


def overlap(first: Sequence[tuple[int, int]], second: Sequence[tuple[int, int]]) -> float:
    """Intersection over union of two sets of places, in code points."""
    shared = sum(max(0, min(end, stop) - max(start, begin)) for start, end in first for begin, stop in second)
    whole = sum(end - start for pieces in (first, second) for start, end in pieces) - shared
    return shared / whole if whole else 0.0


def _digest(kind: str, occurrence: int | None, content: Mapping[str, Any]) -> str:
    said = json.dumps([kind, occurrence, content], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def _count(job: Job, name: str, more: int) -> None:
    if more:
        job.counts[name] = job.counts.get(name, 0) + more


# --- deciding -----------------------------------------------------------------------------------------------------


def accept_suggestion(suggestion: ModelSuggestion, *, by: User) -> ClaimOccurrence:
    """Take it over: one step at the correction desk, marked as a model's, undone like any other.

    Conflict `decided_meanwhile`, `text_changed`, and what the desk refuses.
    """
    article = suggestion.article
    with at_desk(article, by=by, step="accept_suggestion") as desk:
        row = _decide(suggestion, "accepted", by)
        if row.text_version_id != desk.text.pk:
            raise Conflict("text_changed", "The article has a newer text. Ask the model again.")
        splitter = f"model {row.model}"[:60]
        hops = tuple(HopContent(**hop) for hop in row.content.get("hops", ()))
        if row.occurrence_id is None:
            pieces = desk.check_pieces([(start, end) for start, end in row.content["pieces"]])
            content = Content(
                pieces=pieces,
                verbatim=desk.verbatim(pieces),
                wording=row.content["wording"],
                segment_role=desk.role_at(pieces[0][0]),
                attribution="attributed" if hops else "author_voice",
                hops=hops,
                origin="model",
                splitter=splitter,
            )
            return desk.add(content).row
        found = desk.read_standing(row.occurrence_id, None)
        if row.kind == "wording":
            content = replace(found.content, wording=row.content["wording"], wording_checks=())
        else:
            content = replace(found.content, hops=hops, attribution="attributed")
        desk.write(found, replace(content, origin="model", splitter=splitter))
        return found.row


def reject_suggestion(suggestion: ModelSuggestion, *, by: User) -> None:
    check_can("correct_claims", by, suggestion.project)
    check_not_archived(suggestion.project)
    with transaction.atomic():
        row = _decide(suggestion, "rejected", by)
        audit.record("reject_suggestion", row, by=by)


def _decide(suggestion: ModelSuggestion, state: str, by: User) -> ModelSuggestion:
    row: ModelSuggestion | None = (
        ModelSuggestion.objects.select_for_update(no_key=True).filter(pk=suggestion.pk).first()
    )
    if row is None:
        raise NotFound
    if row.state != "waiting":
        raise Conflict("decided_meanwhile", f"This suggestion is {row.state} already.", current={"state": row.state})
    ModelSuggestion.objects.filter(pk=row.pk).update(state=state, decided_by=by, decided_at=Now())
    return row
