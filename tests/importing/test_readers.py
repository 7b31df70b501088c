"""Readers: bytes in, records and errors out."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.errors import Refused
from claims.importing.readers import EXTENSIONS, READERS, ReadOptions, Record, RecordError, format_of
from claims.text import clean_text

PAGE = (
    '<!doctype html><html lang="en-GB"><head><title>Velmora closes its pier - Harbour News</title>'
    '<meta property="og:site_name" content="Harbour News"><meta name="author" content="Tomas Aldergrove">'
    '<meta property="article:published_time" content="2021-05-04T06:30:00+02:00">'
    '<link rel="canonical" href="https://harbour.example/pier"></head>'
    "<body><nav><a href=/>Home</a><a href=/sport>Sport</a></nav><article><h1>Velmora closes its pier</h1>"
    "<p>The harbour board of Velmora voted on Tuesday to close the eastern pier for eleven weeks.</p>"
    "<p>Divers had found cracks in nine of its forty pillars, the board said, and ferries will use the old quay.</p>"
    "<p>Shop owners asked for a written plan and said that they had been told two hours before the vote.</p>"
    "<p>Repairs will cost 4.2 million crowns, of which the region pays a third.</p>"
    "</article><footer>All rights reserved</footer></body></html>"
)


def read(kind: str, data: bytes, **options: Any) -> list[Record | RecordError]:
    return list(READERS[kind](io.BytesIO(data), ReadOptions(member="given.file", **options)))


def records(found: list[Record | RecordError]) -> list[Record]:
    return [item for item in found if isinstance(item, Record)]


def errors(found: list[Record | RecordError]) -> list[tuple[int | None, str]]:
    return [(item.line, item.code) for item in found if isinstance(item, RecordError)]


def refusal_of(kind: str, data: bytes, **options: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        read(kind, data, **options)
    return refusal.value


def test_it_works_for_every_reader() -> None:
    samples = {
        "text": b"The pier is closed.",
        "html": PAGE.encode(),
        "csv": b"text,title\nThe pier is closed.,Notice\n",
        "jsonl": b'{"text": "The pier is closed.", "title": "Notice"}\n',
    }
    assert samples.keys() | {"xlsx", "pdf", "zip", "warc"} == READERS.keys()  # these are in test_archives
    for kind, data in samples.items():
        (record,) = records(read(kind, data))
        assert "pier" in record.text
        assert record.member == "given.file"


@pytest.mark.parametrize(
    ("name", "kind"), [("a.TXT", "text"), ("b.htm", "html"), ("c.tsv", "csv"), ("d.json", "jsonl")]
)
def test_the_reader_is_chosen_by_the_extension(name: str, kind: str) -> None:
    assert format_of(name) == kind
    assert format_of("archive.exe") is None
    assert format_of("csv") is None
    assert set(EXTENSIONS.values()) == set(READERS)


@pytest.mark.parametrize("kind", ["text", "csv", "jsonl", "html"])
@pytest.mark.parametrize("data", [b"", b" \r\n\t ", b"\xef\xbb\xbf", b"\xff\xfe", b"\xef\xbb\xbf\n\n"])
def test_up_18_empty_files_are_refused(kind: str, data: bytes) -> None:
    assert refusal_of(kind, data).code == "empty"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8", "utf-32-le"])
@pytest.mark.parametrize("kind", ["text", "csv", "jsonl"])
def test_up_11_marked_utf_16_gives_the_same_text(kind: str, encoding: str) -> None:
    samples = {
        "text": "Δώδεκα εβδομάδες.",
        "csv": "text\nΔώδεκα εβδομάδες.\n",
        "jsonl": '{"text": "Δώδεκα εβδομάδες."}',
    }
    (record,) = records(read(kind, ("\ufeff" + samples[kind]).encode(encoding)))
    assert record.text == "Δώδεκα εβδομάδες."


@pytest.mark.parametrize("kind", ["text", "csv", "jsonl"])
def test_up_12_the_utf_8_mark_is_dropped(kind: str) -> None:
    samples = {"text": b"Closed.", "csv": b"text\nClosed.\n", "jsonl": b'{"text": "Closed."}\n'}
    (record,) = records(read(kind, b"\xef\xbb\xbf" + samples[kind]))
    assert record.text == "Closed."


def test_up_13_an_uncertain_encoding_is_refused_and_a_named_one_used() -> None:
    assert refusal_of("text", b"caf\xe9").code == "encoding_unknown"
    (record,) = records(read("csv", b"text\ncaf\xe9\n", encoding="windows-1252"))
    assert record.text == "café"


def test_a_legacy_byte_late_in_a_large_file_is_still_seen() -> None:
    row = "Le conseil a décidé que la jetée, fermée depuis l'été, ne serait pas rouverte à la rentrée.\n"
    data = b"text\n" + b"The pier stays closed for now.\n" * 20_000 + row.encode("cp1252") * 3
    assert records(read("csv", data.replace(b", ", b" ")))[-1].text == row.replace(", ", " ").strip()


def test_up_15_control_characters_are_counted() -> None:
    (record,) = records(read("text", b"The\x00 pier\x1b is closed."))
    assert (record.text, record.control_chars_removed) == ("The pier is closed.", 2)
    (record,) = records(read("jsonl", b'{"text": "a\\u0000b\\ud800", "note": {"k\\u0000": ["\\u0007"]}}'))
    assert (record.text, record.extra) == ("ab", {"note": {"k": [""]}})


@pytest.mark.parametrize("kind", ["text", "csv", "jsonl"])
def test_up_17_a_hundred_megabytes_without_a_line_break_end_at_once(kind: str) -> None:
    start = time.process_time()
    data = {"text": b"", "csv": b"text,", "jsonl": b'{"text": "'}[kind] + b"a" * 100_000_000
    if kind == "jsonl":
        assert errors(read(kind, data)) == [(1, "line_too_long")]
    else:
        assert refusal_of(kind, data).code == "line_too_long"
    assert time.process_time() - start < 10


def test_up_19_line_ends_and_quotes_inside_cells_are_exact() -> None:
    data = b'text,title\r\n"one\r\ntwo ""quoted""\rthree\nfour",A\rsecond,B\n"a,b",C\r\n'
    found = records(read("csv", data))
    assert [(record.text, record.title) for record in found] == [
        ('one\ntwo "quoted"\nthree\nfour', "A"),
        ("second", "B"),
        ("a,b", "C"),
    ]
    assert [record.line for record in found] == [2, 6, 7]


@given(
    cells=st.lists(st.text(alphabet="aé\"';,|\t\n\r 漢🗳", min_size=1, max_size=20), min_size=1, max_size=8),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_up_19_whatever_the_csv_module_writes_is_read_exactly(
    cells: list[str], delimiter: str, line_end: str, encoding: str
) -> None:
    given_rows = [[f"x{cell}", "last"] for cell in cells]
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(
        [["text", "title"], *given_rows]
    )
    found = records(read("csv", written.getvalue().encode(encoding)))
    assert [[record.text, record.title] for record in found] == [
        [clean_text(text).text, title] for text, title in given_rows
    ]


def test_up_21_long_cells_are_read_and_too_long_ones_are_row_errors() -> None:
    data = f"text\n{'a' * 200_000}\n{'b' * 1_000_001}\nc\n".encode()
    found = read("csv", data)
    assert [len(record.text) for record in records(found)] == [200_000, 1]
    assert errors(found) == [(3, "article_too_long")]


@pytest.mark.parametrize(
    ("data", "code", "named"),
    [
        (b"titel,datum\n1,2\n", "missing_column", "titel, datum"),
        (b"text,title,text\n1,2,3\n", "duplicate_column", "text, title, text"),
        ((",".join(f"c{n}" for n in range(201)) + "\n1\n").encode(), "too_many_columns", "201"),
    ],
)
def test_up_22_a_header_that_is_of_no_use_is_refused_with_what_was_found(data: bytes, code: str, named: str) -> None:
    refusal = refusal_of("csv", data)
    assert refusal.code == code
    assert named in refusal.sentence


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_up_22_the_delimiter_is_found(delimiter: str) -> None:
    (record,) = records(read("csv", f"title{delimiter}body\nNotice{delimiter}The pier is closed.\n".encode()))
    assert (record.title, record.text) == ("Notice", "The pier is closed.")


def test_columns_can_be_chosen_and_the_others_are_kept_as_extra() -> None:
    data = b"id,stuff,title\n7,The pier is closed.,Notice\n"
    (record,) = records(read("csv", data, columns={"text": "stuff"}))
    assert (record.text, record.title, record.extra) == ("The pier is closed.", "Notice", {"id": "7"})
    assert refusal_of("csv", data, columns={"text": "body"}).code == "unknown_column"
    assert refusal_of("csv", data, delimiter="x").code == "unknown_delimiter"


def test_up_23_ragged_rows_are_row_errors_in_bounded_time() -> None:
    data = b"text,title\n" + b",".join([b"x"] * 20_000) + b"\nonly one\n\ngood,one\n" + b'"left open,1\nx,2\n'
    found = read("csv", data)
    assert [record.text for record in records(found)] == ["good"]
    assert errors(found) == [(2, "column_mismatch"), (3, "column_mismatch"), (6, "invalid_csv")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"text": "a", "text": "b"}', "duplicate_key"),
        ('{"text": "a", "n": NaN}', "invalid_json_number"),
        ('{"text": "a", "n": -Infinity}', "invalid_json_number"),
        ('{"text": "a", "n": 1e400}', "invalid_json_number"),
        ('{"text": "a", "n": ' + "9" * 5_000 + "}", "invalid_json_number"),
        ('{"text": ' + "[" * 100_000, "json_too_deep"),
        ('{"text": "a"} and more', "invalid_json"),
        ('["text"]', "not_an_object"),
        ('{"title": "a"}', "missing_field"),
        ('{"text": 7}', "invalid_field"),
        ('{"text": " "}', "empty"),
        ('{"text": "a", "url": "javascript:alert(1)"}', "scheme_not_allowed"),
    ],
)
def test_up_24_to_28_a_bad_line_is_an_error_with_its_number_and_the_others_import(line: str, code: str) -> None:
    found = read("jsonl", f'{{"text": "first"}}\n\n{line}\n{{"text": "last"}}\n'.encode())
    assert [record.text for record in records(found)] == ["first", "last"]
    assert errors(found) == [(3, code)]


def test_up_28_one_array_of_objects_is_read_too() -> None:
    objects = [{"text": 'a ] " \\ [', "n": {"deep": [1, [2]]}}, {"text": "b\n"}, 3, {"text": "c"}]
    for indent in (None, 2):
        found = read("jsonl", json.dumps(objects, indent=indent).encode())
        assert [record.text for record in records(found)] == ['a ] " \\ [', "b\n", "c"]
        assert [code for _, code in errors(found)] == ["not_an_object"]
    assert errors(read("jsonl", b'[{"text": "a"}] rest')) == [(1, "invalid_json")]
    assert errors(read("jsonl", b'[{"text": "a"}, {"text": "b"')) == [(1, "invalid_json")]


@pytest.mark.parametrize(
    "date", ["0000-00-00", "2026-02-30", "2026-02-01T10:00:00+25:00", "20261-01-01", "03/04/2017", "0001-01-01", "soon"]
)
def test_up_44_dates_that_do_not_exist_are_row_errors(date: str) -> None:
    assert errors(read("csv", f"text,date\na,{date}\n".encode())) == [(2, "invalid_date")]
    assert errors(read("jsonl", json.dumps({"text": "a", "published_at": date}).encode())) == [(1, "invalid_date")]


@pytest.mark.parametrize(
    ("date", "instant"),
    [
        ("2017-12-14", "2017-12-14T00:00:00+00:00"),
        ("2017/12/14", "2017-12-14T00:00:00+00:00"),
        ("2017-12-14T09:30:00+01:00", "2017-12-14T08:30:00+00:00"),
        ("2017-12-14 09:30:00Z", "2017-12-14T09:30:00+00:00"),
        ("Thu, 14 Dec 2017 09:30:00 +0100", "2017-12-14T08:30:00+00:00"),
    ],
)
def test_stated_dates_are_read(date: str, instant: str) -> None:
    (record,) = records(read("jsonl", json.dumps({"text": "a", "date": date}).encode()))
    assert record.published_at is not None
    assert (record.published_at.isoformat(), record.published_how) == (instant, "stated")


def test_up_29_and_30_a_page_leaves_only_text_and_what_it_says_of_itself() -> None:
    hostile = (
        "<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)><iframe src=//t.example></iframe>"
        "<meta http-equiv=refresh content='0;url=//t.example'><base href=//t.example><form action=//t.example>"
        "<img src=https://t.example/p.gif><link rel=preload href=//t.example/x>"
        "<style>b{background:url(//t.example)}</style>"
    )
    (record,) = records(read("html", PAGE.replace("<article>", f"<article>{hostile}").encode()))
    assert record.text.startswith("Velmora closes its pier\n")
    assert not any(word in record.text for word in ("alert", "t.example", "<", "Home", "rights reserved"))
    assert (record.url, record.author, record.language) == ("https://harbour.example/pier", "Tomas Aldergrove", "en")
    assert record.published_at is not None
    assert (record.published_at.isoformat(), record.published_how) == ("2021-05-04T04:30:00+00:00", "metadata")


def test_a_page_may_not_name_another_outlets_address_as_its_own() -> None:
    (record,) = records(read("html", PAGE.encode(), url="https://copycat.example/pier"))
    assert record.url == "https://copycat.example/pier"


def test_up_13_a_page_is_read_in_the_encoding_it_declares() -> None:
    page = PAGE.replace("<head>", '<head><meta charset="iso-8859-1">').replace("Tuesday", "“Tuesday”, café")
    (record,) = records(read("html", page.encode("cp1252")))
    assert "“Tuesday”, café" in record.text


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00\x03",
        b"GIF89a<html><script>alert(1)</script>",
        b"%PDF-1.7 not one",
        b"PK\x03\x04<html>",
        b"\x7fELF\x02",
        b"\x1f\x8b\x08\x00",
    ],
)
@pytest.mark.parametrize("kind", ["text", "html", "csv", "jsonl"])
def test_up_35_programs_pictures_and_archives_are_refused(kind: str, data: bytes) -> None:
    refusal = refusal_of(kind, data)
    assert (refusal.code, refusal.status) == ("unsupported_content", 415)


@pytest.mark.parametrize("text", ["MZ Wallace said that the pier is closed.", "RIFF is a format.", "BZh, he said."])
def test_a_text_that_begins_like_a_signature_is_a_text(text: str) -> None:
    assert records(read("text", text.encode()))[0].text == text


def test_up_43_an_article_over_the_limit_is_refused() -> None:
    assert len(records(read("text", b"a" * 1_000_000))[0].text) == 1_000_000
    assert refusal_of("text", b"a" * 1_000_001).code == "article_too_long"
    assert refusal_of("text", b"a\n" * 5_000_000).code == "article_too_long"


def test_a_reader_streams_and_holds_one_record_at_a_time() -> None:
    class Endless(io.RawIOBase):
        """More lines than memory: reading stops the test if the reader wants them all."""

        given = 0

        def readable(self) -> bool:
            return True

        def seekable(self) -> bool:
            return True

        def seek(self, offset: int, whence: int = 0) -> int:
            return offset

        def readinto(self, buffer: Any) -> int:
            self.given += 1
            assert self.given < 200
            line = b'{"text": "The pier is closed."}\n'
            size = len(buffer) // len(line) * len(line) or len(buffer)
            buffer[:size] = (line * (size // len(line) + 1))[:size]
            return size

    # Bytes beyond the sample are looked through for their encoding, so an endless file has to name one.
    stream: Iterator[Record | RecordError] = READERS["jsonl"](
        io.BufferedReader(Endless()), ReadOptions(encoding="utf-8")
    )
    assert all(isinstance(next(stream), Record) for _ in range(1_000))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "9" * 5_000])
def test_up_25_numbers_that_are_none_are_line_errors(number: str) -> None:
    found = read("jsonl", f'{{"text": "a", "n": {number}}}\n{{"text": "last"}}\n'.encode())
    assert errors(found) == [(1, "invalid_json_number")]
    assert [record.text for record in records(found)] == ["last"]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_up_26_a_line_nested_very_deep_is_a_line_error(opening: str) -> None:
    found = read("jsonl", f'{{"text": {opening * 100_000}\n{{"text": "last"}}\n'.encode())
    assert errors(found) == [(1, "json_too_deep")]
    assert [record.text for record in records(found)] == ["last"]
