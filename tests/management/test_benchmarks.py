"""What the benchmarks write by hand fits the tables as they are, and is what people and profiles would find."""

from __future__ import annotations

import pytest

from claims import jobs
from claims.assignment.actions import draw_next
from claims.credibility.profile import profile_of
from claims.credibility.tallies import rebuild
from claims.exporting.writers import DOCUMENTS, TABULAR
from claims.importing.actions import start_import
from claims.importing.intake import run_import
from claims.management.benchmarks import assignment, copies, exporting, filling, importing, outlets, pages, splitting
from claims.models import ArticleSketch, Outlet, Reviewer
from tests.factories import make_project, owner_of

pytestmark = pytest.mark.django_db


def test_a_filled_project_can_be_labelled() -> None:
    round_ = filling.fill(120)
    reviewer, session = filling.sign_in(round_.project, "reviewer-1")
    assert session
    assert draw_next(round_, Reviewer.objects.get(pk=reviewer)) is not None
    assert round_.round_units.count() == 120


def test_settled_claims_make_a_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlets, "FIRST", 100)
    round_ = filling.fill(200)
    outlets.settle(round_)
    rebuild(round_.project)
    first = Outlet.objects.filter(project=round_.project).order_by("pk")[0]
    supported = profile_of(first).figures[0]
    assert (supported.name, supported.n) == ("Supported", 100)


def test_splitting_is_measured_to_the_row_and_the_worst_line_is_bounded() -> None:
    assert 0 < splitting.time_to_rows(" ".join(splitting.SENTENCES), articles=1) < 5
    assert "OUT OF BOUNDS" not in splitting.worst("x")
    assert splitting.rate(lambda: None, 0.01) > 0


def test_what_is_imported_is_read_as_articles_that_are_all_different() -> None:
    project = make_project()
    files = [*importing.texts_in_lines(range(3)), *importing.pages_in_zips(range(3, 6))]
    job = start_import(project, files=files, by=owner_of(project), limit=None)
    for file in files:
        file.close()
    jobs.run(job.pk, {"import_articles": run_import})
    job.refresh_from_db()
    assert (job.state, job.counts["imported"]) == ("succeeded", 6), job.sentence


def test_copies_are_found_among_articles_that_were_compared_before() -> None:
    project = make_project()
    copies.fill(project, 40)
    found, spent = copies.measure(project, 0.001)
    assert (found, spent > 0) == (25, True)
    assert ArticleSketch.objects.in_project(project).exclude(likeness=None).count() == 2
    assert "claims_sketchband" in copies.plan_of(project)


def test_every_format_is_measured_on_labels_that_a_release_really_holds() -> None:
    said: list[str] = []
    exporting.measure(exporting.labelled(40), said.append)
    assert {line.split()[0] for line in said} == {"COPY", *TABULAR, *DOCUMENTS, "whole"}
    assert all("40 in" in line for line in said if " labels/s" in line)
    assert "judged records/s  10 in" in next(line for line in said if line.startswith("lewidi"))


def test_drawing_is_measured_for_somebody_who_did_much_before() -> None:
    round_ = filling.fill(60)
    done, veteran = assignment.do_before(round_, 40)
    assert done == 40
    assert assignment.drawing(round_, veteran)() is not None
    drawn = veteran.assignments.get(ended_at=None)
    assert drawn.position >= 40


def test_pages_are_measured_where_they_answer() -> None:
    said: list[str] = []
    pages.measure(filling.fill(60), 60, 0.0, said.append)
    client, address = pages.label_page(pages.long_article())
    said.append(pages.line(0, "label", client, address, 0.0))
    assert [line.split()[1] for line in said[1:]] == ["bare", *pages.LISTS, "label"]
    assert not any("answered" in line for line in said)
    assert all(int(line.split()[4]) > 0 for line in said[1:])  # statements
    assert client.get(address).content.count(b"crates of herring") >= pages.WORDS // 20
