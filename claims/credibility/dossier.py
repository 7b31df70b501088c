"""Everything that is known about an outlet, as files: observations, evidence with hashes, ratings, decisions.

The same database gives the same bytes: rows are in the order of their keys, numbers and moments are written one way,
and nothing says when or by whom it was asked for. People have numbers in the order in which they appear, no names.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import IO, Any, Protocol

from django.db import connection
from django.db.models import Q

from claims.credibility.composite import Composite, composite_of
from claims.credibility.criteria import observations_of
from claims.credibility.entities import family_of
from claims.credibility.profile import Figure, Frame, profile_of
from claims.credibility.ratings import ratings_of
from claims.models import (
    AuditEvent,
    ExternalRating,
    Outlet,
    OutletAlias,
    OutletDomain,
    OutletVersion,
    Publication,
)
from claims.models.credibility import MEASURES

GUARDED = tuple("=+-@\t\r\n'＝＋－＠")  # what a spreadsheet would take for a formula
BATCH = 2_000
MANIFEST = "manifest.csv"

OBSERVED = """
SELECT b.occurrence_id, b.measure, b.outcome, b.month, r.name, b.probability, o.claim_id,
       COALESCE(NULLIF(v.wording, ''), v.verbatim), v.attribution, b.article_id
FROM claims_outletobservation b
JOIN claims_claimoccurrence o ON o.id = b.occurrence_id
JOIN LATERAL (SELECT wording, verbatim, attribution FROM claims_occurrenceversion
              WHERE occurrence_id = o.id ORDER BY n DESC LIMIT 1) v ON true
LEFT JOIN claims_round r ON r.id = b.round_id
WHERE b.outlet_id = %(outlet)s AND b.measure = %(measure)s AND b.outcome = %(outcome)s
  AND b.occurrence_id > %(after)s ORDER BY b.occurrence_id LIMIT %(most)s
"""
ARTICLES = """
SELECT a.id, a.headline, a.url, a.published_at, a.state, t.n, t.sha256, s.sha256, s.url
FROM claims_article a
LEFT JOIN LATERAL (SELECT n, sha256 FROM claims_textversion WHERE article_id = a.id ORDER BY n DESC LIMIT 1) t ON true
LEFT JOIN LATERAL (SELECT sha256, url FROM claims_articlesource WHERE article_id = a.id ORDER BY id DESC LIMIT 1) s
     ON true
WHERE a.outlet_id = ANY(%(outlets)s) AND a.id > %(after)s ORDER BY a.id LIMIT %(most)s
"""
EVIDENCE = """
SELECT e.id, e.claim_id, e.relation, e.strength, e.url, e.title, e.quote, e.answer, e.published_at,
       k.state, k.final_url, k.fetched_at, k.size, k.sha256
FROM claims_evidenceitem e LEFT JOIN claims_evidencecopy k ON k.id = e.page_copy_id
WHERE e.id > %(after)s AND EXISTS (
    SELECT FROM claims_claimoccurrence o JOIN claims_outletobservation b ON b.occurrence_id = o.id
    WHERE o.claim_id = e.claim_id AND b.outlet_id = %(outlet)s AND b.measure = 'verdict')
ORDER BY e.id LIMIT %(most)s
"""
SETTLED = """
SELECT s.id, s.question, s.revision, s.outcome, s.value #>> '{}', s.missing, s.method, s.reason_code, s.rationale,
       s.created_at, b.occurrence_id
