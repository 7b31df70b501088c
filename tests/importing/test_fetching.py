"""Articles from addresses: lists, feeds, sitemaps, what hostile and broken sites do to a job."""

from __future__ import annotations

import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from claims import jobs
from claims.errors import Conflict, Refused
from claims.importing import fetching
from claims.importing.actions import retry_failed
from claims.importing.feeds import pause_feed, poll_feeds, remove_feed, resume_feed, watch_feed
from claims.importing.fetching import run_fetch, start_fetch
from claims.importing.reextracting import run_reextract, start_reextraction
from claims.models import Article, ArticleSource, AuditEvent, Job, RemoteHost, StoredFile, WatchedFeed
from claims.outbound import politeness
from claims.outbound.politeness import turn_at
from tests.factories import make_project, owner_of
from tests.importing.test_blocks import PARAGRAPHS
from tests.security.netlab import Netlab, Server, reply

pytestmark = pytest.mark.django_db


def page(words: str, *, head: str = "") -> bytes:
    body = "".join(f"<p>{words}: {paragraph}</p>" for paragraph in PARAGRAPHS)
    return f"<html><head><title>{words}</title>{head}</head><body><article>{body}</article></body></html>".encode()


class Site:
    """A site of a few pages; what is not there is 404."""

    def __init__(self, lab: Netlab, host: str = "news.example.com") -> None:
        self.pages: dict[str, bytes | Callable[[bytes], bytes]] = {}
        self.server: Server = lab.serve(self.answer)
        lab.name(host, self.server)

    def answer(self, connection: socket.socket, asked: bytes) -> None:
        found = self.pages.get(asked.split()[1].decode().partition("?")[0], reply(b"no", status="404 Not Found"))
        connection.sendall(found if isinstance(found, bytes) else found(asked))

    def asked(self) -> list[str]:
        return [asked.split()[1].decode() for asked in self.server.requests]


