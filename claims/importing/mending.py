"""What people mend of an article once it is in: take it out, say what a block is and which language it is in."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from claims import audit, jobs
from claims.errors import Conflict, Refused
from claims.importing.articles import LANGUAGE_CODE
from claims.lifecycle import ARTICLE
from claims.models import Article, ClaimOccurrence, Segment, User
from claims.models.article import SEGMENT_ROLES
from claims.permissions import check_can, check_not_archived
from claims.text import clean_line


def exclude_article(article: Article, *, reason: str, by: User) -> Article:
    """Take an article out of the work, with the reason that the flow of the project counts it under; it stays readable,
    and no round draws from it. Raises Refused `reason_missing`; Conflict when its state does not allow it."""
    check_can("import", by, article.project)
    check_not_archived(article.project)
    if not reason.strip():
        raise Refused("reason_missing", "Say why the article is left out: the methods section counts by reason.")
    ARTICLE.check_move(article.state, "excluded")
    with transaction.atomic():
        changed = Article.objects.filter(pk=article.pk, version=article.version).update(
            state="excluded", state_reason=clean_line(reason)[:2_000], version=F("version") + 1
        )
        if not changed:
            raise Conflict("article_changed", "Somebody changed this article meanwhile. Look at it again.")
        audit.record("exclude_article", article, by=by)
    article.refresh_from_db()
    return article


def include_article(article: Article, *, by: User) -> Article:
    """Take back an exclusion: the article stands as it did, and is split if it never was."""
    check_can("import", by, article.project)
    check_not_archived(article.project)
    state = "split" if ClaimOccurrence.objects.filter(article=article).exists() else "imported"
    if article.state != "excluded":
        raise Conflict("not_excluded", "This article is not left out.", current={"state": article.state})
    with transaction.atomic():
        changed = Article.objects.filter(pk=article.pk, version=article.version).update(
            state=state, state_reason="", version=F("version") + 1
        )
        if not changed:
            raise Conflict("article_changed", "Somebody changed this article meanwhile. Look at it again.")
        audit.record("include_article", article, by=by)
        if state == "imported":
            jobs.enqueue("split_article", project=article.project, by=by, args={"articles": [article.pk]})
    article.refresh_from_db()
    return article


def correct_segment_role(segment: Segment, *, role: str, by: User) -> Segment:
    """Say what a block is, against the rules' guess; the text itself does not change."""
    article = segment.text_version.article
    check_can("correct_claims", by, article.project)
    check_not_archived(article.project)
    if role not in SEGMENT_ROLES:
        raise Refused("unknown_role", f"“{role[:40]}” is not a role of a block. Roles: {', '.join(SEGMENT_ROLES)}.")
    with transaction.atomic():
        Segment.objects.filter(pk=segment.pk).update(role=role, decided_by="person")
        audit.record(
            "correct_segment_role", segment, by=by, project=article.project, role=role, instead_of=segment.role
        )
    segment.refresh_from_db(fields=["role", "decided_by"])
    return segment


def correct_segment_language(segment: Segment, *, language: str, by: User) -> Segment:
    """Say which language a block is in. Raises Refused `unknown_language` for what is no language code."""
    article = segment.text_version.article
    check_can("correct_claims", by, article.project)
    check_not_archived(article.project)
    code = language.strip().lower()
    if not LANGUAGE_CODE.fullmatch(code):
        raise Refused("unknown_language", f"“{language[:20]}” is not a language code. Write it as en, el or pt-br.")
    with transaction.atomic():
        Segment.objects.filter(pk=segment.pk).update(language=code, decided_by="person")
        audit.record(
            "correct_segment_language",
            segment,
            by=by,
            project=article.project,
            language=code,
            instead_of=segment.language,
        )
    segment.refresh_from_db(fields=["language", "decided_by"])
    return segment
