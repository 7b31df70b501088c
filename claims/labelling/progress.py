"""How far one reviewer is in a round. Of their own work and the round's size alone: what others did is not in it, since
a count of what is left would tell where they disagreed (INV-4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from math import ceil
from statistics import median

from claims.models import LabelEvent, Reviewer, Round, RoundReviewer, RoundUnit

LATEST = 50  # answers that the pace is taken from
FEWEST = 5  # below it a pace says nothing


@dataclass(frozen=True)
class Standing:
    """`most_left`: units that may still come to the reviewer; others may take some. `minutes`: for those, at the
    reviewer's own pace; None while there is none."""

    done: int
    today: int
    most_left: int
    minutes: int | None


def standing_in(round_: Round, reviewer: Reviewer, walk: RoundReviewer | None, *, now: datetime) -> Standing:
    """What the reviewer has done here, today (UTC), and what may be left; `walk` is theirs in the round."""
    done = walk.done if walk else 0
    quota = walk.quota if walk and walk.quota is not None else round_.quota
    units = RoundUnit.objects.filter(round=round_).count()
    left = max(min(units, units if quota is None else quota) - done, 0)
    own = LabelEvent.objects.filter(reviewer=reviewer, round=round_, kind="submitted")
    midnight = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    latest = own.filter(seconds__isnull=False).order_by("-seq").values_list("seconds", flat=True)[:LATEST]
    seconds = [took for took in latest if took is not None]
    return Standing(done, own.filter(created_at__gte=midnight).count(), left, minutes_for(left, seconds))


def minutes_for(units: int, seconds: Sequence[int]) -> int | None:
    """By the median, so that an answer over which somebody had lunch does not count."""
    return ceil(units * median(seconds) / 60) if units and len(seconds) >= FEWEST else None
