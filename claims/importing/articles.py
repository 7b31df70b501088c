"""From a record to the rows of an article: what can be worked out before, and what is written in one transaction."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from claims.errors import Refused
from claims.importing.addresses import canonical_url, outlet_domain
from claims.importing.marking.blocks import Block, find_blocks, find_dateline_date, find_headline
from claims.importing.marking.language import UNKNOWN, identify_language
from claims.importing.outlets import Outlets
from claims.importing.readers import Record
from claims.models import (
    Article,
    ArticleLink,
    ArticleSource,
    ContentWarning,
    Outlet,
    Project,
    Segment,
    TextVersion,
    Topic,
    User,
)

BLOCKS = 20_000
NAME_THEIR_ENCODING = ("text/html", "text/plain")
LANGUAGE_CODE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})?")
# Any number that no other lock of this product uses as its first key.
_IMPORT_LOCK = 7_301


@dataclass(frozen=True)
class OriginalFile:
    """The stored bytes that articles came from."""

    name: str
    filename: str
    media_type: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Prepared:
    """A record with everything worked out that needs no database."""

    record: Record
    original: OriginalFile
    sha256: str
    blocks: list[Block]
    headline: str
    language: str
    canonical_url: str
    published_at: datetime | None
    published_how: str


@dataclass
class Stored:
    """What became of a batch: the new articles' ids, and what was there already, with its article's id."""

    created: list[int] = field(default_factory=list)
    duplicates: list[tuple[Record, int]] = field(default_factory=list)


def prepare(record: Record, original: OriginalFile) -> Prepared:
    """Work out blocks, language, headline, date and address. Raises Refused `too_many_blocks`, `empty`."""
    if not record.text.strip():
        raise Refused("empty", "The text is empty. Every article needs one.")
    if record.text.count("\n") > BLOCKS:
        raise Refused("too_many_blocks", f"The text has more than {BLOCKS:,} lines. Split it into several articles.")
    stated = record.language if LANGUAGE_CODE.fullmatch(record.language) else ""
    blocks = find_blocks(record.text, title=record.title, language=stated.partition("-")[0])
    published_at, how = record.published_at, record.published_how
    if published_at is None and (found := find_dateline_date(record.text, blocks)):
        published_at, how = found, "text"
    return Prepared(
        record=record,
        original=original,
        sha256=hashlib.sha256(record.text.encode()).hexdigest(),
        blocks=blocks,
        headline=record.title or find_headline(record.text, blocks),
        language=stated or _main_language(record.text, blocks),
        canonical_url=canonical_url(record.url) if record.url else "",
        published_at=published_at,
        published_how=how,
    )


def store(project: Project, batch: Sequence[Prepared], *, by: User | None, once_an_address: bool = False) -> Stored:
    """Write the articles of a batch that are new in the project; call it in a transaction. `once_an_address`: what
    another article of the project has as its address is not new, whatever its text (CO-12).

    Imports into one project take turns here for the moment of writing, so that the same text or outlet that two workers
    bring at once is written once (CO-11).
    """
    lock_imports(project)
    known = dict(
        Article.objects.filter(project=project, content_sha256__in=[item.sha256 for item in batch]).values_list(
            "content_sha256", "id"
        )
    )
    if once_an_address:
        known |= _known_addresses(project, batch)
    fresh: dict[str, Prepared] = {}
    repeated: list[Prepared] = []
    for item in batch:
        if item.sha256 in known or item.sha256 in fresh:
            repeated.append(item)
        else:
            fresh[item.sha256] = item
    outlets = Outlets(project)
    articles = [_article(project, item, outlets.of(item.record), by) for item in fresh.values()]
    Article.objects.bulk_create(articles)
    _write_texts(list(fresh.values()), articles)
    _write_warnings(project, list(fresh.values()), articles, by)
    write_links([(article.pk, item.record.links) for item, article in zip(fresh.values(), articles, strict=True)])
    known |= {article.content_sha256: article.pk for article in articles}
    return Stored([article.pk for article in articles], [(item.record, known[item.sha256]) for item in repeated])


def _known_addresses(project: Project, batch: Sequence[Prepared]) -> dict[str, int]:
    """The articles that have the address of one of the batch, under that one's checksum."""
    asked = {item.canonical_url: item.sha256 for item in batch if item.canonical_url}
    found = Article.objects.filter(project=project, canonical_url__in=list(asked)).order_by("-id")
    return {asked[url]: pk for url, pk in found.values_list("canonical_url", "id")}


