"""Claims: an identity, its places in articles, who says it through which chain, and what supports or refutes it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Length

from claims import lifecycle
from claims.models.article import Article, TextVersion
from claims.models.base import CreatedAt, ProjectQuerySet, choices, one_of, state_field, state_is_known
from claims.models.evidence import EvidenceCopy
from claims.models.project import Project, Reviewer
from claims.vocabulary import RELATIONS

ATTRIBUTION_PRESENCE = ("author_voice", "attributed", "vague")
HOP_MODES = ("direct_quote", "partial_quote", "block_quote", "indirect", "author_voice")
HOP_ACTS = ("statement", "denial", "belief", "intention", "decree", "perception", "evidence")
ANCHOR_STATES = ("anchored", "moved", "orphaned")
ORIGINS = ("rule", "person", "model", "import")
WORDING_CHECKS = ("entailed", "self_contained", "atomic")
STRENGTHS = ("weak", "moderate", "strong")


class ClaimQuerySet(ProjectQuerySet):
    def newest_first(self) -> Self:
        return self.order_by("-id")


class Claim(CreatedAt):
    """One proposition that one check can decide, wherever it is said. `text` repeats its newest version."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    text = models.TextField()
    checkworthiness = models.FloatField(null=True)  # 0 to 1; null: not scored
    retracted_at = models.DateTimeField(null=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(text=""), name="claims_claim_text_is_not_empty"),
            models.CheckConstraint(
                condition=models.Q(checkworthiness=None) | models.Q(checkworthiness__range=(0, 1)),
                name="claims_claim_checkworthiness_is_a_share",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-id"], name="claims_claim_newest"),  # list, keyset
            models.Index(fields=["project", "-checkworthiness", "-id"], name="claims_claim_worthiest"),
            GinIndex(fields=["project", "text"], opclasses=["int8_ops", "gin_trgm_ops"], name="claims_claim_search"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class ClaimVersion(CreatedAt):
    """The wording of a claim at one time; insert-only, and what a claim unit is judged on."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="versions", db_index=False)
    n = models.PositiveIntegerField()
    text = models.TextField()
    origin = models.CharField(max_length=16, choices=choices(ORIGINS), default="rule")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "n"], name="claims_claim_version_number_is_used_once"),
            one_of("origin", ORIGINS, "claims_claim_version_origin_is_known"),
        ]


class OccurrenceQuerySet(ProjectQuerySet):
    def in_reading_order(self) -> Self:
        return self.order_by("article_id", "position", "id")

    def standing(self) -> Self:
        """Those that are neither dropped nor retracted."""
        return self.filter(state="proposed")


class ClaimOccurrence(CreatedAt):
    """The place of a claim in one article. `position` is its start in the text (reading order)."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="occurrences")
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="occurrences", db_index=False)
    position = models.PositiveIntegerField()
    state = state_field(lifecycle.OCCURRENCE)
    state_reason = models.TextField(blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        constraints = [state_is_known(lifecycle.OCCURRENCE, "claims_occurrence_state_is_known")]
        indexes = [
            models.Index(fields=["article", "position"], name="claims_occurrence_in_order"),  # article page
            models.Index(fields=["project", "article", "position", "id"], name="claims_occurrence_walk"),  # rounds
            models.Index(fields=["project", "-id"], name="claims_occurrence_newest"),  # list, keyset
        ]


class OccurrenceVersion(CreatedAt):
    """What is judged when a claim occurrence is judged: wording, chain and weight at one time. Insert-only."""

    occurrence = models.ForeignKey(ClaimOccurrence, on_delete=models.PROTECT, related_name="versions", db_index=False)
    n = models.PositiveIntegerField()
    verbatim = models.TextField()  # the pieces, joined by " … "
    wording = models.TextField(blank=True, default="")  # decontextualised; empty: same as verbatim
    wording_checks = ArrayField(models.CharField(max_length=16), default=list, blank=True)  # ticked by a person
    segment_role = models.CharField(max_length=32, default="body")
    attribution = models.CharField(max_length=16, choices=choices(ATTRIBUTION_PRESENCE), default="author_voice")
    kinds = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    hedges = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    measures = models.JSONField(default=list, blank=True)  # numbers and dates as values, see claims.values
    tense = models.CharField(max_length=16, blank=True, default="")
    modality = models.CharField(max_length=16, blank=True, default="")
    checkworthiness = models.FloatField(null=True)
    checkworthiness_reasons = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    origin = models.CharField(max_length=16, choices=choices(ORIGINS), default="rule")
    splitter = models.CharField(max_length=60, blank=True, default="")  # name and version
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "n"], name="claims_occurrence_version_number_is_used_once"),
            one_of("attribution", ATTRIBUTION_PRESENCE, "claims_occurrence_version_attribution_is_known"),
            one_of("origin", ORIGINS, "claims_occurrence_version_origin_is_known"),
        ]


