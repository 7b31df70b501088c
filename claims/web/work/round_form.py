"""The plan of a round as a form, and a round as its form shows it."""

from __future__ import annotations

from datetime import UTC
from typing import Any, cast

from django import forms
from django.db.models import Exists, OuterRef, QuerySet

from claims.assignment.plan import MOST_ATTEMPTS, MOST_IN_A_SET
from claims.assignment.strategies import STRATEGIES
from claims.assignment.subjects import SUBJECTS
from claims.labelling.question_words import UNIT_WORDS
from claims.models import CodebookVersion, Project, Question, Round
from claims.models.article import CLAIM_ROLES
from claims.models.round import PURPOSES
from claims.web.page import Here
from claims.web.wording import WordedForm

DEADLINE = forms.DateTimeField(required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))


class LimitsForm(WordedForm):
    """What may change while a round is under way. Times are UTC."""

    quota = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)
    deadline = DEADLINE


class CodebookField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable when run
    """A published version, named as people know it."""

    def label_from_instance(self, obj: CodebookVersion) -> str:
        return f"{obj.codebook.name}, version {obj.n}"


class RoundForm(WordedForm):
    name = forms.CharField(max_length=120, error_messages={"required": "Name the round, as “Pilot” or “Round 1”."})
    codebook = CodebookField(CodebookVersion.objects.none(), empty_label=None)
    purpose = forms.ChoiceField(choices=[(word, word.replace("_", " ")) for word in PURPOSES], required=False)
    unit_kind = forms.ChoiceField(choices=[(kind, UNIT_WORDS[kind]) for kind in SUBJECTS])
    overlap = forms.IntegerField(min_value=1, max_value=60, initial=2)
    shared_percent = forms.IntegerField(min_value=1, max_value=99, required=False)
    shared_overlap = forms.IntegerField(min_value=1, max_value=60, required=False)
    grows_to = forms.IntegerField(min_value=2, max_value=60, required=False)
    grows_below = forms.FloatField(min_value=0.01, max_value=0.99, required=False)
    limit = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)
    min_checkworthiness = forms.FloatField(min_value=0, max_value=1, required=False)
    roles = forms.MultipleChoiceField(choices=[(role, role) for role in CLAIM_ROLES], required=False)
    control_percent = forms.IntegerField(min_value=1, max_value=50, required=False)
    control_floor_percent = forms.IntegerField(min_value=1, max_value=100, required=False)
    panel = forms.CharField(required=False, max_length=600)
    matches_languages = forms.BooleanField(required=False)
    known = forms.BooleanField(required=False)
    set_size = forms.IntegerField(min_value=1, max_value=MOST_IN_A_SET, required=False)
    pass_percent = forms.IntegerField(min_value=1, max_value=100, required=False)
    attempts = forms.IntegerField(min_value=1, max_value=MOST_ATTEMPTS, required=False)
    qualification = forms.ModelChoiceField(Round.objects.none(), required=False, empty_label="nobody has to qualify")
    checks = forms.ModelChoiceField(Round.objects.none(), required=False, empty_label="none: it is no check")
    repeats_weekly = forms.BooleanField(required=False)
    order = forms.ChoiceField(choices=[(name, strategy.title) for name, strategy in STRATEGIES.items()])
    quota = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)
    deadline = DEADLINE
    has_second_vote = forms.BooleanField(required=False)
    hides_outlet = forms.BooleanField(required=False)
    hides_author = forms.BooleanField(required=False)
    hides_date = forms.BooleanField(required=False)
    flags_evidence_dates = forms.BooleanField(required=False)
    blocks_own_outlet = forms.BooleanField(required=False)
    shares_evidence = forms.BooleanField(required=False)

    def __init__(self, *args: Any, here: Here, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codebook = cast(CodebookField, self.fields["codebook"])
        published = CodebookVersion.objects.filter(codebook__project=here.project, state="published")
        passed = cast("forms.ModelChoiceField[Round]", self.fields["qualification"])
        passed.queryset = Round.objects.in_project(here.project).exclude(pass_mark=None).order_by("name")
        checked = cast("forms.ModelChoiceField[Round]", self.fields["checks"])
        checked.queryset = rounds_with_evidence(here.project)
        codebook.queryset = published.select_related("codebook").order_by("codebook__name", "-n")

    @property
    def selection(self) -> dict[str, Any]:
        asked = {name: self.cleaned_data.get(name) for name in ("limit", "min_checkworthiness", "roles", "known")}
        return {name: value for name, value in asked.items() if value not in (None, [], "", False)}

    def plan(self) -> dict[str, Any]:
        """What `create_round` takes."""
        same = (
            *("name", "unit_kind", "overlap", "shared_overlap", "grows_to", "grows_below", "order", "panel"),
            *("matches_languages", "set_size", "attempts", "qualification", "checks", "repeats_weekly"),
            "has_second_vote",
            *("quota", "deadline"),
            *("hides_outlet", "hides_author", "hides_date", "flags_evidence_dates", "blocks_own_outlet"),
        )
        plan = {name: self.cleaned_data[name] for name in same}
        plan["shared_share"] = self.shared_share
        plan["pass_mark"] = self.pass_mark
        plan["purpose"] = self.cleaned_data["purpose"] or "main"
        for name in ("control_share", "control_floor"):
            percent = self.cleaned_data[name.replace("_share", "") + "_percent"]
            plan[name] = percent / 100 if percent else None
        plan["evidence_visibility"] = "pool" if self.cleaned_data["shares_evidence"] else "private"
        return plan | {"codebook_version": self.cleaned_data["codebook"], "selection": self.selection}

    def clean_panel(self) -> list[str]:
        """Leanings between commas or blanks."""
        written: str = self.cleaned_data["panel"]
        return written.replace(",", " ").lower().split()

    @property
    def shared_share(self) -> float | None:
        percent = self.cleaned_data.get("shared_percent")
        return percent / 100 if percent else None

    @property
    def pass_mark(self) -> float | None:
        percent = self.cleaned_data.get("pass_percent")
        return percent / 100 if percent else None


def planned(row: Round) -> dict[str, Any]:
    """A round as its form shows it."""
    shown = {name: getattr(row, name) for name in RoundForm.base_fields if hasattr(row, name)}
    shown |= {"codebook": row.codebook_version_id, "shares_evidence": row.evidence_visibility == "pool"}
    shown["shared_percent"] = round(row.shared_share * 100) if row.shared_share else None
    for name, share in (("control", row.control_share), ("control_floor", row.control_floor)):
        shown[f"{name}_percent"] = round(share * 100) if share else None
    shown["pass_percent"] = round(row.pass_mark * 100) if row.pass_mark else None
    shown["qualification"], shown["checks"] = row.qualification_id, row.checks_id
    shown["panel"] = ", ".join(row.panel)
    shown["deadline"] = row.deadline.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") if row.deadline else None
    return shown | {"roles": [], "known": False} | dict(row.selection)


def rounds_with_evidence(project: Project) -> QuerySet[Round]:
    """Rounds begun in which people bring evidence to claims: those that can be checked."""
    asked = Question.objects.filter(codebook_version=OuterRef("codebook_version"), kind="evidence")
    rows = Round.objects.in_project(project).exclude(state="draft").filter(checks=None, unit_kind="claim_occurrence")
    return rows.filter(Exists(asked.filter(unit_kind="claim_occurrence"))).order_by("name")
