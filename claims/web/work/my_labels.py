"""A reviewer's own history: what they answered, with the way to correct it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from claims.labelling.answers import round_spec
from claims.labelling.queries import own_events
from claims.models import LabelEvent
from claims.web.page import Here, project_page, show, slice_of
from claims.web.work.answer_form import Given, ask


@dataclass(frozen=True)
class Entry:
    """One event with its answers in words."""

    event: LabelEvent
    subject: str
    answers: list[tuple[str, str]]


@project_page("label", tab="my-labels")
def my_labels(request: HttpRequest, here: Here) -> HttpResponse:
    found = slice_of(request, own_events(here.reviewer), key="seq")
    return show(request, "my_labels", here, slice=found, entries=[entry_of(event) for event in found.rows])


def entry_of(event: LabelEvent) -> Entry:
    text = getattr(event, "text", None)
    given = Given.from_stored({"answers": event.answers, "notes": text.content if text else {}})
    asked = ask(round_spec(event.round), given)
    return Entry(event, subject_of(event), [(one.spec.title, one.answer_words) for one in asked if one.answer_words])


def subject_of(event: LabelEvent) -> str:
    """What was judged, in one line."""
    unit = event.unit
    if unit.occurrence_version is not None:
        return unit.occurrence_version.wording or unit.occurrence_version.verbatim
    if unit.outlet_version is not None:
        return unit.outlet_version.name
    return unit.article.headline if unit.article else ""
