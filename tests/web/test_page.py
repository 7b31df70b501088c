"""What holds for every page: who may see it, what its headers and markup are, and what it never does."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLResolver, get_resolver

from claims.models import Project
from claims.web.page import TABS, Here
from claims.web.urls import project_urls, urlpatterns
from tests.factories import label_next, make_project, make_user, member, owner_of, reviewer, run_jobs
from tests.web.site import CANARY, Site

pytestmark = pytest.mark.django_db
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}


class Markup(HTMLParser):
    """Collects what a strict policy would refuse to run."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._is_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self._is_script = tag == "script"
        if tag == "style" or "style" in names:
            self.faults.append(f"inline style on {tag}")
        self.faults += [f"{name} on {tag}" for name in names if name.startswith("on") or name.startswith("hx-on")]
        if tag == "svg" and "onload" in names:
            self.faults.append("the canary got through")
        for name in ("href", "src", "action"):
            if (names.get(name) or "").lower().startswith(("javascript:", "data:", "vbscript:")):
                self.faults.append(f"{names[name]} in {tag}")
        if tag in ("script", "link", "img") and (names.get("src") or names.get("href") or "").startswith("http"):
            self.faults.append(f"foreign {tag}")

    def handle_data(self, data: str) -> None:
        if self._is_script and data.strip():
            self.faults.append("inline script")

    def handle_endtag(self, tag: str) -> None:
        self._is_script = False


def check_answer(body: str, policy: str) -> None:
    markup = Markup()
    markup.feed(body)
    assert markup.faults == []
    assert "49" not in re.findall(r">\s*[^<]*?onload=1&gt;(\d+)", body)
    assert "<svg/onload" not in body
    sent = dict(part.strip().split(" ", 1) for part in policy.split(";") if " " in part.strip())
    assert {name: sent.get(name) for name in POLICY} == POLICY
    assert "unsafe" not in policy


def test_it_works_for_the_owner_xs_01_xs_04_xs_05(client: Client, site: Site) -> None:
    """Every page of the owner answers, its markup runs nothing, and no canary is ever markup."""
    client.force_login(site.owner)
    addresses = site.of_reviewer() | site.of_owner()
    del addresses["label"], addresses["label-text"]  # the owner holds no unit
    for name, address in addresses.items():
        response = client.get(address)
        assert response.status_code == 200, name
        check_answer(response.content.decode(), response["Content-Security-Policy"])


def test_it_works_for_a_reviewer(client: Client, site: Site) -> None:
    client.force_login(site.alice)
    for name, address in site.of_reviewer().items():
        response = client.get(address)
        assert response.status_code == 200, name
        check_answer(response.content.decode(), response["Content-Security-Policy"])


def test_the_canary_is_shown_as_it_is(client: Client, site: Site) -> None:
    client.force_login(site.alice)
    body = client.get(site.of_reviewer()["article"]).content.decode()
    assert "&quot;&#x27;&gt;&lt;svg/onload=1&gt;{{7*7}}" in body


def test_pages_of_those_who_run_the_project_are_closed_to_reviewers(client: Client, site: Site) -> None:
    client.force_login(site.alice)
    answers = {name: client.get(address).status_code for name, address in site.of_owner().items()}
    assert answers == dict.fromkeys(answers, 403)


def test_anonymous_visitors_are_asked_to_sign_in(client: Client, site: Site) -> None:
    for name, address in (site.of_reviewer() | site.of_owner()).items():
        response = client.get(address)
        assert response.status_code == 302, name
        assert response["Location"].startswith("/sign-in/?next="), name


def test_az_02_a_foreign_project_and_a_missing_one_answer_alike(client: Client, site: Site) -> None:
    stranger = make_user("stranger")
    client.force_login(stranger)
    missing = client.get("/p/no-such-project/")
    assert missing.status_code == 404
    for address in (site.of_reviewer() | site.of_owner()).values():
        if address.startswith("/p/"):
            response = client.get(address)
            assert (response.status_code, response.content) == (404, missing.content)


