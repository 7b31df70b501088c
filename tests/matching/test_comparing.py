"""Comparing claims: lists in, numbers out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claims.matching.comparing import Comparison, compare, same
from claims.matching.reading import sound_of
from claims.values import find_values

TEXTS = Path(__file__).parents[3] / "shared" / "data" / "text"


def kinds(left: str, right: str) -> set[str]:
    return {difference.kind for difference in compare(left, right).differences}


def test_it_works() -> None:
    left = "The ferry carried 900 cars on Monday"
    assert same(left, left) > 0.9
    assert compare(left, left).relation == "same"
    assert compare(left, "A painter sold two portraits in Tula").relation == "unrelated"


@pytest.mark.parametrize(
    ("left", "right", "kind", "relation"),
    [
        ("The ferry carried 900 cars", "The ferry carried 400 cars", "number", "conflicts_in_detail"),
        ("The ferry sank in May 2014", "The ferry sank in May 2016", "date", "conflicts_in_detail"),
        ("The ferry from Tula was late", "The ferry from Sandmouth was late", "name", "conflicts_in_detail"),
        ("The mayor knew of the leak", "The mayor never knew of the leak", "negation", "contradicts"),
        ("The court accepted the appeal", "The court rejected the appeal", "opposite", "contradicts"),
    ],
)
def test_each_difference_is_named_and_lowers_the_score(left: str, right: str, kind: str, relation: str) -> None:
    result = compare(left, right)
    assert kind in kinds(left, right)
    assert result.relation == relation
    assert result.score < same(left, left) * 0.8


def test_spans_of_differences_are_exact() -> None:
    left, right = "😀 The ferry carried 900 cars to Tula", "The ferry carried 400 cars to Tula"
    [difference] = compare(left, right).differences
    assert difference.left_span is not None
    assert difference.right_span is not None
    assert left[slice(*difference.left_span)] == difference.left == "900"
    assert right[slice(*difference.right_span)] == difference.right == "400"


def test_less_than_two_months_and_59_days_belong_together() -> None:
    left = "a missile ended up in the group’s hands less than two months after the Army purchased it"
    right = "a missile made its way to the group’s hands 59 days after the Army purchased it"
    assert kinds(left, right) == set()
    assert "number" in kinds(left, right.replace("59", "90"))


def test_a_claim_with_more_detail_is_the_more_specific_one() -> None:
    long, short = "The ferry from Tula carried 900 cars and 40 lorries on Monday", "The ferry from Tula carried cars"
    assert compare(long, short).relation == "more_specific"
    assert compare(short, long).relation == "more_general"


def test_visible_pairs_are_told_apart_better_than_by_words_alone() -> None:
    """21 English pairs, with these figures in view while the rules were made: BM25 has 0.36 on such pairs."""
    if not TEXTS.is_dir():
        pytest.skip("no shared data beside this checkout")
    gold = json.loads((TEXTS / "seeds-gold.json").read_text(encoding="utf-8"))["articles"]
    texts = {claim["id"]: claim["text"] for article in gold for claim in article["claims"]}
    pairs = json.loads((TEXTS / "visible.json").read_text(encoding="utf-8"))["match_pairs"]
    scores = [(same(texts[p["claim"]], p["text"]), p["label"] == "same") for p in pairs if p["lang"] == "en"]
    yes, no = [score for score, is_same in scores if is_same], [score for score, is_same in scores if not is_same]
    auc = sum((a > b) + 0.5 * (a == b) for a in yes for b in no) / (len(yes) * len(no))
    print(f"AUC same against near-miss: {auc:.3f}")
    assert auc >= 0.8


@pytest.mark.parametrize(("name", "least", "share"), [("pairs.txt", 0.93, 0.9), ("pairs_second.txt", 0.85, 0.72)])
def test_own_pairs_are_told_apart_and_their_relation_is_right(name: str, least: float, share: float) -> None:
    """48 own pairs and 24 written later. First run, before the rules were mended: AUC .15 of the first, .67 of the
    second. The second file, of names written otherwise, bodies, words for numbers and negation: .53, 34 of 55 relations
    right. What is said here of those is no longer unseen."""
    path = Path(__file__).with_name(name)
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line]
    found = [(compare(left, right), label == "same", kind) for label, kind, left, right in rows]
    for kind in sorted({kind for _, _, kind in found}):
        auc, right, of = quality([(result, is_same) for result, is_same, one in found if one == kind])
        print(f"{kind}: {right} of {of} relations right" + (f", AUC {auc:.3f}" if auc >= 0 else ""))
    auc, right, of = quality([(result, is_same) for result, is_same, _ in found])
    print(f"all: {right} of {of} relations right, AUC {auc:.3f}")
    assert auc >= least
    assert right >= of * share


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Erdoğan", "Erdogan"),
        ("Zelenskyy", "Selenskyj"),
        ("Tchaikovsky", "Chaikovsky"),
        ("Chernobyl", "Chornobyl"),
        ("Gaddafi", "Qaddafi"),
        ("NordStream", "Nord Stream"),
    ],
)
def test_a_name_is_known_however_it_is_written(one: str, other: str) -> None:
    assert sound_of(one) == sound_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Niger", "Nigeria"), ("Sudan", "Sweden"), ("Mali", "Malawi"), ("Austria", "Australia"), ("Slovakia", "Slovenia")],
)
def test_names_that_are_nearly_alike_are_two(one: str, other: str) -> None:
    left, right = f"The envoy of {one} left Tula on Monday", f"The envoy of {other} left Tula on Monday"
    assert kinds(left, right) == {"name"}
    assert compare(left, right).relation == "conflicts_in_detail"


def test_a_further_name_is_a_detail_and_a_name_in_the_place_of_another_is_not() -> None:
    left = "Halden Steel of Norland built the dam at Orby"
    assert kinds(left, "The dam at Orby was built by Halden Steel, a firm from Selm") == {"other_name"}
    assert kinds(left, "Halden Steel of Sudmark built the dam at Orby") == {"name"}


def quality(results: list[tuple[Comparison, bool]]) -> tuple[float, int, int]:
    """(AUC or -1, how many relations stand on the right side, how many pairs)."""
    yes = [result.score for result, is_same in results if is_same]
    no = [result.score for result, is_same in results if not is_same]
    wins = sum((a > b) + 0.5 * (a == b) for a in yes for b in no)
    right = sum(
        (result.relation in ("same", "more_specific", "more_general")) is is_same for result, is_same in results
    )
    return (wins / (len(yes) * len(no)) if yes and no else -1.0), right, len(results)


def test_what_its_speaker_denies_is_not_the_same_as_what_another_says() -> None:
    text = "the government had links with the smugglers"
    assert compare(text, text, denied=(True, True)).relation == "same"
    assert compare(text, text, denied=(True, False)).relation == "contradicts"


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("less than two months", "en", ("duration", "less", 2, 2, "month")),
        ("2 percent", "en", ("percent", "exact", 2, 2, "%")),
        ("three hundred and two ships", "en", ("number", "exact", 302, 302, "")),
        ("1.1 to 1.3 million tons", "en", ("quantity", "range", 1.1e6, 1.3e6, "tonne")),
        ("mehr als 1,5 Millionen Euro", "de", ("money", "more", 1.5e6, 1.5e6, "EUR")),
        ("1 234 567 euros", "fr", ("money", "exact", 1234567, 1234567, "EUR")),
        ("un 1,1 %", "es", ("percent", "exact", 1.1, 1.1, "%")),
    ],
)
def test_numbers_as_values(text: str, language: str, expected: tuple[object, ...]) -> None:
    [value] = find_values(text, language)
    assert (value.kind, value.limit, value.low, value.high, value.unit) == expected
    assert text[value.start : value.end] == value.text


@pytest.mark.parametrize(
    ("text", "language", "first", "last"),
    [
        ("yesterday", "en", "2017-12-14", "2017-12-14"),
        ("last month", "en", "2017-11-01", "2017-11-30"),
        ("three weeks ago", "en", "2017-11-24", "2017-11-24"),
        ("on 20 December", "en", "2017-12-20", "2017-12-20"),
        ("in June", "en", "2017-06-01", "2017-06-30"),
        ("am 3. Mai 2020", "de", "2020-05-03", "2020-05-03"),
        ("vor drei Tagen", "de", "2017-12-12", "2017-12-12"),
    ],
)
def test_dates_count_from_the_day_of_the_article(text: str, language: str, first: str, last: str) -> None:
    [value] = find_values(text, language, "2017-12-15")
    assert (value.first, value.last) == (first, last)
    assert value.text in text
