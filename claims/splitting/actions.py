"""The writes of splitting: an imported article becomes claims, once, all of them or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from django.db import models, transaction

from claims import jobs
from claims.errors import NotFound, Refused
from claims.models import (
    Anchor,
    Article,
    AttributionHop,
    Claim,
    ClaimOccurrence,
    ClaimVersion,
    Job,
    OccurrenceVersion,
    Segment,
    TextVersion,
)
from claims.splitting.measuring import measures_of
from claims.splitting.splitters import DEFAULT_SPLITTER, MOST_CLAIMS, SPLITTER_VERSION, SPLITTERS, Block, SplitClaim
from claims.splitting.splitters.learned import Learned
from claims.splitting.training import active_model, weights_of

Row = TypeVar("Row", bound=models.Model)

BATCH = 500
BETWEEN_PIECES = " … "


@dataclass(frozen=True)
class Draft:
    """What a splitter found in one text version, not yet written."""

    article: Article
    text_version: TextVersion
    claims: list[SplitClaim]
    splitter: str

    def quote(self, piece: tuple[int, int]) -> str:
        return self.text_version.text[piece[0] : piece[1]]

    def verbatim(self, claim: SplitClaim) -> str:
        return BETWEEN_PIECES.join(map(self.quote, claim.pieces))


def split_article(article: Article, *, splitter: str = DEFAULT_SPLITTER) -> int:
    """Write the claims of an imported article and return how many it has; one that is split already is left alone.

    Raises Refused `too_many_claims` (nothing is written), `unknown_splitter`, or NotFound for an article without text.
    """
    if article.state != "imported":
        return article.occurrences.count()
    draft = draft_claims(article, splitter=splitter)
    with transaction.atomic():
        return store_claims(draft)


def draft_claims(article: Article, *, splitter: str = DEFAULT_SPLITTER) -> Draft:
    """Split the article's newest text and write nothing. It may take seconds: call it outside a transaction."""
    if splitter not in SPLITTERS:
        known = ", ".join(SPLITTERS)
        raise Refused("unknown_splitter", f'There is no splitter "{splitter}". Choose one of: {known}.')
    text_version = article.text_versions.order_by("-n").first()
    if text_version is None or text_version.erased_at is not None:
        raise NotFound
    segments = list(text_version.segments.order_by("start"))
    blocks = [Block(segment.start, segment.end, segment.role) for segment in segments]
    claims = SPLITTERS[splitter](text_version.text, _language(article, segments), blocks)
    if len(claims) > MOST_CLAIMS:
        raise Refused(
            "too_many_claims",
            f"This article splits into more than {MOST_CLAIMS:,} claims, the most that one article may have. "
            "Nothing was written. Import it in parts.",
        )
    name = f"{splitter} {SPLITTER_VERSION}"
    learned = active_model(article.project_id)
    if learned is not None:
        claims, name = _rescored(text_version.text, claims, weights_of(learned)), f"{name}, {learned.name}"
    return Draft(article, text_version, claims, name)


def _rescored(text: str, claims: Sequence[SplitClaim], model: Learned) -> list[SplitClaim]:
    """The same claims, weighed by what the installation learned; the words that counted stand beside the reasons."""
    found = []
    for claim in claims:
        words = BETWEEN_PIECES.join(text[start:end] for start, end in claim.pieces)
        score, reasons = model.score(words, claim.reasons)
        found.append(replace(claim, checkworthiness=score, reasons=(*claim.reasons, *reasons)))
    return found


def _language(article: Article, segments: Sequence[Segment]) -> str:
    """The article's language; where it is not known, the one that most of its text is in."""
    if article.language != "und":
        return article.language
    sizes: Counter[str] = Counter()
    for segment in segments:
        sizes[segment.language] += segment.end - segment.start
    return sizes.most_common(1)[0][0] if sizes else "und"


def store_claims(draft: Draft) -> int:
    """Write a draft in the caller's transaction; does nothing when somebody else was quicker or the article is out."""
    article = Article.objects.select_for_update(no_key=True).get(pk=draft.article.pk)
    if article.state != "imported":
        return ClaimOccurrence.objects.filter(article=article).count()
    claims = _claims(draft)
    occurrences = _occurrences(draft, claims)
    versions = _versions(draft, occurrences)
    _write(Anchor, [anchor for pair in zip(draft.claims, versions, strict=True) for anchor in _anchors(draft, *pair)])
    _write(AttributionHop, [hop for pair in zip(draft.claims, versions, strict=True) for hop in _hops(*pair)])
    Article.objects.filter(pk=article.pk).update(state="split", version=models.F("version") + 1)
    draft.article.state = "split"
    return len(claims)


