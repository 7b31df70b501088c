"""How long the agreement page's figures take to read, however many labels were counted, and how long after a label
they follow."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import CommandError
from django.db import connection
from django.db.models import Max

from claims.agreement.overview import agreement_overview
from claims.agreement.scoring import score_round
from claims.assignment.actions import draw_next
from claims.labelling.actions import submit_label
from claims.management.benchmarks import filling
from claims.management.benchmarks.labelling import ANSWERS, own_database, percentile
from claims.management.supervisor import Supervisor
from claims.models import AgreementScore, LabelEvent, Reviewer, Round

READS = 50
UNITS = 3_333_334  # counted as labelled three times each: a page reads counts, so they need not be labelled to be read
LABELS, PAUSE = 100, 0.1  # labels that are followed to the figures, and seconds between them
Say = Callable[[str], None]

# Patterns of three labels over the choices of the stance question, as so many units would show; and, as a round with
# articles has, rows of single articles beside the sums, which a page must not read.
COUNT = """
INSERT INTO claims_patterncount (round_id, question, phase, stratum, article_id, counts, n_units)
SELECT %(round)s, 'stance', 'first', 'all', NULL, counts, greatest(%(units)s / 35, 1)
FROM (SELECT ARRAY[a, b, c, d, 3 - a - b - c - d]::smallint[] AS counts
      FROM generate_series(0, 3) a, generate_series(0, 3) b, generate_series(0, 3) c, generate_series(0, 3) d
      WHERE a + b + c + d <= 3) p
"""
ARTICLES = """
INSERT INTO claims_patterncount (round_id, question, phase, stratum, article_id, counts, n_units)
SELECT %(round)s, 'stance', 'first', 'week:2026-W02', id, '{3,0,0,0,0}', 1 FROM claims_article
"""


def measure_dashboard(say: Say) -> None:
    with own_database():
        round_ = filling.fill(2_000)
        with connection.cursor() as cursor:
            cursor.execute(COUNT, {"round": round_.pk, "units": UNITS})
            cursor.execute(ARTICLES, {"round": round_.pk})
            cursor.execute("ANALYZE")
        score_round(round_, strata=("all",))
        _read(round_, say)
        with _worker(say):
            _follow_labels(round_, say)


def _read(round_: Round, say: Say) -> None:
    taken = []
    for _ in range(READS):
        began = time.perf_counter()
        agreement_overview(round_, pairs_of=())
        taken.append(time.perf_counter() - began)
    taken.sort()
    median, slow = 1000 * taken[READS // 2], 1000 * taken[int(0.95 * READS)]
    say(f"figures of all questions, {3 * UNITS:,} labels counted: {median:.1f} ms, p95 {slow:.1f} ms (aim: 5)")


@contextmanager
def _worker(say: Say) -> Iterator[None]:
    project = settings.ROOT_URLCONF.partition(".")[0]
    command = [sys.executable, "-m", "celery", "-q", "-A", project, "worker", "-c", "1", "-l", "ERROR"]
    supervisor = Supervisor({"worker": command}, settings.BASE_DIR, lambda name, text: say(f"{name}: {text}"), 10)
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop()


def _follow_labels(round_: Round, say: Say) -> None:
    """From a label's commit to the score that counts it, while more labels come. The first waits for the worker to
    start, so it is followed but not counted."""
    people = [Reviewer.objects.get(pk=filling.sign_in(round_.project, f"follower-{n}")[0]) for n in range(2)]
    _seconds_until_scored(round_, people, 1)
    delays = _seconds_until_scored(round_, people, LABELS)
    median, slow = percentile(delays, 0.5), percentile(delays, 0.95)
    say(f"from a label to the figures, a label every {PAUSE} s: {median:.2f} s, p95 {slow:.2f} s (aim: p95 under 2)")


def _seconds_until_scored(round_: Round, people: list[Reviewer], labels: int) -> list[float]:
    waiting: dict[int, float] = {}
    delays: list[float] = []
    written = 0
    while len(delays) < labels:
        if written < labels:
            who = people[written % len(people)]
            waiting[_label_next(round_, who)] = time.perf_counter()
            written += 1
        time.sleep(PAUSE)
        newest = AgreementScore.objects.filter(round=round_).aggregate(newest=Max("as_of"))["newest"] or 0
        now = time.perf_counter()
        delays += [now - waiting.pop(event) for event in list(waiting) if event <= newest]
    return delays


def _label_next(round_: Round, who: Reviewer) -> int:
    """The number of the event."""
    drawn = draw_next(round_, who)
    if drawn is None:
        raise CommandError("The round ran out of units: fill a larger one.")
    receipt = submit_label(
        round_, drawn.unit, who, answers=ANSWERS, idempotency_key=secrets.token_hex(8),
        codebook_version_id=round_.codebook_version_id,
    )  # fmt: skip
    return LabelEvent.objects.get(reviewer=who, seq=receipt.seq).pk
