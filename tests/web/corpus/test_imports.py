"""The import page: what is chosen there becomes the right kind of job."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from claims.importing.datasets import DATASETS
from claims.models import Article, Claim, Job, Label
from tests.factories import make_project, owner_of, run_jobs
from tests.importing.test_datasets import RAW

pytestmark = pytest.mark.django_db


def test_a_data_set_with_labels_comes_in_by_the_page(client: Client) -> None:
    project = make_project()
    client.force_login(owner_of(project))
    page = client.get(f"/p/{project.slug}/import/").content.decode()
    assert all(f'value="{name}"' in page for name in DATASETS)
    file = SimpleUploadedFile("raw.csv", RAW.encode())
    answer = client.post(f"/p/{project.slug}/import/", {"files": file, "dataset": "raters"})
    job = Job.objects.get(kind="import_claims")
    assert answer.headers["Location"] == f"/p/{project.slug}/jobs/{job.pk}/"
    run_jobs()
    assert Claim.objects.in_project(project).count() == 3
    assert Label.objects.count() == 8
    shown = client.get(answer.headers["Location"]).content.decode()
    assert "unknown_value" in shown


def test_two_files_are_no_data_set(client: Client) -> None:
    project = make_project()
    client.force_login(owner_of(project))
    files = [SimpleUploadedFile(name, RAW.encode()) for name in ("a.csv", "b.csv")]
    answer = client.post(f"/p/{project.slug}/import/", {"files": files, "dataset": "raters"})
    assert answer.status_code == 422
    assert "A data set is one file" in answer.content.decode()


def test_one_button_imports_all_that_was_given(client: Client) -> None:
    """A text, a file and an address in one form: none is left behind for the others."""
    project = make_project()
    client.force_login(owner_of(project))
    given = {
        "text": "Harbour bridge closed\n\nThe Lake Bridge in Sandmouth was closed on Tuesday.",
        "files": SimpleUploadedFile("ferry.txt", b"Ferry late\n\nThe ferry to Orrin came two hours late on Monday."),
        "addresses": "https://news.example.org/a",
    }
    answer = client.post(f"/p/{project.slug}/import/", given)
    assert answer.headers["Location"] == f"/p/{project.slug}/jobs/"
    assert sorted(Job.objects.values_list("kind", flat=True)) == ["import_addresses", "import_articles"]
    run_jobs()
    assert Article.objects.in_project(project).count() == 2