def _write(model: type[Row], rows: list[Row]) -> list[Row]:
    return model._default_manager.bulk_create(rows, batch_size=BATCH)


def _claims(draft: Draft) -> list[Claim]:
    project = draft.article.project_id
    claims = _write(
        Claim,
        [
            Claim(project_id=project, text=draft.verbatim(found), checkworthiness=found.checkworthiness)
            for found in draft.claims
        ],
    )
    _write(ClaimVersion, [ClaimVersion(claim=claim, n=1, text=claim.text) for claim in claims])
    return claims


def _occurrences(draft: Draft, claims: list[Claim]) -> list[ClaimOccurrence]:
    return _write(
        ClaimOccurrence,
        [
            ClaimOccurrence(
                project_id=draft.article.project_id,
                claim=claim,
                article=draft.article,
                position=found.pieces[0][0],
            )
            for found, claim in zip(draft.claims, claims, strict=True)
        ],
    )


def _versions(draft: Draft, occurrences: list[ClaimOccurrence]) -> list[OccurrenceVersion]:
    return _write(
        OccurrenceVersion,
        [
            OccurrenceVersion(
                occurrence=occurrence,
                n=1,
                verbatim=draft.verbatim(found),
                segment_role=found.role,
                attribution=found.attribution_presence,
                kinds=list(found.kinds),
                hedges=[draft.quote(hedge)[:120] for hedge in found.hedges],
                **measures_of(draft.verbatim(found), draft.article),
                checkworthiness=found.checkworthiness,
                checkworthiness_reasons=list(found.reasons),
                splitter=draft.splitter,
            )
            for found, occurrence in zip(draft.claims, occurrences, strict=True)
        ],
    )


def _anchors(draft: Draft, found: SplitClaim, version: OccurrenceVersion) -> list[Anchor]:
    return [
        Anchor(
            occurrence_version=version,
            text_version=draft.text_version,
            piece=n,
            start=start,
            end=end,
            exact=draft.quote((start, end)),
        )
        for n, (start, end) in enumerate(found.pieces)
    ]


def _hops(found: SplitClaim, version: OccurrenceVersion) -> list[AttributionHop]:
    return [
        AttributionHop(
            occurrence_version=version,
            n=n,
            source_text=hop.source_text,
            source_start=hop.source_span[0] if hop.source_span else None,
            source_end=hop.source_span[1] if hop.source_span else None,
            cue_text=hop.cue_text,
            cue_start=hop.cue_span[0] if hop.cue_span else None,
            cue_end=hop.cue_span[1] if hop.cue_span else None,
            mode=hop.mode,
            act=hop.act,
        )
        for n, hop in enumerate(found.hops)
    ]


def run_split(job: Job) -> None:
    """The job `split_article`: args {"article": id} or {"articles": [ids]}; one article a chunk, so it goes on after a
    crash where it was. An article that is refused is noted and does not stop the others."""
    wanted: list[int] = job.args.get("articles") or [job.args["article"]]
    for at in range(job.cursor.get("article", 0), len(wanted)):
        _split_one(job, wanted[at], at)
    failed, done = job.counts.get("failed", 0), job.counts.get("split", 0)
    state = "succeeded" if not failed else "partial" if done else "failed"
    sentence = f"{job.counts.get('claims', 0):,} claims in {done:,} articles."
    if failed:
        sentence += f" {failed:,} not split: see the errors."
    with transaction.atomic():
        if done:
            jobs.enqueue("match_claims", project=job.project, args={"articles": wanted})
        jobs.finish(job, state, reason="some_failed" if failed else "", sentence=sentence)


def _split_one(job: Job, article_id: int, at: int) -> None:
    article = Article.objects.get(pk=article_id)
    draft: Draft | None = None
    refusal: Refused | None = None
    if article.state == "imported":
        try:
            draft = draft_claims(article)
        except Refused as refused:
            refusal = refused
    with jobs.chunk(job):
        job.cursor = {"article": at + 1}
        if refusal is not None:
            _count(job, "failed", 1)
            jobs.note_error(job, code=refusal.code, sentence=refusal.sentence, member=f"article {article_id}")
            Article.objects.filter(pk=article_id).update(state_reason=refusal.sentence)
            return
        _count(job, "split", 1)
        _count(job, "claims", store_claims(draft) if draft is not None else article.occurrences.count())


def _count(job: Job, name: str, more: int) -> None:
    job.counts[name] = job.counts.get(name, 0) + more