@pytest.fixture
def lab(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Netlab]:
    settings.OUTBOUND_TEST_HOSTS = {}
    settings.OUTBOUND_ROBOTS = False
    lab = Netlab(settings.OUTBOUND_TEST_HOSTS)
    monkeypatch.setattr(socket, "getaddrinfo", lab.getaddrinfo)
    monkeypatch.setattr(politeness, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(fetching, "LONGEST_WAIT", 0.0)
    yield lab
    lab.close()


@pytest.fixture
def site(lab: Netlab) -> Site:
    return Site(lab)


def run(job: Job) -> Job:
    jobs.run(job.pk, {"import_addresses": run_fetch})
    job.refresh_from_db()
    return job


def bring_in(*urls: str, **given: Any) -> Job:
    project = make_project()
    return run(start_fetch(project, urls=urls, by=owner_of(project), **given))


def codes(job: Job) -> list[str]:
    return list(job.errors.order_by("id").values_list("code", flat=True))


def test_it_works(site: Site) -> None:
    site.pages["/pier"] = reply(page("Pier closed"), headers=["Content-Type: text/html"])
    job = bring_in("http://news.example.com/pier", outlet="Tidal Post")
    assert (job.state, job.counts) == ("succeeded", {"total": 1, "read": 1, "imported": 1})
    article = Article.objects.get()
    assert article.outlet is not None
    assert (article.canonical_url, article.outlet.name) == ("https://news.example.com/pier", "Tidal Post")
    with ArticleSource.objects.get().file.open("rb") as kept:
        assert kept.read() == page("Pier closed")


def test_co_12_fifty_variants_of_an_address_are_one_article(site: Site) -> None:
    fresh = iter(range(100))
    site.pages["/pier"] = lambda _: reply(page(f"Pier closed {next(fresh)}"))
    site.pages["/pier/"] = site.pages["/pier"]
    variants = [
        f"http://{host}/pier{slash}?utm_source={n}{fragment}"
        for n in range(13)
        for host, slash, fragment in (
            ("news.example.com", "", ""),
            ("NEWS.example.com", "/", ""),
            ("news.example.com.", "", "#top"),
            ("News.Example.Com:80", "/", "#x"),
        )
    ][:50]
    job = bring_in(*variants)
    assert Article.objects.count() == 1
    assert (job.counts["imported"], job.counts["duplicate"], job.state) == (1, len(variants) - 1, "succeeded")
    assert len(site.server.requests) == 1


def test_co_12_two_jobs_at_once_write_one_article(site: Site) -> None:
    """Both fetched before either wrote: the second finds the first's address under the import lock."""
    project = make_project()
    fresh = iter(range(9))
    site.pages["/pier"] = lambda _: reply(page(f"Pier {next(fresh)}"))
    first = start_fetch(project, urls=["http://news.example.com/pier"], by=owner_of(project))
    second = start_fetch(project, urls=["http://news.example.com/pier?utm_source=x"], by=owner_of(project))
    fetch_first = fetching._Fetching._fetch

    def slow(self: Any, url: str, **given: Any) -> Any:
        fetched = fetch_first(self, url, **given)
        if self.job.pk == first.pk:
            run(second)
        return fetched

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(fetching._Fetching, "_fetch", slow)
        run(first)
    second.refresh_from_db()
    assert (first.state, second.state, Article.objects.count()) == ("succeeded", "succeeded", 1)
    assert first.counts["duplicate"] == 1
    assert StoredFile.objects.count() == 1


def test_fe_08_the_job_says_that_a_redirect_was_not_allowed(site: Site, lab: Netlab) -> None:
    canary = lab.serve(lambda connection, _: connection.sendall(reply(b"secret")))
    site.pages["/a"] = reply(status="302 Found", headers=[f"Location: http://127.0.0.1:{canary.port}/"])
    job = bring_in("http://news.example.com/a")
    assert (job.state, job.reason, codes(job)) == ("failed", "redirect_not_allowed", ["redirect_not_allowed"])
    assert canary.connections == 0


def test_fe_12_a_password_gets_into_no_row(site: Site) -> None:
    project = make_project()
    with pytest.raises(Refused) as refusal:
        start_fetch(project, urls=["http://user:canary-pass@news.example.com/"], by=owner_of(project))
    assert refusal.value.code == "credentials_in_url"
    site.pages["/a"] = reply(page("Pier"))
    urls = ["http://news.example.com/a", "http://user:canary-pass@news.example.com/"]
    job = run(start_fetch(project, urls=urls, by=owner_of(project)))
    assert (job.state, codes(job)) == ("partial", ["credentials_in_url"])
    kept = [*Job.objects.values(), *job.errors.values(), *AuditEvent.objects.values()]
    assert "canary-pass" not in str(kept)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://localhost:5432/", "http://[::1]/", "http://db.internal/"])
def test_fe_01_02_20_an_address_of_the_inside_is_refused_before_there_is_a_job(lab: Netlab, url: str) -> None:
    project = make_project()
    with pytest.raises(Refused) as refusal:
        start_fetch(project, urls=[url], by=owner_of(project))
    assert (refusal.value.code, refusal.value.status) == ("url_not_allowed", 422)
    assert not Job.objects.exists()


def rss(links: list[str]) -> bytes:
    items = "".join(f"<item><title>t</title><link>{link}</link></item>" for link in links)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><link>/</link>{items}</channel></rss>'.encode()


def test_fe_21_a_feed_of_10_000_entries_gives_500_through_the_same_guard(
    site: Site, lab: Netlab, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = lab.serve(lambda connection, _: connection.sendall(reply(b"secret")))
    inside = [f"http://127.0.0.1:{canary.port}/{n}" for n in range(9_998)]
    site.pages["/feed"] = reply(rss(["http://news.example.com/a", "/b", *inside]), headers=["Content-Type: text/xml"])
    site.pages["/a"], site.pages["/b"] = reply(page("First")), reply(page("Second"))
    job = bring_in("http://news.example.com/feed")
    assert (job.state, job.counts["imported"], job.counts["failed"]) == ("partial", 2, 498)
    assert set(codes(job)) == {"url_not_allowed"}
    assert canary.connections == 0


@pytest.mark.parametrize(
    ("answer", "code", "requests"),
    [
        (reply(b"%PDF-1.7 no more", headers=["Content-Type: text/html"]), None, 1),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "http_204", 1),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", "http_304", 1),
        (reply(status="401 Unauthorized"), "http_401", 1),
        (reply(status="404 Not Found"), "http_404", 1),
        (reply(status="429 Too Many", headers=["Retry-After: 1"]), "http_429", 3),
        (reply(status="503 Away"), "http_503", 3),
        (reply(b"\x89PNG", headers=["Content-Type: image/png"]), "unsupported_content", 1),
        (reply(b""), "empty", 1),
    ],
)
def test_fe_23_every_answer_ends_the_job_with_its_reason(
    site: Site, answer: bytes, code: str | None, requests: int
) -> None:
    site.pages["/a"] = answer
    job = bring_in("http://news.example.com/a")
    assert (job.state, len(site.server.requests)) == ("failed", requests)
    assert job.reason == code if code else job.reason
    assert job.sentence
    assert not Article.objects.exists()
    assert not StoredFile.objects.exists()


def test_fe_23_a_site_that_recovers_is_believed(site: Site) -> None:
    answers = iter([reply(status="503 Away"), reply(status="429 Slow"), reply(page("Back"))])
    site.pages["/a"] = lambda _: next(answers)
    assert bring_in("http://news.example.com/a").state == "succeeded"


def test_fe_24_half_a_page_is_no_article(site: Site) -> None:
    whole = reply(page("Pier"))
    site.pages["/a"] = whole[: len(whole) // 2]
    job = bring_in("http://news.example.com/a")
    assert (job.reason, Article.objects.count()) == ("fetch_incomplete", 0)


@pytest.mark.django_db(transaction=True)
def test_fe_29_a_host_is_asked_twice_at_once_and_once_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(politeness, "SECONDS_BETWEEN", 0.3)
    began: list[float] = []
    inside, most = 0, 0
    lock = threading.Lock()

    def ask() -> None:
        nonlocal inside, most
        try:
            with turn_at("victim.example.com"):
                with lock:
                    began.append(time.monotonic())
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.9)
                with lock:
                    inside -= 1
        finally:
            connection.close()

    workers = [threading.Thread(target=ask) for _ in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    gaps = [later - earlier for earlier, later in itertools.pairwise(began)]
    assert (len(began), most) == (5, 2)
    assert min(gaps) > 0.28
    assert RemoteHost.objects.get().first_holder == ""


def test_robots_are_asked_once_and_followed(site: Site, lab: Netlab, settings: Any) -> None:
    settings.OUTBOUND_ROBOTS = True
    site.pages["/robots.txt"] = reply(b"User-agent: *\nDisallow: /private/\n\nUser-agent: Attest\nDisallow: /no/\n")
    site.pages |= {"/a": reply(page("One")), "/no/b": reply(page("Two")), "/private/c": reply(page("Three"))}
    job = bring_in(*(f"http://news.example.com{path}" for path in ("/a", "/no/b", "/private/c")))
    assert (job.counts["imported"], codes(job)) == (2, ["robots_disallow"])
    assert site.asked() == ["/robots.txt", "/a", "/private/c"]


def test_a_sitemap_of_sitemaps_and_packed_ones(site: Site) -> None:
    import gzip

    index = (
        b"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>/one.xml.gz</loc></sitemap>"
    )
    one = b"<?xml version='1.0'?><urlset><url><loc>\n http://news.example.com/a </loc></url></urlset>"
    site.pages |= {"/sitemap.xml": reply(index), "/one.xml.gz": reply(gzip.compress(one)), "/a": reply(page("One"))}
    assert bring_in("http://news.example.com/sitemap.xml").counts["imported"] == 1


def test_an_atom_feed_and_one_with_entities(site: Site) -> None:
    atom = (
        b"<feed xmlns='http://www.w3.org/2005/Atom'><link href='/self'/><entry><link rel='edit' href='/edit'/>"
        b"<link href='/a'/></entry></feed>"
    )
    site.pages |= {"/atom": reply(atom), "/a": reply(page("One"))}
    assert bring_in("http://news.example.com/atom").counts["imported"] == 1
    entity = b"<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
    site.pages["/bomb"] = reply(entity + b"<rss><item><link>&x;</link></item></rss>")
    assert bring_in("http://news.example.com/bomb").reason == "xml_forbidden_dtd"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (
            json.dumps(
                {
                    "version": "https://jsonfeed.org/version/1.1",
                    "items": [
                        {"id": "1", "url": "http://news.example.com/one"},
                        {"id": "http://news.example.com/one"},
                        {"id": "3", "external_url": "http://news.example.com/two"},
                        {"id": "4"},
                        5,
                    ],
                }
            ),
            "application/feed+json",
        ),
        ("http://news.example.com/one\r\n\r\nhttp://news.example.com/two\r\n", "text/plain"),
        (
            '<rss version="2.0"><channel><item><title>a</title><guid>http://news.example.com/one</guid></item>'
            '<item><guid isPermaLink="false">http://news.example.com/no</guid></item><item><guid>tag:7</guid></item>'
            "<item><link> http://news.example.com/two </link><guid>http://news.example.com/no</guid></item></channel></rss>",
            "application/rss+xml",
        ),
    ],
)
def test_a_json_feed_a_plain_list_and_entries_that_are_named_by_their_address_alone(
    site: Site, body: str, kind: str
) -> None:
    site.pages["/feed"] = reply(
        body.replace('"/one"', '"http://news.example.com/one"').encode(), headers=[f"Content-Type: {kind}"]
    )
    for name in ("one", "two"):
        site.pages[f"/{name}"] = reply(page(name), headers=["Content-Type: text/html"])
    job = bring_in("http://news.example.com/feed")
    assert (job.state, job.counts["imported"]) == ("succeeded", 2), job.sentence
    assert site.asked() == ["/feed", "/one", "/two"]


