"""Relations in the database: suggested by index, decided by people, kept for ever."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from claims.adjudication.actions import settle_label
from claims.errors import Conflict, NotPermitted, Refused
from claims.matching import candidates
from claims.matching.actions import cite_document, decide_relation, relate_claims, suggest_relations
from claims.models import AuditEvent, ClaimRelation, Job, RelationDecision, SourceDocument
from tests.factories import (
    label,
    make_article,
    make_claim,
    make_project,
    make_round,
    member,
    owner_of,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db
ONE = "The Lake Ferry carried 900 cars to Sandmouth on Monday"
OTHER = "The Lake Ferry carried 400 cars to Sandmouth on Monday"


def pair() -> ClaimRelation:
    project = make_project(alice="reviewer")
    left = make_claim(make_article(project, f"Ferry\n\n{ONE}."), ONE)
    make_claim(make_article(project, f"Boat\n\n{OTHER}."), OTHER)
    make_claim(make_article(make_project(), f"Elsewhere\n\n{ONE}."), ONE)  # another project is never looked at
    assert suggest_relations(left.claim) == 1
    return ClaimRelation.objects.get()


def test_it_works() -> None:
    relation = pair()
    assert (relation.suggested, relation.relation, relation.origin) == ("conflicts_in_detail", "", "rule")
    assert [(d["kind"], d["left"], d["right"]) for d in relation.differences] == [("number", "900", "400")]
    decide_relation(relation, "contradicts", expected=0, by=owner_of(relation.project))
    relation.refresh_from_db()
    assert (relation.relation, relation.suggested) == ("contradicts", "conflicts_in_detail")
    assert AuditEvent.objects.filter(verb="decide_relation", subject_id=relation.pk).count() == 1
    assert suggest_relations(relation.right) == 1  # the same pair again
    assert ClaimRelation.objects.count() == 1


def test_decisions_are_kept_and_a_late_one_is_told() -> None:
    relation = pair()
    owner = owner_of(relation.project)
    decide_relation(relation, "same", expected=0, by=owner)
    with pytest.raises(Conflict) as late:
        decide_relation(relation, "unrelated", expected=0, by=owner)
    assert late.value.current == {"n": 1, "relation": "same"}
    decide_relation(relation, "unrelated", expected=1, by=owner, note="another ferry")
    assert list(relation.decisions.order_by("n").values_list("relation", flat=True)) == ["same", "unrelated"]
    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
        RelationDecision.objects.all().delete()


def test_who_may_decide_and_what() -> None:
    relation = pair()
    with pytest.raises(NotPermitted):
        decide_relation(relation, "same", expected=0, by=member(relation.project, "alice"))
    with pytest.raises(Refused, match="no such relation"):
        decide_relation(relation, "alike", expected=0, by=owner_of(relation.project))


def test_a_person_relates_what_nobody_suggested() -> None:
    relation = pair()
    left, right = relation.left, relation.right
    again = relate_claims(right, left, "more_specific", by=owner_of(relation.project))
    assert (again.pk, again.relation) == (relation.pk, "more_general")


SEARCHES = ((candidates.BY_TRIGRAM, "claims_claim_search"), (candidates.BY_WORDS, "claims_claim_words"))
MANY = """
INSERT INTO claims_claim (project_id, text)
SELECT %s, 'Report ' || n || ': ' || md5(n::text) || ' met ' || md5((n * 7)::text) || ' in ' || md5((n * 13)::text)
FROM generate_series(1, 30000) n
"""


def test_both_searches_use_their_index_among_many_claims() -> None:
    """The index that answers the question, not one that lists the project's claims."""
    project = make_project()
    claim = make_claim(make_article(project, f"Ferry\n\n{ONE}."), ONE).claim
    values = {"project": project.pk, "text": ONE, "claim": claim.pk, "most": 5, "ranked": 400}
    values["words"] = candidates.query_words(ONE)
    with connection.cursor() as cursor:
        cursor.execute(MANY, [project.pk])
        for _, index in SEARCHES:  # as autovacuum does: what was just written waits in a list of its own
            cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [index])
        cursor.execute("ANALYZE claims_claim")
        cursor.execute(candidates.BY_INDEX, {"threshold": "0.3", "others": "off"})
        for sql, index in SEARCHES:
            cursor.execute(f"EXPLAIN {sql}", values)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert index in plan, plan
            assert "Seq Scan" not in plan


ALIKE = """
INSERT INTO claims_claim (project_id, text)
SELECT %s, 'The harbour office of Sandmouth counted ' || n || ' crates of herring that day'
FROM generate_series(1, 3000) n
"""


