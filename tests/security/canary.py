"""A canary in every text field of the database, found by looking at the models, and what to look for on a page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from tests.security.world import CANARY, SUM

SHORT = "\"'><i>{{7*7}}"  # where the whole one does not fit
TAGGED = re.compile(r"<(?:svg|i)\b[^>]*(?:onload|\{\{|>\{\{)", re.IGNORECASE)
# Columns that hold what the product itself puts there: codes, digests, keys and names of files. Nobody's words.
OWN = {
    "password": "a hash",
    "sha256": "a digest",
    "content_sha256": "a digest",
    "token_sha256": "a digest",
    "request_sha256": "a digest",
    "idempotency_key": "checked: visible ASCII, never shown",
    "key": "one character, or checked",
    "token": "a random word",
    "prefix": "the start of a token",
    "recipe": "a version of our code",
    "splitter": "a version of our code",
    "kind": "a code",
    "component": "a code",
    "verb": "a code",
    "subject_type": "a code",
    "code": "a code, checked when it is written",
    "reason": "a code, or our sentence about a slot",
    "coefficient": "a code",
    "stratum": "a code",
    "view": "a code",
    "interval": "our words for a method",
    "format": "a code",
    "coalesce_key": "our own key",
    "scopes": "codes",
    "events": "codes",
    "segment_role": "a code",
    "kinds": "codes",
    "checkworthiness_reasons": "codes",
    "missing": "a code",
    "part": "a code",
}
# Columns that other rows are measured against: the world writes the canary there itself.
MEASURED = {
    ("TextVersion", "text"),
    ("Anchor", "exact"),
    ("StoredFile", "name"),
    ("ReleaseFile", "name"),
    ("EvidenceCopy", "file"),
    ("UnitPattern", "question"),  # a code, or path: and a code
    ("CampPattern", "question"),
    ("PatternCount", "question"),
    ("BundleCount", "question"),
    ("ReviewerCount", "question"),
    ("AgreementScore", "question"),
}
# JSON whose shape is read: the words inside change, the names and codes do not.
WORDS_INSIDE = {"title", "help", "label", "definition", "example", "counterexample", "note", "text", "name", "sentence"}


def text_fields() -> Iterator[tuple[type[models.Model], Any]]:
    """Every column of ours in which somebody's words could stand."""
    for model in apps.get_app_config("claims").get_models():
        for field in model._meta.concrete_fields:
            base = field.base_field if isinstance(field, ArrayField) else field
            is_text = isinstance(base, models.CharField | models.TextField) and not isinstance(base, models.SlugField)
            if isinstance(field, models.JSONField) or (is_text and not base.choices and not field.primary_key):
                yield model, field


def is_open(model: type[models.Model], field: Any) -> bool:
    return field.name not in OWN and (model.__name__, field.name) not in MEASURED


@contextmanager
def unguarded() -> Iterator[Any]:
    """A cursor for which insert-only tables can be changed: words could have come in before there was a guard."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def sow() -> None:
    """Put the canary into each of those fields of each row."""
    with unguarded() as cursor:
        for model, field in text_fields():
            if is_open(model, field):
                _sow(cursor, model, field)


def _sow(cursor: Any, model: type[models.Model], field: Any) -> None:
    table, column, key = model._meta.db_table, field.column, model._meta.pk.column
    if isinstance(field, models.JSONField):
        cursor.execute(f'SELECT "{key}", "{column}" FROM {table} WHERE "{column}" IS NOT NULL')
        for pk, value in cursor.fetchall():
            sown = json.dumps(in_words(json.loads(value) if isinstance(value, str) else value))
            cursor.execute(f'UPDATE {table} SET "{column}" = %s::jsonb WHERE "{key}" = %s', [sown, pk])
    elif isinstance(field, ArrayField):
        cursor.execute(f'UPDATE {table} SET "{column}" = %s', [[fitting(field.base_field.max_length)]])
    else:
        unique = f'"{key}"::text || ' if is_unique(model, field) else ""
        room = field.max_length and field.max_length - (8 if unique else 0)
        cursor.execute(f'UPDATE {table} SET "{column}" = {unique}%s', [fitting(room)])


def is_unique(model: type[models.Model], field: Any) -> bool:
    """Whether rows must differ here; then the row's number comes first."""
    return field.unique or model.__name__ in {"User", "Outlet", "OutletDomain", "OutletAlias", "Round", "Reviewer"}


def fitting(length: int | None) -> str:
    return CANARY if length is None or length >= len(CANARY) else SHORT[:length]


def in_words(value: Any, name: str = "") -> Any:
    """A JSON value with the canary in the words that people wrote; codes and the shape stay."""
    if isinstance(value, dict):
        return {key: in_words(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [in_words(inner, name) for inner in value]
    return CANARY if isinstance(value, str) and name in WORDS_INSIDE else value


class Markup(HTMLParser):
    """What a page holds that a strict policy would refuse, or that stored words brought in."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.links: list[str] = []
        self._is_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._is_script = tag == "script" and given.get("type") != "application/json"
        if tag in ("style", "base", "iframe", "object", "embed") or given.get("http-equiv", "").lower() == "refresh":
            self.faults.append(f"<{tag}>")
        self.faults += [f"{name} on {tag}" for name in given if name.startswith(("on", "hx-on")) or name == "style"]
        self.faults += [f"{given[name]} in {name} of {tag}" for name in ("href", "src", "action") if runs(given, name)]
        if tag in ("script", "link", "img", "source", "form", "use") and is_foreign(given):
            self.faults.append(f"<{tag}> leads elsewhere")
        if tag == "a" and is_foreign(given) and not {"noopener", "noreferrer"} <= set(given.get("rel", "").split()):
            self.faults.append(f"link to {given['href']} without rel")
        if tag == "a" and given.get("href", "").startswith(("/", "?")):
            self.links.append(given["href"])

    def handle_data(self, data: str) -> None:
        if self._is_script and data.strip():
            self.faults.append("inline script")

    def handle_endtag(self, tag: str) -> None:
        self._is_script = False


def runs(given: dict[str, str], name: str) -> bool:
    bare = re.sub(r"[\x00-\x20]", "", given.get(name, "")).lower()
    return bare.startswith(("javascript:", "data:", "vbscript:"))


def is_foreign(given: dict[str, str]) -> bool:
    return any(given.get(name, "").startswith(("http:", "https:", "//")) for name in ("href", "src", "action"))


def faults_of(body: str) -> list[str]:
    """What is wrong with a page, in words; nothing when it is well."""
    markup = Markup()
    markup.feed(body)
    faults = markup.faults
    if TAGGED.search(body):
        faults.append("the canary is markup")
    if SUM in body:
        faults.append("the canary was computed")
    return faults


def links_of(body: str) -> list[str]:
    markup = Markup()
    markup.feed(body)
    return markup.links
