"""Articles from addresses: one, a list, or what a feed or sitemap lists. One job, one address after another.

`job.cursor` is {"at": how many addresses are done, "more": [[address, depth]] that feeds added, "failed": [addresses]}.
"""

from __future__ import annotations

import hashlib
import io
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from claims import audit, jobs
from claims.errors import Conflict, Refused
from claims.importing.addresses import canonical_url
from claims.importing.articles import OriginalFile, Prepared, prepare, store
from claims.importing.charsets import charset_of
from claims.importing.feeds import note_answer, note_failure
from claims.importing.findings import take_reviews
from claims.importing.intake import TURN_SECONDS
from claims.importing.links import LINKS, is_feed
from claims.importing.outcome import count, finish_import, note_duplicate, note_remarks, pass_on
from claims.importing.quota import check_quota
from claims.importing.readers import READERS, ReadOptions, Record, RecordError
from claims.importing.sandbox import feed_links
from claims.lifecycle import JOB
from claims.models import Article, Job, Project, User, WatchedFeed
from claims.outbound import PUBLIC, Fetched, fetch_politely
from claims.outbound.addresses import parse
from claims.permissions import check_can, check_not_archived
from claims.text import clean_line

ADDRESSES = 1_000
DEPTH = 2  # an index of sitemaps lists sitemaps, which list articles
ATTEMPTS = 3
LONGEST_WAIT = 30.0
RENEW_SECONDS = 10.0
WAY_OUT = "Open the page in a browser and paste its text instead."


def start_fetch(project: Project, *, urls: Sequence[str], by: User, outlet: str = "") -> Job:
    """Queue the job that fetches these addresses; in a list, a bad one is an error of the job.

    Raises Refused: `nothing_to_import`, `too_many_addresses`, `too_many_imports` (429), and of an only address what
    `outbound.addresses.parse` raises.
    """
    check_can("import", by, project)
    check_not_archived(project)
    given = list(dict.fromkeys(url.strip() for url in urls if url.strip()))
    if not given:
        raise Refused("nothing_to_import", "There is nothing to import. Write one address a line.")
    if len(given) > ADDRESSES:
        raise Refused(
            "too_many_addresses", f"These are {len(given):,} addresses; at most {ADDRESSES:,} go into one job."
        )
    good, refused = _checked(given)
    if len(given) == 1 and refused:
        raise Refused(refused[0][1], refused[0][2])
    args = {"urls": good, "refused": refused, "outlet": clean_line(outlet)[:200]}
    with transaction.atomic():
        check_quota(by, lock=True)
        job = jobs.enqueue("import_addresses", project=project, by=by, args=args)
        Job.objects.filter(pk=job.pk).update(counts={"total": len(given)})
        audit.record("start_fetch", job, by=by, addresses=len(given))
    job.refresh_from_db(fields=["counts"])
    return job


def retry_fetch(job: Job, *, by: User) -> Job:
    """Queue the addresses of an earlier job that did not come in, and those it did not get to."""
    assert job.project is not None  # noqa: S101 - every import has one
    if job.state not in JOB.terminal:
        raise Conflict("job_not_ended", f"This import is still {job.state}. Wait for its end or cancel it.")
    urls = [url for url, _ in _queue(job)[job.cursor.get("at", 0) :]]
    urls += job.cursor.get("failed", [])
    if not urls:
        raise Conflict("nothing_to_retry", "No address is left to try again.")
    return start_fetch(job.project, urls=urls[:ADDRESSES], by=by, outlet=job.args.get("outlet", ""))


def run_fetch(job: Job) -> None:
    """Do an `import_addresses` job from where its cursor stands to its end."""
    assert job.project is not None  # noqa: S101 - every import has one
    if _Fetching(job, job.project).take_all():
        finish_import(job, may_be_empty="feed" in job.args)


def _checked(urls: Sequence[str]) -> tuple[list[str], list[list[Any]]]:
    """Cut a list into good addresses and [line, code, sentence]; a bad address is not kept: it may hold a password."""
    good: list[str] = []
    refused: list[list[Any]] = []
    for line, url in enumerate(urls, 1):
        try:
            good.append(parse(url, PUBLIC).url)
        except Refused as refusal:
            refused.append([line, refusal.code, refusal.sentence])
    return good, refused


def _queue(job: Job) -> list[list[Any]]:
    return [[url, 0] for url in job.args["urls"]] + list(job.cursor.get("more", []))


