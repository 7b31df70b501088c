"""Importing into the database: jobs, duplicates, outlets, errors, retries."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, transaction

from claims import jobs
from claims.errors import Conflict, NotFound, NotPermitted, Refused
from claims.importing.actions import start_import
from claims.importing.intake import run_import
from claims.importing.mending import correct_segment_role, exclude_article
from claims.models import (
    Article,
    ArticleSource,
    AuditEvent,
    ClaimSource,
    ExternalVerdict,
    Job,
    JobError,
    Outlet,
    OutletDomain,
    Project,
    Segment,
    StoredFile,
    TextVersion,
)
from tests.factories import make_project, member, owner_of
from tests.importing.test_blocks import PARAGRAPHS
from tests.importing.test_readers import PAGE

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "data" / "seeds"
NOTICE = "Velmora closes its eastern pier\n\n" + "\n\n".join(PARAGRAPHS)

pytestmark = pytest.mark.django_db


def upload(name: str, data: bytes | str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)


def run(job: Job) -> Job:
    """What a worker does with this job; splitting is another stage's work."""
    jobs.run(job.pk, {"import_articles": run_import})
    job.refresh_from_db()
    return job


def bring_in(project: Project, *files: Any, **given: Any) -> Job:
    return run(start_import(project, files=files, by=owner_of(project), **given))


