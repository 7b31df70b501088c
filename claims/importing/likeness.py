"""Which articles were found to be nearly the same text: what pages and API show of it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import F

from claims.models import Article, ArticleSketch

MOST_COUNTED = 1_000
COUNT_COPIES = """
SELECT own.article_id, (SELECT count(*) FROM (
    SELECT 1 FROM claims_articlesketch AS other
    WHERE other.project_id = own.project_id AND other.cluster = own.cluster LIMIT %(most)s
) AS found) - 1
FROM claims_articlesketch AS own WHERE own.article_id = ANY(%(articles)s) AND own.cluster IS NOT NULL
"""


def count_copies(articles: Sequence[int]) -> dict[int, int]:
    """How many other articles are nearly the text of each of these, at most MOST_COUNTED; of those that have any."""
    if not articles:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(COUNT_COPIES, {"articles": list(articles), "most": MOST_COUNTED + 1})
        return dict(cursor.fetchall())


def copies_of(article: Article, *, most: int = 50) -> list[ArticleSketch]:
    """The sketches of the articles that are nearly this text, the first published first, with article and outlet."""
    own = ArticleSketch.objects.filter(article=article).exclude(cluster=None).first()
    if own is None:
        return []
    rows = ArticleSketch.objects.in_project(article.project).filter(cluster=own.cluster).exclude(article=article)
    by_date = F("article__published_at").asc(nulls_last=True)
    return list(rows.select_related("article__outlet").order_by(by_date, "article")[:most])