class Anchor(models.Model):
    """Where one piece of an occurrence stands in one text version: `text[start:end] == exact`, in code points.

    Kept apart from the version that is judged, so that a new text version adds anchors and changes no subject.
    """

    occurrence_version = models.ForeignKey(
        OccurrenceVersion, on_delete=models.PROTECT, related_name="anchors", db_index=False
    )
    text_version = models.ForeignKey(TextVersion, on_delete=models.PROTECT, related_name="anchors")
    piece = models.PositiveSmallIntegerField(default=0)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    exact = models.TextField()
    state = models.CharField(max_length=16, choices=choices(ANCHOR_STATES), default="anchored")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence_version", "text_version", "piece"], name="claims_anchor_piece_is_placed_once"
            ),
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="claims_claim_span_is_not_empty"
            ),
            models.CheckConstraint(
                condition=models.Q(end=models.F("start") + Length("exact")),
                name="claims_anchor_span_is_as_long_as_quote",
            ),
            one_of("state", ANCHOR_STATES, "claims_anchor_state_is_known"),
        ]


class AttributionHop(models.Model):
    """One step of who says it, numbered from the original speaker towards the outlet."""

    occurrence_version = models.ForeignKey(
        OccurrenceVersion, on_delete=models.PROTECT, related_name="hops", db_index=False
    )
    n = models.PositiveSmallIntegerField()
    source_text = models.TextField(blank=True, default="")
    source_start = models.PositiveIntegerField(null=True)
    source_end = models.PositiveIntegerField(null=True)
    cue_text = models.TextField(blank=True, default="")
    cue_start = models.PositiveIntegerField(null=True)
    cue_end = models.PositiveIntegerField(null=True)
    mode = models.CharField(max_length=16, choices=choices(HOP_MODES))
    act = models.CharField(max_length=16, choices=choices(HOP_ACTS), default="statement")
    source_kind = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["occurrence_version", "n"], name="claims_hop_number_is_used_once"),
            one_of("mode", HOP_MODES, "claims_hop_mode_is_known"),
            one_of("act", HOP_ACTS, "claims_hop_act_is_known"),
            models.CheckConstraint(
                condition=models.Q(source_start=None, source_end=None)
                | models.Q(
                    source_start__isnull=False, source_end__isnull=False, source_end__gt=models.F("source_start")
                ),
                name="claims_hop_source_span_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(cue_start=None, cue_end=None)
                | models.Q(cue_start__isnull=False, cue_end__isnull=False, cue_end__gt=models.F("cue_start")),
                name="claims_hop_cue_span_is_whole",
            ),
        ]


class EvidenceItem(CreatedAt):
    """One thing a reviewer brought to a claim: where it stands, what it says, how it relates. Insert-only."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="evidence")
    added_by = models.ForeignKey(Reviewer, on_delete=models.PROTECT)
    url = models.CharField(max_length=2000, blank=True, default="")
    title = models.CharField(max_length=500, blank=True, default="")
    quote = models.TextField(blank=True, default="")
    question = models.TextField(blank=True, default="")
    answer = models.TextField(blank=True, default="")
    published_at = models.DateTimeField(null=True)
    relation = models.CharField(max_length=16, choices=choices(RELATIONS))
    strength = models.CharField(max_length=16, choices=choices(STRENGTHS), default="moderate")
    source_kind = models.CharField(max_length=32, blank=True, default="")
    independence = models.CharField(max_length=32, blank=True, default="")
    outlet = models.CharField(max_length=200, blank=True, default="", db_default="")
    page_copy = models.ForeignKey(EvidenceCopy, null=True, on_delete=models.PROTECT, related_name="items")
    screenshot = models.ForeignKey(EvidenceCopy, null=True, on_delete=models.PROTECT, related_name="pictured")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("relation", RELATIONS, "claims_evidence_relation_is_known"),
            one_of("strength", STRENGTHS, "claims_evidence_strength_is_known"),
            models.CheckConstraint(
                condition=~models.Q(url="", quote="", answer=""), name="claims_evidence_says_where_or_what"
            ),
        ]
