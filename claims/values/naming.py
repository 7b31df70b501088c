"""When two spellings mean one thing: governments, parties, causes and countries as several people write them."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

# Words that one person writes and the next leaves out.
FILLERS = frozenset({"a", "an", "the", "of", "government", "party", "movement"})
TARGET_KINDS = ("government", "party", "cause")
TOWARD = "toward_"  # the codes of questions that ask for an outlet's stance toward one named target begin so
ALIKE = 0.84  # of the letters in one order: a letter more or less in six


def folded(name: str) -> str:
    """What the spellings of one name share: its words without case, accents, punctuation, order and fillers."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = re.findall(r"\w+", "".join(mark for mark in plain if not unicodedata.combining(mark)))
    return " ".join(sorted(set(words) - FILLERS or set(words)))


def is_alike(one: str, other: str) -> bool:
    """Whether two folded names are nearly the same, so that a person has to say whether they mean one thing."""
    return one != other and SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def target_name(title: str) -> str:
    """Whom a question on stance is about; all of its title where a project worded it itself."""
    match = re.fullmatch(r"Toward (.+), the outlet is …", title)
    return match[1] if match else title
