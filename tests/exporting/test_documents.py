"""Each document is read back by what reads it elsewhere: our importer, pyld, csv, zipfile and brat's own grammar."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from typing import Any

import pytest
from pyld import jsonld

from claims.adjudication.actions import settle_label
from claims.exporting import crosswalk
from claims.exporting.actions import verify_release
from claims.exporting.writers import DOCUMENTS
from claims.importing.datasets import DATASETS, Finding
from claims.importing.readers.record import ReadOptions
from claims.labelling.codebook import load_preset
from claims.models import AttributionHop, ClaimOccurrence, OccurrenceVersion, Project, Release, Round
from tests.exporting.test_actions import content, released, rows
from tests.factories import (
    label_next,
    make_article,
    make_claim,
    make_codebook,
    make_outlet,
    make_project,
    make_round,
    member,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db

TEXT = "Ölmarkt 🛢️: brücke zu\n\nInspectors found 14 broken bolts,\nthe Tidal Post reported.\tNobody was hurt."
QUOTE = "Inspectors found 14 broken bolts,\nthe Tidal Post reported"
URL = "https://tidal.example/bridge"
EVIDENCE = {"relation": "refutes", "url": "https://inspect.example/log", "quote": "Nine bolts", "question": "How many?"}
ALL = tuple(DOCUMENTS)


def judged(preset: str = "main", **answers: str) -> tuple[Project, Round]:
    """One claim of one article, labelled by Alice and Bob, settled by Chloe as Alice has it."""
    project = make_project(alice="reviewer", bob="reviewer", chloe="curator")
    article = make_article(project, TEXT, outlet=make_outlet(project), url=URL)
    claim = make_claim(article, QUOTE)
    start = TEXT.index("the Tidal Post")
    AttributionHop.objects.create(
        occurrence_version=OccurrenceVersion.objects.get(occurrence=claim),
        n=0,
        source_text="the Tidal Post",
        source_start=start,
        source_end=start + 14,
        cue_text="reported",
        cue_start=start + 15,
        cue_end=start + 23,
        mode="indirect",
    )
    round_ = make_round(project, codebook=make_codebook(project, preset), overlap=2)
    [(question, choice)] = answers.items()
    evidence = [EVIDENCE] if question == "verdict" else []
    other = "conflicting" if question == "verdict" else "unrelated"
    label_next(round_, reviewer(project, "alice"), evidence=evidence, **answers)
    label_next(round_, reviewer(project, "bob"), evidence=evidence, **{question: other})
    run_jobs()
    settle_label(
        round_,
        round_.round_units.get().unit,
        question,
        expected_revision=0,
        outcome="answer",
        value=choice,
        method="expert",
        rationale="The log says nine.",
        by=member(project, "chloe"),
    )
    return project, round_


def findings(release: Release, name: str, dataset: str) -> list[Finding]:
    """Read a file of the release as an import would; nothing in it may be refused."""
    found = list(DATASETS[dataset].read(io.BytesIO(content(release, name)), ReadOptions()))
    assert all(isinstance(one, Finding) for one in found), found
    return [one for one in found if isinstance(one, Finding)]


def test_averitec_liar_and_claimreview_are_read_back() -> None:
    project, _ = judged(verdict="refuted")
    release = released(project, formats=("averitec", "liar", "claimreview"))
    for name, dataset, label in (
        ("averitec.json", "averitec", "Refuted"),
        ("liar.tsv", "liar", "false"),
        ("claimreview.jsonld", "claimreview", "Refuted"),
    ):
        [found] = findings(release, name, dataset)
        assert " ".join(found.text.split()) == " ".join(QUOTE.split())
        assert [verdict.label for verdict in found.verdicts] == [label]
        assert found.speaker == "the Tidal Post"
    [claim] = json.loads(content(release, "averitec.json"))
    assert claim["original_claim_url"] == URL
    assert claim["justification"] == "The log says nine."
    assert claim["questions"][0]["question"] == "How many?"
    assert claim["questions"][0]["answers"][0]["answer"] == "Nine bolts"
    assert release.manifest is not None
    assert release.manifest["documents"]["liar"] == {"liar.tsv": {"records": 1, "rows": 1}}


def test_fever_has_its_three_words_and_sets_of_evidence() -> None:
    project, _ = judged(verdict="refuted")
    [entry] = [json.loads(line) for line in content(released(project, formats=["fever"]), "fever.jsonl").splitlines()]
    assert (entry["verifiable"], entry["label"], entry["claim"]) == ("VERIFIABLE", "REFUTES", QUOTE)
    [[_, evidence, page, sentence]], _ = entry["evidence"]  # one set a reviewer
    assert (page, sentence) == ("https://inspect.example/log", None)
    assert isinstance(evidence, int)


def test_what_is_not_settled_is_in_no_document_of_verdicts() -> None:
    project, round_ = judged(verdict="refuted")
    settle_label(
        round_,
        round_.round_units.get().unit,
        "verdict",
        expected_revision=1,
        outcome="no_agreement",
        method="expert",
        by=member(project, "chloe"),
    )
    release = released(project, formats=("averitec", "fever", "liar", "claimreview", "lewidi"))
    assert json.loads(content(release, "averitec.json")) == []
    assert content(release, "fever.jsonl") == content(release, "liar.tsv") == b""
    assert json.loads(content(release, "claimreview.jsonld"))["@graph"] == []
    entries = json.loads(content(release, "lewidi.json"))
    assert {entry["other_info"]["outcome"] for entry in entries.values()} == {None, "no_agreement"}


def test_fnc_1_joins_stances_to_bodies() -> None:
    project, _ = judged("stance", stance="questions")
    release = released(project, formats=["fnc1"])
    stances, bodies = (
        list(csv.DictReader(io.StringIO(content(release, f"fnc1_{name}.csv").decode(), newline="")))
        for name in ("stances", "bodies")
    )
    [stance], [body] = stances, bodies
    assert (stance["Headline"], stance["Stance"]) == (QUOTE, "discuss")
    assert stance["Body ID"] == body["Body ID"]
    assert body["articleBody"] == TEXT


def test_lewidi_shares_out_the_choices() -> None:
    project, round_ = judged("stance", stance="supports")
    release = released(project, formats=("lewidi", "jsonl"))
    entries = json.loads(content(release, "lewidi.json"))
    entry = entries[f"{round_.pk}-{round_.round_units.get().unit_id}-stance"]
    assert entry["soft_label"] == {"supports": 0.5, "unrelated": 0.5}
    assert sorted(entry["annotations"].values()) == ["supports", "unrelated"]
    assert set(entry["annotators"].split(",")) == set(entry["annotations"])
    people = {row["reviewer"] for row in rows(release, "labels")}
    assert set(json.loads(content(release, "lewidi_annotators_meta.json"))) == people


def test_lewidi_and_label_studio_hold_the_labels_of_the_tables() -> None:
    project, _ = judged(verdict="refuted")
    release = released(project, formats=("lewidi", "label_studio", "jsonl"))
    choices = {
        (row["unit"], row["question"], row["reviewer"], row["value"])
        for row in rows(release, "labels")
        if isinstance(row["value"], str)
    }
    entries = json.loads(content(release, "lewidi.json")).values()
    assert choices == {
        (entry["other_info"]["unit"], entry["annotation task"], who, value)
        for entry in entries
        for who, value in entry["annotations"].items()
    }
    found = findings(release, "label_studio.json", "label_studio")
    assert {(who, question, value) for _, question, who, value in choices} <= {
        (one.annotator, question, value) for one in found for question, value in one.labels.items()
    }


def test_json_ld_expands_to_the_words_of_its_vocabulary() -> None:
    project, _ = judged(verdict="refuted")
    release = released(project, formats=("claimreview", "web_annotation"))
    [review] = expanded(release, "claimreview.jsonld", {"@vocab": "https://schema.org/"})
    assert review["@type"] == ["https://schema.org/ClaimReview"]
    [rating] = review["https://schema.org/reviewRating"]
    assert rating["https://schema.org/ratingValue"] == [{"@value": 1}]
    # https://www.w3.org/ns/anno.jsonld, the terms that are used here
    oa, terms = "http://www.w3.org/ns/oa#", {"id": "@id", "type": "@type", "@vocab": "http://www.w3.org/ns/oa#"}
    terms |= {"target": f"{oa}hasTarget", "selector": f"{oa}hasSelector", "items": "urn:items"}
    [page] = expanded(release, "web_annotation.jsonld", terms)
    [annotation] = page["urn:items"]
    assert annotation["@type"] == [f"{oa}Annotation"]
    [target] = annotation[f"{oa}hasTarget"]
    assert {kind for selector in target[f"{oa}hasSelector"] for kind in selector["@type"]} == {
        f"{oa}TextPositionSelector",
        f"{oa}TextQuoteSelector",
    }


def expanded(release: Release, name: str, context: dict[str, Any]) -> list[dict[str, Any]]:
    def load(url: str, options: Any) -> dict[str, Any]:
        return {"contextUrl": None, "documentUrl": url, "document": {"@context": context}}

    found: list[dict[str, Any]] = jsonld.expand(json.loads(content(release, name)), {"documentLoader": load})
    return found


def test_web_annotations_are_where_the_text_has_them() -> None:
    project, _ = judged(verdict="refuted")
    [item] = json.loads(content(released(project, formats=["web_annotation"]), "web_annotation.jsonld"))["items"]
    [target] = item["target"]
    position, quote = target["selector"]
    assert target["source"] == URL
    assert TEXT[position["start"] : position["end"]] == quote["exact"] == QUOTE
    assert TEXT[: position["start"]].endswith(quote["prefix"])
    assert {"type": "TextualBody", "purpose": "tagging", "value": "verdict: refuted"} in item["body"]


# https://brat.nlplab.org/standoff.html: text-bound annotations, relations, attributes and notes
BRAT = re.compile(
    r"T\d+\t\w+ \d+ \d+(;\d+ \d+)*\t[^\t\n]+|R\d+\t\w+ Arg1:T\d+ Arg2:T\d+"
    r"|A\d+\t\w+ T\d+( \w+)?|#\d+\tAnnotatorNotes T\d+\t.+"
)


def test_brat_standoff_follows_the_grammar_and_the_text() -> None:
    project, _ = judged(verdict="refuted")
    with zipfile.ZipFile(io.BytesIO(content(released(project, formats=["brat"]), "brat.zip"))) as folder:
        assert folder.testzip() is None
        files = {name.rsplit(".")[-1]: folder.read(name).decode() for name in folder.namelist()}
    assert files["txt"] == TEXT
    lines = files["ann"].splitlines()
    assert [line for line in lines if not BRAT.fullmatch(line)] == []
    marks = {}
    for line in lines:
        if line.startswith("T"):
            _, place, words = line.split("\t")
            kind, spans = place.split(" ", 1)
            pieces = [TEXT[slice(*map(int, span.split()))] for span in spans.split(";")]
            assert "\n" not in "".join(pieces)
            assert " ".join(pieces) == words
            marks[kind] = words
    assert marks == {"Claim": QUOTE.replace("\n", " "), "Source": "the Tidal Post", "Cue": "reported"}
    assert "A1\tverdict T1 refuted" in "\n".join(lines)
    assert "verdict\tArg:Claim, Value:refuted" in files["conf"]


def test_tokens_of_a_claim_are_its_words() -> None:
    project, _ = judged(verdict="refuted")
    lines = content(released(project, formats=["conll"]), "conll.tsv").decode().splitlines()
    tokens = [line.split("\t") for line in lines if line and not line.startswith("# newdoc")]
    claim = ClaimOccurrence.objects.get(project=project).pk
    assert all(TEXT[int(start) : int(end)] == token for _, token, start, end, *_ in tokens)
    assert " ".join(row[1] for row in tokens if row[4] != "_") == (
        "Inspectors found 14 broken bolts , the Tidal Post reported"
    )
    assert [row[5] for row in tokens if row[5] != "_"] == [f"B-{claim}", f"I-{claim}", f"I-{claim}"]
    assert [row[6] for row in tokens if row[6] != "_"] == [f"B-{claim}"]


def test_all_documents_of_a_release_are_built_the_same_again_and_empty_ones_are_whole() -> None:
    project, _ = judged(verdict="refuted")
    release = released(project, formats=ALL)
    assert verify_release(release) == []
    empty = released(make_project(), formats=ALL)
    assert json.loads(content(empty, "averitec.json")) == []
    assert json.loads(content(empty, "lewidi.json")) == {}
    assert zipfile.ZipFile(io.BytesIO(content(empty, "brat.zip"))).namelist() == ["annotation.conf"]


def test_a_claim_that_is_taken_down_is_in_no_document() -> None:
    project, _ = judged(verdict="refuted")
    ClaimOccurrence.objects.filter(project=project).update(state="retracted")
    release = released(project, formats=[name for name in ALL if name not in ("fnc1", "brat", "conll")])
    for name in release.files.exclude(name="manifest.json").values_list("name", flat=True):
        assert QUOTE[:10].encode() not in content(release, name), name


@pytest.mark.parametrize(
    ("preset", "question", "words"),
    [
        ("factcheck", "verdict", crosswalk.AVERITEC),
        ("factcheck", "verdict", crosswalk.FEVER),
        ("stance", "stance", crosswalk.FNC1),
    ],
)
def test_words_of_other_schemes_come_back_as_what_they_were_or_their_class(
    preset: str, question: str, words: dict[str, str]
) -> None:
    asked = load_preset(preset).question(question)
    assert asked is not None
    codes = {choice.code for choice in asked.choices}
    assert codes <= set(words)
    for code, word in words.items():
        lost = code in ("cherry_picked", "conflicting", "conflicting_or_cherrypicked", "questions")
        found = asked.find_choice(word)
        assert lost or (found is not None and found.code == code), (code, word)
