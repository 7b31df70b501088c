"""The default splitter as a whole: roles, offsets on any text, bounded time, and its figures on the gold articles."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.splitting.splitters import DEFAULT_SPLITTER, MOST_CLAIMS, SPLITTERS, Block, SplitClaim
from claims.splitting.splitters.lexicon import languages
from claims.splitting.splitters.view import matching_view

SHARED = Path(__file__).parents[3] / "shared" / "data"
# What the gold's kinds of sentence are in our words; the rest carries no claims.
GOLD_ROLES = {"body": "body", "blockquote": "body", "lead_in": "body", "ellipsis": "body", "caption": "caption"}
PARTS = [
    *(
        "The dam failed",
        " in 1961",
        ". ",
        ", ",
        "“",
        "”",
        "‘",
        "’",
        '"',
        "'",
        "«",
        "»",
        "\n",
        "\u00a0",
        "😀",
        "e\u0301",
    ),
    *(
        " said ",
        " that ",
        " and ",
        "Orin Vale",
        " according to ",
        "שלום",
        "قال",
        "大桥",
        " — ",
        "(",
        ")",
        "?",
        ":",
        "…",
        "which ",
    ),
]


def split(text: str, language: str = "en", role: str = "body") -> list[SplitClaim]:
    return SPLITTERS[DEFAULT_SPLITTER](text, language, [Block(0, len(text), role)])


def check_spans(text: str, claims: list[SplitClaim]) -> None:
    for claim in claims:
        assert claim.pieces
        end = 0
        for start, stop in claim.pieces:
            assert end <= start < stop <= len(text)
            end = stop
        assert 0 <= claim.checkworthiness <= 1
        for start, stop in claim.hedges:
            assert 0 <= start < stop <= len(text)
        for hop in claim.hops:
            assert hop.source_text == (text[slice(*hop.source_span)] if hop.source_span else "")
            assert hop.cue_text == (text[slice(*hop.cue_span)] if hop.cue_span else "")


def test_it_works() -> None:
    text = "The dam failed in 1961. Nobody was hurt, the Tidal Post reported."
    assert [text[slice(*claim.pieces[0])] for claim in split(text)] == ["The dam failed in 1961", "Nobody was hurt"]


@pytest.mark.parametrize(
    ("role", "count"),
    [
        ("headline", 1),
        ("subheadline", 1),
        ("body", 1),
        ("caption", 1),
        ("byline_dateline", 0),
        ("related_links", 0),
        ("boilerplate", 0),
        ("duplicate_or_translation", 0),
    ],
)
def test_only_some_blocks_carry_claims(role: str, count: int) -> None:
    claims = split("The dam failed in 1961.", role=role)
    assert [claim.role for claim in claims] == [role] * count


@given(st.lists(st.sampled_from(PARTS), max_size=40), st.sampled_from(["en", *languages()]))
def test_offsets_are_exact_on_texts_full_of_marks_and_cues(parts: list[str], language: str) -> None:
    text = "".join(parts)
    check_spans(text, split(text, language))


@given(st.text(max_size=200), st.sampled_from(["en", "de", "fr", "tr", "zh", "ar", "xx"]))
def test_offsets_are_exact_on_any_text(text: str, language: str) -> None:
    check_spans(text, split(text, language))


@given(st.text(max_size=200))
def test_the_view_has_the_length_of_the_text(text: str) -> None:
    assert len(matching_view(text)) == len(text)


def test_a_sentence_too_long_for_the_rules_is_kept_whole() -> None:
    text = "He said that " + "the dam has cracks and " * 200 + "no gate."
    [claim] = split(text)
    assert claim.hops == ()


def test_a_sentence_with_too_many_joints_is_kept_whole() -> None:
    assert len(split("The dam was old and " * 35 + "grey.")) == 1


@pytest.mark.slow
def test_one_claim_too_many_comes_back_and_no_more() -> None:
    assert len(split("The dam is old.\n" * 30_000)) == MOST_CLAIMS + 1


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    "unit",
    [
        *(
            "word ",
            "a",
            "“",
            '" ',
            "he said ",
            "a, ",
            "A. ",
            "x said that and ",
            "He said “no. ",
            ", according to x",
            " '",
            "(",
        ),
        *(
            "The dam is old.\n",
            "“" + "a b " * 100 + "\n",
            "he said that, " * 200 + ". ",
            "he ’said that“, " * 180 + ". X ",
        ),
        *(
            "a was and b was " * 180 + ". ",
            "a was and b was " * 15 + ". ",
            "he said that, " * 12 + ". ",
            "who said, which was, " * 140 + ". ",
            "U.S. The ",
            "1. a 2. b ",
        ),
    ],
)
def test_a_million_characters_end_in_time(unit: str, language: str) -> None:
    text = (unit * (1_000_000 // len(unit) + 1))[:1_000_000]
    began = time.perf_counter()
    split(text, language)
    assert time.perf_counter() - began < 15


def overlap(a: tuple[int, int], b: tuple[int, int]) -> float:
    return max(0, min(a[1], b[1]) - max(a[0], b[0])) / (max(a[1], b[1]) - min(a[0], b[0]))


def f1(gold: list[tuple[int, int]], found: list[tuple[int, int]], least: float) -> tuple[int, int, int]:
    """Found, wrong and missing spans, each gold span matched once at an overlap (intersection over union)."""
    free = list(gold)
    hits = 0
    for span in found:
        match = next((one for one in free if overlap(span, one) >= least), None)
        if match is not None:
            free.remove(match)
            hits += 1
    return hits, len(found) - hits, len(free)


def gold_blocks(article: dict[str, Any], text: str) -> list[Block]:
    blocks: list[Block] = []
    for sentence in article["sentences"]:
        role = GOLD_ROLES.get(sentence["kind"], "boilerplate")
        if blocks and blocks[-1].role == role and "\n" not in text[blocks[-1].end : sentence["start"]]:
            blocks[-1] = Block(blocks[-1].start, sentence["end"], role)
        else:
            blocks.append(Block(sentence["start"], sentence["end"], role))
    return blocks


@pytest.mark.skipif(not SHARED.exists(), reason="the gold articles are not here")
def test_figures_on_the_gold_articles(capsys: pytest.CaptureFixture[str]) -> None:
    """Claim spans at an overlap of .9, cues at .5, sources at .8, as the gold's guideline counts them."""
    gold = json.loads((SHARED / "text" / "seeds-gold.json").read_text(encoding="utf-8"))
    totals = {"claim": [0, 0, 0], "cue": [0, 0, 0], "source": [0, 0, 0]}
    for article in gold["articles"]:
        text = (SHARED / "seeds" / article["file"]).read_bytes().decode("utf-8")
        found = SPLITTERS["rules"](text, "en", gold_blocks(article, text))
        check_spans(text, found)
        hops = [hop for claim in found for hop in claim.hops]
        layers = [layer for claim in article["claims"] for layer in claim["attribution"]]
        sides = {
            "claim": ([tuple(span) for claim in article["claims"] for span in claim["spans"]],
                      [piece for claim in found for piece in claim.pieces], 0.9),
            "cue": (sorted({tuple(layer["cue"]) for layer in layers if layer.get("cue")}),
                    sorted({hop.cue_span for hop in hops if hop.cue_span}), 0.5),
            "source": (sorted({tuple(layer["source"]) for layer in layers if layer.get("source")}),
                       sorted({hop.source_span for hop in hops if hop.source_span}), 0.8),
        }  # fmt: skip
        for name, (expected, given_spans, least) in sides.items():
            for n, count in enumerate(f1(expected, given_spans, least)):
                totals[name][n] += count
    scores = {name: 2 * hit / (2 * hit + wrong + missing) for name, (hit, wrong, missing) in totals.items()}
    with capsys.disabled():
        print("gold articles:", {name: round(score, 3) for name, score in scores.items()}, totals)
    assert scores["claim"] >= 0.85
    assert scores["cue"] >= 0.88
