"""Which outlet an article is of. Outlets are never merged here: what is not known to be one stays two."""

from __future__ import annotations

from itertools import chain, count

from claims.importing.addresses import domain_or_nothing
from claims.importing.readers import Record
from claims.models import Outlet, OutletAlias, OutletDomain, OutletVersion, Project


class Outlets:
    """The outlets of one project during one batch; each is looked up once. Use it under the project's import lock."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._found: dict[tuple[str, str, bool], Outlet | None] = {}

    def of(self, record: Record) -> Outlet | None:
        """Return the outlet of a record, made when it is new; None when neither an address nor a name is known."""
        key = (domain_or_nothing(record.url), record.outlet.strip()[:200], record.is_stated)
        if key not in self._found:
            self._found[key] = find_or_create_outlet(self._project, *key)
        return self._found[key]


def find_or_create_outlet(project: Project, domain: str, name: str, is_stated: bool) -> Outlet | None:
    """Return the outlet of a domain or name; None when there is neither.

    A known domain decides. A name that a person or a data set states joins the outlet of that name while no domain
    speaks against it; what a page says of itself never does, because any page can say it.
    """
    if domain:
        known = OutletDomain.objects.filter(project=project, domain=domain).select_related("outlet").first()
        if known is not None:
            return _survivor(known.outlet)
    named = _outlet_named(project, name) if name else None
    if named is not None and is_stated and not (domain and named.domains.exists()):
        if domain:
            OutletDomain.objects.create(project=project, outlet=named, domain=domain)
        return named
    if not domain and not (name and is_stated):
        return None
    return _create_outlet(project, name=name, domain=domain)


def _create_outlet(project: Project, *, name: str, domain: str) -> Outlet:
    """Make an outlet under its name; where the name is taken, it is told apart by domain and number."""
    plain = name or domain
    told_apart = f"{name[:40]} ({domain})" if name and domain else plain
    candidates = chain([plain, told_apart], (f"{told_apart[:190]} {n}" for n in count(2)))
    shown = next(candidate for candidate in candidates if _outlet_named(project, candidate) is None)
    outlet = Outlet.objects.create(project=project, name=shown)
    OutletVersion.objects.create(outlet=outlet, n=1, name=outlet.name)
    if domain:
        OutletDomain.objects.create(project=project, outlet=outlet, domain=domain)
    return outlet


def _outlet_named(project: Project, name: str) -> Outlet | None:
    outlet: Outlet | None = Outlet.objects.filter(project=project, name__iexact=name, merged_into=None).first()
    if outlet is not None:
        return outlet
    alias = OutletAlias.objects.filter(project=project, name__iexact=name).select_related("outlet").first()
    return _survivor(alias.outlet) if alias is not None else None


def _survivor(outlet: Outlet) -> Outlet:
    """Follow the merges that people made."""
    while outlet.merged_into is not None:
        outlet = outlet.merged_into
    return outlet
