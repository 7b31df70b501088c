"""Quotation marks of every style."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.splitting.splitters.quotes import find_quotes, masked, without_lone_marks


def inner(text: str) -> list[str]:
    return [text[slice(*quote.inner)] for quote in find_quotes(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She said “no” twice.", ["no"]),
        ('She said "no" and "yes".', ["no", "yes"]),
        ("„Nein“, sagte sie.", ["Nein"]),
        ("»Nein«, sagte sie.", ["Nein"]),
        ("« Non », a-t-elle dit.", [" Non "]),
        ("‘It is Moss's bridge,’ she said.", ["It is Moss's bridge,"]),
        ("‘The owners’ plan failed,’ she said.", ["The owners’ plan failed,"]),
        ("It’s the owners’ plan, isn’t it?", []),
        ("“He said ‘no’ and left,” she said.", ["He said ‘no’ and left,"]),
        ("「いいえ」と言った。", ["いいえ"]),
        ("A 6\" pipe and a 12' rope.", []),
    ],
)
def test_it_works_for_every_style(text: str, expected: list[str]) -> None:
    assert inner(text) == expected


def test_an_unclosed_quotation_runs_to_the_end_of_its_paragraph() -> None:
    text = "“We knew nothing.\n“Nobody called,” she said."
    quotes = find_quotes(text, 0, len(text))
    assert [(text[slice(*quote.inner)], quote.closed) for quote in quotes] == [
        ("We knew nothing.", False),
        ("Nobody called,", True),
    ]


def test_masking_keeps_length_and_marks() -> None:
    text = "She said “no” twice."
    view = masked(text, 4, len(text), find_quotes(text, 0, len(text)))
    assert len(view) == len(text) - 4
    assert view == "said “\ue000\ue000” twice."


@given(st.text(alphabet="“”‘’«»„\"' a.\n", max_size=80))
def test_quotations_do_not_overlap_and_masking_keeps_offsets(text: str) -> None:
    quotes = find_quotes(text, 0, len(text))
    end = 0
    for quote in quotes:
        assert end <= quote.start < quote.inner[0] <= quote.inner[1] <= quote.end <= len(text)
        end = quote.end
    assert len(masked(text, 0, len(text), quotes)) == len(text)


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("it was late “and dark” there", "it was late “", "it was late"),
        ("it was late – “and dark” there", "it was late – “", "it was late"),
        ("“late”, and dark", "”, and dark", "and dark"),
        ("“late” and dark", "late” and dark", "“late” and dark"),
        ("it was “late” there", "it was “late” there", "it was “late” there"),
        ("it was “late", "it was “late", "it was “late"),
        ("she said “late”", "late", "late"),
    ],
)
def test_a_mark_without_its_partner_is_left_out_or_completed(text: str, before: str, after: str) -> None:
    start = text.index(before)
    found = without_lone_marks(text, (start, start + len(before)), find_quotes(text, 0, len(text)))
    assert text[slice(*found)] == after
