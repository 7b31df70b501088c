"""Figures as the pages write them."""

from __future__ import annotations

import pytest

from claims.templatetags.attest import percent, two_places

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
