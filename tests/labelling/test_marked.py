"""Marked places: exact code points whatever the script, found by words, stored with the text they count in."""

from __future__ import annotations

from typing import Any

import pytest

from claims.assignment.actions import draw_next
from claims.errors import Refused
from claims.labelling.codebook import check_answers, spec_from_document
from claims.labelling.marked import place_spans
from claims.models import Label, Project, Round, TextVersion, Unit
from tests.factories import label, make_article, make_claim, make_codebook, make_project, make_round, reviewer

TEXT = "Bridge 🌉 news\nThe regime\u00a0fell, שלום the regime said 🙂🙂."
CHOICES = [{"code": "loud", "label": "Loud"}, {"code": "soft", "label": "Soft"}]
QUESTION = {"code": "words", "title": "Words?", "kind": "span", "unit": "claim_occurrence", "choices": CHOICES}
SPEC = spec_from_document({"id": "s", "title": "S", "questions": [QUESTION]})


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ({"quote": "regime"}, "regime"),
        ({"quote": "regime", "nth": 2}, "regime"),
        ({"quote": "🙂🙂"}, "🙂🙂"),
        ({"quote": "regime\u00a0fell"}, "regime\u00a0fell"),
        ({"quote": "שלום"}, "שלום"),
        ({"start": 7, "end": 8}, "🌉"),
    ],
)
def test_places_are_code_points(span: dict[str, Any], words: str) -> None:
    placed, problems = place_spans(SPEC.questions[0], [span | {"choice": "loud"}], TEXT, 5)
    assert not problems
    assert TEXT[placed[0]["start"] : placed[0]["end"]] == words
    assert placed[0]["text"] == 5


def test_places_are_kept_in_order_once_and_may_overlap() -> None:
    spans = [
        {"start": 9, "end": 20},
        {"start": 3, "end": 12},
        {"start": 3, "end": 12, "text": 5},
        {"start": 3, "end": 9},
    ]
    placed, problems = place_spans(SPEC.questions[0], spans, TEXT, 5)
    assert not problems
    assert [(span["start"], span["end"]) for span in placed] == [(3, 9), (3, 12), (9, 20)]


@pytest.mark.parametrize(
    ("span", "code"),
    [
        ({"quote": "republic"}, "words_not_found"),
        ({"quote": "regime", "nth": 3}, "words_not_found"),
        ({"quote": "regime fell"}, "words_not_found"),  # a plain space is no no-break space
        ({"quote": "", "nth": 1}, "words_not_found"),
        ({"quote": "regime", "nth": 0}, "words_not_found"),
        ({"start": 0, "end": len(TEXT) + 1}, "outside_the_text"),
        ({"start": 0, "end": 3, "text": 4}, "text_changed"),
    ],
)
def test_places_that_are_not_there_are_refused(span: dict[str, Any], code: str) -> None:
    _, problems = place_spans(SPEC.questions[0], [span], TEXT, 5)
    assert [problem.code for problem in problems] == [code]


@pytest.mark.parametrize("span", [7, "x", {"start": 3}, {"start": 5, "end": 5}, {"start": -1, "end": 2}, {"from": 1}])
def test_what_is_no_span_reaches_the_check(span: Any) -> None:
    placed, _ = place_spans(SPEC.questions[0], [span], TEXT, 5)
    assert [problem.code for problem in check_answers(SPEC, {"words": placed})] == ["invalid_answer"]


def test_nothing_to_mark_is_an_answer_and_no_answer_is_none() -> None:
    assert check_answers(SPEC, {"words": []}) == []
    assert [problem.code for problem in check_answers(SPEC, {})] == ["required"]
    assert check_answers(SPEC, {"words": {"missing": "cannot_judge"}}) == []


@pytest.fixture
def round_(db: None) -> Round:
    project: Project = make_project(alice="reviewer", bob="reviewer")
    make_claim(make_article(project, TEXT), "The regime\u00a0fell")
    return make_round(project, codebook=make_codebook(project, "bias"))


def take(round_: Round) -> Unit:
    drawn = draw_next(round_, reviewer(round_.project, "alice"))
    assert drawn is not None
    return drawn.unit


def test_marks_are_stored_with_the_text_they_count_in(round_: Round) -> None:
    marks = [{"quote": "regime", "choice": "lexical_negative"}]
    label(round_, take(round_), reviewer(round_.project, "alice"), sentence_bias="biased", bias_span=marks)
    stored = Label.objects.get(question="bias_span").value
    start = TEXT.index("regime")
    text = TextVersion.objects.get().pk
    assert stored == [{"start": start, "end": start + 6, "choice": "lexical_negative", "text": text}]


def test_no_marks_are_stored_as_an_empty_list(round_: Round) -> None:
    label(round_, take(round_), reviewer(round_.project, "alice"), sentence_bias="biased", bias_span=[])
    assert Label.objects.get(question="bias_span").value == []


def test_a_mark_outside_the_text_stores_nothing(round_: Round) -> None:
    marks = [{"start": 0, "end": 9_999, "choice": "lexical_negative"}]
    with pytest.raises(Refused, match="ends at 9999"):
        label(round_, take(round_), reviewer(round_.project, "alice"), sentence_bias="biased", bias_span=marks)
    assert not Label.objects.exists()
