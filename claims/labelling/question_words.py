"""What a reviewer reads for the kind of a question and for its unit; codebooks and releases keep the codes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

KIND_WORDS = {
    "nominal": _("choose one"),
    "ordinal": _("choose one step"),
    "interval": _("give a value"),
    "set": _("choose several"),
    "span": _("mark in the text"),
    "chain": _("name who says it, over whom"),
    "evidence": _("list evidence"),
    "relation": _("choose how they relate"),
    "text": _("write"),
}
UNIT_WORDS = {
    "segment": _("each part of a text"),
    "claim_occurrence": _("each claim where it stands"),
    "claim": _("each claim"),
    "article": _("each article"),
    "article_part_claim": _("each claim in each part of an article"),
    "outlet": _("each outlet"),
    "outlet_criterion": _("each criterion of each outlet"),
    "claim_pair": _("each pair of claims"),
    "claim_target": _("each claim and whom it speaks of"),
    "claim_evidence": _("each claim with each piece of evidence"),
}
