"""Near-duplicates: syndicated copies are found among the seeds' own texts, unrelated texts are not, nothing goes."""

from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np
import pytest
from django.db import connection

from claims import jobs
from claims.importing.copies import CANDIDATES, place_in_clusters, run_find_copies
from claims.importing.likeness import copies_of, count_copies
from claims.importing.sketching import BANDS, FEWEST, bands_of, resemblance, shingles_of
from claims.models import Article, ArticleSketch, Job, Project, SketchBand
from tests.factories import make_article, make_project, owner_of

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "data" / "seeds"
FOOT = "\n\nSign up for our evening letter.\nMore from this desk\nContact the newsroom"


def seeds() -> list[str]:
    return [path.read_text() for path in sorted(SEEDS.glob("*.txt"))]


def edited(text: str, share: float, seed: int) -> str:
    """The text with a share of its words replaced, under another headline, with another foot: a syndicated copy."""
    drawn = random.Random(seed)
    words = re.split(r"(\s+)", text)
    changed = [f"w{drawn.randrange(10**6)}" if w.strip() and drawn.random() < share else w for w in words]
    return f"From our partners: report {seed}\n\n" + "".join(changed) + FOOT


def invented(words: int, seed: int) -> str:
    """A text over a small vocabulary, so that unrelated ones share many words."""
    drawn = random.Random(seed)
    return "Headline\n\n" + " ".join(f"word{int(drawn.paretovariate(0.5)) % 2_000}" for _ in range(words))


def compare(project: Project, *articles: Article) -> Job:
    args = {"articles": [article.pk for article in articles]}
    job = jobs.enqueue("find_copies", project=project, by=owner_of(project), args=args)
    jobs.run(job.pk, {"find_copies": run_find_copies})
    job.refresh_from_db()
    assert job.state == "succeeded", job.sentence
    return job


def cluster_of(article: Article) -> int | None:
    return ArticleSketch.objects.get(article=article).cluster


def test_resemblance_is_jaccard_of_word_triples() -> None:
    """By hand: `a b c d` has (a b c)(b c d), `a b c e` has (a b c)(b c e): one in common of three."""
    assert resemblance(shingles_of("A b, c d!"), shingles_of("a B c e")) == pytest.approx(1 / 3)
    assert resemblance(shingles_of("港口大桥"), shingles_of("港口大桥关")) == pytest.approx(2 / 3)  # 2 triples of 3
    assert resemblance(shingles_of(""), shingles_of("a b")) == 0


def test_short_texts_are_not_compared_and_bands_stay_what_they_are() -> None:
    assert bands_of(shingles_of(" ".join(map(str, range(FEWEST + 1))))) == []
    kept = bands_of(shingles_of(" ".join(map(str, range(FEWEST + 2)))))
    assert len(kept) == BANDS
    assert kept[0] == STORED_KEY  # of the first release; stored sketches are compared with new ones


STORED_KEY = 6592061997273446346


@pytest.mark.parametrize("likeness", [0.1, 0.5, 0.65, 0.78])
def test_bands_meet_as_often_as_theory_says(likeness: float) -> None:
    """1 - (1 - s^4)^16, measured on 400 pairs of sets of 200 hashes with exactly this resemblance."""
    drawn = np.random.default_rng(7)
    common = round(2 * 200 * likeness / (1 + likeness))
    met = 0
    for _ in range(400):
        hashes = drawn.integers(0, 2**64, size=400 - common, dtype=np.uint64)
        one, other = hashes[:200], hashes[200 - common :]
        met += bool(set(bands_of(one)) & set(bands_of(other)))
    assert met / 400 == pytest.approx(1 - (1 - likeness**4) ** 16, abs=0.06)


@pytest.mark.django_db
@pytest.mark.skipif(not SEEDS.is_dir(), reason="the five real articles are not here")
def test_it_works_for_edited_copies_of_the_seeds() -> None:
    project = make_project()
    originals = [make_article(project, text) for text in seeds()]
    copies = [make_article(project, edited(text, 0.05, n)) for n, text in enumerate(seeds())]
    job = compare(project, *originals, *copies)
    assert len({cluster_of(article) for article in originals}) == len(originals) == 5
    for original, copy in zip(originals, copies, strict=True):
        assert [row.article_id for row in copies_of(original)] == [copy.pk]
        found = ArticleSketch.objects.get(article=copy)
        assert found.nearest_id == original.pk
        assert 0.5 <= (found.likeness or 0) < 1
    assert job.counts["copies"] == 10
    assert Article.objects.count() == 10


@pytest.mark.django_db
def test_unrelated_texts_are_never_copies() -> None:
    """Twelve hundred pairs over one vocabulary, and the seeds."""
    project = make_project()
    articles = [make_article(project, invented(150, n)) for n in range(50)]
    articles += [make_article(project, text) for text in seeds()]
    compare(project, *articles)
    assert not ArticleSketch.objects.exclude(cluster=None).exists()
    assert count_copies([article.pk for article in articles]) == {}


@pytest.mark.django_db
def test_a_later_import_joins_and_two_clusters_may_turn_out_to_be_one() -> None:
    project, text = make_project(), invented(300, 1)
    words = text.split()
    left = make_article(project, " ".join(words[:200]))
    right = make_article(project, " ".join(words[101:]))
    compare(project, left, right)  # 97 triples of 299 in common: two texts
    assert cluster_of(left) is cluster_of(right) is None
    whole = make_article(project, text)
    compare(project, whole)
    assert cluster_of(left) == cluster_of(right) == cluster_of(whole) == left.pk
    before = list(ArticleSketch.objects.order_by("pk").values("pk", "cluster", "nearest", "likeness"))
    compare(project, left, right, whole)
    assert count_copies([whole.pk]) == {whole.pk: 2}
    assert [row["cluster"] for row in before] == [left.pk] * 3


@pytest.mark.django_db
def test_projects_are_not_compared_with_each_other() -> None:
    one, other = make_project(), make_project()
    mine, theirs = make_article(one, invented(100, 1)), make_article(other, invented(100, 1))
    compare(one, mine)
    compare(other, theirs)
    assert cluster_of(mine) is cluster_of(theirs) is None


@pytest.mark.django_db
def test_articles_from_before_are_found_without_being_named() -> None:
    project = make_project()
    articles = [make_article(project, edited(invented(100, 1), 0.02, n)) for n in range(3)]
    job = jobs.enqueue("find_copies", project=project)
    jobs.run(job.pk, {"find_copies": run_find_copies})
    assert count_copies([articles[0].pk]) == {articles[0].pk: 2}


@pytest.mark.django_db
def test_a_text_that_came_very_often_costs_no_more() -> None:
    """Each of 200 copies looks at a bounded number of others, all by the primary key of the bands."""
    project = make_project()
    many = [make_article(project, edited(invented(60, 1), 0.01, n)) for n in range(200)]
    compare(project, *many)
    assert {cluster_of(article) for article in many} == {many[0].pk}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE claims_sketchband")  # a plan by what is there, not by what was there before
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT article_id FROM claims_sketchband WHERE project_id = %s AND key = %s "
            "AND article_id <> 1 ORDER BY article_id LIMIT 12",
            [project.pk, SketchBand.objects.values_list("key", flat=True)[0]],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Only Scan using claims_sketchband_pkey" in plan
    assert "Sort" not in plan
    assert CANDIDATES < 200
    assert place_in_clusters(project, {}) == 0
