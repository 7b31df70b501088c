"""The parser's child process: limits hold, and it is kept for the next page."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pytest

from claims.errors import Refused
from claims.importing.sandbox import Limits, PageParser, page_parser

PAGE = (
    b"<html><body><article>" + b"<p>The pier is closed for eleven weeks, the board said.</p>" * 9 + b"</article></body>"
)


@pytest.fixture
def quick() -> Iterator[PageParser]:
    parser = PageParser(Limits(cpu_seconds=1, wall_seconds=5.0))
    yield parser
    parser.close()


def child_of(parser: PageParser) -> int:
    assert parser._child is not None
    return parser._child.pid


def test_it_works_and_one_child_reads_many_pages(quick: PageParser) -> None:
    first = quick.read_page(PAGE)
    child = child_of(quick)
    assert quick.read_page(PAGE) == first
    assert "eleven weeks" in first["text"]
    assert child_of(quick) == child


def test_up_34_a_page_that_keeps_the_parser_busy_ends_in_parse_timeout(quick: PageParser) -> None:
    page = b"<p " + b" ".join(b"a%d=1" % n for n in range(200_000)) + b">hi</p>"
    with pytest.raises(Refused) as refusal:
        quick.read_page(page)
    assert refusal.value.code == "parse_timeout"
    assert "eleven weeks" in quick.read_page(PAGE)["text"]


@pytest.mark.parametrize("page", [b"<div>" * 100_000 + b"deep", b"<" * 9_000_000, bytes(range(256)) * 1_000])
def test_up_34_odd_pages_end_with_a_reason(page: bytes) -> None:
    parser = page_parser()
    with pytest.raises(Refused) as refusal:
        parser.read_page(page)
    assert refusal.value.code in {"empty", "parse_timeout", "parser_crashed", "parser_failed", "encoding_unknown"}
    assert "eleven weeks" in parser.read_page(PAGE)["text"]


def test_a_page_that_needs_too_much_memory_is_refused() -> None:
    parser = PageParser(Limits(memory_bytes=230 * 1024 * 1024))
    try:
        with pytest.raises(Refused) as refusal:
            parser.read_page(b"<p>word word word.</p>" * 400_000)
        assert refusal.value.code in {"parser_out_of_memory", "parser_crashed", "parser_failed"}
    finally:
        parser.close()


def test_a_child_that_was_killed_is_replaced(quick: PageParser) -> None:
    quick.read_page(PAGE)
    os.kill(child_of(quick), 9)
    # The first page may still meet the dying child.
    with contextlib.suppress(Refused):
        quick.read_page(PAGE)
    assert "eleven weeks" in quick.read_page(PAGE)["text"]


def test_a_page_over_the_limit_is_not_sent(quick: PageParser) -> None:
    with pytest.raises(Refused) as refusal:
        quick.read_page(b"a" * 10_000_001)
    assert (refusal.value.code, refusal.value.status) == ("too_large", 413)


def test_the_child_sees_no_secrets_and_may_not_write(quick: PageParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary")
    quick.read_page(PAGE)
    with open(f"/proc/{child_of(quick)}/environ", "rb") as environment:
        assert b"canary" not in environment.read()
    with open(f"/proc/{child_of(quick)}/limits") as limits:
        lines = {line[:25].strip(): line[26:].split()[:2] for line in limits}
    assert lines["Max file size"] == ["0", "0"]
    assert lines["Max address space"][0] == str(512 * 1024 * 1024)