def test_a_text_that_begins_with_an_address_is_no_list(site: Site) -> None:
    text = "http://news.example.com/two\nThe pier of Velmora was closed on Monday, says the page above.\n"
    site.pages["/note"] = reply(text.encode(), headers=["Content-Type: text/plain"])
    job = bring_in("http://news.example.com/note")
    assert (job.state, site.asked()) == ("succeeded", ["/note"])


def test_a_worker_that_takes_over_goes_on_where_the_other_stopped(site: Site) -> None:
    project = make_project()
    site.pages |= {"/a": reply(page("One")), "/b": reply(page("Two"))}
    urls = ["http://news.example.com/a", "http://news.example.com/b"]
    job = start_fetch(project, urls=urls, by=owner_of(project))
    with pytest.MonkeyPatch.context() as patched:
        take = fetching._Fetching._take
        patched.setattr(
            fetching._Fetching, "_take", lambda self, url, depth: take(self, url, depth) if url.endswith("a") else 1 / 0
        )
        with pytest.raises(ZeroDivisionError):
            run(job)
    Job.objects.update(due_at="2020-01-01T00:00Z")
    assert run(job).counts["imported"] == 2
    assert site.asked() == ["/a", "/b"]


def test_what_failed_is_tried_again(site: Site) -> None:
    job = bring_in("http://news.example.com/a", "http://news.example.com/gone")
    assert codes(job) == ["http_404", "http_404"]
    site.pages["/a"] = reply(page("One"))
    assert job.project is not None
    again = run(retry_failed(job, by=owner_of(job.project)))
    assert (again.counts["imported"], again.state) == (1, "partial")


