"""AU: the door. Limits that let the owner of a login in, second factors, sessions, a new password by mail."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from django.test import Client

from claims.models import ApiToken, AuditEvent, OutgoingMail, RequestCount, SignIn, User
from claims.people import sessions
from claims.people.actions import change_role, create_token
from tests.factories import PASSWORD, make_project, make_user, member, owner_of, run_jobs

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WRONG = "a-wrong-sentence-of-words"


@pytest.fixture
def required(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


def sign_in(client: Client, name: str, password: str = PASSWORD, address: str = "192.0.2.7", **more: str) -> Any:
    return client.post("/sign-in/", {"username": name, "password": password, **more}, REMOTE_ADDR=address)


def code(at: float = 0) -> str:
    return str(format_hotp_value(hotp_value(SECRET, int(time.time() + at) // 30)))


def give_app(user: User) -> list[str]:
    """An authenticator app and recovery codes; returns the codes."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(user, SECRET)
    return list(RecoveryCodes.activate(user).get_unused_codes())


def is_in(client: Client) -> bool:
    return client.get("/tokens/").status_code == 200


# --- tries ---------------------------------------------------------------------------------------------------------


def test_au_01_after_ten_wrong_passwords_the_right_one_is_refused_with_the_same_words(client: Client) -> None:
    make_user("alice")
    for _ in range(10):
        assert sign_in(client, "alice", WRONG).status_code == 200
    wrong, right = sign_in(client, "alice", WRONG), sign_in(client, "alice")
    assert (wrong.status_code, right.status_code) == (429, 429)
    assert 0 < int(right["Retry-After"]) <= 300
    bodies = [re.sub(r'csrfmiddlewaretoken" value="\w+"', "", r.content.decode()) for r in (wrong, right)]
    assert bodies[0] == bodies[1]
    assert "Too many tries" in bodies[0]
    [row] = AuditEvent.objects.filter(verb="attempts_limited")
    assert row.subject_id == User.objects.get().pk
    assert not is_in(client)


