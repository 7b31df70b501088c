"""What a model suggested about an article, apart from what people say."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from claims.models.article import Article, TextVersion
from claims.models.base import CreatedAt, ProjectQuerySet, choices, one_of
from claims.models.claim import ClaimOccurrence
from claims.models.project import Project

SUGGESTION_KINDS = ("claim", "attribution", "wording")
SUGGESTION_STATES = ("waiting", "accepted", "rejected")


class ModelSuggestion(CreatedAt):
    """One suggestion whose quote was found in the text. `content` is {"pieces": [[start, end], ...], "wording": text,
    "hops": [...]}, places in code points of `text_version`; `occurrence` is the claim it is about, if there is one."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="suggestions", db_index=False)
    text_version = models.ForeignKey(TextVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    occurrence = models.ForeignKey(ClaimOccurrence, null=True, on_delete=models.PROTECT, related_name="suggestions")
    kind = models.CharField(max_length=16, choices=choices(SUGGESTION_KINDS))
    content = models.JSONField()
    digest = models.CharField(max_length=64)  # SHA-256 of kind, occurrence and content: the same is suggested once
    located = models.CharField(max_length=16)  # how its quote was found: exact, loose or near
    model = models.CharField(max_length=200)  # as the endpoint names it
    prompt_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=choices(SUGGESTION_STATES), default="waiting")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "digest"], name="claims_suggestion_is_made_once"),
            one_of("kind", SUGGESTION_KINDS, "claims_suggestion_kind_is_known"),
            one_of("state", SUGGESTION_STATES, "claims_suggestion_state_is_known"),
            models.CheckConstraint(
                condition=Q(kind="claim", occurrence=None) | ~Q(kind="claim") & Q(occurrence__isnull=False),
                name="claims_suggestion_is_about_a_claim_or_new",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None) | ~Q(state="waiting") & Q(decided_at__isnull=False),
                name="claims_suggestion_is_decided_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["article", "state", "id"], name="claims_suggestion_queue")]
