from __future__ import annotations

import copy
import csv
import hashlib
import json
from typing import Any

import pytest

from claims.errors import Refused
from claims.labelling.codebook import (
    FOLDER,
    PRESETS,
    CodebookSpec,
    applicable_questions,
    check_answers,
    collapse,
    load_preset,
    spec_from_document,
    spec_from_toml,
)
from claims.labelling.codebook_faults import PAGE_KEYS

AVERITEC = {"supported", "refuted", "not_enough_evidence", "conflicting_or_cherrypicked"}
SUPPORTING = {"relation": "supports", "url": "https://harbour.example/minutes"}
REFUTING = {"relation": "refutes", "url": "https://harbour.example/minutes"}


def small(**changes: Any) -> dict[str, Any]:
    """A codebook document of one nominal and one dependent question, with changes to the first question."""
    first = {
        "code": "colour",
        "title": "Which colour?",
        "kind": "nominal",
        "unit": "claim",
        "choices": [{"code": "red", "label": "Red"}, {"code": "blue", "label": "Blue"}],
    }
    second = {"code": "why", "title": "Why?", "kind": "text", "unit": "claim", "ask_if": {"colour": ["red"]}}
    return {"id": "small", "title": "Small", "questions": [first | changes, second]}


def codes_of(document: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        spec_from_document(document)
    assert caught.value.code == "invalid_codebook"
    assert all(problem.sentence.endswith(".") for problem in caught.value.problems)
    return [problem.code for problem in caught.value.problems]


def faults(
    spec: CodebookSpec, answers: dict[str, Any], *evidence: dict[str, str], **notes: str
) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in check_answers(spec, answers, list(evidence), notes)]


def test_it_works() -> None:
    spec = load_preset("main")
    answers = {"stance": "reports", "verdict": "refuted", "sentence_bias": "not_biased"}
    assert check_answers(spec, answers, [REFUTING]) == []


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_valid_and_teach(name: str) -> None:
    spec = load_preset(name)
    assert spec.id == name
    assert name == "full" or len({question.unit for question in spec.questions}) == 1, "one round asks it all"
    for question in spec.questions:
        assert question.title
        keys = [choice.key for choice in question.choices]
        assert all(keys)
        assert not set(keys) & PAGE_KEYS
        bare = [choice.code for choice in question.choices if not choice.definition]
        assert not bare or question.code == "outlet_bias"


@pytest.mark.parametrize("name", ["main", "desk", "stance", "factcheck", "bias", "attribution", "triage"])
def test_every_choice_has_an_example_and_what_is_not_one(name: str) -> None:
    """How sure one is has no example in a text; its steps are defined by what their reader would do."""
    asked = [question for question in load_preset(name).questions if question.code != "confidence"]
    bare = [
        (one.code, choice.code)
        for one in asked
        for choice in one.choices
        if not (choice.example and choice.counterexample)
    ]
    assert bare == []


def test_every_shipped_file_is_a_preset() -> None:
    assert {path.name for path in FOLDER.glob("*.toml")} == {path.name for path in PRESETS.values()}


@pytest.mark.parametrize("name", ["main", "factcheck", "desk", "full"])
def test_verdict_collapses_to_the_labels_of_averitec(name: str) -> None:
    # Schlichtkrull, Guo and Vlachos 2023: Supported, Refuted, Not Enough Evidence, Conflicting Evidence/Cherrypicking
    verdict = load_preset(name).question("verdict")
    assert verdict is not None
    assert {collapse(verdict, choice.code) for choice in verdict.choices} == AVERITEC
    assert collapse(verdict, "cherry_picked") == collapse(verdict, "conflicting") == "conflicting_or_cherrypicked"


def test_stance_of_a_doubt_collapses_into_reports() -> None:
    stance = load_preset("stance").question("stance")
    assert stance is not None
    assert [collapse(stance, choice.code) for choice in stance.choices] == [
        "supports",
        "refutes",
        "reports",
        "reports",
        "unrelated",
    ]


def test_sets_and_numbers_collapse_too() -> None:
    source_kind = load_preset("attribution").question("source_kind")
    assert source_kind is not None
    assert collapse(source_kind, ["named_person", "document", "unnamed_group"]) == ["named", "unnamed"]
    assert collapse(source_kind, 7) == 7


