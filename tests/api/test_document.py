"""The OpenAPI document and the page that shows it."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

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
