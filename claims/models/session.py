"""Where a person is signed in, and small facts that expire."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from claims.models.base import CreatedAt


class SignIn(CreatedAt):
    """One session of a person, as they see it on their page. The address is kept cut, and not for long (PR-05)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    session_key = models.CharField(max_length=40, unique=True)
    network = models.CharField(max_length=43, blank=True, default="")  # 203.0.113.0/24, 2001:db8:1::/48
    device = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="claims_sign_in_by_age")]


class CacheEntry(models.Model):
    """The table of Django's cache, so that every web process knows which codes were used (AU-12)."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)
