"""People of a project, a person's inbox, and what is said beside an answer, through the API."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from claims.models import AuditEvent, EvidenceCopy, IdempotencyRecord, Invitation, Membership, Notice, UnitComment
from claims.notices import send_message
from claims.people.invitations import find_invitation
from tests.api.caller import Caller, code, fresh_key
from tests.factories import (
    label_next,
    make_article,
    make_codebook,
    make_project,
    make_round,
    make_user,
    member,
    owner_of,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 40).decode()


def test_it_works_people_are_listed_given_roles_and_let_go() -> None:
    project = make_project(alice="reviewer")
    carol, address = Caller(owner_of(project)), f"projects/{project.slug}/members/"
    rows = {row["role"]: row for row in carol.get(address).json()["results"]}
    assert set(rows) == {"owner", "reviewer"}
    alice = rows["reviewer"]["user"]
    seen = carol.get(f"{address}{alice}/")
    assert seen.json() == rows["reviewer"]
    as_seen = {"If_Match": seen.headers["ETag"]}
    assert carol.patch(f"{address}{alice}/", {"role": "curator"}, **as_seen).json()["role"] == "curator"
    assert code(carol.patch(f"{address}{alice}/", {"role": "king"}, **as_seen)) == "invalid_request"
    assert carol.send("DELETE", f"{address}{alice}/").status_code == 204
    assert code(carol.send("DELETE", f"{address}{rows['owner']['user']}/")) == "last_owner"
    assert not Membership.objects.filter(project=project, user=alice).exists()
    assert AuditEvent.objects.filter(verb="remove_member").count() == 1
    stranger = make_user()
    assert carol.patch(f"{address}{stranger.pk}/", {"role": "curator"}, **as_seen).status_code == 404


def test_ap_14_every_change_names_what_was_read() -> None:
    """Without it 428; after somebody else's change 409 with what stands now and nothing changed; then it is done."""
    project = make_project(alice="reviewer", dave="owner")
    article = make_article(project)
    carol, other = Caller(member(project, "carol")), Caller(member(project, "dave"))
    topic = carol.post(f"projects/{project.slug}/topics/", {"code": "self_harm"}).json()["id"]
    alice = member(project, "alice").pk
    changes: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        f"projects/{project.slug}/": ({"daily_cap": 7}, {"daily_cap": 8}),
        f"projects/{project.slug}/members/{alice}/": ({"role": "curator"}, {"role": "observer"}),
        f"topics/{topic}/": ({"name": "Harm"}, {"name": "Harming oneself"}),
        f"articles/{article.pk}/blocks/": (
            {"blocks": [{"n": 2, "role": "boilerplate"}]},
            {"blocks": [{"n": 2, "role": "body"}]},
        ),
    }
    document = json.loads(Client().get("/api/v1/schema/").content)
    promised = {path for path, methods in document["paths"].items() if "patch" in methods}
    assert len(promised) == len(changes) + 1  # rounds have a number of their own: tests/api/test_rounds.py
    for address, (first, second) in changes.items():
        seen = carol.get(address)
        blind = carol.patch(address, second)
        assert (blind.status_code, code(blind)) == (428, "version_required"), address
        done = other.patch(address, first, If_Match=seen.headers["ETag"])
        assert done.status_code == 200, done.content
        stale = carol.patch(address, second, If_Match=seen.headers["ETag"])
        assert (stale.status_code, code(stale)) == (409, "stale_version"), address
        now = carol.get(address)
        assert stale.json()["current"] == now.json() == done.json()
        assert done.headers["ETag"] == now.headers["ETag"] != seen.headers["ETag"]
        assert carol.patch(address, second, If_Match=now.headers["ETag"]).status_code == 200


@pytest.mark.parametrize("role", ["reviewer", "curator", "observer"])
def test_only_owners_manage_people(role: str) -> None:
    project = make_project(bob=role)
    bob = Caller(member(project, "bob"))
    for address in ("members/", "invitations/"):
        assert bob.get(f"projects/{project.slug}/{address}").status_code == 403
    assert bob.post(f"projects/{project.slug}/invitations/", {"role": "owner"}).status_code == 403


def test_an_invitations_link_is_shown_once_and_ended() -> None:
    project, key = make_project(), fresh_key()
    carol, address = Caller(owner_of(project)), f"projects/{project.slug}/invitations/"
    made = carol.post(address, {"role": "reviewer", "max_uses": 3}, Idempotency_Key=key)
    assert made.status_code == 201
    token = made.json()["link"].rstrip("/").rpartition("/")[2]
    assert find_invitation(token).max_uses == 3
    again = carol.post(address, {"role": "reviewer", "max_uses": 3}, Idempotency_Key=key)
    assert (again.json()["id"], "link" in again.json()) == (made.json()["id"], False)
    assert token not in str(IdempotencyRecord.objects.get(key=key).body)
    assert [row["id"] for row in carol.get(address).json()["results"]] == [made.json()["id"]]
    assert carol.send("DELETE", f"invitations/{made.json()['id']}/").status_code == 204
    assert carol.get(address).json()["results"] == []
    assert code(carol.post(address, {"role": "owner", "max_uses": 2})) == "invalid_uses"
    other = Caller(owner_of(make_project()))
    assert other.send("DELETE", f"invitations/{made.json()['id']}/").status_code == 404


