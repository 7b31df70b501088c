"""Which articles are nearly the same text: sketches, and the clusters that follow from them."""

from __future__ import annotations

from django.db import models

from claims.models.article import Article
from claims.models.base import CreatedAt, ProjectQuerySet
from claims.models.project import Project


class ArticleSketch(CreatedAt):
    """An article was compared with the others. Copies share a `cluster`, named by one of them; null: it has none."""

    article = models.OneToOneField(Article, primary_key=True, on_delete=models.CASCADE, related_name="sketch")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    shingles = models.PositiveIntegerField()  # different runs of words; 0: too short to be compared
    cluster = models.BigIntegerField(null=True)  # the article that the cluster was first formed around
    nearest = models.ForeignKey(Article, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    likeness = models.FloatField(null=True)  # Jaccard of the shingles of this article and the nearest one before it

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(likeness__isnull=True) | models.Q(likeness__gte=0, likeness__lte=1),
                name="claims_sketch_likeness_is_a_share",
            ),
        ]
        indexes = [
            models.Index(
                fields=["project", "cluster"],
                condition=models.Q(cluster__isnull=False),
                name="claims_sketch_cluster",
            ),  # the copies of an article
        ]


class SketchBand(models.Model):
    """One band of a sketch: articles that have a band in common may be copies. Read by its key alone."""

    pk = models.CompositePrimaryKey("project_id", "key", "article_id")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    key = models.BigIntegerField()
    article = models.ForeignKey(Article, on_delete=models.CASCADE)
