"""Who a written source is: "state-run Orrin Agency" is Orrin Agency, "a Harbour Board spokesman" the Harbour Board.

Only what the words of the article themselves say is used; no list of known names. What names nobody ("he", "western
officials") is nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django.db import connection

ARTICLES = re.compile(r"^(?:the|a|an|der|die|das|le|la|les|l['’]|el|los|las|il|lo|gli|i|het|de)\s+", re.IGNORECASE)
# Whoever these stand for is named elsewhere, if at all: they are nobody in a graph.
PRONOUNS = """
i he she it they we you who one each another others some many both
er sie es man ich wir il elle ils elles on je nous lui lei loro noi egli ella él ellos ellas yo
hij zij ze hij ona oni ja o onlar ben он она они я мы αυτός αυτή 他 她 他们
"""
# "Its secretary Mira Holt" is Mira Holt; "its first post" is nobody that the graph could name.
POSSESSIVES = """
its his her their our my your sein seine seiner ihr ihre ihrer unser unsere son sa ses leur leurs notre
su sus suo sua suoi sue loro seu seus zijn haar hun jego jej ich его её их
"""
STANDING_FOR_SOMEBODY = frozenset(PRONOUNS.split()) | frozenset(POSSESSIVES.split())
# "persons within the Lake Army": whoever they are, they are not the army.
UNNAMED = re.compile(
    r"^(?:persons?|people|sources?|officials?|experts?|analysts?|observers?|witnesses|critics|insiders?|someone)\b"
)
# "the head of the works yard, Orin Vale" is Orin Vale.
INTRODUCED = re.compile(r"^(?:[a-zà-ÿ][a-zà-ÿ’'-]*\s+)*[a-zà-ÿ][a-zà-ÿ’'-]*,\s+(?=[^\W\d_a-zà-ÿ])")
# "this week's report by the Dam Board": what was written is by whoever wrote it.
DOCUMENT = re.compile(
    r"^.*?\b(?:report|study|statement|survey|analysis|press release|communiqué|document)s?\s+(?:by|from|of)\s+(?=\S)"
)
# "the Harbour Board spokesman, Orin Vale" speaks for the board.
SPOKESMAN = re.compile(
    r"^(?P<body>.*?\S)(?:['’]s)?\s+(?:spokes(?:man|woman|person|people)|press (?:officer|secretary|office))\b.*$"
)
SPOKESMAN_FOR = re.compile(
    r"^(?:.*,\s+)?(?:an?\s+|the\s+)?spokes(?:man|woman|person|people)\s+(?:for|of)\s+(?P<body>\S.*)$"
)
APPOSITION = re.compile(r",\s+(?=[^\W\d_]*[a-zà-ÿ])(?=[a-zà-ÿ]).*$")
# What kind of thing a name is, said before it: "state-run", "the news agency", "Lake-based newspaper".
KIND_WORDS = """
news agency broadcaster newspaper daily weekly magazine journal channel station website site portal outlet official
semi-official public private local national independent non-profit nonprofit wire service group
"""
KINDS = frozenset(KIND_WORDS.split())
OWNER = re.compile(r"^(?P<owner>.+?)['’]s\s+(?P<name>\S.*)$")
SHORT = re.compile(r"(?P<before>(?:[^\s()]+\s+){1,8})\((?P<short>[^\W\d_]{2,8})\)")

# Brackets with a short word in them, with what stands before: only in articles whose sources use such a word.
BRACKETS = r"""
SELECT t.article_id, found[1]
FROM (SELECT DISTINCT ON (article_id) article_id, text FROM claims_textversion
      WHERE article_id = ANY(%s) ORDER BY article_id, n DESC) t
