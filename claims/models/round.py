"""Who labels what: rounds, units, and the slots that make overlap exact."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from claims import lifecycle
from claims.models.article import Article, Segment, TextVersion
from claims.models.base import CreatedAt, ProjectQuerySet, choices, one_of, state_field, state_is_known
from claims.models.claim import ClaimVersion, EvidenceItem, OccurrenceVersion
from claims.models.codebook import CodebookVersion
from claims.models.outlet import OutletVersion
from claims.models.project import Project, Reviewer
from claims.vocabulary import UNIT_KINDS

PURPOSES = (
    "qualification",
    "pilot",
    "main",
    "calibration",
    "evidence_check",
    "adjudication",
    "error_check",
    "splitting",  # no question is asked: each cuts the article into claims alone, and the cuts are compared
)
ORDERS = ("fixed", "random", "priority", "least_labelled", "disagreement", "article")
EVIDENCE_VISIBILITY = ("private", "pool")
ACTIVE = ("open", "reserved", "submitted")

# Which columns say what a unit of each kind is; all others are null (one check constraint each).
SUBJECTS: dict[str, tuple[str, ...]] = {
    "segment": ("segment",),
    "claim_occurrence": ("occurrence_version",),
    "claim": ("claim_version",),
    "article": ("text_version",),
    "article_part_claim": ("text_version", "claim_version", "part"),
    "outlet": ("outlet_version",),
    "outlet_criterion": ("outlet_version", "part"),
    "claim_pair": ("claim_version", "second_claim_version"),
    "claim_target": ("claim_version", "part"),
    "claim_evidence": ("claim_version", "evidence_item"),
}
SUBJECT_COLUMNS = (
    "segment",
    "occurrence_version",
    "claim_version",
    "second_claim_version",
    "text_version",
    "outlet_version",
    "evidence_item",
    "part",
)


def subject_is_whole() -> models.CheckConstraint:
    """For each kind of unit exactly its own subject columns are set."""
    condition = models.Q()
    for kind, columns in SUBJECTS.items():
        held = {f"{column}__isnull": column not in columns for column in SUBJECT_COLUMNS}
        condition |= models.Q(kind=kind, **held)
    return models.CheckConstraint(condition=condition, name="claims_unit_subject_is_whole")


class Unit(CreatedAt):
    """What is judged: an insert-only version of a subject. The same subject is one unit, in however many rounds."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=24, choices=choices(UNIT_KINDS))
    segment = models.ForeignKey(Segment, null=True, on_delete=models.PROTECT)
    occurrence_version = models.ForeignKey(OccurrenceVersion, null=True, on_delete=models.PROTECT)
    claim_version = models.ForeignKey(ClaimVersion, null=True, on_delete=models.PROTECT)
    second_claim_version = models.ForeignKey(ClaimVersion, null=True, on_delete=models.PROTECT, related_name="+")
    text_version = models.ForeignKey(TextVersion, null=True, on_delete=models.PROTECT)
    outlet_version = models.ForeignKey(OutletVersion, null=True, on_delete=models.PROTECT)
    evidence_item = models.ForeignKey(EvidenceItem, null=True, on_delete=models.PROTECT)
    part = models.CharField(max_length=60, null=True)  # headline or body; a criterion; a target
    article = models.ForeignKey(Article, null=True, on_delete=models.PROTECT)  # the cluster that intervals resample

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            subject_is_whole(),
            models.UniqueConstraint(
                fields=["project", "kind", *SUBJECT_COLUMNS],
                nulls_distinct=False,
                name="claims_unit_is_one_per_subject",
            ),
        ]


class RoundQuerySet(ProjectQuerySet):
    def blind(self) -> Self:
        """Under way, and hiding something about the articles from reviewers."""
        hides = models.Q(hides_outlet=True) | models.Q(hides_author=True) | models.Q(hides_date=True)
        return self.filter(hides, state__in=("open", "paused"))

    def newest_first(self) -> Self:
        return self.order_by("-id")


