"""A project of any size, written by a few statements: claims in articles of fifty, units and open slots."""

from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction

from claims.assignment.actions import create_round
from claims.labelling.actions import create_codebook
from claims.models import Project, Round, User
from claims.people.actions import add_member, create_project, reviewer_for

CLAIMS_AN_ARTICLE = 50
OVERLAP = 2
FILL = (
    """
    INSERT INTO claims_article (project_id, headline, byline, url, canonical_url, published_how, language, genre,
        content_sha256, state, state_reason, extra, version)
    SELECT %(project)s, 'Ferry report ' || n, '', '', '', 'unknown', 'en', '', md5(n::text), 'split', '', '{}', 1
    FROM generate_series(1, %(articles)s) AS n
    """,
    """
    INSERT INTO claims_textversion (article_id, n, text, sha256, length, recipe)
    SELECT id, 1, 'Ferries arrived late.', content_sha256, 21, 'none' FROM claims_article WHERE project_id = %(project)s
    """,
    """
    INSERT INTO claims_claim (project_id, text)
    SELECT %(project)s, 'Ferry number ' || n || ' arrived late on Monday.' FROM generate_series(1, %(units)s) AS n
    """,
    """
    INSERT INTO claims_claimversion (claim_id, n, text, origin)
    SELECT id, 1, text, 'rule' FROM claims_claim WHERE project_id = %(project)s
    """,
    """
    WITH a AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM claims_article WHERE project_id = %(project)s),
         c AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM claims_claim WHERE project_id = %(project)s)
    INSERT INTO claims_claimoccurrence (project_id, claim_id, article_id, position, state, state_reason, version)
    SELECT %(project)s, c.id, a.id, c.n %% %(each)s, 'proposed', '', 1 FROM c JOIN a ON a.n = c.n / %(each)s
    """,
    """
    INSERT INTO claims_occurrenceversion (occurrence_id, n, verbatim, wording, segment_role, attribution, kinds, hedges,
        checkworthiness_reasons, wording_checks, measures, tense, modality, origin, splitter)
    SELECT o.id, 1, c.text, '', 'body', 'author_voice', '{}', '{}', '{}', '{}', '[]', '', '', 'rule', ''
    FROM claims_claimoccurrence o JOIN claims_claim c ON c.id = o.claim_id WHERE o.project_id = %(project)s
    """,
    """
    INSERT INTO claims_unit (project_id, kind, occurrence_version_id, article_id)
    SELECT %(project)s, 'claim_occurrence', v.id, o.article_id
    FROM claims_occurrenceversion v JOIN claims_claimoccurrence o ON o.id = v.occurrence_id
    WHERE o.project_id = %(project)s
    """,
    """
    INSERT INTO claims_roundunit (round_id, unit_id, position, overlap, is_control)
    SELECT %(round)s, id, row_number() OVER (ORDER BY id) - 1, %(overlap)s, false
    FROM claims_unit WHERE project_id = %(project)s
    """,
    """
    INSERT INTO claims_assignment (round_id, unit_id, slot, position, state, reason)
    SELECT %(round)s, unit_id, slot, position, 'open', ''
    FROM claims_roundunit, generate_series(1, %(overlap)s) AS slot WHERE round_id = %(round)s
    """,
    "UPDATE claims_round SET state = 'open', opened_at = now() WHERE id = %(round)s",
)


def fill(units: int) -> Round:
    """An open round of so many units, each to be labelled by OVERLAP reviewers."""
    owner = User.objects.create(username=f"owner-{units}")
    project = create_project(name=f"{units} units", slug=f"units-{units}", goal="code_corpus", by=owner)
    book = create_codebook(project, preset="stance", by=owner)
    round_ = create_round(
        project, name="Benchmark", codebook_version=book, overlap=OVERLAP, order="random", selection={}, by=owner
    )
    sizes = {"units": units, "articles": -(-units // CLAIMS_AN_ARTICLE), "each": CLAIMS_AN_ARTICLE, "overlap": OVERLAP}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # every row points at one written just above
        cursor.execute("SET LOCAL enable_nestloop = off")  # the planner does not know yet how many rows there are
        for statement in FILL:
            cursor.execute(statement, {"project": project.pk, "round": round_.pk, **sizes})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    round_.refresh_from_db()
    return round_


def sign_in(project: Project, name: str) -> tuple[int, str]:
    """A new reviewer of the project: the id of the reviewer, and the key of a session as signing in would make it."""
    user = User.objects.create(username=name)
    owner = User.objects.get(membership__project=project, membership__role="owner")
    add_member(project, user=user, role="reviewer", by=owner)
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.save()
    return reviewer_for(user, project).pk, str(session.session_key)
