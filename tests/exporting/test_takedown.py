"""Taking an article down, and a storage that is full."""

from __future__ import annotations

import hashlib
import io
import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from claims import jobs
from claims.errors import NotPermitted, Refused
from claims.exporting.actions import retry_release, run_build_release, start_release, verify_release
from claims.exporting.handing import open_file
from claims.importing.takedown import take_down_article
from claims.models import (
    Anchor,
    Article,
    ArticleSource,
    AttributionHop,
    AuditEvent,
    Claim,
    ClaimOccurrence,
    ClaimVersion,
    Label,
    OccurrenceVersion,
    Project,
    StoredFile,
    TextVersion,
)
from tests.api.caller import Caller
from tests.exporting.test_actions import QUOTE, content, labelled, released, rows
from tests.factories import make_article, make_claim, make_project, member, owner_of, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def article() -> Article:
    """Released once, with the original it came from."""
    project, _ = labelled()
    found = Article.objects.get(project=project)
    raw = b"<p>Inspectors found 14 broken bolts</p>"
    name = default_storage.save(f"sources/{found.pk}", ContentFile(raw, name="source"))
    ArticleSource.objects.create(article=found, file=name, sha256=hashlib.sha256(raw).hexdigest(), size=len(raw))
    released(project)
    return found


def test_it_works_the_words_are_erased_and_hash_and_reason_stay(article: Article) -> None:
    project, release = article.project, article.project.release_set.get()
    text, source = TextVersion.objects.get(article=article), ArticleSource.objects.get(article=article)
    taken = take_down_article(article, reason="A court ordered it.", by=owner_of(project))
    assert (taken.state, taken.state_reason, taken.headline) == ("retracted", "A court ordered it.", "Taken down")
    erased = TextVersion.objects.get(article=article)
    assert (erased.text, erased.sha256) == ("", text.sha256)
    assert not default_storage.exists(source.file.name)
    assert ArticleSource.objects.get(article=article).sha256 == source.sha256
    assert Claim.objects.get(project=project).retracted_at is not None
    run_jobs()
    kept = {file.name: file for file in release.files.all()}
    assert not StoredFile.objects.filter(name__in=[kept["claims.jsonl"].file.name, kept["articles.csv"].file.name])
    assert len(kept["claims.jsonl"].sha256) == 64
    open_file(release, "manifest.json", by=owner_of(project))[1].close()
    assert "claims.jsonl was erased, since it may hold what was taken down. Its checksum stays." in verify_release(
        release
    )
    verbs = set(AuditEvent.objects.filter(project=project).values_list("verb", flat=True))
    assert {"take_down_article", "erase_released"} <= verbs


def test_ex_09_a_new_release_says_that_it_was_taken_down_and_no_more(article: Article) -> None:
    take_down_article(article, reason="A person asked.", by=owner_of(article.project))
    run_jobs()
    release = released(article.project)
    assert {"kind": "article", "id": article.pk, "state": "retracted"} in rows(release, "withheld")
    everything = b"".join(content(release, file.name) for file in release.files.all())
    assert b"bolts" not in everything


def test_pr_03_it_is_hidden_from_the_next_request_on(article: Article, client: Client) -> None:
    project, owner = article.project, owner_of(article.project)
    occurrence = ClaimOccurrence.objects.get(article=article)
    client.force_login(owner)
    there = f"/p/{project.slug}/articles/{article.pk}/"
    assert QUOTE in client.get(there).content.decode()
    assert client.post(f"{there}take-down/", {"reason": "A person asked."}).status_code == 303
    caller = Caller(owner)
    for address in (there, f"/p/{project.slug}/articles/", f"/p/{project.slug}/articles/?q=Harbour"):
        page = client.get(address)
        assert (page.status_code, "bolts" in page.content.decode()) == (200, False), address
        assert "Harbour bridge" not in page.content.decode(), address
    assert "A person asked." in client.get(there).content.decode()
    for address in (f"articles/{article.pk}/", f"projects/{project.slug}/articles/?q=bridge"):
        assert "bolts" not in caller.get(address).content.decode(), address
    assert client.get(f"{there}sources/{article.sources.get().pk}/").status_code == 404
    assert occurrence.article_id == article.pk


def test_by_api_with_a_reason_and_once(article: Article) -> None:
    carol = Caller(owner_of(article.project), scopes=["write"])
    refused = carol.post(f"articles/{article.pk}/take-down/", {"reason": " "})
    assert refused.status_code == 422, refused.content
    assert carol.post(f"articles/{article.pk}/take-down/", {"reason": "Asked."}).json()["state"] == "retracted"
    assert carol.post(f"articles/{article.pk}/take-down/", {"reason": "Asked."}).status_code == 409