class Round(CreatedAt):
    """A stretch of work: which questions, about which units, how often, and who may see what."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=16, choices=choices(PURPOSES), default="main")
    state = state_field(lifecycle.ROUND)
    codebook_version = models.ForeignKey(CodebookVersion, on_delete=models.PROTECT)
    unit_kind = models.CharField(max_length=24, choices=choices(UNIT_KINDS), default="claim_occurrence")
    questions = ArrayField(models.SlugField(max_length=40), default=list, blank=True)  # empty: all of the version
    overlap = models.PositiveSmallIntegerField(default=2)
    shared_share = models.FloatField(null=True, blank=True)  # this share of the units, drawn by the seed ...
    shared_overlap = models.PositiveSmallIntegerField(null=True, blank=True)  # ... gets so many reviewers instead
    grows_to = models.PositiveSmallIntegerField(null=True, blank=True)  # units in doubt get more, up to so many
    grows_below = models.FloatField(null=True, blank=True)  # doubt: a likeliest answer below this; null: a difference
    order = models.CharField(max_length=16, choices=choices(ORDERS), default="fixed")
    seed = models.PositiveIntegerField(default=0)
    reservation_minutes = models.PositiveIntegerField(default=120)
    quota = models.PositiveIntegerField(null=True, blank=True)  # units for one person
    deadline = models.DateTimeField(null=True, blank=True)  # nothing is drawn from here on
    # units whose answer is known from another round are mixed in, up to this share; under the floor work is paused
    control_share = models.FloatField(null=True, blank=True)
    control_floor = models.FloatField(null=True, blank=True)
    # a qualification: attempts of so many units each, passed with this share of the known answers given rightly
    set_size = models.PositiveIntegerField(null=True, blank=True)
    pass_mark = models.FloatField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(null=True, blank=True)
    qualification = models.ForeignKey(  # only who has passed that round is offered units of this one
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="asked_by"
    )
    # a check of the evidence that was brought in that round: by other people, who see nothing but the evidence
    checks = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="checked_by")
    is_checked = models.BooleanField(default=False, db_default=False)  # the evidence of this one is checked in another
    repeats_weekly = models.BooleanField(default=False, db_default=False)  # its like is opened a week after it
    # who sits where: the first place of every unit is for the first leaning; places behind the panel are for anybody
    panel = ArrayField(models.CharField(max_length=16), default=list, db_default=[], blank=True)
    matches_languages = models.BooleanField(default=False, db_default=False)  # only who reads the article's language
    # when all who were asked have voted, they talk about the unit and vote again; both votes stay
    has_second_vote = models.BooleanField(default=False, db_default=False)
    hides_outlet = models.BooleanField(default=False)
    hides_author = models.BooleanField(default=False)
    hides_date = models.BooleanField(default=False)
    evidence_visibility = models.CharField(max_length=16, choices=choices(EVIDENCE_VISIBILITY), default="private")
    flags_evidence_dates = models.BooleanField(default=False, db_default=False)  # published after the claim
    blocks_own_outlet = models.BooleanField(default=False, db_default=False)  # what published the claim is no evidence
    shows_live_scores = models.BooleanField(default=True)
    selection = models.JSONField(default=dict, blank=True)  # how the units were chosen: filter, sample, seed
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = RoundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="claims_round_name_is_used_once"),
            state_is_known(lifecycle.ROUND, "claims_round_state_is_known"),
            one_of("purpose", PURPOSES, "claims_round_purpose_is_known"),
            one_of("order", ORDERS, "claims_round_order_is_known"),
            one_of("evidence_visibility", EVIDENCE_VISIBILITY, "claims_round_evidence_visibility_is_known"),
            models.CheckConstraint(
                condition=models.Q(overlap__gte=1, overlap__lte=60), name="claims_round_overlap_is_1_to_60"
            ),
            models.CheckConstraint(
                condition=models.Q(shared_share=None, shared_overlap=None)
                | models.Q(shared_share__gt=0, shared_share__lt=1, shared_overlap__gte=1, shared_overlap__lte=60),
                name="claims_round_shared_part_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(control_share=None, control_floor=None)
                | models.Q(control_share__gt=0, control_share__lt=1)
                & (models.Q(control_floor=None) | models.Q(control_floor__gt=0, control_floor__lte=1)),
                name="claims_round_controls_are_a_share",
            ),
            models.CheckConstraint(
                condition=models.Q(set_size=None, pass_mark=None, attempts=None)
                | models.Q(purpose="qualification", set_size__gt=0, attempts__gt=0)
                & models.Q(pass_mark__gt=0, pass_mark__lte=1),
                name="claims_round_qualification_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(checks=None) | models.Q(purpose="evidence_check", unit_kind="claim_occurrence"),
                name="claims_round_that_checks_is_an_evidence_check",
            ),
            models.CheckConstraint(
                condition=models.Q(grows_to=None, grows_below=None)
                | models.Q(grows_to__gt=1, grows_to__lte=60)
                & (models.Q(grows_below=None) | models.Q(grows_below__gt=0, grows_below__lt=1)),
                name="claims_round_growth_has_a_cap",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def checks_to_follow(self) -> list[int]:
        """The checks in which a change of this round's answers may send a unit back for more evidence."""
        if self.checks_id is not None:
            return [self.pk]
        open_ones = self.checked_by.filter(state__in=("open", "paused"))
        return list(open_ones.values_list("pk", flat=True)) if self.is_checked else []

    def seat(self, slot: int) -> str:
        """The leaning that this place of every unit is for; empty: anybody's."""
        return self.panel[slot - 1] if slot <= len(self.panel) else ""

    def barred_slots(self, leaning: str) -> list[int]:
        """Places of the panel that somebody of this leaning does not take."""
        return [slot for slot, seat in enumerate(self.panel, start=1) if seat != leaning]


