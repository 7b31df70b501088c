"""What it costs the database to fold a label and to score what it touched: few statements, whatever is asked."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims import jobs
from claims.agreement.folding import plan_round
from claims.models import AgreementScore, Job, Round
from claims.tasks import HANDLERS, do
from tests.factories import (
    label_next,
    make_article,
    make_claim,
    make_codebook,
    make_outlet,
    make_project,
    make_round,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db
LINES = [f"Ferry number {n} arrived late." for n in range(3)]


def half_labelled(preset: str) -> Round:
    """Alice has labelled all, Bob two of three claims of an article with an outlet; all of it is folded."""
    project = make_project(alice="reviewer", bob="reviewer")
    article = make_article(project, "\n".join(["Ferries", *LINES]), outlet=make_outlet(project, "Tidal Post"))
    for line in LINES:
        make_claim(article, line)
    round_ = make_round(project, codebook=make_codebook(project, preset), overlap=2)
    for name, n in ("alice", 3), ("bob", 2):
        for _ in range(n):
            label_next(round_, reviewer(project, name))
    run_jobs()
    return round_


def fold(round_: Round) -> list[str]:
    """The statements of folding what waits, without those that only open and end transactions."""
    job = Job.objects.get(kind="fold_round", state="queued")
    with CaptureQueriesContext(connection) as asked:
        jobs.run(job.pk, dict.fromkeys(HANDLERS, do))
    words = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return [query["sql"] for query in asked.captured_queries if not query["sql"].startswith(words)]


@pytest.mark.parametrize("preset", ["stance", "main"])
def test_a_label_is_folded_and_scored_with_few_statements(preset: str) -> None:
    """The whole round and the label's week, language and outlet are scored, with all their questions and views."""
    round_ = half_labelled(preset)
    label_next(round_, reviewer(round_.project, "bob"))
    said = fold(round_)
    scored = AgreementScore.objects.filter(round=round_).order_by("stratum").values_list("stratum", flat=True)
    kinds = [name.partition(":")[0] for name in scored.distinct()]
    assert kinds == ["all", "language", "outlet", "week"]
    assert Job.objects.get(kind="fold_round", state="succeeded", counts__units=1)
    paths = sum(
        plan.path is not None for plan in plan_round(round_).values()
    )  # each is counted by a statement of its own
    assert len(said) <= 32 + paths, "\n".join(f"{n}: {' '.join(one.split())[:110]}" for n, one in enumerate(said, 1))
