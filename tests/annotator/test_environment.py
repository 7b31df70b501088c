"""Settings are read strictly: a wrong value stops the start with its name, what it was, and the cure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from annotator.configuration.environment import Environment
from annotator.configuration.local_secret import local_secret


def test_it_works() -> None:
    env = Environment({"NAME": " attest ", "SIZE": "12", "ON": "yes", "HOSTS": "a.example, b.example,"})
    assert env.text("NAME") == "attest"
    assert env.whole("SIZE", 3) == 12
    assert env.truth("ON", False) is True
    assert env.words("HOSTS") == ["a.example", "b.example"]


@pytest.mark.parametrize("value", ["", "   "])
def test_an_empty_value_counts_as_not_set(value: str) -> None:
    env = Environment({"SIZE": value, "ON": value, "HOSTS": value})
    assert (env.whole("SIZE", 3), env.truth("ON", True), env.words("HOSTS", ("x",))) == (3, True, ["x"])


REFUSED: list[tuple[str, Callable[[Environment], Any], str]] = [
    ("twelve", lambda env: env.whole("IT", 3), "whole number"),
    ("-1", lambda env: env.whole("IT", 3), "from 0"),
    ("501", lambda env: env.whole("IT", 3, most=500), "to 500"),
    ("maybe", lambda env: env.truth("IT", False), "1 or 0"),
    ("loud", lambda env: env.choice("IT", ("plain", "json"), default="plain"), "plain, json"),
]


@pytest.mark.parametrize(("value", "read", "cure"), REFUSED)
def test_a_wrong_value_is_refused_with_name_value_and_cure(value: str, read: Callable[..., Any], cure: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(Environment({"IT": value}))
    assert all(part in str(refusal.value) for part in ("IT is", repr(value), cure))


def test_what_is_required_is_named_when_missing() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY is not set\. Make one"):
        Environment({}).required("SECRET_KEY", "Make one.")


@pytest.mark.parametrize(
    "url", ["mysql://u:canary@h/n", "rubbish canary", "postgres://u:canary@h:port/n", "postgres://canary"]
)
def test_a_wrong_database_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="postgres://user:password@host") as refusal:
        Environment({"DATABASE_URL": url}).database("DATABASE_URL")
    assert "canary" not in str(refusal.value)


def test_a_database_address_is_taken_apart() -> None:
    found = Environment({"D": "postgres://ada:s%40fe@db.example:5433/attest?sslmode=require"}).database("D")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("ada", "s@fe", "db.example", 5433)
    assert found["OPTIONS"] == {"sslmode": "require"}


def test_a_value_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file\n")
    assert Environment({"KEY_FILE": str(tmp_path / "key")}).text("KEY") == "from the file"
    with pytest.raises(ImproperlyConfigured, match=r"KEY_FILE is .*No such file"):
        Environment({"KEY_FILE": str(tmp_path / "none")}).text("KEY")


def test_the_local_secret_is_made_once_and_readable_by_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    first = local_secret(path)
    assert len(first) > 80
    assert local_secret(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert [child.name for child in path.parent.iterdir()] == ["secret"]
