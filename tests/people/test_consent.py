"""Consent: asked before the next unit, in versions, withdrawn with effect, and kept."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from claims.assignment.actions import draw_next, give_back_expired
from claims.errors import Conflict, NotPermitted
from claims.models import Assignment, Consent, ConsentText, Label, Project
from claims.people.consent import accept_consent, consent_text, publish_consent, withdraw_consent
from tests.factories import label_next, make_project, make_round, member, owner_of, reviewer

pytestmark = pytest.mark.django_db


def fresh(project: Project) -> Project:
    return Project.objects.get(pk=project.pk)


def test_it_works() -> None:
    project = make_project(alice="reviewer")
    round_, owner, user = make_round(project, units=3), owner_of(project), member(project, "alice")
    publish_consent(project, text="Answers are published under a pseudonym.", by=owner)
    round_.project, alice = fresh(project), reviewer(project, "alice")
    with pytest.raises(NotPermitted) as refused:
        draw_next(round_, alice)
    assert refused.value.code == "consent_missing"
    accept_consent(alice, n=1, by=user)
    assert label_next(round_, alice) is not None
    publish_consent(project, text="Answers are published. Notes are not.", by=owner)
    round_.project = fresh(project)
    with pytest.raises(NotPermitted):
        draw_next(round_, alice)
    with pytest.raises(Conflict) as conflict:
        accept_consent(alice, n=1, by=user)
    assert conflict.value.code == "consent_changed"
    accept_consent(alice, n=2, by=user)
    accept_consent(alice, n=2, by=user)
    assert list(Consent.objects.order_by("id").values_list("text__n", "verb")) == [(1, "accepted"), (2, "accepted")]
    publish_consent(project, text="", by=owner)
    assert consent_text(fresh(project)) is None


def test_withdrawing_gives_back_what_is_held_and_keeps_what_was_answered() -> None:
    project = make_project(alice="reviewer")
    round_ = make_round(project, units=3, overlap=1)
    publish_consent(project, text="Read this.", by=owner_of(project))
    round_.project, alice, user = fresh(project), reviewer(project, "alice"), member(project, "alice")
    accept_consent(alice, n=1, by=user)
    label_next(round_, alice)
    draw_next(round_, alice)
    withdraw_consent(alice, by=user)
    Assignment.objects.filter(state="reserved").update(
        expires_at="2020-01-01T00:00:00Z"
    )  # now() stands still in a test
    assert give_back_expired() == 1
    with pytest.raises(NotPermitted):
        draw_next(round_, alice)
    assert Label.objects.filter(reviewer=alice).exists()
    assert Consent.objects.latest("id").verb == "withdrawn"


def test_the_same_text_is_one_version_and_texts_stay() -> None:
    project = make_project()
    owner = owner_of(project)
    first = publish_consent(project, text="Read this. \r\n", by=owner)
    assert publish_consent(fresh(project), text="Read this.", by=owner) == first
    with pytest.raises(IntegrityError, match="insert-only"), transaction.atomic():
        ConsentText.objects.update(text="Something else")


def test_the_label_button_leads_to_the_text_and_back() -> None:
    project = make_project(alice="reviewer")
    round_ = make_round(project, units=2)
    publish_consent(project, text="We keep <your> answers.", by=owner_of(project))
    client = Client()
    client.force_login(member(project, "alice"))
    base = f"/p/{project.slug}"
    sent = client.post(f"{base}/rounds/{round_.pk}/label/")
    assert sent.url == f"{base}/consent/?round={round_.pk}"
    page = client.get(sent.url).content.decode()
    assert "We keep &lt;your&gt; answers." in page
    assert "Publish" not in page
    back = client.post(f"{base}/consent/", {"version": "1", "round": str(round_.pk)})
    assert back.url == f"{base}/rounds/{round_.pk}/"
    assert "/label/" in client.post(f"{base}/rounds/{round_.pk}/label/").url
    assert client.post(f"{base}/consent/text/", {"text": "mine"}).status_code == 403
