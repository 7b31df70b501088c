"""Which outlet an article is put under."""

from __future__ import annotations

import pytest

from claims.models import (
    Outlet,
)
from tests.factories import make_project
from tests.importing.test_actions import bring_in, upload
from tests.importing.test_readers import PAGE

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rows", "outlets"),
    [
        ([("A.", "Tidal Post", ""), ("B.", "tidal post", "")], {"Tidal Post": []}),
        (
            [("A.", "Tidal Post", "https://www.tidal.example/a"), ("B.", "", "https://tidal.example/b")],
            {"Tidal Post": ["tidal.example"]},
        ),
        ([("A.", "", "https://tidal.example/a")], {"tidal.example": ["tidal.example"]}),
        (
            [("A.", "tidal.example", ""), ("B.", "", "https://tidal.example/b")],
            {"tidal.example": [], "tidal.example 2": ["tidal.example"]},
        ),
        (
            [("A.", "Tidal Post", "https://tidal.example/a"), ("B.", "Tidal Post", "https://tıdal.example/b")],
            {"Tidal Post": ["tidal.example"], "Tidal Post (xn--tdal-lza.example)": ["xn--tdal-lza.example"]},
        ),
    ],
)
def test_up_45_outlets_are_found_by_domain_and_name_and_never_merged_by_likeness(
    rows: list[tuple[str, str, str]], outlets: dict[str, list[str]]
) -> None:
    project = make_project()
    data = "text,outlet,url\n" + "".join(",".join(row) + "\n" for row in rows)
    bring_in(project, upload("rows.csv", data))
    found = {o.name: sorted(o.domains.values_list("domain", flat=True)) for o in Outlet.objects.all()}
    assert found == outlets


def test_a_page_cannot_put_itself_under_another_outlets_name() -> None:
    project = make_project()
    bring_in(project, upload("pier.html", PAGE))
    copied = PAGE.replace("harbour.example", "copycat.example").replace("eleven weeks", "no week at all")
    bring_in(project, upload("copy.html", copied))
    assert {o.name for o in Outlet.objects.all()} == {"Harbour News", "Harbour News (copycat.example)"}
