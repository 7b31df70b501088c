"""Places that a reviewer marked in a text, plain Python: exact code points, found by words where no offsets came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from claims.errors import Problem

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
            if isinstance(found, str):
                problems.append(Problem(question.code, "words_not_found", f"“{question.title}”: {found}"))
                continue
        if not _has_offsets(found):
            rest.append(found)
        elif found.get("text", text_id) != text_id:
            sentence = f"“{question.title}”: the text was extracted again since you marked it. Mark it once more."
            problems.append(Problem(question.code, "text_changed", sentence))
        elif found["end"] > len(text):
            sentence = f"“{question.title}”: a mark ends at {found['end']}, the text at {len(text)}."
            problems.append(Problem(question.code, "outside_the_text", sentence))
        else:
            placed.append({**found, "text": text_id})
    ordered = sorted(placed, key=lambda span: (span["start"], span["end"], str(span.get("choice", ""))))
    once = [span for n, span in enumerate(ordered) if n == 0 or span != ordered[n - 1]]
    return [*once, *rest], problems


def _has_offsets(span: Any) -> bool:
    return isinstance(span, Mapping) and type(span.get("start")) is int and type(span.get("end")) is int


def _by_words(span: Mapping[str, Any], text: str) -> dict[str, Any] | str:
    """The span with offsets in place of words, or the sentence that says why not."""
    quote, nth = span["quote"], span.get("nth", 1)
    if not isinstance(quote, str) or not quote.strip() or type(nth) is not int or nth < 1:
        return "say which words, and the how many-th place with them if there are several."
    quote, at = quote.strip(), -1
    for _ in range(nth):
        at = text.find(quote, at + 1)
        if at < 0:
            many = f" {nth} times" if nth > 1 else ""
            return f"the text does not hold “{quote[:60]}”{many}. Copy the words exactly."
    kept = {name: value for name, value in span.items() if name not in ("quote", "nth")}
    return {**kept, "start": at, "end": at + len(quote)}
