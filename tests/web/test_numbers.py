"""Figures as the pages write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from claims.templatetags.attest import ago, percent, two_places

MINUS = "\u2212"


@pytest.mark.parametrize(
    ("value", "places", "share"),
    [
        (0.6666, "0.67", "67\u202f%"),
        (-0.75, f"{MINUS}0.75", f"{MINUS}75\u202f%"),
        (-0.0001, "0.00", "0\u202f%"),
        (-0.0, "0.00", "0\u202f%"),
        (None, "–", "–"),
    ],
)
def test_what_is_rounded_to_nothing_has_no_sign(value: float | None, places: str, share: str) -> None:
    assert (two_places(value), percent(value)) == (places, share)


@pytest.mark.parametrize(
    ("language", "passed", "words"),
    [
        ("en", timedelta(), "just now"),
        ("en", timedelta(seconds=59), "just now"),
        ("en", timedelta(seconds=-30), "just now"),
        ("en", timedelta(minutes=1, seconds=2), "a minute ago"),
        ("en", timedelta(minutes=7, seconds=2), "7\xa0minutes ago"),
        ("en", timedelta(days=2, seconds=2), "2\xa0days ago"),
        ("de", timedelta(seconds=3), "gerade eben"),
        ("de", timedelta(minutes=7, seconds=2), "vor 7 Minuten"),
        ("tr", timedelta(seconds=3), "az önce"),
    ],
)
def test_what_has_just_happened_was_not_no_minutes_ago(language: str, passed: timedelta, words: str) -> None:
    with translation.override(language):
        assert ago(timezone.now() - passed) == words
    assert ago(None) == ""
