"""Telling other programs what happened: a row for each message in the act's own transaction, sent by the worker.

Messages are signed as the Standard Webhooks specification says (standardwebhooks.com, version 1.0.0): the header
`webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. They hold ids and codes, no texts
and no names, and go to public https addresses only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from claims import audit, jobs
from claims.errors import Conflict, NotFound, Refused
from claims.models import Job, Project, User, Webhook, WebhookDelivery
from claims.models.webhook import WEBHOOK_EVENTS
from claims.outbound.addresses import parse
from claims.outbound.client import post_json
from claims.outbound.policy import PUBLIC
from claims.permissions import check_can

POLICY = replace(PUBLIC, seconds=10, redirects=0, body_bytes=100_000, ports=frozenset({443}))
WAITS = (10, 60, 300, 1_800, 7_200, 28_800, 86_400)  # seconds before each further attempt
LEASE = timedelta(seconds=60)  # a worker that dies while it sends leaves the row to others after this
MOST = 20  # addresses of a project
BATCH = 200
KEPT = timedelta(days=30)


def create_webhook(project: Project, *, url: str, events: Sequence[str], by: User) -> tuple[Webhook, str]:
    """The row and its secret, `whsec_` and base64, which is shown this once.

    Refused `unknown_event`, `no_event`, `https_only`, `too_many_webhooks`, or what outbound says of the address;
    Conflict `webhook_exists`.
    """
    check_can("manage_people", by, project)
    unknown = sorted(set(events) - set(WEBHOOK_EVENTS))
    if unknown:
        known = ", ".join(WEBHOOK_EVENTS)
        raise Refused("unknown_event", f"There is no event “{unknown[0][:40]}”. Choose among: {known}.")
    if not events:
        raise Refused("no_event", "Choose at least one event to be told of.")
    if not url.lower().startswith("https://"):
        raise Refused("https_only", "Messages go to addresses that begin with https://.")
    address = parse(url, POLICY).url
    mine = Webhook.objects.in_project(project)
    if mine.filter(url=address).exists():
        raise Conflict("webhook_exists", "This address is told already. Remove it first to change its events.")
    if mine.count() >= MOST:
        raise Refused("too_many_webhooks", f"A project tells at most {MOST} addresses.")
    secret = secrets.token_bytes(32)
    with transaction.atomic():
        row = Webhook.objects.create(
            project=project, url=address, secret=secret, events=sorted(set(events)), created_by=by
        )
        audit.record("create_webhook", row, by=by, project=project, events=row.events)
    return row, "whsec_" + base64.b64encode(secret).decode()


def remove_webhook(webhook: Webhook, *, by: User) -> None:
    """Nothing is told to the address any more; what waits for it goes too."""
    check_can("manage_people", by, webhook.project)
    with transaction.atomic():
        audit.record("remove_webhook", webhook, by=by, project=webhook.project)
        webhook.delete()


def resume_webhook(webhook: Webhook, *, by: User) -> None:
    """Tell an address again that was given up."""
    check_can("manage_people", by, webhook.project)
    with transaction.atomic():
        if not Webhook.objects.filter(pk=webhook.pk).update(is_active=True, reason=""):
            raise NotFound
        audit.record("resume_webhook", webhook, by=by, project=webhook.project)


def emit(project: Project | int, event: str, key: str, data: Mapping[str, Any]) -> None:
    """Queue the message in the caller's transaction for every address that wants this event; once for each `key`."""
    rows = Webhook.objects.filter(project=project, is_active=True, events__contains=[event]).select_related("project")
    happened = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    waiting = [
        WebhookDelivery(
            webhook=row,
            event=event,
            key=key[:80],
            payload={"type": event, "timestamp": happened, "data": {"project": row.project.slug, **data}},
        )
        for row in rows
    ]
    if waiting:
        WebhookDelivery.objects.bulk_create(waiting, ignore_conflicts=True)
        jobs.enqueue_once("send_webhooks", key="webhooks")


def wake_webhooks() -> None:
    """From the sweep: messages whose wait is over want a job."""
    if WebhookDelivery.objects.filter(state="waiting", due_at__lte=Now(), webhook__is_active=True).exists():
        jobs.enqueue_once("send_webhooks", key="webhooks")


def run_send_webhooks(job: Job) -> None:
    """Send what is due; a message that failed waits, and the rows say what is left."""
    sent = failed = 0
    while sent + failed < BATCH:
        delivery = _take()
        if delivery is None:
            break
        jobs.renew(job)
        is_sent = _send(delivery)
        sent, failed = sent + is_sent, failed + (not is_sent)
        with jobs.chunk(job):
            job.counts = {"sent": sent, "failed": failed}
    with jobs.chunk(job):
        jobs.finish(job, "succeeded")


def _take() -> WebhookDelivery | None:
    """The next message, held for LEASE outside any transaction while it is sent."""
    with transaction.atomic():
        rows = WebhookDelivery.objects.select_for_update(skip_locked=True, of=("self",))
        due = rows.filter(state="waiting", due_at__lte=Now(), webhook__is_active=True).order_by("due_at", "id")
        found = due.select_related("webhook").first()
        if found is not None:
            WebhookDelivery.objects.filter(pk=found.pk).update(due_at=Now() + LEASE, attempts=F("attempts") + 1)
    return found


def _send(delivery: WebhookDelivery) -> bool:
    body = json.dumps(delivery.payload, ensure_ascii=False, sort_keys=True).encode()
    status, reason = None, ""
    try:
        answer = post_json(
            delivery.webhook.url,
            None,
            policy=POLICY,
            body=body,
            headers=signed(delivery, body, int(datetime.now(UTC).timestamp())),
        )
        status = answer.status
        reason = "" if 200 <= status < 300 else "answered_otherwise"
    except Refused as refusal:
        reason = refusal.code
    mine = WebhookDelivery.objects.filter(pk=delivery.pk)
    if not reason:
        mine.update(state="sent", status=status, reason="", ended_at=Now())
        return True
    if status == 410:
        _give_up(delivery.webhook, "It answered 410: gone.")
    if delivery.attempts >= len(WAITS):
        mine.update(state="failed", status=status, reason=reason, ended_at=Now())
        _give_up(delivery.webhook, f"A message could not be brought to it {len(WAITS) + 1} times: {reason}.")
    else:
        wait = timedelta(seconds=WAITS[delivery.attempts])
        mine.update(status=status, reason=reason, due_at=Now() + wait)
    return False


def _give_up(webhook: Webhook, reason: str) -> None:
    Webhook.objects.filter(pk=webhook.pk, is_active=True).update(is_active=False, reason=reason)


def signed(delivery: WebhookDelivery, body: bytes, at: int) -> dict[str, str]:
    """The three headers that the receiver checks; the id stays the same over all attempts."""
    name = f"msg_{delivery.pk}"
    digest = hmac.new(bytes(delivery.webhook.secret), f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": name, "webhook-timestamp": str(at), "webhook-signature": signature}


def forget_old_deliveries() -> None:
    WebhookDelivery.objects.exclude(state="waiting").filter(ended_at__lt=Now() - KEPT).delete()
