"""The Python client: checked against the OpenAPI document, and used as the README uses it."""

from __future__ import annotations

import contextlib
import io
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from django.db import connection
from django.test import Client as Browser
from pytest_django.live_server_helper import LiveServer

from claims.api import client
from claims.api.client import OPERATIONS, Client, NotDone, Problem
from claims.models import Article, Release
from claims.people.actions import SCOPES, create_token
from tests.factories import TEXT, label_next, make_codebook, make_project, make_round, owner_of, reviewer, run_jobs

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SHAPES = {
    client.Job: "JobShape",
    client.Taken: "ArticlesTaken",
    client.Said: "SaidOfArticle",
    client.Article: "ArticleRow",
    client.Claim: "ClaimRow",
    client.Release: "ReleaseShape",
    client.ReleaseFile: "ReleaseFileShape",
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Browser().get("/api/v1/schema/").content)
    return found


def test_it_works_every_operation_is_in_the_document(document: dict[str, Any]) -> None:
    known = {
        one["operationId"]: (method.upper(), path.removeprefix("/api/v1/"))
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    }
    assert {name: known.get(name) for name in OPERATIONS} == OPERATIONS
    assert all(callable(getattr(Client, name)) for name in OPERATIONS)


@pytest.mark.parametrize(("shape", "name"), SHAPES.items(), ids=lambda one: getattr(one, "__name__", one))
def test_what_it_reads_is_what_the_document_says(document: dict[str, Any], shape: type, name: str) -> None:
    written = document["components"]["schemas"][name]
    assert set(get_type_hints(shape)) <= set(written["properties"])
    assert set(get_type_hints(shape)) <= set(written["required"])


@contextlib.contextmanager
def working() -> Iterator[None]:
    """A worker beside the server."""
    done = threading.Event()

    def work() -> None:
        while not done.wait(0.1):
            run_jobs()
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        done.set()
        worker.join()


@pytest.mark.django_db(transaction=True)
def test_the_twenty_lines_of_the_readme_end_in_a_data_frame(
    live_server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pandas")
    [lines] = [block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "Client(" in block]
    assert len([line for line in lines.splitlines() if line]) <= 20
    project = make_project()
    _, plain = create_token(user=owner_of(project), name="test", scopes=SCOPES, project=None)
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "one.txt").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for old, new in (
        ("http://127.0.0.1:8000", live_server.url),
        ("att_...", plain),
        ("my-project", project.slug),
    ):
        assert old in lines
        lines = lines.replace(old, new)
    said = io.StringIO()
    with working(), contextlib.redirect_stdout(said):
        exec(compile(lines, "README.md", "exec"), {})
    assert "Inspectors found 14 broken bolts" in said.getvalue()
    assert Article.objects.get(project=project).outlet is not None
    assert Release.objects.get(project=project).state == "ready"


@pytest.mark.django_db(transaction=True)
def test_labels_are_given_and_refusals_are_raised_with_their_code(live_server: LiveServer) -> None:
    project = make_project(alice="reviewer")
    round_ = make_round(project, units=3, codebook=make_codebook(project, "stance"), overlap=1)
    _, plain = create_token(user=reviewer(project, "alice").user, name="test", scopes=SCOPES, project=None)
    attest = Client(live_server.url, plain)
    drawn = attest.draw_next_unit(round_.pk)
    assert drawn["unit"] is not None
    given: Any = {"stance": "supports", "confidence": "certain"}
    receipt = attest.submit_label(
        round_.pk, drawn["unit"], codebook_version=drawn["codebook_version"], answers=given, seconds=4
    )
    assert receipt["seq"] == 1
    label_next(round_, reviewer(project, "alice"))
    assert len(list(attest.list_claims(project.slug, page_size=1))) == 3
    with pytest.raises(Problem) as refused:
        attest.create_release(project.slug)
    assert (refused.value.status, refused.value.code) == (403, "role_not_allowed")
    with pytest.raises(Problem) as unknown:
        list(attest.list_claims(project.slug, text__regex="a"))
    assert unknown.value.code == "unknown_filter"


class Busy(BaseHTTPRequestHandler):
    """Refuses twice, once with 503 and once by hanging up, then answers; remembers what it was asked."""

    asked: list[str | None] = []

    def do_POST(self) -> None:
        Busy.asked.append(self.headers["Idempotency-Key"])
        if len(Busy.asked) == 1:
            self.send_response(503)
            self.send_header("Retry-After", "0")
            self.end_headers()
        elif len(Busy.asked) > 2:
            body = b'{"id": 1, "state": "failed", "kind": "x", "sentence": "No room.", "reason": "", "counts": {}}'
            self.send_response(202)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", "http://elsewhere.invalid/")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def busy() -> Iterator[str]:
    Busy.asked = []
    with HTTPServer(("127.0.0.1", 0), Busy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_what_fails_on_the_way_is_sent_again_under_one_key(busy: str) -> None:
    attest = Client(busy, "att_x")
    job = attest.import_article("p", "text")
    assert len(Busy.asked) == 3
    assert len({*Busy.asked}) == 1
    with pytest.raises(NotDone, match="No room"):
        attest.wait_for_job(job)


def test_a_redirect_takes_no_token_along(busy: str) -> None:
    with pytest.raises(Problem) as refused:
        Client(busy, "att_x").get_job(1)
    assert refused.value.status == 302


def test_an_address_has_to_be_one() -> None:
    with pytest.raises(ValueError, match="Write for example"):
        Client("attest.example", "att_x")
