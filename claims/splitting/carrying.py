"""Units follow their claims: what was answered about words that still stand is kept, the rest is asked again.

In a round that is under way, a claim has at most one unit that counts: the one about its present words. Units about
other words end, their answers are void there, and whoever gave them holds a slot of the new unit. When the words come
back, so do the answers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import F, Max
from django.db.models.functions import Now
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from claims import jobs, notices
from claims.models import (
    Article,
    Assignment,
    ClaimOccurrence,
    ContentWarning,
    Label,
    LabelEvent,
    OccurrenceVersion,
    PendingFold,
    ReopenedUnit,
    Reviewer,
    Round,
    RoundReviewer,
    RoundUnit,
    Unit,
)

REASON = "claim_changed"
CHANGED = _(
    "Its words are others now, so you are asked again. What you answered about the earlier words is kept with them and "
    "counts no more."
)
FOLD_GATHERS = 0.7  # seconds, as after a label


@dataclass
class Carried:
    """What a correction did to answers: assignments whose chain has to follow, rounds to score again."""

    assignments: list[int] = field(default_factory=list)
    rounds: dict[int, Round] = field(default_factory=dict)
    concerned: Counter[tuple[int, int]] = field(default_factory=Counter)  # (round, reviewer) -> units asked again


def words_of(version: OccurrenceVersion) -> tuple[str, str]:
    """What the reviewer read as the claim: answers survive while this is the same."""
    return version.verbatim, version.wording or version.verbatim


def newest_versions(occurrences: Iterable[int]) -> dict[int, OccurrenceVersion]:
    rows = OccurrenceVersion.objects.filter(occurrence__in=list(occurrences)).order_by("occurrence", "-n")
    return {row.occurrence_id: row for row in rows.distinct("occurrence")}


def carry_warnings(heirs: Mapping[int, int]) -> None:
    """What an occurrence warned of, the one cut from it or taking it in warns of too: {occurrence: the one before}."""
    both = ClaimOccurrence.objects.filter(pk__in={*heirs, *heirs.values()})
    claims = dict(both.values_list("pk", "claim_id"))
    before = ContentWarning.objects.filter(claim__in={claims[parent] for parent in heirs.values()})
    kept = list(before.order_by("pk"))
    ContentWarning.objects.bulk_create(
        [
            ContentWarning(
                project_id=one.project_id, topic_id=one.topic_id, claim_id=claims[heir], created_by_id=one.created_by_id
            )
            for heir, parent in heirs.items()
            for one in kept
            if one.claim_id == claims[parent]
        ],
        ignore_conflicts=True,
    )


def carry_units(article: Article, touched: Iterable[int], inherits: Mapping[int, int]) -> Carried:
    """Bring the units of these occurrences in line, in the caller's transaction. `inherits` maps a new occurrence to
    the one it was cut from, whose rounds it joins."""
    carried = Carried()
    ids = sorted(set(touched))
    places = RoundUnit.objects.filter(
        unit__occurrence_version__occurrence__in={*ids, *inherits.values()}, round__state__in=("open", "paused")
    )
    found: defaultdict[tuple[int, int], list[RoundUnit]] = defaultdict(list)
    ordered = places.select_related("round__project", "unit__occurrence_version").order_by("round", "unit")
    for place in ordered:
        version = place.unit.occurrence_version
        if version is not None:
            found[place.round_id, version.occurrence_id].append(place)
    if not found:
        return carried
    _lock(found)
    newest = newest_versions(ids)
    states = dict(ClaimOccurrence.objects.filter(pk__in=ids).values_list("pk", "state"))
    heirs = {
        (round_id, heir): places
        for heir, parent in inherits.items()
        for (round_id, occurrence), places in found.items()
        if occurrence == parent
    }
    for (round_id, occurrence), own in sorted((found | heirs).items()):
        if occurrence in states:
            version = newest[occurrence] if states[occurrence] == "proposed" else None
            is_heir = (round_id, occurrence) not in found
            _carry(carried, article, own, version, is_heir)
    _enqueue(carried)
    _tell(article, carried)
    return carried


def _lock(found: Mapping[tuple[int, int], list[RoundUnit]]) -> None:
    """All that this will write, before anything is written, in the order others lock in: round, slots, walks (a submit
    holds its slot when it comes to its walk, closing a round holds the round when it comes to the slots)."""
    places = [place for own in found.values() for place in own]
    rounds, units = {place.round_id for place in places}, {place.unit_id for place in places}
    list(Round.objects.select_for_update(no_key=True).filter(pk__in=rounds).order_by("pk").values_list("pk"))
    slots = Assignment.objects.filter(round__in=rounds, unit__in=units)
    holders = slots.select_for_update(no_key=True).order_by("pk").values_list("reviewer", flat=True)
    walks = RoundReviewer.objects.filter(round__in=rounds, reviewer__in=set(holders) - {None})
    list(walks.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _carry(
    carried: Carried, article: Article, places: list[RoundUnit], version: OccurrenceVersion | None, is_heir: bool
) -> None:
    if is_heir:
        if version is not None:
            _place(article, places[0], version, [])
        return
    standing = None
    if version is not None:
        same = [place for place in places if _words(place) == words_of(version)]
        standing = max(same, key=lambda place: place.unit_id, default=None)
    gone_places = [place for place in places if place is not standing]
    ended = [_end(carried, place) for place in gone_places]
    holders = list(dict.fromkeys(reviewer for gone in ended for reviewer in gone))
    to: Unit | None = None
    if standing is not None:
        _reinstate(carried, standing)
        to = standing.unit
    elif version is not None:
        to = _place(article, places[-1], version, holders)
    before = next((place.unit_id for place, gone in zip(gone_places, ended, strict=True) if gone), 0)
    if holders:
        ReopenedUnit.objects.bulk_create(
            ReopenedUnit(reviewer_id=reviewer, round_id=places[0].round_id, unit_before_id=before, unit=to)
            for reviewer in holders
        )
        if to is not None:
            carried.concerned.update((places[0].round_id, reviewer) for reviewer in holders)


def _words(place: RoundUnit) -> tuple[str, str] | None:
    version = place.unit.occurrence_version
    return words_of(version) if version is not None else None


def _end(carried: Carried, place: RoundUnit) -> list[int]:
    """The unit is asked of nobody any more and its answers do not count; returns who held or had answered it."""
    rows = Assignment.objects.filter(
        round=place.round_id, unit=place.unit_id, state__in=("open", "reserved", "submitted")
    )
    slots = list(rows.order_by("id"))
    done = [slot for slot in slots if slot.state == "submitted"]
    waiting = [slot.pk for slot in slots if slot.state != "submitted"]
    Assignment.objects.filter(pk__in=waiting).update(state="withdrawn", reason=REASON, ended_at=Now(), expires_at=None)
    if done:
        Assignment.objects.filter(pk__in=[slot.pk for slot in done]).update(state="voided", reason=REASON)
        reviewers = [slot.reviewer_id for slot in done]
        Label.objects.filter(round=place.round_id, unit=place.unit_id, reviewer__in=reviewers).update(is_void=True)
        RoundReviewer.objects.filter(round=place.round_id, reviewer__in=reviewers, done__gt=0).update(
            done=F("done") - 1
        )
        _recount(carried, place, [slot.pk for slot in done])
    return [slot.reviewer_id for slot in slots if slot.reviewer_id is not None]


def _reinstate(carried: Carried, place: RoundUnit) -> None:
    """The words are back: so are the answers to them, and the places that were still open."""
    rows = Assignment.objects.filter(round=place.round_id, unit=place.unit_id, reason=REASON)
    ended = list(rows.filter(state__in=("voided", "withdrawn")).order_by("id"))
    if not ended:
        return
    active = set(
        Assignment.objects.filter(
            round=place.round_id, unit=place.unit_id, state__in=("open", "reserved", "submitted")
        ).values_list("slot", flat=True)
    )
    back = [slot for slot in ended if slot.state == "voided" and slot.slot not in active]
    Assignment.objects.filter(pk__in=[slot.pk for slot in back]).update(state="submitted", reason="")
    free = sorted({slot.slot for slot in ended} - active - {slot.slot for slot in back})
    Assignment.objects.bulk_create(
        Assignment(round_id=place.round_id, unit_id=place.unit_id, slot=slot, position=place.position) for slot in free
    )
    if back:
        reviewers = [slot.reviewer_id for slot in back]
        Label.objects.filter(round=place.round_id, unit=place.unit_id, reviewer__in=reviewers).update(is_void=False)
        RoundReviewer.objects.filter(round=place.round_id, reviewer__in=reviewers).update(done=F("done") + 1)
        _recount(carried, place, [slot.pk for slot in back])
        ReopenedUnit.objects.filter(round=place.round_id, reviewer__in=reviewers, unit_before=place.unit_id).delete()


def _place(article: Article, like: RoundUnit, version: OccurrenceVersion, holders: list[int]) -> Unit:
    """A unit for these words at the end of the round; who held the one before holds a slot of it."""
    unit, _ = Unit.objects.get_or_create(
        project_id=article.project_id, kind="claim_occurrence", occurrence_version=version, article=article
    )
    last = RoundUnit.objects.filter(round=like.round_id).aggregate(last=Max("position"))["last"]
    position = (last if last is not None else -1) + 1
    RoundUnit.objects.create(
        round_id=like.round_id,
        unit=unit,
        position=position,
        overlap=like.overlap,
        is_shared=like.is_shared,
        is_grown=like.is_grown,
        probability=like.probability,
    )
    until = Now() + timedelta(minutes=like.round.reservation_minutes)
    held = holders[: like.overlap]
    for slot in range(1, like.overlap + 1):
        row = Assignment(round_id=like.round_id, unit=unit, slot=slot, position=position)
        if slot <= len(held):
            row.reviewer_id, row.state, row.reason = held[slot - 1], "reserved", REASON
            row.reserved_at, row.expires_at = Now(), until
        row.save()
    return unit


def _recount(carried: Carried, place: RoundUnit, assignments: list[int]) -> None:
    newest = LabelEvent.objects.filter(round=place.round_id, unit=place.unit_id).aggregate(last=Max("id"))["last"]
    PendingFold.objects.create(round_id=place.round_id, unit_id=place.unit_id, event_id=newest or 0)
    carried.rounds[place.round_id] = place.round
    carried.assignments += assignments


def _enqueue(carried: Carried) -> None:
    """The reviewers' chains say it too, and the figures follow."""
    for pk, round_ in sorted(carried.rounds.items()):
        jobs.enqueue_once("fold_round", key=str(pk), args={"round": pk}, project=round_.project, gather=FOLD_GATHERS)
        jobs.enqueue(
            "chain_corrections",
            project=round_.project,
            args={"round": pk, "assignments": sorted(set(carried.assignments))},
        )


def _tell(article: Article, carried: Carried) -> None:
    """Whoever is asked again finds a message; one for each round, however many of their units it concerns."""
    people = Reviewer.objects.filter(pk__in={reviewer for _, reviewer in carried.concerned}, user__isnull=False)
    users = {reviewer.pk: reviewer.user for reviewer in people.select_related("user")}
    for (round_id, reviewer), n in sorted(carried.concerned.items()):
        user = users.get(reviewer)
        if user is not None:
            notices.send_message(
                user,
                kind="reopened",
                subject=_("A claim you worked on was changed")
                if n == 1
                else format_lazy(_("{n} claims you worked on were changed"), n=f"{n:,}"),
                body=CHANGED,
                project=article.project,
                path=f"/p/{article.project.slug}/rounds/{round_id}/",
            )
