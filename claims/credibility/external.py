"""What others say about outlets: read from their lists, mapped onto our scales, kept side by side and dated.

Lists name their values in their own ways and with their own typing errors. A value without a mapping is kept raw and
counted in the report; an outlet that the project does not have is reported, never made.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from claims import audit
from claims.encodings import decode_bytes
from claims.errors import Refused
from claims.models import ExternalRating, Outlet, OutletAlias, OutletDomain, Project, User
from claims.permissions import check_can, check_not_archived

MOST_STRANGERS = 50  # outlets that a report names one by one

# Spellings of published lists, with everything but letters and digits taken out.
ALIASES: dict[str, dict[str, str]] = {
    "bias": {
        "extremeleft": "far_left", "farleft": "far_left", "left": "left", "leftcenter": "lean_left",
        "leftcentre": "lean_left", "leanleft": "lean_left", "center": "center", "centre": "center",
        "leastbiased": "center", "neutral": "center", "rightcenter": "lean_right", "rightcentre": "lean_right",
        "leanright": "lean_right", "right": "right", "extremeright": "far_right", "farright": "far_right",
    },
    "factuality": {
        "verylow": "very_low", "low": "low", "mixed": "mixed", "mostlyfactual": "mostly_factual", "high": "high",
        "veryhigh": "very_high",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """Columns by which a list is recognised: the outlet's name or address, and the column of each axis."""

    outlet: str
    axes: Mapping[str, str]
    url: str = ""


SHAPES: dict[str, Shape] = {
    "mbfc": Shape("source", {"bias": "bias", "factuality": "factual_reporting"}),
    "allsides": Shape("news_source", {"bias": "rating"}, url="url"),
    "baly": Shape("source_url_normalized", {"bias": "bias", "factuality": "fact"}, url="ref"),
}


@dataclass
class Report:
    """How a list went in: rows read, ratings kept, repeated, and what had no place."""

    read: int = 0
    kept: int = 0
    repeated: int = 0
    unknown_outlets: int = 0
    unmapped: Counter[str] = field(default_factory=Counter)  # raw value -> how often
    strangers: list[str] = field(default_factory=list)  # the first outlets that the project does not have, as written
    errors: list[tuple[int, str]] = field(default_factory=list)  # (line, sentence)


@dataclass(frozen=True)
class Said:
    line: int
    outlet: str
    axis: str
    raw: str
    mapped: str
    url: str


def mapped_value(axis: str, raw: str) -> str:
    """Our word for a list's word; empty when none is known."""
    return ALIASES[axis].get(re.sub(r"[^0-9a-z]", "", raw.casefold()), "")


def read_list(content: bytes, report: Report) -> Iterator[Said]:
    """The ratings of a CSV or TSV file whose shape is recognised by its header."""
    text = decode_bytes(content).text
    head = text.split("\n", 1)[0]
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in head else ",", strict=False)
    columns = rows.fieldnames or []
    shape = next((shape for shape in SHAPES.values() if {shape.outlet, *shape.axes.values()} <= set(columns)), None)
    if shape is None:
        known = "; ".join(", ".join((shape.outlet, *shape.axes.values())) for shape in SHAPES.values())
        raise Refused(
            "unknown_list", f"The header is {', '.join(columns)[:200] or 'empty'}. Known lists have: {known}."
        )
    for row in rows:
        report.read += 1
        outlet = (row.get(shape.outlet) or "").strip()
        if not outlet or None in row:
            report.errors.append((rows.line_num, "This line has no outlet, or more columns than the header."))
            continue
        for axis, column in shape.axes.items():
            raw = (row.get(column) or "").strip()[:80]
            if raw and raw.casefold() not in ("na", "n/a", "nan"):
                mapped = mapped_value(axis, raw)
                if not mapped:
                    report.unmapped[raw] += 1
                yield Said(
                    rows.line_num, outlet, axis, raw, mapped, (row.get(shape.url) or "")[:2000] if shape.url else ""
                )


def import_ratings(
    project: Project, content: bytes, *, rater: str, rated_on: date | None, licence: str, by: User
) -> Report:
    """Keep a list's ratings of the project's outlets; the same list again keeps nothing twice."""
    check_can("manage_outlets", by, project)
    check_not_archived(project)
    name = " ".join(rater.split())[:80]
    if not name:
        raise Refused("rater_missing", "Say whose ratings these are.")
    report = Report()
    find = Names(project)
    fresh = []
    unknown: dict[str, str] = {}
    for said in read_list(content, report):
        outlet = find.outlet(said.outlet)
        if outlet is None:
            unknown.setdefault(said.outlet.casefold(), said.outlet[:200])
            continue
        words = {"raw": said.raw, "mapped": said.mapped, "url": said.url, "licence": licence.strip()[:200]}
        facts = {"rater": name, "axis": said.axis, "rated_on": rated_on, "added_by": by, **words}
        fresh.append(ExternalRating(project=project, outlet_id=outlet, **facts))
    report.unknown_outlets = len(unknown)
    report.strangers = sorted(unknown.values(), key=str.casefold)[:MOST_STRANGERS]
    with transaction.atomic():
        before = ExternalRating.objects.filter(project=project).count()
        ExternalRating.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=1000)
        report.kept = ExternalRating.objects.filter(project=project).count() - before
        report.repeated = len(fresh) - report.kept
        audit.record("import_ratings", project, by=by, project=project, kept=report.kept, read=report.read)
    return report


class Names:
    """The project's outlets by domain, name and alias; merged ones lead to the one they were merged into."""

    def __init__(self, project: Project) -> None:
        rows = list(Outlet.objects.filter(project=project).values_list("id", "name", "merged_into"))
        self._into = {pk: into for pk, _, into in rows if into is not None}
        aliases = OutletAlias.objects.filter(project=project).values_list("name", "outlet")
        self._names = {name.casefold(): pk for name, pk in aliases}
        # What an outlet is called itself goes before what another is called besides.
        self._names |= {name.casefold(): pk for pk, name, into in rows if into is not None}
        self._names |= {name.casefold(): pk for pk, name, into in rows if into is None}
        domains = OutletDomain.objects.filter(project=project).values_list("domain", "outlet")
        self._domains = dict(domains)

    def outlet(self, written: str) -> int | None:
        """The id of the outlet that a name, domain or address means."""
        plain = re.sub(r"^(?:https?://)?(?:www\.)?", "", written.strip().casefold()).split("/", 1)[0]
        found = self._domains.get(plain) or self._domains.get(f"www.{plain}") or self._names.get(written.casefold())
        while found in self._into:
            found = self._into[found]
        return found
