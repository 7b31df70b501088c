"""What outlet profiles are counted from, and what others say about outlets."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from claims import lifecycle
from claims.models.article import Article
from claims.models.base import CreatedAt, ProjectQuerySet, choices, one_of, state_field, state_is_known
from claims.models.claim import ClaimOccurrence
from claims.models.outlet import Outlet
from claims.models.project import Project
from claims.models.round import Round

# measure -> what can come out of one claim in one article
MEASURES: dict[str, tuple[str, ...]] = {
    "verdict": ("supported", "refuted", "unresolved"),  # only claims that the outlet asserts or endorses
    "voice": ("author_voice", "attributed", "vague"),
    "distance": ("0", "1", "2", "3_or_more"),  # hops between the original speaker and the outlet
    "source": ("named", "anonymous"),  # of attributed claims: the original speaker
    "language": ("biased", "not_biased"),
    "stance_headline": ("supports", "other"),
    "stance_body": ("supports", "other"),
}
OUTCOMES = tuple(sorted({outcome for outcomes in MEASURES.values() for outcome in outcomes}))
# Our scales for what others say of an outlet, each in order.
RATING_SCALES: dict[str, tuple[str, ...]] = {
    "bias": ("far_left", "left", "lean_left", "center", "lean_right", "right", "far_right"),
    "factuality": ("very_low", "low", "mixed", "mostly_factual", "high", "very_high"),
}
RATING_AXES = tuple(RATING_SCALES)
RATING_WORDS = tuple(sorted({word for words in RATING_SCALES.values() for word in words}))


class PendingTally(models.Model):
    """An article of which something changed that a profile counts. Written by triggers, taken by the worker."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["article"], name="claims_pendingtally_article")]


class OutletObservation(models.Model):
    """What one claim in one article contributes to one measure of its outlet's profile; derived, never edited.

    `round` says by which round's settled label (null: from the text itself, every claim found), `probability` with
    which chance that round chose it (null: not known). Keys are not checked by the database: the rows follow from
    others in one statement, and checking a million of them takes longer than deriving them. They have no number of
    their own either, which would cost one more index and tell nothing.
    """

    pk = models.CompositePrimaryKey("occurrence", "measure")
    occurrence = models.ForeignKey(
        ClaimOccurrence, on_delete=models.CASCADE, related_name="observations", db_index=False, db_constraint=False
    )
    measure = models.CharField(max_length=16, choices=choices(tuple(MEASURES)))
    outcome = models.CharField(max_length=16, choices=choices(OUTCOMES))
    outlet = models.ForeignKey(
        Outlet, on_delete=models.CASCADE, related_name="observations", db_index=False, db_constraint=False
    )
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    month = models.DateField(null=True)  # the first of it; null: the article has no date
    round = models.ForeignKey(
        Round, null=True, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    probability = models.FloatField(null=True)

    class Meta:
        constraints = [
            one_of("measure", tuple(MEASURES), "claims_observation_measure_is_known"),
            one_of("outcome", OUTCOMES, "claims_observation_outcome_is_known"),
        ]
        indexes = [models.Index(fields=["outlet", "measure", "outcome", "occurrence"], name="claims_observation_trace")]


class OutletTally(models.Model):
    """How many observations of an outlet agree in everything but the claim: what every figure is computed from."""

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="tallies", db_index=False)
    measure = models.CharField(max_length=16, choices=choices(tuple(MEASURES)))
    outcome = models.CharField(max_length=16, choices=choices(OUTCOMES))
    month = models.DateField(null=True)
    round = models.ForeignKey(Round, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    probability = models.FloatField(null=True)
    n = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["outlet", "measure", "outcome", "month", "round", "probability"],
                name="claims_tally_is_one_per_kind",
                nulls_distinct=False,
            ),
            one_of("measure", tuple(MEASURES), "claims_tally_measure_is_known"),
            one_of("outcome", OUTCOMES, "claims_tally_outcome_is_known"),
            models.CheckConstraint(condition=models.Q(n__gte=0), name="claims_tally_is_not_negative"),
        ]


class ExternalRating(CreatedAt):
    """What somebody else says about an outlet: kept with its rater, scale, date and licence. Insert-only."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="external_ratings")
    rater = models.CharField(max_length=80)
    axis = models.CharField(max_length=16, choices=choices(RATING_AXES))
    raw = models.CharField(max_length=80)
    # empty: no mapping is known for the raw value
    mapped = models.CharField(max_length=20, blank=True, default="", choices=choices(RATING_WORDS))
    rated_on = models.DateField(null=True)
    url = models.CharField(max_length=2000, blank=True, default="")
    licence = models.CharField(max_length=200, blank=True, default="")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("axis", RATING_AXES, "claims_external_rating_axis_is_known"),
            one_of("mapped", ("", *RATING_WORDS), "claims_external_rating_mapped_is_known"),
            models.UniqueConstraint(
                fields=["outlet", "rater", "axis", "raw", "rated_on"],
                name="claims_external_rating_is_kept_once",
                nulls_distinct=False,
            ),
        ]


class Publication(CreatedAt):
    """One version of what is said in public about an outlet. `snapshot` is frozen: figures, frames, coverage.

    Two different people approve it, after the outlet had its time to reply. Corrections are added, nothing is changed.
    """

    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="publications", db_index=False)
    n = models.PositiveIntegerField()
    state = state_field(lifecycle.PUBLICATION)
    snapshot = models.JSONField()
    n_reviewers = models.PositiveIntegerField()
    letter = models.TextField()  # what the outlet was told and asked
    reply_until = models.DateTimeField()
    disputed = models.TextField(blank=True, default="")
    reply = models.TextField(blank=True, default="")  # verbatim
    response = models.TextField(blank=True, default="")  # ours to the reply
    corrections = models.JSONField(default=list, blank=True)  # [{"at", "notice"}]
    first_approval_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    second_approval_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True)
    withdrawn_reason = models.TextField(blank=True, default="")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["outlet", "n"], name="claims_publication_number_is_used_once"),
            state_is_known(lifecycle.PUBLICATION, "claims_publication_state_is_known"),
            models.CheckConstraint(
                condition=models.Q(n_reviewers__gte=3), name="claims_publication_has_three_reviewers"
            ),
            models.CheckConstraint(
                condition=models.Q(first_approval_by=None)
                | models.Q(second_approval_by=None)
                | ~models.Q(first_approval_by=models.F("second_approval_by")),
                name="claims_publication_is_approved_by_two",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="published")
                | models.Q(
                    first_approval_by__isnull=False, second_approval_by__isnull=False, published_at__isnull=False
                ),
                name="claims_publication_is_approved_before",
            ),
        ]
