"""Texts cut into runs: nothing lost, nothing twice, code points exact, overlaps kept (XS-17, INV-11)."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from claims.web.marking import Mark, Run, blocks_of, runs_of

TEXT = "A 🚢 ship sank, she said."


def test_it_works() -> None:
    assert runs_of(TEXT, 0, len(TEXT), [Mark(2, 8, "claim", 7)]) == [
        Run("A "),
        Run("🚢 ship", ("claim",), (7,), (7,)),
        Run(" sank, she said."),
    ]


def test_xs_17_overlapping_marks_with_markup_and_astral_characters() -> None:
    text = "<b>&amp;</b> 🚢🚢 end"
    marks = [Mark(0, 9, "claim", 1), Mark(3, 15, "claim", 2), Mark(13, 15, "source")]
    runs = runs_of(text, 0, len(text), marks)
    assert "".join(run.text for run in runs) == text
    assert [run.numbers for run in runs if run.numbers] == [(1,), (1, 2), (2,), (2,)]
    assert [run.starts for run in runs if run.starts] == [(1,), (2,)]
    assert [run.text for run in runs if "source" in run.kinds] == ["🚢🚢"]


def test_a_mark_over_two_blocks_is_a_jump_target_once() -> None:
    text = "one two\nthree four"
    blocks = blocks_of(text, [(0, 7, "body", "en"), (8, 18, "body", "en")], [Mark(4, 13, "focus", 5)])
    assert [[run.text for run in block.runs if run.kinds] for block in blocks] == [["two"], ["three"]]
    assert [run.starts for block in blocks for run in block.runs if run.kinds] == [(5,), ()]
    assert [block.is_near for block in blocks] == [True, True]


def test_a_text_without_segments_is_one_block() -> None:
    assert [block.role for block in blocks_of("plain", [], [])] == ["body"]


spans = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), max_size=12)


@given(st.text(min_size=1, max_size=50), spans)
def test_every_mark_shows_exactly_its_text(text: str, places: list[tuple[int, int]]) -> None:
    marks = [
        Mark(start, min(start + length, len(text)), "claim", number)
        for number, (start, length) in enumerate(places, 1)
        if start < len(text)
    ]
    runs = runs_of(text, 0, len(text), marks)
    assert "".join(run.text for run in runs) == text
    for mark in marks:
        assert "".join(run.text for run in runs if mark.number in run.numbers) == text[mark.start : mark.end]


def test_a_million_characters_with_twenty_thousand_claims_take_seconds_at_most() -> None:
    text = "A sentence of some fifty characters, as usual, ok.\n" * 20_000
    segments = [(n * 51, n * 51 + 50, "body", "en") for n in range(20_000)]
    marks = [Mark(start, end, "claim", n) for n, (start, end, _, _) in enumerate(segments, 1)]
    begin = time.perf_counter()
    assert len(blocks_of(text, segments, marks)) == 20_000
    assert time.perf_counter() - begin < 5
