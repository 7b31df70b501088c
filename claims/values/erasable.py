"""Names in an answer that can be blanked later, while the hash chain of labels still verifies. Plain Python.

`answers` is as in a label event: {question: {"value": ...}}. One that names people is kept as {"value": [names],
"salt": hex}; hashed of it is only {"digest": SHA-256(salt + JSON of the names)}; blanked, it is
{"value": ["Taken down 1", ...], "digest": hex}, which is hashed alike and names nobody.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

TAKEN_DOWN = "Taken down"  # stands where words stood
BLANKED = re.compile(rf"{TAKEN_DOWN} [1-9]\d*")
KEPT_ASIDE = ("salt", "digest")


def erasable(answers: Mapping[str, Any], questions: Collection[str]) -> dict[str, Any]:
    """The answers as they are stored, each to one of `questions` with a salt of its own."""
    return {
        code: answer | {"salt": secrets.token_hex(16)} if code in questions and "value" in answer else answer
        for code, answer in answers.items()
    }


def hashed(answers: Any) -> Any:
    """What of the answers is hashed. Whatever is not as this module writes it is hashed as it stands."""
    if not isinstance(answers, Mapping):
        return answers
    return {code: _hashed(answer) for code, answer in answers.items()}


def bare(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as they were given."""
    return {
        code: {name: said for name, said in answer.items() if name not in KEPT_ASIDE}
        for code, answer in answers.items()
    }


def blanked(answers: Mapping[str, Any], words: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The answers with those named in `words` replaced; an answer without a salt stays, as its hash covers it."""
    return {
        code: {"value": list(words[code]), "digest": _digest(answer)} if code in words and "salt" in answer else answer
        for code, answer in answers.items()
    }


def stand_in(n: int) -> str:
    return f"{TAKEN_DOWN} {n}"


def _hashed(answer: Any) -> Any:
    if not isinstance(answer, Mapping):
        return answer
    if set(answer) == {"value", "salt"} and isinstance(answer["salt"], str):
        return {"digest": _digest(answer)}
    if set(answer) == {"value", "digest"} and _is_blank(answer["value"]):
        return {"digest": answer["digest"]}
    return answer


def _is_blank(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and BLANKED.fullmatch(one) for one in value)


def _digest(answer: Mapping[str, Any]) -> str:
    written = json.dumps(answer["value"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{answer['salt']}{written}".encode()).hexdigest()
