"""Webhooks: told once, signed as the specification says, repeated, and never to an inner address."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from jsonschema import validate

from claims import webhooks
from claims.adjudication.actions import settle_by_majority
from claims.adjudication.reviews import review_work
from claims.api.told import message
from claims.errors import Conflict, NotPermitted, Refused
from claims.exporting.actions import start_release
from claims.importing.actions import start_import
from claims.models import AuditEvent, Job, Project, Webhook, WebhookDelivery
from claims.models.webhook import WEBHOOK_EVENTS
from claims.tasks import run_job
from claims.webhooks import WAITS, create_webhook, emit, remove_webhook, resume_webhook, signed
from tests.api.caller import Caller, code
from tests.exporting.test_actions import labelled
from tests.exporting.test_differences import stand
from tests.factories import label_next, make_project, make_round, member, owner_of, reviewer, run_jobs
from tests.security.netlab import Netlab, certificate, reply

pytestmark = pytest.mark.django_db
URL = "https://hooks.example.com/attest"


class Receiver:
    """An https server that stands for a public one, and keeps (headers, body) of what it is told."""

    def __init__(self, lab: Netlab, folder: Path, settings: Any) -> None:
        context, trusted = certificate(folder, "hooks.example.com")
        settings.OUTBOUND_CA_FILE = str(trusted)
        self.status = "204 No Content"
        self.told: list[tuple[dict[str, str], bytes]] = []
        lab.name("hooks.example.com", lab.serve(self.answer, context))

    def answer(self, connection: socket.socket, asked: bytes) -> None:
        head, _, body = asked.partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode().split("\r\n")[1:]]
        headers = {name.lower(): value for name, _, value in lines}
        while len(body) < int(headers["content-length"]):
            body += connection.recv(65_536)
        self.told.append((headers, body))
        connection.sendall(reply(status=self.status))


@pytest.fixture
def lab(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Netlab]:
    settings.OUTBOUND_TEST_HOSTS = {}
    lab = Netlab(settings.OUTBOUND_TEST_HOSTS)
    monkeypatch.setattr(socket, "getaddrinfo", lab.getaddrinfo)
    yield lab
    lab.close()


@pytest.fixture
def receiver(lab: Netlab, tmp_path: Path, settings: Any) -> Receiver:
    return Receiver(lab, tmp_path, settings)


@pytest.fixture
def project() -> Project:
    return make_project(alice="reviewer")


def hook(project: Project, *events: str) -> tuple[Webhook, bytes]:
    row, secret = create_webhook(project, url=URL, events=events or ["release.ready"], by=owner_of(project))
    assert secret.startswith("whsec_")
    return row, base64.b64decode(secret.removeprefix("whsec_"))


def retry() -> WebhookDelivery:
    """Whatever waits is due now; send it."""
    WebhookDelivery.objects.filter(state="waiting").update(due_at=Now())
    webhooks.wake_webhooks()
    run_jobs()
    return WebhookDelivery.objects.latest("id")


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of the Standard Webhooks specification, 1.0.0: secret, id, time and body give this signature."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    digest = hmac.new(secret, b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330." + body, hashlib.sha256).digest()
    assert base64.b64encode(digest).decode() == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    delivery = WebhookDelivery(pk=7, webhook=Webhook(secret=secret))
    again = hmac.new(secret, b"msg_7.1614265330." + body, hashlib.sha256).digest()
    assert signed(delivery, body, 1614265330)["webhook-signature"] == "v1," + base64.b64encode(again).decode()


def test_a_release_that_is_ready_is_told_once_and_signed(project: Project, receiver: Receiver) -> None:
    _, secret = hook(project)
    release = start_release(project, by=owner_of(project), title="First")
    run_jobs()
    ((headers, body),) = receiver.told
    said = json.loads(body)
    assert (said["type"], said["data"]["project"], said["data"]["release"]) == ("release.ready", project.slug, 1)
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    emit(project, "release.ready", f"release {release.pk}", {})
    assert retry().state == "sent"
    assert len(receiver.told) == 1


def test_the_end_of_a_job_is_told_whatever_its_kind(project: Project, receiver: Receiver) -> None:
    hook(project, "job.ended")
    job = start_import(project, text="Pier closed\n\nThe pier closed on Monday.", by=owner_of(project))
    for _ in range(2):
        run_job(job.pk)
    run_jobs()
    told = [json.loads(body)["data"] for _, body in receiver.told]
    assert [(one["job"], one["kind"], one["state"]) for one in told] == [(job.pk, "import_articles", "succeeded")]


def test_a_pause_is_told_with_the_number_of_the_reviewer_alone(project: Project, receiver: Receiver) -> None:
    hook(project, "reviewer.paused")
    paused = reviewer(project, "alice")
    review_work(paused, "pause", words="Please look at the guideline again.", by=owner_of(project))
    run_jobs()
    ((_, body),) = receiver.told
    assert json.loads(body)["data"] == {"project": project.slug, "reviewer": paused.pk}


def test_what_is_told_has_the_shape_that_the_openapi_document_gives() -> None:
    project, round_ = labelled()
    hook(project, *WEBHOOK_EVENTS)
    stand(round_, "supports", 0, "Read again.")
    start_release(project, by=owner_of(project))
    review_work(reviewer(project, "alice"), "pause", words="Please wait.", by=owner_of(project))
    for job in Job.objects.filter(project=project, state="queued"):
        run_job(job.pk)
    told = list(WebhookDelivery.objects.values_list("event", "payload"))
    assert {event for event, _ in told} == set(WEBHOOK_EVENTS)
    for event, payload in told:
        validate(payload, message(event))


def test_what_a_majority_settled_is_told_once_for_all_of_it() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    round_ = make_round(project, units=3)
    for name in ("alice", "bob"):
        for _ in range(3):
            label_next(round_, reviewer(project, name), stance="supports")
    hook(project, "label.settled")
    settled = settle_by_majority(round_, by=owner_of(project))
    told = WebhookDelivery.objects.get()
    assert told.payload["data"] == {"project": project.slug, "round": round_.pk, **settled}
    validate(told.payload, message("label.settled"))
    settle_by_majority(round_, by=owner_of(project))  # nothing is left
    assert WebhookDelivery.objects.count() == 1


def test_what_is_not_taken_is_repeated_and_given_up_in_the_end(project: Project, receiver: Receiver) -> None:
    row, _ = hook(project)
    receiver.status = "500 Oops"
    emit(project, "release.ready", "one", {})
    for n in range(len(WAITS)):
        delivery = retry()
        assert (delivery.state, delivery.attempts, delivery.status) == ("waiting", n + 1, 500)
    delivery = retry()
    row.refresh_from_db()
    assert (delivery.state, delivery.reason, row.is_active) == ("failed", "answered_otherwise", False)
    names = {headers["webhook-id"] for headers, _ in receiver.told}
    assert (len(receiver.told), len(names)) == (len(WAITS) + 1, 1), "the same message each time"
    emit(project, "release.ready", "two", {})
    assert WebhookDelivery.objects.count() == 1, "who was given up is told no more"
    resume_webhook(row, by=owner_of(project))
    receiver.status = "200 OK"
    emit(project, "release.ready", "two", {})
    assert retry().state == "sent"


def test_410_ends_it_at_once_and_an_address_away_waits(project: Project, receiver: Receiver, lab: Netlab) -> None:
    row, _ = hook(project)
    receiver.status = "410 Gone"
    emit(project, "release.ready", "one", {})
    retry()
    row.refresh_from_db()
    assert (row.is_active, row.reason) == (False, "It answered 410: gone.")
    resume_webhook(row, by=owner_of(project))
    lab.servers[0].close()
    lab.servers.clear()
    assert (retry().state, retry().reason) == ("waiting", "fetch_failed")


@pytest.mark.parametrize("inner", ["127.0.0.1", "10.0.0.8", "169.254.169.254"])
def test_a_name_that_leads_inside_is_never_told(project: Project, receiver: Receiver, lab: Netlab, inner: str) -> None:
    hook(project)
    lab.name("hooks.example.com", None, [inner])
    emit(project, "release.ready", "one", {})
    assert retry().reason == "url_not_allowed"
    assert receiver.told == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://hooks.example.com/", "https_only"),
        ("https://127.0.0.1/", "url_not_allowed"),
        ("https://hooks.example.com:8443/", "port_not_allowed"),
        ("https://user:pass@hooks.example.com/", "credentials_in_url"),
    ],
)
def test_addresses_that_are_refused(project: Project, url: str, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        create_webhook(project, url=url, events=["job.ended"], by=owner_of(project))
    assert refusal.value.code == reason


def test_who_may_and_what(project: Project) -> None:
    with pytest.raises(NotPermitted):
        create_webhook(project, url=URL, events=["job.ended"], by=member(project, "alice"))
    with pytest.raises(Refused, match="no event"):
        create_webhook(project, url=URL, events=["label.read"], by=owner_of(project))
    row, _ = hook(project)
    with pytest.raises(Conflict):
        hook(project)
    remove_webhook(row, by=owner_of(project))
    verbs = AuditEvent.objects.filter(project=project, verb__endswith="webhook").order_by("id")
    assert list(verbs.values_list("verb", flat=True)) == ["create_webhook", "remove_webhook"]


def test_on_the_page_and_from_a_program(project: Project, client: Client) -> None:
    owner = owner_of(project)
    client.force_login(owner)
    page = f"/p/{project.slug}/webhooks/"
    made = client.post(page, {"url": URL, "events": ["job.ended"]}, follow=True).content.decode()
    row = Webhook.objects.get()
    secret = "whsec_" + base64.b64encode(bytes(row.secret)).decode()
    assert secret in made
    assert secret not in client.get(page).content.decode(), "shown once"
    assert client.post(page, {"url": "http://x.example", "events": ["job.ended"]}).status_code == 422
    caller = Caller(owner)
    at = f"projects/{project.slug}/webhooks/"
    assert [one["url"] for one in caller.get(at).json()["results"]] == [URL]
    assert code(caller.post(at, {"url": URL, "events": ["job.ended"]})) == "webhook_exists"
    emit(project, "job.ended", "x", {"job": 1})
    assert caller.get(f"webhooks/{row.pk}/").json()["results"][0]["payload"]["data"]["job"] == 1
    assert client.post(f"{page}{row.pk}/", {"deed": "remove"}).status_code == 303
    assert not Webhook.objects.exists()
