"""What the models share: how a row is scoped to its project, and how a state column is held to its table.

Foreign keys carry `db_index=False` where an index of the model begins with them: one index less to write.
"""

from __future__ import annotations

import re
from typing import Any, Self

from django.db import models
from django.db.models.functions import Now

from claims.lifecycle import Lifecycle

MOST_WORDS = 20  # of one search


@models.CharField.register_lookup
@models.TextField.register_lookup
class Holds(models.Lookup):
    """`headline__holds="50 %"`: the words stand in the text as they are, in either case.

    ILIKE, because only that is served by the trigram indexes (`icontains` compares UPPER(...) and reads every row).
    """

    lookup_name = "holds"

    def get_prep_lookup(self) -> str:
        return "%" + re.sub(r"([\\%_])", r"\\\1", str(self.rhs)) + "%"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} ILIKE {right}", (*left_params, *right_params)


@models.CharField.register_lookup
@models.TextField.register_lookup
class HasWords(models.Lookup):
    """`text__has_words='dam "50 %"'`: each word and each "quoted phrase" stands in the text somewhere, in either case.

    One ILIKE each, which the trigram indexes serve together.
    """

    lookup_name = "has_words"

    def get_prep_lookup(self) -> list[str]:
        found = [phrase or word for phrase, word in re.findall(r'"([^"]+)"|(\S+)', str(self.rhs))]
        return ["%" + re.sub(r"([\\%_])", r"\\\1", each) + "%" for each in found[:MOST_WORDS]] or ["%"]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        each = [(*left_params, pattern) for pattern in self.rhs]
        return f"({' AND '.join([f'{left} ILIKE %s'] * len(each))})", tuple(param for part in each for param in part)


class ProjectQuerySet(models.QuerySet[Any]):
    """Rows that belong to one project. Pages and API start every read here (INV-5)."""

    def in_project(self, project: Any) -> Self:
        return self.filter(project=project)

    def visible_to(self, user: Any) -> Self:
        """Rows of the projects that the user is a member of."""
        return self.filter(project__membership__user=user)


def state_field(lifecycle: Lifecycle) -> models.CharField[str, str]:
    return models.CharField(
        max_length=16, default=lifecycle.initial, choices=[(state, state) for state in lifecycle.states]
    )


def state_is_known(lifecycle: Lifecycle, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=models.Q(state__in=lifecycle.states), name=name)


def one_of(field: str, words: tuple[str, ...], name: str) -> models.CheckConstraint:
    """A column that holds one word of a closed list."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": words}), name=name)


def choices(words: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(word, word.replace("_", " ")) for word in words]


class CreatedAt(models.Model):
    """Rows that know when the database wrote them (the database's clock, never the worker's)."""

    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True
