"""Parsing of foreign bytes in a child process with limits on time and memory, kept warm for many pages."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, BinaryIO

from claims.errors import Refused
from claims.importing.parser_child import ANSWER, REQUEST

PAGE_BYTES = 10_000_000
DOCUMENT_BYTES = 50_000_000
_ROOT = Path(__file__).resolve().parents[2]
# The longest article in the longest JSON spelling, and some; a child that says more has been taken over.
_ANSWER_BYTES = 16_000_000
# A fresh child now and then returns what libraries keep for ever.
_PAGES_PER_CHILD = 1_000
_CHARSET_CHARS = 100


@dataclass(frozen=True)
class Limits:
    """What one page may use (contract: 10 s of processor, 512 MB, 15 s in all)."""

    cpu_seconds: int = 10
    memory_bytes: int = 512 * 1024 * 1024
    wall_seconds: float = 15.0


class PageParser:
    """One warm child process; use it from one thread at a time or let its lock arrange that."""

    def __init__(self, limits: Limits | None = None, kind: str = "page") -> None:
        self.kind = kind
        self.limits = limits or Limits()
        self._child: subprocess.Popen[bytes] | None = None
        self._pages = 0
        self._lock = threading.Lock()

    def read_page(self, html: bytes, url: str = "", charset: str = "") -> dict[str, Any]:
        """Return the fields of `pages.Page`; `charset` is what the server stated.

        Raises Refused: what `pages.read_page` raises, and `too_large`, `parse_timeout`, `parser_out_of_memory`,
        `parser_crashed`, `parser_failed`.
        """
        if len(html) > PAGE_BYTES:
            raise Refused(
                "too_large", f"The page has {len(html):,} bytes; at most {PAGE_BYTES:,} are read.", status=413
            )
        (page,) = self.read_all(html, url, charset)
        return page

    def read_all(self, data: bytes, url: str = "", charset: str = "") -> Iterator[dict[str, Any]]:
        """Yield what the child finds in the bytes, as it comes; each piece has the limits of a page."""
        with self._lock:
            yield from self._ask(data, url.encode(), charset[:_CHARSET_CHARS].encode())

    def close(self) -> None:
        """End the child."""
        child, self._child, self._pages = self._child, None, 0
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                _close_quietly(pipe)

    def _ask(self, data: bytes, url: bytes, charset: bytes) -> Iterator[dict[str, Any]]:
        if self._pages >= _PAGES_PER_CHILD:
            self.close()
        child = self._running_child()
        self._pages += 1
        answer: dict[str, Any] = {}
        try:
            _send(child, REQUEST.pack(len(url), len(charset), len(data)) + url + charset, data)
            while "code" not in (answer := self._receive_answer(child)) and "end" not in answer:
                if "found" in answer:
                    yield answer["found"]
        except (TimeoutError, EOFError) as error:
            refusal = self._refusal(child, error)
            self.close()
            raise refusal from error
        except BaseException:
            # Whatever interrupts the exchange (a worker's time limit, say) leaves half an answer in the pipe.
            self.close()
            raise
        if answer.get("code") == "parser_out_of_memory":
            self.close()
        if "code" in answer:
            raise Refused(answer["code"], answer["sentence"], status=answer.get("status", 422))

    def _receive_answer(self, child: subprocess.Popen[bytes]) -> dict[str, Any]:
        deadline = time.monotonic() + self.limits.wall_seconds
        size = ANSWER.unpack(_receive(child, ANSWER.size, deadline))[0]
        if size > _ANSWER_BYTES:
            raise EOFError
        answer: dict[str, Any] = json.loads(_receive(child, size, deadline))
        return answer

    def _refusal(self, child: subprocess.Popen[bytes], error: Exception) -> Refused:
        took_too_long = isinstance(error, TimeoutError)
        if not took_too_long:
            took_too_long = _ended_by(child) == signal.SIGXCPU
        if took_too_long:
            seconds = f"{self.limits.cpu_seconds} s of computing or {self.limits.wall_seconds:.0f} s in all"
            return Refused("parse_timeout", f"It took more than {seconds} to parse. Paste its text instead.")
        return Refused("parser_crashed", "The parser broke down on this file. Paste its text instead.")

    def _running_child(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self.close()
        self._child = subprocess.Popen(  # noqa: S603 - our own module, no input in the command
            [
                *(sys.executable, "-m", "claims.importing.parser_child"),
                *(self.kind, str(self.limits.cpu_seconds), str(self.limits.memory_bytes)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={
                "PYTHONPATH": str(_ROOT),
                "LANG": "C.UTF-8",
                "OPENBLAS_NUM_THREADS": "1",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            close_fds=True,
        )
        return self._child


@cache
def _parser_of(process: int) -> PageParser:
    parser = PageParser()
    atexit.register(parser.close)
    return parser


def page_parser() -> PageParser:
    """Return this process's parser. A forked worker gets its own, since two may not share a pipe."""
    return _parser_of(os.getpid())


def read_document(kind: str, data: BinaryIO, limits: Limits | None = None) -> Generator[dict[str, Any], None, None]:
    """Yield what a child of its own finds in a file of the kind `pdf` or `sheets`. Raises Refused: what that parser
    raises, and what `PageParser.read_page` does."""
    content = data.read(DOCUMENT_BYTES + 1)
    if len(content) > DOCUMENT_BYTES:
        raise Refused("too_large", f"The file has more than {DOCUMENT_BYTES:,} bytes. Split it.", status=413)
    with closing(PageParser(limits, kind)) as parser:
        yield from parser.read_all(content)


def feed_links(body: bytes, url: str) -> list[str]:
    """Return the addresses that a feed or sitemap lists. Raises Refused: what `links.find_links` raises, and what
    `PageParser.read_page` does."""
    with closing(PageParser(kind="links")) as parser:
        return [found["address"] for found in parser.read_all(body, url)]


def _send(child: subprocess.Popen[bytes], *parts: bytes) -> None:
    try:
        assert child.stdin is not None  # noqa: S101 - opened as a pipe above
        for part in parts:
            child.stdin.write(part)
        child.stdin.flush()
    except BrokenPipeError as error:
        raise EOFError from error


def _receive(child: subprocess.Popen[bytes], size: int, deadline: float) -> bytes:
    """Read exactly `size` bytes. Raises TimeoutError at the deadline and EOFError when the child ended."""
    assert child.stdout is not None  # noqa: S101 - opened as a pipe above
    source, received = child.stdout.fileno(), bytearray()
    while len(received) < size:
        ready, _, _ = select.select([source], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        if not (part := os.read(source, size - len(received))):
            raise EOFError
        received += part
    return bytes(received)


def _ended_by(child: subprocess.Popen[bytes]) -> int:
    """Return the number of the signal that ended a child which closed its pipe; 0 when none did."""
    try:
        return max(0, -child.wait(timeout=1.0))
    except subprocess.TimeoutExpired:
        return 0


def _close_quietly(pipe: IO[bytes] | None) -> None:
    try:
        if pipe is not None:
            pipe.close()
    except BrokenPipeError:
        pass  # bytes that the ended child will not read
