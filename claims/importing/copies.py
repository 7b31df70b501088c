"""Near-duplicates: articles that are nearly the same text are put into one cluster and shown as such, never removed.

An import looks only at its own articles' bands, a bounded number of index entries each, so what it costs does not grow
with the project.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from django.db import connection

from claims import jobs
from claims.importing.articles import lock_imports
from claims.importing.outcome import count
from claims.importing.sketching import Hashes, bands_of, resemblance, shingles_of
from claims.models import Article, ArticleSketch, Job, Project, Segment, SketchBand, TextVersion

LEAST_LIKENESS = 0.5  # Jaccard of the shingles, from which two articles are copies
BATCH = 25
A_BAND = 12  # articles looked at for each band: a text that came a thousand times is met at once all the same
CANDIDATES = 12  # of each article, those with the most bands in common
BODY_SHARE = 0.3  # of the text; below, what the rules call body is not trusted to be the article

SHARING = """
SELECT asked.article_id, other.article_id, count(*)
FROM claims_sketchband AS asked CROSS JOIN LATERAL (
    SELECT article_id FROM claims_sketchband AS band
    WHERE band.project_id = asked.project_id AND band.key = asked.key AND band.article_id <> asked.article_id
    ORDER BY band.article_id LIMIT %(most)s
) AS other
WHERE asked.project_id = %(project)s AND asked.article_id = ANY(%(articles)s)
GROUP BY 1, 2
"""


def run_find_copies(job: Job) -> None:
    """The job `find_copies`: args {"articles": [ids]}, or {} for every article of the project not yet compared.

    The cursor is the last article done. Comparing one again changes nothing.
    """
    assert job.project is not None  # noqa: S101 - no project, no articles
    while batch := _next_batch(job, job.project):
        sketches = {pk: shingles_of(text) for pk, text in compared_texts(batch).items()}
        with jobs.chunk(job):
            found = place_in_clusters(job.project, sketches)
            count(job, "read", len(batch))
            count(job, "copies", found)
            job.cursor = {"article": batch[-1]}
    read, copies = job.counts.get("read", 0), job.counts.get("copies", 0)
    jobs.finish(job, "succeeded", sentence=f"{read:,} articles compared; {copies:,} are nearly the text of another.")


def _next_batch(job: Job, project: Project) -> list[int]:
    rows = Article.objects.in_project(project).filter(pk__gt=job.cursor.get("article", 0))
    named = job.args.get("articles")
    rows = rows.filter(sketch=None) if named is None else rows.filter(pk__in=named)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])


def place_in_clusters(project: Project, sketches: Mapping[int, Hashes]) -> int:
    """Write the sketches of these articles, join each to what it is a copy of, and return how many are copies.

    Call it in a transaction. Whoever writes sketches of a project takes turns here: two copies that come at once find
    each other.
    """
    lock_imports(project)
    _write_bands(project, sketches)
    shared = _articles_sharing_bands(project, list(sketches))
    known = dict(sketches)
    copies = 0
    for article, others in sorted(shared.items()):  # the texts of one article's candidates in memory, not of all
        known |= {pk: shingles_of(text) for pk, text in compared_texts(set(others) - set(known)).items()}
        alike = {other: resemblance(known[article], known[other]) for other in others if other in known}
        alike = {other: value for other, value in alike.items() if value >= LEAST_LIKENESS}
        if alike:
            copies += 1
            _join(project, article, alike)
    return copies


def compared_texts(articles: Collection[int]) -> dict[int, str]:
    """What of each article is compared: its body, or all of a text whose body is not told apart; erased ones are not
    there."""
    if not articles:
        return {}
    rows = TextVersion.objects.filter(article__in=list(articles), erased_at=None).order_by("article", "-n")
    versions = list(rows.distinct("article").values_list("pk", "article", "text"))
    spans: dict[int, list[tuple[int, int]]] = {pk: [] for pk, _, _ in versions}
    bodies = Segment.objects.filter(text_version__in=list(spans), role="body").order_by("text_version", "start")
    for version, start, end in bodies.values_list("text_version", "start", "end"):
        spans[version].append((start, end))
    texts: dict[int, str] = {}
    for pk, article, text in versions:
        body = "\n".join(text[start:end] for start, end in spans[pk])
        texts[article] = body if len(body) >= BODY_SHARE * len(text) else text
    return texts


def _write_bands(project: Project, sketches: Mapping[int, Hashes]) -> None:
    SketchBand.objects.filter(article__in=list(sketches)).delete()
    SketchBand.objects.bulk_create(
        [
            SketchBand(project=project, key=key, article_id=article)
            for article, shingles in sketches.items()
            for key in bands_of(shingles)
        ]
    )
    ArticleSketch.objects.bulk_create(
        [ArticleSketch(project=project, article_id=pk, shingles=len(found)) for pk, found in sketches.items()],
        update_conflicts=True,
        unique_fields=["article"],
        update_fields=["shingles"],
    )


def _articles_sharing_bands(project: Project, articles: Sequence[int]) -> dict[int, list[int]]:
    """For each of the articles those that have most bands in common with it."""
    with connection.cursor() as cursor:
        cursor.execute(SHARING, {"project": project.pk, "articles": list(articles), "most": A_BAND})
        rows = cursor.fetchall()
    shared: dict[int, Counter[int]] = {}
    for article, other, bands in rows:
        shared.setdefault(article, Counter())[other] = bands
    return {article: [other for other, _ in found.most_common(CANDIDATES)] for article, found in shared.items()}


def _join(project: Project, article: int, alike: Mapping[int, float]) -> None:
    """Put an article and those it is like into one cluster, together with what these were in already."""
    members = [article, *alike]
    rows = ArticleSketch.objects.in_project(project)
    clusters = set(rows.filter(article__in=members, cluster__isnull=False).values_list("cluster", flat=True))
    cluster = min(clusters, default=min(members))
    rows.filter(cluster__in=clusters - {cluster}).update(cluster=cluster)
    rows.filter(article__in=members, cluster=None).update(cluster=cluster)
    before = {other: value for other, value in alike.items() if other < article}
    if before:
        nearest = max(before, key=lambda other: (before[other], -other))
        rows.filter(article=article).update(nearest=nearest, likeness=before[nearest])
