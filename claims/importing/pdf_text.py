"""The text layer of a PDF (pypdf). Runs in the parser's child process."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from statistics import quantiles
from typing import Any

from pypdf import PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

from claims.errors import Refused
from claims.text import ARTICLE_CHARS, clean_text

_HYPHEN = re.compile(r"[^\W\d_]-$")
_ENDS = (".", "!", "?", ":", ";", "”", '"', "»", "。")


def answers(data: bytes, url: str, charset: str) -> Iterator[dict[str, Any]]:
    """What the parser's child sends: the text, paragraphs put together again."""
    yield {"text": read_pdf(data)}


def read_pdf(data: bytes) -> str:
    """Return the text of all pages. Raises Refused: `unsupported_content`, `pdf_encrypted`, `no_text_layer`,
    `article_too_long`."""
    if b"%PDF-" not in data[:1024]:
        raise Refused("unsupported_content", "This is not a PDF, whatever its name says.", status=415)
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileNotDecryptedError
        pages, size = [], 0
        for page in reader.pages:
            pages.append(page.extract_text() or "")
            size += len(pages[-1])
            if size > 2 * ARTICLE_CHARS:
                break
    except (FileNotDecryptedError, DependencyError) as error:
        raise Refused("pdf_encrypted", "This PDF has a password. Save it without one.") from error
    except PyPdfError as error:
        raise Refused(
            "unsupported_content", "This PDF is broken and cannot be read. Save it again or paste its text.", status=415
        ) from error
    text = "\n\n".join(filter(None, map(join_lines, pages)))
    cleaned = clean_text(text, limit=ARTICLE_CHARS, code="article_too_long").text.strip()
    if not cleaned:
        raise Refused("no_text_layer", "This PDF holds pictures of pages and no text. Paste the text instead.")
    return cleaned


def join_lines(page: str) -> str:
    """Put the lines of a page together into paragraphs: a line that reaches the margin goes on in the next."""
    lines = [line.strip() for line in page.splitlines()]
    lengths = [len(line) for line in lines if len(line) > 1]
    if len(lengths) < 3:
        return "\n".join(lines).strip()
    full = 0.75 * quantiles(lengths, n=10)[-1]
    joined, before = "", ""
    for line in lines:
        goes_on = len(before) >= full and line and (not before.endswith(_ENDS) or len(before) >= 1.2 * full)
        if goes_on and _HYPHEN.search(before) and line[0].islower():
            joined = joined[:-1] + line
        else:
            joined += f" {line}" if goes_on else f"\n{line}"
        before = line
    return joined.strip()
