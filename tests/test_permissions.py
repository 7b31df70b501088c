"""Role by deed: the whole table, so that a hole is a missing line."""

from __future__ import annotations

import pytest

from claims.errors import NotFound, NotPermitted
from claims.models.project import ROLES
from claims.permissions import ALLOWED, can, check_can, check_role
from tests.factories import make_project, make_user, member

TABLE = """
deed               owner curator reviewer observer
see_project        yes   yes     yes      yes
browse             yes   yes     yes      yes
import             yes   yes     no       no
correct_claims     yes   yes     no       no
set_warnings       yes   yes     no       no
manage_codebook    yes   yes     no       no
manage_rounds      yes   yes     no       no
label              yes   yes     yes      no
see_agreement      yes   yes     no       yes
settle             yes   yes     no       no
see_desk           yes   yes     yes      yes
edit_desk          yes   yes     no       no
see_reviewers      yes   yes     no       no
review_work        yes   yes     no       no
see_outlets        yes   yes     no       yes
manage_outlets     yes   yes     no       no
release            yes   yes     no       no
download           yes   yes     no       yes
manage_people      yes   no      no       no
see_audit          yes   no      no       no
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]
CASES = [(deed, role, answer == "yes") for deed, *answers in ROWS for role, answer in zip(ROLES, answers, strict=True)]


def test_the_table_is_complete() -> None:
    assert {deed for deed, *_ in ROWS} == set(ALLOWED)


@pytest.mark.parametrize(("deed", "role", "allowed"), CASES)
def test_what_a_role_may_do(deed: str, role: str, allowed: bool) -> None:
    if allowed:
        check_role(deed, role)
    else:
        with pytest.raises(NotPermitted, match=f"You are {role} here"):
            check_role(deed, role)


@pytest.mark.django_db
def test_for_outsiders_nothing_exists() -> None:
    project, outsider = make_project(alice="reviewer"), make_user("mallory")
    for deed in ALLOWED:
        with pytest.raises(NotFound):
            check_can(deed, outsider, project)
    assert not can("see_project", outsider, project)
    assert can("label", member(project, "alice"), project)
