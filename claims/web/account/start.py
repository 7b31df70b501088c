"""The first start: a goal, a name, and a project that is ready for its first article."""

from __future__ import annotations

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify

from claims.errors import Conflict, Refused
from claims.labelling.actions import create_codebook
from claims.models import Project, User
from claims.people.actions import create_project
from claims.web.page import GOAL_NAMES, go, person, show, signed_in
from claims.web.wording import WordedForm

# goal -> (name, what it is for, the codebook it starts with)
GOALS: dict[str, tuple[str, str, str]] = {
    "code_corpus": (
        GOAL_NAMES["code_corpus"],
        "Several people answer the same questions about articles. You see how far they agree and publish the data.",
        "main",
    ),
    "check_claims": (
        GOAL_NAMES["check_claims"],
        "Find what an article states, gather evidence, and reach a verdict that a colleague confirms.",
        "desk",
    ),
    "rate_outlets": (
        GOAL_NAMES["rate_outlets"],
        "Judge publishers by written criteria, with sources for each judgement.",
        "outlet",
    ),
}


class StartForm(WordedForm):
    goal = forms.ChoiceField(
        choices=[(code, name) for code, (name, _, _) in GOALS.items()],
        error_messages={"required": "Choose what you want to do. Another project can have another goal."},
    )
    name = forms.CharField(
        max_length=120, error_messages={"required": "Give the project a name. It can be changed later."}
    )


@signed_in
def start(request: HttpRequest) -> HttpResponse:
    form = StartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            project = start_project(form.cleaned_data["name"], form.cleaned_data["goal"], person(request))
        except Refused as refusal:
            form.add_error("name", refusal.sentence)
        else:
            return go("project", project.slug)
    return show(request, "start", form=form, goals=GOALS, status=422 if form.errors else 200)


def start_project(name: str, goal: str, by: User) -> Project:
    """A project with the codebook its goal starts with; the address is made from the name."""
    base = slugify(name.replace("_", " "))[:50].strip("-") or "project"
    for n in range(1, 20):
        try:
            with transaction.atomic():
                project = create_project(name=name, slug=base if n == 1 else f"{base}-{n}", goal=goal, by=by)
                create_codebook(project, preset=GOALS[goal][2], by=by)
                return project
        except Conflict as conflict:
            if conflict.code != "slug_taken":
                raise
    raise Refused("slug_taken", "Many projects have this name already. Choose one that tells them apart.")