def test_au_01_an_unknown_name_meets_the_same_limit(client: Client) -> None:
    answers = [sign_in(client, "ghost", WRONG).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_au_02_who_locks_an_account_does_not_lock_out_its_owner() -> None:
    make_user("alice")
    for n in range(60):
        sign_in(Client(), "alice", WRONG, address=f"198.51.{n}.7")
    assert sign_in(Client(), "alice", address="203.0.113.200").status_code == 429, "the slow limit of the account"
    assert sign_in(Client(), "alice", address="198.51.100.200").status_code == 429


def test_au_02_a_known_device_and_a_known_network_are_let_in() -> None:
    make_user("alice")
    mine = Client()
    assert sign_in(mine, "alice", address="203.0.113.5").status_code == 302
    mine.post("/sign-out/")
    sign_in(Client(), "alice", address="203.0.113.5")
    for n in range(60):
        sign_in(Client(), "alice", WRONG, address=f"198.51.{n}.7")
    assert sign_in(mine, "alice", address="198.51.100.9").status_code == 302, "the device is known"
    assert sign_in(Client(), "alice", address="203.0.113.77").status_code == 302, "the network is known"
    assert sign_in(Client(), "alice", address="192.0.2.9").status_code == 429


def test_au_02_a_device_is_known_to_its_own_account_only() -> None:
    make_user("alice")
    make_user("mallory")
    theirs = Client()
    sign_in(theirs, "mallory")
    theirs.post("/sign-out/")
    for n in range(60):
        sign_in(Client(), "alice", WRONG, address=f"198.51.{n}.7")
    assert sign_in(theirs, "alice", address="192.0.2.7").status_code == 429


def test_what_is_counted_names_nobody() -> None:
    sign_in(Client(), "alice", WRONG)
    assert all("alice" not in key and "192.0" not in key for key in RequestCount.objects.values_list("key", flat=True))


# --- a new password by mail ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mail_is_on", [True, False])
def test_where_no_mail_is_sent_the_page_says_who_can_help(mail_is_on: bool, settings: Any) -> None:
    settings.MAIL_IS_ON = mail_is_on
    body = Client().get("/password/forgotten/").content.decode()
    assert ('name="email"' in body) is mail_is_on
    assert ("manage.py changepassword NAME" in body) is not mail_is_on


def test_au_04_a_forgotten_password_is_answered_alike_and_mailed_to_the_known_only() -> None:
    make_user("alice", email="alice@sandmouth.example")
    answers = []
    for address in ("alice@sandmouth.example", "ghost@sandmouth.example"):
        client = Client()
        response = client.post("/password/forgotten/", {"email": address}, follow=True)
        answers.append((response.redirect_chain, response.status_code, response.content))
    assert answers[0] == answers[1]
    run_jobs()
    assert [letter.to for letter in mail.outbox] == [["alice@sandmouth.example"]]


def test_au_13_a_new_password_by_mail_still_asks_for_the_second_factor(client: Client) -> None:
    user = make_user("alice", email="alice@sandmouth.example")
    give_app(user)
    client.post("/password/forgotten/", {"email": user.email})
    link = re.findall(r"https?://[^/]+(/\S+)", OutgoingMail.objects.get().body)[0]
    page = client.get(link, follow=True)
    address = page.redirect_chain[-1][0]
    fresh = {"password1": "quite-another-sentence-7", "password2": "quite-another-sentence-7"}
    assert client.post(address, fresh).status_code == 302
    assert not is_in(client)
    assert sign_in(client, "alice", "quite-another-sentence-7")["Location"] == "/sign-in/code/"
    assert not is_in(client)
    assert client.get(link, follow=True).status_code == 200, "the link worked once"
    assert "This link has ended" in client.get(link, follow=True).content.decode()


def test_au_13_the_admin_has_no_door_of_its_own(client: Client) -> None:
    staff = make_user("sam", is_staff=True, is_superuser=True)
    give_app(staff)
    assert client.get("/admin/login/?next=/admin/")["Location"] == "/sign-in/?next=/admin/"
    assert client.post("/admin/login/", {"username": "sam", "password": PASSWORD})["Location"].startswith("/sign-in/")
    sign_in(client, "sam")
    assert client.get("/admin/").status_code == 302
    client.post("/sign-in/code/", {"code": code()})
    assert client.get("/admin/").status_code == 200


# --- the second factor -----------------------------------------------------------------------------------------------


def test_au_12_a_code_opens_once(client: Client) -> None:
    user = make_user("alice")
    give_app(user)
    assert sign_in(client, "alice", next="/tokens/")["Location"] == "/sign-in/code/"
    assert not is_in(client)
    now = code()
    assert client.post("/sign-in/code/", {"code": now})["Location"] == "/tokens/"
    assert is_in(client)
    again = Client()
    sign_in(again, "alice")
    assert again.post("/sign-in/code/", {"code": now}).status_code == 200
    assert not is_in(again)


def test_au_12_a_code_opens_once_for_as_long_as_clocks_let_it_be_right(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 6238, 5.2: what was accepted is not accepted again. With a tolerance of one step a code is right for up to
    three periods, and allauth remembers it for one."""
    user = make_user("alice")
    give_app(user)
    early = code(30)  # of a telephone whose clock is fast
    sign_in(client, "alice")
    assert client.post("/sign-in/code/", {"code": early}).status_code == 302
    cache.clear()  # as when the period is over
    for used in (early, code(0)):  # nor one from before it
        visitor = Client()
        sign_in(visitor, "alice")
        assert visitor.post("/sign-in/code/", {"code": used}).status_code == 200
        assert not is_in(visitor)
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 60)
    visitor = Client()
    sign_in(visitor, "alice")
    later = str(format_hotp_value(hotp_value(SECRET, int(now + 60) // 30)))
    assert visitor.post("/sign-in/code/", {"code": later}).status_code == 302
    assert is_in(visitor)


def test_au_12_a_recovery_code_opens_once(client: Client) -> None:
    recovery = give_app(make_user("alice"))
    for n, expected in enumerate((302, 200)):
        visitor = Client()
        sign_in(visitor, "alice")
        assert visitor.post("/sign-in/code/", {"code": recovery[0]}).status_code == expected
        assert is_in(visitor) == (n == 0)


def test_au_12_five_wrong_codes_and_one_waits(client: Client) -> None:
    give_app(make_user("alice"))
    sign_in(client, "alice")
    answers = [client.post("/sign-in/code/", {"code": "000000"}).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    refused = client.post("/sign-in/code/", {"code": code()})
    assert (refused.status_code, int(refused["Retry-After"]) > 0) == (429, True)
    assert not is_in(client)


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("who", ["staff", "owner"])
def test_au_12_owners_and_staff_set_up_a_second_factor_before_anything_else(
    client: Client, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project()
    user = make_user("sam", is_staff=True, is_superuser=True) if who == "staff" else owner_of(project)
    sign_in(client, user.username)
    for address in ("/", "/tokens/", f"/p/{project.slug}/", *(["/admin/"] if who == "staff" else [])):
        assert client.get(address)["Location"] == "/second-factor/", address
    refused = client.get("/api/v1/projects/")
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    page = client.get("/second-factor/app/").content.decode()
    assert "/second-factor/app/picture/" in page
    picture = client.get("/second-factor/app/picture/")
    assert (picture["Content-Type"], b"<svg" in picture.content) == ("image/svg+xml", True)
    assert "Owners and staff need a second factor" in page
    secret = re.findall(r'id="authenticator_secret"[^>]* value="(\w+)"', page)[0]
    now = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    before = client.cookies["session"].value
    with monkeypatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda act, **_: act())
        assert client.post("/second-factor/app/", {"code": now}).status_code == 302
    assert client.cookies["session"].value != before, "AU-06: a new factor, a new session"
    visitor = Client()
    sign_in(visitor, user.username)
    assert visitor.post("/sign-in/code/", {"code": now}).status_code == 200, "the code that set it up was used"
    assert client.get("/tokens/").status_code == 200
    assert secret not in str(Authenticator.objects.get(type="totp").data), "encrypted at rest"
    client.post("/second-factor/app/remove/")
    assert Authenticator.objects.filter(type="totp").exists(), "the only one stays"


@pytest.mark.usefixtures("required")
def test_who_becomes_owner_needs_one_from_the_next_request_on(client: Client) -> None:
    client.force_login(make_user("alice"))
    made = client.post("/start/", {"goal": "code_corpus", "name": "Harbour"})
    assert client.get(made["Location"])["Location"] == "/second-factor/"


def test_without_the_requirement_nobody_is_sent_away(client: Client) -> None:
    project = make_project()
    client.force_login(owner_of(project))
    assert client.get(f"/p/{project.slug}/").status_code == 200


def test_the_second_factor_of_others_is_out_of_reach(client: Client) -> None:
    key = Authenticator.objects.create(user=make_user("alice"), type="webauthn", data={"name": "k", "credential": {}})
    sign_in(client, make_user("mallory").username)
    assert client.get(f"/second-factor/keys/{key.pk}/remove/").status_code == 404
    assert client.post(f"/second-factor/keys/{key.pk}/remove/").status_code == 404


# --- sessions --------------------------------------------------------------------------------------------------------


def test_au_06_a_new_role_gives_the_session_a_new_key() -> None:
    project = make_project(clio="curator")
    clio, client = member(project, "clio"), Client()
    sign_in(client, clio.username)
    before = client.cookies["session"].value
    change_role(project, user=clio, role="reviewer", by=owner_of(project))
    assert client.get("/tokens/").status_code == 200
    assert client.cookies["session"].value != before
    thief = Client()
    thief.cookies["session"] = before
    assert not is_in(thief)
    assert client.get("/tokens/").status_code == 200


def test_au_07_sessions_are_listed_and_end(client: Client) -> None:
    user, other = make_user("alice"), Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
    sign_in(client, "alice")
    sign_in(other, "alice", address="203.0.113.99")
    page = client.get("/sessions/").content.decode()
    assert "Firefox on Linux" in page
    assert "203.0.113.0/24" in page
    assert "203.0.113.99" not in page
    row = SignIn.objects.get(user=user, network="203.0.113.0/24")
    stranger = Client()
    sign_in(stranger, make_user("mallory").username)
    assert stranger.post(f"/sessions/{row.pk}/end/").status_code == 404
    client.post(f"/sessions/{row.pk}/end/")
    assert (is_in(client), is_in(other)) == (True, False)


@pytest.mark.parametrize("tokens", [True, False])
@pytest.mark.parametrize("how", ["everywhere", "password"])
def test_au_07_everywhere_else_is_out_and_programs_if_ticked(client: Client, tokens: bool, how: str) -> None:
    user, other = make_user("alice"), Client()
    create_token(user=user, name="t", scopes=["read"])
    sign_in(client, "alice")
    sign_in(other, "alice")
    fields = {"tokens": "1"} if tokens else {}
    if how == "everywhere":
        client.post("/sessions/end/", fields)
    else:
        fresh = {"new_password1": "quite-another-sentence-7", "new_password2": "quite-another-sentence-7"}
        client.post("/password/", {"old_password": PASSWORD, **fresh, **fields})
    assert (is_in(client), is_in(other)) == (True, False)
    assert ApiToken.objects.filter(revoked_at=None).exists() == (not tokens)


def test_pr_05_networks_are_cut_and_gone_after_thirty_days(client: Client) -> None:
    from datetime import timedelta

    from django.db.models.functions import Now

    make_user("alice")
    sign_in(client, "alice", address="2001:db8:1:2::3")
    row = SignIn.objects.get()
    assert row.network == "2001:db8:1::/48"
    SignIn.objects.update(created_at=Now() - timedelta(days=31))
    sessions.forget_old_networks()
    row.refresh_from_db()
    assert row.network == ""


def test_behind_a_proxy_only_its_own_word_counts(client: Client, settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    make_user("alice")
    named = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9", "X-Forwarded-Proto": "https"}
    client.post("/sign-in/", {"username": "alice", "password": PASSWORD}, headers=named)
    assert SignIn.objects.get().network == "203.0.113.0/24"


def test_nobody_signs_up(client: Client) -> None:
    for address in ("/signup/", "/accounts/signup/", "/sign-in/signup/"):
        assert client.get(address).status_code == 404
