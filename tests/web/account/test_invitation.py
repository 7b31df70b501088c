"""The page behind an invitation link, and the form that makes one."""

from __future__ import annotations

import pytest
from django.test import Client

from claims.people.invitations import invite
from tests.factories import make_project, make_user, member, owner_of

pytestmark = pytest.mark.django_db


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def test_another_login_than_the_invited_one_is_told_before_it_joins_and_can_sign_out() -> None:
    project = make_project()
    _, token = invite(project, role="curator", email="gus@papers.example", by=owner_of(project))
    eve = signed_in(make_user("eve", email="eve@papers.example"))
    page = eve.get(f"/join/{token}/").content.decode()
    assert "was sent to another e-mail address" in page
    assert "Join as" not in page
    assert "Sign out and come back here" in page
    out = eve.post("/sign-out/", {"next": f"/join/{token}/"})
    assert out.url == f"/join/{token}/"
    assert "Make a login and join" in eve.get(out.url).content.decode()


def test_who_is_in_the_project_is_led_there() -> None:
    project = make_project(alice="reviewer")
    _, token = invite(project, role="curator", by=owner_of(project))
    page = signed_in(member(project, "alice")).get(f"/join/{token}/").content.decode()
    assert "You are already in this project." in page
    assert f'href="/p/{project.slug}/"' in page


@pytest.mark.parametrize(("field", "value"), [("days", "0"), ("days", "91"), ("role", "god")])
def test_what_is_wrong_with_an_invitation_stands_at_its_field(field: str, value: str) -> None:
    project = make_project()
    asked = {"role": "reviewer", "days": "14", "max_uses": "1", field: value}
    answer = signed_in(owner_of(project)).post(f"/p/{project.slug}/people/", asked)
    assert answer.status_code == 422
    assert 'class="fault"' in answer.content.decode()
