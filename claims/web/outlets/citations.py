"""Who cites whom, as a graph with its table, and claims that many repeat and one began."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from claims.credibility.citations import citations, degrees, rank, repeated_claims
from claims.credibility.graph import draw, graphml
from claims.exporting.writers.csv import GUARDED
from claims.models import Article
from claims.web.page import Here, project_page, show

EDGES = 50  # rows of one page of the table
MOST_NODES = 25  # rows of the table of nodes
MOST_REPEATED = 25
DRAWN = 60  # edges that a picture of this size can show apart
AFTER = ("articles", "claims", "citing", "cited")  # what the edge before the page is named by


@project_page("see_outlets", tab="outlets")
def graph(request: HttpRequest, here: Here) -> HttpResponse:
    """The strongest edges as a picture and who is cited most; every edge in pages of the table."""
    found = citations(here.project, most=None)
    after = _after(request)
    rest = [edge for edge in found if rank(edge) > after] if after else found
    edges = rest[:EDGES]
    context: dict[str, Any] = {"edges": edges, "total": len(found), "is_first": after is None}
    if len(rest) > EDGES:
        last = edges[-1]
        named = zip(AFTER, (last.articles, last.claims, last.citing.key, last.cited.key), strict=True)
        context["next_query"] = "?" + urlencode(dict(named))
    if after is None:
        nodes, repeated = degrees(found), repeated_claims(here.project)
        context |= {"picture": draw(found[:DRAWN]), "drawn": DRAWN}
        context |= {"nodes": nodes[:MOST_NODES], "total_nodes": len(nodes)}
        context |= {"repeated": repeated[:MOST_REPEATED], "total_repeated": len(repeated)}
    if not found:
        context["unfiled"] = (
            Article.objects.filter(project=here.project, outlet=None).exclude(state="retracted").count()
        )
    return show(request, "citations", here, **context)


def _after(request: HttpRequest) -> tuple[int, int, str, str] | None:
    """The rank of the last edge of the page before; None on the first page, and for what is no such address."""
    articles, claims, citing, cited = (request.GET.get(name, "") for name in AFTER)
    if not all(number.isascii() and number.isdigit() and len(number) < 19 for number in (articles, claims)):
        return None
    return -int(articles), -int(claims), citing, cited


@project_page("see_outlets", tab="outlets")
def graph_file(request: HttpRequest, here: Here, kind: str) -> HttpResponse:
    """All edges as GraphML or CSV."""
    edges = citations(here.project, most=None)
    if kind == "graphml":
        content, media = graphml(edges), "application/graphml+xml"
    else:
        out = io.StringIO()
        lines = csv.writer(out, lineterminator="\r\n")
        lines.writerow(["citing", "cited", "claims", "articles", "links"])
        for edge in edges:
            names = _guarded(edge.citing.name), _guarded(edge.cited.name)
            lines.writerow([*names, edge.claims, edge.articles, edge.links])
        content, media = out.getvalue(), "text/csv; charset=utf-8"
    response = HttpResponse(content, content_type=media)
    response["Content-Disposition"] = f'attachment; filename="citations-{here.slug}.{kind}"'
    return response


def _guarded(name: str) -> str:
    """As the releases do: no cell that a spreadsheet would take for a formula."""
    return f"'{name}" if name.startswith(GUARDED) else name
