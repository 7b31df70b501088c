"""The OpenAPI document and the page that shows it."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator

from claims.models.webhook import WEBHOOK_EVENTS
from tests.api.caller import ROOT


def test_it_works() -> None:
    answer = Client().get(f"{ROOT}schema/")
    document = json.loads(answer.content)
    assert document["openapi"].startswith("3.1")
    submit = document["paths"]["/api/v1/rounds/{id}/units/{unit}/label/"]["post"]
    assert submit["operationId"] == "submit_label"
    assert "Idempotency-Key" in {parameter["name"] for parameter in submit["parameters"]}
    assert set(submit["responses"]) >= {"200", "201", "400", "401", "404", "409", "422", "429"}


def test_the_document_is_valid_and_complete() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())


def test_each_operation_has_a_name_a_summary_and_its_refusals() -> None:
    document = json.loads(Client().get(f"{ROOT}schema/").content)
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names))
    for one in operations:
        assert one["summary"]
        assert one["description"]
        assert "application/problem+json" in one["responses"]["401"]["content"]
        assert {"token": []} in one["security"]


def test_no_description_is_that_of_a_base_class() -> None:
    document = Client().get(f"{ROOT}schema/").content.decode()
    assert "A serializer that refuses" not in document
    assert "AZ-09" not in document
    assert "Which column or key of the file is which field" in document  # its own stays


def test_it_says_what_holds_for_every_operation() -> None:
    said = json.loads(Client().get(f"{ROOT}schema/").content)["info"]["description"]
    for word in (
        "Authorization",
        "problem+json",
        "X-Request-Id",
        "Idempotency-Key",
        "If-Match",
        "428",
        "409",
        "`next`",
    ):
        assert word in said
    assert "RateLimit-Remaining" in said


def test_what_may_be_empty_is_valid_when_it_is() -> None:
    bodies = json.loads(Client().get(f"{ROOT}schema/").content)["components"]["schemas"]
    fields = [
        (name, field, shape)
        for name, body in bodies.items()
        for field, shape in body.get("properties", {}).items()
        if name.endswith("Request") and shape.get("default") == ""
    ]
    assert len(fields) > 20
    assert [(name, field) for name, field, shape in fields if not Draft202012Validator(shape).is_valid("")] == []
    outlet = bodies["NewAddressesRequest"]["properties"]["outlet"]
    assert Draft202012Validator(outlet).is_valid("")
    assert not Draft202012Validator(outlet).is_valid("\0")
    assert not Draft202012Validator(outlet).is_valid("x" * 201)


def test_what_is_told_to_webhooks_is_described() -> None:
    told = json.loads(Client().get(f"{ROOT}schema/").content)["webhooks"]
    assert list(told) == list(WEBHOOK_EVENTS)
    for event, methods in told.items():
        body = methods["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert body["properties"]["type"] == {"const": event}
        data = body["properties"]["data"]
        assert all("project" in shape["required"] for shape in data.get("oneOf", [data]))


@pytest.mark.django_db
def test_the_page_shows_every_operation_and_needs_no_script() -> None:
    document = json.loads(Client().get(f"{ROOT}schema/").content)
    page = Client().get(f"{ROOT}docs/")
    shown = page.content.decode()
    assert page.status_code == 200
    for methods in document["paths"].values():
        for one in methods.values():
            assert f'id="{one["operationId"]}"' in shown
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    assert "style=" not in shown
    assert "<style" not in shown
