"""A password that was forgotten: the letter's link, in our own words from the first page to the last."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tests.factories import make_user, run_jobs

pytestmark = pytest.mark.django_db
NEW = "four-other-words-in-a-row"


@pytest.fixture(autouse=True)
def mail_is_on(settings: Any) -> None:
    settings.MAIL_IS_ON = True


def test_it_works_from_the_letter_to_the_new_password_and_the_link_ends() -> None:
    make_user("gus", email="gus@papers.example")
    page = Client().post("/password/forgotten/", {"email": "gus@papers.example"}, follow=True).content.decode()
    assert "If a login has this address, a letter with a link is on its way." in page
    run_jobs()
    [path] = re.findall(r"https?://[^/]+(/password/forgotten/\S+)", mail.outbox[0].body)
    client = Client()
    asked = client.get(path, follow=True)
    address = asked.redirect_chain[-1][0]
    assert "Keep the new password" in asked.content.decode()
    short = client.post(address, {"password1": "short", "password2": "short"}).content.decode()
    assert 'class="fault"' in short
    done = client.post(address, {"password1": NEW, "password2": NEW}, follow=True).content.decode()
    assert "The new password is kept" in done
    assert Client().login(username="gus", password=NEW)
    again = Client().get(path, follow=True).content.decode()
    assert "This link has ended" in again
    assert "Ask for another letter" in again


def test_a_closed_login_is_named_as_that() -> None:
    assert "This login is closed" in Client().get("/sign-in/closed/").content.decode()
