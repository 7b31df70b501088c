"""A refusal in the language of whoever reads it. The API answers in English: its readers go by the code."""

from __future__ import annotations

from django.utils.translation import gettext

from claims.errors import Problem, Refused, Sentence


def said(sentence: str) -> str:
    """The sentence in the language of this request, with what fills it; English where it has no translation."""
    if not isinstance(sentence, Sentence):
        return gettext(sentence) if sentence else ""
    filled = {name: said(part) if isinstance(part, Sentence) else part for name, part in sentence.filled.items()}
    return gettext(sentence.msgid).format(**filled)


def refusal_said(refusal: Refused) -> Refused:
    """The refusal as it is shown: of several problems, their sentences one after the other."""
    problems = [Problem(one.field, one.code, said(one.sentence)) for one in refusal.problems]
    is_sum = bool(problems) and refusal.sentence == " ".join(one.sentence for one in refusal.problems)
    sentence = " ".join(one.sentence for one in problems) if is_sum else said(refusal.sentence)
    return Refused(refusal.code, sentence, status=refusal.status, problems=problems, current=refusal.current)
