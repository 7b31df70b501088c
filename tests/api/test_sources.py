"""Articles, claims and jobs."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from claims import jobs
from claims.models import Article, Job
from tests.api.caller import Caller, code, fresh_key
from tests.factories import (
    TEXT,
    make_article,
    make_claim,
    make_claims,
    make_outlet,
    make_project,
    make_user,
    member,
    owner_of,
    run_jobs,
)

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    project = make_project()
    article = make_article(project, outlet=make_outlet(project))
    make_claim(article, "Inspectors found 14 broken bolts", source="the Tidal Post", cue="reported")
    caller = Caller(owner_of(project))
    row = caller.get(f"projects/{project.slug}/articles/").json()["results"][0]
    assert (row["headline"], row["outlet"]["name"]) == ("Harbour bridge closed after inspection", "Tidal Post")
    read = caller.get(f"articles/{row['id']}/").json()
    assert read["newest_text"]["text"] == TEXT
    assert [block["role"] for block in read["newest_text"]["segments"]] == ["headline", "body", "body"]
    claim = caller.get(f"projects/{project.slug}/claims/").json()["results"][0]
    place = caller.get(f"claims/{claim['id']}/").json()["occurrences"][0]
    span = place["newest"]["anchors"][0]
    assert read["newest_text"]["text"][span["start"] : span["end"]] == span["exact"] == claim["text"]
    assert place["newest"]["hops"][0]["source_text"] == "the Tidal Post"


def test_an_article_is_imported_in_the_background() -> None:
    project = make_project(bob="curator")
    bob = Caller(member(project, "bob"), scopes=["write"])
    asked = {"text": TEXT, "title": "Harbour bridge closed", "outlet": "Tidal Post"}
    answer = bob.post(f"projects/{project.slug}/articles/", asked)
    assert answer.status_code == 202
    job = Job.objects.get(pk=answer.json()["id"])
    assert (job.kind, job.state, job.project) == ("import_articles", "queued", project)


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({}, 400, "invalid_request"),
        ({"text": 7}, 400, "invalid_request"),
        ({"text": ""}, 422, "nothing_to_import"),
        ({"text": " \n "}, 422, "nothing_to_import"),
        ({"text": "x" * 1_000_001}, 422, "article_too_long"),
        ({"text": "a", "version": 2}, 400, "unknown_field"),
    ],
)
def test_a_faulty_article_is_refused(body: dict[str, Any], status: int, expected: str) -> None:
    project = make_project()
    answer = Caller(owner_of(project)).post(f"projects/{project.slug}/articles/", body)
    assert (answer.status_code, code(answer)) == (status, expected)
    assert not Job.objects.exists()


def test_the_same_import_request_is_one_job() -> None:
    project, key = make_project(), fresh_key()
    caller = Caller(owner_of(project))
    first = caller.post(f"projects/{project.slug}/articles/", {"text": TEXT}, Idempotency_Key=key)
    again = caller.post(f"projects/{project.slug}/articles/", {"text": TEXT}, Idempotency_Key=key)
    assert first.json() == again.json()
    assert Job.objects.count() == 1


@pytest.mark.parametrize("role", ["reviewer", "observer"])
def test_who_may_not_import_nor_see_jobs(role: str) -> None:
    project = make_project(bob=role)
    bob = Caller(member(project, "bob"))
    job = jobs.enqueue("import_articles", project=project)
    assert code(bob.post(f"projects/{project.slug}/articles/", {"text": TEXT})) == "role_not_allowed"
    for address in (f"projects/{project.slug}/jobs/", f"jobs/{job.pk}/", f"jobs/{job.pk}/errors/"):
        assert bob.get(address).status_code == 403
    assert bob.post(f"jobs/{job.pk}/cancel/").status_code == 403


def test_a_job_is_read_and_cancelled_once() -> None:
    project = make_project()
    caller = Caller(owner_of(project))
    job = jobs.enqueue("import_articles", project=project)
    assert caller.get(f"jobs/{job.pk}/").json()["state"] == "queued"
    assert caller.get(f"projects/{project.slug}/jobs/?state=queued").json()["results"][0]["id"] == job.pk
    assert caller.get(f"projects/{project.slug}/jobs/?state=failed").json()["results"] == []
    cancelled = caller.post(f"jobs/{job.pk}/cancel/")
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    assert code(caller.post(f"jobs/{job.pk}/cancel/")) == "job_has_ended"
    job.counts = {"failed": 1}
    jobs.note_error(job, code="invalid_date", sentence="2026-02-30 is no day.", line=7)
    assert caller.get(f"jobs/{job.pk}/errors/").json()["results"][0]["line"] == 7


def test_filters_are_taken_literally() -> None:
    project = make_project()
    outlet = make_outlet(project)
    made = {
        name: make_article(project, f"{name}\n\nBody of {name}.", outlet=outlet if name == "Ärger 50 %" else None)
        for name in ("Ärger 50 %", "Under_score", "Back\\slash", "O'Hara;--", "Plain")
    }
    Article.objects.filter(pk=made["Plain"].pk).update(published_at="2026-03-04T12:00:00Z", published_how="stated")
    caller = Caller(owner_of(project))

    def found(**filters: Any) -> set[str]:
        answer = caller.client.get(f"/api/v1/projects/{project.slug}/articles/", filters, headers=caller.headers)
        assert answer.status_code == 200, answer.content
        return {row["headline"] for row in answer.json()["results"]}

    assert found(q="ärger") == {"Ärger 50 %"}
    assert found(outlet=outlet.pk) == {"Ärger 50 %"}
    assert found(published_from="2026-03-04", published_to="2026-03-04") == {"Plain"}
    assert found(published_from="2026-03-05") == set()
    assert found(language="en", state="imported") == set(made)


@pytest.mark.parametrize(
    ("needle", "headline"),
    [("%", "50 % more"), ("_", "Under_score"), ("\\", "Back\\slash"), ("'", "O'Hara"), (";--", "End;-- here")],
)
def test_ap_08_search_is_literal(needle: str, headline: str) -> None:
    project = make_project()
    for name in ("50 % more", "Under_score", "Back\\slash", "O'Hara", "End;-- here", "Plain"):
        make_claim(make_article(project, f"{name}\n\n{name} is said."), f"{name} is said.")
    caller = Caller(owner_of(project))
    for kind, field, wanted in (("articles", "headline", headline), ("claims", "text", f"{headline} is said.")):
        answer = caller.client.get(f"/api/v1/projects/{project.slug}/{kind}/", {"q": needle}, headers=caller.headers)
        assert [row[field] for row in answer.json()["results"]] == [wanted]


def test_claims_are_filtered_and_ordered() -> None:
    project = make_project()
    article = make_article(project)
    low = make_claim(article, "The bridge carries 9,000 cars a day", checkworthiness=0.2)
    high = make_claim(article, "Inspectors found 14 broken bolts", checkworthiness=0.9)
    other = make_claim(make_article(project, "Else\n\nFerries were late."), "Ferries were late", checkworthiness=0.9)
    caller = Caller(owner_of(project))

    def found(query: str) -> list[int]:
        return [row["id"] for row in caller.get(f"projects/{project.slug}/claims/?{query}").json()["results"]]

    assert found("ordering=-checkworthiness") == [other.claim_id, high.claim_id, low.claim_id]
    assert found("ordering=created") == [low.claim_id, high.claim_id, other.claim_id]
    assert found(f"article={article.pk}") == [high.claim_id, low.claim_id]
    assert found("min_checkworthiness=0.5&article=9223372036854775807") == []
    assert found("min_checkworthiness=0.5") == [other.claim_id, high.claim_id]
    assert found("retracted=true") == []


@pytest.mark.parametrize("ordering", ["-created", "created", "-checkworthiness"])
def test_pages_follow_each_other_without_gap_or_repeat(ordering: str) -> None:
    project = make_project()
    made = [occurrence.claim_id for occurrence in make_claims(project, 11)]
    caller = Caller(owner_of(project))
    address, seen = f"projects/{project.slug}/claims/?page_size=3&ordering={ordering}", []
    while address:
        page = caller.get(address.removeprefix("/api/v1/")).json()
        assert len(page["results"]) <= 3
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    assert seen == (made if ordering == "created" else made[::-1])


@pytest.mark.parametrize("n", [1, 30])
def test_lists_and_details_cost_the_same_queries_for_any_number(
    n: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    project = make_project()
    outlet = make_outlet(project)
    for i in range(n):
        make_claim(make_article(project, f"Report {i}\n\nFerry {i} sank.", outlet=outlet), f"Ferry {i} sank.")
    caller = Caller(owner_of(project))
    caller.get("projects/")  # notes the token's use, once a minute
    article, claim = Article.objects.latest("id"), caller.get(f"projects/{project.slug}/claims/").json()["results"][0]
    shared = 2  # the token, and its count
    for address, queries in {
        "projects/": 1,
        f"projects/{project.slug}/articles/": 2,  # the project with the role, the rows
        f"projects/{project.slug}/claims/": 2,
        f"projects/{project.slug}/jobs/": 2,
        f"articles/{article.pk}/": 4,  # the row with the role, its text, its blocks, its cluster
        f"claims/{claim['id']}/": 7,  # the row with the role, places, versions, spans, chains, sources, verdicts
    }.items():
        with django_assert_num_queries(shared + queries):
            assert caller.get(address).status_code == 200


def test_az_02_foreign_and_missing_rows_are_one_answer() -> None:
    mine, theirs = make_project(), make_project()
    occurrence = make_claim(make_article(theirs), "Inspectors found 14 broken bolts")
    job = jobs.enqueue("import_articles", project=theirs)
    caller = Caller(owner_of(mine))
    for foreign, missing in (
        (f"articles/{occurrence.article_id}/", "articles/999999999/"),
        (f"claims/{occurrence.claim_id}/", "claims/999999999/"),
        (f"jobs/{job.pk}/", "jobs/999999999/"),
        (f"projects/{theirs.slug}/", "projects/no-such-project/"),
        (f"projects/{theirs.slug}/articles/", "projects/no-such-project/articles/"),
    ):
        one, other, nowhere = caller.get(foreign), caller.get(missing), caller.get("articles/abc/")
        assert one.status_code == other.status_code == nowhere.status_code == 404
        assert one.content == other.content == nowhere.content
        assert code(one) == "not_found"
        assert "request_id" not in one.json()
    before = Job.objects.values().get(pk=job.pk)
    assert caller.post(f"jobs/{job.pk}/cancel/").content == caller.post("jobs/999999999/cancel/").content
    assert Job.objects.values().get(pk=job.pk) == before


def test_az_02_a_foreign_article_in_a_filter_finds_nothing() -> None:
    mine, theirs = make_project(), make_project()
    make_claim(make_article(mine), "Inspectors found 14 broken bolts")
    foreign = make_claim(make_article(theirs), "Inspectors found 14 broken bolts")
    answer = Caller(owner_of(mine)).get(f"projects/{mine.slug}/claims/?article={foreign.article_id}")
    assert answer.json()["results"] == []


def test_an_outsider_imports_nothing() -> None:
    project = make_project()
    answer = Caller(make_user()).post(f"projects/{project.slug}/articles/", {"text": TEXT})
    assert answer.status_code == 404
    assert not Job.objects.exists()


def test_near_duplicates_are_named_with_their_likeness() -> None:
    project = make_project()
    agency = "\n\n" + " ".join(f"The harbour office counted {n} ships in week {n}." for n in range(9))
    first, second, _ = (make_article(project, text) for text in ("Ships" + agency, "Count" + agency, TEXT))
    jobs.enqueue("find_copies", project=project)
    run_jobs()
    caller = Caller(owner_of(project))
    found = caller.get(f"projects/{project.slug}/articles/?near_duplicates=true").json()["results"]
    assert {row["id"] for row in found} == {first.pk, second.pk}
    read = caller.get(f"articles/{first.pk}/").json()["near_duplicates"]
    assert [(row["id"], row["nearest"], row["likeness"]) for row in read] == [(second.pk, first.pk, 1.0)]
