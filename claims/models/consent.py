"""What a project tells its reviewers before they label, and who agreed to which wording of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from claims.models.base import CreatedAt, ProjectQuerySet, choices, one_of
from claims.models.project import Project, Reviewer

CONSENT_VERBS = ("accepted", "withdrawn")


class ConsentText(CreatedAt):
    """One wording, numbered from 1 in its project. Insert-only: what somebody agreed to stays readable."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    n = models.PositiveSmallIntegerField()
    text = models.TextField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "n"], name="claims_consent_text_number_is_used_once")]


class Consent(CreatedAt):
    """A reviewer accepted a wording or took that back. Insert-only; `Reviewer.consented_to` holds where it stands."""

    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="consents")
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="consents")
    verb = models.CharField(max_length=12, choices=choices(CONSENT_VERBS))

    class Meta:
        constraints = [one_of("verb", CONSENT_VERBS, "claims_consent_verb_is_known")]
