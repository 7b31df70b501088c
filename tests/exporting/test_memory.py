"""EX-05: a release is built in the background, and what it holds does not grow as its rows do."""

from __future__ import annotations

import tracemalloc

import pytest

from claims import jobs
from claims.exporting.actions import run_build_release, start_release
from claims.management.benchmarks import exporting
from claims.models import Job, Release, Round
from tests.api.caller import Caller
from tests.factories import owner_of

pytestmark = pytest.mark.django_db
FEW, MANY = 12_000, 32_000
A_LABEL = 700  # bytes; 580 while batches still fill, as here. All rows of a label kept would be some thousand.
FORMATS = ["jsonl", "csv", "parquet", "lewidi"]


def most_memory(round_: Round) -> int:
    """The most bytes that were held at once while a release was built, beyond what there was before."""
    release = start_release(round_.project, by=owner_of(round_.project), formats=FORMATS)
    tracemalloc.start()
    try:
        assert release.job_id is not None
        jobs.run(release.job_id, {"build_release": run_build_release})
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        assert Release.objects.get(pk=release.pk).state == "ready"


@pytest.mark.slow
def test_ex_05_what_a_label_costs_in_memory_is_bounded() -> None:
    most_memory(exporting.labelled(40))  # what is loaded at the first use stays loaded
    few, many = (most_memory(exporting.labelled(n)) for n in (FEW, MANY))
    assert (many - few) / (MANY - FEW) < A_LABEL
    assert many < 100_000_000


def test_ex_05_it_is_asked_for_and_not_waited_for() -> None:
    round_ = exporting.labelled(40)
    made = Caller(owner_of(round_.project)).post(f"projects/{round_.project.slug}/releases/", {"formats": ["csv"]})
    assert (made.status_code, made.json()["state"], made.json()["files"]) == (202, "building", [])
    assert Job.objects.get(kind="build_release").state == "queued"
