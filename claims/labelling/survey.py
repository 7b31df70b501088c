"""Blind surveys: an outlet is judged by a sample of its headlines and claims, without its name.

The sample is the same for every reviewer of the round: drawn from articles that were there when the round opened, by
the round's seed, spread over months (and claims over voices) so that no busy month speaks for the outlet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from claims.models import OutletVersion, Round

HEADLINES, CLAIMS = 10, 10
HIDDEN = "[…]"

FAMILY = """
WITH RECURSIVE family AS (
    SELECT id, name FROM claims_outlet WHERE id = %(outlet)s
    UNION SELECT o.id, o.name FROM claims_outlet o JOIN family f ON o.merged_into_id = f.id
), articles AS (
    SELECT a.id, a.headline, date_trunc('month', a.published_at) AS month FROM claims_article a
    JOIN family f ON f.id = a.outlet_id
    WHERE a.state IN ('imported', 'split') AND a.repost_of_id IS NULL
      AND (%(opened)s::timestamptz IS NULL OR a.created_at <= %(opened)s::timestamptz)
)
"""
HEADS = f"""
{FAMILY}
SELECT headline FROM (
    SELECT headline, md5(%(seed)s || id) AS lot,
           row_number() OVER (PARTITION BY month ORDER BY md5(%(seed)s || id)) AS turn
    FROM articles WHERE headline <> ''
) h ORDER BY turn, lot LIMIT {HEADLINES}
"""  # noqa: S608 - our own words
SAYINGS = f"""
{FAMILY}
SELECT words, attribution FROM (
    SELECT COALESCE(NULLIF(v.wording, ''), v.verbatim) AS words, v.attribution, md5(%(seed)s || o.id) AS lot,
           row_number() OVER (PARTITION BY a.month, v.attribution ORDER BY md5(%(seed)s || o.id)) AS turn
    FROM articles a JOIN claims_claimoccurrence o ON o.article_id = a.id AND o.state = 'proposed'
    JOIN LATERAL (SELECT wording, verbatim, attribution FROM claims_occurrenceversion
                  WHERE occurrence_id = o.id ORDER BY n DESC LIMIT 1) v ON true
) c ORDER BY turn, lot LIMIT {CLAIMS}
"""  # noqa: S608 - our own words
NAMES = f"""
{FAMILY}
SELECT name FROM family
UNION SELECT v.name FROM claims_outletversion v JOIN family f ON f.id = v.outlet_id
UNION SELECT n.name FROM claims_outletalias n JOIN family f ON f.id = n.outlet_id
UNION SELECT d.domain FROM claims_outletdomain d JOIN family f ON f.id = d.outlet_id
"""  # noqa: S608 - our own words


@dataclass(frozen=True)
class Saying:
    """A claim in its own words and in whose voice it stands."""

    words: str
    voice: str


@dataclass(frozen=True)
class Survey:
    """What a reviewer sees of an outlet whose name the round hides."""

    country: str  # left and right mean something only inside a country
    headlines: Sequence[str]
    sayings: Sequence[Saying]


def survey_of(round_: Round, version: OutletVersion) -> Survey:
    """The round's sample of the outlet, its names and domains taken out of the texts."""
    values = {"outlet": version.outlet_id, "opened": round_.opened_at, "seed": f"{round_.seed}:{round_.pk}:"}
    with connection.cursor() as cursor:
        cursor.execute(NAMES, values)
        hide = hider(name for (name,) in cursor.fetchall())
        cursor.execute(HEADS, values)
        headlines = [hide.sub(HIDDEN, words) for (words,) in cursor.fetchall()]
        cursor.execute(SAYINGS, values)
        sayings = [Saying(hide.sub(HIDDEN, words), voice) for words, voice in cursor.fetchall()]
    return Survey(version.country, headlines, sayings)


def hider(names: Iterable[str]) -> re.Pattern[str]:
    """Matches every name as a word of its own, the longest first, whatever its case and spaces."""
    longest = sorted({" ".join(name.split()) for name in names if name.strip()}, key=len, reverse=True)
    either = "|".join(r"\s+".join(map(re.escape, name.split(" "))) for name in longest)
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)
