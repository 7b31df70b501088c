"""The database says no: set, unset and half-set, and frozen rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from claims.models import (
    AgreementScore,
    Anchor,
    Article,
    Assignment,
    AttributionHop,
    AuditEvent,
    Choice,
    ClaimVersion,
    CodebookVersion,
    EvidenceItem,
    Job,
    Label,
    OccurrenceVersion,
    Question,
    Segment,
    SettledLabel,
    TextVersion,
    Unit,
)
from tests.factories import label_next, make_article, make_claim, make_codebook, make_project, make_round, reviewer

pytestmark = pytest.mark.django_db
QUOTE = "The bridge carries 9,000 cars a day"


def check_refused(write: Callable[[], Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


def test_an_article_is_kept_once_and_says_how_its_date_is_known() -> None:
    project = make_project()
    article = make_article(project)
    row = {"project": project, "headline": "x"}
    check_refused(lambda: Article.objects.create(**row, content_sha256=article.content_sha256), "content_is_kept_once")
    check_refused(
        lambda: Article.objects.create(**row, content_sha256="a", published_at=timezone.now()), "says_how_it_is_known"
    )
    check_refused(
        lambda: Article.objects.create(**row, content_sha256="b", published_how="stated"), "says_how_it_is_known"
    )
    check_refused(lambda: Article.objects.create(**row, content_sha256="c", state="lost"), "state_is_known")


@pytest.mark.parametrize(("start", "end"), [(5, 5), (6, 5)])
def test_spans_are_not_empty(start: int, end: int) -> None:
    article = make_article(make_project())
    text = article.text_versions.get()
    version = make_claim(article, QUOTE).versions.get()
    check_refused(
        lambda: Segment.objects.create(text_version=text, n=99, start=start, end=end, role="body"),
        "segment_is_not_empty",
    )
    check_refused(
        lambda: Anchor.objects.create(
            occurrence_version=version, text_version=text, piece=1, start=start, end=end, exact=""
        ),
        "claims_",
    )


def test_an_anchor_is_as_long_as_its_quote_counted_in_code_points() -> None:
    article = make_article(make_project(), "Bridge \U0001f309 closed\n\nThe bridge \U0001f309 is closed.")
    text = article.text_versions.get()
    occurrence = make_claim(article, "The bridge \U0001f309 is closed")
    anchor = Anchor.objects.get(occurrence_version__occurrence=occurrence)
    assert text.text[anchor.start : anchor.end] == anchor.exact
    check_refused(
        lambda: Anchor.objects.create(
            occurrence_version=anchor.occurrence_version,
            text_version=text,
            piece=1,
            start=0,
            end=9,
            exact="Bridge \U0001f309",
        ),
        "as_long_as_quote",
    )


@pytest.mark.parametrize("half", [{"source_start": 1}, {"source_end": 1}, {"cue_start": 4}, {"cue_end": 4}])
def test_a_hop_span_is_whole(half: dict[str, int]) -> None:
    version = make_claim(make_article(make_project()), QUOTE).versions.get()
    check_refused(
        lambda: AttributionHop.objects.create(occurrence_version=version, n=5, mode="indirect", **half), "span_is_whole"
    )


def test_a_unit_points_at_exactly_what_its_kind_says() -> None:
    project = make_project()
    article = make_article(project)
    version = make_claim(article, QUOTE).versions.get()
    text = article.text_versions.get()
    row = {"project": project, "article": article}
    Unit.objects.create(**row, kind="claim_occurrence", occurrence_version=version)
    check_refused(lambda: Unit.objects.create(**row, kind="claim_occurrence"), "subject_is_whole")
    check_refused(lambda: Unit.objects.create(**row, kind="article", occurrence_version=version), "subject_is_whole")
    check_refused(
        lambda: Unit.objects.create(**row, kind="claim_occurrence", occurrence_version=version, text_version=text),
        "subject_is_whole",
    )
    check_refused(
        lambda: Unit.objects.create(**row, kind="claim_occurrence", occurrence_version=version), "is_one_per_subject"
    )


def test_a_slot_is_active_once_and_a_reviewer_holds_a_unit_once() -> None:
    project = make_project(alice="reviewer")
    round_ = make_round(project, units=1, overlap=2)
    slots = list(Assignment.objects.filter(round=round_).order_by("slot"))
    again = {"round": round_, "unit": slots[0].unit, "position": 0}
    check_refused(lambda: Assignment.objects.create(**again, slot=1), "slot_is_active_once")
    alice = reviewer(project, "alice")
    held = {"state": "reserved", "reviewer": alice, "expires_at": timezone.now()}
    Assignment.objects.filter(pk=slots[0].pk).update(**held)
    check_refused(lambda: Assignment.objects.filter(pk=slots[1].pk).update(**held), "reviewer_holds_a_unit_once")
    check_refused(lambda: Assignment.objects.filter(pk=slots[1].pk).update(state="reserved"), "holder_fits_its_state")
    check_refused(lambda: Assignment.objects.filter(pk=slots[1].pk).update(reviewer=alice), "holder")


def test_a_label_has_a_value_or_a_reason() -> None:
    project = make_project(alice="reviewer")
    round_ = make_round(project, units=1)
    label_next(round_, reviewer(project, "alice"))
    labels = Label.objects.filter(question="stance")
    check_refused(lambda: labels.update(missing="cannot_judge"), "has_a_value_or_a_reason")
    check_refused(lambda: labels.update(value=None), "claims_label")
    row = labels.get()
    row.pk = None
    check_refused(lambda: row.save(force_insert=True), "is_one_per_answer")


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "answer"},
        {"outcome": "answer", "value": "supports", "missing": "cannot_judge"},
        {"outcome": "no_agreement", "value": "supports"},
        {"outcome": "all_wrong", "missing": "cannot_judge"},
    ],
)
def test_a_settled_value_fits_its_outcome(wrong: dict[str, str]) -> None:
    round_ = make_round(make_project(), units=1)
    unit = round_.round_units.get().unit
    check_refused(
        lambda: SettledLabel.objects.create(
            round=round_, unit=unit, question="stance", revision=1, method="expert", **wrong
        ),
        "value_fits_its_outcome",
    )


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"value": None, "reason": ""}, "has_a_value_or_a_reason"),
        ({"value": 0.5, "reason": "no_variation"}, "has_a_value_or_a_reason"),
        ({"value": 0.5, "low": 0.1}, "interval_is_whole"),
        ({"value": 0.5, "low": 0.9, "high": 0.1}, "interval_is_whole"),
    ],
)
def test_a_score_has_a_value_or_a_reason_and_a_whole_interval(wrong: dict[str, Any], constraint: str) -> None:
    round_ = make_round(make_project(), units=1)
    check_refused(
        lambda: AgreementScore.objects.create(
            round=round_, question="stance", coefficient="krippendorff_alpha_nominal", scored_at=timezone.now(), **wrong
        ),
        constraint,
    )


@pytest.mark.parametrize("wrong", [{"state": "running"}, {"state": "failed"}, {"state": "asleep"}])
def test_a_job_says_who_holds_it_and_why_it_failed(wrong: dict[str, str]) -> None:
    check_refused(lambda: Job.objects.create(kind="count", **wrong), "claims_job")


FROZEN: list[tuple[type[Any], dict[str, Any]]] = [
    (OccurrenceVersion, {"verbatim": "changed"}),
    (ClaimVersion, {"text": "changed"}),
    (AuditEvent, {"verb": "nothing_happened"}),
    (TextVersion, {"text": "changed"}),
    (Question, {"title": "changed"}),
    (Choice, {"label": "changed"}),
    (CodebookVersion, {"sha256": "changed"}),
]


@pytest.mark.parametrize(("model", "change"), FROZEN, ids=lambda part: getattr(part, "__name__", ""))
def test_what_was_acknowledged_cannot_be_changed_or_deleted(model: type[Any], change: dict[str, Any]) -> None:
    project = make_project()
    make_claim(make_article(project), QUOTE)
    make_codebook(project)
    assert model.objects.exists()
    with pytest.raises(DatabaseError, match=r"insert-only|frozen"), transaction.atomic():
        model.objects.update(**change)
    with pytest.raises(DatabaseError, match=r"insert-only|frozen"), transaction.atomic():
        model.objects.all()._raw_delete(using="default")


def test_a_text_may_be_blanked_and_nothing_else() -> None:
    text = make_article(make_project()).text_versions.get()
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        TextVersion.objects.filter(pk=text.pk).update(text="", erased_at=timezone.now(), length=1)
    TextVersion.objects.filter(pk=text.pk).update(text="", erased_at=timezone.now())
    text.refresh_from_db()
    assert text.text == ""


def test_evidence_says_where_or_what() -> None:
    project = make_project(alice="reviewer")
    claim = make_claim(make_article(project), QUOTE).claim
    check_refused(
        lambda: EvidenceItem.objects.create(
            project=project, claim=claim, added_by=reviewer(project, "alice"), relation="supports"
        ),
        "says_where_or_what",
    )
