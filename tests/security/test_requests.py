"""Requests that no browser sends: broken multipart bodies, half an upload, line breaks where a header could split."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from claims.models import Article, Job, Project, StoredFile
from tests.factories import PASSWORD, make_project, owner_of, run_jobs

pytestmark = pytest.mark.django_db
BOUNDARY = "----x7"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def owner(project: Project) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(owner_of(project))
    return client


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    """Where uploads that are too large for memory are kept meanwhile; everything is, here."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
    return tmp_path


def part(name: str, content: str, filename: str = "") -> str:
    file = f'; filename="{filename}"\r\nContent-Type: text/plain' if filename else ""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{content}\r\n'


END = f"--{BOUNDARY}--\r\n"
TEXT = "The weir at Zanderfurt broke on Monday.\n\nNobody was hurt, the mayor said."
BROKEN = {
    "2,000 fields": (MULTIPART, "".join(part(f"f{n}", "x") for n in range(2000)) + END),
    "2,000 files": (MULTIPART, "".join(part("files", TEXT, f"{n}.txt") for n in range(2000)) + END),
    "no boundary": ("multipart/form-data", part("text", TEXT) + END),
    "a boundary that cannot be": ("multipart/form-data; boundary=" + "é" * 80, part("text", TEXT) + END),
    "an endless header": (MULTIPART, f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=" + "x" * 200_000),
}


@pytest.mark.parametrize("case", BROKEN)
def test_up_42_a_body_that_is_no_form_is_refused(owner: Client, project: Project, scratch: Path, case: str) -> None:
    kind, body = BROKEN[case]
    response = owner.generic("POST", f"/p/{project.slug}/import/", body.encode(), content_type=kind)
    assert response.status_code in (400, 422), case
    assert not Job.objects.exists()
    assert list(scratch.iterdir()) == []


def test_up_42_more_announced_than_sent_is_refused(owner: Client, project: Project, scratch: Path) -> None:
    """Content-Length says more than there is: the connection ended in the middle of the file."""
    whole = (part("files", TEXT * 5000, "weir.txt") + END).encode()
    response = half_an_upload(owner, project, whole)
    assert response.status_code == 400
    assert (Job.objects.count(), StoredFile.objects.count()) == (0, 0)
    assert list(scratch.iterdir()) == []


def half_an_upload(client: Client, project: Project, whole: bytes) -> Any:
    sent = io.BytesIO(whole[: len(whole) // 2])
    return client.generic(
        "POST",
        f"/p/{project.slug}/import/",
        b"",
        content_type=MULTIPART,
        **{"wsgi.input": sent, "CONTENT_LENGTH": str(len(whole)), "CONTENT_TYPE": MULTIPART},  # type: ignore[arg-type]
    )


def test_ft_30_half_an_upload_then_the_whole_one_is_one_article(owner: Client, project: Project, scratch: Path) -> None:
    whole = (part("files", TEXT, "weir.txt") + END).encode()
    assert half_an_upload(owner, project, whole).status_code == 400
    again = owner.generic("POST", f"/p/{project.slug}/import/", whole, content_type=MULTIPART)
    assert again.status_code == 303
    run_jobs()
    assert Article.objects.filter(project=project).count() == 1
    assert list(scratch.iterdir()) == []


def test_up_42_two_files_under_one_name_are_two_files(owner: Client, project: Project) -> None:
    """Deliberate: the page takes many files at once, all under the name `files`."""
    files = [SimpleUploadedFile(f"{n}.txt", f"{TEXT}\n\nReport {n}.".encode()) for n in range(2)]
    assert owner.post(f"/p/{project.slug}/import/", {"files": files}).status_code == 303
    run_jobs()
    assert Article.objects.filter(project=project).count() == 2


SPLIT = "weir\r\nX-Injected: yes\r\n\r\n<script>1</script>"


def test_xs_09_line_breaks_split_no_header(owner: Client, project: Project) -> None:
    for sent in (f"/sign-in/?next={SPLIT}", "/sign-in/?next=%0d%0aX-Injected:%20yes"):
        assert "X-Injected" not in owner.get(sent).headers
    answer = owner.post("/appearance/", {"theme": "dark", "next": f"/{SPLIT}"})
    assert answer.status_code in (302, 400)
    assert "X-Injected" not in answer.headers
    assert "\n" not in answer.headers.get("Location", "")
    made = owner.post("/start/", {"name": SPLIT, "goal": "code_corpus"})
    assert made.status_code in (302, 303, 400, 422)
    assert "X-Injected" not in made.headers


def test_xs_09_line_breaks_in_a_file_name_and_a_release(owner: Client, project: Project) -> None:
    body = (part("files", TEXT, "a\\r\\nX-Injected: yes.txt") + END).encode()
    owner.generic("POST", f"/p/{project.slug}/import/", body, content_type=MULTIPART)
    run_jobs()
    article = Article.objects.get(project=project)
    source = article.sources.get()
    response = owner.get(f"/p/{project.slug}/articles/{article.pk}/sources/{source.pk}/")
    response.getvalue()
    assert "X-Injected" not in response.headers
    assert "Injected" not in response["Content-Disposition"]


@pytest.mark.parametrize(
    "to", ["//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example", "\t//x"]
)
def test_xs_10_next_leads_nowhere_else(client: Client, project: Project, to: str) -> None:
    named = {"username": owner_of(project).username, "password": PASSWORD, "next": to}
    assert client.post("/sign-in/", named)["Location"] == "/"
    assert client.get("/sign-in/", {"next": to})["Location"] == "/"
    assert client.post("/appearance/", {"theme": "dark", "next": to})["Location"] == "/"


@pytest.mark.parametrize("value", ["a\0b" * 5, '"abcdefgh\\000ij"', "x" * 5000, "é" * 20, "' OR 1=1 --'''''''"])
def test_a_cookie_that_is_no_session_is_nobody(value: str) -> None:
    client = Client(raise_request_exception=False)
    response = client.get("/", headers={"cookie": f"session={value}"})
    assert response.status_code in (302, 400)
