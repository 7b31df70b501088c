"""What happens to an open label form when the claim, its place or the round changes behind it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from claims.assignment.actions import close_round, draw_next
from claims.errors import Conflict
from claims.exporting.actions import start_release
from claims.importing.mending import exclude_article
from claims.labelling.actions import submit_label
from claims.models import (
    Anchor,
    Assignment,
    AuditEvent,
    ClaimOccurrence,
    Label,
    LabelEvent,
    OccurrenceVersion,
    PatternCount,
    Project,
    Release,
    ReleaseFile,
    Reviewer,
    Round,
    Unit,
)
from tests.factories import (
    answers_for,
    label_next,
    make_article,
    make_claim,
    make_codebook,
    make_project,
    make_round,
    owner_of,
    reviewer,
    run_jobs,
)
from tests.security.canary import unguarded

pytestmark = pytest.mark.django_db
QUOTE = "Inspectors found 14 broken bolts"


@pytest.fixture
def project() -> Project:
    project = make_project(alice="reviewer", bob="reviewer")
    make_claim(make_article(project), QUOTE)
    return project


def open_form(project: Project) -> tuple[Round, Unit, Reviewer]:
    """Alice holds the only claim of a round."""
    round_ = make_round(project, codebook=make_codebook(project, "stance"))
    alice = reviewer(project, "alice")
    held = draw_next(round_, alice)
    assert held is not None
    return round_, held.unit, alice


def send(round_: Round, unit: Unit, who: Reviewer, key: str = "meanwhile-key") -> Any:
    return submit_label(
        round_,
        unit,
        who,
        answers=answers_for(round_),
        idempotency_key=key,
        codebook_version_id=round_.codebook_version_id,
    )


def edited(occurrence: ClaimOccurrence) -> OccurrenceVersion:
    """The occurrence with another wording: the next version, the first one stays."""
    old = occurrence.versions.get(n=1)
    new = OccurrenceVersion.objects.create(occurrence=occurrence, n=2, verbatim=old.verbatim, wording="14 bolts broke")
    for anchor in old.anchors.all():
        Anchor.objects.create(
            occurrence_version=new,
            text_version=anchor.text_version,
            start=anchor.start,
            end=anchor.end,
            exact=anchor.exact,
        )
    return new


def test_it_works_co_06_a_label_stays_with_the_version_that_was_shown(project: Project) -> None:
    round_, unit, alice = open_form(project)
    shown = unit.occurrence_version
    assert shown is not None
    new = edited(shown.occurrence)
    send(round_, unit, alice)
    event = LabelEvent.objects.get(reviewer=alice)
    assert event.unit.occurrence_version_id == shown.pk != new.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        OccurrenceVersion.objects.filter(pk=shown.pk).update(wording="something else")


def test_co_06_a_later_round_judges_the_new_version_and_counts_apart(project: Project) -> None:
    round_, unit, alice = open_form(project)
    send(round_, unit, alice)
    label_next(round_, reviewer(project, "bob"))
    new = edited(ClaimOccurrence.objects.get(project=project))
    second = make_round(project, codebook=round_.codebook_version)
    assert list(second.round_units.values_list("unit__occurrence_version", flat=True)) == [new.pk]
    run_jobs()
    counted = dict(
        PatternCount.objects.filter(question="stance", stratum="all", article=None).values_list("round", "n_units")
    )
    assert counted == {round_.pk: 1}


def test_co_07_a_claim_split_in_two_under_an_open_form_leaves_no_orphan(project: Project) -> None:
    """The occurrence is dropped, two others take its place: the form is refused, nothing is counted twice."""
    round_, unit, alice = open_form(project)
    assert unit.occurrence_version is not None
    old = unit.occurrence_version.occurrence
    for quote in ("14 broken bolts", "Inspectors found"):
        make_claim(old.article, quote)
    ClaimOccurrence.objects.filter(pk=old.pk).update(state="dropped", state_reason="split in two")
    with pytest.raises(Conflict) as refused:
        send(round_, unit, alice)
    assert refused.value.code == "claim_retracted"
    assert not LabelEvent.objects.exists()
    assert not Label.objects.exists()
    second = make_round(project, codebook=round_.codebook_version)
    judged = {ru.unit.occurrence_version.verbatim for ru in second.round_units.all()}  # type: ignore[union-attr]
    assert judged == {"14 broken bolts", "Inspectors found"}


def test_co_07_what_was_labelled_before_the_split_stays_with_the_old_claim(project: Project) -> None:
    round_, unit, alice = open_form(project)
    send(round_, unit, alice)
    assert unit.occurrence_version is not None
    ClaimOccurrence.objects.filter(pk=unit.occurrence_version.occurrence_id).update(state="dropped")
    run_jobs()
    assert Label.objects.get(reviewer=alice, question="stance").unit == unit


@pytest.mark.parametrize("first", ["submit", "close"])
def test_co_09_a_submit_and_the_end_of_its_round_one_of_them_wins(project: Project, first: str) -> None:
    """What a curator can do to a reservation today: end the round, or exclude the article."""
    round_, unit, alice = open_form(project)
    owner = owner_of(project)
    if first == "submit":
        send(round_, unit, alice)
        close_round(round_, by=owner)
    else:
        close_round(round_, by=owner)
        with pytest.raises(Conflict) as refused:
            send(round_, unit, alice)
        assert refused.value.code == "round_not_open"
    held = Assignment.objects.get(round=round_, reviewer=alice)
    assert (held.state == "submitted") == (first == "submit") == LabelEvent.objects.exists()
    assert AuditEvent.objects.filter(verb="close_round", actor=owner, subject_id=round_.pk).count() == 1


def test_co_09_an_article_excluded_under_an_open_form(project: Project) -> None:
    round_, unit, alice = open_form(project)
    assert unit.article is not None
    exclude_article(unit.article, reason="a satire", by=owner_of(project))
    event = AuditEvent.objects.get(verb="exclude_article")
    assert event.subject_id == unit.article_id
    send_is_refused = False
    try:
        send(round_, unit, alice)
    except Conflict:
        send_is_refused = True
    assert send_is_refused != LabelEvent.objects.filter(reviewer=alice).exists()


def test_ft_28_damaged_rows_do_not_stop_a_release(project: Project) -> None:
    """Bob's answers are no object any more, and an anchor stands behind the end of its text: what is sound is released,
    and the release says what is not."""
    make_claim(make_article(project, "The quay\n\nThe quay was rebuilt in 1962."), "The quay was rebuilt in 1962.")
    round_, unit, alice = open_form(project)
    send(round_, unit, alice)
    label_next(round_, reviewer(project, "bob"))
    broken = LabelEvent.objects.exclude(reviewer=alice).get()
    with unguarded() as cursor:
        cursor.execute("UPDATE claims_labelevent SET answers = '7' WHERE id = %s", [broken.pk])
        cursor.execute(
            'UPDATE claims_anchor SET start = start + 90000, "end" = "end" + 90000 WHERE exact LIKE \'The quay%\''
        )
    release = start_release(project, by=owner_of(project), formats=["jsonl"])
    run_jobs()
    release.refresh_from_db()
    assert release.state == "ready", release.state_reason
    assert release.manifest is not None
    assert [(row["row"], row["id"]) for row in release.manifest["left_out"]] == [("labelevent", broken.pk)]
    assert {row["unit"] for row in released(release, "labels")} == {unit.pk}
    states = {row["verbatim"]: row["pieces"][0]["state"] for row in released(release, "claims")}
    assert states == {QUOTE: "anchored", "The quay was rebuilt in 1962.": "damaged"}


def released(release: Release, table: str) -> list[dict[str, Any]]:
    with ReleaseFile.objects.get(release=release, name=f"{table}.jsonl").file.open("rb") as content:
        return [json.loads(line) for line in content]
