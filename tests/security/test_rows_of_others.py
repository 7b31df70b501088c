"""AZ-08, AZ-11, AZ-12, AZ-18, AZ-21: what is after the reveal, what belongs to others, and what nobody may change."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import DatabaseError, connection, transaction
from django.test import Client

from claims.errors import NotFound
from claims.labelling.actions import revise_label
from claims.labelling.comments import add_comment
from claims.models import AuditEvent, Label, LabelEvent, LabelText, UnitComment
from tests.api.caller import Caller
from tests.factories import answers_for, label_next, make_project, make_round, member, owner_of, reviewer
from tests.labelling.test_voting import sealed, vote_again
from tests.security.world import World

pytestmark = pytest.mark.django_db


def test_az_08_what_is_said_after_the_reveal_is_no_first_vote_and_in_no_first_figure() -> None:
    round_, unit, alice, bob = sealed()
    label_next(round_, bob, stance="reports")  # now all votes are in, and shown
    vote_again(round_, unit, alice, "reports")
    said = Label.objects.filter(reviewer=alice, question="stance").order_by("phase").values_list("phase", "value")
    assert list(said) == [("after_discussion", "reports"), ("first", "supports")]


def test_az_11_nobody_corrects_or_reads_the_label_of_another() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    round_ = make_round(project, units=2, overlap=1)
    unit = label_next(round_, reviewer(project, "alice"))
    assert unit is not None
    bob = Caller(member(project, "bob"))
    sent = {"codebook_version": round_.codebook_version_id, "answers": answers_for(round_)}
    headers = {"Idempotency-Key": "not-mine-to-say", "If-Match": '"1"'}
    address = f"rounds/{round_.pk}/units/{unit.pk}/label/"
    before = list(LabelEvent.objects.values_list("pk", "answers"))
    for method in ("put", "patch", "post"):
        assert getattr(bob, method)(address, sent, **headers).status_code in (404, 405)
    assert bob.get(f"rounds/{round_.pk}/units/{unit.pk}/").status_code == 404
    assert bob.send("DELETE", address).status_code in (404, 405)
    page = Client()
    page.force_login(member(project, "bob"))
    root = f"/p/{project.slug}/rounds/{round_.pk}/label/{unit.pk}/"
    assert {page.get(root).status_code, page.post(root, {"expected_seq": "1"}).status_code} == {404}
    with pytest.raises(NotFound):
        revise_label(
            round_, unit, reviewer(project, "bob"), answers=answers_for(round_), idempotency_key="not-mine-to-say",
            codebook_version_id=round_.codebook_version_id, expected_seq=1,
        )  # fmt: skip
    assert list(LabelEvent.objects.values_list("pk", "answers")) == before


def test_az_11_nobody_changes_the_comment_of_another() -> None:
    round_, unit, alice, bob = sealed()
    label_next(round_, bob, stance="reports")
    add_comment(round_, unit, alice, member(round_.project, "alice"), text="The headline only cites it.")
    page = Client()
    page.force_login(member(round_.project, "bob"))
    address = f"/p/{round_.project.slug}/rounds/{round_.pk}/label/{unit.pk}/thread/"
    for method in ("put", "patch", "delete"):
        assert getattr(page, method)(address).status_code in (200, 403, 405)  # read, at most
        assert getattr(page, method)(f"/api/v1/rounds/{round_.pk}/units/{unit.pk}/thread/").status_code in (
            401,
            404,
            405,
        )
    assert UnitComment.objects.get().text == "The headline only cites it."


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE claims_labelevent SET answers = '{}'",
        "DELETE FROM claims_labelevent",
        "UPDATE claims_auditevent SET verb = 'nothing'",
        "DELETE FROM claims_auditevent",
    ],
)
def test_az_12_the_database_refuses_to_change_what_was_said_and_done(statement: str) -> None:
    project = make_project(alice="reviewer")
    label_next(make_round(project, units=1), reviewer(project, "alice"))
    assert LabelEvent.objects.exists()
    assert AuditEvent.objects.exists()
    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_az_12_the_admin_site_offers_no_labels_to_change() -> None:
    """Staff look at housekeeping tables; labels are not among them."""
    assert not {model for model in admin.site._registry if model in (Label, LabelEvent, LabelText)}


def test_az_18_nothing_of_a_project_is_public_before_somebody_publishes_it(world: World) -> None:
    """No page of outlets, releases or claims is there for who is not signed in, but what two people published."""
    slug = world.project.slug
    for path in ("", "releases/", "outlets/", "claims/", "releases/1/"):
        answer = Client().get(f"/p/{slug}/{path}")
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/sign-in/")
    private = make_project()
    other = Client()
    other.force_login(owner_of(private))
    assert other.get(f"/p/{slug}/releases/").status_code == 404


def test_az_21_people_are_looked_up_by_their_pseudonym_and_by_members_alone(world: World) -> None:
    """There is no search for logins; the list of members is for owners, and reviewers get no e-mail by any address."""
    slug = world.project.slug
    answers = {role: world.client(role).get(f"/api/v1/projects/{slug}/members/") for role in ("reviewer", "outsider")}
    assert {role: answer.status_code for role, answer in answers.items()} == {"reviewer": 403, "outsider": 404}
    alice = Caller(member(world.project, "alice"))
    said = alice.get(f"projects/{slug}/").content.decode() + alice.get(f"projects/{slug}/rounds/").content.decode()
    assert "@" not in said.replace(world.project.name, "")
