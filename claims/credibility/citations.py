"""Who cites whom: edges from attribution chains and from links, and claims that many repeat and one began.

A chain "the ministry said, according to Rudaw" in an article of PanARMENIAN gives two edges: PanARMENIAN cites Rudaw,
Rudaw cites the ministry. A link in its text gives one, from its outlet to the one behind the address.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import connection

from claims.credibility.clusters import same_claims
from claims.credibility.external import Names
from claims.credibility.sources import abbreviations_of, is_nobody, may_be_short, source_name
from claims.models import Outlet, Project

MOST_EDGES = 400  # of a page; the exports have all
OUTLET_IDS = "outlet:"
CHAINS = """
SELECT a.outlet_id, a.id, array_agg(h.source_text ORDER BY h.n)
FROM claims_article a
JOIN claims_claimoccurrence o ON o.article_id = a.id AND o.state = 'proposed'
JOIN LATERAL (SELECT id FROM claims_occurrenceversion WHERE occurrence_id = o.id ORDER BY n DESC LIMIT 1) v ON true
JOIN claims_attributionhop h ON h.occurrence_version_id = v.id
WHERE a.project_id = %(project)s AND a.outlet_id IS NOT NULL AND a.state IN ('imported', 'split')
GROUP BY a.outlet_id, a.id, v.id
"""
LINKS = """
SELECT a.outlet_id, l.domain, array_agg(DISTINCT a.id)
FROM claims_article a JOIN claims_articlelink l ON l.article_id = a.id
WHERE a.project_id = %(project)s AND a.outlet_id IS NOT NULL AND a.state IN ('imported', 'split')
GROUP BY a.outlet_id, l.domain
"""
ORIGINS = """
SELECT o.claim_id, c.text, a.id, a.outlet_id, a.headline, a.published_at, h.source_text
FROM claims_claimoccurrence o
JOIN claims_claim c ON c.id = o.claim_id
JOIN claims_article a ON a.id = o.article_id AND a.state IN ('imported', 'split')
JOIN LATERAL (SELECT id FROM claims_occurrenceversion WHERE occurrence_id = o.id ORDER BY n DESC LIMIT 1) v ON true
LEFT JOIN claims_attributionhop h ON h.occurrence_version_id = v.id AND h.n = (
    SELECT min(n) FROM claims_attributionhop WHERE occurrence_version_id = v.id)
WHERE o.project_id = %(project)s AND o.state = 'proposed' AND o.claim_id IN (
    (SELECT claim_id FROM claims_claimoccurrence WHERE project_id = %(project)s AND state = 'proposed'
     GROUP BY claim_id HAVING count(DISTINCT article_id) > 1 ORDER BY claim_id DESC LIMIT 500)
    UNION (SELECT unnest(ARRAY[left_id, right_id]) FROM claims_claimrelation
           WHERE project_id = %(project)s AND relation = 'same' ORDER BY score DESC, id LIMIT 500))