def refusal_of(project: Project, *files: Any, **given: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        start_import(project, files=files, by=owner_of(project), **given)
    assert not Job.objects.exists()
    assert not StoredFile.objects.exists()
    return refusal.value


def row_counts() -> dict[str, int]:
    tables = (Article, TextVersion, Segment, ArticleSource, Outlet, OutletDomain, StoredFile)
    return {model.__name__: model.objects.count() for model in tables}


def errors_of(job: Job) -> list[tuple[str, int | None, str]]:
    return list(job.errors.order_by("id").values_list("member", "line", "code"))


class StoppedHere(Exception):  # noqa: N818 - an event, not a fault
    """The worker ends at once, as with kill -9: nothing of the open transaction is kept."""


def rows_of(n: int) -> str:
    return "text\n" + "".join(f"Pier {i} is closed for repairs.\n" for i in range(n))


def test_it_works_for_a_pasted_text() -> None:
    project = make_project()
    job = bring_in(
        project,
        text=NOTICE,
        title="Velmora closes its pier",
        outlet="Harbour News",
        url="https://harbour.example/a/?utm_x=1",
    )
    assert (job.state, job.counts) == ("succeeded", {"total": 1, "read": 1, "imported": 1})
    article = Article.objects.get()
    version = article.text_versions.get()
    assert version.text == NOTICE
    assert version.sha256 == article.content_sha256 == hashlib.sha256(NOTICE.encode()).hexdigest()
    assert (article.headline, article.language, article.state) == ("Velmora closes its pier", "en", "imported")
    assert article.canonical_url == "https://harbour.example/a"
    assert article.outlet is not None
    assert article.outlet.name == "Harbour News"
    assert OutletDomain.objects.get().domain == "harbour.example"
    assert all(NOTICE[s.start : s.end] for s in version.segments.all())
    assert Job.objects.get(kind="split_article").args == {"articles": [article.pk]}
    source = article.sources.get()
    with source.file.open("rb") as kept:
        assert kept.read().decode() == NOTICE


@pytest.mark.parametrize(
    ("name", "data", "n"),
    [
        ("a.txt", NOTICE, 1),
        ("a.html", PAGE, 1),
        ("a.csv", "title,text\nOne,The pier is closed.\nTwo,The pier is open.\n", 2),
        ("a.jsonl", '{"text": "The pier is closed."}\n{"text": "The pier is open."}\n', 2),
    ],
)
def test_each_format_comes_in(name: str, data: str, n: int) -> None:
    project = make_project()
    job = bring_in(project, upload(name, data))
    assert (job.state, job.counts) == ("succeeded", {"total": n, "read": n, "imported": n})
    assert Article.objects.filter(project=project).count() == n
    assert AuditEvent.objects.filter(verb="start_import").count() == 1


def test_a_page_brings_its_metadata() -> None:
    project = make_project()
    bring_in(project, upload("pier.html", PAGE))
    article = Article.objects.get()
    assert (article.headline, article.byline) == ("Velmora closes its pier", "Tomas Aldergrove")
    assert (article.published_how, article.language) == ("metadata", "en")
    assert (article.outlet and article.outlet.name) == "Harbour News"
    assert article.text_versions.get().recipe.startswith("trafilatura ")
    assert article.text_versions.get().segments.order_by("n")[0].role == "headline"


@pytest.mark.parametrize(("role", "error"), [("reviewer", NotPermitted), ("observer", NotPermitted)])
def test_only_owners_and_curators_import(role: str, error: type[Refused]) -> None:
    project = make_project(alice=role)
    with pytest.raises(error):
        start_import(project, text="The pier is closed.", by=member(project, "alice"))
    with pytest.raises(NotFound):
        start_import(project, text="The pier is closed.", by=owner_of(make_project()))


@pytest.mark.parametrize(
    ("name", "data", "code", "status"),
    [
        ("a.txt", b"", "empty", 422),
        ("a.txt", b"\xef\xbb\xbf \n", "empty", 422),
        ("a.txt", b"caf\xe9", "encoding_unknown", 422),
        ("a.txt", b"MZ\x90\x00", "unsupported_content", 415),
        ("a.html", b"%PDF-1.4", "unsupported_content", 415),
        ("a.html", b" ", "empty", 422),
        ("a.csv", b"titel,datum\n1,2\n", "missing_column", 422),
        ("a.csv", b"text,text\n1,2\n", "duplicate_column", 422),
        ("a.exe", b"x", "unsupported_format", 415),
        ("a", b"x", "unsupported_format", 415),
        ("a.txt", b"a" * 1_000_001, "article_too_long", 422),
    ],
)
def test_up_10_to_43_useless_files_are_refused_before_a_job_is_made(
    name: str, data: bytes, code: str, status: int
) -> None:
    refusal = refusal_of(make_project(), upload(name, data))
    assert (refusal.code, refusal.status) == (code, status)


def test_other_requests_that_cannot_be_done_are_refused() -> None:
    project = make_project()
    assert refusal_of(project).code == "nothing_to_import"
    assert refusal_of(project, text="x" * 1_000_001).code == "article_too_long"
    assert refusal_of(project, text="x", url="javascript:alert(1)").code == "scheme_not_allowed"
    assert refusal_of(project, text="x", options={"colour": "red"}).code == "unknown_option"
    assert refusal_of(project, *[upload("a.txt", "x")] * 201).code == "too_many_files"
    large = upload("a.txt", "x")
    large.size = 50_000_001
    assert (refusal_of(project, large).code, refusal_of(project, large).status) == ("too_large", 413)


def test_up_15_control_characters_are_removed_counted_and_never_reach_the_database() -> None:
    job = bring_in(make_project(), text="The \x00pier\x07 is\ud800 closed.")
    assert TextVersion.objects.get().text == "The pier is closed."
    assert job.counts["control_chars_removed"] == 2


def test_up_39_a_hostile_file_name_is_kept_for_show_alone() -> None:
    name = '"><img src=x onerror=1>\u202e\n' + "n" * 300 + ".txt"
    file = ContentFile(b"The pier is closed.", name="x.txt")
    file.name = "../../" + name
    bring_in(make_project(), file, options={"format": "text"})
    source = ArticleSource.objects.get()
    assert "/" not in source.filename
    assert "\n" not in source.filename
    assert len(source.filename) <= 300
    assert source.file.name.startswith("imports/")
    assert len(source.file.name) == len("imports/") + 32


@pytest.mark.parametrize("name", ["a.txt", "a.html"])
def test_up_40_the_same_bytes_again_change_no_row_and_say_duplicate_of(name: str) -> None:
    project = make_project()
    data = NOTICE if name == "a.txt" else PAGE
    bring_in(project, upload(name, data))
    before = row_counts()
    job = start_import(project, files=[upload("other name" + name, data)], by=owner_of(project))
    assert (job.state, job.counts["duplicate"]) == ("succeeded", 1)
    assert errors_of(job) == [("other name" + name, None, "duplicate_of")]
    assert str(Article.objects.get().pk) in job.sentence
    assert row_counts() == before


def test_inv_8_the_same_rows_in_another_file_change_no_article() -> None:
    project = make_project()
    bring_in(project, upload("a.csv", "text\nOne is closed.\nTwo is closed.\n"))
    before = row_counts()
    job = bring_in(project, upload("b.jsonl", '{"text": "Two is closed."}\n{"text": "One is closed."}\n'))
    assert (job.state, job.counts) == ("succeeded", {"total": 2, "read": 2, "duplicate": 2})
    assert row_counts() == before | {"StoredFile": before["StoredFile"] + 1}
    job = bring_in(project, upload("c.csv", "text\nThree is closed.\nThree is closed.\n"))
    assert job.counts == {"total": 2, "read": 2, "imported": 1, "duplicate": 1}


def test_az_23_another_projects_articles_say_nothing_about_what_is_new() -> None:
    bring_in(make_project(), text=NOTICE)
    job = bring_in(make_project(), text=NOTICE)
    assert job.counts == {"total": 1, "read": 1, "imported": 1}


def test_an_article_can_be_taken_out_and_a_block_corrected() -> None:
    project = make_project(alice="reviewer")
    owner = owner_of(project)
    bring_in(project, text=NOTICE)
    article = Article.objects.get()
    segment = Segment.objects.order_by("n")[1]
    assert correct_segment_role(segment, role="caption", by=owner).decided_by == "person"
    with pytest.raises(Refused):
        correct_segment_role(segment, role="verse", by=owner)
    with pytest.raises(NotPermitted):
        exclude_article(article, reason="", by=member(project, "alice"))
    stale = Article.objects.get()
    assert exclude_article(article, reason="An advertisement.", by=owner).state == "excluded"
    with pytest.raises(Conflict):
        exclude_article(stale, reason="Again.", by=owner)
    assert set(AuditEvent.objects.values_list("verb", flat=True)) >= {"exclude_article", "correct_segment_role"}


def test_ft_04_the_job_and_its_bytes_are_committed_together_or_not_at_all() -> None:
    project = make_project()
    owner = owner_of(project)

    @transaction.atomic
    def start_and_stop() -> None:
        start_import(project, text=NOTICE, by=owner)
        raise StoppedHere

    with pytest.raises(StoppedHere):
        start_and_stop()
    assert (Job.objects.count(), StoredFile.objects.count()) == (0, 0)


@pytest.mark.parametrize("sqlstate", [None, "53100"])
def test_ft_10_a_full_storage_is_said_and_leaves_nothing(sqlstate: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*args: Any, **kwargs: Any) -> str:
        if sqlstate is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        cause = Exception()
        cause.sqlstate = sqlstate  # type: ignore[attr-defined]
        raise OperationalError from cause

    monkeypatch.setattr("claims.importing.actions.default_storage.save", no_room)
    refusal = refusal_of(make_project(), text=NOTICE)
    assert (refusal.code, refusal.status) == ("storage_full", 507)


@pytest.mark.skipif(not SEEDS.exists(), reason="the five real articles are not at hand")
def test_the_five_real_articles_come_in_exactly() -> None:
    project = make_project()
    paths = sorted(SEEDS.glob("*.txt"))
    job = bring_in(project, *[upload(path.name, path.read_bytes()) for path in paths])
    assert (job.state, job.counts) == ("succeeded", {"total": 5, "read": 5, "imported": 5})
    for path in paths:
        text = path.read_bytes().decode()
        article = Article.objects.get(content_sha256=hashlib.sha256(text.encode()).hexdigest())
        assert article.text_versions.get().text == text
        assert article.language == "en"
        assert article.headline in text
    dates = dict(Article.objects.exclude(published_at=None).values_list("headline", "published_how"))
    assert set(dates.values()) == {"text"}
    assert len(dates) == 2
    assert not JobError.objects.exists()


REVIEW = """<script type="application/ld+json">{"@context": "https://schema.org", "@type": "ClaimReview",
"claimReviewed": "The new harbour cost 40 million crowns.", "url": "https://tidecheck.example/1",
"itemReviewed": {"@type": "Claim", "author": {"@type": "Person", "name": "Edda Quill"}},
"author": {"@type": "Organization", "name": "Tide Check"},
"reviewRating": {"@type": "Rating", "ratingValue": 2, "worstRating": 1, "bestRating": 5,
"alternateName": "Mostly false"}
}</script>"""


def test_a_fact_check_among_pages_brings_its_claim_with_the_verdict() -> None:
    """Beside the article: ClaimReview in the page's own metadata. Again, or on another page, it is the same claim."""
    project = make_project()
    page = PAGE.decode() if isinstance(PAGE, bytes) else PAGE
    page = page.replace("</head>", REVIEW + "</head>")
    job = bring_in(project, upload("a.html", page))
    assert (job.state, job.counts["imported"], job.counts["claims"]) == ("succeeded", 1, 1)
    source = ClaimSource.objects.get()
    assert (source.kind, source.speaker) == ("review", "Edda Quill")
    verdict = ExternalVerdict.objects.get(claim=source.claim)
    assert (verdict.publisher, verdict.label, verdict.rating) == ("tidecheck.example", "Mostly false", 2.0)
    bring_in(project, upload("b.html", page.replace("</p>", " More.</p>")))
    assert (ClaimSource.objects.count(), ExternalVerdict.objects.count()) == (1, 1)
    broken = bring_in(project, upload("c.html", page.replace('"@context"', "@context").replace("</p>", " Else.</p>")))
    assert broken.counts["imported"] == 1