def test_letters_go_out_each_with_a_link_of_its_own(settings: object) -> None:
    project = make_project()
    carol, address = Caller(owner_of(project)), f"projects/{project.slug}/invitations/letters/"
    asked = {"role": "reviewer", "emails": ["edda@sandmouth.example", "finn@sandmouth.example"]}
    settings.MAIL_IS_ON = False  # type: ignore[attr-defined]
    assert code(carol.post(address, asked)) == "mail_is_off"
    settings.MAIL_IS_ON = True  # type: ignore[attr-defined]
    assert carol.post(address, {**asked, "emails": ["edda"]}).json()["errors"][0]["code"] == "invalid_email"
    sent = carol.post(address, asked)
    assert (sent.status_code, len(sent.json()["invitations"])) == (201, 2)
    assert "link" not in sent.json()["invitations"][0]
    run_jobs()
    assert sorted(letter.to[0] for letter in mail.outbox) == asked["emails"]
    assert Invitation.objects.filter(project=project).count() == 2


def test_an_inbox_is_read_and_chosen_by_its_own_person() -> None:
    project = make_project(alice="reviewer")
    alice, carol = member(project, "alice"), owner_of(project)
    Notice.objects.all().delete()
    for user in (alice, alice, carol):
        send_message(user, kind="paused", subject="Your work is paused", project=project)
    mine = Caller(alice)
    rows = mine.get("inbox/").json()["results"]
    assert [(row["kind"], row["project"], row["read_at"]) for row in rows] == [("paused", project.slug, None)] * 2
    assert mine.post("inbox/read/", {"notice": rows[0]["id"]}).json() == {"marked": 1}
    assert mine.post("inbox/read/").json() == {"marked": 1}
    others = Notice.objects.get(user=carol)
    assert mine.post("inbox/read/", {"notice": others.pk}).status_code == 404
    assert Notice.objects.filter(user=carol, read_at=None).count() == 1
    held = Caller(alice, project=make_project(owner=alice))
    assert held.get("inbox/").json()["results"] == []  # a token of another project
    assert mine.get("inbox/mail/").json()["job_finished"] == "off"
    assert code(mine.put("inbox/mail/", {"job_finished": "digest"})) == "session_required"


def test_a_thread_opens_with_ones_own_answer() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    round_ = make_round(project, units=1, codebook=make_codebook(project, "stance"))
    alice, bob = Caller(member(project, "alice")), Caller(member(project, "bob"))
    unit = label_next(round_, reviewer(project, "alice"))
    assert unit is not None
    address = f"rounds/{round_.pk}/units/{unit.pk}/thread/"
    said = alice.post(address, {"text": "Paragraph four has the figure."})
    assert [(one["who"], one["text"]) for one in said.json()["remarks"]] == [("you", "Paragraph four has the figure.")]
    assert code(alice.post(address, {"text": " "})) == "comment_missing"
    assert bob.get(address).status_code == bob.post(address, {"text": "Hm."}).status_code == 404  # INV-4
    label_next(round_, reviewer(project, "bob"))
    assert [one["who"] for one in bob.get(address).json()["remarks"]] == ["person 1"]
    assert UnitComment.objects.count() == 1


def test_a_copy_of_evidence_is_kept_and_is_ones_own() -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    round_ = make_round(project, units=1, codebook=make_codebook(project, "stance"))
    alice, bob = Caller(member(project, "alice")), Caller(member(project, "bob"))
    unit = alice.post(f"rounds/{round_.pk}/next/").json()["unit"]
    address = f"rounds/{round_.pk}/units/{unit}/evidence/"
    kept = alice.post(address, {"picture_base64": PIXEL})
    assert (kept.status_code, kept.json()["kind"], kept.json()["state"]) == (201, "screenshot", "kept")
    asked = alice.post(address, {"url": "https://tidalpost.example.com/bridge"})
    assert (asked.status_code, asked.json()["state"]) == (201, "waiting")
    where = f"projects/{project.slug}/evidence/{asked.json()['key']}/"
    assert alice.get(where).json()["url"] == "https://tidalpost.example.com/bridge"
    assert bob.get(where).status_code == 404
    assert bob.post(address, {"picture_base64": PIXEL}).status_code == 404  # not a unit of theirs
    for body, expected in (
        ({}, "one_content_expected"),
        ({"url": "http://127.0.0.1/"}, "url_not_allowed"),
        ({"picture_base64": "%"}, "invalid_base64"),
        ({"picture_base64": base64.b64encode(b"GIF89a").decode()}, "unsupported_format"),
    ):
        assert code(alice.post(address, body)) == expected
    assert EvidenceCopy.objects.count() == 2
