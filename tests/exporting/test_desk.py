"""What the newsroom's desk published is in releases: a table of its own, and an entry in ClaimReview."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from claims.adjudication.actions import settle_label
from claims.adjudication.desk.actions import take_in
from claims.exporting import actions
from claims.exporting.actions import start_release, verify_release
from claims.exporting.differences import compare_releases
from claims.exporting.editions import made_with
from claims.exporting.selecting import Selection
from claims.importing.takedown import take_down_article
from claims.models import Article, DeskItem
from tests.adjudication.test_desk import SAID, WHO, brought_to, do
from tests.api.caller import Caller
from tests.exporting.test_actions import all_bytes, content, released, rows
from tests.factories import label_next, make_claims, make_codebook, make_round, owner_of, reviewer, run_jobs

pytestmark = pytest.mark.django_db
REFUTING = {"url": "https://report.example/b", "quote": "only four were", "relation": "refutes"}


def published(item: DeskItem) -> DeskItem:
    """Another claim of the project, brought all the way."""
    other = take_in(make_claims(item.project, 1)[0].claim, by=owner_of(item.project))
    for deed, who in WHO.items():
        other = do(other, deed, who)
    return other


def test_it_works() -> None:
    item = brought_to("published")
    release = released(item.project, formats=("jsonl", "csv", "claimreview"))
    [row] = rows(release, "desk")
    assert row | {"day": ""} == {
        "check": item.pk,
        "claim": item.claim_id,
        "question": "verdict",
        "value": "supported",
        "method": "desk",
        "rationale": SAID["sign_off"]["rationale"],
        "text": SAID["write"]["text"],
        "link": SAID["sign_off"]["link"],
        "writer": row["writer"],
        "assigned_by": row["signed_by"],  # Carol did both
        "second_editor": row["second_editor"],
        "signed_by": row["signed_by"],
        "day": "",
    }
    assert row["claim"] in {claim["claim"] for claim in rows(release, "claims")}
    [review] = json.loads(content(release, "claimreview.jsonld"))["@graph"]
    assert (review["identifier"], review["url"]) == (f"desk-{item.pk}", SAID["sign_off"]["link"])
    assert review["claimReviewed"] == item.claim.text
    assert review["reviewRating"]["alternateName"] == "Supported"
    assert review["reviewRating"]["ratingExplanation"] == SAID["sign_off"]["rationale"]
    assert review["itemReviewed"]["appearance"]["@type"] == "Article"
    assert release.manifest is not None
    assert release.manifest["documents"]["claimreview"]["claimreview.jsonld"] == {"records": 1, "rows": 1}
    assert verify_release(release) == []


def test_the_checks_come_before_what_rounds_settled() -> None:
    item = brought_to("published")
    round_ = make_round(item.project, codebook=make_codebook(item.project), overlap=1)
    unit = label_next(round_, reviewer(item.project, "bob"), verdict="refuted", evidence=[REFUTING])
    assert unit is not None
    decision: dict[str, Any] = {"outcome": "answer", "value": "refuted", "method": "expert", "expected_revision": 0}
    settle_label(round_, unit, "verdict", by=owner_of(item.project), **decision)
    run_jobs()
    release = released(item.project, formats=("claimreview", "averitec"))
    assert len(json.loads(content(release, "averitec.json"))) == 1  # of rounds alone
    graph = json.loads(content(release, "claimreview.jsonld"))["@graph"]
    assert [review["identifier"].split("-")[0] for review in graph] == ["desk", str(round_.pk)]


def test_nobody_is_found_among_the_labels_by_what_they_published() -> None:
    item = brought_to("published")
    round_ = make_round(item.project, overlap=1)
    label_next(round_, reviewer(item.project, "alice"), stance="supports")
    run_jobs()
    first, second = released(item.project), released(item.project)
    [check] = rows(first, "desk")
    people = {check[name] for name in ("writer", "second_editor", "signed_by")}
    assert len(people) == 3
    assert people & {row["reviewer"] for row in rows(first, "labels")} == set()
    assert rows(second, "desk")[0]["writer"] not in people
    assert "alice" not in json.dumps(check)


@pytest.mark.parametrize("state", ["triage", "assigned", "draft", "second_edit", "sign_off"])
def test_what_is_not_published_stays_at_the_desk(state: str) -> None:
    assert rows(released(brought_to(state).project), "desk") == []


def test_it_holds_what_was_published_when_it_was_started() -> None:
    item = brought_to("published")
    release = start_release(item.project, by=owner_of(item.project), formats=("jsonl", "claimreview"))
    published(item)
    run_jobs()
    release.refresh_from_db()
    assert [row["check"] for row in rows(release, "desk")] == [item.pk]
    before = all_bytes(release)
    assert verify_release(release) == []
    assert len(rows(released(item.project), "desk")) == 2
    assert all_bytes(release) == before


@pytest.mark.parametrize(
    ("selection", "n"),
    [
        (Selection(questions=["verdict"]), 1),
        (Selection(questions=["stance"]), 0),
        (Selection(first_day=date(2001, 1, 1)), 1),
        (Selection(last_day=date(2001, 1, 1)), 0),
        (Selection(least_agreement=0.5), 0),
    ],
)
def test_it_is_selected_as_a_verdict_of_its_day(selection: Selection, n: int) -> None:
    item = brought_to("published")
    make_codebook(item.project)
    assert len(rows(released(item.project, selection=selection), "desk")) == n


def test_it_goes_with_the_article_in_which_the_claim_stands() -> None:
    item = brought_to("published")
    release = released(item.project)
    article = Article.objects.get(project=item.project)
    take_down_article(article, reason="Asked.", by=owner_of(item.project))
    run_jobs()
    assert rows(released(item.project), "desk") == []
    assert "desk.jsonl had 1 rows and another content; it has 0 rows now." in verify_release(release)


def test_a_release_of_some_rounds_has_the_checks_of_their_articles() -> None:
    item = brought_to("published")
    round_ = make_round(item.project, overlap=1)
    published(item)  # of an article that no round asks about
    assert [row["check"] for row in rows(released(item.project, rounds=[round_]), "desk")] == [item.pk]


def test_an_earlier_edition_has_no_such_table(monkeypatch: pytest.MonkeyPatch) -> None:
    item = brought_to("published")
    monkeypatch.setattr(actions, "made_with", lambda: made_with() | {"edition": 4})
    release = released(item.project)
    assert release.manifest is not None
    assert "desk" not in release.manifest["tables"]
    assert verify_release(release) == []


def test_two_releases_compared_name_the_checks_that_came_went_or_changed() -> None:
    item = brought_to("published")
    owner = owner_of(item.project)
    first = released(item.project)
    other = published(item)
    DeskItem.objects.filter(pk=item.pk).update(rating="refuted", rationale="A later report says otherwise.")
    second = released(item.project)
    found = compare_releases(first, second, by=owner)["desk"]
    assert {name: found[name] for name in ("added", "removed", "changed")} == {"added": 1, "removed": 0, "changed": 1}
    changed, added = found["values"]
    assert (changed["check"], changed["before"], changed["after"]) == (item.pk, "supported", "refuted")
    assert changed["rationale"] == "A later report says otherwise."
    assert (added["claim"], added["before"], added["after"]) == (other.claim_id, None, "supported")
    none = compare_releases(second, released(item.project, selection=Selection(last_day=date(2020, 1, 1))), by=owner)
    assert (none["desk"]["removed"], {one["after"] for one in none["desk"]["values"]}) == (2, {None})
    told = Caller(owner).get(f"releases/{second.pk}/changes/{first.pk}/").json()
    assert told == compare_releases(first, second, by=owner)
    said = StringIO()
    call_command("compare_releases", "1", "2", project=item.project.slug, stdout=said)
    assert "desk: 1 added, 0 removed, 1 changed" in said.getvalue()
    assert "supported -> refuted (A later report says otherwise.)" in said.getvalue()
    client = Client()
    client.force_login(owner)
    page = client.get(f"/p/{item.project.slug}/releases/1/to/2/").content.decode()
    assert "A later report says otherwise." in page


def test_a_release_without_such_a_table_is_not_said_to_have_lost_its_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    item = brought_to("published")
    monkeypatch.setattr(actions, "made_with", lambda: made_with() | {"edition": 4})
    earlier = released(item.project)
    monkeypatch.undo()
    found = compare_releases(earlier, released(item.project), by=owner_of(item.project))
    assert found["desk"] is None


def test_nothing_changed_at_the_desk_is_said_as_zeros() -> None:
    item = brought_to("published")
    found = compare_releases(released(item.project), released(item.project), by=owner_of(item.project))
    assert found["desk"] == {"added": 0, "removed": 0, "changed": 0, "values": []}
