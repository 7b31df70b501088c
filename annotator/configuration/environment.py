"""Reads settings from the environment. A wrong value stops the start and says its name, what it was, and the cure."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import environ
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")


class Environment:
    """A typed view of environment variables. Each reader names the cure that a person sees when the value is wrong.

    A variable that is empty counts as not set. `NAME_FILE` may name a file that holds the value, as secret stores do.
    """

    def __init__(self, variables: dict[str, str] | None = None) -> None:
        self.variables = dict(os.environ) if variables is None else variables

    def text(self, name: str, default: str = "") -> str:
        if path := self.variables.get(f"{name}_FILE", ""):
            return self._content(name, path)
        return self.variables.get(name, "").strip() or default

    def required(self, name: str, cure: str) -> str:
        if value := self.text(name):
            return value
        raise ImproperlyConfigured(f"{name} is not set. {cure}")

    def truth(self, name: str, default: bool) -> bool:
        value = self.text(name)
        if not value:
            return default
        if value.lower() not in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
            refuse(name, value, "Write 1 or 0.")
        return value.lower() in {"1", "true", "yes", "on"}

    def whole(self, name: str, default: int, *, least: int = 0, most: int = 1_000_000_000) -> int:
        value = self.text(name)
        cure = f"Write a whole number from {least} to {most}."
        number = self._convert(name, value or str(default), int, cure)
        if not least <= number <= most:
            refuse(name, value, cure)
        return number

    def choice(self, name: str, allowed: tuple[str, ...], *, default: str) -> str:
        value = self.text(name, default)
        if value not in allowed:
            refuse(name, value, f"Write one of: {', '.join(allowed)}.")
        return value

    def words(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        """A list, separated by commas."""
        found = [word.strip() for word in self.text(name).split(",") if word.strip()]
        return found or list(default)

    def database(self, name: str) -> dict[str, Any]:
        cure = "Write it as postgres://user:password@host:5432/name."
        url = self.required(name, cure)
        if not url.startswith(("postgres://", "postgresql://")):
            refuse(name, url, cure, secret=True)
        parsed = self._convert(name, url, environ.Env.db_url_config, cure, secret=True)
        if not parsed.get("NAME"):
            refuse(name, url, cure, secret=True)
        return dict(parsed)

    def mail(self, name: str) -> dict[str, Any]:
        """Django's EMAIL_* settings from one address."""
        cure = "Write it as smtp+tls://user:password@host:587 (or smtp+ssl://...:465, smtp://host:25)."
        url = self.required(name, cure)
        if not url.startswith(("smtp://", "smtps://", "smtp+tls://", "smtp+ssl://", "consolemail://", "filemail://")):
            refuse(name, url, cure, secret=True)
        parsed = self._convert(name, url, environ.Env.email_url_config, cure, secret=True)
        return {key: value for key, value in parsed.items() if key.startswith("EMAIL_")}

    def _content(self, name: str, path: str) -> str:
        try:
            return Path(path).read_text().strip()
        except OSError as fault:
            cure = f"Name a readable file, or set {name} itself."
            raise ImproperlyConfigured(f"{name}_FILE is {path!r}: {fault.strerror}. {cure}") from fault

    def _convert(self, name: str, value: str, convert: Callable[[str], T], cure: str, *, secret: bool = False) -> T:
        try:
            return convert(value)
        except (ValueError, KeyError, ImproperlyConfigured):
            refuse(name, value, cure, secret=secret)


def refuse(name: str, value: str, cure: str, *, secret: bool = False) -> NoReturn:
    """Stop the start. The value of a secret is not shown, only its length."""
    shown = f"a value of {len(value)} characters" if secret else repr(value)
    raise ImproperlyConfigured(f"{name} is {shown}, which cannot be used. {cure}")
