"""Claims with their settled verdict, as AVeriTeC, FEVER, LIAR and ClaimReview have them.

What is not settled, or settled as "no agreement", has no place in these files: the tables hold it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from claims.exporting import crosswalk
from claims.exporting.writers.document import (
    CHECKED,
    JUDGED,
    Document,
    Entries,
    Part,
    Record,
    json_array,
    json_lines,
    rationale,
    settled_value,
)
from claims.exporting.writers.jsonl import encode_json

VERDICT = crosswalk.VERDICT
SPEAKERS = {"person": "Person", "organisation": "Organization", "organization": "Organization"}
BLANKS = str.maketrans("\t\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", " " * 11)


def _averitec(record: Record) -> Iterator[dict[str, Any]]:
    label = crosswalk.AVERITEC.get(settled_value(record, *VERDICT))
    if label is None:
        return
    said, kinds = record["published_at"], settled_value(record, "claim_kind") or []
    yield {
        "claim": record["text"],
        "required_reannotation": False,
        "label": label,
        "justification": rationale(record, "verdict"),
        "claim_date": f"{said.day}-{said.month}-{said.year}" if said else None,
        "speaker": record["speaker"] or None,
        "original_claim_url": record["url"] or None,
        "fact_checking_article": None,
        "reporting_source": record["outlet"],
        "location_ISO_code": None,
        "claim_types": [crosswalk.AVERITEC_KINDS[kind] for kind in kinds if kind in crosswalk.AVERITEC_KINDS],
        "fact_checking_strategies": [],
        "questions": list(_questions(record["evidence"])),
    }


def _questions(evidence: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Evidence by the question it answers; what was brought without one is under the empty question."""
    by_question = sorted(evidence, key=lambda item: (item["question"], item["id"]))
    for question, items in groupby(by_question, key=lambda item: item["question"]):
        yield {"question": question, "answers": [_answer(item) for item in items]}


def _answer(item: dict[str, Any]) -> dict[str, Any]:
    answer, quote = item["answer"], item["quote"]
    return {
        "answer": answer or quote,
        "answer_type": "Extractive" if not answer or answer in quote else "Abstractive",
        "source_url": item["url"],
        "source_medium": "Web text" if item["url"] else "Other",
        "cached_source_url": None,
    }


def _fever(record: Record) -> Iterator[dict[str, Any]]:
    label = crosswalk.FEVER.get(settled_value(record, *VERDICT))
    if label is None:
        return
    # FEVER: [annotation, evidence, page, sentence]. Our pages are addresses, and a quote has no sentence number.
    relation = {"SUPPORTS": "supports", "REFUTES": "refutes"}.get(label)
    fitting = [item for item in record["evidence"] if item["relation"] == relation]
    sets = [[[record["unit"], item["id"], item["url"] or None, None]] for item in fitting]
    yield {
        "id": _id(record),
        "verifiable": "VERIFIABLE" if relation else "NOT VERIFIABLE",
        "label": label,
        "claim": record["text"],
        "evidence": sets or [[[record["unit"], None, None, None]]],
    }


def _id(record: Record) -> str:
    """A unit may be settled in several rounds: its entry says in which. A check of the desk is of none."""
    if "check" in record:
        return f"desk-{record['check']}"
    return f"{record['round']}-{record['unit']}"


def _liar(record: Record) -> Iterator[str]:
    """LIAR's fourteen columns. What a speaker was rated before is not known here, so the five counts are empty."""
    label = crosswalk.LIAR.get(settled_value(record, *VERDICT))
    if label is None:
        return
    cells = [f"{_id(record)}.json", label, record["text"], "", record["speaker"], "", "", ""]
    cells += [""] * 5 + [record["outlet"] or record["headline"]]
    yield "\t".join((cell or "").translate(BLANKS) for cell in cells) + "\n"


def _claim_review(record: Record) -> Iterator[dict[str, Any]]:
    rating = crosswalk.CLAIMREVIEW.get(settled_value(record, *VERDICT))
    if rating is None:
        return
    rated: dict[str, Any] = {"@type": "Rating", "alternateName": rating.name}
    if rating.value is not None:
        rated |= {"ratingValue": rating.value, "bestRating": 5, "worstRating": 1}
    if why := rationale(record, "verdict"):
        rated["ratingExplanation"] = why
    yield {
        "@type": "ClaimReview",
        "identifier": _id(record),
        **({"url": link} if (link := record.get("link")) else {}),
        "datePublished": record["settled"]["verdict"]["day"],
        "claimReviewed": record["text"],
        "itemReviewed": _claim(record),
        "reviewRating": rated,
    }


def _claim(record: Record) -> dict[str, Any]:
    claim: dict[str, Any] = {"@type": "Claim", "text": record["text"]}
    if record["speaker"]:
        kind = SPEAKERS.get(record["speaker_kind"])
        claim["author"] = {"@type": kind} if kind else {}
        claim["author"]["name"] = record["speaker"]
    if record["published_at"]:
        claim["datePublished"] = record["published_at"].date().isoformat()
    if record["url"] or record["headline"]:
        work = {"@type": "Article", "headline": record["headline"], "url": record["url"]}
        publisher = {"publisher": {"@type": "Organization", "name": record["outlet"]}} if record["outlet"] else {}
        claim["appearance"] = {name: value for name, value in work.items() if value} | publisher
    return claim


def _claim_reviews() -> Entries:
    opening = '{"@context":"https://schema.org","@graph":[\n'
    return Entries(lambda record: map(encode_json, _claim_review(record)), opening, ",\n", "\n]}\n")


AVERITEC = Document(
    "AVeriTeC (JSON): settled verdicts with questions and answers",
    (Part("averitec.json", JUDGED, json_array(_averitec)),),
)
FEVER = Document(
    "FEVER (JSON Lines): settled verdicts in three classes", (Part("fever.jsonl", JUDGED, json_lines(_fever)),)
)
LIAR = Document("LIAR (TSV): settled verdicts as ratings", (Part("liar.tsv", JUDGED, lambda: Entries(_liar)),))
CLAIMREVIEW = Document(
    "ClaimReview (JSON-LD): settled verdicts and published checks as reviews",
    (Part("claimreview.jsonld", JUDGED, _claim_reviews, before=CHECKED),),
)