FROM claims_outletobservation b
JOIN claims_occurrenceversion v ON v.occurrence_id = b.occurrence_id
JOIN claims_unit u ON u.occurrence_version_id = v.id
JOIN claims_settledlabel s ON s.unit_id = u.id AND s.round_id = b.round_id
WHERE b.outlet_id = %(outlet)s AND b.measure = 'verdict' AND s.id > %(after)s ORDER BY s.id LIMIT %(most)s
"""


@dataclass(frozen=True)
class Part:
    """A file of the dossier, its text in pieces."""

    name: str
    pieces: Iterable[str]


def parts_of(outlet: Outlet) -> Iterator[Part]:
    """The files in order; read each to its end before the next. The last lists all with their SHA-256."""
    listed: list[tuple[str, int, str]] = []
    for part in _parts(outlet):
        digest, size = hashlib.sha256(), 0

        def counted(pieces: Iterable[str], digest: Any = digest) -> Iterator[str]:
            nonlocal size
            for piece in pieces:
                content = piece.encode()
                digest.update(content)
                size += len(content)
                yield piece

        yield Part(part.name, counted(part.pieces))
        listed.append((part.name, size, digest.hexdigest()))
    yield Part(MANIFEST, _csv(("file", "bytes", "sha256"), listed))


class Archive(Protocol):
    """A zip file that grows from front to back."""

    def open(self, name: str) -> IO[bytes]: ...
    def take(self) -> bytes: ...
    def close(self) -> bytes: ...


def pack(outlet: Outlet, archive: Archive) -> Iterator[bytes]:
    """The folder in an archive, in pieces as they are ready."""
    for part in parts_of(outlet):
        with archive.open(f"dossier-{outlet.pk}/{part.name}") as target:
            for piece in part.pieces:
                target.write(piece.encode())
                yield archive.take()
        yield archive.take()
    yield archive.close()


def _parts(outlet: Outlet) -> Iterator[Part]:
    yield Part("README.txt", [README])
    yield Part("outlet.json", [_json(identity_of(outlet))])
    yield Part("profile.json", [_json(_profile(outlet))])
    yield Part("criteria.json", [_json(criteria_of(outlet))])
    yield Part("publications.json", [_json(publications_of(outlet))])
    for table in tables_of(outlet):
        yield Part(f"{table.name}.csv", _csv(table.columns, table.rows))


@dataclass(frozen=True)
class Table:
    """A table of the dossier; its rows are read once, in order."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


def tables_of(outlet: Outlet) -> Iterator[Table]:
    values = {"outlet": outlet.pk, "outlets": family_of(outlet)}
    yield Table("observations", OBSERVED_COLUMNS, _observed(values))
    yield Table("settled", SETTLED_COLUMNS, _rows(SETTLED, values))
    yield Table("evidence", EVIDENCE_COLUMNS, map(_with_hash, _rows(EVIDENCE, values)))
    yield Table("articles", ARTICLE_COLUMNS, _rows(ARTICLES, values))
    yield Table("ratings-by-others", RATING_COLUMNS, _ratings(outlet))
    yield Table("decisions", ("at", "decision", "by", "details"), _decisions(outlet))


OBSERVED_COLUMNS = (
    "occurrence", "measure", "outcome", "month", "round", "probability", "claim", "words", "voice", "article",
)  # fmt: skip
SETTLED_COLUMNS = (
    "settled", "question", "revision", "outcome", "value", "missing", "method", "reason", "rationale", "at",
    "occurrence",
)  # fmt: skip
EVIDENCE_COLUMNS = (
    "evidence", "claim", "relation", "strength", "url", "title", "quote", "answer", "published_at", "copy",
    "copy_url", "copied_at", "copy_bytes", "copy_sha256", "quote_sha256",
)  # fmt: skip
ARTICLE_COLUMNS = (
    "article", "headline", "url", "published_at", "state", "text_version", "text_sha256", "source_sha256",
    "source_url",
)  # fmt: skip
RATING_COLUMNS = ("rater", "axis", "raw", "mapped", "rated_on", "url", "licence")
README = """What is known about one outlet in one project.

outlet.json            who it is, as it was stated over time
profile.json           the figures, each with its interval, number and sampling frame, or why there is none
criteria.json          ratings by reviewers, the composite where it is switched on, and every answer to each criterion
observations.csv       every claim that counts, and for what
settled.csv            how the verdicts behind them were settled
evidence.csv           what reviewers brought, with the SHA-256 of the archived page and of the quotation
articles.csv           its articles, with the SHA-256 of the text and of the stored bytes
ratings-by-others.csv  what third parties say
publications.json      what was said in public, the letters and the replies
decisions.csv          who decided what, people as numbers
manifest.csv           the size and SHA-256 of each file

In CSV files a cell that a spreadsheet would take for a formula has one apostrophe in front.
"""


def _rows(query: str, values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query, {**values, "after": after, "most": BATCH})
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < BATCH:
            return
        after = rows[-1][0]


def _observed(values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """By measure and outcome, as the index has them: each page of rows is found there and nothing is sorted."""
    for measure, outcomes in MEASURES.items():
        for outcome in outcomes:
            yield from _rows(OBSERVED, {**values, "measure": measure, "outcome": outcome})


def _with_hash(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*row, hashlib.sha256(row[6].encode()).hexdigest() if row[6] else None)


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(columns)
    for row in rows:
        lines.writerow([_cell(value) for value in row])
        if out.tell() > 64_000:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(GUARDED) else value
    return _plain(value) if value is not None else ""


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, tuple | set):
        return list(value)
    return str(value) if not isinstance(value, int | float) else value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=_plain) + "\n"


