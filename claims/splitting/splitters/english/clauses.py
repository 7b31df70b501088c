"""English clauses: where one sentence states several things that are checked one by one.

Split are coordinated clauses and verb phrases, comma + which/who relatives, and as/while/though/after clauses with a
finite verb of their own. Not split are restrictive relatives, appositions, infinitives, participles, measured time.
"""

from __future__ import annotations

import re

from claims.splitting.splitters.english.words import (
    Word,
    base_of_third_person,
    finite_strength,
    first_finite,
    grammar,
    has_main_verb,
    is_adverb,
    is_verb_form,
    words_in,
)
from claims.splitting.splitters.shapes import Span

COORDINATORS = frozenset({"and", "but", "or", "so", "yet", "nor"})
SUBORDINATORS = frozenset({"while", "whereas", "though", "although", "as", "after"})
_LEADING = frozenset({"while", "whereas", "though", "although", "as", "after"})
RELATIVES = frozenset({"which", "who", "whose", "where"})  # after a comma
_MEASURED = re.compile(
    r"\b(?:days?|weeks?|months?|years?|hours?|minutes?|seconds?|decades?|moments|shortly|soon|immediately|long|just|even|only)$",
    re.I,
)
_PLACED = re.compile(
    r"\b(?:took place|came|comes|comes? \w+ \w+|happened|occurred|followed)\s*(?:just|only|shortly)?$", re.I
)
_NOT_AS = frozenset(
    {"such", "known", "well", "far", "long", "much", "soon", "same", "regarded", "seen", "just", "acts"}
)
_PLURAL = frozenset({"are", "were", "have"})
_COLLECTIVE = frozenset(
    {"people", "police", "men", "women", "children", "others", "many", "most", "some", "few", "half"}
)
_BACK_TO_MAIN = re.compile(r",\s+(?=(?:despite|notwithstanding|in spite of)\b)", re.I)


def split_clauses(
    view: str, start: int, end: int, *, joined: bool = False, reported: bool = False
) -> list[tuple[Span, ...]]:
    """The propositions in view[start:end], in order of their first piece; each is one or more spans.

    `joined` says that the span begins with the conjunction that tied it to the clause before; `reported` that it is a
    that-clause, in which two verbs of one subject stay together.
    """
    words = words_in(view, start, end)
    if not words:
        return []
    relative = _relative(words, start, end)
    if relative is not None:
        return _with_relative(view, start, end, relative)
    cut = _cut(view, words, end, joined=joined, reported=reported)
    if cut is None:
        return [((start, end),)]
    left_end, right_start, right_end = cut
    left = split_clauses(view, start, left_end, reported=reported)
    right = split_clauses(view, right_start, right_end, joined=True, reported=reported)
    if right_end < end:
        left[-1] = (*left[-1], (_skip_comma(view, right_end), end))
    return left + right


def _skip_comma(view: str, place: int) -> int:
    while view[place] in ", ":
        place += 1
    return place


def _with_relative(view: str, start: int, end: int, relative: tuple[int, int, int, int]) -> list[tuple[Span, ...]]:
    comma, opening, closing, resume = relative
    inside = split_clauses(view, opening, closing)
    if resume >= end:
        return [*split_clauses(view, start, comma), *inside]
    if view[resume:end].lower().startswith(("and ", "but ")):  # `A, who died in 1940, and is used by B`
        return [*split_clauses(view, start, comma), *inside, *split_clauses(view, resume, end, joined=True)]
    goes_on, *more = split_clauses(view, resume, end, joined=True)
    return [((start, comma), *goes_on), *inside, *more]


def _relative(words: list[Word], start: int, end: int) -> tuple[int, int, int, int] | None:
    """(end of what stands before, start of the relative, its end, where the main clause goes on) or None."""
    for i in range(1, len(words) - 1):
        k = i + 1
        if words[i].text not in ",–—":
            continue
        if words[k].lower in {"but", "and"} and k + 1 < len(words):
            k += 1
        pronoun = _relative_pronoun(words, k)
        if pronoun is None or not has_main_verb(words, pronoun + 1, min(len(words), pronoun + 14)):
            continue
        close = _relative_end(words, k)
        if close is None:
            return words[i].start, words[k].start, end, end
        return words[i].start, words[k].start, words[close].start, words[close].end + 1
    return None


def _relative_pronoun(words: list[Word], k: int) -> int | None:
    """Where the pronoun of a relative that opens at k stands: `which …`, `in which …`, `two of whom …`."""
    if words[k].lower in RELATIVES:
        return k
    if words[k].lower in grammar().prepositions and k + 1 < len(words):
        return k + 1 if words[k + 1].lower in {"which", "whom"} else None
    for j in range(k + 1, min(len(words) - 1, k + 4)):
        if words[j].lower == "of" and words[j + 1].lower in {"which", "whom"}:
            return j + 1
    return None


