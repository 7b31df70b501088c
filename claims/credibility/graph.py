"""The citation graph as a picture's coordinates and as GraphML."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from claims.credibility.citations import Edge, Node

WIDTH, ROW = 900, 34  # of the picture, in its own units
MARGIN = 28


@dataclass(frozen=True)
class Dot:
    """A node of the picture. `side` is where its name stands: start (left of it) or end."""

    name: str
    outlet: int | None
    x: float
    y: float
    side: str


@dataclass(frozen=True)
class Line:
    path: str
    width: float
    title: str


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    dots: list[Dot]
    lines: list[Line]


def draw(edges: Sequence[Edge]) -> Picture:
    """Who cites on the left, who is cited on the right, who does both in the middle; the most connected first."""
    degree: dict[Node, int] = {}
    citing, cited = {edge.citing for edge in edges}, {edge.cited for edge in edges}
    for edge in edges:
        for node in (edge.citing, edge.cited):
            degree[node] = degree.get(node, 0) + edge.articles
    columns: tuple[list[Node], ...] = ([], [], [])
    for node in sorted(degree, key=lambda node: (-degree[node], node.name)):
        columns[1 if node in citing and node in cited else 0 if node in citing else 2].append(node)
    height = max(ROW * max((len(column) for column in columns), default=0) + 2 * MARGIN, 3 * MARGIN)
    places: dict[Node, Dot] = {}
    for n, column in enumerate(columns):
        step = (height - 2 * MARGIN) / max(len(column), 1)
        x = (0.27, 0.5, 0.73)[n] * WIDTH
        for m, node in enumerate(column):
            y = MARGIN + step * (m + 0.5)
            places[node] = Dot(node.name, node.outlet, round(x, 1), round(y, 1), "start" if n == 0 else "end")
    middle = [places[node].y for node in columns[1]]
    lines = [_line(edge, places[edge.citing], places[edge.cited], middle, height) for edge in edges]
    return Picture(WIDTH, round(height), list(places.values()), lines)


def _passing(y: float, taken: Sequence[float], height: float) -> float:
    """The height nearest to y at which a line crosses the middle column clear of its dots: lines that pass keep apart
    from each other, too, where there is room. Between dots that stand close, half way."""
    clear = [y, *(dot + side * ROW for dot in taken for side in (-1, 1))]
    half_way = [(one + other) / 2 for one, other in pairwise(sorted(taken))]
    fits = [at for at in clear if 0 < at < height and all(abs(at - dot) >= ROW for dot in taken)]
    return min(fits or half_way or [y], key=lambda at: abs(at - y))


def _line(edge: Edge, start: Dot, end: Dot, taken: Sequence[float], height: float) -> Line:
    middle = (start.x + end.x) / 2 if start.x != end.x else start.x + 70
    path = f"M{start.x} {start.y} C{middle} {start.y} {middle} {end.y} {end.x} {end.y}"
    if taken and abs(end.x - start.x) > WIDTH * 0.4:  # past the middle column, whose dots it must not seem to join
        y = round(_passing((start.y + end.y) / 2, taken, height), 1)
        first, second = (start.x + middle) / 2, (middle + end.x) / 2
        path = f"M{start.x} {start.y} C{first} {start.y} {first} {y} {middle} {y} S{second} {end.y} {end.x} {end.y}"
    title = f"{edge.citing.name} cites {edge.cited.name}: {edge.claims} claims, {edge.articles} articles"
    title += f", {edge.links} of them by a link" if edge.links else ""
    return Line(path, round(1 + math.log2(edge.articles), 2), title)


def graphml(edges: Sequence[Edge]) -> str:
    """The whole graph in GraphML (graphml.graphdrawing.org), edges from who cites to who is cited."""
    import networkx  # half a second of a start, for one file format

    graph = networkx.DiGraph()
    for edge in edges:
        for node in (edge.citing, edge.cited):
            graph.add_node(node.key, name=_plain(node.name), kind="outlet" if node.outlet else "source")
        counts = {"claims": edge.claims, "articles": edge.articles, "links": edge.links}
        graph.add_edge(edge.citing.key, edge.cited.key, **counts)
    out = io.BytesIO()
    networkx.write_graphml_xml(graph, out, encoding="utf-8")
    return out.getvalue().decode()


def _plain(name: str) -> str:
    """XML 1.0 has no control characters."""
    return "".join(character for character in name if character >= " " or character == "\t")
