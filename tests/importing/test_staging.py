"""What a file is taken for is shown before anything of it is imported, can be changed, and is remembered."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now

from claims import jobs
from claims.errors import Refused
from claims.importing.intake import run_import
from claims.importing.staging import (
    discard_staged,
    forget_staged,
    import_staged,
    look_at,
    needs_look,
    show_staged,
    stage_files,
)
from claims.models import Article, ColumnMapping, Job, Project, StagedImport, StoredFile
from tests.factories import make_project, owner_of, run_jobs

pytestmark = pytest.mark.django_db
TABLE = "Schlagzeile;Inhalt;Quelle\nHafen gesperrt;Der Hafen von Velmora ist seit Montag gesperrt.;Hafenbote\n"
RUSSIAN = "Порт Вельморы закрыт. Мэр города сообщил, что ремонт продлится до весны и обойдётся дорого.\n"


def upload(name: str, data: bytes | str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)


def stage(project: Project, name: str = "a.csv", data: bytes | str = TABLE) -> StagedImport:
    return stage_files(project, [upload(name, data)], by=owner_of(project))


def run(job: Job) -> Article:
    jobs.run(job.pk, {"import_articles": run_import})
    job.refresh_from_db()
    assert (job.state, job.counts["imported"]) == ("succeeded", 1), job.sentence
    return Article.objects.latest("pk")


MAPPED = {"text": "Inhalt", "title": "Schlagzeile", "outlet": "Quelle"}


def packed(*members: tuple[str, str]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return kept.getvalue()


def test_up_22_tables_in_an_archive_are_shown_by_their_columns_and_read_as_chosen() -> None:
    project = make_project()
    other = TABLE.replace("gesperrt", "offen")
    data = packed(
        ("a.csv", TABLE), ("b.txt", "The pier is closed."), ("c.jsonl", '{"Wort": "Ein Kran."}\n'), ("d.csv", other)
    )
    assert needs_look(upload("a.zip", data))
    assert not needs_look(upload("a.zip", packed(("b.txt", "The pier is closed."))))
    assert not needs_look(upload("a.zip", data[:-30]))
    staged = stage(project, "a.zip", data)
    archive, tables, lines = show_staged(staged)
    assert (archive.look, archive.filename, archive.format) == (None, "a.zip", "zip")
    assert (tables.filename, tables.format, tables.others) == ("a.zip/a.csv", "csv", 1)
    assert tables.look is not None
    assert (tables.look.delimiter, tables.look.columns) == (";", {})
    assert (lines.filename, lines.others) == ("a.zip/c.jsonl", 0)
    job = import_staged(staged, [{}, {"columns": MAPPED}, {"columns": {"text": "Wort"}}], by=owner_of(project))
    jobs.run(job.pk, {"import_articles": run_import})
    job.refresh_from_db()
    assert (job.state, job.counts["imported"]) == ("succeeded", 4), job.sentence
    assert set(Article.objects.values_list("headline", flat=True)) >= {"Hafen gesperrt", "Hafen offen"}
    _, remembered, _ = show_staged(
        stage(project, "b.zip", packed(("x/y.csv", TABLE), ("z.jsonl", '{"Wort": "Zwei."}')))
    )
    assert remembered.is_remembered
    assert remembered.look is not None
    assert remembered.look.columns == MAPPED


def test_it_works_up_22_the_delimiter_and_the_columns_are_shown_chosen_and_remembered() -> None:
    project = make_project()
    staged = stage(project)
    (shown,) = show_staged(staged)
    assert shown.look is not None
    assert (shown.look.delimiter, shown.look.encoding) == (";", "utf-8")
    assert shown.look.names == ["Schlagzeile", "Inhalt", "Quelle"]
    assert shown.look.rows == [["Hafen gesperrt", "Der Hafen von Velmora ist seit Montag gesperrt.", "Hafenbote"]]
    assert shown.look.columns == {}
    assert Article.objects.count() == Job.objects.count() == 0
    article = run(import_staged(staged, [{"columns": MAPPED}], by=owner_of(project)))
    assert (article.headline, article.outlet.name if article.outlet else "") == ("Hafen gesperrt", "Hafenbote")
    assert not StagedImport.objects.exists()
    (again,) = show_staged(stage(project, "b.csv", TABLE.replace("gesperrt", "offen")))
    assert again.is_remembered
    assert again.look is not None
    assert again.look.columns == MAPPED
    (elsewhere,) = show_staged(stage(make_project()))
    assert not elsewhere.is_remembered


def test_a_column_that_was_guessed_can_be_none() -> None:
    project = make_project()
    staged = stage(project, "a.csv", "text,source\nThe pier is closed for repairs until May.,by hand\n")
    (shown,) = show_staged(staged)
    assert shown.look is not None
    assert shown.look.columns == {"text": "text", "outlet": "source"}
    article = run(import_staged(staged, [{"columns": {"text": "text", "outlet": ""}}], by=owner_of(project)))
    assert article.outlet is None
    assert article.extra == {"source": "by hand"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", '{"inhalt": "Der Hafen ist zu.", "n": {"a": 1}}\n{"inhalt": "Er ist offen.", "wer": "Edda"}\n'),
        ("a.json", '[{"inhalt": "Der Hafen ist zu.", "n": {"a": 1}},\n {"inhalt": "Er ist offen.", "wer": "Edda"}]'),
    ],
)
def test_objects_show_their_keys_and_may_lack_a_chosen_one(name: str, data: str) -> None:
    project = make_project()
    staged = stage(project, name, data)
    (shown,) = show_staged(staged)
    assert shown.look is not None
    assert shown.look.names == ["inhalt", "n", "wer"]
    assert shown.look.rows == [["Der Hafen ist zu.", '{"a": 1}', ""], ["Er ist offen.", "", "Edda"]]
    job = import_staged(staged, [{"columns": {"text": "inhalt", "author": "wer"}}], by=owner_of(project))
    jobs.run(job.pk, {"import_articles": run_import})
    assert sorted(Article.objects.values_list("byline", flat=True)) == ["", "Edda"]


def test_a_workbook_shows_its_first_sheet() -> None:
    book, data = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["Inhalt", "Wann"])
    book.active.append(["Der Hafen ist zu.", "2026-03-01"])
    book.save(data)
    project = make_project()
    staged = stage(project, "a.xlsx", data.getvalue())
    (shown,) = show_staged(staged)
    assert shown.look is not None
    assert (shown.look.names, shown.look.rows) == (["Inhalt", "Wann"], [["Der Hafen ist zu.", "2026-03-01"]])
    choice = {"columns": {"text": "Inhalt", "published_at": "Wann"}}
    article = run(import_staged(staged, [choice], by=owner_of(project)))
    assert article.published_at is not None
    assert article.published_at.date().isoformat() == "2026-03-01"


def test_up_13_an_encoding_that_is_a_guess_is_shown_with_how_sure_it_is() -> None:
    """Windows-1251 without a declaration: the page asks, and the answer is what the import uses."""
    project, data = make_project(), (RUSSIAN * 5).encode("cp1251")
    assert needs_look(upload("a.txt", data))
    assert not needs_look(upload("a.txt", RUSSIAN))
    staged = stage(project, "a.txt", data)
    (shown,) = show_staged(staged)
    assert shown.look is not None
    assert shown.look.encoding_confidence < 1
    (other,) = show_staged(staged, [{"encoding": "koi8_r"}])
    assert other.look is not None
    assert RUSSIAN.strip() not in other.look.rows[0][0]
    article = run(import_staged(staged, [{"encoding": "cp1251"}], by=owner_of(project)))
    assert RUSSIAN.strip() in article.text_versions.get().text


def test_up_13_an_encoding_that_cannot_be_told_is_asked_for() -> None:
    project, data = make_project(), bytes(range(128, 256)) * 3
    assert needs_look(upload("a.txt", data))
    staged = stage(project, "a.txt", data)
    (shown,) = show_staged(staged)
    assert shown.refusal is not None
    assert shown.refusal.code == "encoding_unknown"
    with pytest.raises(Refused) as refusal:
        import_staged(staged, [{}], by=owner_of(project))
    assert refusal.value.code == "encoding_unknown"
    assert StagedImport.objects.filter(pk=staged.pk).exists()
    (named,) = show_staged(staged, [{"encoding": "koi8_r"}])
    assert named.look is not None


def test_up_12_the_mark_is_no_part_of_the_first_name() -> None:
    look = look_at(upload("a.csv", b"\xef\xbb\xbftext,url\nA pier,\n"), "csv", {})
    assert (look.names, look.columns) == (["text", "url"], {"text": "text", "url": "url"})


@pytest.mark.parametrize(
    ("data", "code"),
    [("text,text\na,b\n", "duplicate_column"), ("", "empty"), ("a," * 300 + "\n", "too_many_columns")],
)
def test_what_is_wrong_with_a_table_is_said_at_once(data: str, code: str) -> None:
    (shown,) = show_staged(stage(make_project(), "a.csv", data))
    assert shown.refusal is not None
    assert shown.refusal.code == code


def test_nothing_is_left_of_what_is_discarded_or_forgotten() -> None:
    project = make_project()
    discard_staged(stage(project), by=owner_of(project))
    old, fresh = stage(project), stage(project)
    StagedImport.objects.filter(pk=old.pk).update(created_at=Now() - timedelta(days=2))
    forget_staged()
    assert list(StagedImport.objects.all()) == [fresh]
    assert StoredFile.objects.count() == 1
    assert not ColumnMapping.objects.exists()


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.xlsx"])
def test_up_44_what_the_import_would_leave_out_is_marked_before_it(name: str) -> None:
    """With the very sentence that the import gives, also for rows below those that are shown."""
    dates = ["2026-03-01", "03/04/2026", *["2026-03-02"] * 8, "2026-02-30"]
    rows = [{"text": f"Der Hafen von Velmora, Meldung {n}.", "tag": date} for n, date in enumerate(dates)]
    rows[4]["text"] = " "
    project = make_project()
    staged = stage(project, name, table_of(name, rows))
    (first,) = show_staged(staged)
    assert first.look is not None
    assert [fault.field for fault in first.look.faults] == ["text"]  # the dates are not known for dates yet
    choice = {"columns": {"text": "text", "published_at": "tag"}}
    (shown,) = show_staged(staged, [choice])
    assert shown.look is not None
    assert [(fault.row, fault.field, fault.code) for fault in shown.look.faults] == [
        (1, "published_at", "invalid_date"),
        (4, "text", "empty"),
        (None, "published_at", "invalid_date"),
    ]
    assert shown.look.checked == len(rows)
    assert [[wrong for _, wrong in row.cells] for row in shown.rows][:2] == [[False, False], [False, True]]
    job = import_staged(staged, [choice], by=owner_of(project))
    run_jobs()
    job.refresh_from_db()
    said = list(job.errors.order_by("id").values_list("line", "code", "sentence"))
    assert [(fault.line, fault.code, fault.sentence) for fault in shown.look.faults] == said
    assert job.counts["imported"] == len(rows) - len(said)


def table_of(name: str, rows: list[dict[str, str]]) -> bytes:
    out = io.BytesIO()
    if name.endswith(".xlsx"):
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in [["text", "tag"], *(list(row.values()) for row in rows)]:
            sheet.append(row)
        book.save(out)
        return out.getvalue()
    if name.endswith(".jsonl"):
        return "\n".join(json.dumps(row) for row in rows).encode()
    lines = io.StringIO()
    csv.writer(lines).writerows([["text", "tag"], *(row.values() for row in rows)])
    return lines.getvalue().encode()


def test_a_ragged_row_is_shown_with_what_is_wrong_with_it() -> None:
    (shown,) = show_staged(stage(make_project(), "a.csv", "text,title\nOne,a\nTwo,b,c\nThree,d\n"))
    assert [(row.cells[0][0], row.fault.code if row.fault else "") for row in shown.rows] == [
        ("One", ""),
        ("Two", "column_mismatch"),
        ("Three", ""),
    ]