def _relative_end(words: list[Word], k: int) -> int | None:
    """The comma or dash after which the main clause goes on with its verb; None: the relative runs to the end."""
    verbs = sum(1 for j in range(1, k) if words[j].is_word and finite_strength(words, j) == 2)
    for j in range(k + 2, len(words) - 1):
        if words[j].text not in ",–—":
            continue
        k = j + 2 if words[j + 1].text in "”’»" else j + 1  # `who calls her “sister,” has left`
        if not verbs and k < len(words) and words[k].is_word and _is_verb_like(words, k):
            return k - 1
        if verbs and words[j].text == "," and words[k].lower in {"and", "but"} and _goes_on(words, k + 1):
            return j
    return None


def _goes_on(words: list[Word], k: int) -> bool:
    """Whether a finite verb without a subject of its own stands at k: after a comma it is the main clause's second."""
    if k + 1 >= len(words) or not words[k].is_word:
        return False
    form = words[k].lower
    return form in grammar().auxiliaries | grammar().pasts or (
        _is_verb_like(words, k) and not starts_clause(words, k, least=2) and not is_adverb(form)
    )


def _is_verb_like(words: list[Word], i: int) -> bool:
    if (words[i].lower in {"also", "then", "later", "now"} or is_adverb(words[i].lower)) and i + 1 < len(words):
        i += 1
    return is_verb_form(words[i].lower)


def _cut(view: str, words: list[Word], end: int, *, joined: bool, reported: bool) -> tuple[int, int, int] | None:
    """(end of the left clause, start and end of the right one) at the first place that can be cut."""
    leading = None if joined else _leading_clause(words)
    if leading is not None:
        comma = words[leading]
        return comma.start, comma.end, end
    clause_from = 0
    depth = 0
    for i in range(1, len(words) - 1):
        depth += {"(": 1, ")": -1}.get(words[i].text, 0)
        if depth > 0:
            continue
        if words[i].text == "," and not reported and _is_listed(words, clause_from, i):
            return words[i].start, words[i].end, end
        if words[i].text == ";" and i > 1 and has_main_verb(words, i + 1, len(words)):
            return words[i].start, words[i].end, end
        if words[i].lower in COORDINATORS and _is_coordination(words, clause_from, i, reported=reported):
            return _left_end(words, i), words[i].start, end
        if words[i].lower in SUBORDINATORS and _is_subordinate(view, words, i):
            back = _BACK_TO_MAIN.search(view, words[i].end, end)
            return _left_end(words, i), words[i].start, back.start() if back else end
        if words[i].lower in grammar().stops and words[i].lower not in {"to", "that"} and words[i + 1].is_word:
            clause_from = i
    return None


def _leading_clause(words: list[Word]) -> int | None:
    """`While A is so, B`: the comma that ends the leading clause."""
    if words[0].lower not in _LEADING:
        return None
    for i in range(2, len(words) - 2):
        if words[i].text == "," and has_main_verb(words, 1, i):
            return i if starts_clause(words, i + 1, least=1) else None
    return None


def _left_end(words: list[Word], i: int) -> int:
    while i > 1 and (words[i - 1].text == "," or words[i - 1].lower in {"especially", "particularly", "only"}):
        i -= 1
    return words[i].start if i == 0 else words[i - 1].end


def _is_coordination(words: list[Word], clause_from: int, i: int, *, reported: bool) -> bool:
    if not (has_main_verb(words, clause_from, i) or _opens_with_verb(words, clause_from)) or _joins_names(words, i):
        return False
    if words[i].lower in {"so", "yet", "or", "nor"} and words[i - 1].text != ",":
        return False
    following = words[i + 1].lower
    if following in {"which", "who", "that"}:
        same = following == "that" or words[0].lower in {"which", "who"}
        return same and has_main_verb(words, i + 2, len(words))
    if starts_clause(words, i + 1, least=2):
        return True
    return words[i].lower in {"and", "but"} and not reported and _continues_verb_phrase(words, clause_from, i)


def _is_listed(words: list[Word], clause_from: int, comma: int) -> bool:
    """`A happened, B happened and C happened`, `opened a port, sold it and left`: the comma stands for a second and."""
    opening = {words[0].lower, words[clause_from].lower}
    if opening & (grammar().stops | SUBORDINATORS | {"given"}) or not has_main_verb(words, clause_from, comma, least=2):
        return False
    closer = next((j for j in range(comma + 2, len(words) - 1) if words[j].lower in {"and", "but"}), None)
    if closer is None or any(words[j].lower in grammar().stops - {"to"} for j in range(clause_from, closer)):
        return False
    if starts_clause(words, comma + 1, least=2):
        return has_main_verb(words, comma + 1, closer, least=2) and starts_clause(words, closer + 1, least=2)
    return _continues_verb_phrase(words, clause_from, comma) and _continues_verb_phrase(words, clause_from, closer)


