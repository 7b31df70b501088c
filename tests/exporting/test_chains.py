"""Chains of sources leave as they were given: in each table, in order, and as lines of text in Label Studio."""

from __future__ import annotations

import csv
import io
import json

import pyarrow.parquet as pq
import pytest

from claims.adjudication.actions import settle_label
from claims.exporting.actions import verify_release
from claims.models import Project, Round
from tests.exporting.test_actions import content, released, rows
from tests.factories import (
    label_next,
    make_article,
    make_claim,
    make_codebook,
    make_project,
    make_round,
    owner_of,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db
CODE = "attribution_chain"
FIRST, SECOND = ["the ministry", "=Rudaw", "Anadolu"], ["Rudaw"]


@pytest.fixture
def project() -> Project:
    project = make_project(alice="reviewer", bob="reviewer")
    make_claim(make_article(project), "Inspectors found 14 broken bolts")
    round_: Round = make_round(project, codebook=make_codebook(project, "attribution"), overlap=2)
    for name, chain in (("alice", FIRST), ("bob", SECOND)):
        said = {"attribution_presence": "attributed", CODE: chain}
        label_next(round_, reviewer(project, name), **said)
    run_jobs()
    settle_label(
        round_, round_.round_units.get().unit, CODE, expected_revision=0, outcome="answer", value=FIRST,
        method="expert", by=owner_of(project),
    )  # fmt: skip
    return project


def test_it_works(project: Project) -> None:
    release = released(project, formats=("jsonl", "csv", "parquet", "label_studio", "lewidi"))
    given = [row["value"] for row in rows(release, "labels") if row["question"] == CODE]
    assert sorted(given) == [SECOND, FIRST]
    assert [row["value"] for row in rows(release, "settled")] == [FIRST]
    lines = csv.DictReader(io.StringIO(content(release, "labels.csv").decode()))
    assert sorted(json.loads(line["value"]) for line in lines if line["question"] == CODE) == [SECOND, FIRST]
    table = pq.read_table(io.BytesIO(content(release, "labels.parquet"))).to_pylist()
    kept = [row for row in table if row["question"] == CODE]
    assert sorted(json.loads(row["value"]) for row in kept) == [SECOND, FIRST]
    assert all(row["value_is_json"] for row in kept)
    assert verify_release(release) == []


def test_label_studio_gets_lines_of_text_and_shares_hold_no_chain(project: Project) -> None:
    release = released(project, formats=("jsonl", "label_studio", "lewidi"))
    [task] = json.loads(content(release, "label_studio.json"))
    results = [result for one in task["annotations"] for result in one["result"] if result["from_name"] == CODE]
    assert [result["type"] for result in results] == ["textarea"] * 2
    assert sorted(result["value"]["text"] for result in results) == [SECOND, FIRST]
    others = [result for one in task["annotations"] for result in one["result"] if result["from_name"] == "act"]
    assert {result["type"] for result in others} == {"choices"}
    assert CODE not in {row["question"] for row in rows(release, "soft_labels")}
    assert CODE not in {one["annotation task"] for one in json.loads(content(release, "lewidi.json")).values()}
