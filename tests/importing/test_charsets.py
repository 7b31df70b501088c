"""What servers and pages say of their encoding: believed in the order of browsers, and where it fits."""

from __future__ import annotations

import gzip
import io
import json

import pytest

from claims.importing.charsets import charset_of, decode_page
from claims.importing.datasets import claimreview
from claims.importing.readers import READERS, ReadOptions, Record
from claims.importing.readers.lines import SAMPLE

SENTENCE = "Мост через озеро закрыли во вторник. Ремонт продлится одиннадцать недель, сообщил городской совет. "
SHORT = "Größe"  # too little to guess by


def archive(content_type: str, body: bytes) -> bytes:
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode() + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://post.example/bridge\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + answer + b"\r\n\r\n")


def only(kind: str, data: bytes, options: ReadOptions | None = None) -> Record:
    [found] = READERS[kind](io.BytesIO(data), options or ReadOptions(member="file"))
    assert isinstance(found, Record), found
    return found


@pytest.mark.parametrize(
    ("content_type", "page"),
    [
        ("text/html; charset=windows-1251", "<html><body><p>{}</p></body></html>"),
        (
            'text/html; charset="Windows-1251"',
            '<html><head><meta charset="koi8-r"></head><body><p>{}</p></body></html>',
        ),
        ("text/html;charset=utf-8", '<html><head><meta charset="windows-1251"></head><body><p>{}</p></body></html>'),
        ("text/html; charset=no-such", '<html><head><meta charset="windows-1251"></head><body><p>{}</p></body></html>'),
        ("text/plain; charset=windows-1251", "{}"),
    ],
)
def test_it_works_an_archived_page_is_read_as_its_server_said(content_type: str, page: str) -> None:
    text = SENTENCE * 5
    found = only("warc", archive(content_type, page.format(text).encode("cp1251")))
    assert found.text.strip() == text.strip()
    assert (found.encoding, found.encoding_confidence) == ("cp1251", 1.0)


def test_a_short_text_that_nobody_could_guess_is_read_as_its_server_said() -> None:
    assert only("warc", archive("text/plain; charset=macintosh", SHORT.encode("mac_roman"))).text == SHORT


def test_what_is_utf_8_stays_so_whatever_its_server_said() -> None:
    assert only("warc", archive("text/plain; charset=iso-8859-1", SHORT.encode())).text == SHORT


@pytest.mark.parametrize(
    ("stated", "charset"),
    [
        ("text/html", ""),
        ("text/html; charset=utf-8", "utf-8"),
        ("text/html; Charset = 'x-mac-cyrillic'; level=1", "x-mac-cyrillic"),
    ],
)
def test_the_charset_of_a_content_type(stated: str, charset: str) -> None:
    assert charset_of(stated) == charset


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("x-mac-cyrillic", "mac-cyrillic"), ("windows-874", "cp874"), ("x-sjis", "cp932"), ("hz-gb-2312", "hz")],
)
def test_up_13_names_of_the_web_are_known(charset: str, encoding: str) -> None:
    text = {"cp874": "สภาเมืองลงมติ", "cp932": "市議会は月曜日に承認した。", "hz": "市议会星期一批准了新的港口，"}.get(
        encoding, SENTENCE
    )
    page = f'<html><head><meta charset="{charset}"></head><body><p>{text}</p></body></html>'
    decoded = decode_page(page.encode(encoding))
    assert (decoded.encoding, decoded.confidence) == (encoding, 1.0)
    assert text in decoded.text


@pytest.mark.parametrize("encoding", ["utf-7", "hz"])
def test_up_13_a_long_table_that_shifts_inside_ascii_is_read(encoding: str) -> None:
    rows = [{"text": f"第{n}条：市议会星期一批准了新的港口，工程将于春天开始。"} for n in range(6_000)]
    data = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode(encoding)
    assert len(data) > SAMPLE
    found = list(READERS["jsonl"](io.BytesIO(data), ReadOptions()))
    assert [item.text for item in found if isinstance(item, Record)] == [row["text"] for row in rows]


def test_a_fact_check_is_read_in_the_encoding_of_its_page() -> None:
    review = {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "claimReviewed": "Straße für Füße",
        "reviewRating": {"alternateName": "Größtenteils falsch"},
        "author": {"name": "Prüfstelle"},
        "url": "https://check.example/1",
    }
    script = f'<script type="application/ld+json">{json.dumps(review, ensure_ascii=False)}</script>'
    page = f'<html><head><meta charset="macintosh">{script}</head><body></body></html>'.encode("mac_roman")
    [found] = claimreview.read(io.BytesIO(page), ReadOptions())
    assert getattr(found, "text", "") == "Straße für Füße"