class _Fetching:
    """One run of one job."""

    def __init__(self, job: Job, project: Project) -> None:
        self.job = job
        self.project = project
        self.feed = WatchedFeed.objects.filter(pk=job.args.get("feed")).first()
        self.renewed_at = time.monotonic()

    def take_all(self) -> bool:
        """Fetch what is left; False when another person's job goes first."""
        began = time.monotonic()
        if not self.job.cursor:
            self._begin()
        while (at := self.job.cursor["at"]) < len(queue := _queue(self.job)):
            url, depth = queue[at]
            try:
                self._take(url, depth)
            except Refused as refusal:
                self._fail(url, refusal)
            if time.monotonic() - began >= TURN_SECONDS and jobs.let_others(self.job):
                return False
        return True

    def _begin(self) -> None:
        with jobs.chunk(self.job):
            self.job.counts.setdefault("total", len(self.job.args["urls"]))
            for line, code, sentence in self.job.args.get("refused", []):
                count(self.job, "read")
                count(self.job, "failed")
                jobs.note_error(self.job, code=code, sentence=sentence, member="list", line=line)
            self.job.cursor = {"at": 0, "more": [], "failed": []}

    def _take(self, url: str, depth: int) -> None:
        """Fetch one address and commit what it gave."""
        is_watched = self.feed is not None and depth == 0
        known = None if is_watched else self._article_at(url)
        if known is not None:
            self._commit_known(url, depth, known)
            return
        fetched = self._fetch(url, is_watched=is_watched)
        if is_watched and fetched.status == 304:
            self._commit_links(fetched, depth, [])
        elif is_feed(fetched.body):
            if depth >= DEPTH:
                raise Refused("feed_too_deep", "This sitemap is listed by a sitemap that another one lists.")
            links = feed_links(fetched.body, fetched.final_url)
            self._commit_links(fetched, depth, links)
        elif is_watched:
            raise Refused("not_a_feed", "This address is not a feed (RSS, Atom or JSON Feed) or sitemap any more.")
        else:
            self._commit_article(url, fetched)

    def _article_at(self, url: str) -> int | None:
        there = Article.objects.filter(project=self.project, canonical_url=canonical_url(url)[:2_000])
        return there.order_by("id").values_list("id", flat=True).first()

    def _fetch(self, url: str, *, is_watched: bool) -> Fetched:
        """Ask up to three times, and again only where the site says that it is a matter of time."""
        seen = {"etag": self.feed.etag, "last_modified": self.feed.last_modified} if self.feed and is_watched else {}
        for attempt in range(1, ATTEMPTS + 1):
            fetched = fetch_politely(url, waiting=self._renew_when_due, **seen)
            may_change = fetched.status == 429 or fetched.status >= 500
            if not may_change or attempt == ATTEMPTS:
                break
            self._wait(_stated_wait(fetched) or 2.0**attempt)
        if fetched.status == 200 or (is_watched and fetched.status == 304):
            return fetched
        raise Refused(f"http_{fetched.status}", f"The site answered {fetched.status}. {WAY_OUT}", status=502)

    def _commit_known(self, url: str, depth: int, article: int) -> None:
        with jobs.chunk(self.job):
            count(self.job, "read")
            count(self.job, "duplicate")
            if depth == 0:  # of a feed's entries, most are known each time
                sentence = f"This address is article {article} already. It was not fetched again."
                jobs.note_error(self.job, code="duplicate_of", sentence=sentence, member=url)
            self.job.cursor["at"] += 1

    def _commit_links(self, fetched: Fetched, depth: int, links: Sequence[str]) -> None:
        """Put what a feed lists at the end of the queue: at most 500 in a job, none twice."""
        good, refused = _checked(links)
        with jobs.chunk(self.job):
            queue = {url for url, _ in _queue(self.job)}
            fresh = [url for url in good if url not in queue and not (self.feed and self._article_at(url))]
            left = max(0, LINKS - len(self.job.cursor["more"]))
            self.job.cursor["more"] += [[url, depth + 1] for url in fresh[:left]]
            self.job.cursor["at"] += 1
            count(self.job, "total", len(fresh[:left]) + len(refused) - 1)
            count(self.job, "read", len(refused))
            count(self.job, "failed", len(refused))
            for line, code, sentence in refused:
                jobs.note_error(self.job, code=code, sentence=sentence, member=fetched.url, line=line)
            if self.feed is not None and depth == 0:
                note_answer(self.feed, fetched, new=len(fresh[:left]))

    def _commit_article(self, url: str, fetched: Fetched) -> None:
        name = default_storage.save(f"imports/{uuid.uuid4().hex}", ContentFile(fetched.body))
        try:
            item = self._prepared(url, fetched, name)
            with jobs.chunk(self.job):
                stored = store(self.project, [item], by=self.job.created_by, once_an_address=True)
                count(self.job, "read")
                count(self.job, "imported", len(stored.created))
                count(self.job, "claims", take_reviews(self.project, [item], by=self.job.created_by))
                for record, article in stored.duplicates:
                    note_duplicate(self.job, record, article)
                note_remarks(self.job, [item.record])
                pass_on(self.project, stored.created, by=self.job.created_by)
                self.job.cursor["at"] += 1
        except BaseException:
            default_storage.delete(name)
            raise
        if not stored.created:
            default_storage.delete(name)

    def _prepared(self, url: str, fetched: Fetched, name: str) -> Prepared:
        found, media_type = read_fetched(fetched, url)
        original = OriginalFile(
            name=name,
            filename=fetched.final_url.partition("?")[0].rstrip("/").rpartition("/")[2][:300],
            media_type=media_type,
            sha256=hashlib.sha256(fetched.body).hexdigest(),
            size=len(fetched.body),
        )
        return prepare(_with_outlet(found, fetched, self.job.args.get("outlet", "")), original)

    def _fail(self, url: str, refusal: Refused) -> None:
        with jobs.chunk(self.job):
            count(self.job, "read")
            count(self.job, "failed")
            jobs.note_error(self.job, code=refusal.code, sentence=refusal.sentence, member=url)
            at = self.job.cursor["at"]
            if self.feed is not None and at == 0:
                note_failure(self.feed, refusal)
            else:
                self.job.cursor["failed"].append(url)
            self.job.cursor["at"] = at + 1

    def _wait(self, seconds: float) -> None:
        ends = time.monotonic() + min(seconds, LONGEST_WAIT)
        while (left := ends - time.monotonic()) > 0:
            self._renew_when_due()
            time.sleep(min(left, 1.0))

    def _renew_when_due(self) -> None:
        if time.monotonic() - self.renewed_at >= RENEW_SECONDS:
            jobs.renew(self.job)
            self.renewed_at = time.monotonic()


