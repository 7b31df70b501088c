"""Whom outlets are for or against: named once by the project, the same one for every reviewer."""

from __future__ import annotations

import pytest

from claims.credibility.ratings import ratings_of
from claims.credibility.targets import names_in, suggested_targets
from claims.errors import Conflict, NotPermitted, Refused
from claims.labelling.drafting import start_draft
from claims.labelling.targets import name_target, targets_of
from claims.models import Project, Unit
from claims.models.formula import CRITERIA
from claims.values.naming import folded, is_alike
from tests.factories import label, make_codebook, make_outlet, make_project, make_round, member, owner_of, reviewer

SHOWN = {f"{code}_shown": "https://tidalpost.example/about, 2026-03-09" for code in CRITERIA}


def asking() -> Project:
    project = make_project(alice="reviewer", bob="reviewer", cem="reviewer")
    make_codebook(project, "outlet")
    return project


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Russia", " RUSSIA. "),
        ("the Government of Orrin", "Orrin (government)"),
        ("Türkiye", "turkiye"),
        ("Lake Party", "The Lake Party"),
    ],
)
def test_spellings_of_one_name_are_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_names_that_are_nearly_the_same_are_for_a_person_to_decide() -> None:
    assert is_alike(folded("Russia"), folded("Rusia"))
    assert not is_alike(folded("Iran"), folded("Iraq"))
    assert not is_alike(folded("Orrin"), folded("Kaldvik"))


def test_the_government_alone_is_a_name_too() -> None:
    assert folded("The Government") == "government the"


@pytest.mark.django_db
def test_a_named_target_is_asked_about_in_the_next_version() -> None:
    project = asking()
    version = name_target(project, kind="government", name="Kaldvik", by=owner_of(project))
    assert (version.n, version.state) == (2, "published")
    (target,) = targets_of(project)
    assert (target.code, target.kind, target.name) == ("toward_government_kaldvik", "government", "Kaldvik")
    codes = list(version.questions.order_by("n").values_list("code", flat=True))
    assert codes.index(target.code) == codes.index("outlet_alignment") + 1
    asked = version.questions.get(code=target.code)
    assert (asked.title, asked.level, asked.is_required) == ("Toward Kaldvik, the outlet is …", "ordinal", False)
    assert list(asked.choices.order_by("n").values_list("code", flat=True)) == ["against", "neutral", "favor"]
    name_target(project, kind="party", name="Lake Party", by=owner_of(project))
    assert [(one.kind, one.name) for one in targets_of(project)] == [("government", "Kaldvik"), ("party", "Lake Party")]


@pytest.mark.django_db
def test_a_name_is_on_the_list_once() -> None:
    project = asking()
    name_target(project, kind="government", name="Kaldvik", by=owner_of(project))
    with pytest.raises(Conflict) as again:
        name_target(project, kind="government", name="the government of  KALDVIK", by=owner_of(project))
    assert (again.value.code, again.value.current) == ("target_named", {"code": "toward_government_kaldvik"})
    with pytest.raises(Conflict) as alike:
        name_target(project, kind="government", name="Kaldvyk", by=owner_of(project))
    assert alike.value.code == "target_alike"
    name_target(project, kind="government", name="Kaldvyk", is_another=True, by=owner_of(project))
    assert len(targets_of(project)) == 2


@pytest.mark.django_db
def test_what_is_no_target_is_refused() -> None:
    project = asking()
    for kind, name, code in (
        ("government", " ", "invalid_target"),
        ("government", "x" * 81, "invalid_target"),
        ("person", "Edda Quill", "unknown_kind"),
    ):
        with pytest.raises(Refused) as refused:
            name_target(project, kind=kind, name=name, by=owner_of(project))
        assert refused.value.code == code
    with pytest.raises(NotPermitted):
        name_target(project, kind="cause", name="Fewer ferries", by=member(project, "alice"))
    with pytest.raises(Refused) as bare:
        name_target(other := make_project(), kind="cause", name="Fewer ferries", by=owner_of(other))
    assert bare.value.code == "no_outlet_codebook"


@pytest.mark.django_db
def test_a_draft_that_somebody_works_on_is_not_passed_by() -> None:
    project = asking()
    version = name_target(project, kind="cause", name="Fewer ferries", by=owner_of(project))
    start_draft(version.codebook, base=version, by=owner_of(project))
    with pytest.raises(Conflict) as refused:
        name_target(project, kind="cause", name="More ferries", by=owner_of(project))
    assert refused.value.code == "draft_open"


@pytest.mark.django_db
def test_names_in_other_scripts_have_codes_of_their_own() -> None:
    project = asking()
    for name in ("Ελλάδα", "日本"):
        name_target(project, kind="government", name=name, by=owner_of(project))
    codes = {target.code for target in targets_of(project)}
    assert len(codes) == 2
    assert all(code.startswith("toward_government_") and len(code) <= 40 for code in codes)


@pytest.mark.django_db
def test_reviewers_place_an_outlet_toward_each_named_target() -> None:
    project = asking()
    outlet = make_outlet(project)
    version = name_target(project, kind="government", name="Kaldvik", by=owner_of(project))
    round_ = make_round(project, codebook=version, unit_kind="outlet", overlap=2)
    unit = Unit.objects.get(project=project, kind="outlet")
    for name, stance in (("alice", "favor"), ("bob", "neutral")):
        label(round_, unit, reviewer(project, name), notes=SHOWN, toward_government_kaldvik=stance)
    row = next(row for row in ratings_of(outlet) if row.axis == "toward_government_kaldvik")
    assert (row.title, row.counts, row.value) == ("Toward Kaldvik", {"favor": 1, "neutral": 1}, 1.5)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Kaldvik: in favour", ["Kaldvik"]),
        ("Kaldvik - against; the Lake Party is neutral", ["Kaldvik", "the Lake Party"]),
        ("Fewer ferries\nNo dams, favours them", ["Fewer ferries", "No dams"]),
        ("the Forum of Isles", ["the Forum of Isles"]),
        (" ; ", []),
    ],
)
def test_names_are_read_from_what_people_wrote(written: str, names: list[str]) -> None:
    assert names_in(written) == names


@pytest.mark.django_db
def test_what_reviewers_wrote_is_suggested_once_under_any_spelling() -> None:
    project = asking()
    make_outlet(project)
    round_ = make_round(project, codebook=targets_version(project), unit_kind="outlet", overlap=3)
    unit = Unit.objects.get(project=project, kind="outlet")
    said = {"alice": "Kaldvik: favor", "bob": "the government of Kaldvik: against", "cem": "Kaldvik - favour; Isles"}
    for n, (name, words) in enumerate(said.items()):
        assert suggested_targets(project, set()) == [] or n == len(said)  # not before everybody answered
        label(round_, unit, reviewer(project, name), notes={**SHOWN, "alignment_target": words})
    assert [(row.name, row.reviewers) for row in suggested_targets(project, set())] == [("Kaldvik", 3), ("Isles", 1)]
    assert [row.name for row in suggested_targets(project, {folded("Kaldvik")})] == ["Isles"]


def targets_version(project: Project):  # type: ignore[no-untyped-def]
    from claims.models import CodebookVersion

    return CodebookVersion.objects.get(codebook__project=project, state="published")
