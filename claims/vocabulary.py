"""The closed lists of words that codebooks, tables and answers share, plain Python: each stands here once."""

from __future__ import annotations

# kind of question -> the levels of measurement it can have; the first is what it has when none is written
LEVELS_OF_KIND: dict[str, tuple[str, ...]] = {
    "nominal": ("nominal",),
    "ordinal": ("ordinal",),
    "interval": ("interval", "ratio"),
    "set": ("set",),
    "span": ("none",),
    "chain": ("none",),
    "evidence": ("none",),
    "relation": ("nominal",),
    "text": ("none",),
}
QUESTION_KINDS = tuple(LEVELS_OF_KIND)
LEVELS = ("nominal", "ordinal", "interval", "ratio", "set", "none")
UNIT_KINDS = (
    "segment",
    "claim_occurrence",
    "claim",
    "article",
    "article_part_claim",
    "outlet",
    "outlet_criterion",
    "claim_pair",
    "claim_target",
    "claim_evidence",
)
# Why there is no value. Never mixed with values.
MISSING_REASONS = ("cannot_judge", "not_applicable", "conflict_of_interest")
# What a piece of evidence does to the claim.
RELATIONS = ("supports", "refutes", "neither")
# What a row of a table can say of an article; the columns that hold them are told in claims/importing/readers.
ARTICLE_FIELDS = ("text", "title", "url", "outlet", "author", "published_at", "language", "content_warnings")
