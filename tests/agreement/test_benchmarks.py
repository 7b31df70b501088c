"""Published figures beside a question: verified ones with their source, and no words of praise."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from claims.agreement.benchmarks import all_benchmarks, band_of
from claims.labelling.codebook import PRESETS, load_preset
from tests.api.caller import Caller
from tests.factories import label_next, make_project, make_round, owner_of, reviewer, run_jobs


def test_each_is_about_a_question_that_we_ask_and_names_its_source() -> None:
    asked = {question.code for name in PRESETS for question in load_preset(name).questions}
    for one in all_benchmarks():
        assert set(one.questions) <= asked
        assert all(-1 < value < 1 for value in one.values)
        assert re.search(r"\b20\d\d$", one.source)
        assert not re.search(r"\b(?:slight|fair|moderate|substantial|almost perfect)\b", f"{one.what} {one.source}")


def test_a_band_runs_from_the_lowest_to_the_highest_figure() -> None:
    band = band_of("verdict")
    assert band is not None
    assert (band.low, band.high) == (0.619, 0.6841)
    assert [one.project for one in band.benchmarks] == ["FEVER", "AVeriTeC"]
    collapsed = band_of("stance", "collapsed")
    assert collapsed is not None
    assert collapsed.low == 0.95
    assert band_of("checkworthiness") is None  # no figure of it was checked against its paper


@pytest.mark.django_db
def test_it_stands_beside_the_figure_by_page_and_api() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    round_ = make_round(project, units=2)
    for name in ("alice", "bob"):
        for _ in range(2):
            label_next(round_, reviewer(project, name))
    run_jobs()
    page = Client()
    page.force_login(owner_of(project))
    for address in (f"agreement/?round={round_.pk}", f"agreement/{round_.pk}/sentence_bias/"):
        shown = page.get(f"/p/{project.slug}/{address}").content.decode()
        assert "Published projects reached 0.21 to 0.40 on such a question" in shown
        assert "Findings of EMNLP 2021" in shown
    found = Caller(owner_of(project)).get(f"rounds/{round_.pk}/agreement/").json()["questions"]
    bias = next(one for one in found if one["code"] == "sentence_bias")
    assert (bias["published"]["low"], bias["published"]["high"]) == (0.206, 0.399)
    assert bias["published"]["benchmarks"][1]["project"] == "MBIC"
