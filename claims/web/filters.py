"""The filters of a list: what the address asks for, and a sentence for what was not understood."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from claims.web.page import number_in

NAMED = 12  # codes that a sentence names


def code_in(request: HttpRequest, name: str, known: Iterable[str]) -> str:
    """The code that the address gives for a filter; empty without one, or for one that the list does not know.

    What was not understood is said on the page, which then shows all: an empty list would look like an answer.
    """
    asked, codes = request.GET.get(name, ""), list(known)
    if not asked or asked in codes:
        return asked
    offered = ", ".join(codes[:NAMED]) + (" and others" if len(codes) > NAMED else "")
    say_not_understood(request, name, asked, f"Known here: {offered or 'nothing yet'}.")
    return ""


def row_in(request: HttpRequest, name: str, rows: QuerySet[Model]) -> int | None:
    """The number of one of these rows; None without one, or when none of them has it, which is said on the page."""
    try:
        asked = number_in(request, name)
    except BadRequest:
        say_not_understood(request, name, request.GET[name], "It takes the number of a row.")
        return None
    if asked is None or rows.filter(pk=asked).exists():
        return asked
    say_not_understood(request, name, str(asked), "There is none with this number here.")
    return None


def say_not_understood(request: HttpRequest, name: str, asked: str, why: str) -> None:
    said = f"The filter “{name}” does not know “{asked[:60]}”, so it was left out. {why}"
    messages.warning(request, said)