ORDER BY o.claim_id, a.published_at NULLS LAST, a.id
"""


@dataclass(frozen=True)
class Node:
    """An outlet of the project (`outlet` is its id) or a source that articles name."""

    key: str
    name: str
    outlet: int | None = None


@dataclass(frozen=True)
class Edge:
    """`citing` names `cited` in so many claims; it names it or leads to it in `articles`, and leads to it in `links` of
    these."""

    citing: Node
    cited: Node
    claims: int
    articles: int
    links: int = 0


@dataclass(frozen=True)
class Degree:
    """How many others cite a node, in how many claims, and how many it cites itself, in how many claims."""

    node: Node
    cited_by: int
    claims_in: int
    cites: int
    claims_out: int


@dataclass(frozen=True)
class Repeated:
    """A claim in several articles. `origin` is the one original speaker all of them name, where it is one."""

    claim: int
    text: str
    articles: int
    outlets: int
    origin: str
    first_article: int
    first_headline: str
    first_at: datetime | None


def citations(project: Project, *, most: int | None = MOST_EDGES) -> list[Edge]:
    """Who cites whom, the edge of most articles first."""
    names = Names(project)
    outlets = dict(Outlet.objects.filter(project=project).values_list("id", "name"))
    claims: Counter[tuple[Node, Node]] = Counter()
    articles: dict[tuple[Node, Node], set[int]] = defaultdict(set)
    linking: dict[tuple[Node, Node], set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(CHAINS, {"project": project.pk})
        chains = cursor.fetchall()
        cursor.execute(LINKS, {"project": project.pk})
        links = cursor.fetchall()
    short = abbreviations_of(article for _, article, chain in chains if any(map(may_be_short, chain)))
    for outlet, article, chain in chains:
        nodes = [source_node(written, names, outlets, short.get(article)) for written in chain]
        for edge in edges_of(outlet_node(outlet, names, outlets), nodes):
            claims[edge] += 1
            articles[edge].add(article)
    for outlet, domain, those in links:
        known = names.outlet(domain)
        cited = Node(domain, domain) if known is None else outlet_node(known, names, outlets)
        for edge in edges_of(outlet_node(outlet, names, outlets), [cited]):
            linking[edge].update(those)
            articles[edge].update(those)
    found = [Edge(*edge, claims[edge], len(those), len(linking.get(edge, ()))) for edge, those in articles.items()]
    found.sort(key=rank)
    return found[:most]


def rank(edge: Edge) -> tuple[int, int, str, str]:
    """The order of edges: of most articles first, then of most claims, then by name."""
    return -edge.articles, -edge.claims, edge.citing.key, edge.cited.key


def degrees(edges: Iterable[Edge]) -> list[Degree]:
    """In- and out-citations of every node of these edges, the most cited first."""
    ins: dict[Node, list[int]] = defaultdict(list)
    outs: dict[Node, list[int]] = defaultdict(list)
    for edge in edges:
        ins[edge.cited].append(edge.claims)
        outs[edge.citing].append(edge.claims)
    found = [Degree(node, len(ins[node]), sum(ins[node]), len(outs[node]), sum(outs[node])) for node in {**ins, **outs}]
    return sorted(found, key=lambda row: (-row.cited_by, -row.claims_in, -row.cites, row.node.name))


def edges_of(outlet: Node, chain: Sequence[Node | None]) -> list[tuple[Node, Node]]:
    """From the outlet back to the original speaker; hops that name nobody are passed over."""
    walked = [outlet]
    for node in reversed(chain):
        if node is not None and node != walked[-1]:
            walked.append(node)
    return list(pairwise(walked))


def outlet_node(outlet: int, names: Names, outlets: Mapping[int, str]) -> Node:
    """The outlet, or the one that it was merged into."""
    root = names.outlet(outlets[outlet]) or outlet
    return Node(f"{OUTLET_IDS}{root}", outlets[root], root)


def source_node(
    written: str, names: Names, outlets: Mapping[int, str], short: Mapping[str, str] | None = None
) -> Node | None:
    """Whom a source means, as it is written or as the article explains it (`short`); None where it names nobody."""
    name = source_name(written, short)
    if not name or is_nobody(name):
        return None
    known = names.outlet(" ".join(written.split())) or names.outlet(source_name(written)) or names.outlet(name)
    if known is not None:
        return Node(f"{OUTLET_IDS}{known}", outlets[known], known)
    return Node(name.casefold(), name)


def repeated_claims(project: Project) -> list[Repeated]:
    """Claims that stand in several articles, in these words or in others that people decided to be the same: those with
    one origin first, the most repeated first."""
    with connection.cursor() as cursor:
        cursor.execute(ORIGINS, {"project": project.pk})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    short = abbreviations_of(row[2] for row in rows if may_be_short(row[-1] or ""))
    cluster = same_claims({row[0] for row in rows})
    by_claim: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        by_claim[cluster[row[0]]].append(row)
    found = []
    for places in by_claim.values():
        places.sort(key=lambda row: (row[5] is None, row[5] or 0, row[2]))
        if len({place[2] for place in places}) < 2:
            continue
        origins = {source_name(place[-1] or "", short.get(place[2])) for place in places}
        one = len({name.casefold() for name in origins}) == 1 and not any(not n or is_nobody(n) for n in origins)
        first = places[0]
        found.append(
            Repeated(
                claim=first[0],
                text=first[1],
                articles=len({place[2] for place in places}),
                outlets=len({place[3] for place in places}),
                origin=source_name(first[6], short.get(first[2])) if one else "",
                first_article=first[2],
                first_headline=first[4],
                first_at=first[5],
            )
        )
    return sorted(found, key=lambda row: (row.origin == "", -row.articles, row.claim))
