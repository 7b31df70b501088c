"""OP-08: passwords, tokens and article text in no log line, whatever happens to them."""

from __future__ import annotations

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.test import Client

from annotator.operation.logs import logging_settings
from claims import jobs
from claims.importing import intake
from claims.models import Job, Project, User
from claims.people.actions import create_token
from claims.people.invitations import invite
from claims.tasks import run_job
from tests.factories import make_project, owner_of

pytestmark = pytest.mark.django_db
SECRETS = ("canary-password-9", "Zanderfurt", "canary-user", "canary@sandmouth.example")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything logged in a test, as production writes it, at the most talkative level."""
    stream = io.StringIO()
    described = logging_settings(as_json=True, level="DEBUG")
    described["handlers"]["stderr"]["stream"] = stream
    root, before = logging.getLogger(), logging.getLogger().level
    handlers = root.handlers[:]
    logging.config.dictConfig(described)
    structlog.configure(cache_logger_on_first_use=False)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(before)


@pytest.fixture
def project() -> Project:
    return make_project()


def check_lines(lines: io.StringIO, *more: str, least: int) -> None:
    written = lines.getvalue()
    assert len([json.loads(line) for line in written.splitlines()]) >= least
    assert [word for word in (*SECRETS, *more) if word in written] == []


def test_it_works_op_08_a_sitting_leaves_no_secret(lines: io.StringIO, project: Project) -> None:
    owner = owner_of(project)
    _, token = create_token(user=owner, name="canary-user", scopes=["read", "write"])
    _, invitation = invite(project, role="reviewer", email="canary@sandmouth.example", by=owner)
    stranger, program = Client(), Client(headers={"authorization": f"Bearer {token}"})
    stranger.post("/sign-in/", {"username": "canary-user", "password": "canary-password-9"})
    stranger.get(f"/join/{invitation}/")
    stranger.post(f"/join/{invitation}/", {"username": "canary-user", "password": "canary-password-9"})
    assert User.objects.filter(username="canary-user").exists()
    stranger.get(f"/api/v1/projects/?token={token}")
    slug = project.slug
    program.get(f"/api/v1/projects/{slug}/articles/?q=Zanderfurt")
    program.post(f"/api/v1/projects/{slug}/articles/", {"text": "Zanderfurt floods"}, content_type="application/json")
    program.post(f"/api/v1/projects/{slug}/articles/", b'{"text": "Zanderfurt', content_type="application/json")
    check_lines(lines, token, invitation, token[:12], least=8)


def test_op_08_a_page_that_fails_names_the_place_and_no_words(
    lines: io.StringIO, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from claims.web.account import home

    def fail(user: Any) -> Any:
        raise ValueError(f"Zanderfurt floods; {SECRETS[0]}")

    monkeypatch.setattr(home, "standings_of", fail)
    client = Client(raise_request_exception=False)
    client.force_login(owner_of(project))
    response = client.get("/?q=Zanderfurt")
    assert response.status_code == 500
    assert "Zanderfurt" not in response.content.decode()
    check_lines(lines, least=2)
    assert "ValueError" in lines.getvalue()


def test_op_08_a_job_that_fails_names_the_place_and_no_words(
    lines: io.StringIO, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from claims.importing.actions import start_import

    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("Zanderfurt floods")

    monkeypatch.setattr(intake, "prepare", fail)
    job = start_import(project, text="Zanderfurt floods again.", by=owner_of(project), options={})
    result = run_job.apply(args=(job.pk,))
    assert result.failed()
    job.refresh_from_db()
    assert "Zanderfurt" not in job.sentence + job.reason
    check_lines(lines, least=1)


def test_op_08_the_message_holds_a_number_and_nothing_else(monkeypatch: pytest.MonkeyPatch, project: Project) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(jobs.current_app, "send_task", lambda *args, **kwargs: sent.append((args, kwargs)))
    job = jobs.enqueue("import_articles", project=project, args={"text": "Zanderfurt"})
    jobs.nudge(job.pk)
    assert sent == [(("claims.tasks.run_job", (job.pk,)), {"retry": False, "expires": 300, "countdown": None})]
    assert Job.objects.get(pk=job.pk).args == {"text": "Zanderfurt"}
