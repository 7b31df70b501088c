"""What it costs to find the near-duplicates of new articles, beside a project that is small, and one that is large."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from django.db import connection, transaction

from claims.importing.copies import A_BAND, BATCH, SHARING, place_in_clusters
from claims.importing.sketching import BANDS, bands_of, shingles_of
from claims.management.benchmarks.labelling import own_database
from claims.models import Article, ArticleSketch, Project, Segment, TextVersion, User
from claims.people.actions import create_project

Say = Callable[[str], None]
SMALL = 1_000  # articles of the project that the others are compared with
MOST_TIMES = 3.0  # as dear as in the small one
EVERY_TENTH = 10  # new article is a copy of the one before it, with its end left out
WORDS = 700
# Articles that were compared before: what their texts were does not matter here, only their bands.
FILL = (
    """
    INSERT INTO claims_article (project_id, headline, byline, url, canonical_url, published_how, language, genre,
        content_sha256, state, state_reason, extra, version)
    SELECT %(project)s, 'Ferry report ' || n, '', '', '', 'unknown', 'en', '', md5(n::text), 'split', '', '{}', 1
    FROM generate_series(1, %(articles)s) AS n
    """,
    """
    INSERT INTO claims_articlesketch (article_id, project_id, shingles)
    SELECT id, project_id, 600 FROM claims_article WHERE project_id = %(project)s
    """,
    """
    INSERT INTO claims_sketchband (project_id, key, article_id)
    SELECT project_id, hashtextextended(id || '-' || band, 0), id
    FROM claims_article, generate_series(1, %(bands)s) AS band WHERE project_id = %(project)s
    """,
    # One agency text that half of them ran: all have one band of it, which the first new article has too.
    """
    INSERT INTO claims_sketchband (project_id, key, article_id)
    SELECT project_id, %(often)s, id FROM claims_article WHERE project_id = %(project)s AND id %% 2 = 0
    """,
    "ANALYZE claims_sketchband",
    "ANALYZE claims_articlesketch",
)


def run(sizes: Sequence[int], reviewers: Sequence[int], seconds: float, say: Say) -> None:
    """`sizes` are numbers of articles that are there already; new ones come for so many `seconds`."""
    with own_database():
        user = User.objects.create(username="benchmark")
        bare = 0.0
        for size in sorted({SMALL, *sizes}):
            project = create_project(name=f"{size} articles", slug=f"articles-{size}", goal="code_corpus", by=user)
            fill(project, size)
            found, spent = measure(project, seconds)
            a_second = found / spent
            bare = bare or a_second
            faults = [] if a_second * MOST_TIMES >= bare else [f"MORE than {MOST_TIMES:.0f} times as dear"]
            faults += ["READS THE WHOLE TABLE"] if "Seq Scan on claims_sketchband" in plan_of(project) else []
            say(
                f"{size:12,} articles  {a_second:8,.1f} more a second  {a_second / bare:5.2f} of {SMALL:,}  "
                f"{'  '.join(faults)}".rstrip()
            )


def fill(project: Project, articles: int) -> None:
    often = bands_of(shingles_of(text_of(0)))[0]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # every row points at one written just above
        for statement in FILL:
            cursor.execute(statement, {"project": project.pk, "articles": articles, "bands": BANDS, "often": often})


def measure(project: Project, seconds: float) -> tuple[int, float]:
    """(articles compared, seconds), in batches as the job does them; every tenth is found to be a copy."""
    done, spent, at = 0, 0.0, 0
    while spent < seconds:
        articles = write_articles(project, range(at, at + BATCH))
        at += BATCH
        began = time.perf_counter()
        with transaction.atomic():
            copies = place_in_clusters(project, {pk: shingles_of(text) for pk, text in articles.items()})
        spent += time.perf_counter() - began
        done += len(articles)
        if copies < BATCH // EVERY_TENTH:
            raise RuntimeError(f"{copies} copies were found in a batch of {BATCH}: the figures mean nothing.")
    return done, spent


def text_of(n: int) -> str:
    """About 4 KB of words in an order that no other text has, unless it is the copy."""
    is_copy = n % EVERY_TENTH == EVERY_TENTH - 1
    if is_copy:
        return text_of(n - 1)[: 5 * WORDS]  # so alike that each is found: at two thirds, one in fifteen is not
    return " ".join(f"w{(n * 7_919 + at * at * (n % 89 + 31)) % 20_011}" for at in range(WORDS))


def write_articles(project: Project, numbers: range) -> dict[int, str]:
    texts = [text_of(n) for n in numbers]
    articles = Article.objects.bulk_create(
        [Article(project=project, headline="New", content_sha256=f"new-{n}", language="en") for n in numbers]
    )
    versions = TextVersion.objects.bulk_create(
        [
            TextVersion(article=article, n=1, text=text, sha256="", length=len(text), recipe="none")
            for article, text in zip(articles, texts, strict=True)
        ]
    )
    Segment.objects.bulk_create(
        [Segment(text_version=one, n=0, start=0, end=one.length, role="body", language="en") for one in versions]
    )
    return {article.pk: text for article, text in zip(articles, texts, strict=True)}


def plan_of(project: Project) -> str:
    """How the database finds the articles that share a band with the newest."""
    newest = list(ArticleSketch.objects.in_project(project).order_by("-pk").values_list("pk", flat=True)[:BATCH])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {SHARING}", {"project": project.pk, "articles": newest, "most": A_BAND})
        return "\n".join(row[0] for row in cursor.fetchall())
