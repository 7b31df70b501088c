"""kill -9 of everything, a hundred times, while people import and label and a worker scores: a set checker.

Acknowledged means answered 2xx. Afterwards every acknowledged label and article must be there once, nothing that was
not attempted may be there, every job must have ended, and the incremental agreement must equal a fresh count.
"""

from __future__ import annotations

import json
import os
import threading
import time
from typing import Any

import pytest

from tests.faults.clients import Client, Importer, Reviewer
from tests.faults.installation import Installation, Nemesis, wait_until

KILLS = int(os.environ.get("CHAOS_KILLS", "100"))
SEED = int(os.environ.get("CHAOS_SEED", "1"))
FEWEST = 30  # kills that a slow machine must reach in the time there is
NAMES = ("alice", "bob", "dora", "emil")
OVERLAP = 2

PREPARE = """
import json
from tests.factories import make_claims, make_codebook, make_project, member, owner_of, reviewer, run_jobs
from claims.assignment.actions import create_round, open_round
from claims.people.actions import create_token
names = %(names)r
project = make_project(**dict.fromkeys(names, "reviewer"))
make_claims(project, %(units)d)
owner = owner_of(project)
plan = {"codebook_version": make_codebook(project, "stance"), "overlap": %(overlap)d, "selection": {}}
round_ = create_round(project, name="Chaos", by=owner, **plan)
open_round(round_, by=owner)
run_jobs()
def token(user, *scopes):
    return create_token(user=user, project=project, name="chaos", scopes=list(scopes), days=1)[1]
tokens = {name: token(member(project, name), "read", "label") for name in names}
ids = {name: reviewer(project, name).pk for name in names}
keys = {"tokens": tokens, "ids": ids, "owner": token(owner, "read", "write")}
print(json.dumps({"project": project.slug, "round": round_.pk, **keys}))
"""

FINDINGS = """
import json, sys
from collections import Counter
from claims.agreement.actions import recount_round
from claims.labelling.chain import verify_labels
from claims.models import *
round_ = Round.objects.select_related("project").get(pk=int(sys.argv[1]))
ids = json.loads(sys.argv[2])
events = LabelEvent.objects.filter(round=round_, kind="submitted")
labels = Label.objects.filter(round=round_).values_list("unit", "reviewer", "question", "phase")
ended = ["expired", "withdrawn", "skipped", "voided"]
slots = Counter(Assignment.objects.filter(round=round_).exclude(state__in=ended).values_list("unit", flat=True))
ours = Article.objects.filter(project=round_.project, headline__startswith="Ferry report ", sources__isnull=False)
imported = list(ours.distinct())
print(json.dumps({
    "labels": {name: sorted(events.filter(reviewer=pk).values_list("unit", "seq")) for name, pk in ids.items()},
    "twice": [key for key, n in Counter(labels).items() if n > 1],
    "too many slots": [unit for unit, n in slots.items() if n > %(overlap)d],
    "jobs": Counter(f"{job.kind} {job.state} {job.reason}".strip() for job in Job.objects.all()),
    "why": [f"{job.kind}: {job.reason}: {job.sentence}" for job in Job.objects.filter(state="failed")],
    "articles": sorted(article.headline for article in imported),
    "claims": sorted({article.occurrences.count() for article in imported}),
    "states": Counter(article.state for article in imported),
    "chain": [str(fault) for fault in verify_labels(round_.project)],
    "recount": [str(difference) for difference in recount_round(round_)],
    "pending": PendingFold.objects.count(),
}))
"""
OPEN_JOBS = """
import json
from claims.models import Job
print(json.dumps(Job.objects.filter(state__in=["queued", "running"]).count()))
"""


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_ft_01_ft_02_ft_05_ft_06_nothing_acknowledged_is_lost_nothing_doubled_every_job_ends() -> None:
    with Installation() as installation:
        filled = {"names": NAMES, "overlap": OVERLAP, "units": 1500}
        given = installation.run(PREPARE % filled)
        stopping = threading.Event()
        reviewers, importers = make_people(installation, given, stopping)
        threads = [threading.Thread(target=one.work) for one in (*reviewers.values(), *importers)]
        nemesis = Nemesis(installation, KILLS, SEED, lambda: acknowledged(reviewers, importers))
        for thread in [*threads, nemesis]:
            thread.start()
        nemesis.join()
        assert installation.up.poll() is None, installation.log.read_text()[-3000:]
        assert nemesis.hits.total() >= min(KILLS, FEWEST), "the machine is too slow for this test to show anything"
        time.sleep(3)
        stopping.set()
        for thread in threads:
            thread.join(120)
        assert wait_until(lambda: installation.run(OPEN_JOBS) == 0, 180), installation.log.read_text()[-3000:]
        found = installation.run(FINDINGS % filled, str(given["round"]), json.dumps(given["ids"]))
        say(nemesis, reviewers, importers, found)
        check_labels(reviewers, found)
        check_imports(importers, found)


def make_people(
    installation: Installation, given: Any, stopping: threading.Event
) -> tuple[dict[str, Reviewer], list[Importer]]:
    choices = [{"stance": code} for code in ("supports", "refutes", "reports")]
    reviewers = {
        name: Reviewer(Client(installation.port, token), given["round"], choices, stopping, pause=0.3)
        for name, token in given["tokens"].items()
    }
    importers = [
        Importer(Client(installation.port, given["owner"]), given["project"], stopping, prefix, pause=0.8)
        for prefix in ("A", "B")
    ]
    return reviewers, importers


def acknowledged(reviewers: dict[str, Reviewer], importers: list[Importer]) -> int:
    return sum(len(one.acknowledged) for one in (*reviewers.values(), *importers))


def check_labels(reviewers: dict[str, Reviewer], found: Any) -> None:
    for name, reviewer in reviewers.items():
        stored = dict(found["labels"][name])
        assert reviewer.surprises == []
        assert reviewer.acknowledged.items() <= stored.items(), "an acknowledged label is lost"
        assert set(stored) <= reviewer.attempted, "a label that nobody sent"
        assert len(reviewer.acknowledged) > 5, "the test did not label enough to show anything"
    assert found["twice"] == found["too many slots"] == found["chain"] == found["recount"] == []


def check_imports(importers: list[Importer], found: Any) -> None:
    accepted = {title for importer in importers for title in importer.acknowledged}
    attempted = {title for importer in importers for title in importer.attempted}
    assert [answer for importer in importers for answer in importer.surprises] == []
    assert len(found["articles"]) == len(set(found["articles"])), "an article twice"
    assert accepted <= set(found["articles"]) <= attempted
    assert not any("failed" in job or "queued" in job or "running" in job for job in found["jobs"])
    assert set(found["states"]) == {"split"}
    assert len(found["claims"]) == 1, "an article split in part, or twice"


def say(nemesis: Nemesis, reviewers: dict[str, Reviewer], importers: list[Importer], found: Any) -> None:
    print("kills", dict(nemesis.hits))
    for name, reviewer in reviewers.items():
        print(name, len(reviewer.acknowledged), "acknowledged", dict(reviewer.client.statuses))
    print("articles", len(found["articles"]), "jobs", found["jobs"], "pending", found["pending"])
    print("failed", found["why"])
    for importer in importers:
        print(importer.prefix, dict(importer.client.statuses))
