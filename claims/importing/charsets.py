"""How the bytes of a page, or of a text from a server, become text: by what is proven, then by what is declared."""

from __future__ import annotations

import re

from claims.encodings import Decoded, check_encoding, decode_bytes, is_utf8, shifting_encoding
from claims.errors import Refused

_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE
)
_STATED = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
# What browsers read under a narrower name (WHATWG Encoding Standard).
_READ_AS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
}
_SHIFTING = ("hz", "utf-7", "iso2022_jp", "iso2022_kr")


def charset_of(content_type: str) -> str:
    """The charset that a Content-Type names, "" when it names none."""
    found = _STATED.search(content_type)
    return found.group(1) if found is not None else ""


def decode_page(html: bytes, charset: str = "") -> Decoded:
    """Decode a page by its mark, as UTF-8, by what its server or it itself declares (in this order, as browsers do), or
    by a guess. Raises Refused `encoding_unknown`."""
    match = _DECLARED.search(html[:4096])
    return decode_declared(html, charset, match.group(1).decode("ascii") if match is not None else "")


def decode_declared(data: bytes, *names: str) -> Decoded:
    """Decode by a mark, as UTF-8, in the first named encoding that there is and that fits, or by a guess.

    Raises Refused `encoding_unknown`.
    """
    named = () if data[:2] in (b"\xff\xfe", b"\xfe\xff") else dict.fromkeys(map(_read_as, names))
    is_plain = is_utf8(data)
    for name in filter(None, named):
        # In encodings that shift all is ASCII, so that being UTF-8 proves nothing; that something shifts does.
        if is_plain and not (name in _SHIFTING and shifting_encoding(data) == name):
            continue
        # A few broken bytes in a text of known encoding become U+FFFD, which a reader sees.
        text = data.decode(name, errors="replace")
        if text.count("\ufffd") <= sum(character > "\x7f" for character in text) / 2:
            return Decoded(text, name, 1.0)
    return decode_bytes(data)


def _read_as(stated: str) -> str:
    """Python's name of an encoding as browsers read it; "" where there is no such encoding."""
    try:
        name = check_encoding(stated) if stated else ""
    except Refused:
        return ""
    return _READ_AS.get(name, name)
