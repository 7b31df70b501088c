"""Who cites whom, as a graph with its table, and claims that many repeat and one began."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.http import HttpRequest, HttpResponse

from claims.credibility.citations import MOST_EDGES, citations, degrees, repeated_claims
from claims.credibility.graph import draw, graphml
from claims.exporting.writers.csv import GUARDED
from claims.web.page import Here, project_page, show

MOST_NODES = 100  # rows of the table of nodes
DRAWN = 60  # edges that a picture of this size can show apart


@project_page("see_outlets", tab="outlets")
def graph(request: HttpRequest, here: Here) -> HttpResponse:
    found = citations(here.project, most=None)
    edges, nodes = found[:MOST_EDGES], degrees(found)
    context: dict[str, Any] = {"edges": edges, "total": len(found), "picture": draw(edges[:DRAWN]), "drawn": DRAWN}
    context |= {"nodes": nodes[:MOST_NODES], "total_nodes": len(nodes)}
    return show(request, "citations", here, repeated=repeated_claims(here.project), **context)


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
