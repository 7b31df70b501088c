"""How long the agreement page's figures take to read, however many labels were counted."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import connection

from claims.agreement.overview import agreement_overview
from claims.agreement.scoring import score_round
from claims.management.benchmarks import filling
from claims.management.benchmarks.labelling import own_database
from claims.models import Round

READS = 50
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


def measure_dashboard(units: int, say: Say) -> None:
    with own_database():
        round_ = filling.fill(2_000)
        with connection.cursor() as cursor:
            cursor.execute(COUNT, {"round": round_.pk, "units": units})
            cursor.execute(ARTICLES, {"round": round_.pk})
            cursor.execute("ANALYZE")
        score_round(round_, strata=("all",))
        _read(round_, units, say)


def _read(round_: Round, units: int, say: Say) -> None:
    taken = []
    for _ in range(READS):
        began = time.perf_counter()
        agreement_overview(round_, pairs_of=())
        taken.append(time.perf_counter() - began)
    taken.sort()
    median, slow = 1000 * taken[READS // 2], 1000 * taken[int(0.95 * READS)]
    say(f"figures of all questions, {3 * units:,} labels counted: {median:.1f} ms, p95 {slow:.1f} ms (aim: 5)")
