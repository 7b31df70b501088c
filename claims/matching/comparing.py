"""How two claims differ and how alike they are: plain Python, no model.

Lexical likeness alone prefers the near-miss (a number, an actor or the polarity changed), so each of these differences
takes away from the score and is named, for a person to see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from claims.matching.reading import Place, Reading, read, sound_of, stem, word_lists
from claims.values import Value
from claims.values.numbers import DAYS

RELATIONS = ("same", "more_specific", "more_general", "conflicts_in_detail", "contradicts", "related_only", "unrelated")
RELATED, SAME = 0.22, 0.5
SHARED_NAMES = 2  # names in common from which a further one on either side is only another detail
OPENING = 4  # code points, for `The `: a name that stands this near the start is whom the claim is about
SHORTEST_SOUND = 4  # letters of a sound that are enough to know a name by
_OF_PEOPLE = "es|an|ian|ean|ese|ish|ic|ans|ians"  # `Norland`, `Norlandese`; but `Niger`, `Nigeria`
REPLACED = 0.55  # share of words in common from which a word in the place of another is no paraphrase
MOST_REPLACED = 1  # word; a paraphrase changes more
FOLDED = {"number": 0.35, "date": 0.35, "name": 0.4, "other_name": 0.8, "order": 0.35, "word": 0.4, "tense": 0.5}
TURNED = 0.3  # what is left of the score when the sense is turned round
WORD_FOR_WORD, NEAR_MISS = 0.75, 0.6  # who says the same in other words keeps fewer of them: one detail is changed here
METRES = {"metre": 1.0, "kilometre": 1000.0, "mile": 1609.344, "foot": 0.3048}
KILOGRAMS = {"kilogram": 1.0, "tonne": 1000.0}
SCALES = (DAYS, METRES, KILOGRAMS)
NUMBERS = ("number", "percent", "money", "duration", "quantity")


@dataclass(frozen=True)
class Difference:
    """One thing in which two claims differ; the spans say where in either text, in code points."""

    kind: str  # number, date, name, other_name (a further detail), word, order, tense, negation, opposite
    left: str
    right: str
    left_span: Place | None = None
    right_span: Place | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "left": self.left,
            "right": self.right,
            "left_span": self.left_span,
            "right_span": self.right_span,
        }


@dataclass(frozen=True)
class Comparison:
    """What the system suggests of a pair. `likeness`, 0 to 1, is of wording and sense; `score`, 0 to 1, says how likely
    one check serves both: near-misses are alike and score low."""

    score: float
    relation: str
    differences: tuple[Difference, ...]
    likeness: float


def same(left: str, right: str) -> float:
    """How likely one check serves both claims, 0 to 1."""
    return compare(left, right).score


def compare(
    left: str,
    right: str,
    *,
    language: str = "en",
    dates: tuple[str | None, str | None] = (None, None),
    denied: tuple[bool, bool] = (False, False),
) -> Comparison:
    """Likeness, suggested relation, and what differs. `dates` are the days of the two articles, for relative dates;
    `denied` says whether the one who is quoted with a claim denies it."""
    a, b = read(left, language, dates[0]), read(right, language, dates[1])
    opposed = _opposed(a, b)
    is_odd = (_turns(a, opposed, "left") + _turns(b, opposed, "right") + sum(denied)) % 2 == 1
    likeness = _likeness(a, b, agreed=opposed is not None and is_odd)
    values = tuple(_of_values(a, b))
    turned = tuple(_of_polarity(a, b, opposed, denied))
    names = tuple(_of_names(a, b))
    replaced = () if opposed or turned or names or values else (*_of_words(a, b), *_of_qualifiers(a, b))
    differences = (*values, *names, *replaced, *_of_order(a, b), *_of_tense(a, b), *turned)
    score = likeness
    for kind in {difference.kind for difference in differences}:
        score *= FOLDED.get(kind, 1.0)
    score *= TURNED if turned else 1.0
    score *= NEAR_MISS if differences and likeness > WORD_FOR_WORD else 1.0
    return Comparison(
        round(min(1.0, score), 4), _relation(a, b, likeness, differences), differences, round(likeness, 4)
    )


def _likeness(a: Reading, b: Reading, *, agreed: bool) -> float:
    """What is common by sense, with values and names: of the shorter claim, of both, without names, and by letters.

    `agreed`: a word and the denial of its opposite (`not close`, `stay open`) count as a word in common.
    """
    ours, theirs = set(a.words), _as_written_in(a, b)
    more = sum(1 for value in a.values if any(agree(value, other) for other in b.values)) + agreed
    counts = len(ours) + len(a.values), len(theirs) + len(b.values)
    if not min(counts):
        return 1.0 if a.text.strip() == b.text.strip() else 0.0
    common = len(ours & theirs) + more
    held, dice = min(1.0, common / min(counts)), 2 * common / sum(counts)
    runs = 2 * len(a.trigrams & b.trigrams) / max(1, len(a.trigrams) + len(b.trigrams))
    few = min(1.0, common / 3)  # one word in common is not much, however short the claim
    named = a.names.keys() | b.names.keys()
    told_a, told_b = ours - named, theirs - named  # names alone make no claim
    told = min(1.0, (len(told_a & told_b) + more) / max(1, min(len(told_a), len(told_b)) + more - agreed))
    return min(1.0, 0.3 * held * few + 0.3 * dice + 0.3 * told * few + 0.1 * runs)


def _as_written_in(a: Reading, b: Reading) -> set[str]:
    """The words of `b`, its names written as in `a` where they sound alike."""
    written = {sound_of(name): name for name in a.names if name in a.words and len(sound_of(name)) >= SHORTEST_SOUND}
    alike = {name: written[sound_of(name)] for name in b.names if name not in a.words and sound_of(name) in written}
    return {alike.get(word, word) for word in b.words}


def _of_values(a: Reading, b: Reading) -> Iterable[Difference]:
    """Values of one kind that no value of the other claim agrees with."""
    for kinds, word in ((NUMBERS, "number"), (("date",), "date")):
        ours = [value for value in a.values if value.kind in kinds]
        theirs = [value for value in b.values if value.kind in kinds]
        left = [value for value in ours if not any(agree(value, other) for other in theirs)]
        right = [value for value in theirs if not any(agree(other, value) for other in ours)]
        for x, y in zip(left, right, strict=False):
            yield Difference(word, x.text, y.text, (x.start, x.end), (y.start, y.end))


def agree(x: Value, y: Value) -> bool:
    """Whether two values can be of one thing: `less than two months` and `59 days`, `over 40,000` and `40,321`,
    `3 km` and `3,000 metres`, `half` and `50 percent`."""
    if x.kind == y.kind == "date":
        if x.first and y.first:
            return x.first <= y.last and y.first <= x.last
        return _are_one_day(x.text.lower(), y.text.lower())
    if {x.kind, y.kind} & {"date"} or x.low is None or y.low is None or x.high is None or y.high is None:
        return False
    share = {x.kind, y.kind} == {"number", "percent"}
    factors = (0.01 if share and x.kind == "percent" else 1.0, 0.01 if share and y.kind == "percent" else 1.0)
    scale = next((scale for scale in SCALES if {x.unit, y.unit} <= set(scale)), None)
    if x.unit != y.unit and scale is None and not share:
        return False
    if scale is not None:
        factors = scale[x.unit], scale[y.unit]
    rounded = share or (scale is not None and x.unit != y.unit)  # `90 feet`, `27 metres`
    (low_x, high_x), (low_y, high_y) = _bounds(x, factors[0], rounded), _bounds(y, factors[1], rounded)
    return low_x <= high_y and low_y <= high_x


def _are_one_day(one: str, other: str) -> bool:
    """Days without a year: the same month, and the same day where both name one (`April`, `3 April`)."""
    parts = [set(re.findall(r"[^\W\d_]{3,}|\d+", text)) for text in (one, other)]
    months = [{word[:3] for word in part if not word.isdigit()} for part in parts]
    days = [{word for word in part if word.isdigit()} for part in parts]
    return one == other or (bool(months[0] & months[1]) and (not days[0] or not days[1] or bool(days[0] & days[1])))


def _bounds(value: Value, factor: float, rounded: bool) -> tuple[float, float]:
    low, high = (value.low or 0.0) * factor, (value.high or 0.0) * factor
    if value.limit == "less":
        return low * 0.5, high
    if value.limit == "more":
        return low, high * 2
    slack = 0.1 if value.limit == "about" else 0.02 if rounded else 0.001
    return low * (1 - slack), high * (1 + slack)


def _of_names(a: Reading, b: Reading) -> Iterable[Difference]:
    """Names that only one side has, where both have such: another actor when one stands in the place of the other,
    else only other details."""
    left = [place for name, place in a.names.items() if not _named_in(name, place, a, b)]
    right = [place for name, place in b.names.items() if not _named_in(name, place, b, a)]
    if not left or not right:
        return
    pairs = [(x, y) for x in left for y in right if _replaces(a, x, b, y)]
    shared = len(a.names) - len(left)
    is_detail = not pairs and shared >= SHARED_NAMES and min(len(a.words), len(b.words)) > len(left) + len(right)
    x, y = pairs[0] if pairs else (min(left), min(right))
    yield Difference("other_name" if is_detail else "name", a.text[slice(*x)], b.text[slice(*y)], x, y)


def _replaces(a: Reading, x: Place, b: Reading, y: Place) -> bool:
    """Whether two names have a neighbour in common, or both open their claim."""
    return bool(_neighbours(a, x) & _neighbours(b, y)) or max(x[0], y[0]) <= OPENING


def _named_in(name: str, place: Place, own: Reading, other: Reading) -> bool:
    if name in other.names or name in other.words:
        return True
    if len(name) > 3 and re.search(rf"(?<!\w){re.escape(name)}(?:\w|{_OF_PEOPLE})?(?!\w)", other.text, re.IGNORECASE):
        return True
    heard = {sound for sound in _sounds(own, place) if len(sound) >= SHORTEST_SOUND}
    return not heard.isdisjoint(sound for there in other.names.values() for sound in _sounds(other, there))


def _sounds(reading: Reading, place: Place) -> set[str]:
    """How a name sounds, alone and together with the name beside it (`Nord Stream`, `NordStream`)."""
    start, end = place
    found = {sound_of(reading.text[start:end])}
    for low, high in reading.names.values():
        if low == end + 1 or high == start - 1:
            found.add(sound_of(reading.text[min(start, low) : max(end, high)]))
    return found


def _of_words(a: Reading, b: Reading) -> Iterable[Difference]:
    """One word in the place of another in claims that are alike word for word: who says the same in other words changes
    more than one."""
    left = [word for word in a.words if word not in b.words]
    right = [word for word in b.words if word not in a.words]
    common = len(a.words.keys() & b.words.keys()) / max(1, min(len(a.words), len(b.words)))
    if not (left and right and common >= REPLACED and max(len(left), len(right)) <= MOST_REPLACED):
        return
    x, y = a.words[left[0]][0], b.words[right[0]][0]
    if _neighbours(a, x) & _neighbours(b, y):
        yield Difference("word", a.text[slice(*x)], b.text[slice(*y)], x, y)


def _of_qualifiers(a: Reading, b: Reading) -> Iterable[Difference]:
    """`the largest` and `the second largest`: one small word, another statement."""
    for reading, other in ((a, b), (b, a)):
        for word in reading.words.keys() & set(word_lists()["qualifiers"]) - other.words.keys():
            place = reading.words[word][0]
            if len(reading.words.keys() - other.words.keys()) > MOST_REPLACED:
                continue
            text = reading.text[slice(*place)]
            sides = (text, "", place, None) if reading is a else ("", text, None, place)
            yield Difference("word", *sides)


def _neighbours(reading: Reading, place: Place) -> set[str]:
    """The words right before and after a place, with the edge of the claim as one: `<the`, `sank>`."""
    before = re.findall(r"\w+", reading.text[: place[0]].lower())
    after = re.findall(r"\w+", reading.text[place[1] :].lower())
    return {"<" + (before[-1] if before else ""), (after[0] if after else "") + ">"} - {"<the", "<a", "<an"}


def _of_order(a: Reading, b: Reading) -> Iterable[Difference]:
    """`A accused B` and `B accused A`: the same words round the verb in the other order."""
    if a.turned != b.turned or a.words.keys() != b.words.keys() or len(a.words) < 3:
        return
    first_a, first_b = next(iter(_ordered(a))), next(iter(_ordered(b)))
    last_a, last_b = _ordered(a)[-1], _ordered(b)[-1]
    if first_a != first_b and first_a in (last_b, *_ordered(b)[-2:]) and first_b in (last_a, *_ordered(a)[-2:]):
        x, y = a.words[first_a][0], b.words[first_b][0]
        yield Difference("order", a.text[slice(*x)], b.text[slice(*y)], x, y)


def _ordered(reading: Reading) -> list[str]:
    return sorted(reading.words, key=lambda word: reading.words[word][0])


def _of_tense(a: Reading, b: Reading) -> Iterable[Difference]:
    if "future" in (a.tense, b.tense) and "past" in (a.tense, b.tense):
        yield Difference("tense", a.tense, b.tense)


def _turns(reading: Reading, opposed: Difference | None, side: str) -> int:
    """How often the sense is turned round, without the word that is compared with its opposite anyway."""
    word = "" if opposed is None else (opposed.left if side == "left" else opposed.right).lower()
    return reading.negations - (stem(word) in _negators() if word else 0)


def _of_polarity(a: Reading, b: Reading, opposed: Difference | None, denied: tuple[bool, bool]) -> Iterable[Difference]:
    """A word against its opposite, or a negation or denial on one side only; both together say the same again."""
    left = (_turns(a, opposed, "left") + denied[0]) % 2 == 1
    right = (_turns(b, opposed, "right") + denied[1]) % 2 == 1
    if opposed is not None and left == right:
        yield opposed
    elif opposed is None and left != right:
        yield Difference("negation", "negated" if left else "", "negated" if right else "")


def _opposed(a: Reading, b: Reading) -> Difference | None:
    for one, other in _opposites():
        for mine, yours in ((one, other), (other, one)):
            x, y = a.stems & mine, b.stems & yours
            if x and y and not a.stems & yours and not b.stems & mine:
                left, right = _place(a.text, max(x, key=len)), _place(b.text, max(y, key=len))
                return Difference("opposite", _at(a.text, left), _at(b.text, right), left, right)
    return None


@lru_cache(maxsize=1)
def _opposites() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """The lists of opposites by stem: made once, since every pair of claims is held against all of them."""
    return tuple((_stems_of(one), _stems_of(other)) for one, other in word_lists()["opposites"])


@lru_cache(maxsize=1)
def _negators() -> frozenset[str]:
    return frozenset(map(stem, word_lists()["negators"]))


def _stems_of(words: Iterable[str]) -> frozenset[str]:
    return frozenset(form for word in words for form in (word, stem(word)))


def _at(text: str, place: Place | None) -> str:
    return text[slice(*place)] if place is not None else ""


def _place(text: str, word: str) -> Place | None:
    match = re.search(rf"(?<!\w){re.escape(word)}\w*", text, re.IGNORECASE)
    if match is None:  # `denied`, of which the stem is `deny`
        match = next((one for one in re.finditer(r"[^\W_]+", text) if stem(one.group().lower()) == word), None)
    return match.span() if match else None


def _relation(a: Reading, b: Reading, likeness: float, differences: tuple[Difference, ...]) -> str:
    kinds = {difference.kind for difference in differences}
    if likeness < SAME:
        return "unrelated" if likeness < RELATED else "related_only"
    if kinds & {"negation", "opposite", "order"}:
        return "contradicts"
    if kinds - {"other_name"}:
        return "related_only" if "word" in kinds else "conflicts_in_detail"
    return _of_detail(a, b)


def _of_detail(a: Reading, b: Reading) -> str:
    """Which of two claims that do not conflict says more."""
    more, less = len(a.words.keys() - b.words.keys()), len(b.words.keys() - a.words.keys())
    details = len(a.values) - len(b.values)
    if less <= 1 and (more >= less + 3 or details > 0):
        return "more_specific"
    if more <= 1 and (less >= more + 3 or details < 0):
        return "more_general"
    return "same"
