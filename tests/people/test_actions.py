"""Projects, members, invitations, tokens."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from claims.errors import Conflict, NotFound, NotPermitted, Refused
from claims.models import ApiToken, AuditEvent, Invitation, LabelChain, Membership, Project, Reviewer
from claims.people import actions, invitations
from tests.factories import PASSWORD, make_project, make_user, member, owner_of

pytestmark = pytest.mark.django_db


def test_a_new_project_has_its_owner_key_reviewer_and_audit_row() -> None:
    carol = make_user("carol")
    project = actions.create_project(name="Bridges", slug="bridges", goal="check_claims", by=carol)
    assert Membership.objects.get(project=project, user=carol).role == "owner"
    assert len(project.key.secret) == 32
    assert LabelChain.objects.get(reviewer__user=carol).seq == 0
    assert AuditEvent.objects.get(project=project).verb == "create_project"


@pytest.mark.parametrize(
    ("given", "code"),
    [({"goal": "win"}, "unknown_goal"), ({"name": " \n"}, "empty_name"), ({"slug": "taken"}, "slug_taken")],
)
def test_what_a_project_may_not_be(given: dict[str, str], code: str) -> None:
    carol = make_user("carol")
    actions.create_project(name="First", slug="taken", goal="code_corpus", by=carol)
    plan = {"name": "Second", "slug": "free", "goal": "code_corpus"} | given
    with pytest.raises(Refused) as refused:
        actions.create_project(**plan, by=carol)
    assert refused.value.code == code
    assert Project.objects.count() == 1


@pytest.mark.parametrize("password", ["password1234", "short", "12345678901234", "alice-alice"])
def test_au_18_weak_passwords_are_refused_with_the_reason(password: str) -> None:
    with pytest.raises(Refused) as refused:
        actions.create_user(username="alice-alice", password=password)
    assert refused.value.code == "weak_password"
    assert refused.value.problems


def test_au_18_long_passwords_are_taken_and_huge_ones_are_not() -> None:
    assert actions.create_user(username="alice", password="correct horse " * 14).check_password("correct horse " * 14)
    with pytest.raises(Refused, match="at most 1024"):
        actions.create_user(username="bob", password="x" * 1_000_000)


def test_names_that_differ_only_in_case_are_one_login() -> None:
    actions.create_user(username="Alice", password=PASSWORD)
    with pytest.raises(Conflict):
        actions.create_user(username="alice", password=PASSWORD)


def test_reviewer_pseudonyms_count_up_and_hold_no_name() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    assert list(Reviewer.objects.filter(project=project).order_by("id").values_list("name", flat=True)) == [
        "R-01",
        "R-02",
        "R-03",
    ]


@pytest.mark.parametrize("role", ["curator", "reviewer", "observer"])
def test_only_owners_manage_people(role: str) -> None:
    project = make_project(alice=role)
    alice = member(project, "alice")
    for attempt in (
        lambda: actions.add_member(project, user=make_user(), role="owner", by=alice),
        lambda: actions.change_role(project, user=alice, role="owner", by=alice),
        lambda: actions.remove_member(project, user=owner_of(project), by=alice),
        lambda: invitations.invite(project, role="owner", by=alice),
    ):
        with pytest.raises(NotPermitted):
            attempt()


def test_for_outsiders_the_project_does_not_exist() -> None:
    with pytest.raises(NotFound):
        invitations.invite(make_project(), role="owner", by=make_user())


def test_the_last_owner_stays() -> None:
    project = make_project()
    carol = owner_of(project)
    with pytest.raises(Conflict, match="at least one owner"):
        actions.remove_member(project, user=carol, by=carol)
    with pytest.raises(Conflict, match="at least one owner"):
        actions.change_role(project, user=carol, role="reviewer", by=carol)


@pytest.mark.django_db(transaction=True)
def test_co_16_of_two_owners_who_remove_each_other_one_remains() -> None:
    project = make_project(dora="owner")
    carol, dora = Membership.objects.filter(project=project).order_by("id").values_list("user", flat=True)
    users = {pk: Membership.objects.get(project=project, user=pk).user for pk in (carol, dora)}
    barrier, outcomes = threading.Barrier(2), []

    def remove(by: int, user: int) -> None:
        barrier.wait()
        try:
            actions.remove_member(project, user=users[user], by=users[by])
            outcomes.append("removed")
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=pair) for pair in ((carol, dora), (dora, carol))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["not_found", "removed"]
    assert Membership.objects.filter(project=project, role="owner").count() == 1


def test_an_invitation_gives_the_stored_role_once() -> None:
    project = make_project()
    invitation, token = invitations.invite(project, role="reviewer", by=owner_of(project))
    assert token not in str(Invitation.objects.values().get())
    alice = make_user("alice")
    assert invitations.accept_invitation(token, user=alice).role == "reviewer"
    with pytest.raises(Refused) as refused:
        invitations.accept_invitation(token, user=make_user("bob"))
    assert refused.value.status == 410
    assert invitation.project == project


def test_au_20_expired_revoked_and_unknown_invitations_are_gone() -> None:
    project = make_project()
    carol = owner_of(project)
    expired, token = invitations.invite(project, role="reviewer", by=carol)
    Invitation.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Refused, match="has ended"):
        invitations.find_invitation(token)
    revoked, token = invitations.invite(project, role="reviewer", by=carol)
    invitations.revoke_invitation(revoked, by=carol)
    with pytest.raises(Refused, match="has ended"):
        invitations.accept_invitation(token, user=make_user())
    with pytest.raises(NotFound):
        invitations.find_invitation("no-such-token")


@pytest.mark.django_db(transaction=True)
def test_au_21_two_people_accept_one_invitation_at_once_and_one_gets_in() -> None:
    project = make_project()
    _, token = invitations.invite(project, role="reviewer", by=owner_of(project))
    people, outcomes, barrier = [make_user("alice"), make_user("bob")], [], threading.Barrier(2)

    def accept(user: object) -> None:
        barrier.wait()
        try:
            invitations.accept_invitation(token, user=user)  # type: ignore[arg-type]
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
    assert sorted(outcomes) == ["in", "invitation_gone"]
    assert Membership.objects.filter(project=project).count() == 2


def test_who_leaves_keeps_the_reviewer_and_may_come_back() -> None:
    project = make_project(alice="reviewer")
    alice, carol = member(project, "alice"), owner_of(project)
    before = actions.reviewer_for(alice, project)
    actions.remove_member(project, user=alice, by=carol)
    assert Reviewer.objects.get(pk=before.pk).state == "left"
    actions.add_member(project, user=alice, role="reviewer", by=carol)
    assert actions.reviewer_for(alice, project) == before
    assert Reviewer.objects.get(pk=before.pk).state == "active"


def test_a_token_is_kept_as_a_digest_and_revoked_by_its_owner_alone() -> None:
    alice = make_user("alice")
    token, plain = actions.create_token(user=alice, name="script", scopes=["read"])
    assert plain.startswith("att_")
    assert plain not in str(ApiToken.objects.values().get())
    with pytest.raises(NotFound):
        actions.revoke_token(token, by=make_user("bob"))
    actions.revoke_token(token, by=alice)
    token.refresh_from_db()
    assert token.revoked_at is not None


@pytest.mark.parametrize("scopes", [[], ["admin"], ["read", "root"]])
def test_unknown_scopes_are_refused(scopes: list[str]) -> None:
    with pytest.raises(Refused, match="Scopes are"):
        actions.create_token(user=make_user(), name="script", scopes=scopes)
