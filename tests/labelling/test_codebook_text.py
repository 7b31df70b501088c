"""Codebooks written as TOML and JSON and read again, and taken from a table that was pasted."""

from __future__ import annotations

import json

import pytest

from claims.errors import Refused
from claims.labelling.codebook import PRESETS, load_preset, spec_from_document, spec_from_toml
from claims.labelling.codebook_text import document_from_table, to_json, to_toml
from claims.models.formula import CRITERIA

# The questions of the project's draft codebook; a hop of the chain is asked as three questions here, and each of the
# criteria of an outlet as one, with where and when that is seen.
DRAFT = (
    *("segment_role", "genre", "verifiability", "factual_core", "claim_kind", "checkworthiness"),
    *("checkworthiness_reason", "attribution_presence", "source_kind", "quote_mode", "act", "article_stance"),
    *("target_stance", "evidence_relation", "evidence_answer_type", "evidence_medium", "evidence_source_kind"),
    *("evidence_independence", "evidence_strength", "verdict", "conflict_kind", "confidence", "bias_span"),
    *("sentence_bias", "claim_match", "outlet_bias", "outlet_alignment", "outlet_control", *CRITERIA),
    *(f"{criterion}_shown" for criterion in CRITERIA),
    "outlet_factuality",
)


@pytest.mark.parametrize("name", PRESETS)
def test_what_is_written_reads_as_the_same_codebook(name: str) -> None:
    spec = load_preset(name)
    assert spec_from_toml(to_toml(spec.document)).sha256 == spec.sha256
    assert spec_from_document(json.loads(to_json(spec.document))).sha256 == spec.sha256


def test_words_that_toml_could_trip_over_come_back() -> None:
    hard = 'A "quoted" \\ back\tslash\n# no comment 🙂 \u202bעברית\u202c\x7f'
    choices = [{"code": "a", "label": hard[:100]}, {"code": "b", "label": "B", "aliases": ["x = 1", "[[questions]]"]}]
    question = {"code": "q", "title": "Q", "help": hard, "kind": "nominal", "unit": "claim", "choices": choices}
    spec = spec_from_document({"id": "hard", "title": "Hard", "questions": [question]})
    assert spec_from_toml(to_toml(spec.document)) == spec


def test_the_full_codebook_holds_every_question_of_the_draft() -> None:
    assert set(DRAFT) <= {question.code for question in load_preset("full").questions}


@pytest.mark.parametrize("between", ["\t", ";", ","])
def test_a_pasted_table_becomes_a_codebook(between: str) -> None:
    rows = [
        ("question", "code", "definition", "example"),
        ("Which tone?", "Calm", "No stress", "“It rains.”"),
        ("", "Größer alarm!", "Stress", ""),
        ("Which side?", "Left", "", ""),
        ("", "Right", "", ""),
    ]
    spec = spec_from_document(document_from_table("\r\n".join(between.join(row) for row in rows), title="My tones"))
    assert spec.id == "my-tones"
    assert [(q.code, [c.code for c in q.choices]) for q in spec.questions] == [
        ("which_tone", ["calm", "grosser_alarm"]),
        ("which_side", ["left", "right"]),
    ]
    assert spec.questions[0].choices[0].definition == "No stress"
    assert [choice.key for choice in spec.questions[0].choices] == ["1", "2"]


@pytest.mark.parametrize("pasted", ["", "\n\n", "question\tcode\n", "\tCalm\tno question above\n", "Only a question\n"])
def test_a_table_that_cannot_be_read_says_where(pasted: str) -> None:
    with pytest.raises(Refused) as caught:
        document_from_table(pasted, title="T")
    assert caught.value.code == "invalid_table"
    assert caught.value.problems
