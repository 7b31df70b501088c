"""The queue by how certain the model is."""

from __future__ import annotations

import pytest
from django.test import Client

from claims.adjudication.disputes import disputes
from claims.adjudication.posteriors import least_certain, likely_answers
from tests import factories
from tests.adjudication.panels import STANCES, make_panel, right

pytestmark = pytest.mark.django_db


def cleo_errs(name: str, week: int, n: int) -> str:
    """Cleo is wrong on every second unit, Bob alone on the first, against Alice and Cleo."""
    said = right(week, n)
    wrong = STANCES[(STANCES.index(said) + 1) % 3]
    if n == 1:
        return wrong if name == "bob" else said
    return wrong if name == "cleo" and n % 2 == 0 else said


def test_it_works() -> None:
    """Two reliable people against Cleo are surer than one of them with Cleo against the other."""
    _, round_ = make_panel(cleo_errs, weeks=4, units=10)
    round_.state = "closed"
    round_.save()
    found, likely = least_certain(round_, "stance", settled=False, limit=50)
    assert len(found) == 24
    numbers = {
        unit: n for n, unit in enumerate(round_.round_units.order_by("position").values_list("unit_id", flat=True))
    }
    assert {numbers[dispute.unit] % 10 for dispute in found[:4]} == {1}
    for dispute in found[4:]:
        week, n = divmod(numbers[dispute.unit], 10)
        answer = likely[dispute.unit, "stance"]
        assert answer.label.lower() == right(week, n)
        assert answer.posterior > 0.9


def test_a_queue_without_disputes_is_empty() -> None:
    _, round_ = make_panel(lambda name, week, n: right(week, n), weeks=1, units=3)
    assert disputes(round_) == []
    assert likely_answers(round_, []) == {}


def test_the_page_is_put_in_that_order(client: Client) -> None:
    project, round_ = make_panel(cleo_errs, weeks=1, units=10)
    round_.state = "closed"
    round_.save()
    client.force_login(factories.owner_of(project))
    page = client.get(f"/p/{project.slug}/disputes/?order=posterior")
    posteriors = [likely.posterior for _, likely in page.context["rows"]]
    assert posteriors == sorted(posteriors)
    assert "least certain first" in page.content.decode()
