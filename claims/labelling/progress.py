"""How far one reviewer is in a round. Of their own work and the round's size alone: what others did is not in it, since
a count of what is left would tell where they disagreed (INV-4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from math import ceil

from claims.models import Reviewer, Round
from claims.models.statements import fetch_one

LATEST = 50  # answers that the pace is taken from
FEWEST = 5  # below it a pace says nothing

# Beside every unit that is shown, so its cost does not grow with the round or with what the reviewer ever did:
# positions are numbered from 0, and a reviewer's events in order, so both ends are found in an index.
STANDING = """
SELECT COALESCE(w.done, 0), w.quota,
       COALESCE((SELECT max(position) + 1 FROM claims_roundunit WHERE round_id = %(round)s), 0),
       (SELECT count(*) FROM claims_labelevent
        WHERE reviewer_id = %(reviewer)s AND round_id = %(round)s AND kind = 'submitted'
          AND seq > COALESCE((SELECT seq FROM claims_labelevent
                              WHERE reviewer_id = %(reviewer)s AND created_at < %(midnight)s
                              ORDER BY seq DESC LIMIT 1), 0)),
       p.n, p.seconds
FROM (SELECT count(*) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS seconds
      FROM (SELECT * FROM claims_labelevent WHERE reviewer_id = %(reviewer)s ORDER BY seq DESC LIMIT %(latest)s) own
      WHERE round_id = %(round)s AND kind = 'submitted' AND seconds IS NOT NULL) p
LEFT JOIN claims_roundreviewer w ON w.round_id = %(round)s AND w.reviewer_id = %(reviewer)s
"""


@dataclass(frozen=True)
class Standing:
    """`most_left`: units that may still come to the reviewer; others may take some. `minutes`: for those, at the
    reviewer's own pace; None while there is none."""

    done: int
    today: int
    most_left: int
    minutes: int | None


def standing_in(round_: Round, reviewer: Reviewer, *, now: datetime) -> Standing:
    """What the reviewer has done here, today (UTC), and what may be left. One statement."""
    midnight = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    asked = {"round": round_.pk, "reviewer": reviewer.pk, "midnight": midnight, "latest": LATEST}
    row = fetch_one(STANDING, asked)
    assert row is not None  # noqa: S101 - an aggregate without groups is one row
    done, own_quota, units, today, n, seconds = row
    quota = round_.quota if own_quota is None else own_quota
    left = max(min(units, units if quota is None else quota) - done, 0)
    return Standing(done, today, left, minutes_for(left, seconds if n >= FEWEST else None))


def minutes_for(units: int, seconds: float | None) -> int | None:
    """At so many seconds a unit: a median, so that an answer over which somebody had lunch does not count."""
    return None if seconds is None or not units else ceil(units * seconds / 60)
