"""Splitting into the database: rows, order, offsets, once only, all or nothing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from claims import jobs
from claims.errors import NotFound, Refused
from claims.importing.actions import start_import
from claims.models import (
    Anchor,
    Article,
    AttributionHop,
    Claim,
    ClaimOccurrence,
    ClaimVersion,
    Job,
    JobError,
    OccurrenceVersion,
    Segment,
    TextVersion,
)
from claims.splitting import actions
from claims.splitting.actions import draft_claims, run_split, split_article, store_claims
from claims.splitting.splitters import SPLITTER_VERSION
from claims.tasks import do
from claims.text import clean_text
from tests.factories import make_article, make_project, owner_of

SEEDS = Path(__file__).parents[3] / "shared" / "data" / "seeds"
TEXT = (
    "Ferry stopped after leak\n\n"
    "The Lake Ferry, which carries 900 cars a day, has a leak, the Tidal Post reported on Monday. "
    "“Nobody was hurt,” said Orin Vale, according to the port office.\n\n"
    "Emoji 😀 and e\u0301 stand before this: the mayor denied that the leak was known."
)

pytestmark = pytest.mark.django_db


def run(project_args: dict[str, object]) -> Job:
    """Enqueue and run one split job, as a worker would."""
    job = jobs.claim(jobs.enqueue("split_article", args=project_args).pk)
    assert job is not None
    run_split(job)
    job.refresh_from_db()
    return job


def test_it_works() -> None:
    article = make_article(make_project(), TEXT)
    assert split_article(article) == ClaimOccurrence.objects.filter(article=article).count() == 5
    article.refresh_from_db()
    assert article.state == "split"
    texts = list(ClaimOccurrence.objects.in_reading_order().values_list("claim__text", flat=True))
    assert texts == [
        "Ferry stopped after leak",
        "The Lake Ferry … has a leak",
        "which carries 900 cars a day",
        "Nobody was hurt",
        "the leak was known",
    ]
    assert ClaimVersion.objects.count() == OccurrenceVersion.objects.count() == Claim.objects.count() == 5


def test_inv_11_every_anchor_is_exact() -> None:
    article = make_article(make_project(), TEXT)
    split_article(article)
    for anchor in Anchor.objects.all():
        assert TEXT[anchor.start : anchor.end] == anchor.exact
    for version in OccurrenceVersion.objects.prefetch_related("anchors"):
        assert " … ".join(anchor.exact for anchor in version.anchors.order_by("piece")) == version.verbatim
    for hop in AttributionHop.objects.exclude(cue_start=None):
        assert TEXT[hop.cue_start : hop.cue_end] == hop.cue_text


def test_hops_run_from_the_original_speaker_to_the_outlet() -> None:
    article = make_article(make_project(), TEXT)
    split_article(article)
    hops = AttributionHop.objects.filter(occurrence_version__verbatim="Nobody was hurt").order_by("n")
    assert [(hop.n, hop.source_text, hop.cue_text, hop.mode, hop.act) for hop in hops] == [
        (0, "Orin Vale", "said", "direct_quote", "statement"),
        (1, "the port office", "according to", "indirect", "statement"),
    ]
    version = OccurrenceVersion.objects.get(verbatim="the leak was known")
    assert (version.attribution, version.hops.get().act) == ("attributed", "denial")
    assert version.splitter == f"rules {SPLITTER_VERSION}"


def test_an_article_that_is_split_is_left_alone() -> None:
    article = make_article(make_project(), TEXT)
    draft = draft_claims(article)
    assert split_article(article) == split_article(article) == 5
    assert split_article(Article.objects.get(pk=article.pk)) == 5
    draft.article.state = "imported"
    with transaction.atomic():
        assert store_claims(draft) == 5  # a second worker that had read the article before
    assert ClaimOccurrence.objects.count() == 5


def test_an_article_that_was_taken_out_meanwhile_gets_no_claims() -> None:
    article = make_article(make_project(), TEXT)
    draft = draft_claims(article)
    Article.objects.filter(pk=article.pk).update(state="excluded")
    with transaction.atomic():
        assert store_claims(draft) == 0
    assert not ClaimOccurrence.objects.exists()


def test_blocks_without_claims_and_other_languages() -> None:
    article = make_article(make_project(), "Die Fähre hat ein Leck, sagte die Bürgermeisterin.\n\nMelden Sie sich an.")
    Article.objects.update(language="und")
    Segment.objects.filter(n=0).update(role="body", language="de")
    Segment.objects.filter(n=2).update(role="boilerplate", language="de")
    split_article(Article.objects.get(pk=article.pk))
    assert list(Claim.objects.values_list("text", flat=True)) == ["Die Fähre hat ein Leck"]


def test_what_is_refused() -> None:
    article = make_article(make_project(), TEXT)
    with pytest.raises(Refused) as refusal:
        split_article(article, splitter="oracle")
    assert refusal.value.code == "unknown_splitter"
    without_text = Article.objects.create(project=article.project, headline="Ferry", content_sha256="0" * 64)
    with pytest.raises(NotFound):
        split_article(without_text)


def test_up_43_too_many_claims_leave_nothing_half_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_CLAIMS", 3)
    article = make_article(make_project(), TEXT)
    with pytest.raises(Refused) as refusal:
        split_article(article)
    assert refusal.value.code == "too_many_claims"
    assert not Claim.objects.exists()
    assert Article.objects.get().state == "imported"


@pytest.mark.slow
def test_up_43_twenty_thousand_and_one_claims() -> None:
    text = "The ferry is old.\n" * 20_001
    article = make_article(make_project(), "Ferry\n")
    Segment.objects.all().delete()
    digest = hashlib.sha256(text.encode()).hexdigest()
    version = TextVersion.objects.create(
        article=article, n=2, text=text, sha256=digest, length=len(text), recipe="test"
    )
    Segment.objects.create(text_version=version, n=0, start=0, end=len(text), role="body")
    with pytest.raises(Refused) as refusal:
        split_article(article)
    assert refusal.value.code == "too_many_claims"
    assert not Claim.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_claims() -> None:
    project = make_project()
    few, many = make_article(project, TEXT), make_article(project, TEXT + "\nThe ferry is very old." * 100)
    with CaptureQueriesContext(connection) as for_few:
        split_article(few)
    with CaptureQueriesContext(connection) as for_many:
        split_article(many)
    assert len(for_many) == len(for_few)


def test_the_job_splits_its_articles_and_goes_on_after_one_that_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_project()
    good, long = make_article(project, TEXT), make_article(project, "A\n\n" + "The ferry is very old.\n" * 9)
    monkeypatch.setattr(actions, "MOST_CLAIMS", 7)
    job = run({"articles": [long.pk, good.pk]})
    assert (job.state, job.counts) == ("partial", {"failed": 1, "split": 1, "claims": 5})
    assert [(error.code, error.member) for error in JobError.objects.all()] == [
        ("too_many_claims", f"article {long.pk}")
    ]
    assert Article.objects.get(pk=good.pk).state == "split"
    assert Article.objects.get(pk=long.pk).state_reason.startswith("This article splits into more than")


def test_the_job_with_one_article_and_the_same_job_twice() -> None:
    article = make_article(make_project(), TEXT)
    assert run({"article": article.pk}).state == run({"article": article.pk}).state == "succeeded"
    assert ClaimOccurrence.objects.count() == 5


def test_ft_02_a_job_that_lost_its_lease_writes_nothing() -> None:
    article = make_article(make_project(), TEXT)
    job = jobs.claim(jobs.enqueue("split_article", args={"article": article.pk}).pk)
    assert job is not None
    Job.objects.update(token="somebody else")
    with pytest.raises(jobs.LostLease):
        run_split(job)
    assert not Claim.objects.exists()
    assert Article.objects.get().state == "imported"


def import_the_real_articles() -> None:
    project = make_project()
    for path in sorted(SEEDS.glob("*.txt")):
        start_import(project, text=path.read_bytes().decode("utf-8"), title=path.stem, by=owner_of(project))
    for kind in ("import_articles", "split_article"):
        for queued in Job.objects.filter(kind=kind, state="queued"):
            jobs.run(queued.pk, {kind: do})


@pytest.mark.skipif(not SEEDS.exists(), reason="the five real articles are not here")
def test_inv_11_on_the_five_real_articles() -> None:
    import_the_real_articles()
    assert Article.objects.filter(state="split").count() == 5
    assert Anchor.objects.count() >= 110
    for anchor in Anchor.objects.select_related("text_version"):
        assert anchor.text_version.text[anchor.start : anchor.end] == anchor.exact


@pytest.mark.skipif(not SEEDS.exists(), reason="the five real articles are not here")
def test_gold_chains_on_the_stored_rows(capsys: pytest.CaptureFixture[str]) -> None:
    """Every gold claim's hops in order, by source and cue, at the stored occurrence that begins where it begins."""
    import_the_real_articles()
    gold = json.loads((SEEDS.parent / "text" / "seeds-gold.json").read_text(encoding="utf-8"))
    wrong = []
    total = 0
    for article in gold["articles"]:
        raw = (SEEDS / article["file"]).read_bytes().decode("utf-8")
        stored = Article.objects.get(content_sha256=hashlib.sha256(clean_text(raw).text.encode()).hexdigest())
        for claim in article["claims"]:
            total += 1
            start = claim["spans"][0][0]
            expected = [(layer.get("source_text") or "", layer.get("cue_text") or "") for layer in claim["attribution"]]
            chains = [
                [(hop.source_text, hop.cue_text) for hop in version.hops.order_by("n")]
                for version in OccurrenceVersion.objects.filter(
                    occurrence__article=stored, anchors__start__range=(start - 4, start + 4)
                )
            ]
            if expected not in chains:
                wrong.append(f"{claim['id']}: expected {expected}, stored {chains}")
    with capsys.disabled():
        print(f"gold chains: {total - len(wrong)} of {total} right", *wrong, sep="\n  ")
    assert len(wrong) <= 0.1 * total
