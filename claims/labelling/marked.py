"""Places that a reviewer marked in a text, plain Python: exact code points, found by words where no offsets came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from claims.errors import Problem, Sentence

if TYPE_CHECKING:
    from claims.labelling.codebook import QuestionSpec


def place_spans(
    question: QuestionSpec, spans: Sequence[Any], text: str, text_id: int
) -> tuple[list[Any], list[Problem]]:
    """(spans in the order of the text, each once; what is wrong with them).

    A span comes as {"start", "end"} or as {"quote", "nth"?}, the nth place with these words; and with the "choice"
    and, if the sender knows it, the "text" the offsets count in. What is not in shape is passed on as it came.
    """
    placed: list[dict[str, Any]] = []
    rest: list[Any] = []
    problems = []
    for span in spans:
        found: Any = span
        if isinstance(span, Mapping) and "quote" in span:
            found = _by_words(span, text)
            if isinstance(found, Sentence):
                sentence = Sentence("“{title}”: {fault}", title=question.title, fault=found)
                problems.append(Problem(question.code, "words_not_found", sentence))
                continue
        if not _has_offsets(found):
            rest.append(found)
        elif found.get("text", text_id) != text_id:
            sentence = Sentence(
                "“{title}”: the text was extracted again since you marked it. Mark it once more.", title=question.title
            )
            problems.append(Problem(question.code, "text_changed", sentence))
        elif found["end"] > len(text):
            sentence = Sentence(
                "“{title}”: a mark ends at {end}, the text at {length}.",
                title=question.title,
                end=found["end"],
                length=len(text),
            )
            problems.append(Problem(question.code, "outside_the_text", sentence))
        else:
            placed.append({**found, "text": text_id})
    ordered = sorted(placed, key=lambda span: (span["start"], span["end"], str(span.get("choice", ""))))
    once = [span for n, span in enumerate(ordered) if n == 0 or span != ordered[n - 1]]
    return [*once, *rest], problems


def _has_offsets(span: Any) -> bool:
    return isinstance(span, Mapping) and type(span.get("start")) is int and type(span.get("end")) is int


def _by_words(span: Mapping[str, Any], text: str) -> dict[str, Any] | Sentence:
    """The span with offsets in place of words, or the sentence that says why not."""
    quote, nth = span["quote"], span.get("nth", 1)
    if not isinstance(quote, str) or not quote.strip() or type(nth) is not int or nth < 1:
        return Sentence("say which words, and the how many-th place with them if there are several.")
    quote, at = quote.strip(), -1
    for _ in range(nth):
        at = text.find(quote, at + 1)
        if at < 0:
            if nth > 1:
                return Sentence(
                    "the text does not hold “{quote}” {n} times. Copy the words exactly.", quote=quote[:60], n=nth
                )
            return Sentence("the text does not hold “{quote}”. Copy the words exactly.", quote=quote[:60])
    kept = {name: value for name, value in span.items() if name not in ("quote", "nth")}
    return {**kept, "start": at, "end": at + len(quote)}
