"""Splits that do not leak, and releases of some answers only."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from claims.errors import Refused
from claims.exporting.actions import start_release, verify_release
from claims.exporting.likeness import near_duplicates
from claims.exporting.selecting import Selection, SplitPlan, read_shares
from claims.exporting.splits import Member, share_out, shared
from claims.models import Article, ArticleSketch, Release
from tests.exporting.test_actions import content, labelled, released, rows
from tests.factories import (
    label_next,
    make_article,
    make_claim,
    make_codebook,
    make_project,
    make_round,
    owner_of,
    reviewer,
)


def members(n: int) -> list[Member]:
    """Members in articles of five, each a claim of its own."""
    return [Member(i, article=i // 5, copies=None, claim=i, outlet=None, day=None, stratum=None) for i in range(n)]


def sizes(places: dict[int, Any]) -> Counter[str | None]:
    return Counter(place.split for place in places.values())


NOTHING = {"article": 0, "copies": 0, "claim": 0, "outlet": 0}


def test_it_works() -> None:
    given = members(1_000)
    places = share_out(given, SplitPlan())
    assert sizes(places) == {"train": 800, "validation": 100, "test": 100}
    assert shared(given, places) == NOTHING
    assert places == share_out(random.Random(1).sample(given, len(given)), SplitPlan())
    assert places != share_out(given, SplitPlan(seed=1))


def test_a_claim_in_many_articles_keeps_them_together() -> None:
    given = [each._replace(claim=7) if each.unit % 20 == 7 else each for each in members(200)]
    apart, together = share_out(given, SplitPlan(("claim",))), share_out(given, SplitPlan(("article", "claim")))
    assert shared(given, apart)["article"] > 0
    assert shared(given, together) == NOTHING


def test_copies_of_an_article_count_as_one() -> None:
    given = [each._replace(copies=3 if (each.article or 0) % 4 == 3 else None) for each in members(200)]
    assert shared(given, share_out(given, SplitPlan()))["copies"] == 0
    assert shared(given, share_out(given, SplitPlan(("claim",))))["copies"] == 1


def test_answers_are_spread_alike() -> None:
    draw = random.Random(4)
    given = [each._replace(stratum=draw.choices(("a", "b", "c"), (90, 8, 2))[0]) for each in members(3_000)]
    total = Counter(each.stratum for each in given)
    places = share_out(given, SplitPlan(stratify_by="stance"))
    for split, share in (("train", 0.8), ("validation", 0.1), ("test", 0.1)):
        held = Counter(each.stratum for each in given if places[each.unit].split == split)
        assert all(abs(held[stratum] - share * n) <= 5 for stratum, n in total.items()), (split, held)


def test_by_time_the_future_is_tested() -> None:
    given = [each._replace(day=f"2026-01-{each.unit % 28 + 1:02}" if each.unit else None) for each in members(281)]
    places = share_out(given, SplitPlan(("time",), {"train": 3, "test": 1}))
    days = {split: {str(e.day) for e in given if places[e.unit].split == split} for split in ("train", "test", None)}
    assert max(days["train"]) < min(days["test"])
    assert (len(days["test"]), days[None]) == (7, {"None"})


def test_near_duplicates_are_found_across_splits_only() -> None:
    same = "The Lake Bridge in Sandmouth was closed on Tuesday after inspectors found broken bolts"
    near, far = same.replace("Tuesday", "Wednesday"), "Ferries carried nine thousand cars a day last summer"
    assert near_duplicates([("train", same), ("train", near), ("test", far)]) == 0
    assert near_duplicates([("train", same), ("test", near), ("test", far)]) == 2
    assert near_duplicates([("train", ""), ("test", "")]) == 0


@pytest.mark.parametrize("text", ["train", "train 80, train 20", "train x", "80"])
def test_shares_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(Refused, match="train 80"):
        read_shares(text)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ({"selection": Selection(("verdikt",))}, "unknown_question"),
        ({"selection": Selection(first_day=date(2026, 2, 1), last_day=date(2026, 1, 1))}, "wrong_period"),
        ({"selection": Selection(least_agreement=1.5)}, "wrong_share"),
        ({"splits": SplitPlan(("time", "article"))}, "unknown_split"),
        ({"splits": SplitPlan(shares={"train": 1})}, "unknown_split"),
        ({"splits": SplitPlan(stratify_by="verdikt")}, "unknown_question"),
    ],
)
def test_plans_that_cannot_be_followed_are_refused(plan: dict[str, Any], code: str) -> None:
    project = make_project()
    make_codebook(project, "stance")
    with pytest.raises(Refused) as caught:
        start_release(project, by=owner_of(project), **plan)
    assert caught.value.code == code


@pytest.mark.django_db
def test_splits_are_in_the_files_the_manifest_and_the_card() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    for n in range(8):
        text = f"Report {n}\n\nFerry {n} sank. The pier of Sandmouth was shut for repairs in week {n // 7}."
        article = make_article(project, text, published_at=datetime(2026, 1, n + 1, tzinfo=UTC), published_how="stated")
        make_claim(article, f"Ferry {n} sank")
        make_claim(article, f"The pier of Sandmouth was shut for repairs in week {n // 7}")
        ArticleSketch.objects.create(article=article, project=project, shingles=9, cluster=1 if n < 2 else None)
    round_ = make_round(project, codebook=make_codebook(project, "stance"), overlap=2)
    for name in ("alice", "bob"):
        while label_next(round_, reviewer(project, name), stance="supports"):
            pass
    plan = SplitPlan(("article",), {"train": 2, "test": 1, "held_out": 1}, seed=5, stratify_by="stance")
    release = released(project, splits=plan, formats=["jsonl", "parquet", "huggingface", "lewidi"])
    split_of = {row["unit"]: row["split"] for row in rows(release, "splits")}
    articles = {row["unit"]: row["article"] for row in rows(release, "units")}
    assert Counter(split_of.values()) == {"train": 8, "test": 4, "held_out": 4}
    assert len({(articles[unit], split) for unit, split in split_of.items()}) == 8
    first_two = list(Article.objects.filter(project=project).order_by("id").values_list("id", flat=True)[:2])
    assert len({split for unit, split in split_of.items() if articles[unit] in first_two}) == 1
    assert release.manifest is not None
    report = release.manifest["splits"]
    assert (report["units"], report["by"], report["seed"]) == ({"train": 8, "test": 4, "held_out": 4}, ["article"], 5)
    assert report["in_two_splits"] == NOTHING
    assert report["near_duplicates"] >= 2  # the sentence on the pier is in every article
    card = content(release, "README.md").decode()
    assert "## Splits" in card
    assert "so that no article is in two" in card
    assert f'"split":"{split_of[min(split_of)]}"' in content(release, "lewidi.json").decode()
    assert verify_release(release) == []


@pytest.mark.django_db
def test_a_release_of_some_answers_holds_no_others() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    for n in range(3):
        make_claim(make_article(project, f"Report {n}\n\nFerry {n} sank."), f"Ferry {n} sank")
    round_ = make_round(project, codebook=make_codebook(project, "stance"), overlap=2)
    for name, given in (("alice", ("supports",) * 3), ("bob", ("supports", "supports", "refutes"))):
        for stance in given:
            assert label_next(round_, reviewer(project, name), stance=stance, confidence="certain")
    by_question = released(project, selection=Selection(("stance",)))
    assert {row["question"] for row in rows(by_question, "labels")} == {"stance"}
    assert by_question.manifest is not None
    assert by_question.manifest["selection"]["questions"] == ["stance"]
    agreed = released(project, selection=Selection(("stance",), least_agreement=1.0), formats=["jsonl", "citation"])
    held = rows(agreed, "labels")
    assert (len(held), {row["value"] for row in held}) == (4, {"supports"})
    assert {row["unit"] for row in rows(agreed, "soft_labels")} == {row["unit"] for row in held}
    assert len(rows(agreed, "units")) == 3
    assert "100% of two or more people" in content(agreed, "methods.md").decode()
    assert rows(released(project, selection=Selection(last_day=date(2020, 1, 1))), "labels") == []
    assert len(rows(released(project, selection=Selection(first_day=date(2020, 1, 1))), "labels")) == 12


@pytest.mark.django_db
def test_posteriors_are_those_of_the_model_beside_the_soft_labels() -> None:
    # One unit, two people who differ: by symmetry each choice is as likely (Dawid and Skene 1979, equation 2.5).
    project, _ = labelled()
    release = released(project)
    found = rows(release, "posteriors")
    chances = {row["value"]: row["probability"] for row in found}
    assert chances["supports"] == chances["refutes"] == max(chances.values())
    assert sum(chances.values()) == pytest.approx(1, abs=0.001)
    assert {row["unit"] for row in found} == {row["unit"] for row in rows(release, "soft_labels")}


@pytest.mark.django_db
def test_the_page_narrows_and_splits_and_keeps_what_was_entered_when_it_refuses(client: Client) -> None:
    project, _ = labelled()
    client.force_login(owner_of(project))
    address = f"/p/{project.slug}/releases/"
    entered = {"formats": ["jsonl"], "questions": "stance", "split_by": ["article", "claim"], "least_agreement": "50"}
    refused = client.post(address, entered | {"shares": "train eighty"})
    page = refused.content.decode()
    assert (refused.status_code, "“train eighty” is not understood" in page) == (422, True)
    assert 'value="train eighty"' in page
    made = client.post(address, entered | {"shares": "train 1, test 1", "seed": "3"})
    assert made.status_code == 303
    kept = Release.objects.get(project=project).filter
    assert kept["splits"] == {
        "by": ["article", "claim"],
        "shares": [["train", 1], ["test", 1]],
        "seed": 3,
        "stratify_by": "",
    }
    assert (kept["selection"]["questions"], kept["selection"]["least_agreement"]) == (["stance"], 0.5)