@pytest.mark.parametrize(
    ("written", "code"),
    [("agree", "supports"), (" Discuss ", "reports"), ("SUPPORTS", "supports"), ("Refutes", "refutes"), ("gone", None)],
)
def test_choices_are_found_by_the_words_of_other_datasets(written: str, code: str | None) -> None:
    stance = load_preset("stance").question("stance")
    assert stance is not None
    found = stance.find_choice(written)
    assert (found.code if found else None) == code


def test_hash_is_of_the_canonical_json_and_survives_storage() -> None:
    spec = load_preset("factcheck")
    written = json.dumps(spec.document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert spec.sha256 == hashlib.sha256(written).hexdigest()
    again = spec_from_document(json.loads(json.dumps(spec.document)))
    assert again == spec
    assert again.sha256 == spec.sha256


def test_spelling_out_a_default_changes_nothing_and_a_definition_does() -> None:
    plain = spec_from_document(small())
    assert spec_from_document(small(required=True, level="nominal", help="")).sha256 == plain.sha256
    changed = copy.deepcopy(small())
    changed["questions"][0]["choices"][0]["definition"] = "Like a buoy."
    assert spec_from_document(changed).sha256 != plain.sha256


TWO = [{"code": "red", "label": "Red"}, {"code": "blue", "label": "Blue"}]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "Farbe"}, "invalid_code"),
        ({"code": "colóur"}, "invalid_code"),
        ({"code": ""}, "missing_field"),
        ({"code": ["colour"]}, "invalid_value"),
        ({"code": "why"}, "code_used_twice"),
        ({"kind": "guess"}, "unknown_kind"),
        ({"unit": "paragraph"}, "unknown_unit"),
        ({"level": "ordinal"}, "level_does_not_fit"),
        ({"choices": TWO[:1]}, "too_few_choices"),
        ({"kind": "text"}, "choices_not_used"),
        ({"kind": "chain"}, "choices_not_used"),
        ({"kind": "interval", "minimum": 3, "maximum": 3}, "empty_range"),
        ({"required": "yes"}, "invalid_value"),
        ({"minimum": True}, "invalid_value"),
        ({"colour": "red"}, "unknown_field"),
        ({"key": "n"}, "key_is_taken"),
        ({"title": "x" * 201}, "too_long"),
        ({"ask_if": {"why": ["red"]}}, "condition_not_earlier"),
        ({"ask_if": {"colour": ["red"]}}, "condition_not_earlier"),
        ({"choices": [TWO[0], TWO[0]]}, "code_used_twice"),
        ({"choices": [TWO[0], {"code": "Blue", "label": "Blue"}]}, "invalid_code"),
        ({"choices": [TWO[0], {"code": "blue"}]}, "missing_field"),
        ({"choices": [TWO[0], "blue"]}, "invalid_value"),
        ({"choices": [*TWO, {"code": "not_applicable", "label": "None"}]}, "missing_is_not_a_choice"),
        ({"choices": [TWO[0] | {"key": "1"}, TWO[1] | {"key": "1"}]}, "key_used_twice"),
        ({"choices": [TWO[0], TWO[1] | {"key": "0"}]}, "key_is_taken"),
        ({"choices": [TWO[0], TWO[1] | {"aliases": ["RED"]}]}, "name_used_twice"),
        ({"choices": [TWO[0], TWO[1] | {"aliases": [7]}]}, "invalid_value"),
        ({"choices": [TWO[0], TWO[1] | {"needs_evidence": ["proves"]}]}, "unknown_relation"),
        ({"choices": [TWO[0], TWO[1] | {"collapsed_to": "Dark"}]}, "invalid_code"),
        ({"choices": [{"code": "green", "label": "Green"}, TWO[1]]}, "condition_unknown_code"),
    ],
)
def test_faulty_codebooks_are_refused(changes: dict[str, Any], code: str) -> None:
    assert code in codes_of(small(**changes))


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({}, "missing_field"),
        ({"id": "x", "title": "X", "questions": []}, "no_questions"),
        ({"id": "x", "title": "X", "questions": "all"}, "invalid_value"),
        ({"id": "A B", "title": "X", "questions": [{}]}, "invalid_code"),
        ({"id": "x", "title": "X", "questions": [7]}, "invalid_value"),
        ([], "invalid_value"),
    ],
)
def test_what_is_no_codebook_is_refused(document: Any, code: str) -> None:
    assert code in codes_of(document)