def _joins_names(words: list[Word], i: int) -> bool:
    """`Tormo and the Lake States signed`, `her daughter and son were`: with no comma, two names are one subject."""
    if words[i].lower == "and" and words[i - 1].is_word and i + 2 < len(words) and words[i + 2].lower in _PLURAL:
        noun = words[i + 1].lower
        single = noun.isalpha() and not noun.endswith("s") and noun not in grammar().pronouns | grammar().determiners
        if single and noun not in _COLLECTIVE and not is_verb_form(noun):
            return True
    k = i + 2 if words[i + 1].lower == "the" else i + 1
    return words[i - 1].text[0].isupper() and k < len(words) and words[k].text[0].isupper() and words[i].lower == "and"


def starts_clause(words: list[Word], i: int, least: int) -> bool:
    """A noun phrase and then a finite verb, before any comma, relative or infinitive comes between."""
    g = grammar()
    if i < len(words) and words[i].lower in {"then", "now", "later", "also", "even", "still"}:
        i += 1
    i = _past_adjunct(words, i)
    while i < len(words) and words[i].text in '“‘«"':
        i += 1
    if i >= len(words) or (
        words[i].lower in g.auxiliaries and not words[i].lower.endswith(("'s", "'re", "'ve", "'m", "'ll", "'d"))
    ):
        return False
    if (
        i < len(words)
        and words[i].lower.endswith(("'s", "'re", "'ve", "'m", "'ll", "'d"))
        and words[i].lower in g.auxiliaries
    ):
        return True
    aside = 0
    for j in range(i, min(len(words), i + 14)):
        word = words[j]
        if word.text == "," and j > i:
            aside = aside or _aside_end(words, j)
        if j <= aside:
            continue
        if (
            word.lower in g.stops | SUBORDINATORS
            or (not word.is_word and word.text not in '“”‘’«»"()\ue000')
            or (word.lower in {"and", "or"} and j == i)
        ):
            return False
        if word.is_word and j > i and finite_strength(words, j) >= least:
            return True
    return False


def _aside_end(words: list[Word], comma: int) -> int:
    """`the plan, for example, is`: the place of the comma that closes an aside of at most three words, or 0."""
    for j in range(comma + 2, min(len(words), comma + 5)):
        if words[j].text == ",":
            return j
    return 0


def _past_adjunct(words: list[Word], i: int) -> int:
    """`after the flood, Tormo …`: a short prepositional opening that a comma ends is passed over."""
    if i < len(words) and words[i].lower in grammar().prepositions:
        for j in range(i + 1, min(len(words), i + 8)):
            if words[j].text == ",":
                return j + 1
    return i


def _continues_verb_phrase(words: list[Word], clause_from: int, i: int) -> bool:
    """`opened a port and later sold it`: a second finite verb with an object of its own, same subject."""
    if any(words[j].lower in {"that", "to", "which", "who", "where"} for j in range(clause_from, i)):
        return False
    adverb = is_adverb(words[i + 1].lower) or words[i + 1].lower in {"also", "then", "later", "often"}
    k = i + 2 if adverb else i + 1
    verb = clause_from if _opens_with_verb(words, clause_from) else first_finite(words, clause_from, i)
    if verb is None or k + 1 >= len(words) or i - verb < 2 or not words[k + 1].is_word:
        return False
    main = [words[j].lower for j in range(verb, i) if j == verb or not words[j].text[0].isupper()]
    return _is_same_form(main, words[k].lower, words[k + 1].lower)


def _opens_with_verb(words: list[Word], clause_from: int) -> bool:
    """`sold the warehouse`: what is left of a list of verb phrases once the first was cut off."""
    return clause_from == 0 and words[0].text[0].islower() and is_verb_form(words[0].lower)


def _is_same_form(main: list[str], form: str, after: str) -> bool:
    """Whether a verb form can go on after the words from the main verb on: past after past, base after a modal."""
    g = grammar()
    if form in g.auxiliaries or form in g.pasts:
        return True
    if any(word in g.modals for word in main):
        return form in g.verbs
    if main[0] in g.verbs and form in g.verbs:
        return after not in g.prepositions | g.stops | g.auxiliaries
    if base_of_third_person(form) is not None:
        return any(base_of_third_person(word) or word in {"is", "has"} for word in main)
    passive = main[0] in {"was", "were", "is", "are", "been", "be"}
    past = form in g.ambiguous_pasts or (form.endswith("ed") and len(form) > 4)
    return past and not passive and after != "by"


def _is_subordinate(view: str, words: list[Word], i: int) -> bool:
    word, before = words[i], words[i - 1]
    if word.lower == "as" and before.lower in _NOT_AS:
        return False
    if (
        word.lower == "as"
        and i + 1 < len(words)
        and words[i + 1].lower in {"well", "part", "of", "for", "to", "if", "though"}
    ):
        return False
    left = view[words[0].start : before.end]
    if word.lower == "after" and (_MEASURED.search(left) or _PLACED.search(left)):
        return False
    if not has_main_verb(words, 0, i, least=2 if before.text != "," else 1):
        return False
    return starts_clause(words, i + 1, least=2 if word.lower in {"as", "after"} else 1)
