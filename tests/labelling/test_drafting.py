"""Codebooks change in drafts: frozen when published, never overwritten unseen; codes and labels stay."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.test import Client

from claims.errors import Conflict, Refused
from claims.labelling.actions import create_codebook
from claims.labelling.codebook import CodebookSpec, load_preset, spec_from_document
from claims.labelling.codebook_diff import find_changes, find_mapping, stale_questions
from claims.labelling.drafting import change_draft, discard_draft, find_stale_work, publish_draft, start_draft
from claims.models import AuditEvent, CodebookVersion, Label, Project
from tests.factories import label_next, make_project, make_round, member, owner_of, reviewer


def changed(spec: CodebookSpec, question: str, choice: str = "", **fields: Any) -> CodebookSpec:
    document = copy.deepcopy(spec.document)
    found = next(one for one in document["questions"] if one["code"] == question)
    if choice:
        found = next(one for one in found["choices"] if one["code"] == choice)
    found.update(fields)
    return spec_from_document(document)


def without(spec: CodebookSpec, question: str, choice: str, *, into: str = "") -> CodebookSpec:
    """The spec with a choice retired, or merged into another one."""
    document = copy.deepcopy(spec.document)
    found = next(one for one in document["questions"] if one["code"] == question)
    found["choices"] = [one for one in found["choices"] if one["code"] != choice]
    for one in found["choices"]:
        if one["code"] == into:
            one["replaces"] = [choice]
    return spec_from_document(document)


MAIN = load_preset("main")


def test_new_fields_do_not_change_the_hash_of_codebooks_without_them() -> None:
    assert "replaces" not in str(MAIN.document)
    assert "translations" not in str(MAIN.document)


def test_renaming_keeps_the_way_back_to_the_older_code() -> None:
    newer = changed(MAIN, "stance", "reports", code="passes_on", replaces=["reports"])
    mapping = {(row.question, row.choice): (row.to_choice, row.kind) for row in find_mapping(MAIN, newer)}
    assert mapping["stance", "reports"] == ("passes_on", "moved")
    assert mapping["stance", "supports"] == ("supports", "kept")
    assert ("renamed", "passes_on", "reports") in [(c.kind, c.choice, c.before) for c in find_changes(MAIN, newer)]
    assert stale_questions(MAIN, newer) == []


def test_merging_and_retiring_make_labels_stale_and_say_where_codes_went() -> None:
    merged = without(MAIN, "stance", "questions", into="reports")
    retired = without(MAIN, "stance", "unrelated")
    assert ("merged", "questions") in [(change.kind, change.before) for change in find_changes(MAIN, merged)]
    assert [row.to_choice for row in find_mapping(MAIN, merged) if row.choice == "questions"] == ["reports"]
    assert [row.kind for row in find_mapping(MAIN, retired) if row.choice == "unrelated"] == ["retired"]
    assert stale_questions(MAIN, merged) == stale_questions(MAIN, retired) == ["stance"]


def test_a_label_that_reads_differently_means_the_same_and_a_definition_does_not() -> None:
    assert stale_questions(MAIN, changed(MAIN, "stance", "reports", label="Passes on")) == []
    assert stale_questions(MAIN, changed(MAIN, "stance", "reports", definition="Else.")) == ["stance"]


def test_words_of_a_language_take_the_place_of_its_own_and_codes_stay() -> None:
    german = {"de": {"title": "Was macht der Artikel?"}, "pt-BR": {"title": "O que faz?"}}
    spec = changed(MAIN, "stance", translations=german)
    assert spec.in_language("de-AT").questions[0].title == "Was macht der Artikel?"
    assert spec.in_language("pt-br").questions[0].title == "O que faz?"
    assert spec.in_language("tr").questions[0].title == MAIN.questions[0].title
    assert [q.code for q in spec.in_language("de").questions] == [q.code for q in MAIN.questions]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"replaces": ["stance"]}, "replaces_itself"),
        ({"replaces": ["Old Code"]}, "invalid_code"),
        ({"replaces": [3]}, "invalid_value"),
        ({"translations": {"German!": {"title": "x"}}}, "unknown_language"),
        ({"translations": {"de": {"label": "x"}}}, "invalid_value"),
        ({"translations": {"de": {"title": "x" * 201}}}, "too_long"),
        ({"translations": {"de": "x"}}, "invalid_value"),
    ],
)
def test_faulty_later_fields_are_refused(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as caught:
        changed(MAIN, "stance", **fields)
    assert code in [problem.code for problem in caught.value.problems]


@pytest.fixture
def project(db: None) -> Project:
    return make_project(alice="reviewer", bob="reviewer", clio="curator")


@pytest.fixture
def published(project: Project) -> CodebookVersion:
    return create_codebook(project, preset="main", by=owner_of(project))


@pytest.fixture
def draft(published: CodebookVersion) -> CodebookVersion:
    by = owner_of(published.codebook.project)
    return start_draft(published.codebook, by=by, base=published)


def test_a_draft_is_begun_once_changed_and_published(draft: CodebookVersion, published: CodebookVersion) -> None:
    by = owner_of(draft.codebook.project)
    assert start_draft(draft.codebook, by=by, base=published).pk == draft.pk
    spec = without(MAIN, "stance", "unrelated")
    change_draft(draft, spec, by=by, expected_sha256=draft.sha256)
    draft.refresh_from_db()
    assert draft.sha256 == spec.sha256
    assert draft.questions.get(code="stance").choices.count() == 4
    publish_draft(draft, by=by, expected_sha256=spec.sha256, changelog="Unrelated was never used.")
    draft.refresh_from_db()
    assert (draft.state, draft.changelog) == ("published", "Unrelated was never used.")
    published.refresh_from_db()
    assert published.sha256 == MAIN.sha256
    deeds = AuditEvent.objects.filter(verb__contains="codebook").order_by("id").values_list("verb", flat=True)
    assert list(deeds)[-3:] == ["start_codebook_draft", "change_codebook_draft", "publish_codebook_version"]


def test_a_change_that_did_not_see_the_last_one_conflicts_and_stores_nothing(draft: CodebookVersion) -> None:
    by, seen = owner_of(draft.codebook.project), draft.sha256
    first = changed(MAIN, "stance", title="First?")
    change_draft(draft, first, by=by, expected_sha256=seen)
    for late in (
        lambda: change_draft(draft, changed(MAIN, "stance", title="Second?"), by=by, expected_sha256=seen),
        lambda: publish_draft(draft, by=by, expected_sha256=seen),
        lambda: discard_draft(draft, by=by, expected_sha256=seen),
    ):
        with pytest.raises(Conflict) as caught:
            late()
        assert caught.value.code == "stale_codebook"
        assert (caught.value.current or {})["sha256"] == first.sha256
    draft.refresh_from_db()
    assert (draft.state, draft.sha256) == ("draft", first.sha256)


def test_a_published_version_is_frozen(published: CodebookVersion) -> None:
    by = owner_of(published.codebook.project)
    with pytest.raises(Conflict, match="never changes"):
        change_draft(published, changed(MAIN, "stance", title="Else?"), by=by, expected_sha256=published.sha256)


def test_a_draft_that_says_nothing_new_is_not_published(draft: CodebookVersion) -> None:
    with pytest.raises(Refused, match="the same as version 1"):
        publish_draft(draft, by=owner_of(draft.codebook.project), expected_sha256=draft.sha256)


def test_a_discarded_draft_leaves_the_published_version(draft: CodebookVersion, published: CodebookVersion) -> None:
    discard_draft(draft, by=owner_of(draft.codebook.project), expected_sha256=draft.sha256)
    assert list(published.codebook.versions.all()) == [published]


def test_the_id_stays(draft: CodebookVersion) -> None:
    spec = spec_from_document({**MAIN.document, "id": "other"})
    with pytest.raises(Refused) as caught:
        change_draft(draft, spec, by=owner_of(draft.codebook.project), expected_sha256=draft.sha256)
    assert caught.value.code == "id_is_kept"


def test_reviewers_do_not_change_codebooks(draft: CodebookVersion) -> None:
    alice = member(draft.codebook.project, "alice")
    for deed in (
        lambda: start_draft(draft.codebook, by=alice, base=draft),
        lambda: change_draft(draft, MAIN, by=alice, expected_sha256=draft.sha256),
        lambda: publish_draft(draft, by=alice, expected_sha256=draft.sha256),
        lambda: discard_draft(draft, by=alice, expected_sha256=draft.sha256),
    ):
        with pytest.raises(Refused) as caught:
            deed()
        assert caught.value.status == 403


def test_labels_keep_their_version_and_are_listed_as_work_when_the_meaning_changed(project: Project) -> None:
    round_ = make_round(project, units=2)
    label_next(round_, reviewer(project, "alice"), stance="questions")
    before = list(Label.objects.order_by("id").values_list("question", "value", "event__codebook_version__n"))
    codebook, by = round_.codebook_version.codebook, owner_of(project)
    draft = start_draft(codebook, by=by, base=round_.codebook_version)
    newer = without(MAIN, "stance", "questions", into="reports")
    change_draft(draft, newer, by=by, expected_sha256=draft.sha256)
    assert find_stale_work(codebook) == [], "a draft makes nobody's work stale"
    draft.refresh_from_db()
    foreseen = find_stale_work(codebook, draft=draft)
    assert [(one.round.pk, one.question, one.labels) for one in foreseen] == [(round_.pk, "stance", 1)]
    publish_draft(draft, by=by, expected_sha256=newer.sha256)
    work = find_stale_work(codebook)
    assert [(one.round.pk, one.question, one.version, one.labels) for one in work] == [(round_.pk, "stance", 1, 1)]
    assert list(Label.objects.order_by("id").values_list("question", "value", "event__codebook_version__n")) == before


def test_the_page_says_before_publishing_what_would_be_left_to_look_at_again(project: Project, client: Client) -> None:
    round_ = make_round(project, units=2)
    label_next(round_, reviewer(project, "alice"), stance="questions")
    codebook, by = round_.codebook_version.codebook, owner_of(project)
    draft = start_draft(codebook, by=by, base=round_.codebook_version)
    address = f"/p/{project.slug}/codebooks/{codebook.slug}/2/since/1/"
    client.force_login(by)
    assert "No label that was given means anything else" in client.get(address).content.decode()
    change_draft(draft, without(MAIN, "stance", "questions", into="reports"), by=by, expected_sha256=draft.sha256)
    page = client.get(address).content.decode()
    assert "1 to <code>stance</code> under version 1" in page
    client.force_login(member(project, "alice"))
    assert "If this draft is published" not in client.get(address).content.decode()
