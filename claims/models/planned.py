"""Queries built once: for the few that every label needs, building the SQL costs Python more than running it does.

The queryset stays the definition; only its compiled form is kept. Values are ids, put where the marks were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=models.Model)
FIRST_MARK = 9_000_000_000_000_000_000  # no id is that large; tells a parameter's place from a constant


@dataclass(frozen=True)
class Plan:
    """A compiled query: which parameter takes which value, and how a row becomes an instance."""

    sql: str
    params: Sequence[Any]
    places: Mapping[int, str]  # place of a parameter -> name of its value
    model: type[models.Model]
    columns: slice
    names: Sequence[str]
    joined: Sequence[Any]
    annotated: Mapping[str, int]
    converters: Mapping[int, Any]

    def instance(self, row: Sequence[Any]) -> Any:
        """As Django's ModelIterable does: the row's own columns, what was joined, what was annotated."""
        values = list(row)
        for place, (converters, expression) in self.converters.items():
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        instance = self.model.from_db("default", self.names, values[self.columns])
        for populator in self.joined:
            populator.populate(values, instance)
        for name, place in self.annotated.items():
            setattr(instance, name, values[place])
        return instance


class Planned(Generic[M]):
    """`Planned(lambda pk: Round.objects.filter(pk=pk), "pk")`; then `.rows(pk=7)` or `.first(pk=7)`.

    The queryset may join (select_related), annotate and lock; its values must be whole numbers.
    """

    def __init__(self, build: Callable[..., models.QuerySet[M]], *names: str) -> None:
        self.build = build
        self.marks = {name: FIRST_MARK + n for n, name in enumerate(names)}
        self.plan: Plan | None = None

    def first(self, **values: int) -> M | None:
        return next(iter(self.rows(**values)), None)

    def rows(self, **values: int) -> list[M]:
        if self.plan is None:
            self.plan = plan_query(self.build(**self.marks), {mark: name for name, mark in self.marks.items()})
        plan = self.plan
        params = [values[plan.places[n]] if n in plan.places else param for n, param in enumerate(plan.params)]
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, params)
            return [plan.instance(row) for row in cursor.fetchall()]


def plan_query(queryset: models.QuerySet[Any], names: Mapping[int, str]) -> Plan:
    """Compile a queryset; `names` says which value each mark in it stands for."""
    compiler: Any = queryset.query.get_compiler("default")
    sql, params = compiler.as_sql()
    about = compiler.klass_info
    columns = slice(about["select_fields"][0], about["select_fields"][-1] + 1)
    return Plan(
        sql=sql,
        params=params,
        places={n: names[param] for n, param in enumerate(params) if type(param) is int and param in names},
        model=about["model"],
        columns=columns,
        names=[column[0].target.attname for column in compiler.select[columns]],
        joined=get_related_populators(about, compiler.select, "default"),  # type: ignore[call-arg] # as in 5.2
        annotated=compiler.annotation_col_map,
        converters=compiler.get_converters([column[0] for column in compiler.select]),
    )
