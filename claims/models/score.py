"""Agreement: the counting state, the scores, and what was settled."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from claims.models.article import Article
from claims.models.base import CreatedAt, choices, one_of
from claims.models.label import PHASES
from claims.models.project import LEANINGS, Reviewer
from claims.models.round import Round, Unit

OUTCOMES = ("answer", "all_wrong", "no_agreement")
METHODS = ("unanimous", "majority", "discussion", "expert", "model")
REASONS = ("slip", "guideline_gap", "ambiguous", "legitimate_disagreement", "none")


class PendingFold(models.Model):
    """A unit whose labels changed and whose pattern has yet to follow; written with the label, taken by the worker."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")
    event_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["round", "id"], name="claims_pending_fold_in_order")]


class UnitPattern(models.Model):
    """How often each choice was given to one question about one unit: `counts` follows the declared order."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="patterns", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="patterns")
    question = models.CharField(max_length=48)  # a code, or path:<code>
    phase = models.CharField(max_length=20, choices=choices(PHASES), default="first")
    article = models.ForeignKey(Article, null=True, on_delete=models.CASCADE, related_name="+")
    counts = ArrayField(models.PositiveSmallIntegerField())
    is_split = models.BooleanField(default=False)  # at least two different answers: a dispute
    strata = ArrayField(models.CharField(max_length=60), default=list)  # counted in these, and in "all"
    reviewers = ArrayField(  # whose answers were counted
        models.BigIntegerField(),
        default=list,
        db_default=models.Value([], output_field=ArrayField(models.BigIntegerField())),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "unit", "question", "phase"], name="claims_unit_pattern_is_one_per_question"
            )
        ]
        indexes = [
            models.Index(
                fields=["round", "question", "unit"], condition=models.Q(is_split=True), name="claims_pattern_disputed"
            )
        ]


class CampPattern(models.Model):
    """The part of a unit's pattern that one camp of the round's panel gave: counted in the stratum of that camp."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="camp_patterns", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")
    question = models.CharField(max_length=48)  # a code, or path:<code>
    phase = models.CharField(max_length=20, choices=choices(PHASES), default="first")
    camp = models.CharField(max_length=16, choices=choices(LEANINGS))
    article = models.ForeignKey(Article, null=True, on_delete=models.CASCADE, related_name="+")
    counts = ArrayField(models.PositiveSmallIntegerField())
    reviewers = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "unit", "question", "phase", "camp"], name="claims_camp_pattern_is_one_per_camp"
            ),
            one_of("camp", LEANINGS, "claims_camp_pattern_camp_is_known"),
        ]


class PatternCount(models.Model):
    """How many units show a pattern, in a declared stratum. Every coefficient is computed from these rows.

    `article` is null in the sum over the stratum; rows with one serve intervals that resample articles.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="pattern_counts", db_index=False)
    question = models.CharField(max_length=48)  # a code, or path:<code>
    phase = models.CharField(max_length=20, choices=choices(PHASES), default="first")
    stratum = models.CharField(max_length=60, default="all")
    article = models.ForeignKey(Article, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    counts = ArrayField(models.PositiveSmallIntegerField())
    n_units = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "article", "stratum", "question", "phase", "counts"],
                nulls_distinct=False,
                name="claims_pattern_count_is_one_per_pattern",
            ),
            models.CheckConstraint(condition=models.Q(n_units__gte=0), name="claims_pattern_count_is_not_negative"),
        ]


class BundleCount(models.Model):
    """Pattern counts of bundles of articles: each article is in one of BUNDLES, drawn by its number.

    However many articles a round has, an interval that resamples bundles reads this many lines (Wolter 2007,
    Introduction to Variance Estimation, chapter 2: random groups).
    """

    BUNDLES = 200

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="+", db_index=False)
    question = models.CharField(max_length=48)  # a code, or path:<code>
    phase = models.CharField(max_length=20, choices=choices(PHASES), default="first")
    stratum = models.CharField(max_length=60, default="all")
    bundle = models.PositiveSmallIntegerField()
    counts = ArrayField(models.PositiveSmallIntegerField())
    n_units = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "stratum", "question", "phase", "bundle", "counts"],
                name="claims_bundle_count_is_one_per_pattern",
            ),
            models.CheckConstraint(condition=models.Q(n_units__gte=0), name="claims_bundle_count_is_not_negative"),
        ]


class ReviewerCount(models.Model):
    """How many counted units of a stratum a reviewer answered: who has none is not among its reviewers."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="+", db_index=False)
    question = models.CharField(max_length=48)  # a code, or path:<code>
    phase = models.CharField(max_length=20, choices=choices(PHASES), default="first")
    stratum = models.CharField(max_length=60, default="all")
    reviewer = models.ForeignKey(Reviewer, on_delete=models.CASCADE, related_name="+")
    n_units = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "stratum", "question", "phase", "reviewer"],
                name="claims_reviewer_count_is_one_per_reviewer",
            ),
            models.CheckConstraint(condition=models.Q(n_units__gte=0), name="claims_reviewer_count_is_not_negative"),
        ]


