"""How long an outlet's profile takes to read, and all observations to derive from nothing, beside a plain count.

A project of labelled claims is written by statements: one outlet has 100,000 of them, the others share the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from django.db import connection, transaction

from claims.credibility.profile import profile_of
from claims.credibility.tallies import rebuild
from claims.management.benchmarks import filling
from claims.management.benchmarks.labelling import own_database
from claims.models import Outlet, OutletTally, Project, Round

FIRST = 100_000  # claims of the outlet whose profile is read
OUTLETS = 50
READS = 50
Say = Callable[[str], None]

SETTLE = (
    "INSERT INTO claims_outlet (project_id, name, confirmed_at) "
    "SELECT %(project)s, 'Outlet ' || n, now() FROM generate_series(1, %(outlets)s) AS n",
    """
    WITH o AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM claims_outlet WHERE project_id = %(project)s),
         a AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM claims_article WHERE project_id = %(project)s)
    UPDATE claims_article t SET outlet_id = o.id,
           published_at = timestamptz '2026-01-01' + a.n %% 365 * interval '1 day',
           published_how = 'stated'
    FROM a JOIN o ON o.n = CASE WHEN a.n * %(each)s < %(first)s THEN 1 ELSE 2 + a.n %% (%(outlets)s - 1) END
    WHERE t.id = a.id
    """,
    """
    INSERT INTO claims_settledlabel (round_id, unit_id, question, revision, outcome, value, method, reason_code,
        rationale, inputs)
    SELECT %(round)s, id, 'verdict', 1, 'answer', to_jsonb((ARRAY['supported', 'refuted', 'conflicting'])[1 + id %% 3]),
           'unanimous', 'none', '', '{}' FROM claims_unit WHERE project_id = %(project)s
    """,
    "DELETE FROM claims_pendingtally",
)
BARE = """
SELECT s.value, count(*) FROM claims_settledlabel s
JOIN claims_unit u ON u.id = s.unit_id JOIN claims_article a ON a.id = u.article_id
WHERE a.outlet_id = %s GROUP BY 1
"""


def run(sizes: Sequence[int], reviewers: Sequence[int], seconds: float, say: Say) -> None:
    """Each size is a number of settled claims; reviewers and seconds do not matter here."""
    with own_database():
        for size in sizes:
            say(f"filling a project with {size:,} settled claims ...")
            round_ = filling.fill(size)
            settle(round_)
            measure(round_.project, size, say)


def settle(round_: Round) -> None:
    values = {"project": round_.project_id, "round": round_.pk, "outlets": OUTLETS, "first": FIRST}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL enable_nestloop = off")
        for statement in SETTLE:
            cursor.execute(statement, values | {"each": filling.CLAIMS_AN_ARTICLE})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measure(project: Project, size: int, say: Say) -> None:
    began = time.perf_counter()
    rebuild(project)
    rebuilt = time.perf_counter() - began
    outlet = Outlet.objects.filter(project=project).order_by("pk")[0]
    counted = sum(OutletTally.objects.filter(outlet=outlet, measure="verdict").values_list("n", flat=True))
    reading = sorted(timed(lambda: profile_of(outlet)) for _ in range(READS))
    counting = sorted(timed(lambda: count_bare(outlet)) for _ in range(5))
    median, slow, bare = reading[len(reading) // 2] * 1000, reading[int(0.95 * len(reading))] * 1000, counting[2] * 1000
    say(f"{size:>9,} claims derived anew in {rebuilt:.1f} s ({size / rebuilt:,.0f} claims/s)")
    say(f"profile of an outlet with {counted:,} counted claims: {median:.1f} ms, p95 {slow:.1f} ms (aim: under 50)")
    say(f"counting its settled labels without tallies: {bare:.1f} ms, ratio {bare / median:.1f}")


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def count_bare(outlet: Outlet) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BARE, [outlet.pk])
        cursor.fetchall()
