"""Help, in the product: what things mean, how they are computed, how it is run. Tables come from the code itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from claims.adjudication.desk.deeds import DEEDS, DESK_PRESETS
from claims.agreement.benchmarks import all_benchmarks
from claims.assignment.presets import ROUND_PRESETS
from claims.assignment.strategies import STRATEGIES
from claims.credibility.profile import REASONS as OUTLET_REASONS
from claims.exporting.records import TABLES
from claims.exporting.writers import WRITERS, Card, Document, Writer
from claims.importing.datasets import DATASETS
from claims.importing.readers import EXTENSIONS, READERS
from claims.importing.readers.columns import ALIASES
from claims.labelling.codebook import PRESETS, load_preset
from claims.lifecycle import LIFECYCLES
from claims.models.project import ROLES
from claims.permissions import ALLOWED
from claims.statistics.coefficients import COEFFICIENTS
from claims.statistics.score import INTERVAL_REASONS, REASONS, WARNINGS
from claims.web.diagram import draw


def _nothing() -> dict[str, Any]:
    return {}


def _concepts() -> dict[str, Any]:
    deeds = [(deed.replace("_", " "), [role in roles for role in ROLES]) for deed, roles in ALLOWED.items()]
    return {"diagrams": [draw(lifecycle) for lifecycle in LIFECYCLES.values()], "roles": ROLES, "deeds": deeds}


def _formats() -> dict[str, Any]:
    endings = {name: [f".{end}" for end, reader in EXTENSIONS.items() if reader == name] for name in READERS}
    return {
        "readers": endings,
        "datasets": DATASETS,
        "columns": [(name, aliases[1:]) for name, aliases in ALIASES.items()],
        "writers": [(name, writer.title, _endings(writer)) for name, writer in WRITERS.items()],
        "tables": TABLES.items(),
    }


def _endings(writer: Writer | Document | Card) -> str:
    if isinstance(writer, Writer):
        return f".{writer.extension}"
    return ", ".join(part.name for part in writer.parts) if isinstance(writer, Document) else ", ".join(writer.parts)


def _codebooks() -> dict[str, Any]:
    return {"presets": [load_preset(name) for name in PRESETS]}


def _rounds() -> dict[str, Any]:
    presets = {"presets": ROUND_PRESETS.items(), "desks": DESK_PRESETS.values()}
    return {"strategies": STRATEGIES.items(), "deeds": DEEDS.items(), **presets}


def _methods() -> dict[str, Any]:
    return {
        "coefficients": [(name, coefficient.title, coefficient.measures) for name, coefficient in COEFFICIENTS.items()],
        "benchmarks": all_benchmarks(),
        "reasons": REASONS.items(),
        "interval_reasons": INTERVAL_REASONS.items(),
        "warnings": WARNINGS.items(),
        "outlet_reasons": OUTLET_REASONS.items(),
    }


@dataclass(frozen=True)
class HelpPage:
    """`facts` gives what its tables show."""

    title: str
    summary: str
    facts: Callable[[], dict[str, Any]] = _nothing


# slug -> page; its text is templates/help/<slug>.html
HELP_PAGES: dict[str, HelpPage] = {
    "concepts": HelpPage(
        "Concepts", "What an article becomes on its way to a release, and who may do what.", _concepts
    ),
    "keyboard": HelpPage("Keyboard", "The keys of the labelling page."),
    "codebooks": HelpPage("Codebooks", "Those that come along, and how to write your own.", _codebooks),
    "rounds": HelpPage(
        "Rounds", "Who answers what, how often, in which order, and what is asked of reviewers.", _rounds
    ),
    "formats": HelpPage("Formats", "What can be imported, and what a release holds.", _formats),
    "methods": HelpPage("Methods", "Every figure with its formula, its source, and when it is not defined.", _methods),
    "deployment": HelpPage("Deployment", "From one machine to several: processes, settings, backups."),
    "security": HelpPage("Security", "What is protected, how, and what is not."),
    "privacy": HelpPage("Privacy", "What is kept about people, for how long, and how they take it along or delete it."),
    "glossary": HelpPage("Glossary", "The words on these pages, each with one meaning."),
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "help/index.html", {"pages": HELP_PAGES, "here": None})


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    found = HELP_PAGES.get(slug)
    if found is None:
        raise Http404
    context = {"pages": HELP_PAGES, "slug": slug, "page": found, "here": None, **found.facts()}
    return render(request, f"help/{slug}.html", context)
