"""PR-07: what is kept about a person goes with them, and goes away."""

from __future__ import annotations

import json

import pytest
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.db import models
from django.test import Client
from django.utils import timezone

from claims import audit
from claims.errors import Conflict, Refused
from claims.labelling.chain import verify_labels
from claims.models import Draft, Label, Membership, Reviewer, UnitComment, User
from claims.notices import choose_deliveries, queue_mail, send_message
from claims.people.actions import create_token
from claims.people.invitations import invite
from claims.people.personal_data import delete_own_login, own_data
from tests.factories import PASSWORD, label_next, make_project, make_round, make_user, owner_of, reviewer

pytestmark = pytest.mark.django_db
NAME, EMAIL = "zelda-quince", "zelda.quince@sandmouth.example"


def somebody() -> User:
    """In a project with a label, a token, a message, a letter, a sign-in and an invitation."""
    project = make_project()
    user = make_user(NAME, email=EMAIL, first_name="Zelda", last_name="Quince")
    Membership.objects.create(project=project, user=user, role="reviewer")
    owner = owner_of(project)
    from claims.people.actions import reviewer_for

    who = reviewer_for(user, project)
    label_next(make_round(project, units=2), who, notes=None)
    create_token(user=user, name="import", scopes=["read"])
    send_message(user, kind="deadline", subject="A round ends", project=project)
    queue_mail(recipient=EMAIL, subject="A round ends", body="tomorrow", user=user)
    invite(project, role="reviewer", email=EMAIL, by=owner)
    audit.record("seen", user, by=user)
    client = Client()
    client.force_login(user)
    return user


def places_of(word: str) -> list[str]:
    """Tables and columns in which the word stands."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, (models.CharField, models.TextField, models.JSONField, models.EmailField)):
                rows = model._default_manager.annotate(said=models.functions.Cast(field.name, models.TextField()))
                if rows.filter(said__icontains=word).exists():
                    found.append(f"{model._meta.label}.{field.name}")
    return found


def test_pr_07_name_and_address_are_gone_everywhere_and_labels_stay() -> None:
    user = somebody()
    who = Reviewer.objects.get(user=user)
    assert places_of("quince")
    delete_own_login(user, password=PASSWORD)
    assert places_of("quince") == []
    who.refresh_from_db()
    assert (who.user, who.state) == (None, "left")
    assert Label.objects.filter(reviewer=who).exists()
    assert list(verify_labels(who.project)) == []
    user.refresh_from_db()
    assert not user.is_active
    assert not user.check_password(PASSWORD)
    assert not Client().login(username=NAME, password=PASSWORD)


def test_the_wrong_password_and_the_last_owner_are_refused() -> None:
    user = somebody()
    with pytest.raises(Refused) as refused:
        delete_own_login(user, password="guess")
    assert refused.value.code == "wrong_password"
    with pytest.raises(Conflict) as conflict:
        delete_own_login(owner_of(Membership.objects.get(user=user).project), password=PASSWORD)
    assert conflict.value.code == "last_owner"


def test_own_data_holds_ones_own_rows_and_nobody_elses() -> None:
    user = somebody()
    other = make_project(bob="reviewer")
    label_next(make_round(other, units=1), reviewer(other, "bob"))
    rows = list(own_data(user))
    kinds = {row["kind"] for row in rows}
    assert {"login", "membership", "reviewer", "sign_in", "token", "message", "letter", "deed", "label"} <= kinds
    assert [row["e_mail"] for row in rows if row["kind"] == "login"] == [EMAIL]
    assert len([row for row in rows if row["kind"] == "label"]) == 1
    assert "password" not in json.dumps(rows, default=str)


def test_the_page_hands_out_a_file_and_deletes_with_the_password() -> None:
    user = somebody()
    client = Client()
    client.force_login(user)
    download = client.get("/my-data/download/")
    lines = [json.loads(line) for line in download.getvalue().decode().splitlines()]
    assert lines[0]["user_name"] == NAME
    assert client.post("/my-data/delete/", {"password": "guess"}).status_code == 422
    assert client.post("/my-data/delete/", {"password": PASSWORD}).url == "/sign-in/"
    assert client.get("/my-data/").status_code == 302
    assert User.objects.get(pk=user.pk).username.startswith("gone-")


def test_what_an_identity_provider_said_and_what_was_only_typed_goes_along_and_goes_away() -> None:
    user = somebody()
    who = Reviewer.objects.get(user=user)
    SocialAccount.objects.create(user=user, provider="oidc", uid=f"{NAME}@login", extra_data={"email": EMAIL})
    choose_deliveries(user, {"deadline": "off"})
    unit = Label.objects.filter(reviewer=who).select_related("round").earliest("pk")
    typed = {"notes": f"Ask {NAME}"}
    Draft.objects.create(
        round=unit.round, unit_id=unit.unit_id, reviewer=who, payload=typed, client_seq=1, saved_at=timezone.now()
    )
    rows = {row["kind"]: row for row in own_data(user)}
    assert rows["identity_provider"]["it_said"] == {"email": EMAIL}
    assert rows["mail_choice"]["about"] == "deadline"
    assert rows["not_submitted"]["typed"] == typed
    delete_own_login(user, password=PASSWORD)
    assert not places_of(NAME)
    assert not places_of(EMAIL)
    assert not SocialAccount.objects.exists()


def test_own_data_holds_what_one_said_found_and_copied() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    round_ = make_round(project, units=1)
    alice, bob = reviewer(project, "alice"), reviewer(project, "bob")
    for who, quote in ((alice, "14 bolts"), (bob, "fifteen bolts")):
        evidence = [{"url": "https://example.org/14", "quote": quote, "relation": "supports"}]
        unit = label_next(round_, who, evidence=evidence)
        assert unit is not None
        UnitComment.objects.create(project=project, round=round_, unit=unit, author=who, text=f"I read {quote}.")
    assert alice.user is not None
    rows = list(own_data(alice.user))
    said = {kind: [row for row in rows if row["kind"] == kind] for kind in ("comment", "evidence", "copy")}
    assert [row["says"] for row in said["comment"]] == ["I read 14 bolts."]
    assert [(row["quote"], row["relation"]) for row in said["evidence"]] == [("14 bolts", "supports")]
    assert [row["address"] for row in said["copy"]] == ["https://example.org/14"]
    assert said["evidence"][0]["copy"] == said["copy"][0]["key"]
    assert "fifteen" not in str(rows)
