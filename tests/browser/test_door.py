"""The door in a browser: passkeys and security keys of a virtual authenticator, codes, an identity provider."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from playwright.sync_api import CDPSession, Page, expect
from pytest_django.live_server_helper import LiveServer

from annotator.configuration.headers import with_provider
from claims.models import User
from tests.browser.provider import CLIENT, SECRET, Provider
from tests.factories import PASSWORD, make_user
from tests.security.test_door import code, give_app

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def sign_in(page: Page, base: str, name: str = "alice") -> None:
    page.goto(f"{base}/sign-in/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.context.clear_cookies()


def is_in(page: Page, base: str) -> bool:
    page.goto(f"{base}/sessions/")
    return page.get_by_role("heading", name="Sessions").count() == 1


@pytest.fixture
def key(page: Page) -> Iterator[tuple[CDPSession, str]]:
    """An authenticator that Chromium plays: it holds passkeys, and its user is always there and verified."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    kind = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
    yield cdp, made["authenticatorId"]
    cdp.send("WebAuthn.disable")


def add_key(page: Page, base: str, *, passkey: bool) -> None:
    page.goto(f"{base}/second-factor/keys/add/")
    page.get_by_label(re.compile("Name")).fill("My telephone")
    box = page.get_by_role("checkbox")
    box.check() if passkey else box.uncheck()
    page.get_by_role("button", name="Add").click()
    expect(page).not_to_have_url(re.compile("/keys/add/"))


def test_a_passkey_is_added_and_signs_in_without_a_password(
    page: Page, live_server: LiveServer, key: tuple[CDPSession, str]
) -> None:
    user = make_user("alice")
    sign_in(page, live_server.url)
    add_key(page, live_server.url, passkey=True)
    assert Authenticator.objects.filter(user=user, type="webauthn").count() == 1
    cdp, authenticator = key
    assert len(cdp.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]) == 1
    sign_out(page)
    assert not is_in(page, live_server.url)
    page.goto(f"{live_server.url}/sign-in/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).not_to_have_url(re.compile("/sign-in/"))
    assert is_in(page, live_server.url)


def test_a_security_key_is_asked_for_after_the_password(
    page: Page, live_server: LiveServer, key: tuple[CDPSession, str]
) -> None:
    make_user("alice")
    sign_in(page, live_server.url)
    add_key(page, live_server.url, passkey=False)
    sign_out(page)
    sign_in(page, live_server.url)
    expect(page).to_have_url(re.compile("/sign-in/code/"))
    assert not is_in(page, live_server.url)
    page.goto(f"{live_server.url}/sign-in/code/")
    page.get_by_role("button", name=re.compile("security key", re.IGNORECASE)).click()
    expect(page).not_to_have_url(re.compile("/sign-in/"))
    assert is_in(page, live_server.url)


def test_a_key_that_is_not_known_opens_nothing(
    page: Page, live_server: LiveServer, key: tuple[CDPSession, str]
) -> None:
    make_user("alice")
    sign_in(page, live_server.url)
    add_key(page, live_server.url, passkey=True)
    Authenticator.objects.all().delete()
    sign_out(page)
    page.goto(f"{live_server.url}/sign-in/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_load_state("networkidle")
    assert not is_in(page, live_server.url)


def test_an_app_is_set_up_and_its_codes_are_asked_for(page: Page, live_server: LiveServer) -> None:
    user = make_user("alice")
    give_app(user)
    sign_in(page, live_server.url)
    expect(page).to_have_url(re.compile("/sign-in/code/"))
    page.get_by_label(re.compile("code", re.IGNORECASE)).fill("000000")
    page.get_by_label(re.compile("code", re.IGNORECASE)).press("Enter")
    expect(page).to_have_url(re.compile("/sign-in/code/"))
    page.get_by_label(re.compile("code", re.IGNORECASE)).fill(code())
    page.get_by_label(re.compile("code", re.IGNORECASE)).press("Enter")
    expect(page).not_to_have_url(re.compile("/sign-in/"))
    assert is_in(page, live_server.url)


# --- an identity provider --------------------------------------------------------------------------------------------


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with Provider() as running:
        app = {
            "provider_id": "oidc", "name": "Sandmouth", "client_id": CLIENT, "secret": SECRET,
            "settings": {"server_url": running.address},
        }  # fmt: skip
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
        settings.CONTENT_SECURITY_POLICY = with_provider(settings.CONTENT_SECURITY_POLICY, running.address)
        settings.ROOT_URLCONF = "tests.browser.provider_urls"
        yield running


def test_a_provider_is_connected_and_signs_in(page: Page, live_server: LiveServer, provider: Provider) -> None:
    user = make_user("alice")
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/sessions/")
    page.get_by_role("button", name="Connect Sandmouth").click()
    page.wait_for_url(f"{live_server.url}/**")
    assert provider.faults == []
    connected = SocialAccount.objects.get()
    assert (connected.user_id, connected.uid) == (user.pk, "person-14")
    sign_out(page)
    page.goto(f"{live_server.url}/sign-in/")
    page.get_by_role("button", name="Sign in with Sandmouth").click()
    page.wait_for_url(f"{live_server.url}/**")
    assert provider.faults == []
    assert is_in(page, live_server.url)
    page.goto(f"{live_server.url}/sessions/")
    expect(page.get_by_text("Sandmouth signs you in")).to_be_visible()


def test_a_provider_makes_no_logins(page: Page, live_server: LiveServer, provider: Provider) -> None:
    """Somebody whom nobody connected is known to the provider, and to nobody here."""
    make_user("alice")
    provider.subject = "stranger"
    page.goto(f"{live_server.url}/sign-in/")
    page.get_by_role("button", name="Sign in with Sandmouth").click()
    page.wait_for_url(f"{live_server.url}/**")
    assert not is_in(page, live_server.url)
    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 0)


def test_the_second_factor_is_asked_for_behind_a_provider_too(
    page: Page, live_server: LiveServer, provider: Provider
) -> None:
    user = make_user("alice")
    give_app(user)
    SocialAccount.objects.create(user=user, provider="oidc", uid="person-14")
    page.goto(f"{live_server.url}/sign-in/")
    page.get_by_role("button", name="Sign in with Sandmouth").click()
    expect(page).to_have_url(re.compile("/sign-in/code/"))
    assert not is_in(page, live_server.url)


def test_no_link_of_a_stranger_connects_a_provider(live_server: LiveServer, provider: Provider) -> None:
    """Connecting is a form with a token: a link that somebody sends only asks."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("alice"))
    address = reverse("openid_connect_login", args=["oidc"]) + "?process=connect"
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 403
