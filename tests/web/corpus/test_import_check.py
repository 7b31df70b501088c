"""Before the import: the page shows how a table is read and imports it as chosen, without any script."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from claims.models import Article, Job, Project, StagedImport
from tests.factories import make_project, owner_of, run_jobs

pytestmark = pytest.mark.django_db
TABLE = "Schlagzeile;Inhalt\nHafen gesperrt;Der Hafen von Velmora ist seit Montag gesperrt.\n"


@pytest.fixture
def project(client: Client, db: None) -> Project:
    project = make_project(clio="curator")
    client.force_login(owner_of(project))
    return project


def stage(client: Client, project: Project, name: str = "a.csv", data: bytes = TABLE.encode()) -> str:
    answer = client.post(f"/p/{project.slug}/import/", {"files": SimpleUploadedFile(name, data)})
    assert answer.status_code == 303
    return str(answer["Location"])


def test_it_works(client: Client, project: Project) -> None:
    address = stage(client, project)
    page = client.get(address).content.decode()
    assert "Now: semicolon." in page
    assert "Der Hafen von Velmora" in page
    assert "No column is the text yet" in page
    assert not Job.objects.exists()
    refused = client.post(address, {"import": "1", "column-0-text": ""})
    assert refused.status_code == 422
    assert "There is no column with the text" in refused.content.decode()
    answer = client.post(address, {"import": "1", "column-0-text": "Inhalt", "column-0-title": "Schlagzeile"})
    assert answer["Location"].startswith(f"/p/{project.slug}/jobs/")
    run_jobs()
    assert Article.objects.get().headline == "Hafen gesperrt"
    assert client.get(address).status_code == 404


def test_another_delimiter_shows_other_columns(client: Client, project: Project) -> None:
    """Names chosen under the old delimiter are let go: they are no columns of the new reading."""
    address = stage(client, project, data=b"text;a,b\nA pier;1,2\n")
    chosen = {"again": "1", "delimiter-0": "comma", "delimiter-was-0": "", "column-0-text": "text"}
    page = client.post(address, chosen).content.decode()
    assert '<th dir="auto">text;a</th>' in page
    assert "Now: comma." in page
    assert StagedImport.objects.exists()


def test_up_13_a_guessed_encoding_is_shown_and_can_be_another(client: Client, project: Project) -> None:
    text = "Порт Вельморы закрыт. Мэр города сообщил, что ремонт продлится до весны.\n" * 3
    address = stage(client, project, "a.txt", text.encode("cp1251"))
    assert "A guess, " in client.get(address).content.decode()
    client.post(address, {"import": "1", "encoding-0": "cp1251"})
    run_jobs()
    assert Article.objects.get().headline.startswith("Порт Вельморы закрыт.")


def test_what_is_not_wanted_goes(client: Client, project: Project) -> None:
    client.post(stage(client, project), {"discard": "1"})
    assert not StagedImport.objects.exists()
    assert not Job.objects.exists()


def test_an_upload_is_its_persons_own(client: Client, project: Project) -> None:
    address = stage(client, project)
    client.force_login(project.membership_set.get(role="curator").user)
    assert client.get(address).status_code == 404
    assert client.post(address, {"import": "1"}).status_code == 404


def test_a_file_that_cannot_be_read_is_named_and_the_others_go_in(client: Client, project: Project) -> None:
    given = {"a.csv": b"title,text\nPier,The pier is closed.\n", "fake.pdf": b"no such thing", "empty.txt": b""}
    files = [SimpleUploadedFile(name, data) for name, data in given.items()]
    address = str(client.post(f"/p/{project.slug}/import/", {"files": files})["Location"])
    page = client.get(address).content.decode()
    assert "fake.pdf is named .pdf and is no PDF" in page
    assert "empty.txt is empty" in page
    assert page.count("this file is left out and the others go in") == 2
    answer = client.post(address, {"import": "1", "column-0-text": "text", "column-0-title": "title"})
    assert answer.status_code == 303
    run_jobs()
    job = Job.objects.get(kind="import_articles")
    assert (job.state, job.counts["imported"], job.counts["failed"]) == ("partial", 1, 2)
    shown = client.get(f"/p/{project.slug}/jobs/{job.pk}/").content.decode()
    assert "empty.txt" in shown


def test_of_a_pasted_text_that_is_too_long_one_thing_is_said(client: Client, project: Project) -> None:
    answer = client.post(f"/p/{project.slug}/import/", {"text": "Harbour closed\n\n" + "x" * 1_000_000})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The text has 1,000,016 characters; at most 1,000,000 are taken" in page
    assert "There is nothing to import" not in page


def test_the_first_line_of_a_long_paste_is_its_headline(client: Client, project: Project) -> None:
    client.post(f"/p/{project.slug}/import/", {"text": "Harbour closed\n\n" + "The harbour is closed. " * 1_000})
    run_jobs()
    assert Article.objects.get().headline == "Harbour closed"


def test_up_44_a_date_that_is_none_is_marked_in_its_row_before_the_import(client: Client, project: Project) -> None:
    address = stage(client, project, data=b"text,day\nThe pier is closed.,2026-03-01\nIt is open again.,03/04/2026\n")
    assert "would be left out" not in client.get(address).content.decode()
    chosen = {"again": "1", "column-0-text": "text", "column-0-published_at": "day"}
    page = client.post(address, chosen).content.decode()
    assert 'class="wrong" aria-describedby="fault-0-1">03/04/2026</td>' in page
    assert "Line 3 would be left out: “03/04/2026” is not a date." in page
    assert "Of the first 2 rows, 1 would be left out" in page
