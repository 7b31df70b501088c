"""A planned query gives what its queryset gives, for any ids, with what was joined and annotated."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from claims.models import Reviewer, Round
from claims.models.planned import Planned
from tests.factories import make_project, make_round

pytestmark = pytest.mark.django_db

ROUND = Planned(lambda pk: Round.objects.select_related("project").filter(pk=pk).annotate(of=F("project__slug")), "pk")


def test_it_works_for_one_id_after_the_other() -> None:
    first, second = make_round(make_project(), units=1), make_round(make_project(), units=2)
    for round_ in (first, second, first):
        found = ROUND.first(pk=round_.pk)
        assert found is not None
        plain = Round.objects.get(pk=round_.pk)
        assert {name: value for name, value in vars(found).items() if name in plain.__dict__ and name != "_state"} == {
            name: value for name, value in vars(plain).items() if name != "_state"
        }
        assert vars(found)["of"] == round_.project.slug


def test_one_statement_with_what_was_joined() -> None:
    round_ = make_round(make_project("Harbour"), units=1)
    with CaptureQueriesContext(connection) as queries:
        found = ROUND.first(pk=round_.pk)
        assert found is not None
        assert found.project.name == "Harbour"
        assert found.selection == round_.selection  # JSON, converted
    assert len(queries) == 1


def test_nothing_is_none_and_constants_stay() -> None:
    project = make_project(alice="reviewer")
    here = Planned(lambda project: Reviewer.objects.filter(project=project).exclude(state="left"), "project")
    n = len(here.rows(project=project.pk))
    Reviewer.objects.filter(project=project, name__endswith="1").update(state="left")
    assert len(here.rows(project=project.pk)) == n - 1
    assert ROUND.first(pk=2**62) is None


def test_a_planned_lock_locks() -> None:
    project = make_project()
    locked = Planned(lambda pk: Reviewer.objects.select_for_update().filter(project=pk), "pk")
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        locked.rows(pk=project.pk)
    assert queries[0]["sql"].endswith("FOR UPDATE")
