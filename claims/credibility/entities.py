"""Outlets as entities: confirmed, described, named otherwise, merged and parted again. All by a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from claims import audit
from claims.errors import Conflict, NotFound, Refused
from claims.models import Article, Outlet, OutletAlias, OutletDomain, OutletVersion, User
from claims.models.outlet import CONTROLS
from claims.permissions import check_can, check_not_archived
from claims.text import clean_line, clean_text

OWNERSHIP_CHARS = 4_000


def confirm_outlet(outlet: Outlet, *, by: User) -> None:
    """A person vouches that the articles filed under this outlet are its own; figures are refused until then."""
    _check(outlet, by)
    with transaction.atomic():
        if Outlet.objects.filter(pk=outlet.pk, confirmed_at=None).update(confirmed_at=Now()):
            audit.record("confirm_outlet", outlet, by=by)
    outlet.refresh_from_db(fields=["confirmed_at"])


def describe_outlet(
    outlet: Outlet,
    *,
    expected_n: int,
    by: User,
    name: str,
    country: str = "",
    languages: Sequence[str] = (),
    control: str = "unknown",
    ownership: str = "",
    as_of: date | None = None,
    source: str = "",
) -> OutletVersion:
    """State anew what is known about an outlet; what was rated before keeps the version it was rated in.

    `country` is two letters (ISO 3166-1); `as_of` the day on which control and ownership were so, `source` the address
    that says it. Raises Conflict `stale_version` when somebody was quicker.
    """
    _check(outlet, by)
    title = clean_line(name)
    if not title:
        raise Refused("name_missing", "An outlet needs a name.")
    land = clean_line(country).upper()
    if land and not (len(land) == 2 and land.isascii() and land.isalpha()):
        raise Refused("invalid_country", f"A country is two letters, as DE or TR; not {country[:20]!r}.")
    if control not in CONTROLS:
        raise Refused("unknown_control", f"Control is one of {', '.join(CONTROLS)}; not {control[:40]!r}.")
    if as_of is not None and as_of > timezone.now().date():
        raise Refused("date_in_the_future", f"{as_of} has not come yet: say on which day this was known.")
    address = clean_line(source)
    if address and not address.lower().startswith(("http://", "https://")):
        raise Refused("invalid_address", f"A source is an address that begins with https://; not {address[:60]!r}.")
    words = clean_text(ownership, limit=OWNERSHIP_CHARS, code="ownership_too_long").text.strip()
    tongues = [clean_line(code).lower()[:12] for code in languages if clean_line(code)]
    newest = outlet.versions.order_by("-n").first()
    current = newest.n if newest else 0
    other = OutletAlias.objects.filter(project=outlet.project, name__iexact=title).exclude(outlet__in=family_of(outlet))
    if other.exists():
        raise Conflict("name_is_an_alias", f"{title!r} is an alias of another outlet. Merge the two if they are one.")
    try:
        if current != expected_n:
            raise IntegrityError
        with transaction.atomic():
            version = OutletVersion.objects.create(
                outlet=outlet,
                n=current + 1,
                name=title[:200],
                country=land,
                languages=tongues,
                control=control,
                ownership=words,
                as_of=as_of,
                source=address[:2000],
            )
            Outlet.objects.filter(pk=outlet.pk).update(name=version.name)
            if newest is not None and newest.name.casefold() != version.name.casefold():
                # Lists and imports that use the name it had still find it.
                was = OutletAlias(project=outlet.project, outlet=outlet, name=newest.name)
                OutletAlias.objects.bulk_create([was], ignore_conflicts=True)
            audit.record("describe_outlet", outlet, by=by, version=version.n)
    except IntegrityError:
        _refuse_name_or_version(outlet, title, current, expected_n)
        raise
    outlet.name = version.name
    return version


def _refuse_name_or_version(outlet: Outlet, name: str, current: int, expected: int) -> None:
    others = Outlet.objects.filter(project=outlet.project, merged_into=None, name__iexact=name).exclude(pk=outlet.pk)
    if current == expected and others.exists():
        raise Conflict("outlet_name_taken", f"There is another outlet called {name!r}. Merge the two if they are one.")
    raise Conflict("stale_version", "Somebody described this outlet meanwhile.", current={"version": current})


def add_alias(outlet: Outlet, name: str, *, by: User) -> None:
    """Another spelling under which datasets and pages name the outlet."""
    _check(outlet, by)
    alias = clean_line(name)[:200]
    if not alias:
        raise Refused("name_missing", "An alias needs a name.")
    try:
        with transaction.atomic():
            _refuse_name_of_another(outlet, alias)
            row = OutletAlias.objects.create(project=outlet.project, outlet=outlet, name=alias)
            audit.record("add_outlet_alias", outlet, by=by, alias=row.pk)
    except IntegrityError:
        raise Conflict("alias_taken", f"{alias!r} is an alias already.") from None


def _refuse_name_of_another(outlet: Outlet, alias: str) -> None:
    """A name leads to one outlet only: what is filed or rated under it must not land with another publisher."""
    family = family_of(outlet)
    others = Outlet.objects.filter(project=outlet.project, merged_into=None, name__iexact=alias).exclude(pk__in=family)
    if others.exists():
        raise Conflict("alias_is_a_name", f"Another outlet is called {alias!r}. Merge the two if they are one.")


def merge_outlets(kept: Outlet, merged: Outlet, *, by: User) -> None:
    """Say that `merged` is the same publisher as `kept`. Nothing is moved, so it can be undone (part_outlet)."""
    _check(kept, by)
    if merged.project_id != kept.project_id:
        raise NotFound
    with transaction.atomic():
        pair = Outlet.objects.select_for_update(no_key=True).filter(pk__in=[kept.pk, merged.pk]).order_by("pk")
        rows: dict[int, Any] = {row.pk: row for row in pair}
        if kept.pk == merged.pk or rows[kept.pk].merged_into_id or rows[merged.pk].merged_into_id:
            raise Conflict("outlet_already_merged", "One of the two is merged already, or both are the same.")
        Outlet.objects.filter(pk=merged.pk).update(merged_into=kept)
        audit.record("merge_outlets", kept, by=by, merged=merged.pk)


def part_outlet(merged: Outlet, *, by: User) -> None:
    """Undo a merge: the outlet stands for itself again, with its articles, domains and aliases."""
    _check(merged, by)
    try:
        with transaction.atomic():
            row = Outlet.objects.select_for_update(no_key=True).get(pk=merged.pk)
            if row.merged_into_id is None:
                raise Conflict("outlet_not_merged", "This outlet is not merged into another.")
            Outlet.objects.filter(pk=row.pk).update(merged_into=None, held_at=_held_at(row))
            audit.record("part_outlet", row, by=by, was=row.merged_into_id)
    except IntegrityError:
        raise Conflict(
            "outlet_name_taken", f"Another outlet is called {merged.name!r} now. Rename one of the two first."
        ) from None


def split_outlet(outlet: Outlet, *, domain: str, name: str, by: User) -> Outlet:
    """Say that what is published on one of the outlet's domains is another publisher: the domain and the articles with
    addresses there become an outlet of their own. Merging it back undoes it."""
    _check(outlet, by)
    title = clean_line(name)[:200]
    if not title:
        raise Refused("name_missing", "The outlet that is split off needs a name.")
    try:
        with transaction.atomic():
            row = OutletDomain.objects.select_for_update().filter(outlet=outlet, domain=domain).first()
            if row is None:
                raise Refused("unknown_domain", f"{domain[:80]!r} is not a domain of this outlet.")
            made = Outlet.objects.create(project=outlet.project, name=title, held_at=_held_at(outlet))
            OutletVersion.objects.create(outlet=made, n=1, name=title)
            row.outlet = made
            row.save(update_fields=["outlet"])
            hosts = rf"^https?://(?:www\.)?{re.escape(domain.removeprefix('www.'))}(?:[:/?#]|$)"
            moved = Article.objects.filter(outlet=outlet).filter(url__iregex=hosts).update(outlet=made)
            audit.record("split_outlet", outlet, by=by, made=made.pk, articles=moved)
    except IntegrityError:
        raise Conflict("outlet_name_taken", f"There is another outlet called {title!r}. Choose another name.") from None
    return made


def _held_at(outlet: Outlet) -> datetime | None:
    """Since when the outlet, or one that it was merged into, is under legal hold: what leaves it stays held."""
    while outlet.held_at is None and outlet.merged_into is not None:
        outlet = outlet.merged_into
    found: datetime | None = outlet.held_at
    return found


def in_force(outlet: Outlet) -> OutletVersion | None:
    """The statement on control and ownership with the latest day: what was true earlier and learnt later changes
    nothing today. Of one day the newest stands; without any day, the newest of all."""
    dated = F("as_of").desc(nulls_last=True)
    found: OutletVersion | None = outlet.versions.order_by(dated, "-n").first()
    return found


def family_of(outlet: Outlet) -> list[int]:
    """The outlet and all that were merged into it, directly or by way of others."""
    found, fresh = {outlet.pk}, {outlet.pk}
    while fresh:
        fresh = set(Outlet.objects.filter(merged_into__in=fresh).values_list("pk", flat=True)) - found
        found |= fresh
    return sorted(found)


def domains_of(outlet: Outlet) -> list[str]:
    return list(
        OutletDomain.objects.filter(outlet__in=family_of(outlet)).order_by("domain").values_list("domain", flat=True)
    )


def _check(outlet: Outlet, by: User) -> None:
    check_can("manage_outlets", by, outlet.project)
    check_not_archived(outlet.project)
