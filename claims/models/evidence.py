"""What was kept of the places that evidence was taken from: archived pages and screenshots."""

from __future__ import annotations

import uuid

from django.db import models

from claims.models.base import CreatedAt, ProjectQuerySet, choices, one_of
from claims.models.project import Project, Reviewer

COPY_KINDS = ("page", "screenshot")
COPY_STATES = ("waiting", "kept", "failed")


def new_key() -> str:
    """Addresses do not count rows: a number would tell how much others brought (INV-4)."""
    return uuid.uuid4().hex


class EvidenceCopy(CreatedAt):
    """A page as it was when a reviewer brought it, or a screenshot of it. Once kept or failed, it never changes.

    `file` names the stored bytes: a gzipped WARC of the answer for a page, the picture for a screenshot. `sha256` and
    `size` are of the page's body as it came (decoded), or of the picture.
    """

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    added_by = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="copies", db_index=False)
    kind = models.CharField(max_length=16, choices=choices(COPY_KINDS))
    state = models.CharField(max_length=16, choices=choices(COPY_STATES), default="waiting")
    code = models.CharField(max_length=40, blank=True, default="")  # why it failed
    sentence = models.TextField(blank=True, default="")
    url = models.CharField(max_length=2000, blank=True, default="")
    final_url = models.CharField(max_length=2000, blank=True, default="")  # after redirects
    title = models.CharField(max_length=500, blank=True, default="")
    outlet = models.CharField(max_length=200, blank=True, default="")
    published_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    media_type = models.CharField(max_length=60, blank=True, default="")
    text = models.TextField(blank=True, default="")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    size = models.PositiveIntegerField(null=True)
    file = models.CharField(max_length=200, blank=True, default="")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("kind", COPY_KINDS, "claims_copy_kind_is_known"),
            one_of("state", COPY_STATES, "claims_copy_state_is_known"),
            models.CheckConstraint(
                condition=~models.Q(state="kept")
                | (~models.Q(sha256="") & ~models.Q(file="") & models.Q(size__isnull=False, fetched_at__isnull=False)),
                name="claims_copy_is_kept_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="page", url=""), name="claims_copy_of_a_page_says_where_it_was"
            ),
        ]
        indexes = [models.Index(fields=["project", "added_by", "-id"], name="claims_copy_own")]  # quota, the same again