def test_among_thousands_of_lines_that_differ_in_a_number_few_are_ranked_and_the_nearest_found() -> None:
    project = make_project()
    twin = "The harbour office of Sandmouth counted no crates of herring at all that day"
    with connection.cursor() as cursor:
        cursor.execute(ALIKE, [project.pk])
    claim = make_claim(make_article(project, f"Herring\n\n{twin}."), twin).claim
    with CaptureQueriesContext(connection) as asked:
        found = candidates.candidates_for(claim)
    assert 0 < len(found) <= 2 * candidates.CANDIDATES
    assert sum("similarity(text" in query["sql"] for query in asked.captured_queries) == len(candidates.THRESHOLDS)
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_seqscan")
        assert cursor.fetchone() == ("on",)  # what the searches forbid the planner ends with them


def test_a_long_list_is_matched_a_chunk_of_time_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from claims import jobs
    from claims.matching import actions

    monkeypatch.setattr(actions, "CHUNK_SECONDS", 0.0)
    relation = pair()
    job = jobs.enqueue("match_claims", project=relation.project, args={"claims": [relation.left_id, relation.right_id]})
    seen: list[int] = []

    def watch(job: Job) -> AbstractContextManager[None]:
        seen.append(job.counts["read"])
        return real(job)

    real = jobs.chunk
    monkeypatch.setattr(jobs, "chunk", watch)
    run_jobs()
    job.refresh_from_db()
    assert seen == [0, 1]
    assert job.counts == {"total": 2, "read": 2, "suggested": 2}
    assert job.sentence == "2 claims looked for elsewhere; 2 pairs suggested."


def test_reports_of_one_organisation_stay_two_documents() -> None:
    relation = pair()
    owner = owner_of(relation.project)
    ours = relation.left.occurrences.get()
    theirs = relation.right.occurrences.get()
    first = cite_document(ours, publisher="Conflict Watch", title="Weapons", published="2017-12", by=owner)
    again = cite_document(theirs, publisher=" conflict  watch", title="WEAPONS", published="2017-12", by=owner)
    other = cite_document(theirs, publisher="Conflict Watch", title="Drones", published="2020", by=owner)
    assert first == again != other
    assert SourceDocument.objects.count() == 2
    with pytest.raises(Refused):
        cite_document(ours, publisher=" ", by=owner)


def test_claims_of_different_documents_are_not_suggested_as_the_same() -> None:
    project = make_project()
    owner = owner_of(project)
    left = make_claim(make_article(project, f"Ferry\n\n{ONE}."), ONE)
    right = make_claim(make_article(project, f"Boat\n\n{ONE}."), ONE)
    assert [one.relation for one in candidates.suggestions_for(left.claim)] == ["same"]
    cite_document(left, publisher="Conflict Watch", published="2017", by=owner)
    cite_document(right, publisher="Conflict Watch", published="2020", by=owner)
    assert [one.relation for one in candidates.suggestions_for(left.claim)] == ["related_only"]


def test_an_import_is_followed_by_matching() -> None:
    from claims import jobs

    project = make_project()
    make_claim(make_article(project, f"Ferry\n\n{ONE}."), ONE)
    article = make_article(project, f"Boat arrived in the harbour\n\n{OTHER}.")
    jobs.enqueue("split_article", project=project, args={"article": article.pk})
    run_jobs()
    assert ClaimRelation.objects.get().suggested == "conflicts_in_detail"


def test_the_claim_page_shows_documents_and_stance_to_those_who_may(client: Client) -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    round_ = make_round(project, units=1, overlap=1)
    place = round_.round_units.get()
    occurrence = place.unit.occurrence_version.occurrence
    label(round_, place.unit, reviewer(project, "alice"), stance="supports")
    run_jobs()
    settle_label(
        round_,
        place.unit,
        "stance",
        expected_revision=0,
        outcome="answer",
        method="expert",
        by=owner_of(project),
        value="refutes",
    )
    page = f"/p/{project.slug}/claims/{occurrence.claim_id}/"
    client.force_login(owner_of(project))
    client.post(page, {"occurrence": occurrence.pk, "publisher": "Tidal Institute", "published": "2025-03"})
    shown = client.get(page).content.decode()
    assert "outlet’s stance: refutes" in shown
    assert "Tidal Institute" in shown
    refused = client.post(page, {"occurrence": occurrence.pk, "publisher": "x", "url": "javascript:alert(1)"})
    assert refused.status_code == 422
    client.force_login(member(project, "bob"))
    assert "outlet’s stance" not in client.get(page).content.decode()
