"""Headers, health, metrics and logs: what every answer and every operator gets."""

from __future__ import annotations

import io
import json
import logging
import logging.config
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.http import HttpRequest
from django.test import Client, RequestFactory

from annotator.operation import health as health_module
from annotator.operation import heartbeat
from annotator.operation.logs import logging_settings
from annotator.operation.middleware import DatabaseOutageMiddleware
from claims import jobs
from claims.models import Heartbeat, Job

CANARY = "Edda.Quill@sandmouth.example"


@pytest.fixture(autouse=True)
def _ask_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_module, "_last", (float("-inf"), {}))


@pytest.fixture
def everything_runs(db: None) -> None:
    jobs.beat_heart("worker", "worker@test")
    jobs.beat_heart("beat", "beat@test")


@pytest.mark.usefixtures("everything_runs")
def test_it_works(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == dict.fromkeys(["database", "broker", "worker", "beat", "queue"], "ok")


@pytest.mark.usefixtures("everything_runs")
@pytest.mark.parametrize("component", ["worker", "beat"])
def test_ft_24_a_component_that_fell_silent_is_named(client: Client, component: str) -> None:
    Heartbeat.objects.filter(component=component).update(seen_at=Now() - timedelta(seconds=31))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()[component]) == (503, "silent")


@pytest.mark.usefixtures("everything_runs")
def test_ft_24_work_that_nobody_takes_for_30_seconds_is_a_stalled_queue(client: Client) -> None:
    job = Job.objects.create(kind="import_articles")
    assert client.get("/healthz").json()["queue"] == "ok"
    Job.objects.filter(pk=job.pk).update(due_at=Now() - timedelta(seconds=31))
    health_module._last = (float("-inf"), {})
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["queue"]) == (503, "stalled")
    assert client.get("/healthz/web").status_code == 200  # no reason to take the web process out
    busy = Job.objects.create(
        kind="match_claims", state="running", token="t", lease_until=Now() + timedelta(minutes=1), heartbeat_at=Now()
    )
    health_module._last = (float("-inf"), {})
    assert client.get("/healthz").json()["queue"] == "ok"  # it waits behind other work
    Heartbeat.objects.filter(component="worker").update(seen_at=Now() - timedelta(seconds=31))
    health_module._last = (float("-inf"), {})
    assert client.get("/healthz").json()["queue"] == "stalled"  # behind a worker that is not there any more
    Heartbeat.objects.filter(component="worker").update(seen_at=Now())
    Job.objects.filter(pk=busy.pk).update(heartbeat_at=Now() - timedelta(seconds=31))
    health_module._last, health_module._moving_at = (float("-inf"), {}), float("-inf")
    assert client.get("/healthz").json()["queue"] == "stalled"
    health_module._moving_at = float("-inf")


@pytest.mark.django_db
def test_op_10_anonymous_visitors_learn_no_versions_hosts_or_counts(client: Client) -> None:
    jobs.beat_heart("worker", f"worker@{socket.gethostname()}:1")
    words = {"ok", "silent", "stalled", "unavailable", "unknown"}
    answer = client.get("/healthz")
    assert set(answer.json().values()) <= words
    assert "Server" not in answer.headers
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer wrong"}):
        assert client.get("/metrics", headers=headers).status_code == 404


