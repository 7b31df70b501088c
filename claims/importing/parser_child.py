"""The child process that parses foreign bytes: `python -m claims.importing.parser_child KIND CPU_SECONDS MEMORY_BYTES`.

It reads requests (lengths, address, the charset that a server stated, bytes) from its standard input. To each it gives
answers in JSON, the last of which is `{"end": true}` or a refusal. It has no database, no secrets in its environment,
no network where the system lets it give that up, and it may not write files.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import struct
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from typing import Any, BinaryIO

REQUEST = struct.Struct(">III")
ANSWER = struct.Struct(">I")
_NEW_USER_AND_NETWORK = 0x10000000 | 0x40000000


# One module a kind, each with `answers(data, url, charset)`, an iterator of what is to be sent.
PARSERS = {
    "page": "claims.importing.pages",
    "links": "claims.importing.links",
    "pdf": "claims.importing.pdf_text",
    "sheets": "claims.importing.sheets",
}


def main(kind: str, cpu_seconds: int, memory_bytes: int) -> None:
    """Answer requests until the parent closes the pipe."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # What a library prints must not get into the answers, and page text must not get into logs.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    parser = import_module(PARSERS[kind])  # before the limits: loading code is not the page's cost
    _give_up_rights(memory_bytes)
    while head := requests.read(REQUEST.size):
        url_size, charset_size, data_size = REQUEST.unpack(head)
        url, charset = requests.read(url_size).decode(), requests.read(charset_size).decode()
        for answer in _parse(parser, requests.read(data_size), url, charset):
            _allow_cpu(cpu_seconds)
            _answer(answers, answer)


def _parse(parser: Any, data: bytes, url: str, charset: str) -> Iterator[dict[str, Any]]:
    """Yield a beginning, so that the limit is set before parsing; then what was found, then the end."""
    from claims.errors import Refused

    try:
        yield {"begin": True}
        for found in parser.answers(data, url, charset):
            yield {"found": found}
        yield {"end": True}
    except Refused as refusal:
        yield {"code": refusal.code, "sentence": refusal.sentence, "status": refusal.status}
    except MemoryError:
        yield {"code": "parser_out_of_memory", "sentence": "The file needs more memory than one file may take."}
    except Exception as error:  # a parser may fail in any way on hostile bytes; the parent hears of it
        yield {"code": "parser_failed", "sentence": f"The file cannot be parsed ({type(error).__name__})."}


def _answer(answers: BinaryIO, answer: dict[str, Any]) -> None:
    body = json.dumps(answer).encode()
    answers.write(ANSWER.pack(len(body)) + body)
    answers.flush()


def _allow_cpu(seconds: int) -> None:
    """Move the limit on, so that each page has its own time."""
    used = int(time.process_time()) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, resource.RLIM_INFINITY))


def _give_up_rights(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A namespace of its own has no network at all. Some systems forbid this; the parser makes no connections anyway.
    ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER_AND_NETWORK)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
