"""Topics that are not for everybody: which articles and claims carry a warning of them, and who does not read them."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models

from claims.models.article import Article
from claims.models.base import CreatedAt, ProjectQuerySet
from claims.models.claim import Claim
from claims.models.project import Project, Reviewer


class Topic(CreatedAt):
    """One of a project's list, such as violence. `code` stays; the name may be worded anew."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False, related_name="topics")
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "code"], name="claims_topic_code_is_used_once"),
        ]

    def __str__(self) -> str:
        return self.name


class WarningQuerySet(ProjectQuerySet):
    def names(self) -> list[str]:
        """What to warn of, each once, in order."""
        return list(self.order_by("topic__name").values_list("topic__name", flat=True).distinct())


class ContentWarning(CreatedAt):
    """An article, with all its claims, or one claim wherever it is said, is about a topic."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="warnings")
    # the draw looks up both: is there a warning on what this unit is about
    article = models.ForeignKey(Article, null=True, on_delete=models.PROTECT, related_name="warnings")
    claim = models.ForeignKey(Claim, null=True, on_delete=models.PROTECT, related_name="warnings")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = WarningQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(article__isnull=False, claim=None) | models.Q(article=None, claim__isnull=False),
                name="claims_content_warning_is_on_one_thing",
            ),
            models.UniqueConstraint(
                fields=["project", "topic", "article", "claim"],
                nulls_distinct=False,
                name="claims_content_warning_is_said_once",
            ),
        ]


class TopicOptOutQuerySet(models.QuerySet["TopicOptOut"]):
    def own(self, reviewer: Reviewer) -> Self:
        return self.filter(reviewer=reviewer)


class TopicOptOut(CreatedAt):
    """A reviewer does not want to read about a topic. Theirs alone to see: no log, no list of others, no figure."""

    reviewer = models.ForeignKey(Reviewer, on_delete=models.CASCADE, db_index=False, related_name="topic_opt_outs")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="+")

    objects = TopicOptOutQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reviewer", "topic"], name="claims_topic_opt_out_is_said_once"),
        ]