def identity_of(outlet: Outlet) -> dict[str, Any]:
    family = family_of(outlet)
    said = OutletVersion.objects.filter(outlet__in=family).order_by("outlet", "n")
    names = [field.attname for field in OutletVersion._meta.concrete_fields]
    return {
        "id": outlet.pk,
        "name": outlet.name,
        "confirmed_at": outlet.confirmed_at,
        "held_at": outlet.held_at,
        "merged": [pk for pk in family if pk != outlet.pk],
        "domains": list(
            OutletDomain.objects.filter(outlet__in=family).order_by("domain").values_list("domain", flat=True)
        ),
        "aliases": list(OutletAlias.objects.filter(outlet__in=family).order_by("name").values_list("name", flat=True)),
        "described": list(said.values(*names)),
    }


def _profile(outlet: Outlet) -> dict[str, Any]:
    found = profile_of(outlet)
    return {
        "figures": [asdict(figure) for figure in found.figures],
        "frames": {measure: [_frame(frame) for frame in frames] for measure, frames in found.frames.items()},
        "verdicts_by_month": _months(found.months),
        "others_by_month": {title: _months(rows) for title, rows in found.monthly},
    }


def _months(rows: Sequence[tuple[date, Sequence[Figure]]]) -> list[dict[str, Any]]:
    return [{"month": month, "figures": [asdict(figure) for figure in figures]} for month, figures in rows]


def _frame(frame: Frame) -> dict[str, Any]:
    return {"round": frame.round.name if frame.round else None, "probability": frame.probability, "n": frame.n}


def criteria_of(outlet: Outlet) -> dict[str, Any]:
    people: dict[int, int] = {}
    answers = [
        {
            "criterion": criterion,
            "reviewer": people.setdefault(row.reviewer, len(people) + 1),
            "answer": row.answer,
            "url": row.url,
            "seen_on": row.seen_on,
            "written": row.written,
            "counts": row.counts,
            "round": row.round_name,
            "at": row.at,
        }
        for criterion, rows in sorted(observations_of(outlet).items())
        for row in rows
    ]
    ratings = [asdict(row) for row in ratings_of(outlet)]
    return {"composite": _composite(composite_of(outlet)), "ratings": ratings, "answers": answers}


def _composite(found: Composite | None) -> dict[str, Any] | None:
    if found is None:
        return None
    names = ("criterion", "weight", "state", "share", "basis", "reviewers", "agreement", "camps")
    formula = {name: getattr(found.formula, name) for name in ("n", "weights", "rationale", "created_at")}
    said = {name: getattr(found, name) for name in ("value", "low", "high", "coverage", "reason")}
    parts = [{name: getattr(part, name) for name in names} for part in found.components]
    return {**said, "formula": formula, "components": parts}


def _ratings(outlet: Outlet) -> Iterator[tuple[Any, ...]]:
    rows = ExternalRating.objects.filter(outlet__in=family_of(outlet)).order_by("id")
    yield from rows.values_list(*RATING_COLUMNS)


def publications_of(outlet: Outlet) -> list[dict[str, Any]]:
    names = (
        "n", "state", "snapshot", "n_reviewers", "letter", "reply_until", "disputed", "reply", "response",
        "corrections", "published_at", "withdrawn_reason", "created_at",
    )  # fmt: skip
    return list(Publication.objects.filter(outlet=outlet).order_by("n").values(*names))


def _decisions(outlet: Outlet) -> Iterator[tuple[Any, ...]]:
    published = list(Publication.objects.filter(outlet=outlet).values_list("pk", flat=True))
    about = Q(subject_type="outlet", subject_id__in=family_of(outlet)) | Q(
        subject_type="publication", subject_id__in=published
    )
    people: dict[int, str] = {}
    rows = AuditEvent.objects.filter(about, project=outlet.project_id).exclude(verb="download_dossier").order_by("id")
    for at, verb, actor, details in rows.values_list("created_at", "verb", "actor_id", "details"):
        who = people.setdefault(actor, f"person {len(people) + 1}") if actor is not None else ""
        yield at, verb, who, json.dumps(details, sort_keys=True, ensure_ascii=False)
