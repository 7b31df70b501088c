"""Webhooks from a program: add, list, remove, and read what was told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import READ, WRITE
from claims.api.endpoint import Endpoint, scopes
from claims.api.lists import Listing
from claims.api.schema import IDEMPOTENCY, operation, page_of
from claims.api.serializers.webhooks import CreatedWebhook, DeliveryRow, NewWebhook, WebhookRow
from claims.models import Webhook, WebhookDelivery
from claims.webhooks import create_webhook, remove_webhook

TAG = "Webhooks"
ROWS = Listing()


class Webhooks(Endpoint):
    scopes = scopes(GET=READ, POST=WRITE)
    query = ROWS.parameters

    @operation("list_webhooks", "List webhooks", answers={200: page_of(WebhookRow)}, listing=ROWS, tag=TAG)
    def get(self, request: Request, project: str) -> Response:
        rows = Webhook.objects.in_project(self.find_project(project, "manage_people"))
        return Response(ROWS.page(request, rows, lambda row: WebhookRow(row).data))

    @operation(
        "create_webhook",
        "Tell an address what happens; the secret is shown this once",
        request=NewWebhook,
        answers={201: CreatedWebhook},
        parameters=(IDEMPOTENCY,),
        refuses=(409, 422),
        tag=TAG,
    )
    def post(self, request: Request, project: str) -> Response:
        found, asked = self.find_project(project, "manage_people"), self.body(NewWebhook)

        def act() -> tuple[int, Mapping[str, Any]]:
            row, secret = create_webhook(found, **asked, by=self.user)
            row.refresh_from_db()
            return 201, CreatedWebhook({**WebhookRow(row).data, "secret": secret}).data

        return self.create_once(act)


class OneWebhook(Endpoint):
    scopes = scopes(GET=READ, DELETE=WRITE)
    query = ROWS.parameters

    @operation(
        "list_deliveries",
        "List what was told to an address",
        answers={200: page_of(DeliveryRow)},
        listing=ROWS,
        tag=TAG,
    )
    def get(self, request: Request, pk: int) -> Response:
        rows = WebhookDelivery.objects.filter(webhook=self.find(Webhook.objects.all(), pk, "manage_people"))
        return Response(ROWS.page(request, rows, lambda row: DeliveryRow(row).data))

    @operation("remove_webhook", "Tell an address nothing any more", answers={204: None}, tag=TAG)
    def delete(self, request: Request, pk: int) -> Response:
        remove_webhook(self.find(Webhook.objects.select_related("project"), pk, "manage_people"), by=self.user)
        return Response(status=204)
