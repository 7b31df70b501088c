"""The writes of the desk: taking claims in, and each of `DEEDS` with its move, its audit row and its notices."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from claims import audit, notices
from claims.adjudication.desk.deeds import DEEDS, At, check_deed_at
from claims.errors import Conflict, NotFound, Problem, Refused, Sentence
from claims.lifecycle import DESK
from claims.models import Claim, DeskItem, DeskMove, Membership, Project, Reviewer, User
from claims.models.desk import RATINGS
from claims.permissions import ALLOWED, can, check_can, check_not_archived
from claims.text import clean_line, clean_text

TEXT_CHARS = 50_000
WORDS_CHARS = 5_000
LINK_CHARS = 2_000
MOST_AT_ONCE = 100
LACKS = {
    "writer": Sentence("Say who writes."),
    "words": Sentence("Say why, in a sentence."),
    "rationale": Sentence("Say why this rating."),
    "link": Sentence("Say where it is published."),
    "text": Sentence("Write the text."),
}
RELATED = ("claim", "writer", "assigned_by", "second_editor", "signed_by", "project")


def items_seen_by(user: User, project: Project) -> QuerySet[DeskItem]:
    """All for editors and observers; for reviewers those they write, so that no draft of a verdict is read by people
    who may still judge the claim (INV-4)."""
    rows = DeskItem.objects.in_project(project).select_related(*RELATED)
    return rows if can("see_agreement", user, project) else rows.filter(writer__user=user)


def standing_at(item: DeskItem, user: User) -> At:
    me = Reviewer.objects.filter(project=item.project_id, user=user).first()
    if me is None:
        raise NotFound
    return At(item, me, can("edit_desk", user, item.project))


def take_in(claim: Claim, *, by: User) -> DeskItem:
    """Put a claim on the desk. Conflict `on_the_desk` while it is there already."""
    project = claim.project
    check_can("edit_desk", by, project)
    check_not_archived(project)
    if claim.retracted_at is not None:
        raise Conflict("claim_retracted", Sentence("This claim was taken back. There is nothing to check."))
    me = Reviewer.objects.get(project=project, user=by)
    try:
        with transaction.atomic():
            item = DeskItem.objects.create(project=project, claim=claim)
            DeskMove.objects.create(item=item, deed="take_in", target="triage", by=me)
            audit.record("desk_take_in", item, by=by, project=project, claim=claim.pk)
    except IntegrityError:
        raise _on_the_desk() from None
    return item


def _on_the_desk() -> Conflict:
    return Conflict("on_the_desk", Sentence("This claim is on the desk already."))


def take_in_worthiest(project: Project, n: int, *, by: User) -> int:
    """Put up to n claims on the desk, those most worth checking first that were never there; returns how many. What
    somebody else takes in or back meanwhile is passed over."""
    check_can("edit_desk", by, project)
    check_not_archived(project)
    if not 1 <= n <= MOST_AT_ONCE:
        sentence = Sentence("Take 1 to {most} claims at once, not {n}.", most=MOST_AT_ONCE, n=n)
        raise Refused("invalid_number", sentence)
    rows = Claim.objects.in_project(project).filter(desk_items=None, retracted_at=None).select_related("project")
    rows = rows.exclude(checkworthiness=None).order_by("-checkworthiness", "-pk")[:n]
    taken = 0
    for claim in rows:
        with suppress(Conflict):
            take_in(claim, by=by)
            taken += 1
    return taken


def do_deed(item: DeskItem, deed: str, *, by: User, expected: int, said: Mapping[str, Any]) -> DeskItem:
    """Move an item. `said` holds the deed's fields, and `words` for any.

    Refused `unknown_deed`, `fields_missing` and what the fields raise; Conflict `move_not_allowed`, `stale_version`;
    NotPermitted `not_yours_to_do`; NotFound for an item that this person does not see.
    """
    if deed not in DEEDS:
        known = ", ".join(DEEDS)
        raise Refused(
            "unknown_deed",
            Sentence("“{deed}” is not something to do here; known: {known}.", deed=deed[:40], known=known),
        )
    check_not_archived(item.project)
    if not items_seen_by(by, item.project).filter(pk=item.pk).exists():
        raise NotFound
    values = _checked(item.project, deed, said)
    with transaction.atomic():
        locked = DeskItem.objects.select_for_update(no_key=True, of=("self",)).select_related("project").get(pk=item.pk)
        if locked.state not in DEEDS[deed].sources:
            DESK.check_move(locked.state, DEEDS[deed].target)
            raise Conflict("move_not_allowed", Sentence("This is at another step by now, where that is not done."))
        if locked.version != expected:
            raise Conflict("stale_version", Sentence("Somebody moved this meanwhile. Read it again."))
        at = standing_at(locked, by)
        check_deed_at(at, deed)
        words = values.pop("words")
        _check_whole(locked, deed, values)
        try:
            with transaction.atomic():
                _move(at, deed, values, words)
        except IntegrityError:  # it was declined, and the claim came to the desk again meanwhile
            raise _on_the_desk() from None
        audit.record(f"desk_{deed}", locked, by=by, project=locked.project, state=DEEDS[deed].target)
        moved: DeskItem = DeskItem.objects.select_related(*RELATED).get(pk=item.pk)
        _tell(moved, deed, by)
    return moved


def _checked(project: Project, deed: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the deed, cleaned; Refused `fields_missing` with a problem for each that is not there."""
    readers = {
        "writer": lambda given: _writer_of(project, given),
        "rating": _rating,
        "text": lambda given: clean_text(str(given), limit=TEXT_CHARS, code="text_too_long").text.strip(),
        "rationale": lambda given: clean_text(str(given), limit=WORDS_CHARS, code="words_too_long").text.strip(),
        "words": lambda given: clean_text(str(given), limit=WORDS_CHARS, code="words_too_long").text.strip(),
        "link": _link,
    }
    asked = {*DEEDS[deed].fields, "words"}
    if deed == "hand_in":
        asked |= {"rating", "text"} & said.keys()  # what is written by now goes along
    values = {name: readers[name](said.get(name) or "") for name in asked}
    missing = [name for name in DEEDS[deed].fields if not values[name] and not (deed == "write" and name == "rating")]
    if missing:
        problems = [Problem(name, "required", LACKS[name]) for name in missing]
        raise Refused("fields_missing", " ".join(one.sentence for one in problems), problems=problems)
    return values


