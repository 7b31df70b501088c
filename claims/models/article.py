"""Articles, their frozen text, and the blocks it consists of."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from claims import lifecycle
from claims.models.base import CreatedAt, ProjectQuerySet, choices, one_of, state_field, state_is_known
from claims.models.outlet import Outlet
from claims.models.project import Project

DATE_SOURCES = ("unknown", "stated", "metadata", "text", "url")
SEGMENT_ROLES = (
    "headline",
    "subheadline",
    "byline_dateline",
    "body",
    "caption",
    "related_links",
    "boilerplate",
    "duplicate_or_translation",
)
CLAIM_ROLES = ("headline", "subheadline", "body", "caption")
DECIDED_BY = ("rule", "person", "model")


class ArticleQuerySet(ProjectQuerySet):
    def newest_first(self) -> Self:
        return self.order_by("-id")


class Article(CreatedAt):
    """One article of one project. The same content twice is one article (`content_sha256`)."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    outlet = models.ForeignKey(Outlet, null=True, blank=True, on_delete=models.PROTECT)
    headline = models.CharField(max_length=500)
    byline = models.CharField(max_length=300, blank=True, default="")
    url = models.CharField(max_length=2000, blank=True, default="")
    canonical_url = models.CharField(max_length=2000, blank=True, default="")
    published_at = models.DateTimeField(null=True, blank=True)
    published_how = models.CharField(max_length=16, choices=choices(DATE_SOURCES), default="unknown")
    language = models.CharField(max_length=12, default="und")
    genre = models.CharField(max_length=32, blank=True, default="")
    repost_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    content_sha256 = models.CharField(max_length=64)
    state = state_field(lifecycle.ARTICLE)
    state_reason = models.TextField(blank=True, default="")
    extra = models.JSONField(default=dict, blank=True)  # columns of the import that have no place of their own
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    version = models.PositiveIntegerField(default=1)
    claims_locked_at = models.DateTimeField(null=True)  # claims are frozen from then on

    objects = ArticleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "content_sha256"], name="claims_article_content_is_kept_once"),
            state_is_known(lifecycle.ARTICLE, "claims_article_state_is_known"),
            one_of("published_how", DATE_SOURCES, "claims_article_date_source_is_known"),
            models.CheckConstraint(
                condition=models.Q(published_at=None, published_how="unknown")
                | (models.Q(published_at__isnull=False) & ~models.Q(published_how="unknown")),
                name="claims_article_date_says_how_it_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-id"], name="claims_article_newest"),  # list, keyset
            models.Index(fields=["project", "outlet", "-id"], name="claims_article_by_outlet"),  # list by outlet
            models.Index(
                fields=["project", "canonical_url"],
                condition=~models.Q(canonical_url=""),
                name="claims_article_by_url",
            ),  # the same address again
            GinIndex(
                fields=["project", "headline"], opclasses=["int8_ops", "gin_trgm_ops"], name="claims_article_search"
            ),
        ]

    def __str__(self) -> str:
        return self.headline


class TextVersion(CreatedAt):
    """The text all offsets count into, in Unicode code points. Immutable; only an erasure may blank it."""

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="text_versions", db_index=False)
    n = models.PositiveIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    length = models.PositiveIntegerField()  # code points
    recipe = models.CharField(max_length=60)  # which normalisation made it
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "n"], name="claims_text_version_number_is_used_once"),
            models.CheckConstraint(
                condition=models.Q(length__gt=0, length__lte=1_000_000), name="claims_text_version_length_is_in_limits"
            ),
        ]


class Segment(models.Model):
    """A block of a text version and what it is on the page. Marked, never deleted; a person may correct the role."""

    text_version = models.ForeignKey(TextVersion, on_delete=models.PROTECT, related_name="segments", db_index=False)
    n = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    role = models.CharField(max_length=32, choices=choices(SEGMENT_ROLES))
    decided_by = models.CharField(max_length=16, choices=choices(DECIDED_BY), default="rule")
    language = models.CharField(max_length=12, default="und")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["text_version", "n"], name="claims_segment_number_is_used_once"),
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="claims_segment_is_not_empty"),
            one_of("role", SEGMENT_ROLES, "claims_segment_role_is_known"),
            one_of("decided_by", DECIDED_BY, "claims_segment_decider_is_known"),
        ]


class ArticleLink(models.Model):
    """An address on another site that the text of an article leads to; `domain` is that of the outlet behind it."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="links", db_index=False)
    url = models.CharField(max_length=1000)
    domain = models.CharField(max_length=253)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "url"], name="claims_article_links_once")]


class ArticleSource(CreatedAt):
    """The bytes an article came from: only ever downloaded, never rendered."""

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="sources")
    file = models.FileField(max_length=200)
    filename = models.CharField(max_length=300, blank=True, default="")
    media_type = models.CharField(max_length=100, default="application/octet-stream")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    url = models.CharField(max_length=2000, blank=True, default="")
