"""Which outlet an article is filed under, said by a person where the import could not know it or was wrong."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from claims import audit
from claims.errors import Conflict
from claims.importing.articles import lock_imports
from claims.importing.outlets import find_or_create_outlet
from claims.importing.takedown import refuse_under_hold
from claims.models import Article, User
from claims.permissions import check_can, check_not_archived
from claims.text import clean_line


def file_article(article: Article, *, outlet: str, by: User) -> Article:
    """File an article under the outlet of this name or alias, made if there is none; without a name under none.

    Its figures, strata and citations follow, as they do whenever an article changes. Raises Conflict `legal_hold` where
    the article would leave an outlet whose articles must be kept, `article_taken_down`, `article_changed` when somebody
    was quicker.
    """
    check_can("import", by, article.project)
    check_not_archived(article.project)
    if article.state == "retracted":
        raise Conflict("article_taken_down", "This article was taken down. Nothing of it is changed any more.")
    name = clean_line(outlet)[:200]
    with transaction.atomic():
        lock_imports(article.project)
        found = find_or_create_outlet(article.project, "", name, is_stated=True) if name else None
        if (found.pk if found else None) == article.outlet_id:
            return article
        refuse_under_hold(article)
        changed = Article.objects.filter(pk=article.pk, version=article.version).update(
            outlet=found, version=F("version") + 1
        )
        if not changed:
            raise Conflict("article_changed", "Somebody changed this article meanwhile. Look at it again.")
        audit.record("file_article", article, by=by, was=article.outlet_id, outlet=found.pk if found else None)
    article.refresh_from_db()
    return article
