"""An article's original read once more, by the present rules: a new version of its text beside the old one.

The old text stays, with everything that was said of it; the claims are looked for in the new one (`anchor_claims`).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import BinaryIO, cast

from django.db import transaction
from django.db.models import Q

from claims import audit, jobs
from claims.errors import Refused
from claims.importing.articles import OriginalFile, Prepared, prepare, write_links
from claims.importing.charsets import charset_of
from claims.importing.outcome import count, note_remarks
from claims.importing.readers import READERS, ReadOptions, RecordError
from claims.models import Article, ArticleLink, ArticleSource, Job, Project, Segment, TextVersion, User
from claims.permissions import check_can, check_not_archived

READABLE = {"text/html": "html", "application/pdf": "pdf", "text/plain": "text"}  # files that hold one article
MOST = 1_000


def start_reextraction(project: Project, articles: Sequence[Article], *, by: User) -> Job:
    """Queue reading the originals of these articles again. Raises Refused `no_original`, `too_many_articles`."""
    check_can("import", by, project)
    check_not_archived(project)
    if len(articles) > MOST:
        raise Refused("too_many_articles", f"At most {MOST:,} articles are read again at once.")
    ids = [article.pk for article in articles if article.project_id == project.pk]
    kept = ArticleSource.objects.filter(_is_readable(), article__in=ids).values_list("article", flat=True)
    if not (found := sorted(set(kept))):
        raise Refused("no_original", "No file of its own was kept for this article, so it cannot be read again.")
    with transaction.atomic():
        job = jobs.enqueue("reextract_articles", project=project, by=by, args={"articles": found})
        audit.record("reextract_articles", job, by=by, articles=len(found))
    return job


def run_reextract(job: Job) -> None:
    """The job `reextract_articles`: args {"articles": [ids]}; the cursor counts those done."""
    job.counts.setdefault("total", len(job.args["articles"]))
    for at, pk in enumerate(job.args["articles"]):
        if at >= job.cursor.get("at", 0):
            _read_again(job, pk, at)
    changed, failed = job.counts.get("changed", 0), job.counts.get("failed", 0)
    sentence = f"{changed:,} of {job.counts['total']:,} texts are different now."
    state = "partial" if failed and failed < job.counts["total"] else "failed" if failed else "succeeded"
    jobs.finish(job, state, reason="some_failed" if failed else "", sentence=sentence)


def _read_again(job: Job, article: int, at: int) -> None:
    source = ArticleSource.objects.filter(_is_readable(), article=article).order_by("id").first()
    found = _extracted(source) if source is not None else None
    with jobs.chunk(job):
        count(job, "read")
        if isinstance(found, Refused):
            count(job, "failed")
            jobs.note_error(job, code=found.code, sentence=found.sentence, member=f"article {article}")
        elif found is not None and (text := _store(article, found)) is not None:
            count(job, "changed")
            note_remarks(job, [replace(found.record, member=f"article {article}")])
            jobs.enqueue("anchor_claims", project=job.project, by=job.created_by, args={"texts": [text.pk]})
        job.cursor = {"at": at + 1}


def _is_readable() -> Q:
    """Of such a kind, whatever encoding stands after it."""
    return reduce(or_, (Q(media_type__startswith=kind) for kind in READABLE))


def _extracted(source: ArticleSource) -> Prepared | Refused:
    original = OriginalFile(
        name=source.file.name or "",
        filename=source.filename,
        media_type=source.media_type,
        sha256=source.sha256,
        size=source.size,
    )
    try:
        with source.file.open("rb") as opened:
            data = cast(BinaryIO, opened.file if isinstance(opened.file, io.IOBase) else opened)
            kind, charset = source.media_type.partition(";")[0], charset_of(source.media_type)
            options = ReadOptions(member=source.filename, url=source.url, charset=charset)
            found = next(iter(READERS[READABLE[kind]](data, options)), None)
            if found is None or isinstance(found, RecordError):
                return Refused("empty", "Nothing was found in the original.")
            return prepare(found, original)
    except Refused as refusal:
        return refusal


def _store(article: int, found: Prepared) -> TextVersion | None:
    """Write the text as the next version, None when it is the newest already or the article was erased."""
    Article.objects.select_for_update(no_key=True).get(pk=article)
    newest = TextVersion.objects.filter(article=article).order_by("-n").first()
    if newest is None or newest.erased_at is not None:
        return None
    ArticleLink.objects.filter(article=article).delete()
    write_links([(article, found.record.links)])
    if newest.sha256 == found.sha256:
        return None
    text = TextVersion.objects.create(
        article_id=article,
        n=newest.n + 1,
        text=found.record.text,
        sha256=found.sha256,
        length=len(found.record.text),
        recipe=found.record.recipe[:60],
    )
    said = _said_by_people(newest)
    rows = []
    for n, block in enumerate(found.blocks):
        role, language = said.get(text.text[block.start : block.end].strip(), ("", ""))
        rows.append(
            Segment(
                text_version=text,
                n=n,
                start=block.start,
                end=block.end,
                role=role or block.role,
                language=language or block.language,
                decided_by="person" if role else "rule",
            )
        )
    Segment.objects.bulk_create(rows, batch_size=2_000)
    return text


def _said_by_people(text: TextVersion) -> dict[str, tuple[str, str]]:
    """What people said of blocks, by the blocks' words: it holds for the same words in the new text."""
    rows = text.segments.filter(decided_by="person").values_list("start", "end", "role", "language")
    return {text.text[start:end].strip(): (role, language) for start, end, role, language in rows}
