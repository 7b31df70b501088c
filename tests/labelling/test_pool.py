"""Evidence shared while a round is labelled: sources go round, verdicts do not."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from claims.assignment.actions import draw_next
from claims.labelling.actions import revise_label
from claims.labelling.pool import Found
from claims.labelling.queries import label_context
from claims.models import OutletDomain, Round
from tests.factories import answers_for, label, make_outlet, make_project, make_round, member, reviewer

pytestmark = pytest.mark.django_db
MINUTES = {"url": "https://minutes.example/14", "quote": "14 bolts", "title": "Minutes", "published": "2026-03-14"}
WITNESS = {"url": "https://witness.example/a", "quote": "I counted them", "relation": "refutes", "answer": "No."}


def pool_round(**plan: Any) -> Round:
    return make_round(
        make_project(alice="reviewer", bob="reviewer", dora="reviewer"),
        units=1,
        overlap=3,
        **{"evidence_visibility": "pool"} | plan,
    )


def submit(round_: Round, name: str, evidence: list[dict[str, str]], **said: Any) -> None:
    drawn = draw_next(round_, reviewer(round_.project, name))
    assert drawn is not None
    label(round_, drawn.unit, reviewer(round_.project, name), evidence=evidence, **said)


def pool_of(round_: Round, name: str) -> list[Found]:
    drawn = draw_next(round_, reviewer(round_.project, name))
    unit = drawn.unit_id if drawn else round_.round_units.get().unit_id
    return list(label_context(round_, unit, reviewer(round_.project, name)).pool)


def test_it_works_sources_go_round_once_each_and_in_no_telling_order() -> None:
    round_ = pool_round()
    submit(round_, "alice", [WITNESS, MINUTES | {"relation": "supports"}])
    submit(round_, "dora", [MINUTES | {"relation": "refutes", "strength": "strong"}])
    assert pool_of(round_, "bob") == [
        Found("https://minutes.example/14", "14 bolts", "Minutes", "", "2026-03-14"),
        Found("https://witness.example/a", "I counted them", "", "", ""),
    ]
    assert [one.url for one in pool_of(round_, "dora")] == ["https://minutes.example/14", "https://witness.example/a"]


def test_evidence_is_private_unless_the_round_says_otherwise() -> None:
    round_ = pool_round(evidence_visibility="private")
    submit(round_, "alice", [MINUTES | {"relation": "supports"}])
    assert pool_of(round_, "bob") == []


@pytest.mark.parametrize("visibility", ["private", "pool"])
def test_inv_4_what_bob_receives_does_not_depend_on_how_alice_read_it(client: Client, visibility: str) -> None:
    """Same sources, opposite readings: page and API of the unit are the same to the byte, but for tokens and ids."""
    received = []
    readings: list[dict[str, Any]] = [
        {"relation": "supports", "strength": "weak", "answer": "Yes.", "source_kind": "official"},
        {"relation": "refutes", "strength": "strong", "answer": "No.", "source_kind": "news"},
    ]
    for reading, stance, verdict in zip(readings, ("supports", "refutes"), ("supported", "refuted"), strict=True):
        round_ = pool_round(evidence_visibility=visibility)
        submit(round_, "alice", [MINUTES | reading], stance=stance, verdict=verdict, notes={"note": f"So {verdict}."})
        drawn = draw_next(round_, reviewer(round_.project, "bob"))
        assert drawn is not None
        client.force_login(member(round_.project, "bob"))
        body = client.get(f"/p/{round_.project.slug}/rounds/{round_.pk}/label/{drawn.unit_id}/").content.decode()
        start = body.index('id="q-evidence"')
        received.append((body[start : body.index('id="q-verdict"', start)].count("14 bolts"), body))
        for word in ("Yes.", "No.", f"So {verdict}.", member(round_.project, "alice").username):
            assert word not in body
        context = label_context(round_, drawn.unit_id, reviewer(round_.project, "bob"))
        assert [vars(one) for one in context.pool] == ([] if visibility == "private" else [MINUTES | {"outlet": ""}])
    assert [n for n, _ in received] == ([0, 0] if visibility == "private" else [2, 2])


def test_what_a_correction_took_out_leaves_the_pool() -> None:
    round_ = pool_round()
    submit(round_, "alice", [MINUTES | {"relation": "supports"}])
    unit = round_.round_units.get().unit
    revise_label(
        round_,
        unit,
        reviewer(round_.project, "alice"),
        answers=answers_for(round_),
        evidence=[],
        idempotency_key="taken-out-again",
        codebook_version_id=round_.codebook_version_id,
        expected_seq=1,
    )
    assert pool_of(round_, "bob") == []


def test_a_round_that_hides_the_outlet_passes_on_no_page_of_it() -> None:
    round_ = pool_round(hides_outlet=True)
    article = round_.round_units.get().unit.article
    assert article is not None
    archive = MINUTES | {"url": "https://archive.minutes.example/14", "relation": "neither"}
    submit(round_, "alice", [WITNESS, MINUTES | {"relation": "supports"}, archive])
    article.outlet = make_outlet(round_.project)
    article.save()
    OutletDomain.objects.create(project=round_.project, outlet=article.outlet, domain="minutes.example")
    assert [one.url for one in pool_of(round_, "bob")] == ["https://witness.example/a"]


def test_in_another_round_nothing_of_it_is_seen() -> None:
    round_ = pool_round()
    submit(round_, "alice", [MINUTES | {"relation": "supports"}])
    later = make_round(round_.project, codebook=round_.codebook_version, evidence_visibility="pool")
    assert pool_of(later, "bob") == []
