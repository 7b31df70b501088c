"""How the two demo reviewers answer: from the texts and from `demo.toml`, the same every time, and not always alike."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from claims.labelling.codebook import CodebookSpec

SLIPS = {"ada": 0.05, "ben": 0.18}  # how often each departs from the plain reading

# What both demo reviewers say about every outlet, and where they say that they saw it.
ALIKE = {"bias_frame": "own_country", "sample_read": "enough"}
SITES = "https://observations.example/"


@dataclass(frozen=True)
class Seen:
    """What a reviewer has before them: a claim with who says it, or an outlet."""

    claim: str
    attribution: str = "author_voice"
    speaker: str = ""
    outlet: str = ""


@dataclass
class Reply:
    """What goes to `submit_label`."""

    answers: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    evidence: list[dict[str, str]] = field(default_factory=list)


def reply(spec: CodebookSpec, seen: Seen, who: str, script: Mapping[str, Any]) -> Reply:
    """The answers of `who` (ada or ben) to the round's questions about what is seen."""
    asked = {question.code for question in spec.questions}
    if "outlet_control" in asked:
        found = Reply(answers=_rating(seen.outlet, who, script["ratings"]))
        found.answers |= {code: value for code, value in ALIKE.items() if code in asked}
        found.notes |= {
            code: f"{SITES}{code.removesuffix('_shown').replace('_', '-')}, 2026-03-09"
            for code in asked
            if code.endswith("_shown") and found.answers.get(code.removesuffix("_shown")) in ("pass", "fail")
        }
        return found
    found = Reply()
    if "stance" in asked:
        found.answers["stance"] = _stance(seen, who)
        found.answers["sentence_bias"] = _wording(seen, who, script["wording"]["loaded"])
    _judge(found, asked, seen, who, script["probes"])
    return found


def _rating(outlet: str, who: str, ratings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    rating = next((each for each in ratings if each["outlet"] == outlet), ratings[0])
    return {**rating["ada"], **(rating["ben"] if who == "ben" else {})}


def _stance(seen: Seen, who: str) -> str:
    plain = "supports" if seen.attribution == "author_voice" else "reports"
    if not _slips(who, "stance", seen.claim):
        return plain
    return "questions" if plain == "reports" else "reports"


def _wording(seen: Seen, who: str, loaded: Sequence[str]) -> str:
    is_loaded = any(word in seen.claim for word in loaded)
    return "biased" if is_loaded != _slips(who, "wording", seen.claim) else "not_biased"


def _judge(found: Reply, asked: set[str], seen: Seen, who: str, probes: Sequence[Mapping[str, Any]]) -> None:
    """The verdict, where somebody looked the claim up or the codebook insists on one."""
    probe = next((each for each in probes if each["words"] in seen.claim), None)
    if probe is None and "why" not in asked:
        return
    verdict = probe[who] if probe is not None else "not_enough_evidence"
    found.answers["verdict"] = verdict
    if probe is not None and verdict != "not_enough_evidence":
        found.evidence = [_item(probe), *([_item(probe["second"])] if "second" in probe else [])]
    if "search_note" in asked and verdict == "not_enough_evidence":
        found.notes["search_note"] = "The words of the claim, with the names in it, in the archives of the four papers."
    if "why" in asked:
        found.notes["speaker"] = seen.speaker or "the article"
        found.notes["why"] = _why(probe, verdict)


def _why(probe: Mapping[str, Any] | None, verdict: str) -> str:
    if probe is None or verdict == "not_enough_evidence":
        return "Searched the archives of the four papers and the agency's pages on 20 July; nothing there decides it."
    return str(probe["why"])


def _item(written: Mapping[str, Any]) -> dict[str, str]:
    names = ("relation", "url", "title", "quote")
    return {**{name: written[name] for name in names}, "strength": "strong"}


def _slips(who: str, question: str, claim: str) -> bool:
    """By the claim's words and not by chance, so that every demo is the same."""
    digest = hashlib.sha256(f"{who}/{question}/{claim}".encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32 < SLIPS[who]