@pytest.mark.django_db
def test_a_request_that_is_not_read_says_why_and_what_to_do(client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000
    large = client.post("/sign-in/", {"username": "x" * 2_000_001})
    assert large.status_code == 413
    assert "more than 2 MB; nothing was saved. Send it as a file." in large.content.decode()
    many = client.post("/sign-in/", {f"field{n}": "x" for n in range(1001)})
    assert (many.status_code, "at most 1000 fields" in many.content.decode()) == (400, True)
    elsewhere = client.get("/", HTTP_HOST="192.0.2.1")
    assert (elsewhere.status_code, "ALLOWED_HOSTS" in elsewhere.content.decode()) == (400, True)


@pytest.mark.usefixtures("everything_runs")
def test_metrics_are_for_whoever_has_the_token(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "a-token-for-metrics"
    Job.objects.create(kind="import_articles")
    answer = client.get("/metrics", headers={"Authorization": "Bearer a-token-for-metrics"})
    text = answer.content.decode()
    assert 'attest_jobs{state="queued"} 1.0' in text
    assert 'attest_processes{component="worker"} 1.0' in text
    assert 'attest_part_is_well{part="broker"} 1.0' in text
    assert socket.gethostname() not in text


def test_op_06_security_txt_expires_in_the_future_and_within_a_year(client: Client) -> None:
    lines = dict(line.split(": ", 1) for line in client.get("/.well-known/security.txt").content.decode().splitlines())
    left = datetime.fromisoformat(lines["Expires"]) - datetime.now(UTC)
    assert timedelta(days=30) < left < timedelta(days=365)
    assert lines["Contact"].startswith(("mailto:", "https://"))


# Mozilla HTTP Observatory, scoring table of 2024: each of these is a pass, and the policy earns its bonus.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/healthz", "/metrics", "/nothing-here/", "/admin/login/", "/admin", "/static/admin/css/base.css"]
)
def test_op_02_every_answer_has_the_headers(client: Client, path: str) -> None:
    answer = client.get(path)
    answer.close()
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["object-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "camera=()" in answer.headers["Permissions-Policy"]


def test_a_database_outage_is_answered_with_503_and_when_to_come_back() -> None:
    middleware = DatabaseOutageMiddleware(lambda request: pytest.fail("not called"))
    for path, kind in (("/", "text/html"), ("/api/v1/projects/", "application/problem+json")):
        request = RequestFactory().get(path, headers={"Accept": "text/html"})
        answer = middleware.process_exception(request, OperationalError(f"row {CANARY}"))
        assert answer is not None
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.headers["Content-Type"].startswith(kind)
        assert CANARY not in answer.content.decode()
    assert json.loads(answer.content)["code"] == "database_unavailable"
    assert middleware.process_exception(RequestFactory().get("/"), ValueError()) is None


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything logged in a test, as production writes it."""
    stream = io.StringIO()
    described = logging_settings(as_json=True, level="DEBUG")
    described["handlers"]["stderr"]["stream"] = stream
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logging.config.dictConfig(described)
    structlog.configure(cache_logger_on_first_use=False)
    yield stream
    root.handlers[:], root.level = handlers, level


def test_op_08_no_canary_reaches_a_log_line(lines: io.StringIO) -> None:
    request = HttpRequest()
    request.path = f"/accounts/join/{CANARY}/"
    try:
        raise ValueError(f"DETAIL: Key (email)=({CANARY}) already exists")
    except ValueError:
        logging.getLogger("django.request").exception(
            f"Internal Server Error: {request.path}", extra={"request": request}
        )
    logging.getLogger("attest").warning(
        "sign-in of %s from 192.0.2.7 with att_canarycanary", CANARY, extra={"user": CANARY}
    )
    structlog.get_logger("attest").info("imported", text=CANARY, username=CANARY, job=7)
    logging.getLogger("celery").error("redis://user:canarypass@broker/0 went away")
    written = lines.getvalue()
    found = [json.loads(line) for line in written.splitlines()]
    assert [line["event"] for line in found] == [
        "Internal Server Error",
        "sign-in of *** from *** with ***",
        "imported",
        "redis***broker/0 went away",
    ]
    assert (found[0]["error"], found[2]["job"]) == ("ValueError", 7)
    assert found[0]["where"].startswith("test_operation.py:")
    assert not any(word in written for word in (CANARY, "192.0.2.7", "canary"))


def test_xs_11_a_line_break_in_a_message_stays_one_line(lines: io.StringIO) -> None:
    logging.getLogger("attest").warning("sign-in refused: %s", "a\nCRITICAL root login")
    assert len(lines.getvalue().splitlines()) == 1


@pytest.mark.django_db
def test_a_request_is_one_line_with_its_route_and_without_its_path(lines: io.StringIO, client: Client) -> None:
    answer = client.get(f"/admin/claims/user/{CANARY}/change/?token={CANARY}")
    line = next(line for line in map(json.loads, lines.getvalue().splitlines()) if line["event"] == "request")
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["method"], line["status"]) == ("GET", answer.status_code)
    assert CANARY not in lines.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_heart_beats_from_a_thread_of_its_own_and_falls_silent_when_asked() -> None:
    stopping = heartbeat.start("worker")
    try:
        deadline = datetime.now(UTC) + timedelta(seconds=5)
        while not jobs.is_alive("worker") and datetime.now(UTC) < deadline:
            connection.close()
        assert jobs.is_alive("worker")
    finally:
        stopping.set()
