"""Workbooks, PDFs, zip archives and web archives: what they hold goes in, and bombs do not go off."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import time
import zipfile
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from pypdf import PdfWriter

from claims.importing.readers import READERS, ReadOptions, Record
from claims.importing.readers.record import PASSED
from tests.importing.test_readers import PAGE, errors, read, records, refusal_of

SENTENCES = (
    "The harbour board of Velmora voted on Tuesday to close the eastern pier for eleven weeks.",
    "Divers had found cracks in nine of its forty pillars, the board said on the same day.",
    "Repairs will cost 4.2 million crowns, of which the region pays a third.",
)


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def pdf(*lines: str, password: str = "") -> bytes:
    """A PDF of one page, written by hand, with each line where a typesetter would put it."""
    shown = b"".join(b"(%s) Tj T*\n" % line.encode("cp1252").replace(b"(", b"\\(") for line in lines)
    stream = b"BT /F 10 Tf 14 TL 50 780 Td\n" + shown + b"ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for n, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (n, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"xref\n0 6\n0000000000 65535 f \n" + table
    written = out + end + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(out)
    if not password:
        return written
    locked, result = PdfWriter(clone_from=io.BytesIO(written)), io.BytesIO()
    locked.encrypt(password, algorithm="RC4-128")
    locked.write(result)
    return result.getvalue()


def packed(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def archived(
    url: str, body: bytes, headers: str = "", *, kind: str = "response", media: str = "text/html", status: int = 200
) -> bytes:
    """One WARC record."""
    block = body
    if kind == "response":
        block = f"HTTP/1.1 {status} Said\r\nContent-Type: {media}\r\n{headers}\r\n".encode() + body
        media = "application/http; msgtype=response"
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nContent-Type: {media}\r\n"
    return f"{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


INFO = archived("", b"software: a crawler\r\n", kind="warcinfo", media="application/warc-fields")


# Workbooks


def test_it_works_a_workbook_is_a_table() -> None:
    rows = [
        ["Text", "Headline", "Date", "n", "ok"],
        ["The pier is closed.", "Notice", datetime(2017, 12, 14), 3.0, True],
    ]
    found = read("xlsx", workbook(("News", [*rows, [], ["Another.", None, "2017-12-15T09:30:00+01:00"]])))
    first, second = records(found)
    assert (first.text, first.title, first.line, first.member) == (
        "The pier is closed.",
        "Notice",
        2,
        "given.file/News",
    )
    assert first.published_at is not None
    assert first.published_at.date().isoformat() == "2017-12-14"
    assert first.extra == {"n": "3", "ok": "true"}
    assert (second.line, second.title) == (4, "")


def test_every_visible_sheet_is_read_and_one_without_texts_is_named() -> None:
    sheets = [("A", [["text"], ["One."]]), ("Notes", [["who", "when"], ["me", "now"]]), ("B", [["text"], ["Two."]])]
    found = read("xlsx", workbook(*sheets))
    assert [record.text for record in records(found)] == ["One.", "Two."]
    assert [(item.member, item.code) for item in found if not isinstance(item, Record)] == [
        ("given.file/Notes", "missing_column")
    ]


def test_bad_rows_of_a_workbook_are_errors_of_their_own() -> None:
    rows = [["text", "date"], ["One.", "soon"], ["Two.", None, "too many"], ["", "2017-12-14"], ["Three."]]
    found = read("xlsx", workbook(("S", rows)))
    assert errors(found) == [(2, "invalid_date"), (3, "column_mismatch"), (4, "empty")]
    assert [record.text for record in records(found)] == ["Three."]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["titel"], ["x"]], "missing_column"),
        ([["text", "a", "a"], ["x"]], "duplicate_column"),
        ([["text", *(f"c{n}" for n in range(201))]], "too_many_columns"),
        ([], "empty"),
    ],
)
def test_up_22_a_workbook_without_a_good_header_is_refused(rows: list[list[Any]], code: str) -> None:
    assert refusal_of("xlsx", workbook(("S", rows))).code == code


@pytest.mark.parametrize("data", [b"MZ\x90", b"\xd0\xcf\x11\xe0 a workbook with a password", packed(("a.txt", b"x"))])
def test_up_35_what_is_no_workbook_is_refused(data: bytes) -> None:
    refusal = refusal_of("xlsx", data)
    assert (refusal.code, refusal.status) == ("unsupported_content", 415)


def test_up_01_a_workbook_that_is_a_bomb_is_refused() -> None:
    good = workbook(("S", [["text"], ["x"]]))
    out = io.BytesIO(good)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", bytes(50_000_000))
    assert refusal_of("xlsx", out.getvalue()).code == "archive_ratio"


def test_a_row_number_out_of_this_world_ends_with_a_reason() -> None:
    good = workbook(("S", [["text"], ["x"]]))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'r="2"', b'r="99999999999"'))
    start = time.monotonic()
    assert refusal_of("xlsx", out.getvalue()).code in ("parse_timeout", "parser_failed")
    assert time.monotonic() - start < 20


# PDFs


def test_it_works_the_text_layer_of_a_pdf_is_an_article() -> None:
    (record,) = records(read("pdf", pdf("Velmora closes its pier", *SENTENCES)))
    assert record.text.splitlines()[0] == "Velmora closes its pier"
    assert all(sentence in record.text for sentence in SENTENCES)
    assert record.recipe.startswith("pypdf ")


def test_lines_that_reach_the_margin_are_put_together_again() -> None:
    lines = ["Notice", "", "The harbour board of Velmora voted to", "close the eastern pier for eleven long", "weeks."]
    lines += ["", "Divers had found cracks in nine of its for-", "ty pillars."]
    (record,) = records(read("pdf", pdf(*lines)))
    assert "voted to close the eastern pier for eleven long weeks." in record.text
    assert "nine of its forty pillars." in record.text
    assert record.text.startswith("Notice\n")


def test_a_pdf_of_pictures_or_with_a_password_is_refused_with_the_reason() -> None:
    assert refusal_of("pdf", pdf()).code == "no_text_layer"
    assert refusal_of("pdf", pdf(*SENTENCES, password="known to nobody")).code == "pdf_encrypted"


@pytest.mark.parametrize("data", [b"%PDF-1.7 not one", b"GIF89a", b"%PDF-1.4\n1 0 obj<</Type/Catalog>>"])
def test_up_35_a_pdf_that_is_none_is_refused(data: bytes) -> None:
    refusal = refusal_of("pdf", data)
    assert (refusal.code, refusal.status) == ("unsupported_content", 415)


# Zip archives


def test_it_works_an_archive_of_every_kind() -> None:
    found = read(
        "zip",
        packed(
            ("texts/a.txt", b"The pier is closed."),
            ("b.html", PAGE.encode()),
            ("c.csv", b"text\nOne.\nTwo.\n"),
            ("d.jsonl", b'{"text": "Three."}\n{"text": 4}\n'),
            ("e.json", b'[{"text": "Five."}]'),
            ("f.xlsx", workbook(("S", [["text"], ["Six."]]))),
            ("g.pdf", pdf(*SENTENCES)),
            ("h.warc", archived("https://harbour.example/pier", PAGE.encode())),
            ("__MACOSX/a.txt", b"\x00\x05\x16\x07"),
            ("empty folder/", b""),
        ),
    )
    assert len(records(found)) == 9
    assert [(item.member, item.line, item.code) for item in found if not isinstance(item, Record)] == [
        ("given.file/d.jsonl", 2, "invalid_field")
    ]
    assert found[0].member == "given.file/texts/a.txt"


def test_up_01_a_bomb_is_refused_before_anything_is_unpacked() -> None:
    refusal = refusal_of("zip", packed(("good.txt", b"Fine."), ("bomb.txt", bytes(200 * 1024 * 1024))))
    assert (refusal.code, refusal.status) == ("archive_too_large", 413)
    assert refusal_of("zip", packed(("good.txt", b"Fine."), ("bomb.txt", bytes(100_000_000)))).code == "archive_ratio"


def test_up_02_an_archive_in_an_archive_is_named_and_the_rest_goes_in() -> None:
    inner = packed(("deep.zip", packed(("a.txt", b"Too deep."))))
    found = read(
        "zip", packed(("inner.zip", inner), ("logs.warc.gz", b"\x1f\x8b"), ("good.txt", b"The pier is closed."))
    )
    assert [code for _, code in errors(found)] == ["nested_archive", "nested_archive"]
    assert [record.text for record in records(found)] == ["The pier is closed."]


@pytest.mark.parametrize("members", [2_001, 10_001])
def test_up_03_too_many_members_are_refused(members: int) -> None:
    assert refusal_of("zip", packed(*((f"{n}.txt", b"") for n in range(members)))).code == "too_many_members"


def test_up_03_a_directory_that_lies_about_its_length_is_not_read() -> None:
    data = bytearray(packed(*((f"{n:0400}.txt", b"") for n in range(10_001))))
    end = data.rindex(b"PK\x05\x06")
    struct.pack_into("<HH", data, end + 8, 1, 1)
    assert refusal_of("zip", bytes(data)).code == "too_many_members"


def test_up_04_names_that_point_elsewhere_are_only_names(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["../../etc/x.txt", "/abs.txt", "C:\\win.txt", "..\\..\\w.txt", "n" * 300 + ".txt", "line\nbreak.txt"]
    found = read("zip", packed(*((name, b"The pier is closed.") for name in names)))
    assert len(found) == len(names)
    assert all(len(item.member) <= 300 and "\n" not in item.member for item in found)
    assert list(tmp_path.iterdir()) == []


def test_up_06_a_link_is_not_followed() -> None:
    link = zipfile.ZipInfo("link.txt")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    found = read("zip", packed((link, b"/etc/passwd"), ("good.txt", b"Fine.")))
    assert errors(found) == [(None, "unsupported_member")]
    assert [record.text for record in records(found)] == ["Fine."]


def test_up_07_an_archive_with_a_password_is_refused() -> None:
    data = bytearray(packed(("a.txt", b"secret")))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    assert refusal_of("zip", bytes(data)).code == "archive_encrypted"


def test_up_09_a_member_that_is_longer_than_it_says_is_an_error_and_the_others_go_in() -> None:
    data = bytearray(packed(("liar.txt", bytes(5_000_000)), ("good.txt", b"Fine.")))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(mark) + at, 10)
    found = read("zip", bytes(data))
    assert [(item.member, item.code) for item in found if not isinstance(item, Record)] == [
        ("given.file/liar.txt", "archive_corrupt")
    ]
    assert [record.text for record in records(found)] == ["Fine."]


@pytest.mark.parametrize("data", [packed(("a.txt", b"x" * 999))[:-9], b"PK\x03\x04<html>", b"\x8f\x03" * 500])
def test_up_10_a_cut_or_random_archive_is_refused(data: bytes) -> None:
    assert refusal_of("zip", data).code == "archive_corrupt"


def test_up_18_an_archive_of_nothing_is_refused() -> None:
    assert refusal_of("zip", packed()).code == "empty"
    assert refusal_of("zip", packed(("folder/", b""))).code == "empty"
    assert errors(read("zip", packed(("blank.txt", b" \n"), ("good.txt", b"Fine.")))) == [(None, "empty")]


# Web archives


def test_it_works_pages_and_texts_of_a_web_archive_go_in() -> None:
    url = "https://harbour.example/pier"
    data = (
        INFO
        + archived(url, PAGE.encode())
        + archived(url + "2", b"GIF89a", media="image/gif")
        + archived(url + "3", PAGE.encode(), status=404)
        + archived(url + "4", gzip.compress(PAGE.encode()), "Content-Encoding: gzip\r\n")
        + archived(url + "5", b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE.encode()), "Transfer-Encoding: chunked\r\n")
        + archived(url + "6", b"The pier is closed.", kind="conversion", media="text/plain")
    )
    for content in (data, gzip.compress(data)):
        found = read("warc", content)
        assert errors(found) == []
        assert [record.line for record in records(found)] == [2, 5, 6, 7]
        assert records(found)[0].url == url
        assert records(found)[3].text == "The pier is closed."


def test_up_36_a_record_that_inflates_is_an_error_and_the_others_go_in() -> None:
    url = "https://harbour.example/pier"
    bomb = gzip.compress(gzip.compress(bytes(50 * 1024 * 1024)))
    assert len(bomb) < 2_000
    data = gzip.compress(archived(url, bomb, "Content-Encoding: gzip, gzip\r\n")) + gzip.compress(
        archived(url, bytes(50 * 1024 * 1024))
    )
    found = read("warc", data + gzip.compress(archived(url, PAGE.encode())))
    assert errors(found) == [(1, "record_too_large"), (2, "record_too_large")]
    assert [record.line for record in records(found)] == [3]


def test_up_38_of_a_cut_archive_the_whole_records_go_in() -> None:
    records_ = [archived(f"https://harbour.example/{n}", PAGE.encode()) for n in range(4)]
    whole = b"".join(map(gzip.compress, records_))
    found = read("warc", whole[: len(whole) * 5 // 8])
    assert [record.line for record in records(found)] == [1, 2]
    assert errors(found) == [(3, "archive_corrupt")]
    plain = b"".join(records_)
    assert errors(read("warc", plain[: len(plain) // 2 + 300])) == [(3, "archive_corrupt")]


@pytest.mark.parametrize("data", [b"\x7fELF", b"PK\x03\x04", b"<html>"])
def test_up_35_what_is_no_web_archive_is_refused(data: bytes) -> None:
    refusal = refusal_of("warc", data)
    assert (refusal.code, refusal.status) == ("unsupported_content", 415)


@pytest.mark.parametrize("length", ["-5", "9" * 5_000, "x", "٣"])
def test_a_record_whose_length_is_no_number_ends_the_reading(length: str) -> None:
    data = f"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: {length}\r\n\r\n".encode()
    assert errors(read("warc", data)) == [(1, "archive_corrupt")]


@pytest.mark.parametrize("kind", ["xlsx", "pdf", "zip", "warc"])
@pytest.mark.parametrize("data", [b"", b" \r\n\t ", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_up_18_empty_files_of_other_kinds_are_refused_too(kind: str, data: bytes) -> None:
    assert refusal_of(kind, data).code == "empty"


# Going on after a crash


@pytest.mark.parametrize("format_", ["jsonl", "csv", "warc", "zip"])
def test_an_import_that_goes_on_passes_over_what_was_read_and_numbers_the_rest_alike(format_: str) -> None:
    page = archived("https://harbour.example/a", b"x" * 20_000_001)  # an error is an item too
    lines = b'{"text": "One."}\n\n{"text": \n{"text": "Two."}\n{"text": "Three."}\n'
    table = b'text,title\nOne.,A\nTwo.\n\n"Three\nlines.",B\nFour.,C\n'
    data = {
        "jsonl": lines,
        "csv": table,
        "warc": INFO + page + b"".join(archived(f"https://harbour.example/{n}", PAGE.encode()) for n in range(3)),
        "zip": packed(
            ("a.txt", b"One."), ("b.exe", b"MZ"), ("c.jsonl", lines), ("d.csv", table), ("e.zip", b""), ("f.txt", b"")
        ),
    }[format_]
    whole = read(format_, data)
    assert len(whole) == (12 if format_ == "zip" else 4)
    for done in range(len(whole) + 1):
        found = list(READERS[format_](io.BytesIO(data), ReadOptions(member="given.file", done=done)))
        assert found[:done] == [PASSED] * done
        assert [(one.line, one.member) for one in found[done:]] == [(one.line, one.member) for one in whole[done:]]


def test_members_that_were_read_before_are_not_unpacked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed(("a.html", PAGE.encode()), ("b.txt", b"Two."), ("c.txt", b"Three."))
    opened: list[str] = []
    unpack = zipfile.ZipFile.open
    monkeypatch.setattr(
        zipfile.ZipFile, "open", lambda own, member, *rest: opened.append(member.filename) or unpack(own, member, *rest)
    )
    assert [type(one).__name__ for one in READERS["zip"](io.BytesIO(data), ReadOptions(done=2))][2:] == ["Record"]
    assert set(opened) == {"c.txt"}