class AgreementScore(models.Model):
    """One coefficient for one question. Undefined is null with a reason. Written by compare-and-set on `as_of`."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="scores", db_index=False)
    question = models.CharField(max_length=48)  # a code, or path:<code>
    phase = models.CharField(max_length=20, choices=choices(PHASES), default="first")
    stratum = models.CharField(max_length=60, default="all")
    view = models.CharField(max_length=16, default="full")  # full or collapsed
    coefficient = models.CharField(max_length=40)
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    reason = models.CharField(max_length=40, blank=True, default="")
    interval = models.CharField(max_length=60, blank=True, default="")  # how low and high were found
    n_units = models.PositiveIntegerField(default=0)
    n_pairable = models.PositiveIntegerField(default=0)
    n_labels = models.PositiveIntegerField(default=0)
    n_reviewers = models.PositiveIntegerField(default=0)
    as_of = models.BigIntegerField(default=0)  # the newest label event folded in
    scored_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "question", "phase", "stratum", "view", "coefficient"],
                name="claims_agreement_score_is_one_per_coefficient",
            ),
            models.CheckConstraint(
                condition=models.Q(value__isnull=False, reason="") | (models.Q(value=None) & ~models.Q(reason="")),
                name="claims_agreement_score_has_a_value_or_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(low=None, high=None)
                | models.Q(low__isnull=False, high__isnull=False, low__lte=models.F("high")),
                name="claims_agreement_score_interval_is_whole",
            ),
        ]


class SettledLabel(CreatedAt):
    """The outcome of adjudication. Insert-only: a change is the next revision, the highest one stands."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="settled", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="settled")
    question = models.SlugField(max_length=40)
    revision = models.PositiveIntegerField()
    outcome = models.CharField(max_length=16, choices=choices(OUTCOMES))
    value = models.JSONField(null=True)
    missing = models.CharField(max_length=24, null=True)
    method = models.CharField(max_length=16, choices=choices(METHODS))
    reason_code = models.CharField(max_length=32, choices=choices(REASONS), default="none")
    rationale = models.TextField(blank=True, default="")
    inputs = ArrayField(models.BigIntegerField(), default=list)  # label events that were in view
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "unit", "question", "revision"], name="claims_settled_label_revision_is_used_once"
            ),
            one_of("outcome", OUTCOMES, "claims_settled_label_outcome_is_known"),
            one_of("method", METHODS, "claims_settled_label_method_is_known"),
            one_of("reason_code", REASONS, "claims_settled_label_reason_is_known"),
            models.CheckConstraint(
                condition=models.Q(outcome="answer", value__isnull=False, missing=None)
                | models.Q(outcome="answer", value__isnull=True, missing__isnull=False)
                | models.Q(outcome__in=("all_wrong", "no_agreement"), value__isnull=True, missing=None),
                name="claims_settled_label_value_fits_its_outcome",
            ),
        ]


class SecondSettlement(CreatedAt):
    """What another curator decided about the same answers without seeing the first decision. Insert-only; it settles
    nothing, and tells how far curators agree."""

    first = models.OneToOneField(SettledLabel, on_delete=models.PROTECT, related_name="second")
    outcome = models.CharField(max_length=16, choices=choices(OUTCOMES))
    value = models.JSONField(null=True)
    missing = models.CharField(max_length=24, null=True)
    reason_code = models.CharField(max_length=32, choices=choices(REASONS), default="none")
    rationale = models.TextField(blank=True, default="")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            one_of("outcome", OUTCOMES, "claims_second_settlement_outcome_is_known"),
            one_of("reason_code", REASONS, "claims_second_settlement_reason_is_known"),
        ]
