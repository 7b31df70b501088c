"""An article is filed under its outlet by a person, where the import could not know it."""

from __future__ import annotations

import pytest
from django.test import Client

from claims.credibility.citations import citations
from claims.credibility.entities import add_alias, merge_outlets, part_outlet, split_outlet
from claims.credibility.publication import set_hold
from claims.errors import Conflict, NotPermitted
from claims.importing.filing import file_article
from claims.models import Article, AuditEvent, Outlet, OutletDomain, PendingTally
from tests.api.caller import Caller
from tests.factories import make_article, make_claim, make_outlet, make_project, member, owner_of

pytestmark = pytest.mark.django_db


def unfiled() -> Article:
    project = make_project(alice="reviewer")
    article: Article = make_article(project, "Tugs\n\nTugs stay.", outlet=None, state="split")
    Article.objects.filter(pk=article.pk).update(outlet=None)
    article.refresh_from_db()
    make_claim(article, "Tugs stay.", source="Lake Radio", cue="reported")
    return article


def test_a_new_name_makes_an_outlet_and_citations_follow() -> None:
    article = unfiled()
    project = article.project
    assert citations(project) == []
    PendingTally.objects.all().delete()
    file_article(article, outlet=" Tidal  Post ", by=owner_of(project))
    assert article.outlet is not None
    assert [(edge.citing.name, edge.cited.name) for edge in citations(project)] == [(article.outlet.name, "Lake Radio")]
    assert PendingTally.objects.filter(article=article).exists()  # its figures are counted anew
    event = AuditEvent.objects.get(verb="file_article")
    assert event.details == {"was": None, "outlet": article.outlet_id}
    file_article(article, outlet=article.outlet.name, by=owner_of(project))
    assert AuditEvent.objects.filter(verb="file_article").count() == 1  # what changes nothing is not noted


def test_an_alias_leads_to_its_outlet_and_an_empty_name_to_none() -> None:
    article = unfiled()
    outlet, owner = make_outlet(article.project, "Tidal Post"), owner_of(article.project)
    add_alias(outlet, "TP", by=owner)
    assert file_article(article, outlet="tp", by=owner).outlet == outlet
    assert file_article(article, outlet="", by=owner).outlet is None
    assert Outlet.objects.count() == 1


def test_reviewers_may_not_and_who_is_late_is_told() -> None:
    article = unfiled()
    with pytest.raises(NotPermitted):
        file_article(article, outlet="Tidal Post", by=member(article.project, "alice"))
    late = Article.objects.get(pk=article.pk)
    file_article(article, outlet="Tidal Post", by=owner_of(article.project))
    with pytest.raises(Conflict) as stale:
        file_article(late, outlet="Lake Herald", by=owner_of(article.project))
    assert stale.value.code == "article_changed"


def test_no_article_leaves_a_held_outlet_by_filing_splitting_or_parting() -> None:
    article = unfiled()
    project, owner = article.project, owner_of(article.project)
    kept, merged = make_outlet(project, "Tidal Post"), make_outlet(project, "Lake Herald")
    OutletDomain.objects.create(project=project, outlet=kept, domain="tidalpost.example")
    file_article(article, outlet="Tidal Post", by=owner)
    merge_outlets(kept, merged, by=owner)
    set_hold(kept, is_held=True, by=owner)
    with pytest.raises(Conflict) as held:
        file_article(article, outlet="Elsewhere", by=owner)
    assert held.value.code == "legal_hold"
    kept.refresh_from_db()
    assert split_outlet(kept, domain="tidalpost.example", name="Post Blog", by=owner).held_at == kept.held_at
    part_outlet(merged, by=owner)
    merged.refresh_from_db()
    assert merged.held_at == kept.held_at


def test_the_page_and_the_api_file_it(client: Client) -> None:
    article = unfiled()
    project = article.project
    client.force_login(owner_of(project))
    page = f"/p/{project.slug}/articles/{article.pk}/"
    assert "Say which outlet it is of" in client.get(page).content.decode()
    assert client.post(f"{page}outlet/", {"outlet": "Tidal Post"}).status_code == 303
    assert "It is of another outlet" in client.get(page).content.decode()
    caller = Caller(owner_of(project))
    assert caller.post(f"articles/{article.pk}/outlet/", {"outlet": "Lake Herald"}).status_code == 204
    article.refresh_from_db()
    assert article.outlet is not None
    assert article.outlet.name == "Lake Herald"