def read_fetched(fetched: Fetched, member: str) -> tuple[Record, str]:
    """(what the page holds, its media type). Raises Refused `unsupported_content`, `empty`, and what readers raise."""
    kind, media_type = _kind_of(fetched)
    charset = charset_of(fetched.headers.get("content-type", ""))
    options = ReadOptions(member=member, url=fetched.final_url, charset=charset)
    found = next(iter(READERS[kind](io.BytesIO(fetched.body), options)), None)
    if found is None:
        raise Refused("empty", f"No article was found there. {WAY_OUT}")
    if isinstance(found, RecordError):
        raise Refused(found.code, found.sentence)
    return found, media_type


def _stated_wait(fetched: Fetched) -> float | None:
    stated = fetched.headers.get("retry-after", "")
    return float(stated) if stated.isdecimal() else None


def _kind_of(fetched: Fetched) -> tuple[str, str]:
    """The reader for what came, by its bytes before its header. Raises Refused `unsupported_content`."""
    stated = fetched.headers.get("content-type", "").partition(";")[0].strip().lower()
    if fetched.body.startswith(b"%PDF-"):
        if "pdf" in READERS:
            return "pdf", "application/pdf"
        raise Refused("unsupported_content", f"This is a PDF, whatever the site calls it. {WAY_OUT}", status=415)
    if stated == "text/plain":
        return "text", "text/plain"
    if stated and stated not in ("text/html", "application/xhtml+xml", "application/xml", "text/xml"):
        raise Refused("unsupported_content", f"This is {stated[:60]}, not a page. {WAY_OUT}", status=415)
    return "html", "text/html"


def _with_outlet(record: Record, fetched: Fetched, outlet: str) -> Record:
    given: dict[str, Any] = {} if record.url else {"url": fetched.final_url}
    if outlet:
        given |= {"outlet": outlet, "is_stated": True}
    return replace(record, **given)
