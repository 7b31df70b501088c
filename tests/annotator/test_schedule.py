"""What beat does by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from annotator.celery import app


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize(("month", "day"), [(3, 28), (10, 24), (4, 4), (11, 1)])
def test_ft_18_the_night_comes_once_a_day_also_when_clocks_change(
    zone: str, month: int, day: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As beat does: ask every five minutes of four days, whatever the machine's own time zone is."""
    monkeypatch.setenv("TZ", zone)
    schedule = settings.CELERY_BEAT_SCHEDULE["nightly"]["schedule"]
    now = datetime(2026, month, day, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    schedule.nowfun = lambda: now
    last, nights = now, []
    try:
        for _ in range(4 * 24 * 12):
            now += timedelta(minutes=5)
            if schedule.is_due(last).is_due:
                nights.append(now.date())
                last = now
    finally:
        schedule.nowfun = None
    assert len(nights) == len(set(nights)) == 4
    assert app.conf.timezone in (None, "UTC")
