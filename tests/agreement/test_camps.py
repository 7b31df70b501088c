"""Agreement by camp of a panel: the answers of those who sat there, and nothing of a camp that is too small."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import combinations, product

import pytest
from django.test import Client

from claims.adjudication.reviews import review_work
from claims.agreement.actions import recount_round
from claims.agreement.camps import SMALLEST_CAMP, shown_strata
from claims.agreement.overview import QuestionAgreement, agreement_overview
from claims.models import CampPattern, PatternCount, Round
from claims.people.traits import say_traits
from tests import factories
from tests.agreement.builders import label_all
from tests.api.caller import Caller, code

pytestmark = pytest.mark.django_db

LEFT = {"alice": "SRSR", "bob": "SRSS", "cleo": "SRRR"}
RIGHT = {"dora": "RRSR", "emil": "RSSR", "fay": "RRRR"}
WORDS = {"S": "supports", "R": "refutes"}


def make_panel(*camps: dict[str, str]) -> Round:
    """People sit in the camps' places in order, left, right, and answer one unit for each letter."""
    names = ("left", "right")[: len(camps)]
    everybody = {name: said for camp in camps for name, said in camp.items()}
    project = factories.make_project(**dict.fromkeys(everybody, "reviewer"))
    panel = [name for name, camp in zip(names, camps, strict=True) for _ in camp]
    round_ = factories.make_round(project, units=4, overlap=len(panel), panel=panel)
    for name, camp in zip(names, camps, strict=True):
        for who in camp:
            say_traits(factories.reviewer(project, who), by=factories.member(project, who), leaning=name)
    label_all(round_, project, **{who: [WORDS[letter] for letter in said] for who, said in everybody.items()})
    return round_


def by_definition(units: Sequence[Sequence[str]]) -> float:
    """Nominal alpha as Krippendorff (2011) defines it: pairs that differ within units, over those in all values."""
    n = sum(map(len, units))
    values = [value for unit in units for value in unit]
    observed = sum(2 * sum(a != b for a, b in combinations(unit, 2)) / (len(unit) - 1) for unit in units) / n
    expected = 2 * sum(a != b for a, b in combinations(values, 2)) / (n * (n - 1))
    return 1 - observed / expected


def stance(round_: Round, stratum: str = "all") -> QuestionAgreement:
    return next(row for row in agreement_overview(round_, stratum) if (row.code, row.view) == ("stance", "full"))


def test_it_works() -> None:
    round_ = make_panel(LEFT, RIGHT)
    assert {part.name for part in shown_strata(round_) if part.kind == "camp"} == {"camp:left", "camp:right"}
    for name, camp in (("camp:left", LEFT), ("camp:right", RIGHT)):
        row = stance(round_, name)
        assert row.headline.value == pytest.approx(by_definition(list(zip(*camp.values(), strict=True))), abs=1e-12)
        assert (row.n_units, row.n_labels, row.n_reviewers, row.pairs) == (4, 12, 3, ())
    everybody = list(zip(*LEFT.values(), *RIGHT.values(), strict=True))
    assert stance(round_).headline.value == pytest.approx(by_definition(everybody), abs=1e-12)


def test_how_often_answers_are_alike_within_and_across() -> None:
    met = stance(make_panel(LEFT, RIGHT)).camps
    units = range(4)
    expected = [
        ("left", [(a[n], b[n]) for n in units for a, b in combinations(LEFT.values(), 2)]),
        ("right", [(a[n], b[n]) for n in units for a, b in combinations(RIGHT.values(), 2)]),
        ("", [(a[n], b[n]) for n in units for a, b in product(LEFT.values(), RIGHT.values())]),
    ]
    assert [(one.camp, one.alike, one.pairs) for one in met] == [
        (camp, sum(a == b for a, b in pairs), len(pairs)) for camp, pairs in expected
    ]


@pytest.mark.parametrize("small", [1, SMALLEST_CAMP - 1])
def test_beside_a_small_camp_none_is_shown(small: int) -> None:
    round_ = make_panel(LEFT, dict(list(RIGHT.items())[:small]))
    assert CampPattern.objects.filter(round=round_, camp="left").exists()
    assert [part for part in shown_strata(round_) if part.kind == "camp"] == []
    assert agreement_overview(round_, "camp:left") == agreement_overview(round_, "camp:right") == []
    assert stance(round_).camps == ()
    answer = Caller(factories.owner_of(round_.project)).get(f"rounds/{round_.pk}/agreement/?stratum=camp:left")
    assert (answer.status_code, code(answer)) == (422, "unknown_stratum")


def test_voided_answers_leave_their_camp_and_a_damaged_count_is_found() -> None:
    round_ = make_panel(LEFT, RIGHT)
    bob, today = factories.reviewer(round_.project, "bob"), datetime.now(UTC).date()
    owner = factories.owner_of(round_.project)
    review_work(bob, "void_range", words="Why.", by=owner, round_=round_, first_day=today, last_day=today)
    factories.run_jobs()
    assert {len(row.reviewers) for row in CampPattern.objects.filter(round=round_, camp="left")} == {2}
    assert recount_round(round_) == []
    PatternCount.objects.filter(round=round_, stratum="camp:right", article=None)[0].delete()
    assert {difference.stratum for difference in recount_round(round_)} == {"camp:right"}
    assert recount_round(round_) == []


def test_the_page_of_a_camp_tells_nobodys_place() -> None:
    round_ = make_panel(LEFT, RIGHT)
    client = Client()
    client.force_login(factories.owner_of(round_.project))
    address = f"/p/{round_.project.slug}/agreement/{round_.pk}/stance/"
    whole, camp = (client.get(address + query).content.decode() for query in ("", "?stratum=camp:left"))
    names = [factories.reviewer(round_.project, who).name for who in (*LEFT, *RIGHT)]
    assert all(name in whole for name in names)
    assert not any(name in camp for name in names)
    assert "Across camps" in whole
    assert "/settle/" in whole
    assert "/settle/" not in camp
