"""Domains that can be taken for one another, plain Python: a look-alike is shown as one and never proposed as the same.

A domain's skeleton maps letters that look the same in a common typeface onto one (after UTS #39, section 4, with a
small table of our own for the scripts that imitate Latin).
"""

from __future__ import annotations

import unicodedata

from claims.hosts import registered_domain

_LETTERS = str.maketrans(
    # Cyrillic, Greek, then what stays apart from its base letter in Unicode, then digits and I
    "аеорсухіјѕһԁԛԝкмтвньё" + "οανρτικυηχεω" + "ıłøđħ" + "01i5",
    "aeopcyxljshdqwkmtbhbe" + "oavptlkunxew" + "llodh" + "olls",
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
SHORTEST = 5  # letters; names shorter than that differ by one letter by chance


def label_of(domain: str) -> str:
    """Return the registered name without its suffix, as it is shown: `xn--` labels in their own letters."""
    label = (registered_domain(domain) or domain).split(".")[0]
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode().decode("punycode")
    except UnicodeError:
        return label


def skeleton(label: str) -> str:
    """Return the same word for labels that look the same."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", label.casefold()) if not unicodedata.combining(c))
    plain = "".join(c for c in plain.translate(_LETTERS) if c.isalnum())
    for pair, letter in _PAIRS:
        plain = plain.replace(pair, letter)
    return plain


def near_keys(label: str) -> set[str]:
    """Return keys of which two labels share one when they look alike (and now and then when they do not)."""
    word = skeleton(label)
    if len(word) < SHORTEST:
        return {word}
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def look_alike(one: str, other: str) -> bool:
    """Whether one domain could pass for the other: the same to the eye, under another ending, or a letter apart."""
    if one == other:
        return False
    first, second = skeleton(label_of(one)), skeleton(label_of(other))
    return first == second or (min(len(first), len(second)) >= SHORTEST and _is_one_edit(first, second))


def _is_one_edit(one: str, other: str) -> bool:
    """Whether one letter more, less, other, or two in turn make one word of the other."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    if len(left) == len(right):
        return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])
    return left[1:] == right or left == right[1:]