def test_a_watched_feed_brings_in_what_is_new_and_asks_cheaply(site: Site) -> None:
    project = make_project()
    owner = owner_of(project)

    def feed(asked: bytes) -> bytes:
        if b'If-None-Match: "1"' in asked:
            return b"HTTP/1.1 304 Not Modified\r\n\r\n"
        return reply(rss(["/a", "/b"]), headers=['ETag: "1"', "Last-Modified: Mon, 02 Mar 2026 09:14:00 GMT"])

    site.pages |= {"/feed": feed, "/a": reply(page("One")), "/b": reply(page("Two"))}
    watched = watch_feed(project, url="http://news.example.com/feed", by=owner, outlet="Tidal Post")
    with pytest.raises(Conflict):
        watch_feed(project, url="https://NEWS.example.com/feed/", by=owner)

    assert (poll_feeds(), poll_feeds()) == (1, 0)
    job = run(Job.objects.get(kind="import_addresses"))
    watched.refresh_from_db()
    assert (job.state, job.counts["imported"], watched.etag, watched.last_sentence) == ("succeeded", 2, '"1"', "2 new.")

    WatchedFeed.objects.update(next_at="2020-01-01T00:00Z")
    assert poll_feeds() == 1
    job = run(Job.objects.filter(kind="import_addresses").latest("id"))
    watched.refresh_from_db()
    assert (job.state, job.counts.get("imported", 0), watched.last_sentence) == ("succeeded", 0, "Nothing new.")
    assert site.asked() == ["/feed", "/a", "/b", "/feed"]

    pause_feed(watched, by=owner)
    WatchedFeed.objects.update(next_at="2020-01-01T00:00Z")
    assert poll_feeds() == 0
    resume_feed(watched, by=owner)
    assert poll_feeds() == 1
    remove_feed(watched, by=owner)
    assert run(Job.objects.filter(kind="import_addresses").latest("id")).state == "succeeded"
    assert Article.objects.count() == 2


def test_a_feed_that_fails_is_asked_less_and_less(site: Site) -> None:
    project = make_project()
    watched = watch_feed(project, url="http://news.example.com/feed", by=owner_of(project), every_minutes=60)
    poll_feeds()
    run(Job.objects.get())
    watched.refresh_from_db()
    assert (watched.failures, watched.last_code) == (1, "http_404")
    assert watched.last_at is not None
    assert (watched.next_at - watched.last_at).total_seconds() == pytest.approx(7_200, abs=5)


def test_a_page_is_read_as_its_server_says_and_so_it_is_when_read_again(site: Site) -> None:
    words = "Мост через озеро закрыли"
    body = page(words).decode().encode("cp1251").replace(b"<head>", b'<head><meta charset="koi8-r">')
    site.pages["/most"] = reply(body, headers=["Content-Type: text/html; charset=windows-1251"])
    bring_in("http://news.example.com/most")
    article = Article.objects.get()
    assert article.headline == words
    assert ArticleSource.objects.get().media_type == "text/html; charset=cp1251"
    again = start_reextraction(article.project, [article], by=owner_of(article.project))
    jobs.run(again.pk, {"reextract_articles": run_reextract})
    again.refresh_from_db()
    assert (again.state, again.counts.get("changed", 0)) == ("succeeded", 0)
