"""The manifest of a release: what is in it, as of when, with which agreement, and the checksum of every file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from claims.exporting import sources
from claims.exporting.computed import split_report
from claims.exporting.differences import differences
from claims.exporting.editions import SAYS_WHAT_CHANGED, made_with_of
from claims.exporting.records import TABLES
from claims.exporting.scope import Params
from claims.exporting.streaming import Row, stream
from claims.exporting.writers.table import plain
from claims.models import Question, Release
from claims.statistics.scales import Scale
from claims.statistics.scoring import score_labels
from claims.statistics.tables import LabelTable, table_from_articles, table_from_patterns

FORMAT = "attest-release/1"
MOVED_SHOWN = 100  # settled values that moved, with the reason
SCORED_KINDS = ("nominal", "ordinal", "interval", "relation")
NOTES = {
    "pseudonyms": "Reviewers have names of this release only: HMAC-SHA-256 under a key that stays with the project.",
    "free_text": "Notes and other free text of reviewers are not released, since style can give a person away.",
    "csv": "In CSV, a text cell that begins with = + - @ TAB CR LF or an apostrophe has one apostrophe in front.",
    "offsets": "start and end count Unicode code points into the text version named; end is exclusive.",
    "agreement": "Krippendorff's alpha of people's first answers, control items left out, 95 % interval by article "
    "where several units share one. Percent agreement is the mean over units of the share of agreeing pairs.",
}
WITHOUT_TEXTS = (
    "Left out: the words of articles, in texts, claims and selectors, and quotes in evidence. Offsets, addresses and "
    "the SHA-256 of each text are here; rejoin_text puts back the texts one holds."
)
DOCUMENTS_NOTE = (
    "Formats of the field hold what they have a place for: settled answers under the words of that format, or people's "
    "first choices. `records` says of how many units or texts they were made. All else is in the tables."
)


def build_manifest(
    release: Release,
    params: Params,
    tables: Mapping[str, Mapping[str, Any]],
    documents: Mapping[str, Any],
    files: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """The manifest as plain values; nothing in it depends on when or where it is made."""
    seal = release.seal
    project = release.frozen_rows.get(kind="project").facts
    return {
        "format": FORMAT,
        "project": {"slug": project["slug"], "name": project["name"], "goal": project["goal"]},
        "release": release.number,
        **({"made_with": made} if (made := release.filter.get("made_with")) else {}),
        "title": project["title"],
        "as_of": {"seal": seal.n, "digest": bytes(seal.digest).hex(), "sealed_at": plain(seal.created_at)},
        "rounds": params["rounds"],
        "codebooks": [
            {"codebook": slug, "version": n, "sha256": sha256}
            for _, slug, n, sha256, _ in stream(sources.CODEBOOKS, params)
        ],
        **({"selection": selection} if (selection := release.filter.get("selection")) else {}),
        **({"splits": split_report(params)} if params["split_plan"] else {}),
        "counts": {name: table["rows"] for name, table in tables.items()},
        "agreement": agreement(release, params),
        **_licences(release),
        **({} if params["has_texts"] else {"texts": WITHOUT_TEXTS}),
        "tables": {
            name: {
                "title": TABLES[name].title,
                "rows": table["rows"],
                "canonical_sha256": table["sha256"],
                "columns": {column.name: column.meaning for column in TABLES[name].columns},
            }
            for name, table in tables.items()
        },
        **({"documents": documents} if documents else {}),
        "files": list(files),
        "left_out": [{"row": kind, "id": pk, "reason": reason} for kind, pk, reason in stream(sources.DAMAGED, params)],
        "errata": project["errata"],
        **_changes(release),
        "notes": NOTES | ({"documents": DOCUMENTS_NOTE} if documents else {}),
    }


def _changes(release: Release) -> dict[str, Any]:
    """What differs from the release before, in short; two releases are compared whole by the command, page and API."""
    since = release.filter.get("since")
    if made_with_of(release)["edition"] < SAYS_WHAT_CHANGED:
        return {}
    older = Release.objects.select_related("project", "seal").filter(project=release.project_id, number=since).first()
    if older is None:
        return {"changes": None}
    found = differences(older, release)
    moved = found["settled"].pop("values")[:MOVED_SHOWN]
    withheld = {side: len(ids) for side, ids in found["withheld"].items()}
    kept = {name: found[name] for name in ("labels", "settled", "codebooks")}
    return {"changes": {"since": older.number, **kept, "moved": moved, "withheld": withheld}}


def _licences(release: Release) -> dict[str, Any]:
    """For each component; what people wrote in newspapers is not the project's to license."""
    if "licence" not in release.filter:
        return {}
    return {"licences": {"labels": release.filter["licence"] or None, "articles": None, "codebooks": None}}


def agreement(release: Release, params: Params) -> list[dict[str, Any]]:
    """For each round and question answered by one choice: alpha with interval, percent agreement, or the reason.

    The rows come unit by unit, so that only patterns are held in memory, however many units there are.
    """
    figures = []
    versions = dict(release.frozen_rows.filter(kind="round").values_list("row_id", "facts__codebook_version"))
    for (round_id, code), rows in groupby(stream(sources.PATTERNS, params), key=itemgetter(0, 1)):
        question = _question(versions[round_id], code)
        if question is not None:
            figures.append({"round": round_id, "question": code, **_scores(question, rows)})
    return figures


def _question(version: int, code: str) -> Question | None:
    asked = Question.objects.filter(codebook_version=version, code=code, kind__in=SCORED_KINDS, choices__isnull=False)
    return asked.first()


def _scores(question: Question, rows: Iterator[Row]) -> dict[str, Any]:
    codes = list(question.choices.order_by("n").values_list("code", flat=True))
    table = _table(rows, codes)
    scale = Scale(len(codes), tuple(map(float, range(len(codes)))))
    alpha = score_labels(table, "krippendorff_alpha", scale, question.level)
    percent = score_labels(table, "percent_agreement", scale)
    return {
        "level": question.level,
        "krippendorff_alpha": _rounded(alpha.value),
        "low": _rounded(alpha.low),
        "high": _rounded(alpha.high),
        "reason": alpha.reason,
        "interval": alpha.method,
        "interval_reason": alpha.interval_reason,
        "resampled": alpha.resampled,
        "percent_agreement": _rounded(percent.value),
        "units": table.n_units,
        "pairable_units": table.n_pairable,
        "answers": table.n_labels,
    }


def _table(rows: Iterator[Row], codes: list[str]) -> LabelTable:
    """Patterns of units, by article where every unit has one. Rows: round, question, unit, article, choice, number."""
    place = {code: n for n, code in enumerate(codes)}
    by_article: Counter[tuple[int | None, tuple[int, ...]]] = Counter()
    for (_, article), given in groupby(rows, key=itemgetter(2, 3)):
        counts = [0] * len(codes)
        for *_, code, n in given:
            if code in place:  # a code that the codebook does not know counts for nothing
                counts[place[code]] = n
        by_article[article, tuple(counts)] += 1
    known = {(article, pattern): n for (article, pattern), n in by_article.items() if article is not None}
    if len(known) == len(by_article):
        return table_from_articles(known, len(codes))
    patterns: Counter[tuple[int, ...]] = Counter()
    for (_, pattern), n in by_article.items():
        patterns[pattern] += n
    return table_from_patterns(patterns, len(codes))


def _rounded(value: float | None) -> float | None:
    """Six places: processors may differ in the last bits, releases may not."""
    return None if value is None else round(value, 6)
