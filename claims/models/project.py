"""Projects, who is in them, and who labels."""

from __future__ import annotations

import secrets
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from claims.models.base import CreatedAt, ProjectQuerySet, choices, one_of

GOALS = ("code_corpus", "check_claims", "rate_outlets")
ROLES = ("owner", "curator", "reviewer", "observer")
REVIEWER_KINDS = ("human", "machine", "imported")
REVIEWER_STATES = ("active", "paused", "left")
LEANINGS = ("left", "centre", "right")


class ProjectsQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(membership__user=user)


class Project(CreatedAt):
    """One undertaking with its own articles, codebook, people and releases; nothing is shared between projects."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    goal = models.CharField(max_length=16, choices=choices(GOALS))
    language = models.CharField(max_length=12, default="en")
    archived_at = models.DateTimeField(null=True, blank=True)
    consent_n = models.PositiveSmallIntegerField(default=0, db_default=0)  # the consent text that holds; 0: none
    daily_cap = models.PositiveSmallIntegerField(null=True, blank=True)  # units for one person and day (UTC)
    version = models.PositiveIntegerField(default=1)

    objects = ProjectsQuerySet.as_manager()

    class Meta:
        constraints = [one_of("goal", GOALS, "claims_project_goal_is_known")]

    def __str__(self) -> str:
        return self.name


def new_secret() -> bytes:
    return secrets.token_bytes(32)


class ProjectKey(models.Model):
    """The secret that pseudonyms of releases are derived from; a table of its own so that it can be held apart."""

    project = models.OneToOneField(Project, on_delete=models.PROTECT, primary_key=True, related_name="key")
    secret = models.BinaryField(default=new_secret)


class Membership(CreatedAt):
    """What a person may do in a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    role = models.CharField(max_length=16, choices=choices(ROLES))
    invitation = models.ForeignKey(  # by which the person came in, so that one link for many people can be looked into
        "claims.Invitation", null=True, blank=True, on_delete=models.SET_NULL, related_name="memberships"
    )

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="claims_membership_is_one_per_person"),
            one_of("role", ROLES, "claims_membership_role_is_known"),
        ]


class Reviewer(CreatedAt):
    """Who labels in a project: a person, a machine, or somebody whose labels were imported.

    Kept apart from the login: labels outlive it (CO-17), and machines have none. `name` is the pseudonym that
    others in the project see.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    kind = models.CharField(max_length=16, choices=choices(REVIEWER_KINDS), default="human")
    name = models.CharField(max_length=40)
    state = models.CharField(max_length=16, choices=choices(REVIEWER_STATES), default="active")
    languages = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    consented_to = models.PositiveSmallIntegerField(default=0, db_default=0)  # the newest consent text accepted

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="claims_reviewer_is_one_per_person"),
            models.UniqueConstraint(fields=["project", "name"], name="claims_reviewer_name_is_used_once"),
            one_of("kind", REVIEWER_KINDS, "claims_reviewer_kind_is_known"),
            one_of("state", REVIEWER_STATES, "claims_reviewer_state_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Invitation(CreatedAt):
    """A link that lets people join with one role until it expires or `max_uses` of them came (PR-08).

    Only the token's digest is kept. `used_at` is when the last place was taken.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    role = models.CharField(max_length=16, choices=choices(ROLES))
    email = models.EmailField(blank=True, default="")
    token_sha256 = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    max_uses = models.PositiveSmallIntegerField(default=1, db_default=1)
    uses = models.PositiveSmallIntegerField(default=0, db_default=0)
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("role", ROLES, "claims_invitation_role_is_known"),
            models.CheckConstraint(
                condition=models.Q(uses__lte=models.F("max_uses")), name="claims_invitation_uses_are_capped"
            ),
        ]


class ApiToken(CreatedAt):
    """A key for programs. Shown once; only its digest is kept. `project` null means every project of its user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.CASCADE)
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=16)
    token_sha256 = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=16), default=list)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
