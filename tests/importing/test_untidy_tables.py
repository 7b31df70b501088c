"""Tables and lists as people and programs really write them: read right, or refused with a sentence."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from claims.errors import Refused
from claims.importing.readers import LOOKS, READERS, ReadOptions


def read(kind: str, data: bytes) -> list[Any]:
    return list(READERS[kind](io.BytesIO(data), ReadOptions(member="given.file")))


def test_up_12_marks_that_editors_leave_in_a_header_are_no_part_of_its_names() -> None:
    [record] = read("csv", "\ufeff\ufefftext,\u200btitle\none,A\n".encode())
    assert (record.text, record.title) == ("one", "A")


def test_up_19_a_quotation_mark_that_stands_alone_is_a_row_error_and_never_changed_text() -> None:
    [stray, escaped, open_to_the_end] = read(
        "csv", b'text,title\n"he said "no" today",A\n"a \\"b\\" c",B\n"one,C\ntwo,D\n'
    )
    assert {item.code for item in (stray, escaped, open_to_the_end)} == {"invalid_csv"}
    assert [item.line for item in (stray, escaped, open_to_the_end)] == [2, 3, 4]
    assert "line 5" in open_to_the_end.sentence


def test_up_22_the_line_of_spreadsheets_that_says_the_delimiter_is_no_header() -> None:
    [record] = read("csv", b"sep=;\r\ntitle;text\r\nA, B;one\r\n")
    assert (record.title, record.text) == ("A, B", "one")


@pytest.mark.parametrize(
    "first", ["https://a.example/1,Some words here", "2024-01-15,Some words here", f"A,{'Some words here. ' * 30}"]
)
def test_up_22_a_table_without_a_header_is_refused_and_its_first_article_not_lost(first: str) -> None:
    data = f"{first}\n{first}\n".encode()
    for chosen in ({}, {"text": " ".join(first.split(",")[1].split())}):
        with pytest.raises(Refused) as refusal:
            list(READERS["csv"](io.BytesIO(data), ReadOptions(columns=chosen)))
        assert refusal.value.code == "no_header"


@pytest.mark.parametrize(("kind", "data"), [("csv", b"title,text\n"), ("jsonl", b"[]"), ("jsonl", b"[ ]\n\n")])
def test_up_18_a_file_without_any_article_is_refused(kind: str, data: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        list(READERS[kind](io.BytesIO(data), ReadOptions()))
    assert refusal.value.code == "empty"


def test_up_28_objects_over_several_lines_are_read_and_a_list_inside_one_is_pointed_at() -> None:
    articles = [{"title": "A {", "text": "one"}, {"text": "two", "more": {"a": [1, "}"]}}]
    several = "\n".join(json.dumps(article, indent=2) for article in articles)
    assert [item.text for item in read("jsonl", several.encode())] == ["one", "two"]
    [error] = read("jsonl", json.dumps({"status": "ok", "articles": articles}, indent=1).encode())
    assert (error.code, error.line) == ("missing_field", 1)
    assert "give that list alone" in error.sentence


def test_up_28_a_line_that_is_cut_off_takes_none_of_the_others_with_it() -> None:
    first, second = read("jsonl", b'{"text": "one", "more": {\n{"text": "two"}\n')
    assert (first.code, second.text) == ("invalid_json", "two")


def test_up_12_files_put_together_keep_their_marks_out_of_the_objects() -> None:
    data = b'\xef\xbb\xbf{"text": "one"}\n\xef\xbb\xbf{"text": "two"}\n\x1e{"text": "three"}\n'
    assert [item.text for item in read("jsonl", data)] == ["one", "two", "three"]


@pytest.mark.parametrize(
    "stated",
    [
        "2024-01-05",
        "2024-1-5",
        "5.1.2024",
        "Jan 5, 2024",
        "5 janvier 2024",
        "5. Januar 2024",
        "2024-01-05 00:00:00 UTC",
    ],
)
def test_days_are_read_in_the_forms_that_can_be_read_in_one_way(stated: str) -> None:
    [record] = read("csv", f'text,date\nwords,"{stated}"\n'.encode())
    assert record.published_at == datetime(2024, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize("stated", ["01/02/2024", "13/02/2024", "2024-W03", "2024-01", "30.02.2024", "Feb 30, 2024"])
def test_up_44_days_with_two_readings_or_none_are_row_errors(stated: str) -> None:
    [error] = read("csv", f'text,date\nwords,"{stated}"\n'.encode())
    assert error.code == "invalid_date"


def test_up_19_a_bad_row_among_the_first_does_not_keep_a_table_from_being_looked_at() -> None:
    look = LOOKS["csv"](io.BytesIO(b'text,title\n"he said "no" today",A\ngood,B\n"open,C\n'), ReadOptions(), 5)
    assert (look.names, look.rows) == (["text", "title"], [["good", "B"]])
