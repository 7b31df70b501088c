"""How settled labels are called in the schemes of the field. Where two of ours share a word, something is lost:
`conflicting` and `cherry_picked` are one label in AVeriTeC, a middle one in LIAR, and no information in FEVER."""

from __future__ import annotations

from typing import NamedTuple

AVERITEC = {
    "supported": "Supported",
    "refuted": "Refuted",
    "not_enough_evidence": "Not Enough Evidence",
    "conflicting": "Conflicting Evidence/Cherrypicking",
    "cherry_picked": "Conflicting Evidence/Cherrypicking",
    "conflicting_or_cherrypicked": "Conflicting Evidence/Cherrypicking",
}
AVERITEC_KINDS = {
    "event_property": "Event/Property Claim",
    "numerical": "Numerical Claim",
    "causal": "Causal Claim",
    "quote": "Quote Verification",
    "position": "Position Statement",
}
# The words of the files; the paper writes SUPPORTED, REFUTED, NOTENOUGHINFO.
FEVER = {
    "supported": "SUPPORTS",
    "refuted": "REFUTES",
    "not_enough_evidence": "NOT ENOUGH INFO",
    "conflicting": "NOT ENOUGH INFO",
    "cherry_picked": "NOT ENOUGH INFO",
    "conflicting_or_cherrypicked": "NOT ENOUGH INFO",
}
# LIAR has no word for a claim that could not be decided: such claims are left out there.
LIAR = {
    "supported": "true",
    "refuted": "false",
    "conflicting": "half-true",
    "cherry_picked": "half-true",
    "conflicting_or_cherrypicked": "half-true",
}
FNC1 = {
    "supports": "agree",
    "refutes": "disagree",
    "questions": "discuss",
    "reports": "discuss",
    "unrelated": "unrelated",
}


class Rating(NamedTuple):
    """A rating of ClaimReview: its name, and its value from 1 to 5 where there is one."""

    name: str
    value: int | None


CONFLICTING = Rating("Conflicting evidence / cherry-picked", 3)
CLAIMREVIEW = {
    "supported": Rating("Supported", 5),
    "refuted": Rating("Refuted", 1),
    "not_enough_evidence": Rating("Not enough evidence", None),
    "conflicting": CONFLICTING,
    "cherry_picked": CONFLICTING,
    "conflicting_or_cherrypicked": CONFLICTING,
}
VERDICT = ("verdict",)
STANCE = ("stance", "article_stance")