class RoundUnit(models.Model):
    """A unit's place in a round: how many independent labels it needs and with which probability it was chosen."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="round_units", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="round_units")
    position = models.PositiveIntegerField()
    overlap = models.PositiveSmallIntegerField()
    is_shared = models.BooleanField(default=False, db_default=False)  # in the part that more reviewers answer
    is_grown = models.BooleanField(default=False, db_default=False)  # its labels left doubt: a reviewer was added
    probability = models.FloatField(null=True)  # of being chosen; null: not known
    is_control = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "unit"], name="claims_round_unit_is_in_a_round_once"),
            models.UniqueConstraint(fields=["round", "position"], name="claims_round_unit_position_is_used_once"),
            models.CheckConstraint(
                condition=models.Q(probability=None) | models.Q(probability__gt=0, probability__lte=1),
                name="claims_round_unit_probability_is_a_share",
            ),
        ]


class RoundReviewer(models.Model):
    """One reviewer's walk through a round. The row is locked while a slot is drawn: two tabs draw one after the other.

    `cursor` is the position drawn last: the search starts behind it, so that it never walks over what this reviewer
    has done, however much that is. NOT_BEGUN: the first draw finds where to begin; a limit may be set before.
    """

    NOT_BEGUN = -2

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="round_reviewers", db_index=False)
    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="rounds")
    cursor = models.BigIntegerField(default=-1)
    is_paused = models.BooleanField(default=False)
    quota = models.PositiveIntegerField(null=True)  # in place of the round's
    done = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "reviewer"], name="claims_round_reviewer_is_in_a_round_once")
        ]


class Assignment(models.Model):
    """A slot: one of the `overlap` places of a unit in a round, open until a reviewer draws it.

    A slot given back ends (skipped, expired) and a fresh row takes its `slot`, so the history stays. At most one row
    of a slot is active (INV-3), and a reviewer holds a unit of a round once (INV-2).
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="assignments", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="assignments")
    slot = models.PositiveSmallIntegerField()
    position = models.PositiveIntegerField()
    state = state_field(lifecycle.ASSIGNMENT)
    reviewer = models.ForeignKey(
        Reviewer, null=True, on_delete=models.PROTECT, related_name="assignments", db_index=False
    )
    reserved_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True, default="")
    is_urgent = models.BooleanField(default=False, db_default=False)  # open, and the unit's labels leave doubt

    class Meta:
        constraints = [
            state_is_known(lifecycle.ASSIGNMENT, "claims_assignment_state_is_known"),
            models.UniqueConstraint(
                fields=["round", "unit", "slot"],
                condition=models.Q(state__in=ACTIVE),
                name="claims_assignment_slot_is_active_once",
            ),
            models.UniqueConstraint(
                fields=["round", "unit", "reviewer"],
                condition=~models.Q(state__in=("expired", "withdrawn")),
                name="claims_assignment_reviewer_holds_a_unit_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", reviewer=None, expires_at=None)
                | models.Q(state="reserved", reviewer__isnull=False, expires_at__isnull=False)
                | models.Q(state="withdrawn")
                | models.Q(state__in=("submitted", "skipped", "expired", "voided"), reviewer__isnull=False),
                name="claims_assignment_holder_fits_its_state",
            ),
        ]
        indexes = [
            # the draw: the next open slot behind the cursor (never ORDER BY id: see performance.md, trap 1)
            models.Index(
                fields=["round", "position", "slot"], condition=models.Q(state="open"), name="claims_slot_open"
            ),
            # the draw of fewest labels first, and of doubtful units first
            models.Index(
                fields=["round", "slot", "position"], condition=models.Q(state="open"), name="claims_slot_by_number"
            ),
            models.Index(
                fields=["round", "position", "slot"],
                condition=models.Q(state="open", is_urgent=True),
                name="claims_slot_urgent",
            ),
            # what a reviewer holds, resuming and the queue page
            models.Index(fields=["reviewer", "round"], condition=models.Q(state="reserved"), name="claims_slot_held"),
            # take-back of what ran out
            models.Index(fields=["expires_at"], condition=models.Q(state="reserved"), name="claims_slot_expiring"),
        ]