def test_az_02_things_of_another_project_do_not_exist_here(client: Client, site: Site) -> None:
    other = make_project()
    client.force_login(owner_of(other))
    missing = client.get("/p/no-such-project/").content
    pages = site.of_reviewer() | site.of_owner()
    for name in ("article", "claim", "codebook", "round", "label", "job", "settle", "release"):
        response = client.get(pages[name].replace(site.project.slug, other.slug))
        assert (name, response.status_code, response.content == missing) == (name, 404, True)


def test_az_15_reading_changes_nothing(client: Client, site: Site) -> None:
    def checksum() -> list[tuple[str, int]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'claims_%' ORDER BY 1")
            tables = [name for (name,) in cursor.fetchall()]
            counts = []
            for table in tables:
                cursor.execute(f"SELECT count(*), sum(hashtext(t::text)) FROM {table} AS t")
                counts.append((table, cursor.fetchone()))
        return counts

    owner = Client()
    client.force_login(site.alice)
    owner.force_login(site.owner)
    before = checksum()
    for address in (*site.of_reviewer().values(), f"{site.root}/rounds/{site.round.pk}/label/"):
        client.get(address)
    for address in (site.of_reviewer() | site.of_owner()).values():
        owner.get(address)
    assert checksum() == before


def test_every_address_is_visited_by_a_test(site: Site) -> None:
    """A page that is added appears here, so that the checks above cover it."""
    posts = {
        *("interest-add", "interest-remove", "people-cap", "workload-change"),
        *("topics-opt-out", "topic-change", "article-warn", "claim-warn"),
        *("article-exclude", "article-include", "article-file"),
        "correct-deed",
        "resplit-accept",
        "suggestions-ask",
        "webhook-change",
        "round-machines-ask",
        "suggestion",
        "claims-unlock",
        "claims-lock",
        "round-cuts-lock",
        "cut-deed",
        "job-cancel",
        "article-read-again",
        "article-take-down",
        "job-retry",
        "feed-change",
        "codebook-add",
        "codebook-draft",
        "codebook-edit",  # of a draft; its own tests have one
        "codebook-take-in",
        "outlet-change",
        "outlet-hold",
        "dossier-folder",
        "dossier-pdf",
        "publication-start",
        "publication-change",
        "round-change",
        "qualification-begin",
        "label-next",
        "label-draft",
        "label-evidence",
        "label-skip",
        "release-retry",
        "reviewer-look",
        "release-file-link",
        "settle-majority",
        "interest-add",
        "interest-remove",
        "people-cap",
        "reply-to-review",
        "member-change",
        "consent-text",
        "my-data-download",
        "my-data-delete",
        "member-remove",
        "invitation-revoke",
        "appearance",
        "session-end",
        "sessions-end",
        "inbox-open",
        "inbox-read",
        "sign-out",
        "token-revoke",
    }
    elsewhere = {
        "running",
        "qualification",  # of a round with a pass mark; tests/assignment/test_qualification.py has one
        "job-errors",
        "article-source",
        "claim-attachment",
        "evidence-file",
        "release-all",
        "release-changes",  # of two releases; tests/exporting/test_differences.py has them
        "release-file",
        "download-link",
        "citations-file",
        "codebook-text",
        "public-outlet",
        "public-outlet-version",
        "sign-in",
        "join",
        "help",
        "help-page",
    }
    named = {pattern.name for pattern in [*project_urls, *urlpatterns] if not isinstance(pattern, URLResolver)}
    # Those of allauth have tests of their own: tests/security/test_door.py
    named = {name for name in named if name == "mfa_index" or not name.startswith(("account_", "mfa_"))}
    assert named == set(site.of_reviewer()) | set(site.of_owner()) | posts | elsewhere
    assert get_resolver().resolve("/").url_name == "home"


def test_a_nul_in_an_address_is_a_bad_request_and_one_that_was_pasted_is_left_out(client: Client) -> None:
    project = make_project()
    client.force_login(owner_of(project))
    assert client.get(f"/p/{project.slug}/claims/?q=%00").status_code == 400
    client.post("/start/", {"name": "Har\0bour", "goal": "code_corpus"})
    assert Project.objects.filter(name="Harbour").exists()


@pytest.mark.parametrize("before", ["abc", "-1", "1e3", "9" * 30, "٣"])
def test_an_impossible_number_is_a_bad_request(client: Client, before: str) -> None:
    project = make_project()
    client.force_login(owner_of(project))
    assert client.get(f"/p/{project.slug}/articles/", {"before": before}).status_code == 400


@pytest.mark.parametrize("deed", ["import/", "rounds/new/", "codebooks/add/", "people/", "releases/"])
def test_an_observer_reads_and_writes_nothing(client: Client, deed: str) -> None:
    project = make_project(olga="observer")
    client.force_login(member(project, "olga"))
    answer = client.post(f"/p/{project.slug}/{deed}", {"title": "x", "formats": ["csv"]})
    assert answer.status_code == 403
    assert client.get(f"/p/{project.slug}/agreement/").status_code == 200


def test_a_form_without_its_token_is_refused_with_a_page(site: Site) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(site.owner)
    response = strict.post("/start/", {"name": "x", "goal": "code_corpus"})
    assert response.status_code == 403
    assert "This form has expired" in response.content.decode()
    check_answer(response.content.decode(), response["Content-Security-Policy"])


def test_the_canary_is_what_it_claims_to_be() -> None:
    markup = Markup()
    markup.feed(f"<p>{CANARY}</p><p style='x'><script>1</script><a href='javascript:1'>")
    assert len(markup.faults) >= 4


def test_inv_4_what_a_reviewer_sees_does_not_depend_on_others(client: Client, site: Site) -> None:
    """Every page of Alice is the same, but for the keys of its forms, before and after Bob goes on."""
    client.force_login(site.alice)

    def pages() -> dict[str, str]:
        seen = {}
        for name, address in site.of_reviewer().items():
            body = re.sub(
                r"(<span class=.quiet nowrap.>)· [^<]*( ago|just now)", r"\1", client.get(address).content.decode()
            )
            kept = [line for line in body.splitlines() if "csrfmiddlewaretoken" not in line and "_key" not in line]
            seen[name] = "\n".join(kept)
        return seen

    run_jobs()  # what was entered last is compared with the other claims
    before = pages()
    bob = reviewer(site.project, "bob")
    for stance in ("refutes", "questions"):
        label_next(site.round, bob, stance=stance, notes={"note": "seen by nobody"})
    run_jobs()
    assert pages() == before


def test_a_curators_claim_page_shows_what_was_settled_with_its_evidence(client: Client, site: Site) -> None:
    from claims.adjudication.actions import settle_by_majority

    settle_by_majority(site.round, by=site.owner)
    client.force_login(site.owner)
    unit = site.units[0]
    assert unit.occurrence_version is not None
    body = client.get(f"{site.root}/claims/{unit.occurrence_version.occurrence.claim_id}/").content.decode()
    assert "unanimous" in body
    assert "https://example.org/minutes" in body


@pytest.mark.parametrize(
    ("page", "expected"),
    [("/rounds/", 7), ("/my-labels/", 6), ("/releases/", 6), ("/jobs/", 4), ("/disputes/", 17), ("/", 25)],
)
def test_the_number_of_queries_of_lists(
    client: Client, site: Site, django_assert_num_queries: Any, page: str, expected: int
) -> None:
    client.force_login(site.alice if page == "/my-labels/" else site.owner)
    client.get(site.root + page)
    with django_assert_num_queries(expected):
        client.get(site.root + page)


@pytest.mark.parametrize("goal", ["code_corpus", "check_claims", "rate_outlets"])
def test_a_goal_shows_few_tabs_and_the_rest_one_click_away(client: Client, goal: str) -> None:
    """Whatever the page: it stands among the tabs itself, and each page stands once."""
    project = make_project(goal=goal, alice="reviewer")
    owner, alice = owner_of(project), member(project, "alice")
    for tab in TABS:
        here = Here(project, "owner", owner, tab)
        shown, more = here.tabs, here.more_tabs
        assert len(shown) <= 7
        assert [one.is_current for one in shown].count(True) == 1
        assert {one.label for one in (*shown, *more)} == {label for label, _ in TABS.values()}
        assert len(shown) + len(more) == len(TABS)
    assert [one.label for one in Here(project, "reviewer", alice, "rounds").more_tabs] == []
    client.force_login(owner)
    assert "<summary>More" in client.get(f"/p/{project.slug}/").content.decode()