def test_a_claim_that_stands_elsewhere_stays(article: Article) -> None:
    other = make_claim(make_article(article.project, f"Copy\n\n{QUOTE}."), QUOTE)
    claim = ClaimOccurrence.objects.get(article=article).claim
    ClaimOccurrence.objects.filter(pk=other.pk).update(claim=claim)
    take_down_article(article, reason="Asked.", by=owner_of(article.project))
    claim.refresh_from_db()
    assert claim.retracted_at is None


def words_kept(project: Project) -> str:
    """Everything that the database still says in words of claims."""
    claims = ClaimOccurrence.objects.filter(project=project)
    versions = OccurrenceVersion.objects.filter(occurrence__in=claims)
    return json.dumps(
        [
            *Claim.objects.filter(project=project).values_list("text", flat=True),
            *ClaimVersion.objects.filter(claim__project=project).values_list("text", flat=True),
            *versions.values_list("verbatim", "wording"),
            *Anchor.objects.filter(occurrence_version__in=versions).values_list("exact", flat=True),
            *AttributionHop.objects.filter(occurrence_version__in=versions).values_list("source_text", "cue_text"),
        ]
    )


def test_the_sentences_of_its_claims_go_too_when_that_is_asked_for(article: Article, client: Client) -> None:
    project, owner = article.project, owner_of(article.project)
    labels = Label.objects.count()
    assert "bolts" in words_kept(project)
    client.force_login(owner)
    sent = {"reason": "A court ordered it.", "with_claims": "1"}
    assert client.post(f"/p/{project.slug}/articles/{article.pk}/take-down/", sent).status_code == 303
    assert "bolts" not in words_kept(project)
    assert "Tidal Post" not in words_kept(project)
    assert Label.objects.count() == labels
    [event] = AuditEvent.objects.filter(verb="take_down_article")
    assert event.details == {"with_claims": True, "occurrences": 1}
    claim = ClaimOccurrence.objects.get(article=article).claim_id
    assert "bolts" not in client.get(f"/p/{project.slug}/claims/{claim}/").content.decode()
    call_command("verify_labels", stdout=io.StringIO())
    run_jobs()
    released(project)


def test_the_wording_of_a_claim_that_stands_elsewhere_stays(article: Article) -> None:
    other = make_claim(make_article(article.project, f"Copy\n\n{QUOTE}."), QUOTE)
    claim = ClaimOccurrence.objects.get(article=article).claim
    ClaimOccurrence.objects.filter(pk=other.pk).update(claim=claim)
    carol = Caller(owner_of(article.project))
    assert carol.post(f"articles/{article.pk}/take-down/", {"reason": "Asked.", "with_claims": True}).status_code == 200
    claim.refresh_from_db()
    assert claim.text == QUOTE
    assert set(OccurrenceVersion.objects.values_list("verbatim", flat=True)) == {"Taken down", QUOTE}


@pytest.mark.parametrize(
    "change",
    [
        {"verbatim": "Other words"},
        {"verbatim": "Taken down", "n": 9},
        {"splitter": ""},
        {"wording": "x", "verbatim": ""},
    ],
)
def test_the_database_lets_words_be_blanked_and_nothing_else(article: Article, change: dict[str, object]) -> None:
    version = OccurrenceVersion.objects.filter(occurrence__article=article)
    with pytest.raises(IntegrityError, match="insert-only"), transaction.atomic():
        version.update(**change)
    with pytest.raises(IntegrityError, match="insert-only"), transaction.atomic():
        version._raw_delete("default")


def test_who_may_not_and_what_is_missing(article: Article) -> None:
    with pytest.raises(NotPermitted):
        take_down_article(article, reason="Asked.", by=member(article.project, "alice"))
    with pytest.raises(Refused, match="Say why"):
        take_down_article(article, reason=" ", by=owner_of(article.project))
    assert TextVersion.objects.get(article=article).text


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The limit of the operating system on the size of files that this process writes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_ft_12_a_full_storage_ends_the_job_with_a_reason_and_leaves_nothing() -> None:
    project = make_project()
    make_article(project, "Long report\n\n" + "The harbour bridge carries nine thousand cars a day. " * 15_000)
    release = start_release(project, by=owner_of(project), formats=["jsonl"])
    assert release.job is not None
    before = set(os.listdir("/proc/self/fd"))
    with files_of_at_most(200_000):
        jobs.run(release.job.pk, {"build_release": run_build_release})
    assert set(os.listdir("/proc/self/fd")) <= before
    release.job.refresh_from_db()
    release.refresh_from_db()
    assert (release.job.state, release.job.reason) == ("failed", "storage_full")
    assert "Make room" in release.job.sentence
    assert (release.state, release.files.count()) == ("failed", 0)
    assert not StoredFile.objects.filter(name__startswith=f"releases/{release.pk}/").exists()
    retry_release(release, by=owner_of(project))
    run_jobs()
    release.refresh_from_db()
    assert release.state == "ready"
