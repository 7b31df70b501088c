"""Invitations by letter and by link: capped, bound to an address, forgotten."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from claims.errors import Refused
from claims.models import Invitation, Membership, OutgoingMail, User
from claims.people.invitations import (
    accept_invitation,
    forget_old_invitations,
    invite,
    invite_by_mail,
    revoke_invitation,
)
from tests.factories import PASSWORD, make_project, make_user, owner_of, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail_is_on(settings: Any) -> None:
    settings.MAIL_IS_ON = True
    settings.SITE_URL = "https://attest.example.org"


@pytest.mark.usefixtures("mail_is_on")
def test_letters_go_out_with_a_link_each_and_the_address_becomes_the_logins() -> None:
    project = make_project()
    emails = ["ada@sandmouth.example", "ben@sandmouth.example"]
    invite_by_mail(project, emails=emails, role="reviewer", by=owner_of(project))
    run_jobs()
    assert sorted(letter.to[0] for letter in mail.outbox) == emails
    links = {
        letter.to[0]: re.findall(r"https://attest.example.org(/join/\S+)", letter.body)[0] for letter in mail.outbox
    }
    assert len(set(links.values())) == 2
    joined = Client().post(links["ada@sandmouth.example"], {"username": "ada", "password": PASSWORD})
    assert joined.url == f"/p/{project.slug}/"
    ada = User.objects.get(username="ada")
    assert ada.email == "ada@sandmouth.example"
    assert Membership.objects.get(user=ada).invitation is not None


@pytest.mark.usefixtures("mail_is_on")
def test_au_20_a_letter_lets_in_nobody_with_another_address() -> None:
    project = make_project()
    _, token = invite(project, role="reviewer", email="ada@sandmouth.example", by=owner_of(project))
    with pytest.raises(Refused) as refused:
        accept_invitation(token, user=make_user(email="eve@sandmouth.example"))
    assert (refused.value.code, refused.value.status) == ("invitation_for_other_address", 403)
    assert accept_invitation(token, user=make_user(email="Ada@sandmouth.example")).role == "reviewer"


def test_where_no_mail_is_sent_and_for_wrong_addresses_it_says_so(settings: Any) -> None:
    project = make_project()
    with pytest.raises(Refused, match="sends no mail"):
        invite_by_mail(project, emails=["ada@sandmouth.example"], role="reviewer", by=owner_of(project))
    settings.MAIL_IS_ON = True
    with pytest.raises(Refused) as refused:
        invite_by_mail(project, emails=["ada@sandmouth.example", "ben"], role="reviewer", by=owner_of(project))
    assert [problem.code for problem in refused.value.problems] == ["invalid_email"]
    assert not Invitation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_pr_08_twenty_people_at_once_and_a_link_for_five_lets_five_in() -> None:
    project = make_project()
    invitation, token = invite(project, role="reviewer", max_uses=5, by=owner_of(project))
    people, outcomes, barrier = [make_user() for _ in range(20)], [], threading.Barrier(20)

    def accept(user: User) -> None:
        barrier.wait()
        try:
            accept_invitation(token, user=user)
            outcomes.append("in")
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("in") == 5
    assert set(outcomes) == {"in", "invitation_gone"}
    assert Membership.objects.filter(invitation=invitation).count() == 5


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ({"max_uses": 0}, "invalid_uses"),
        ({"max_uses": 101}, "invalid_uses"),
        ({"max_uses": 2, "role": "owner"}, "invalid_uses"),
        ({"max_uses": 2, "email": "ada@sandmouth.example"}, "invalid_uses"),
        ({"days": 91}, "invalid_expiry"),
        ({"email": "ada"}, "invalid_email"),
    ],
)
def test_what_an_invitation_may_not_be(plan: dict[str, object], code: str) -> None:
    project = make_project()
    with pytest.raises(Refused) as refused:
        invite(project, **({"role": "reviewer"} | plan), by=owner_of(project))  # type: ignore[arg-type]
    assert refused.value.code == code


@pytest.mark.usefixtures("mail_is_on")
def test_a_revoked_letter_is_not_sent_and_addresses_are_forgotten() -> None:
    project = make_project()
    (one,) = invite_by_mail(project, emails=["ada@sandmouth.example"], role="reviewer", by=owner_of(project))
    revoke_invitation(one, by=owner_of(project))
    assert not OutgoingMail.objects.exists()
    assert forget_old_invitations() == 0
    Invitation.objects.update(revoked_at="2020-01-01T00:00:00Z")
    assert forget_old_invitations() == 1
    assert Invitation.objects.get().email == ""
