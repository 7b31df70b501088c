"""The table of reviewers."""

from __future__ import annotations

import pytest

from claims.adjudication.actions import settle_by_majority, settle_label
from claims.adjudication.reviewer_quality import ReviewerRow, reviewer_table
from claims.assignment.actions import draw_next
from claims.labelling.actions import submit_label
from claims.models import Project, RoundUnit
from tests import factories
from tests.adjudication.test_disputes import label_units, unit_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return factories.make_project(alice="reviewer", bob="reviewer", dan="reviewer")


def rows_by_name(rows: list[ReviewerRow]) -> dict[str, ReviewerRow]:
    return {str(row.reviewer.user)[:3]: row for row in rows}


def test_it_works(project: Project) -> None:
    """Dan differs on every stance; on the second question (always the first choice) all agree."""
    round_ = factories.make_round(project, units=4, overlap=3)
    label_units(round_, project, "ssr", "ssr", "rrs", "ssq")
    table = rows_by_name(reviewer_table(round_))
    assert {name: row.n_units for name, row in table.items()} == {"ali": 4, "bob": 4, "dan": 4}
    assert table["ali"].peer.raw == pytest.approx((4 * 0.5 + 4 * 1) / 8)
    assert table["dan"].peer.raw == pytest.approx(0.5)
    panel = (6 + 6 + 4) / 24
    assert table["dan"].peer.shrunk == pytest.approx((8 * 0.5 + 20 * panel) / 28)
    assert table["dan"].too_few == "Too few: 8 of 30 labels shared with others."
    assert table["ali"].peer == table["bob"].peer


def test_settling_against_somebody_is_counted(project: Project) -> None:
    round_ = factories.make_round(project, units=2, overlap=3)
    label_units(round_, project, "ssr", "srq")
    by = factories.owner_of(project)
    settle_by_majority(round_, by=by)
    settle_label(round_, unit_at(round_, 1), "stance", expected_revision=0, outcome="all_wrong", method="expert", by=by)
    table = rows_by_name(reviewer_table(project))
    assert {name: (row.n_settled, row.n_overruled) for name, row in table.items()} == {
        "ali": (4, 1),
        "bob": (4, 1),
        "dan": (4, 2),
    }


def test_a_later_revision_replaces_the_earlier_one(project: Project) -> None:
    round_ = factories.make_round(project, units=1, overlap=3)
    label_units(round_, project, "ssr")
    by = factories.owner_of(project)
    for revision, value in enumerate(("supports", "refutes")):
        settle_label(
            round_, unit_at(round_, 0), "stance", expected_revision=revision, outcome="answer", value=value,
            method="expert", by=by,
        )  # fmt: skip
    assert {name: row.n_overruled for name, row in rows_by_name(reviewer_table(round_)).items()} == {
        "ali": 1,
        "bob": 1,
        "dan": 0,
    }


def test_control_items_are_left_out(project: Project) -> None:
    round_ = factories.make_round(project, units=2, overlap=3)
    label_units(round_, project, "ssr", "sss")
    RoundUnit.objects.filter(round=round_, unit=unit_at(round_, 0)).update(is_control=True)
    assert {row.peer.n for row in reviewer_table(round_)} == {2}
    assert {row.peer.raw for row in reviewer_table(round_)} == {1.0}


def test_median_seconds(project: Project) -> None:
    round_ = factories.make_round(project, units=4)
    label_units(round_, project, "s")
    assert [row.seconds for row in reviewer_table(round_)] == [None]
    alice = factories.reviewer(project, "alice")
    for seconds in (12, 20, 90):
        drawn = draw_next(round_, alice)
        assert drawn is not None
        submit_label(
            round_, drawn.unit, alice, answers=factories.answers_for(round_), seconds=seconds,
            idempotency_key=f"after-{seconds}-seconds", codebook_version_id=round_.codebook_version_id,
        )  # fmt: skip
    assert [row.seconds for row in reviewer_table(round_)] == [20]


def test_a_project_without_labels_has_no_rows(project: Project) -> None:
    assert reviewer_table(project) == []


def test_thirty_shared_labels_are_shown(project: Project) -> None:
    round_ = factories.make_round(project, units=15)
    label_units(round_, project, *["ss"] * 15)
    assert [(row.peer.n, row.too_few) for row in reviewer_table(round_)] == [(30, ""), (30, "")]


def test_other_projects_are_not_counted(project: Project) -> None:
    other = factories.make_project(alice="reviewer", bob="reviewer")
    label_units(factories.make_round(other, units=1), other, "sr")
    assert reviewer_table(project) == []
    assert len(reviewer_table(other)) == 2
