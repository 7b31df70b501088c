"""A text read again: the old version stays, claims are found in the new one, moved or marked as orphaned."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from claims.errors import NotPermitted, Refused
from claims.importing import reextracting
from claims.importing.actions import start_import
from claims.importing.mending import correct_segment_role
from claims.importing.readers import Record
from claims.importing.reextracting import start_reextraction
from claims.labelling.queries import _occurrence
from claims.models import Anchor, Article, ClaimOccurrence, Job, OccurrenceVersion, Project, RoundUnit, TextVersion
from claims.text import find_again
from tests.factories import make_article, make_project, make_round, member, owner_of, run_jobs

SAID = "Inspectors found 14 broken bolts, the Tidal Post reported."
GONE = "The bridge carries 9,000 cars a day."
STAYS = "The Lake Bridge in Sandmouth was closed on Tuesday."
OLD = f"Harbour bridge closed\n\n{STAYS}\n\n{SAID}\n\n{GONE}"
NEW = f"Harbour bridge closed\n\n{STAYS}\n\nRead more\n\n{SAID.replace(' 14', '  14')}\n\nEnd of the report."


@pytest.mark.parametrize(
    ("old", "new", "words", "expected"),
    [
        ("a cat sat", "a cat sat", "cat", "cat"),
        ("a cat sat", "so a  cat sat", "a cat", "a  cat"),  # other white space
        ("x cat y. p cat q.", "p cat q. x cat y.", "cat", "cat"),
        ("a cat sat", "a dog sat", "cat", None),
    ],
)
def test_words_are_found_again(old: str, new: str, words: str, expected: str | None) -> None:
    start = old.index(words)
    place = find_again(old, new, start, start + len(words))
    assert (new[slice(*place)] if place else None) == expected


def test_of_several_places_the_one_with_the_same_neighbours_counts() -> None:
    old, new = "x cat y. p cat q.", "p cat q. x cat y."
    assert find_again(old, new, old.rindex("cat"), old.rindex("cat") + 3) == (2, 5)
    assert find_again(old, new, old.index("cat"), old.index("cat") + 3) == (11, 14)


@pytest.fixture
def project(db: None) -> Project:
    return make_project(alice="reviewer")


def imported(project: Project) -> Article:
    start_import(project, files=[SimpleUploadedFile("a.txt", OLD.encode())], by=owner_of(project))
    run_jobs()
    return Article.objects.get()


def read_again(article: Article, text: str, monkeypatch: pytest.MonkeyPatch) -> Job:
    """As if the reader had become another one since the import."""
    monkeypatch.setitem(reextracting.READERS, "text", lambda data, options: iter([Record(text=text, recipe="later 2")]))
    job = start_reextraction(article.project, [article], by=owner_of(article.project))
    run_jobs()
    job.refresh_from_db()
    return job


def states_in(text: TextVersion) -> dict[str, str]:
    return dict(Anchor.objects.filter(text_version=text).values_list("exact", "state"))


def test_it_works(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    article = imported(project)
    before = list(OccurrenceVersion.objects.order_by("pk").values())
    segment = article.text_versions.get().segments.get(role="headline")
    correct_segment_role(segment, role="subheadline", by=owner_of(project))
    job = read_again(article, NEW, monkeypatch)
    assert (job.state, job.counts["changed"]) == ("succeeded", 1)
    old, new = article.text_versions.order_by("n")
    assert (old.text, new.text, new.n, new.recipe) == (OLD, NEW, 2, "later 2")
    assert list(OccurrenceVersion.objects.order_by("pk").values()) == before  # what is judged did not change
    found = states_in(new)
    assert set(states_in(old).values()) == {"anchored"}
    assert {state for words, state in found.items() if words in STAYS} == {"anchored"}
    assert {state for words, state in found.items() if "bolts" in words} == {"moved"}
    assert {state for words, state in found.items() if words in GONE} == {"orphaned"}
    for anchor in Anchor.objects.filter(text_version=new).exclude(state="orphaned"):
        assert new.text[anchor.start : anchor.end] == anchor.exact
    assert new.segments.order_by("n")[0].role == "subheadline"
    starts = list(ClaimOccurrence.objects.order_by("position").values_list("position", flat=True))
    assert starts == sorted(starts)


def test_the_same_text_is_no_new_version(project: Project) -> None:
    article = imported(project)
    start_reextraction(project, [article], by=owner_of(project))
    run_jobs()
    assert article.text_versions.count() == 1
    assert not Job.objects.filter(kind="anchor_claims").exists()


def test_who_says_it_is_marked_where_it_stands_now(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    article = imported(project)
    hop_texts = [
        OLD[hop.source_start : hop.source_end]
        for version in OccurrenceVersion.objects.all()
        for hop in version.hops.all()
        if hop.source_start is not None
    ]
    assert hop_texts
    round_ = make_round(project)
    read_again(article, NEW, monkeypatch)
    shown = [
        _occurrence(round_, place.unit)
        for place in RoundUnit.objects.filter(round=round_).select_related("unit__article")
    ]
    marked = [
        said["text"][hop.source_start : hop.source_end]
        for said in shown
        for hop in said["hops"]
        if hop.source_start is not None
    ]
    assert marked
    assert set(marked) <= set(hop_texts)


def test_what_has_no_file_of_its_own_cannot_be_read_again(project: Project) -> None:
    article = make_article(project)
    with pytest.raises(Refused) as refusal:
        start_reextraction(project, [article], by=owner_of(project))
    assert refusal.value.code == "no_original"
    with pytest.raises(NotPermitted):
        start_reextraction(project, [article], by=member(project, "alice"))


def test_the_page_offers_it_and_shows_what_is_gone(
    project: Project, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    article, root = imported(project), f"/p/{project.slug}"
    client.force_login(owner_of(project))
    address = f"{root}/articles/{article.pk}/"
    assert "Read the original again" in client.get(address).content.decode()
    assert client.post(f"{address}read-again/")["Location"].startswith(f"{root}/jobs/")
    read_again(article, NEW, monkeypatch)
    page: Any = client.get(address).content.decode()
    assert "not in this text" in page
    assert "Read more" in page
    assert client.get(f"{address}correct/").status_code == 200
    assert client.get(f"{address}resplit/").status_code == 200
