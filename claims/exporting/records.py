"""The tables of a release: what each column means, and its rows, streamed in an order that never changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from claims.exporting import computed, desk, sources
from claims.exporting.scope import Params
from claims.exporting.streaming import FETCHED_AT_ONCE, LONG_AT_ONCE, Batch, batches, can_be_copied, copied_batches
from claims.exporting.writers import Column
from claims.exporting.writers.document import CONTEXT
from claims.exporting.writers.table import by_column
from claims.models import TextVersion


@dataclass(frozen=True)
class Table:
    """One file of a release in each format."""

    title: str
    columns: tuple[Column, ...]
    source: str = ""
    shape: Callable[[Iterator[Batch]], Iterator[Batch]] = iter
    at_once: int = FETCHED_AT_ONCE
    compute: Callable[[Params], Iterator[Batch]] | None = None  # instead of a source
    since: int = 1  # the edition that has it, see editions


def columns(**kinds: str) -> tuple[Column, ...]:
    """name="kind" or name="kind: meaning"."""
    split = {name: written.partition(": ") for name, written in kinds.items()}
    return tuple(Column(name, kind, meaning) for name, (kind, _, meaning) in split.items())


def batches_of(table: Table, params: Params) -> Iterator[Batch]:
    """The rows of a table as formats take them, some at a time."""
    if table.compute is not None:
        return table.compute(params)
    if can_be_copied(table.columns):
        return table.shape(copied_batches(table.source, table.columns, params))
    return table.shape(batches(table.source, params, table.at_once))


def _parse_json(*places: int) -> Callable[[Iterator[Batch]], Iterator[Batch]]:
    """Raw cursors give jsonb as text: parse it at these places."""

    def shape(given: Iterator[Batch]) -> Iterator[Batch]:
        choices = _Choices()
        for batch in given:
            values = by_column(batch)
            for place in places:
                values[place] = list(map(choices.__getitem__, values[place]))
            yield list(zip(*values, strict=True))

    return shape


class _Choices(dict[Any, Any]):
    """Parsed values by their text. Codes of choices come again in row after row and are parsed once."""

    def __missing__(self, text: Any) -> Any:
        value = parsed(text)
        if isinstance(value, str) and len(text) < 60 and len(self) < 10_000:
            self[text] = value
        return value


def parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _with_selectors(given: Iterator[Batch]) -> Iterator[Batch]:
    """Claims with their pieces as position and quote selectors; the text of one article is in memory at a time."""
    article, texts = None, dict[int, str]()
    for batch in given:
        shaped = []
        for *row, pieces, hops in batch:
            if row[3] != article:
                article, texts = row[3], _texts_of(row[3])
            selectors = [_selector(piece, texts) for piece in parsed(pieces)]
            shaped.append((*row, selectors, parsed(hops)))
        yield shaped


def _texts_of(article: int) -> dict[int, str]:
    return dict(TextVersion.objects.filter(article=article).values_list("n", "text"))


def _selector(piece: Sequence[Any], texts: dict[int, str]) -> dict[str, Any]:
    """A text that was erased leaves its positions and takes its words along. A piece that does not say what its text
    says there is called damaged (INV-11)."""
    n, number, start, end, exact, state = piece
    text = texts.get(n, "")
    if text and state != "orphaned" and text[start:end] != exact:
        state = "damaged"
    return {
        "text_version": n,
        "piece": number,
        "start": start,
        "end": end,
        "exact": exact if text else "",
        "prefix": text[max(0, start - CONTEXT) : start],
        "suffix": text[end : end + CONTEXT],
        "state": state,
    }


TABLES: dict[str, Table] = {
    "labels": Table(
        "One row an answer: who (by the release's pseudonym) said what about which unit.",
        columns(
            round="whole",
            unit="whole: see units",
            question="text",
            reviewer="text: pseudonym of this release only",
            phase="text: first, or after_discussion",
            value="value: choice code, list of codes, number, or list of sources from the original speaker on; for "
            "free text true, the text itself is not released",
            missing="text: cannot_judge, not_applicable or conflict_of_interest; then there is no value",
            seconds="whole: time spent on the unit, as the page measured it",
            day="text: date of the answer, UTC",
            codebook_version="whole: see codebooks",
        ),
        sources.LABELS,
        _parse_json(5),
    ),
    "settled": Table(
        "One row a unit and question that was settled: the newest revision as of the seal.",
        columns(
            round="whole",
            unit="whole",
            question="text",
            revision="whole",
            outcome="text: answer, all_wrong or no_agreement",
            value="value",
            missing="text",
            method="text: unanimous, majority, discussion, expert or model",
            reason_code="text",
            rationale="text",
            day="text",
        ),
        sources.SETTLED,
        _parse_json(5),
    ),
    "desk": Table(
        "One row a check that the newsroom's desk published: the verdict on a claim, and who answers for it. People "
        "have names of this table only, since a published check may say who wrote it.",
        columns(
            check="whole",
            claim="whole: see claims",
            question="text",
            value="text: supported, refuted, conflicting or not_enough_evidence",
            method="text: desk",
            rationale="text: why this rating",
            text="text: as it was signed off",
            link="text: where it is published",
            writer="text: pseudonym of this table only",
            assigned_by="text",
            second_editor="text",
            signed_by="text",
            day="text: on which it was signed off, UTC",
        ),
        desk.DESK,
        since=5,
    ),
    "soft_labels": Table(
        "How often each choice was given to a unit, and its share of people's answers; missing ones are not counted.",
        columns(round="whole", unit="whole", question="text", phase="text", value="value", n="whole", share="number"),
        sources.SOFT_LABELS,
        _parse_json(4),
    ),
    "posteriors": Table(
        "How likely each choice is right, by the model of Dawid and Skene, which weighs people by how they err. "
        "Choices below 0.00005 are left out, and so are questions whose reviewers share no units.",
        columns(round="whole", unit="whole", question="text", value="value", probability="number"),
        compute=computed.posteriors,
        since=2,
    ),
    "splits": Table(
        "Which split a unit is in; no rows where none were asked for.",
        columns(unit="whole", split="text: empty where it has no day to go by", group="whole: its first unit"),
        compute=computed.splits,
        since=2,
    ),
    "units": Table(
        "What was judged: one row a version of a claim in an article, of an article, or of an outlet.",
        columns(
            unit="whole",
            kind="text",
            article="whole",
            occurrence="whole: see claims",
            occurrence_version="whole",
            claim="whole",
            outlet_id="whole: see outlets",
            outlet_version="whole",
            part="text",
        ),
        sources.UNITS,
    ),
    "claims": Table(
        "One row a version of a claim in an article, with its places and who says it.",
        columns(
            occurrence="whole",
            version="whole",
            claim="whole",
            article="whole",
            verbatim="text: the pieces as they stand, joined by an ellipsis",
            wording="text: readable alone; empty where it is the same",
            segment_role="text",
            attribution="text: author_voice, attributed or vague",
            kinds="list",
            hedges="list",
            checkworthiness="number: 0 to 1, from rules",
            checkworthiness_reasons="list",
            origin="text: rule, person, model or import",
            splitter="text",
            pieces="list: selectors; start and end count Unicode code points, end exclusive; state damaged: not there",
            hops="list: from the original speaker towards the outlet",
        ),
        sources.CLAIMS,
        _with_selectors,
        at_once=1_000,
    ),
    "evidence": Table(
        "What reviewers brought to a claim, as cited by their standing answers.",
        columns(
            evidence="whole",
            claim="whole",
            unit="whole",
            reviewer="text",
            url="text",
            title="text",
            quote="text",
            question="text",
            answer="text",
            published_at="time",
            relation="text: supports, refutes or neither",
            strength="text: weak, moderate or strong",
            source_kind="text",
            independence="text",
        ),
        sources.EVIDENCE,
    ),
    "articles": Table(
        "One row a version of an article's text; all offsets count into it.",
        columns(
            article="whole",
            outlet_id="whole: see outlets",
            outlet="text",
            headline="text",
            byline="text",
            url="text",
            published_at="time",
            published_how="text: how the date is known",
            language="text",
            genre="text",
            text_version="whole",
            text_sha256="text: of the text in UTF-8",
            length="whole: code points",
            text="text",
        ),
        sources.ARTICLES,
        at_once=LONG_AT_ONCE,
    ),
    "segments": Table(
        "The blocks of a text and what each is on the page.",
        columns(
            article="whole",
            text_version="whole",
            n="whole",
            start="whole",
            end="whole",
            role="text",
            decided_by="text",
            language="text",
        ),
        sources.SEGMENTS,
    ),
    "outlets": Table(
        "What was stated about each outlet.",
        columns(
            outlet_id="whole",
            version="whole",
            name="text",
            country="text",
            languages="list",
            control="text",
            ownership="text",
            domains="list",
        ),
        sources.OUTLETS,
    ),
    "rounds": Table(
        "Which questions were asked about which units, and how the units were chosen.",
        columns(
            round="whole",
            name="text",
            purpose="text",
            unit_kind="text",
            overlap="whole: independent labels wanted a unit",
            questions="list: empty means all of the codebook",
            codebook="text",
            codebook_version="whole",
            codebook_sha256="text",
            selection="list: the filter, sample and seed the units were chosen by",
            units="whole",
        ),
        sources.ROUNDS,
        _parse_json(5, 9),
    ),
    "codebooks": Table(
        "The questions and choices, complete, as they were asked.",
        columns(codebook_version="whole", codebook="text", version="whole", sha256="text", document="list"),
        sources.CODEBOOKS,
        _parse_json(4),
    ),
    "reviewers": Table(
        "Who labelled, by the pseudonym of this release.",
        columns(reviewer="text", kind="text: human, machine or imported", answers="whole", units="whole"),
        sources.REVIEWERS,
    ),
    "withheld": Table(
        "What was left out or taken down: its number and state, nothing else.",
        columns(kind="text", id="whole", state="text"),
        sources.WITHHELD,
    ),
}
