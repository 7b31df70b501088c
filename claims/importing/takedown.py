"""Taking an article down: its words go from the pages, the storage and the releases; hashes and the reason stay."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Now, Repeat

from claims import audit, jobs
from claims.errors import Conflict, Refused
from claims.importing.erasing import erase_sources
from claims.lifecycle import ARTICLE
from claims.models import (
    Anchor,
    Article,
    ArticleLink,
    ArticleSource,
    AttributionHop,
    Claim,
    ClaimOccurrence,
    ClaimVersion,
    ModelSuggestion,
    OccurrenceVersion,
    TextVersion,
    Unit,
    User,
)
from claims.permissions import check_can
from claims.text import clean_line
from claims.values.erasable import TAKEN_DOWN


def take_down_article(article: Article, *, reason: str, by: User, with_claims: bool = False) -> Article:
    """Erase the text of all versions and the bytes it came from, and retract its claims; a job erases the files of
    releases that hold them. There is no way back.

    The SHA-256 of the text and of the original stay, so that a copy can be recognised, and so do labels, without the
    words they are about. A claim that stands in no other article is retracted itself. `with_claims` takes the sentences
    that its claims quote as well, and who they and the labels on them name as saying it; without it they stay, for the
    record of what was judged. Raises Refused `reason_missing` and Conflict when it is taken down already or was changed
    meanwhile.
    """
    check_can("import", by, article.project)
    why = clean_line(reason)[:2_000]
    if not why:
        raise Refused("reason_missing", "Say why it is taken down; the reason stays in place of the article.")
    ARTICLE.check_move(article.state, "retracted")
    refuse_under_hold(article)
    with transaction.atomic():
        changed = Article.objects.filter(pk=article.pk, version=article.version).update(
            state="retracted", state_reason=why, headline=TAKEN_DOWN, byline="", version=F("version") + 1
        )
        if not changed:
            raise Conflict("article_changed", "Somebody changed this article meanwhile. Look at it again.")
        TextVersion.objects.filter(article=article, erased_at=None).update(text="", erased_at=Now())
        _erase_originals(article)
        ArticleLink.objects.filter(article=article).delete()
        _retract_claims(article, why)
        erased = _erase_claims(article) if with_claims else 0
        jobs.enqueue("erase_released", project=article.project, by=by)
        audit.record("take_down_article", article, by=by, with_claims=with_claims, occurrences=erased)
    article.refresh_from_db()
    return article


def refuse_under_hold(article: Article) -> None:
    """A hold on the outlet, or on one that it was merged into, keeps every word; the database holds to it besides."""
    outlet = article.outlet
    while outlet is not None:
        if outlet.held_at is not None:
            raise Conflict(
                "legal_hold",
                f"{outlet.name[:60]} is under legal hold since {outlet.held_at:%Y-%m-%d}: nothing of its articles may "
                "be erased or filed elsewhere. Exclude the article, or release the hold first.",
            )
        outlet = outlet.merged_into


def _erase_originals(article: Article) -> None:
    """A file that other articles came from as well stays for them."""
    names = set(ArticleSource.objects.filter(article=article).values_list("file", flat=True))
    others = ArticleSource.objects.filter(file__in=names).exclude(article=article).exclude(article__state="retracted")
    for name in names - set(others.values_list("file", flat=True)):
        default_storage.delete(name)


def _retract_claims(article: Article, why: str) -> None:
    held = ClaimOccurrence.objects.filter(article=article)
    claims = list(held.values_list("claim", flat=True))
    held.exclude(state="retracted").update(state="retracted", state_reason=why, version=F("version") + 1)
    elsewhere = ClaimOccurrence.objects.filter(claim__in=claims).standing().values("claim")
    Claim.objects.filter(pk__in=claims, retracted_at=None).exclude(pk__in=elsewhere).update(retracted_at=Now())


def _erase_claims(article: Article) -> int:
    """Blank the words of the article's claims, in what was judged, where they stand and who says them; the wording of
    a claim itself only if it stands nowhere else. Returns how many occurrences were blanked."""
    held = ClaimOccurrence.objects.filter(article=article)
    versions = OccurrenceVersion.objects.filter(occurrence__in=held)
    AttributionHop.objects.filter(occurrence_version__in=versions).update(source_text="", cue_text="")
    Anchor.objects.filter(occurrence_version__in=versions).update(exact=Repeat(Value("·"), F("end") - F("start")))
    versions.update(verbatim=TAKEN_DOWN, wording="", hedges=[], measures=[])
    ModelSuggestion.objects.filter(article=article).delete()
    elsewhere = ClaimOccurrence.objects.exclude(article=article).values("claim")
    alone = Claim.objects.filter(occurrences__in=held).exclude(pk__in=elsewhere)
    wordings = list(alone.values_list("pk", flat=True))
    ClaimVersion.objects.filter(claim__in=wordings).update(text=TAKEN_DOWN)
    Claim.objects.filter(pk__in=wordings).update(text=TAKEN_DOWN)
    erase_sources(Unit.objects.filter(Q(article=article) | Q(claim_version__claim__in=wordings)))
    return held.count()
