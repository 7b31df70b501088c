"""Chains of sources: shares of pairs of people, against a recount pair by pair."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from claims.statistics.chains import ChainShares, chain_shares
from claims.values.hops import chain_key, hop_key, hops_in

MINISTRY_RUDAW = ("ministry", "rudaw")


def test_it_works() -> None:
    """The last source is the outermost one: nearest to the article's own words."""
    assert chain_shares([MINISTRY_RUDAW, MINISTRY_RUDAW]) == ChainShares(1, 1)
    assert chain_shares([MINISTRY_RUDAW, ("rudaw",)]) == ChainShares(0, 1)
    assert chain_shares([MINISTRY_RUDAW, ("ministry",)]) == ChainShares(0, 0)
    assert chain_shares([MINISTRY_RUDAW, MINISTRY_RUDAW[::-1]]) == ChainShares(0, 0)


def test_the_authors_own_voice_is_alike_to_itself_alone() -> None:
    assert chain_shares([(), ("rudaw",), ()]) == ChainShares(pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert chain_shares([("rudaw",)]) is None
    assert chain_shares([]) is None


def test_shares_are_those_of_a_recount() -> None:
    random = np.random.default_rng(8)
    names = list("abc")
    for _ in range(300):
        chains = [
            [names[k] for k in random.integers(0, 3, random.integers(1, 4))] for _ in range(random.integers(2, 7))
        ]
        pairs = list(combinations(chains, 2))
        found = chain_shares(chains)
        assert found is not None
        assert found.exact == pytest.approx(sum(one == other for one, other in pairs) / len(pairs))
        assert found.outermost == pytest.approx(sum(one[-1] == other[-1] for one, other in pairs) / len(pairs))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The Ministry of Defence", "ministry of  defence.", True),
        ("“Die Welt”", "WELT", True),
        ("(the) Rudaw", "Rudaw", False),
        ("Straße", "STRASSE", True),
        ("Cafe\u0301", "Café", True),
        ("A", "a.", True),
        ("The", "the", True),
        ("…", "...", False),
        ("U.S. officials", "US officials", False),
    ],
)
def test_names_are_compared_without_case_article_and_punctuation_at_the_ends(
    one: str, other: str, *, same: bool
) -> None:
    assert (hop_key(one) == hop_key(other)) is same
    assert hop_key(one)


def test_lines_are_sources_in_their_order() -> None:
    assert hops_in(" The ministry \r\n\r\n  Rudaw\n") == ["The ministry", "Rudaw"]
    assert chain_key(hops_in("The ministry\nRudaw")) == MINISTRY_RUDAW
