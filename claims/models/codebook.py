"""What is asked: codebooks, their frozen versions, questions and choices."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from claims import lifecycle
from claims.models.base import CreatedAt, ProjectQuerySet, one_of, state_field, state_is_known
from claims.models.base import choices as words_of
from claims.models.project import Project
from claims.values.hops import BETWEEN
from claims.vocabulary import LEVELS, QUESTION_KINDS, UNIT_KINDS


class Codebook(CreatedAt):
    """A family of versions of one set of questions."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "slug"], name="claims_codebook_slug_is_used_once")]

    def __str__(self) -> str:
        return self.name


class CodebookVersion(CreatedAt):
    """Published versions are frozen (the database refuses changes) and hashed; every label carries its version."""

    codebook = models.ForeignKey(Codebook, on_delete=models.PROTECT, related_name="versions", db_index=False)
    n = models.PositiveIntegerField()
    state = state_field(lifecycle.CODEBOOK_VERSION)
    document = models.JSONField()  # the canonical form that is hashed; questions and choices repeat it as rows
    sha256 = models.CharField(max_length=64)
    changelog = models.TextField(blank=True, default="")
    published_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["codebook", "n"], name="claims_codebook_version_number_is_used_once"),
            state_is_known(lifecycle.CODEBOOK_VERSION, "claims_codebook_version_state_is_known"),
            models.CheckConstraint(
                condition=models.Q(state="draft") | models.Q(published_at__isnull=False),
                name="claims_codebook_version_says_when_published",
            ),
        ]


class Question(models.Model):
    """One question of one version. `condition` is {"question": ["choice", ...]}: all must hold for it to be asked."""

    codebook_version = models.ForeignKey(
        CodebookVersion, on_delete=models.PROTECT, related_name="questions", db_index=False
    )
    n = models.PositiveSmallIntegerField()
    code = models.SlugField(max_length=40)
    title = models.CharField(max_length=200)
    help = models.TextField(blank=True, default="")
    kind = models.CharField(max_length=16, choices=words_of(QUESTION_KINDS))
    level = models.CharField(max_length=16, choices=words_of(LEVELS))
    unit_kind = models.CharField(max_length=24, choices=words_of(UNIT_KINDS))
    is_required = models.BooleanField(default=True)
    condition = models.JSONField(default=dict, blank=True)
    key = models.CharField(max_length=1, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["codebook_version", "code"], name="claims_question_code_is_used_once"),
            models.UniqueConstraint(fields=["codebook_version", "n"], name="claims_question_number_is_used_once"),
            one_of("kind", QUESTION_KINDS, "claims_question_kind_is_known"),
            one_of("level", LEVELS, "claims_question_level_is_known"),
            one_of("unit_kind", UNIT_KINDS, "claims_question_unit_is_known"),
        ]

    def __str__(self) -> str:
        return self.title

    def in_words(self, value: Any) -> str:
        """A stored value by the names of its choices; several between commas, sources of a chain in their order."""
        if self.kind == "chain" and isinstance(value, list):
            return BETWEEN.join(map(str, value))
        names = dict(self.choices.values_list("code", "label"))
        values = value if isinstance(value, list) else [value]
        return ", ".join(str(names.get(str(one), one)) for one in values)


class Choice(models.Model):
    """One answer that a question offers. `n` is its order (and its rank where the question is ordinal)."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="choices", db_index=False)
    n = models.PositiveSmallIntegerField()
    code = models.SlugField(max_length=40)
    label = models.CharField(max_length=120)
    definition = models.TextField(blank=True, default="")
    example = models.TextField(blank=True, default="")
    counterexample = models.TextField(blank=True, default="")
    key = models.CharField(max_length=1, blank=True, default="")
    collapsed_to = models.SlugField(max_length=40, blank=True, default="")
    aliases = ArrayField(models.CharField(max_length=120), default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["question", "code"], name="claims_choice_code_is_used_once"),
            models.UniqueConstraint(fields=["question", "n"], name="claims_choice_number_is_used_once"),
            models.UniqueConstraint(
                fields=["question", "key"], condition=~models.Q(key=""), name="claims_choice_key_is_used_once"
            ),
        ]

    def __str__(self) -> str:
        return self.label