def test_ranks_that_collapse_across_each_other_are_refused() -> None:
    choices = [{"code": c, "label": c, "collapsed_to": to} for c, to in (("low", "odd"), ("mid", ""), ("high", "odd"))]
    assert codes_of(small(kind="ordinal", choices=choices, code="rank"))[0] == "collapse_breaks_order"


def test_broken_toml_names_the_place() -> None:
    with pytest.raises(Refused, match="line 2") as caught:
        spec_from_toml('id = "x"\n[[questions]\n')
    assert caught.value.code == "invalid_toml"


def test_questions_open_one_after_another() -> None:
    spec = load_preset("factcheck")

    def reached(**answers: Any) -> list[str]:
        return [question.code for question in applicable_questions(spec, answers)]

    assert reached() == ["verifiability"]
    assert reached(verifiability="not_verifiable") == ["verifiability"]
    assert reached(verifiability={"missing": "cannot_judge"}) == ["verifiability"]
    assert "factual_core" in reached(verifiability="partly_verifiable")
    assert reached(verifiability="verifiable", verdict="cherry_picked")[-2:] == ["conflict_kind", "justification"]
    # a stale answer to a closed question opens nothing behind it
    assert reached(verifiability="not_verifiable", verdict="cherry_picked") == ["verifiability"]


def test_a_set_opens_what_any_of_its_choices_opens() -> None:
    document = small(kind="set")
    spec = spec_from_document(document)
    assert len(applicable_questions(spec, {"colour": ["blue", "red"]})) == 2
    assert len(applicable_questions(spec, {"colour": ["blue"]})) == 1


