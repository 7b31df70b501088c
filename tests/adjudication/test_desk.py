"""The newsroom's desk: triage, assigned, draft, second editor, sign-off, published."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from claims.adjudication.desk import actions
from claims.adjudication.desk.actions import do_deed, items_seen_by, take_in, take_in_worthiest
from claims.adjudication.desk.deeds import DEEDS, DESK_PRESETS
from claims.errors import Conflict, NotFound, NotPermitted, Refused
from claims.lifecycle import DESK
from claims.models import AuditEvent, Claim, DeskItem, DeskMove, Notice, Project, User
from tests.api.caller import Caller
from tests.factories import make_claims, make_project, member, owner_of, reviewer

pytestmark = pytest.mark.django_db
SAID: dict[str, dict[str, Any]] = {
    "write": {"text": "The minutes name 14 bolts.", "rating": "supported"},
    "send_back": {"words": "Name the page."},
    "sign_off": {"rationale": "The minutes are the source.", "link": "https://news.example.org/checks/14"},
    "decline": {"words": "Nobody repeats it."},
}
WHO = {"assign": "carol", "write": "alice", "hand_in": "alice", "pass": "clio", "sign_off": "carol"}


def on_desk() -> DeskItem:
    """Carol owns it, Clio and Dora are curators, Alice and Bob review."""
    project = make_project(alice="reviewer", bob="reviewer", clio="curator", dora="curator", olga="observer")
    claim = make_claims(project, 1)[0].claim
    return take_in(claim, by=owner_of(project))


def do(item: DeskItem, deed: str, who: str, **said: Any) -> DeskItem:
    item.refresh_from_db()
    words = {"writer": reviewer(item.project, "alice")} if deed == "assign" else SAID.get(deed, {})
    return do_deed(item, deed, by=member(item.project, who), expected=item.version, said={**words, **said})


def brought_to(state: str) -> DeskItem:
    item = on_desk()
    for deed, who in WHO.items():
        if item.state == state:
            break
        item = do(item, deed, who)
    assert item.state == state
    return item


def test_it_works_from_triage_to_the_published_link() -> None:
    item = brought_to("published")
    assert (item.rating, item.link) == ("supported", SAID["sign_off"]["link"])
    project = item.project
    people = (item.writer, item.assigned_by, item.second_editor, item.signed_by)
    assert people == tuple(reviewer(project, name) for name in ("alice", "carol", "clio", "carol"))
    assert list(item.moves.order_by("pk").values_list("deed", flat=True)) == ["take_in", *WHO]
    verbs = AuditEvent.objects.filter(verb__startswith="desk_").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["desk_take_in", *(f"desk_{deed}" for deed in WHO)]


def test_the_deeds_make_the_moves_of_the_lifecycle_and_no_others() -> None:
    moves = {(source, deed.target) for deed in DEEDS.values() for source in deed.sources if source != deed.target}
    assert moves == {(source, target) for source, targets in DESK.moves.items() for target in targets}
    assert len({deed.key for deed in DEEDS.values()}) == len(DEEDS)
    assert "PolitiFact" in DESK_PRESETS["politifact"].source


@pytest.mark.parametrize(
    ("state", "deed", "who", "words"),
    [
        ("triage", "assign", "alice", None),  # reviewers are no editors, and do not see what is not theirs
        ("assigned", "write", "clio", "assigned to"),
        ("draft", "hand_in", "clio", "assigned to"),
        ("second_edit", "pass", "carol", "neither wrote nor assigned"),
        ("second_edit", "pass", "alice", "neither wrote nor assigned"),
        ("second_edit", "send_back", "alice", "own text"),
        ("sign_off", "sign_off", "clio", "neither the writer nor the second editor"),
        ("sign_off", "sign_off", "alice", "neither the writer nor the second editor"),
        ("draft", "decline", "alice", "editors"),
        ("draft", "decline", "olga", "editors"),
    ],
)
def test_nobody_answers_for_their_own_text(state: str, deed: str, who: str, words: str | None) -> None:
    item = brought_to(state)
    with pytest.raises(NotPermitted if words else NotFound, match=words):
        do(item, deed, who)
    item.refresh_from_db()
    assert item.state == state


@pytest.mark.parametrize(
    ("column", "other"), [("second_editor", "writer"), ("second_editor", "assigned_by"), ("signed_by", "second_editor")]
)
def test_the_database_knows_it_too(column: str, other: str) -> None:
    item = brought_to("sign_off")
    with pytest.raises(IntegrityError, match="somebody_else"), transaction.atomic():
        DeskItem.objects.filter(pk=item.pk).update(**{column: getattr(item, other)})


@pytest.mark.parametrize("lacks", ["rationale", "link"])
def test_a_sign_off_needs_its_reasons_and_the_link(lacks: str) -> None:
    item = brought_to("sign_off")
    with pytest.raises(Refused) as refused:
        do(item, "sign_off", "carol", **{lacks: " "})
    assert [problem.field for problem in refused.value.problems] == [lacks]
    with pytest.raises(IntegrityError, match="published_whole"), transaction.atomic():
        DeskItem.objects.filter(pk=item.pk).update(state="published", signed_by=item.assigned_by)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "news.example.org/14", "https://a@b.org/"])
def test_a_link_leads_to_the_web(link: str) -> None:
    with pytest.raises(Refused, match="https://"):
        do(brought_to("sign_off"), "sign_off", "carol", link=link)


def test_what_is_handed_in_has_a_rating() -> None:
    item = brought_to("assigned")
    do(item, "write", "alice", rating="")
    with pytest.raises(Conflict, match="rating"):
        do(item, "hand_in", "alice")


def test_handing_in_takes_what_is_written_by_then(client: Client) -> None:
    """Text that was not kept yet is neither lost nor left behind, and a refusal gives it back."""
    item = brought_to("draft")
    address = f"/p/{item.project.slug}/desk/{item.pk}/"
    client.force_login(member(item.project, "alice"))
    sent = {"deed": "hand_in", "version": str(item.version), "text": "Written last.", "rating": ""}
    refused = client.post(address, sent)
    assert (refused.status_code, "Written last." in refused.content.decode()) == (409, True)
    assert client.post(address, sent | {"rating": "refuted"}).status_code == 303
    item.refresh_from_db()
    assert (item.state, item.text, item.rating) == ("second_edit", "Written last.", "refuted")


def test_sent_back_it_is_a_draft_again_and_another_may_be_second_editor() -> None:
    item = do(brought_to("sign_off"), "send_back", "dora")
    assert (item.state, item.second_editor) == ("draft", None)
    item = do(do(item, "hand_in", "alice"), "pass", "dora")
    assert item.second_editor == reviewer(item.project, "dora")
    assert item.moves.get(deed="send_back").words == SAID["send_back"]["words"]


def test_what_is_to_be_changed_stands_over_the_draft_and_goes_with_it(client: Client) -> None:
    item = do(brought_to("second_edit"), "send_back", "dora")
    address = f"/p/{item.project.slug}/desk/{item.pk}/"
    client.force_login(member(item.project, "alice"))
    over, _, below = client.get(address).content.decode().partition('id="deed-write"')
    assert [part.count(SAID["send_back"]["words"]) for part in (over, below)] == [1, 1]  # there, and in the history
    do(item, "hand_in", "alice")
    assert client.get(address).content.decode().count(SAID["send_back"]["words"]) == 1


def test_what_is_declined_can_be_taken_up_again_unless_the_claim_came_back() -> None:
    item = do(on_desk(), "decline", "clio")
    again = take_in(item.claim, by=owner_of(item.project))
    with pytest.raises(Conflict, match="on the desk already"):
        do(item, "take_up", "clio")
    do(again, "decline", "clio")
    assert do(item, "take_up", "clio").state == "triage"
    with pytest.raises(Conflict, match="on the desk already"):
        take_in(item.claim, by=owner_of(item.project))


def test_an_old_form_moves_nothing() -> None:
    item = brought_to("draft")
    with pytest.raises(Conflict, match="meanwhile"):
        do_deed(item, "hand_in", by=member(item.project, "alice"), expected=1, said={})
    with pytest.raises(Conflict, match="cannot become"):
        do(item, "sign_off", "carol")


def test_moves_are_kept() -> None:
    item = on_desk()
    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
        DeskMove.objects.filter(item=item).update(words="otherwise")


def test_whose_turn_it_is_hears_of_it() -> None:
    item = brought_to("published")

    def told(name: str) -> list[str]:
        rows = Notice.objects.filter(user=member(item.project, name), kind="desk").order_by("pk")
        return [subject.split(" ")[-1] for subject in rows.values_list("subject", flat=True)]

    assert told("alice") == ["about", "off"]  # assigned, signed off
    assert told("clio") == ["editor"]
    assert told("dora") == ["editor", "sign-off"]
    assert told("carol") == ["sign-off"]
    assert told("bob") == told("olga") == []


def test_reviewers_see_what_they_write_and_observers_all() -> None:
    item = brought_to("assigned")
    for name, n in (("alice", 1), ("bob", 0), ("clio", 1), ("olga", 1)):
        assert items_seen_by(member(item.project, name), item.project).count() == n
    client = Client()
    client.force_login(member(item.project, "bob"))
    address = f"/p/{item.project.slug}/desk/{item.pk}/"
    assert client.get(address).status_code == client.post(address, {"deed": "assign"}).status_code == 404
    assert Caller(member(item.project, "bob")).get(f"desk/{item.pk}/").status_code == 404


def worth(project: Project, *scores: float | None) -> list[Claim]:
    claims = [occurrence.claim for occurrence in make_claims(project, len(scores))]
    for claim, score in zip(claims, scores, strict=True):
        Claim.objects.filter(pk=claim.pk).update(checkworthiness=score)
    return claims


def test_the_claims_most_worth_checking_are_taken_in_once() -> None:
    project = make_project()
    claims = worth(project, 0.2, 0.9, None, 0.6)
    assert take_in_worthiest(project, 2, by=owner_of(project)) == 2
    assert set(DeskItem.objects.values_list("claim", flat=True)) == {claims[1].pk, claims[3].pk}
    assert take_in_worthiest(project, 5, by=owner_of(project)) == 1
    with pytest.raises(Refused, match="1 to 100"):
        take_in_worthiest(project, 0, by=owner_of(project))


def test_what_somebody_else_takes_in_meanwhile_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_project()
    claims = worth(project, 0.2, 0.9, 0.6)

    def late(claim: Claim, *, by: User) -> DeskItem:
        if claim.pk == claims[1].pk:
            take_in(claim, by=by)
        return take_in(claim, by=by)

    monkeypatch.setattr(actions, "take_in", late)
    assert take_in_worthiest(project, 3, by=owner_of(project)) == 2
    assert DeskItem.objects.count() == 3


def test_the_page_leads_through_it(client: Client) -> None:
    item = on_desk()
    root = f"/p/{item.project.slug}/desk/"
    client.force_login(owner_of(item.project))
    assert item.claim.text in client.get(root).content.decode()
    sent = {"deed": "assign", "version": 1, "writer": reviewer(item.project, "alice").pk}
    assert client.post(f"{root}{item.pk}/", sent).status_code == 303
    stale = client.post(f"{root}{item.pk}/", sent)
    assert (stale.status_code, "meanwhile" in stale.content.decode()) == (409, True)
    client.force_login(member(item.project, "alice"))
    kept = {"deed": "write", "version": 2, "text": "So far", "rating": "none"}
    refused = client.post(f"{root}{item.pk}/", kept)
    assert (refused.status_code, "So far" in refused.content.decode()) == (422, True)
    assert client.post(f"{root}{item.pk}/", kept | {"rating": "refuted"}).status_code == 303
    assert client.get(root).context["state"] == "draft"


def test_a_claim_is_put_there_from_its_own_page(client: Client) -> None:
    project = make_project()
    claim = make_claims(project, 1)[0].claim
    client.force_login(owner_of(project))
    assert "Put on the desk" in client.get(f"/p/{project.slug}/claims/{claim.pk}/").content.decode()
    assert client.post(f"/p/{project.slug}/desk/", {"claim": claim.pk}).status_code == 303
    assert "On the desk" in client.get(f"/p/{project.slug}/claims/{claim.pk}/").content.decode()


def test_the_api_does_the_same_with_the_version_in_the_header() -> None:
    project = make_project(alice="reviewer", clio="curator", dora="curator")
    claim = make_claims(project, 1)[0].claim
    owner = Caller(owner_of(project))
    made = owner.post(f"projects/{project.slug}/desk/", {"claim": claim.pk})
    assert (made.status_code, made["ETag"]) == (201, '"1"')
    pk = made.json()["id"]
    assert made.json()["deeds"] == {"assign": None, "decline": None}
    assert owner.post(f"desk/{pk}/moves/", {"deed": "assign"}).status_code == 428
    for deed, who in WHO.items():
        caller = Caller(member(project, who))
        version = caller.get(f"desk/{pk}/")["ETag"]
        said = {"writer": reviewer(project, "alice").pk} if deed == "assign" else SAID.get(deed, {})
        moved = caller.post(f"desk/{pk}/moves/", {"deed": deed} | said, **{"If-Match": version})
        assert moved.status_code == 200, moved.json()
    assert moved.json()["state"] == "published"
    rows = owner.get(f"projects/{project.slug}/desk/?state=published").json()["results"]
    assert [row["link"] for row in rows] == [SAID["sign_off"]["link"]]
