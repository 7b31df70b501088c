"""Import, jobs, articles, claims and codebooks as pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from claims import jobs
from claims.adjudication.actions import settle_by_majority, settle_label
from claims.models import (
    Article,
    ArticleSource,
    Claim,
    CodebookVersion,
    Job,
    Outlet,
    Project,
    SettledLabel,
    Unit,
)
from tests.factories import (
    TEXT,
    label,
    make_article,
    make_claim,
    make_claims,
    make_codebook,
    make_outlet,
    make_project,
    make_round,
    member,
    owner_of,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(client: Client, db: None) -> Project:
    project = make_project(alice="reviewer")
    client.force_login(owner_of(project))
    return project


def test_it_works_to_paste_an_article(client: Client, project: Project) -> None:
    """Pasted, read by a job, split, and shown with its claims marked."""
    root = f"/p/{project.slug}"
    answer = client.post(f"{root}/import/", {"text": TEXT, "outlet": "Tidal Post", "title": "", "url": ""})
    job = Job.objects.get(kind="import_articles")
    assert answer["Location"] == f"{root}/jobs/{job.pk}/"
    assert "waits for a worker" in client.get(answer["Location"]).content.decode()
    run_jobs()
    assert "succeeded" in client.get(answer["Location"]).content.decode()
    article = Article.objects.get()
    assert (article.outlet.name if article.outlet else "", article.state) == ("Tidal Post", "split")
    body = client.get(f"{root}/articles/{article.pk}/").content.decode()
    assert "data-claims=" in body


def test_files_go_in_together(client: Client, project: Project) -> None:
    files = [
        SimpleUploadedFile(f"{n}.txt", f"Headline {n}\n\nThe bridge number {n} was closed.".encode()) for n in (1, 2)
    ]
    client.post(f"/p/{project.slug}/import/", {"files": files})
    run_jobs()
    assert Article.objects.filter(project=project).count() == 2


def test_nothing_to_import_says_what_to_do(client: Client, project: Project) -> None:
    answer = client.post(f"/p/{project.slug}/import/", {"text": "  "})
    assert (answer.status_code, "Paste a text or choose files" in answer.content.decode()) == (422, True)


def test_a_running_job_is_followed_without_the_whole_page(client: Client, project: Project) -> None:
    client.post(f"/p/{project.slug}/import/", {"text": TEXT})
    job = Job.objects.get(kind="import_articles")
    address = f"/p/{project.slug}/jobs/{job.pk}/"
    fragment = client.get(address, headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()
    assert "No worker is running" in fragment.content.decode()
    run_jobs()
    assert client.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_a_job_is_cancelled(client: Client, project: Project) -> None:
    client.post(f"/p/{project.slug}/import/", {"text": TEXT})
    job = Job.objects.get(kind="import_articles")
    client.post(f"/p/{project.slug}/jobs/{job.pk}/cancel/")
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert "already ended" in client.post(f"/p/{project.slug}/jobs/{job.pk}/cancel/", follow=True).content.decode()


def test_articles_are_found_by_headline_outlet_and_state(client: Client, project: Project) -> None:
    post, echo = make_outlet(project, "Tidal Post"), make_outlet(project, "Bay Echo")
    make_article(project, "Bridge closed\n\nText one.", outlet=post)
    make_article(project, "Ferry 100% late\n\nText two.", outlet=echo)

    def found(**asked: Any) -> list[str]:
        rows = client.get(f"/p/{project.slug}/articles/", asked).context["slice"].rows
        return [article.headline for article in rows]

    assert found() == ["Ferry 100% late", "Bridge closed"]
    assert found(q="bridge") == ["Bridge closed"]
    assert found(q="0%") == ["Ferry 100% late"]
    assert found(q="late ferry") == ["Ferry 100% late"]
    assert found(q='"late ferry"') == []
    assert found(q='"100% late" ferry') == ["Ferry 100% late"]
    assert found(q="late bridge") == []
    assert found(outlet=echo.pk) == ["Ferry 100% late"]
    assert found(state="split") == []
    for written in ("abc", "-1", "9" * 30, str(echo.pk + 1000)):
        page = client.get(f"/p/{project.slug}/articles/", {"outlet": written})
        assert (page.status_code, "so it was left out" in page.content.decode()) == (200, True)
        assert len(page.context["slice"].rows) == 2


def test_claims_are_found_by_words_and_outlet_and_say_who_denied_them(client: Client, project: Project) -> None:
    for outlet in ("Tidal Post", "Bay Echo"):
        text = f"{outlet} news\n\nThe bridge is closed. The mayor denied that the plan failed."
        client.post(f"/p/{project.slug}/import/", {"text": text, "outlet": outlet})
    run_jobs()
    post = Outlet.objects.get(name="Tidal Post")

    def found(**asked: Any) -> list[str]:
        rows = client.get(f"/p/{project.slug}/claims/", asked).context["slice"].rows
        return [row.claim.text for row in rows]

    assert found(q="closed bridge", outlet=post.pk) == ["The bridge is closed"]
    assert found(q="bridge plan") == []
    page = client.get(f"/p/{project.slug}/claims/", {"q": "plan"}).content.decode()
    assert 'The mayor <span class="quiet">denied</span>' in page


def test_lists_are_cut_by_key(client: Client, project: Project) -> None:
    make_claims(project, 55)
    first = client.get(f"/p/{project.slug}/claims/", {"q": "ferry"}).context["slice"]
    second = client.get(f"/p/{project.slug}/claims/{first.next_query}").context["slice"]
    assert (len(first.rows), len(second.rows), second.next_query) == (50, 5, "")
    assert min(row.pk for row in first.rows) > max(row.pk for row in second.rows)


@pytest.mark.parametrize(("page", "expected"), [("articles/", 7), ("claims/", 7)])
def test_the_number_of_queries_does_not_grow_with_the_list(
    client: Client, project: Project, django_assert_num_queries: Any, page: str, expected: int
) -> None:
    for n in range(4):
        article = make_article(project, f"{TEXT} {n}", outlet=make_outlet(project, f"Outlet {n}"))
        make_claim(article, "Inspectors found 14 broken bolts", source="Inspectors")
    with django_assert_num_queries(expected):
        assert client.get(f"/p/{project.slug}/{page}").status_code == 200


def test_claims_are_found_by_who_says_them(client: Client, project: Project) -> None:
    article = make_article(project)
    make_claim(article, "Inspectors found 14 broken bolts", source="Inspectors")
    make_claim(article, "The bridge carries 9,000 cars a day.")
    rows = client.get(f"/p/{project.slug}/claims/", {"attribution": "attributed"}).context["slice"].rows
    assert [row.claim.text for row in rows] == ["Inspectors found 14 broken bolts"]


def test_xs_03_an_address_that_runs_is_shown_as_text(client: Client, project: Project) -> None:
    article = make_article(project, url="javascript:alert(1)")
    body = client.get(f"/p/{project.slug}/articles/{article.pk}/").content.decode()
    assert "javascript:alert(1)" in body
    assert 'href="javascript' not in body


def test_xs_06_the_original_is_only_a_download(client: Client, project: Project) -> None:
    page = f"<html><head><title>Bridge closed</title></head><body><article><p>{TEXT * 3}</p></article></body></html>"
    client.post(f"/p/{project.slug}/import/", {"files": SimpleUploadedFile("x.html", page.encode())})
    run_jobs()
    source = ArticleSource.objects.get()
    address = f"/p/{project.slug}/articles/{source.article_id}/sources/{source.pk}/"
    answer = client.get(address)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    client.force_login(member(project, "alice"))
    assert client.get(address).status_code == 403


def test_a_shipped_codebook_is_added_in_one_click(client: Client, project: Project) -> None:
    answer = client.post(f"/p/{project.slug}/codebooks/add/", {"preset": "stance"})
    version = CodebookVersion.objects.get()
    assert answer["Location"] == f"/p/{project.slug}/codebooks/{version.codebook.slug}/1/"
    assert client.get(answer["Location"]).status_code == 200
    assert client.post(f"/p/{project.slug}/codebooks/add/", {"preset": "made-up"}, follow=True).status_code == 200


def test_settled_answers_are_hidden_from_reviewers(client: Client, project: Project) -> None:
    make_claim(make_article(project), "Inspectors found 14 broken bolts")
    address = f"/p/{project.slug}/claims/{Claim.objects.get().pk}/"
    assert "Nothing about this claim is settled yet" in client.get(address).content.decode()
    client.force_login(member(project, "alice"))
    assert "settled" not in client.get(address).content.decode().lower()


def test_a_verdict_is_as_of_a_day_and_what_it_replaced_stands_below(client: Client) -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    make_claim(make_article(project), "Inspectors found 14 broken bolts")
    round_ = make_round(project, codebook=make_codebook(project, "stance"))
    unit, owner = Unit.objects.get(), owner_of(project)
    for name in ("alice", "bob"):
        label(round_, unit, reviewer(project, name), stance="reports")
    settle_by_majority(round_, by=owner)
    settle_label(round_, unit, "stance", expected_revision=1, outcome="no_agreement", method="discussion", by=owner)
    client.force_login(owner)
    page = client.get(f"/p/{project.slug}/claims/{Claim.objects.get().pk}/").content.decode()
    today = f"as of {SettledLabel.objects.latest('id').created_at:%-d %b %Y}"
    assert page.index("no agreement") < page.index("revision 2") < page.index("replaced") < page.index("revision 1")
    assert page.count(today) == 2


def test_a_claim_shows_where_else_it_is_said_and_takes_a_decision(client: Client) -> None:
    from claims.matching.actions import suggest_relations
    from claims.models import ClaimRelation
    from tests.factories import make_article, make_claim, make_project, owner_of

    project = make_project()
    one, other = "The Lake Ferry carried 900 cars to Sandmouth", "The Lake Ferry carried 400 cars to Sandmouth"
    left = make_claim(make_article(project, f"Ferry\n\n{one}."), one).claim
    make_claim(make_article(project, f"Boat\n\n{other}."), other)
    suggest_relations(left)
    pair = ClaimRelation.objects.get()
    client.force_login(owner_of(project))
    page = client.get(f"/p/{project.slug}/claims/{pair.right_id}/").content.decode()
    assert "conflicts in detail" in page
    assert '<mark dir="auto">400</mark> here, <mark dir="auto">900</mark> there' in page
    sent = {"pair": pair.pk, "n": 0, "relation": "more_specific"}
    assert client.post(f"/p/{project.slug}/claims/{pair.right_id}/", sent).status_code in (302, 303)
    pair.refresh_from_db()
    assert pair.relation == "more_general"  # as it reads from the left claim
    assert client.post(f"/p/{project.slug}/claims/{pair.right_id}/", sent).status_code == 409
    assert "Decided: <b>more specific</b>" in client.get(f"/p/{project.slug}/claims/{pair.right_id}/").content.decode()


def test_near_duplicates_are_shown_together(client: Client, project: Project) -> None:
    """An agency text with another headline is found in the list and on the page, and stays an article."""
    agency = "\n\n" + " ".join(f"The harbour office counted {n} ships in week {n}." for n in range(9))
    for headline in ("Ships counted", "How many ships came"):
        client.post(f"/p/{project.slug}/import/", {"text": headline + agency})
    client.post(f"/p/{project.slug}/import/", {"text": TEXT})
    run_jobs()
    first, second, alone = Article.objects.order_by("pk")
    listed = client.get(f"/p/{project.slug}/articles/?copies=1").content.decode()
    assert listed.count("1 near-duplicate<") == 2
    assert alone.headline not in listed
    assert second.headline in client.get(f"/p/{project.slug}/articles/{first.pk}/").content.decode()
    assert "% alike" in client.get(f"/p/{project.slug}/articles/{first.pk}/").content.decode()


def test_the_overview_names_what_was_asked_for_and_counts_what_follows_from_it(
    client: Client, project: Project
) -> None:
    brought = jobs.enqueue("import_articles", project=project, by=owner_of(project))
    for _ in range(12):
        jobs.enqueue("split_article", project=project)
    jobs.enqueue("match_claims", project=project)
    body = client.get(f"/p/{project.slug}/running/").content.decode()
    assert f"/jobs/{brought.pk}/" in body
    assert "match claims (1), split article (12)" in body
    assert body.count("/jobs/") == 2
    Job.objects.update(state="cancelled")
    assert "Look at the new figures" in client.get(f"/p/{project.slug}/running/").content.decode()
