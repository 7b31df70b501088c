"""What may be edited after a release is copied when the release starts, so that it is built the same again.

Labels, texts, claims' wording and outlets' statements are versions of their own and are read as of the seal. All else
that a release shows is frozen here, one row each: the project's name, rounds, outlets' domains, articles' metadata,
which claim an occurrence is of, and what was published at the newsroom's desk.
"""

from __future__ import annotations

from django.db import connection

from claims.models import FrozenRow, Release

# Each gives row ids and facts. Parameters: project, rounds, is_whole, no_articles, no_occurrences.
ARTICLES = """
SELECT a.* FROM claims_article a WHERE a.project_id = %(project)s AND a.id <> ALL(%(no_articles)s::bigint[])
  AND (%(is_whole)s OR EXISTS (
       SELECT FROM claims_unit u JOIN claims_roundunit ru ON ru.unit_id = u.id
       WHERE u.article_id = a.id AND ru.round_id = ANY(%(rounds)s::bigint[])))"""

FACTS = {
    "round": """
SELECT r.id, jsonb_build_object('name', r.name, 'purpose', r.purpose, 'unit_kind', r.unit_kind, 'overlap', r.overlap,
    'questions', to_jsonb(r.questions), 'selection', r.selection, 'codebook', k.slug,
    'codebook_version', r.codebook_version_id, 'units', count(ru.id), 'last', COALESCE(max(ru.position), -1))
FROM claims_round r JOIN claims_codebookversion v ON v.id = r.codebook_version_id
JOIN claims_codebook k ON k.id = v.codebook_id LEFT JOIN claims_roundunit ru ON ru.round_id = r.id
WHERE r.project_id = %(project)s AND r.id = ANY(%(rounds)s::bigint[]) GROUP BY r.id, k.slug
""",
    "outlet": """
SELECT o.id, jsonb_build_object('domains', to_jsonb(ARRAY(
    SELECT d.domain FROM claims_outletdomain d WHERE d.outlet_id = o.id ORDER BY d.domain COLLATE "C")))
FROM claims_outlet o WHERE o.project_id = %(project)s
""",
    "article": f"""
SELECT a.id, jsonb_build_object('outlet_id', a.outlet_id, 'headline', a.headline, 'byline', a.byline, 'url', a.url,
    'published_at', a.published_at, 'published_how', a.published_how, 'language', a.language, 'genre', a.genre,
    'copies', (SELECT k.cluster FROM claims_articlesketch k WHERE k.article_id = a.id))
FROM ({ARTICLES}) a
""",  # noqa: S608
    "occurrence": f"""
SELECT o.id, jsonb_build_object('claim_id', o.claim_id, 'article_id', o.article_id, 'position', o.position)
FROM ({ARTICLES}) a JOIN claims_claimoccurrence o ON o.article_id = a.id
WHERE o.id <> ALL(%(no_occurrences)s::bigint[])
""",  # noqa: S608
    "desk": f"""
SELECT i.id, jsonb_build_object('claim_id', i.claim_id, 'wording', c.text, 'rating', i.rating, 'text', i.text,
    'rationale', i.rationale, 'link', i.link, 'moved_at', i.moved_at, 'writer', i.writer_id,
    'assigned_by', i.assigned_by_id, 'second_editor', i.second_editor_id, 'signed_by', i.signed_by_id)
FROM claims_deskitem i JOIN claims_claim c ON c.id = i.claim_id AND c.retracted_at IS NULL
WHERE i.project_id = %(project)s AND i.state = 'published' AND EXISTS (
    SELECT FROM ({ARTICLES}) a JOIN claims_claimoccurrence o ON o.article_id = a.id AND o.claim_id = i.claim_id
    WHERE o.id <> ALL(%(no_occurrences)s::bigint[]))
""",  # noqa: S608
}
INSERT = "INSERT INTO claims_frozenrow (release_id, kind, row_id, facts) SELECT %(release)s, %(kind)s, t.* FROM ({}) t"


def freeze(release: Release) -> None:
    """Copy it all, in the transaction that numbers the release."""
    project, withheld = release.project, release.filter["withheld"]
    about = {"slug": project.slug, "name": project.name, "goal": project.goal}
    about |= {"title": release.title, "errata": release.errata}
    FrozenRow.objects.create(release=release, kind="project", row_id=project.pk, facts=about)
    params = {
        "release": release.pk,
        "project": project.pk,
        "rounds": release.filter["rounds"],
        "is_whole": release.filter["is_whole"],
        "no_articles": withheld["articles"],
        "no_occurrences": withheld["occurrences"],
    }
    with connection.cursor() as cursor:
        for kind, facts in FACTS.items():
            cursor.execute(INSERT.format(facts), params | {"kind": kind})