def _writer_of(project: Project, given: Any) -> Reviewer | None:
    """A member who may label, as a reviewer or its id."""
    pk = given.pk if isinstance(given, Reviewer) else given
    if not str(pk).isdigit() or len(str(pk)) > 18:
        return None
    return writers_of(project).filter(pk=int(pk)).first()


def writers_of(project: Project) -> QuerySet[Reviewer]:
    """Who may be assigned a claim."""
    seats = Membership.objects.filter(project=project, role__in=ALLOWED["label"]).values("user")
    rows = Reviewer.objects.filter(project=project, kind="human", state="active", user__in=seats)
    return rows.order_by("name")


def _rating(given: Any) -> str:
    if given and given not in RATINGS:
        known = ", ".join(RATINGS)
        sentence = Sentence("“{given}” is no rating; known: {known}.", given=str(given)[:40], known=known)
        raise Refused("unknown_rating", sentence)
    return str(given)


def _link(given: Any) -> str:
    written = clean_line(str(given))
    if not written:
        return ""
    try:
        parts = urlsplit(written)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        is_web = False
    if not is_web or len(written) > LINK_CHARS:
        raise Refused("invalid_url", Sentence("The link begins with https:// or http:// and names a site."))
    return written


def _check_whole(item: DeskItem, deed: str, values: Mapping[str, Any]) -> None:
    """Conflict `draft_not_whole`: what is handed in has a text and a rating."""
    if deed == "hand_in" and not (values.get("text", item.text) and values.get("rating", item.rating)):
        sentence = Sentence("A text and a rating are needed before it is handed in.")
        raise Conflict("draft_not_whole", sentence)


def _move(at: At, deed: str, values: dict[str, Any], words: str) -> None:
    item, target = at.item, DEEDS[deed].target
    held: dict[str, Reviewer | None] = {
        **({"assigned_by": at.me} if deed == "assign" else {}),
        **({"second_editor": at.me} if deed == "pass" else {}),
        **({"second_editor": None} if deed in ("send_back", "assign") else {}),
        **({"signed_by": at.me} if deed == "sign_off" else {}),
    }
    since = {"moved_at": Now()} if target != item.state else {}
    DeskItem.objects.filter(pk=item.pk).update(state=target, version=F("version") + 1, **values, **held, **since)
    DeskMove.objects.create(item=item, deed=deed, source=item.state, target=target, by=at.me, words=words)


def _tell(item: DeskItem, deed: str, by: User) -> None:
    """Those whose turn it is. The subject is ours: no words of the claim, of a draft or of people stand in it."""
    subject = {
        "assign": _("A claim at the desk is yours to write about"),
        "hand_in": _("A draft at the desk waits for a second editor"),
        "pass": _("A draft at the desk waits for its sign-off"),
        "send_back": _("A draft of yours came back from the desk"),
        "sign_off": _("A check of yours was signed off"),
    }.get(deed)
    if subject is None:
        return
    writer_alone = Q(reviewer=item.writer_id) if deed in ("assign", "send_back", "sign_off") else Q()
    for user in _people(item, writer_alone, by):
        notices.send_message(
            user, kind="desk", subject=subject, project=item.project,
            path=reverse("desk-item", args=[item.project.slug, item.pk]),
        )  # fmt: skip


def _people(item: DeskItem, only: Q, by: User) -> QuerySet[User]:
    """The writer; or the editors who may do the next thing."""
    people = User.objects.filter(reviewer__project=item.project).exclude(pk=by.pk)
    if only:
        return people.filter(only)
    seats = Membership.objects.filter(project=item.project, role__in=ALLOWED["edit_desk"]).values("user")
    barred = [item.writer_id, item.assigned_by_id if item.state == "second_edit" else item.second_editor_id]
    return people.filter(pk__in=seats).exclude(reviewer__in=[pk for pk in barred if pk is not None])
