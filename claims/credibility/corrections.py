"""What an outlet took back: articles retracted, texts changed since they were first read. Counted, never judged."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from claims.credibility.entities import family_of
from claims.credibility.profile import LEAST
from claims.models import Outlet
from claims.statistics.quantiles import wilson_interval

RECORD = """
SELECT count(*), count(*) FILTER (WHERE a.state = 'retracted'),
       count(*) FILTER (WHERE EXISTS (SELECT FROM claims_textversion t WHERE t.article_id = a.id AND t.n > 1)),
       (SELECT count(*) FROM claims_claimoccurrence o JOIN claims_article b ON b.id = o.article_id
        WHERE b.outlet_id = ANY(%(outlets)s) AND o.state = 'retracted')
FROM claims_article a WHERE a.outlet_id = ANY(%(outlets)s) AND a.state <> 'excluded'
"""


@dataclass(frozen=True)
class Kept:
    """So many of `n` articles, with Wilson's 95 % interval (1927) of the share, or the reason why there is none."""

    name: str
    count: int
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_too_few(self) -> bool:
        return self.value is None


@dataclass(frozen=True)
class Record:
    """The corrections record of an outlet and all that were merged into it."""

    shares: tuple[Kept, ...]
    claims_retracted: int


def corrections_record(outlet: Outlet) -> Record:
    """Over every article of the outlet that was imported; excluded ones are left out."""
    with connection.cursor() as cursor:
        cursor.execute(RECORD, {"outlets": family_of(outlet)})
        n, retracted, changed, claims = cursor.fetchone()
    return Record((_kept("Retracted", retracted, n), _kept("Changed since first read", changed, n)), claims)


def _kept(name: str, count: int, n: int) -> Kept:
    interval = wilson_interval(count, n)
    if n < LEAST or interval is None:
        return Kept(name, count, n)
    return Kept(name, count, n, count / n, *interval)
