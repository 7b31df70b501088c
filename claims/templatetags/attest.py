"""Numbers as people read them, and where the parts of an interval bar stand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone
from django.utils.translation import gettext

from claims.labelling.question_words import KIND_WORDS, UNIT_WORDS

register = template.Library()
LOWEST = -0.2  # where the interval bar begins: coefficients may be negative, and rarely are below this
THIN_SPACE = "\u202f"


@register.filter
def number(value: Any) -> str:
    """1234567 -> 1 234 567 with thin spaces; nothing for what is not there."""
    return "" if value is None or value == "" else f"{value:,}".replace(",", THIN_SPACE)


@register.filter
def two_places(value: float | None) -> str:
    """0.6666 -> 0.67, with a real minus sign unless it is rounded to nothing; a dash for an undefined figure."""
    return "–" if value is None else f"{value:z.2f}".replace("-", "\u2212")


@register.filter
def percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:z.0f}{THIN_SPACE}%".replace("-", "\u2212")


@register.filter
def site(link: str) -> str:
    """https://news.example.org/a/long/path -> news.example.org."""
    try:
        return urlsplit(link).hostname or link
    except ValueError:
        return link


@register.filter
def ago(moment: datetime | None) -> str:
    """How long ago it was, or how soon it will be, in the reader's language; seconds are not counted."""
    if moment is None:
        return ""
    is_now = abs(timezone.now() - moment) < timedelta(minutes=1)
    return gettext("just now") if is_now else str(naturaltime(moment))


@register.filter
def share_of(part: int | None, whole: int | None) -> float:
    """Percent, for the width of a bar."""
    return round(100 * (part or 0) / whole, 2) if whole else 0


@register.filter
def words(code: str) -> str:
    """not_enough_evidence -> not enough evidence."""
    return str(code).replace("_", " ")


@register.filter
def at(mapping: Any, key: Any) -> Any:
    """The value a mapping holds for a key that is only known in the template."""
    return mapping.get(key) if mapping else None


@register.inclusion_tag("claims/_interval.html")
def interval_bar(
    value: float | None, low: float | None, high: float | None, *, is_small: bool = False
) -> dict[str, Any]:
    """A figure between -0.2 and 1 with its 95 % interval; nothing is drawn for an undefined figure."""

    def place(x: float) -> float:
        return round(100 * (min(max(x, LOWEST), 1.0) - LOWEST) / (1.0 - LOWEST), 2)

    drawn: dict[str, Any] = {"value": value, "low": low, "high": high, "is_small": is_small, "zero": place(0)}
    if value is not None:
        drawn["dot"] = place(value)
    if low is not None and high is not None:
        drawn |= {"from": place(low), "width": max(place(high) - place(low), 0.5)}
    return drawn


@register.filter
def kind_said(kind: str) -> str:
    """What one does in a question of this kind, as its reviewers read it."""
    return str(KIND_WORDS[kind])


@register.filter
def unit_said(unit_kind: str) -> str:
    return str(UNIT_WORDS[unit_kind])
