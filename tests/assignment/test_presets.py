"""Presets of rounds: each can be planned by page, API and command, and says whose way of working it follows."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client

from claims.assignment.actions import create_round
from claims.assignment.presets import ROUND_PRESETS
from claims.models import Round
from tests.api.caller import Caller
from tests.factories import make_claims, make_codebook, make_project, owner_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ROUND_PRESETS)
def test_each_is_a_plan_that_is_taken_and_names_its_source(name: str) -> None:
    project, preset = make_project(), ROUND_PRESETS[name]
    round_ = create_round(
        project, name=preset.title, codebook_version=make_codebook(project), by=owner_of(project), **preset.plan
    )
    assert {field: getattr(round_, field) for field in preset.plan} == preset.plan
    assert preset.what.endswith(".")
    assert (
        any(letter.isdigit() for letter in preset.source)
        or "PolitiFact" in preset.source
        or name
        in (
            "panel",
            "sealed_votes",
            "calibration",
        )
    )


@pytest.mark.parametrize("name", ROUND_PRESETS)
def test_the_page_is_filled_from_it_and_keeps_it_whole(name: str) -> None:
    project, page = make_project(), Client()
    make_codebook(project)
    page.force_login(owner_of(project))
    address = f"/p/{project.slug}/rounds/new/"
    form = page.get(f"{address}?preset={name}").context["form"]
    filled = {field: form[field].value() for field in form.fields}
    sent = {field: value for field, value in filled.items() if value not in (None, False)}
    sent |= {"codebook": form.fields["codebook"].queryset[0].pk}
    assert page.post(address, sent).status_code == 303
    round_ = Round.objects.get(project=project)
    assert {field: getattr(round_, field) for field in ROUND_PRESETS[name].plan} == ROUND_PRESETS[name].plan


def test_the_api_takes_one_and_what_is_sent_beside_it_wins() -> None:
    project = make_project()
    asked = {"name": "Core", "codebook_version": make_codebook(project).pk, "preset": "core_and_rest"}
    made = Caller(owner_of(project)).post(f"projects/{project.slug}/rounds/", asked | {"shared_overlap": 5}).json()
    assert (made["overlap"], made["shared_share"], made["shared_overlap"]) == (1, 0.2, 5)
    assert (
        Caller(owner_of(project)).post(f"projects/{project.slug}/rounds/", asked | {"preset": "x"}).status_code == 400
    )


def test_the_command_opens_one() -> None:
    project = make_project()
    make_claims(project, 10)
    make_codebook(project, "stance")
    owner = owner_of(project).username
    said = ["--project", project.slug, "--by", owner, "--name", "Core", "--codebook", "stance"]
    call_command("open_round", *said, "--preset", "core_and_rest", "--sample", "5", "--quota", "3")
    round_ = Round.objects.get(project=project)
    assert (round_.state, round_.quota, round_.selection) == ("open", 3, {"limit": 5})
    assert sorted(round_.round_units.values_list("overlap", flat=True)) == [1, 1, 1, 1, 3]
