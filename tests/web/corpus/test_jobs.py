"""The job page's numbers and its errors as a table; blocks corrected by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from claims.models import Job, JobError, Segment
from claims.web.corpus.jobs import time_left
from tests.factories import make_article, make_project, owner_of

pytestmark = pytest.mark.django_db


def test_errors_as_csv_hold_no_formula(client: Client) -> None:
    project = make_project()
    client.force_login(owner_of(project))
    job = Job.objects.create(kind="import_articles", project=project, state="succeeded")
    JobError.objects.create(job=job, member='=HYPERLINK("http://evil")', line=3, code="empty", sentence="No, none.")
    answer = client.get(f"/p/{project.slug}/jobs/{job.pk}/errors.csv")
    lines = answer.getvalue().decode().split("\r\n")
    assert lines[:2] == ["member,line,code,sentence", '"\'=HYPERLINK(""http://evil"")",3,empty,"No, none."']
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.parametrize(
    ("read", "words"), [(0, ""), (90, "about 1 s left"), (10, "about 90 s left"), (1, "about 17 min left"), (100, "")]
)
def test_time_left_is_told_in_words(read: int, words: str) -> None:
    began = timezone.now() - timedelta(seconds=10)
    job = Job(kind="import_articles", state="running", counts={"total": 100, "read": read}, started_at=began)
    assert time_left(job) in (words, words.replace("90 s", "2 min"))


def test_a_block_is_corrected_by_hand_and_its_text_stays(client: Client) -> None:
    project = make_project()
    client.force_login(owner_of(project))
    article = make_article(project)
    address = f"/p/{project.slug}/articles/{article.pk}/blocks/"
    segment = Segment.objects.filter(text_version__article=article).order_by("n")[0]
    assert client.get(address).status_code == 200
    assert client.post(address, {f"role-{segment.n}": "caption"}).status_code == 303
    segment.refresh_from_db()
    assert (segment.role, segment.decided_by) == ("caption", "person")
    assert client.post(address, {f"role-{segment.n}": "nonsense"}).status_code == 422
    assert client.post(address, {f"language-{segment.n}": "El"}).status_code == 303
    segment.refresh_from_db()
    assert (segment.language, segment.role) == ("el", "caption")
    assert client.post(address, {f"language-{segment.n}": "Greek!"}).status_code == 422
