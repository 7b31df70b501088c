"""Which language a text is in (py3langid, 97 languages)."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import Any

UNKNOWN = "und"
# Where a language is told by: more does not change the answer, and costs time.
_SAMPLE = 2_000
_LETTER = re.compile(r"[^\W\d_]")


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def identify_language(text: str) -> tuple[str, float]:
    """Return (ISO 639-1 code, probability) of the first 2,000 characters; ("und", 0.0) for text without letters."""
    sample = text[:_SAMPLE]
    if len(list(islice(_LETTER.finditer(sample), 3))) < 3:
        return UNKNOWN, 0.0
    code, probability = _identifier().classify(sample)
    return str(code), float(probability)