def lock_imports(project: Project) -> None:
    """Let imports into one project take turns until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_IMPORT_LOCK, project.pk % 2**31])


def _article(project: Project, item: Prepared, outlet: Outlet | None, by: User | None) -> Article:
    record = item.record
    return Article(
        project=project,
        outlet=outlet,
        headline=item.headline[:500],
        byline=record.author[:300],
        url=record.url,
        canonical_url=item.canonical_url[:2_000],
        published_at=item.published_at,
        published_how=item.published_how,
        language=item.language[:12],
        content_sha256=item.sha256,
        extra=dict(record.extra),
        created_by=by,
    )


def _write_texts(batch: Sequence[Prepared], articles: Sequence[Article]) -> None:
    versions = [
        TextVersion(
            article=article,
            n=1,
            text=item.record.text,
            sha256=item.sha256,
            length=len(item.record.text),
            recipe=item.record.recipe[:60],
        )
        for item, article in zip(batch, articles, strict=True)
    ]
    TextVersion.objects.bulk_create(versions)
    Segment.objects.bulk_create(
        [
            Segment(text_version=version, n=n, start=b.start, end=b.end, role=b.role, language=b.language)
            for item, version in zip(batch, versions, strict=True)
            for n, b in enumerate(item.blocks)
        ],
        batch_size=2_000,
    )
    ArticleSource.objects.bulk_create(
        [
            ArticleSource(
                article=article,
                file=item.original.name,
                filename=item.original.filename,
                media_type=_media_type(item),
                sha256=item.original.sha256,
                size=item.original.size,
                url=item.record.url,
            )
            for item, article in zip(batch, articles, strict=True)
        ]
    )


def write_links(rows: Sequence[tuple[int, Sequence[str]]]) -> None:
    """rows: article id and the addresses that its text leads to."""
    ArticleLink.objects.bulk_create(
        ArticleLink(article_id=article, url=url, domain=outlet_domain(url)) for article, links in rows for url in links
    )


def _media_type(item: Prepared) -> str:
    """With the encoding that was named or found, so that the original is read in the same one again."""
    kind, encoding = item.original.media_type, item.record.encoding
    return f"{kind}; charset={encoding}" if encoding != "utf-8" and kind in NAME_THEIR_ENCODING else kind


def check_topics(record: Record, topics: Collection[str]) -> None:
    """Refused `unknown_topic` for a warning of something that is not on the project's list."""
    if missing := next((code for code in record.warnings if code not in topics), None):
        known = ", ".join(sorted(topics)) or "none"
        raise Refused(
            "unknown_topic",
            f"“{missing[:40]}” is not a topic of this project. Its topics: {known}. Add it, then try again.",
        )


def _write_warnings(project: Project, batch: Sequence[Prepared], articles: Sequence[Article], by: User | None) -> None:
    if not any(item.record.warnings for item in batch):
        return
    topics = {topic.code: topic for topic in Topic.objects.in_project(project)}
    ContentWarning.objects.bulk_create(
        ContentWarning(project=project, topic=topics[code], article=article, created_by=by)
        for item, article in zip(batch, articles, strict=True)
        for code in dict.fromkeys(item.record.warnings)
        if code in topics  # one that was taken off the list meanwhile is warned of no more
    )


def _main_language(text: str, blocks: Sequence[Block]) -> str:
    """The language of the body, else of the whole text."""
    body = " ".join(text[block.start : block.end] for block in blocks if block.role == "body")
    code, _ = identify_language(body or text)
    return code or UNKNOWN