CROSS JOIN LATERAL regexp_matches(t.text, '((?:[^\s()]+\s+){1,8}\([[:alpha:]]{2,8}\))', 'g') AS found
"""


def source_name(written: str, short: Mapping[str, str] | None = None) -> str:
    """A source as it is named: without article, possessive, description and line breaks. `short`: the abbreviations
    that its article explains, each with what it stands for."""
    plain = ARTICLES.sub("", " ".join(written.split()))
    plain = ARTICLES.sub("", DOCUMENT.sub("", plain))
    spoken = SPOKESMAN_FOR.match(plain) or SPOKESMAN.match(plain)
    if spoken and _has_capital(spoken["body"]):
        plain = ARTICLES.sub("", spoken["body"])
    plain = _without_kind(APPOSITION.sub("", INTRODUCED.sub("", plain)))
    plain = _without_owner(plain)
    if short:
        plain = in_full(plain, short)
    plain = re.sub(r"['’]s$", "", plain)
    return plain.strip(" ,.;:“”\"'«»")[:120]


def in_full(name: str, short: Mapping[str, str]) -> str:
    """The name with its abbreviations written out; "CAR's Orin Vale" speaks for whom CAR stands for."""
    owned = OWNER.match(name)
    if owned and owned["owner"] in short:
        return short[owned["owner"]]
    # "Lake Ministry of Works (MoW)": the bracket says again what stands before it
    bare = re.sub(r"\s*\((\w+)\)", lambda found: "" if found[1] in short else found[0], name)
    words = [short.get(word, word) for word in bare.split()]
    whole = " ".join(words)
    # "Conflict Watch Group" beside "Conflict Watch (CW)": the same name with its kind after it
    for full in short.values():
        if whole.casefold().startswith(full.casefold() + " ") and _is_kind_of_body(whole[len(full) :]):
            return full
    return whole


def _is_kind_of_body(rest: str) -> bool:
    return rest.strip().casefold() in ("group", "organization", "organisation", "agency", "institute", "foundation")


def _without_kind(name: str) -> str:
    """From the first word that is not a lower-case description, where a name follows."""
    words = name.split()
    at = 0
    while at < len(words) and (words[at] in KINDS or re.fullmatch(r"[^\W\d_]+(?:-[^\W\d_]+)+", words[at])):
        if words[at] != words[at].lower() and not words[at].endswith(
            ("-based", "-owned", "-run", "-backed", "-funded")
        ):
            break
        at += 1
    rest = " ".join(words[at:])
    return rest if rest and _has_capital(rest[:1]) else name


def _without_owner(name: str) -> str:
    """Without a possessive and the description after it, up to a name: "their lawyer Mira Holt" is Mira Holt."""
    first, _, rest = name.partition(" ")
    words = rest.split()
    if first.casefold() not in POSSESSIVES.split() or not words:
        return name
    at = next((at for at, word in enumerate(words) if _has_capital(word[:1])), 0)
    return " ".join(words[at:])


def _has_capital(text: str) -> bool:
    return text != text.lower()


def is_nobody(name: str) -> bool:
    """A pronoun, or a description without a name ("western officials", "a source close to the talks")."""
    has_case = name.lower() != name.upper()
    if name.casefold() in STANDING_FOR_SOMEBODY or UNNAMED.match(name) or _begins_as_many(name):
        return True
    return has_case and name == name.lower() and "." not in name


def _begins_as_many(name: str) -> bool:
    """A capital that is the sentence's: "Insiders", "Officials in the north"; not "People magazine", "Observer"."""
    first, rest = name.casefold().partition(" ")[0], name.split()[1:2]
    is_plural = first.endswith("s") or first in ("people", "someone")
    return is_plural and bool(UNNAMED.match(first)) and all(word == word.lower() and word not in KINDS for word in rest)


def abbreviations(text: str) -> dict[str, str]:
    """What a text explains in brackets: {"MoW": "Ministry of Works"} from "the Ministry of Works (MoW)".

    The letters have to be the initials of the words before the bracket, the last of which may be the kind of body
    ("Dam Safety Group (DS)"). What does not spell its words is no abbreviation.
    """
    found: dict[str, str] = {}
    for match in SHORT.finditer(text):
        words = match["before"].replace("-", " ").split()
        full = _spelled(words, match["short"]) or (
            _spelled(words[:-1], match["short"]) if words and _is_kind_of_body(words[-1]) else ""
        )
        if full:
            found.setdefault(match["short"], full)
    return found


def _spelled(words: list[str], short: str) -> str:
    """The last words whose initials are the letters of `short`; words such as "of" may have none."""
    letters, at = list(short.casefold()), len(words)
    while letters and at:
        at -= 1
        if words[at][:1].casefold() == letters[-1]:
            letters.pop()
        elif words[at] != words[at].lower() or at == len(words) - 1:
            return ""
    tail = words[at:]
    return " ".join(tail) if not letters and len(tail) > 1 and _has_capital(tail[0][:1]) else ""


def abbreviations_of(articles: Iterable[int]) -> dict[int, dict[str, str]]:
    """Article -> the abbreviations that its newest text explains."""
    found: dict[int, dict[str, str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(BRACKETS, [sorted(set(articles))])
        for article, brackets in cursor.fetchall():
            for short, full in abbreviations(brackets).items():
                found.setdefault(article, {}).setdefault(short, full)
    return found


def may_be_short(written: str) -> bool:
    """Whether a source holds a word that may be an abbreviation, or a bracket."""
    return "(" in written or any(sum(c.isupper() for c in word) > 1 for word in written.split())
