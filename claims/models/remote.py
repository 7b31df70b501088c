"""Other sites: when each may be asked again, and the feeds that are looked at on a schedule."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from claims.models.base import CreatedAt, ProjectQuerySet, choices, one_of
from claims.models.project import Project

FEED_STATES = ("active", "paused")


class RemoteHost(models.Model):
    """A host as all workers together see it: two places to ask from, the moment of the next request, its robots.txt."""

    host = models.CharField(max_length=253, primary_key=True)
    next_at = models.DateTimeField(db_default=Now())
    first_until = models.DateTimeField(db_default=Now())
    first_holder = models.CharField(max_length=32, blank=True, default="")
    second_until = models.DateTimeField(db_default=Now())
    second_holder = models.CharField(max_length=32, blank=True, default="")
    robots = models.TextField(blank=True, default="")
    robots_at = models.DateTimeField(null=True)


class WatchedFeed(CreatedAt):
    """A feed or sitemap whose new entries are imported by and by."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    url = models.CharField(max_length=2000)
    canonical_url = models.CharField(max_length=2000)
    outlet = models.CharField(max_length=200, blank=True, default="")
    every_minutes = models.PositiveIntegerField(default=60)
    state = models.CharField(max_length=16, choices=choices(FEED_STATES), default="active")
    next_at = models.DateTimeField(db_default=Now())
    etag = models.CharField(max_length=300, blank=True, default="")
    last_modified = models.CharField(max_length=100, blank=True, default="")
    last_at = models.DateTimeField(null=True)
    last_code = models.CharField(max_length=40, blank=True, default="")
    last_sentence = models.TextField(blank=True, default="")
    failures = models.PositiveIntegerField(default=0)  # since it last answered
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "canonical_url"], name="claims_feed_is_watched_once"),
            one_of("state", FEED_STATES, "claims_feed_state_is_known"),
            models.CheckConstraint(
                condition=models.Q(every_minutes__gte=15, every_minutes__lte=10_080),
                name="claims_feed_pace_is_in_limits",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state="active"), name="claims_feed_due"),  # beat
        ]

    def __str__(self) -> str:
        return self.url
