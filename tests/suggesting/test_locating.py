"""A quote counts only where it stands in the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.suggesting.locating import locate_quote

MAYOR = "The mayor of Tormo denied on Monday that the dam ever leaked"
TEXT = f"The dam, “rebuilt in 1998”, lost\u00a0900 litres a day.\n{MAYOR}."


@pytest.mark.parametrize(
    ("quote", "found", "how"),
    [
        ("lost\u00a0900 litres", "lost\u00a0900 litres", "exact"),
        ('The dam, "rebuilt in 1998", lost 900 litres', "The dam, “rebuilt in 1998”, lost\u00a0900 litres", "loose"),
        ("The dam, rebuilt in 1998, lost 900 litres", "The dam, “rebuilt in 1998”, lost\u00a0900 litres", "near"),
        ("The mayor of Tormo denied on Mondays that the dam ever leaked", MAYOR, "near"),
        ("The mayor of Velk denied on Tuesday that a dam had leaked", None, None),
        ("The dam, “rebuilt in 1997”, lost 900 litres a day", None, None),
        ("900 litres an hour", None, None),
        ("   ", None, None),
    ],
)
def test_exact_loose_near_or_not_at_all(quote: str, found: str | None, how: str | None) -> None:
    place = locate_quote(TEXT, quote)
    assert (TEXT[place.start : place.end], place.how) == (found, how) if found else place is None


def test_only_within_the_passage() -> None:
    assert locate_quote(TEXT, "The dam", 5) is None
    assert locate_quote("a dam. a dam.", "a dam", 2).start == 7  # type: ignore[union-attr]


@given(st.text(min_size=1), st.data())
def test_what_is_cut_from_a_text_is_found_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = text[start:end]
    place = locate_quote(text, quote)
    if quote.strip():
        assert place is not None
        assert text[place.start : place.end] == quote.strip()
