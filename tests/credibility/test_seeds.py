"""Who cites whom in the five real articles: the small true graph."""

from __future__ import annotations

from pathlib import Path

import pytest

from claims import jobs
from claims.credibility.citations import citations
from claims.credibility.entities import confirm_outlet
from claims.importing.actions import start_import
from claims.models import Article, Job, Outlet, Project
from claims.tasks import do
from tests.factories import make_project, owner_of

SEEDS = Path(__file__).parents[3] / "shared" / "data" / "seeds"
# Only one of the five says in its text who published it.
PUBLISHERS = {"001": "PanARMENIAN.Net"}
UNKNOWN = {n: f"Unknown publisher of {n}" for n in ("000", "002", "003", "004")}

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SEEDS.is_dir(), reason="the five real articles are not here"),
]


def import_with_outlets() -> Project:
    project = make_project()
    for path in sorted(SEEDS.glob("*.txt")):
        outlet = (PUBLISHERS | UNKNOWN)[path.name[:3]]
        start_import(project, text=path.read_bytes().decode(), title=path.stem, outlet=outlet, by=owner_of(project))
    for kind in ("import_articles", "split_article"):
        for queued in Job.objects.filter(kind=kind, state="queued"):
            jobs.run(queued.pk, {kind: do})
    for outlet in Outlet.objects.filter(project=project):
        confirm_outlet(outlet, by=owner_of(project))
    return project


def test_the_five_articles_give_a_small_true_graph() -> None:
    project = import_with_outlets()
    assert Article.objects.filter(outlet__confirmed_at__isnull=False).count() == 5
    found = {(edge.citing.name, edge.cited.name) for edge in citations(project)}
    assert found >= {
        ("PanARMENIAN.Net", "Rudaw"),
        ("Rudaw", "German Defence Ministry"),
        ("PanARMENIAN.Net", "Reuters"),
        ("PanARMENIAN.Net", "Spiegel Online"),
        ("PanARMENIAN.Net", "Anadolu Agency"),
        (UNKNOWN["003"], "NBC"),
        ("NBC", "Conflict Armament Research"),
        (UNKNOWN["003"], "Conflict Armament Research"),
        (UNKNOWN["000"], "Conflict Armament Research"),
        (UNKNOWN["004"], "US Department of Defense"),
    }
    assert len(found) <= 20


def test_nobody_is_cited_for_a_pronoun_or_an_unnamed_official() -> None:
    cited = {edge.cited.name.casefold() for edge in citations(import_with_outlets())}
    assert not cited & {"he", "it", "the report", "western intelligence officials", "a ministry spokesperson"}
    assert not any("persons" in name or "report" in name for name in cited)
