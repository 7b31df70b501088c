"""The five real articles, labelled through the API by three scripted reviewers, as a release that others load."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from claims.models import Claim, Project, Round
from tests.api.caller import Caller, fresh_key
from tests.exporting.test_actions import content, rows
from tests.exporting.test_cards import folder_of
from tests.factories import answers_for, make_project, member, owner_of, run_jobs

SEEDS = Path(__file__).parents[3] / "shared" / "data" / "seeds"
REVIEWERS = ("alice", "bob", "dora")
CHOICES = ("supports", "reports", "questions")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SEEDS.is_dir(), reason="the five real articles are not here"),
]


def imported() -> tuple[Project, Caller]:
    project = make_project(**dict.fromkeys(REVIEWERS, "reviewer"))
    carol = Caller(owner_of(project))
    for path in sorted(SEEDS.glob("*.txt")):
        text = path.read_bytes().decode()
        made = carol.post(f"projects/{project.slug}/articles/", {"text": text}, Idempotency_Key=fresh_key())
        assert made.status_code == 202, made.content
    run_jobs()
    return project, carol


def opened(project: Project, carol: Caller) -> Round:
    book = carol.post(f"projects/{project.slug}/codebooks/", {"preset": "stance"}).json()
    plan = {"name": "First", "codebook_version": book["id"], "overlap": 3}
    made = carol.post(f"projects/{project.slug}/rounds/", plan, Idempotency_Key=fresh_key())
    assert made.status_code == 201, made.content
    assert carol.post(f"rounds/{made.json()['id']}/open/", Idempotency_Key=fresh_key()).status_code in (200, 202)
    run_jobs()
    return Round.objects.get(pk=made.json()["id"])


def label_all(round_: Round, name: str) -> int:
    """The script of a reviewer: by the number of the unit, and each a little unlike the others."""
    caller, done = Caller(member(round_.project, name), scopes=["label"]), 0
    while (unit := caller.post(f"rounds/{round_.pk}/next/").json()["unit"]) is not None:
        chosen = CHOICES[(unit + (unit % 5 == REVIEWERS.index(name))) % len(CHOICES)]
        body = {"codebook_version": round_.codebook_version_id, "answers": answers_for(round_, stance=chosen)}
        sent = caller.post(f"rounds/{round_.pk}/units/{unit}/label/", body, Idempotency_Key=fresh_key())
        assert sent.status_code == 201, sent.content
        done += 1
    return done


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the validator
def test_it_works_a_release_of_the_seeds_loads_and_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    datasets, croissant = pytest.importorskip("datasets"), pytest.importorskip("mlcroissant")
    project, carol = imported()
    round_ = opened(project, carol)
    units = round_.round_units.count()
    assert units == Claim.objects.filter(project=project).count() >= 20
    assert {name: label_all(round_, name) for name in REVIEWERS} == dict.fromkeys(REVIEWERS, units)
    run_jobs()
    plan: dict[str, Any] = {"formats": ["jsonl", "huggingface", "croissant", "lewidi"], "licence": "CC-BY-4.0"}
    made = carol.post(f"projects/{project.slug}/releases/", plan | {"splits": {"by": ["article"]}})
    assert made.status_code == 202, made.content
    run_jobs()
    release = project.release_set.get()
    assert release.state == "ready", release.state_reason
    folder = folder_of(release, tmp_path)
    loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))["train"]
    written = rows(release, "labels")
    assert Counter(zip(loaded["unit"], loaded["reviewer"], loaded["value"], strict=True)) == Counter(
        (row["unit"], row["reviewer"], row["value"]) for row in written
    )
    assert len(set(loaded["reviewer"])) == 3
    for table in ("soft_labels", "posteriors", "splits", "claims"):
        if count := len(content(release, f"{table}.jsonl").splitlines()):
            found = datasets.load_dataset(str(folder), table, cache_dir=str(tmp_path / "cache"))["train"]
            assert len(found) == count, table
    data = croissant.Dataset(jsonld=str(folder / "croissant.json"))
    assert data.metadata.issues.errors == set()
    assert sum(1 for _ in data.records("labels")) == len(written)
