"""Host names: one spelling, and which part of a name is registered (Public Suffix List, inside the wheel)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from publicsuffixlist import PublicSuffixList

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


def ascii_host(host: str) -> str:
    """Return a host name in lower case with each non-ASCII label in punycode.

    No character is mapped away or onto another: a zero-width character or a Cyrillic letter stays visible.
    """
    labels = unicodedata.normalize("NFC", host).lower().rstrip(".").split(".")
    return ".".join(label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in labels)


def registered_domain(host: str) -> str:
    """Return the part of a host name in ASCII that somebody registered, "" when its last label is no public suffix."""
    return _suffixes().privatesuffix(host) or ""


def is_full_name(host: str) -> bool:
    """Whether a host name in ASCII is well formed and stands under a public suffix: no bare name, no address."""
    labels = host.split(".")
    is_well_formed = len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    return is_well_formed and bool(registered_domain(host))


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)
