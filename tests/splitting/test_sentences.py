"""Sentence boundaries. The sentences are ours; the rules they test are those of each language's orthography."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.splitting.splitters.sentences import segment


def sentences(text: str, language: str = "en") -> list[str]:
    return [text[start:end] for start, end in segment(text, language)]


def test_it_works() -> None:
    assert sentences("The Tidal Post closed. Nobody knew why.") == ["The Tidal Post closed.", "Nobody knew why."]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Gen. Orla Finn met Sen. J.B. Moss on Tues. morning."),
        ("en", "TidalPost.Net - The bridge stays shut."),
        ("en", "The firm owes 3 pct. more than in Q2... and will not pay."),
        ("de", "Am 3. Mai kamen rd. 40 Gäste, u. a. aus Bonn."),
        ("fr", "M. Duval a signé le 2 févr. 2021 à Tormo."),
        ("es", "El Sr. Vela firmó el 5 ene. 2021 en Tormo."),
        ("it", "Il dott. Neri ha speso 2 mln. di euro."),
        ("pl", "Prof. Lis podpisał umowę z 4 maja 2021 r. w Tormo, która jest ważna."),
        ("ru", "Договор подписан 4 янв. 2021 г. в г. Тормо."),
        ("uk", "Угоду підписано 4 січ. 2021 р. у м. Тормо."),
        ("tr", "Sözleşme 4. maddeye göre geçerli."),
        ("ar", "وقال د. سالم إن الجسر مغلق."),
    ],
)
def test_no_boundary_is_made_at_abbreviations_dates_and_ordinals(language: str, text: str) -> None:
    assert sentences(text, language) == [text]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["She lives in the U.S.", "It is far away."]),
        ("en", ["“We knew nothing,” she told the Tidal Post.", "“Nobody called.”"]),
        ("en", ["1. Close the bridge.", "2. Open the ferry."]),
        ("en", ["The valve failed twice (type 2).4", "The pump held."]),
        ("de", ["Das Gesetz gilt seit 2021.", "Am 3. Mai wird es geändert."]),
        ("ru", ["Мост открыли в 2021 г.", "Он закрыт с мая."]),
        ("el", ["Η γέφυρα έκλεισε.", "Κανείς δεν ήξερε γιατί."]),
    ],
)
def test_boundaries(language: str, expected: list[str]) -> None:
    assert sentences(" ".join(expected), language) == expected


def test_scripts_without_blanks() -> None:
    assert sentences("大桥关闭了。没有人知道原因。", "zh") == ["大桥关闭了。", "没有人知道原因。"]


def test_every_line_starts_a_sentence() -> None:
    assert sentences("Bridge shut\nThe ferry runs\n\nuntil May.") == ["Bridge shut", "The ferry runs", "until May."]


def test_no_break_spaces_are_read_as_blanks_and_kept() -> None:
    text = "Mr.\u00a0Moss left.\u00a0Nobody\u00a0knew."
    assert sentences(text) == ["Mr.\u00a0Moss left.", "Nobody\u00a0knew."]


@given(st.text(max_size=300), st.sampled_from(["en", "de", "zh", "ar", "tr", "xx"]))
def test_spans_are_exact_ordered_and_trimmed_on_any_text(text: str, language: str) -> None:
    end = 0
    for start, stop in segment(text, language):
        assert end <= start < stop <= len(text)
        assert text[start:stop] == text[start:stop].strip()
        end = stop


@given(
    st.lists(
        st.sampled_from(["A bird. ", "😀 ", "é", "e\u0301 ", "“Yes,” ", "\u202eשלום. ", "\n", "U.S. "]), max_size=30
    )
)
def test_nothing_but_white_space_is_left_out(parts: list[str]) -> None:
    text = "".join(parts)
    kept = "".join(text[start:end] for start, end in segment(text, "en"))
    assert "".join(kept.split()) == "".join(text.split())


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["word ", "a", "“", '" ', "A. ", "1. a 2. b ", "U.S. The ", "(", "He said “no. "])
def test_a_line_of_a_million_characters_ends(unit: str) -> None:
    text = (unit * (1_000_000 // len(unit)))[:1_000_000]
    began = time.perf_counter()
    segment(text, "en")
    assert time.perf_counter() - began < 15
