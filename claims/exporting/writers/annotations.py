"""Claims and who says them, marked in the text: W3C Web Annotation, brat standoff, and one token a line.

Offsets count Unicode code points, as everywhere in a release; brat counts so too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from claims.exporting.writers.document import CONTEXT, TEXTS, Document, Entries, Part, Record
from claims.exporting.writers.jsonl import encode_json
from claims.exporting.writers.zipped import GrowingZip

TOKEN = re.compile(r"\w+|[^\w\s]")
CONFIGURATION = """[entities]
Claim
Source
Cue

[relations]
Attributed_to\tArg1:Claim, Arg2:Source
Cued_by\tArg1:Claim, Arg2:Cue

[events]

[attributes]
"""


def settled_choices(claim: Record) -> dict[str, str]:
    """{question: choice} of what was settled about a claim; of two rounds the later one counts."""
    return {
        question: found["value"]
        for settled in claim["settled"]
        for question, found in sorted(settled.items())
        if found["outcome"] == "answer" and isinstance(found["value"], str)
    }


def sound_pieces(claim: Record, text: str) -> list[tuple[int, int]]:
    """(start, end) of the pieces that say what the text says there: a damaged one is not passed on."""
    return [(start, end) for start, end, exact in claim["pieces"] if exact and text[start:end] == exact]


def spans_of_hop(hop: Record, text: str) -> Iterator[tuple[str, int, int]]:
    """("Source" or "Cue", start, end) where the text says it; who is only named elsewhere has no place in it."""
    for kind in ("source", "cue"):
        start, end = hop[f"{kind}_start"], hop[f"{kind}_end"]
        if start is not None and text[start:end] == hop[kind]:
            yield kind.capitalize(), start, end


def _annotations(record: Record) -> Iterator[str]:
    text = record["text"]
    source = record["url"] or f"urn:attest:article:{record['article']}"
    for claim in record["claims"]:
        targets = [
            {"source": source, "selector": _selectors(text, start, end)} for start, end in sound_pieces(claim, text)
        ]
        if not targets:
            continue
        bodies = [{"type": "TextualBody", "purpose": "describing", "value": claim["wording"]}]
        for question, choice in settled_choices(claim).items():
            bodies.append({"type": "TextualBody", "purpose": "tagging", "value": f"{question}: {choice}"})
        place = f"{claim['occurrence']}.{claim['version']}.{record['text_version']}"
        yield encode_json(
            {
                "id": f"urn:attest:claim:{place}",
                "type": "Annotation",
                "motivation": "identifying",
                "body": bodies,
                "target": targets,
            }
        )


def _selectors(text: str, start: int, end: int) -> list[dict[str, Any]]:
    quote = {"exact": text[start:end], "prefix": text[max(0, start - CONTEXT) : start], "suffix": text[end:][:CONTEXT]}
    return [{"type": "TextPositionSelector", "start": start, "end": end}, {"type": "TextQuoteSelector", **quote}]


def _web_annotations() -> Entries:
    opening = (
        '{"@context":"http://www.w3.org/ns/anno.jsonld","id":"urn:attest:claims","type":"AnnotationPage","items":[\n'
    )
    return Entries(_annotations, opening, ",\n", "\n]}\n")


class _Brat:
    """A zip with a text, its annotations beside it, and the configuration brat wants."""

    def __init__(self) -> None:
        self._zip = GrowingZip()
        self._questions: dict[str, set[str]] = {}
        self.rows = 0

    def head(self) -> bytes:
        return b""

    def row(self, values: Record) -> bytes:
        name = f"article-{values['article']}-{values['text_version']}"
        self._zip.add(f"{name}.txt", values["text"])
        self._zip.add(f"{name}.ann", "".join(self._lines(values)))
        self.rows += 1
        return self._zip.take()

    def end(self) -> bytes:
        attributes = [
            f"{name}\tArg:Claim, Value:{'|'.join(sorted(of))}\n" for name, of in sorted(self._questions.items())
        ]
        self._zip.add("annotation.conf", CONFIGURATION + "".join(attributes))
        return self._zip.close()

    def _lines(self, record: Record) -> Iterator[str]:
        text, marks, relations, attributes = record["text"], 0, 0, 0
        for claim in record["claims"]:
            pieces = sound_pieces(claim, text)
            if not pieces:
                continue
            marks += 1
            said = f"T{marks}"
            yield _mark(said, "Claim", text, pieces)
            yield f"#{marks}\tAnnotatorNotes {said}\t{' '.join(claim['wording'].split())}\n"
            for question, choice in settled_choices(claim).items():
                attributes += 1
                self._questions.setdefault(question, set()).add(choice)
                yield f"A{attributes}\t{question} {said} {choice}\n"
            for hop in claim["hops"]:
                for kind, start, end in spans_of_hop(hop, text):
                    marks, relations = marks + 1, relations + 1
                    yield _mark(f"T{marks}", kind, text, [(start, end)])
                    relation = "Attributed_to" if kind == "Source" else "Cued_by"
                    yield f"R{relations}\t{relation} Arg1:{said} Arg2:T{marks}\n"


def _mark(name: str, kind: str, text: str, pieces: list[tuple[int, int]]) -> str:
    """brat wants no line break inside a piece: it is cut there, and the words are joined by blanks."""
    cut = [
        (start + found.start(), start + found.end())
        for start, end in pieces
        for found in re.finditer(r"[^\n]*[^\n\s]", text[start:end])
    ]
    spans = ";".join(f"{start} {end}" for start, end in cut)
    return f"{name}\t{kind} {spans}\t{' '.join(text[start:end] for start, end in cut)}\n"


def _tokens(record: Record) -> Iterator[str]:
    """One article: number, token, start, end, claim, source, cue. B-7 begins claim 7, I-7 goes on; _ is none."""
    text = record["text"]
    marked: dict[str, list[tuple[int, int, int]]] = {"claim": [], "source": [], "cue": []}
    for claim in record["claims"]:
        name = claim["occurrence"]
        marked["claim"] += [(start, end, name) for start, end in sound_pieces(claim, text)]
        for hop in claim["hops"]:
            for kind, start, end in spans_of_hop(hop, text):
                marked[kind.lower()].append((start, end, name))
    lines = [f"# newdoc id = article-{record['article']}-{record['text_version']}\n"]
    for block in re.finditer(r"[^\n]+", text):
        tokens = list(TOKEN.finditer(block.group()))
        for n, token in enumerate(tokens, 1):
            start, end = block.start() + token.start(), block.start() + token.end()
            tags = [_tag(marked[kind], start, end) for kind in ("claim", "source", "cue")]
            lines.append("\t".join([str(n), token.group(), str(start), str(end), *tags]) + "\n")
        lines += ["\n"] if tokens else []
    yield "".join(lines)


def _tag(spans: list[tuple[int, int, int]], start: int, end: int) -> str:
    """Claims may overlap: a token inside two has both, with | between."""
    inside = [(from_, name) for from_, to, name in spans if from_ < end and start < to]
    # A piece begins at its first token, which may start before the piece does.
    return "|".join(f"{'B' if start <= from_ else 'I'}-{name}" for from_, name in inside) or "_"


WEB_ANNOTATION = Document(
    "W3C Web Annotation (JSON-LD): claims as position and quote selectors",
    (Part("web_annotation.jsonld", TEXTS, _web_annotations),),
)
BRAT = Document("brat standoff (zip): a text and its annotations", (Part("brat.zip", TEXTS, _Brat),))
CONLL = Document(
    "Tokens (TSV): claim, source and cue of each token, like CoNLL",
    (Part("conll.tsv", TEXTS, lambda: Entries(_tokens)),),
)