def test_a_round_that_asks_a_part_asks_it_whatever_the_rest() -> None:
    spec = load_preset("factcheck")
    verdict_only = spec.with_questions(tuple(q for q in spec.questions if q.code == "verdict"))
    assert [q.code for q in applicable_questions(verdict_only, {})] == ["verdict"]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"stance": "reports"}, [("sentence_bias", "required")]),
        ({"stance": "maybe", "sentence_bias": "biased"}, [("stance", "unknown_choice")]),
        ({"stance": "cannot_judge", "sentence_bias": "biased"}, [("stance", "missing_is_not_a_choice")]),
        ({"stance": {"missing": "bored"}, "sentence_bias": "biased"}, [("stance", "unknown_missing_reason")]),
        (
            {"stance": {"missing": "cannot_judge", "value": "reports"}, "sentence_bias": "biased"},
            [("stance", "unknown_missing_reason")],
        ),
        ({"stance": ["reports"], "sentence_bias": "biased"}, [("stance", "invalid_answer")]),
        ({"stance": 4, "sentence_bias": "biased"}, [("stance", "invalid_answer")]),
        ({"stance": "reports", "sentence_bias": "biased", "mood": "good"}, [("mood", "unknown_question")]),
        ({"stance": "reports", "sentence_bias": "biased", "search_note": "x"}, [("search_note", "not_asked")]),
        ({"stance": {"missing": "not_applicable"}, "sentence_bias": {"missing": "conflict_of_interest"}}, []),
        ({"stance": "reports", "sentence_bias": "biased", "evidence": "a"}, [("evidence", "invalid_answer")]),
    ],
)
def test_answers_are_checked(answers: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert faults(load_preset("main"), answers) == expected


RIGHT = {"stance": "reports", "sentence_bias": "not_biased"}


@pytest.mark.parametrize(
    ("verdict", "evidence", "expected"),
    [
        ("supported", [], [("verdict", "evidence_missing")]),
        ("supported", [REFUTING], [("verdict", "evidence_missing")]),
        ("supported", [SUPPORTING], []),
        ("refuted", [SUPPORTING], [("verdict", "evidence_missing")]),
        ("refuted", [SUPPORTING, REFUTING], []),
        ("not_enough_evidence", [], [("search_note", "required")]),
        ("cherry_picked", [], []),
        ({"missing": "cannot_judge"}, [], []),
    ],
)
def test_a_verdict_rests_on_evidence(verdict: Any, evidence: list[dict[str, str]], expected: list[Any]) -> None:
    assert faults(load_preset("main"), RIGHT | {"verdict": verdict}, *evidence) == expected


def test_not_enough_evidence_wants_the_search() -> None:
    spec, answers = load_preset("main"), RIGHT | {"verdict": "not_enough_evidence"}
    assert faults(spec, answers, search_note="“pier closed”, council minutes, 4 May") == []
    assert faults(spec, answers, search_note="  ") == [("search_note", "required")]


def test_notes_go_where_text_is_asked() -> None:
    spec = load_preset("main")
    assert faults(spec, RIGHT, note="Read twice.") == []
    assert faults(spec, RIGHT, stance="because") == [("stance", "text_not_taken")]
    assert faults(spec, RIGHT, mood="good") == [("mood", "unknown_question")]


def test_evidence_is_refused_where_none_is_asked() -> None:
    assert faults(load_preset("stance"), {"stance": "reports"}, SUPPORTING) == [("evidence", "not_asked")]


@pytest.mark.parametrize(
    ("question", "answer", "code"),
    [
        ({"kind": "set"}, ["red", "blue"], None),
        ({"kind": "set"}, ["red", "red"], "choice_given_twice"),
        ({"kind": "set"}, "red", "invalid_answer"),
        ({"kind": "set"}, [], "required"),
        ({"kind": "set"}, [["red"]], "invalid_answer"),
        ({"kind": "interval", "choices": [], "minimum": 0, "maximum": 10}, 7.5, None),
        ({"kind": "interval", "choices": [], "minimum": 0, "maximum": 10}, 11, "out_of_range"),
        ({"kind": "interval", "choices": []}, float("nan"), "out_of_range"),
        ({"kind": "interval", "choices": []}, 10**400, "out_of_range"),
        ({"kind": "interval", "choices": []}, True, "invalid_answer"),
        ({"kind": "interval"}, "blue", None),
        ({"kind": "span", "choices": []}, [{"start": 0, "end": 4}, {"start": 2, "end": 9}], None),
        ({"kind": "span"}, [{"start": 0, "end": 4, "choice": "red"}], None),
        ({"kind": "span"}, [{"start": 0, "end": 4}], "invalid_answer"),
        ({"kind": "span", "choices": []}, [{"start": 4, "end": 4}], "invalid_answer"),
        ({"kind": "span", "choices": []}, [{"start": "0", "end": 4}], "invalid_answer"),
        ({"kind": "relation"}, "red", None),
        ({"kind": "chain", "choices": []}, ["The ministry", "Rudaw"], None),
        ({"kind": "chain", "choices": []}, ["x" * 200] * 8, None),
        ({"kind": "chain", "choices": []}, ["Rudaw"] * 9, "too_many_hops"),
        ({"kind": "chain", "choices": []}, ["Rudaw", "x" * 201], "hop_too_long"),
        ({"kind": "chain", "choices": []}, ["Rudaw", ""], "empty_hop"),
        ({"kind": "chain", "choices": []}, ["Rudaw", 7], "invalid_hop"),
        ({"kind": "chain", "choices": []}, "Rudaw", "invalid_answer"),
        ({"kind": "chain", "choices": []}, [], "required"),
        ({"kind": "chain", "choices": []}, {"missing": "cannot_judge"}, None),
    ],
)
def test_each_kind_of_question(question: dict[str, Any], answer: Any, code: str | None) -> None:
    document = small(**question)
    document["questions"] = document["questions"][:1]
    found = faults(spec_from_document(document), {"colour": answer})
    assert [fault for _, fault in found] == ([code] if code else [])


CROSSWALK = FOLDER.parents[2].parent / "shared" / "data" / "codebook" / "crosswalk.csv"


@pytest.mark.skipif(not CROSSWALK.exists(), reason="the crosswalk lies beside the checkout")
@pytest.mark.parametrize(
    ("preset", "question", "named"),
    [
        ("factcheck", "verdict", "verdict"),
        ("stance", "stance", "article_stance"),
        ("triage", "checkworthiness", "checkworthiness"),
        ("factcheck", "claim_kind", "claim_kind"),
    ],
)
def test_exact_words_of_other_schemes_are_understood(preset: str, question: str, named: str) -> None:
    asked = load_preset(preset).question(question)
    assert asked is not None
    with CROSSWALK.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["question"] == named and row["fidelity"] == "exact"]
    assert rows
    for row in rows:
        found = asked.find_choice(row["scheme_value"])
        assert found is not None, row
        assert row["our_value"] in (found.code, collapse(asked, found.code)), row
