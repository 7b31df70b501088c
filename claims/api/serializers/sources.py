"""Articles, claims and jobs."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Line, Shape, Text, Truth, Whole, Word
from claims.api.serializers.entries import ExternalVerdictShape, SourceShape
from claims.lifecycle import ARTICLE, JOB, OCCURRENCE
from claims.models.article import DATE_SOURCES, SEGMENT_ROLES
from claims.models.claim import ANCHOR_STATES, ATTRIBUTION_PRESENCE, HOP_ACTS, HOP_MODES, ORIGINS


class OutletName(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class ArticleRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    headline = serializers.CharField()
    byline = serializers.CharField()
    url = serializers.CharField()
    outlet = OutletName(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    published_how = serializers.ChoiceField(DATE_SOURCES, help_text="How the date is known.")
    language = serializers.CharField()
    state = serializers.ChoiceField(ARTICLE.states)
    created_at = serializers.DateTimeField()


class SegmentShape(serializers.Serializer[Any]):
    n = serializers.IntegerField()
    start = serializers.IntegerField(help_text="Code points from the start of the text.")
    end = serializers.IntegerField(help_text="Exclusive.")
    role = serializers.ChoiceField(SEGMENT_ROLES)
    language = serializers.CharField()


class TextShape(serializers.Serializer[Any]):
    n = serializers.IntegerField(help_text="Version of the text.")
    text = serializers.CharField()
    length = serializers.IntegerField(help_text="Code points.")
    sha256 = serializers.CharField()
    segments = SegmentShape(many=True, source="segments_in_order")


class NearDuplicate(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="article.pk")
    headline = serializers.CharField(source="article.headline")
    outlet = OutletName(source="article.outlet", allow_null=True)
    nearest = serializers.IntegerField(source="nearest_id", allow_null=True, help_text="The earlier one it is likest.")
    likeness = serializers.FloatField(allow_null=True, help_text="Jaccard of its word triples and the nearest one's.")


class NewTakedown(Shape):
    reason = Line(max_length=2_000, help_text="Stays in place of the article.")
    with_claims = Truth(default=False, help_text="Also the sentences that its claims quote, and who they name.")


class ArticleShape(ArticleRow):
    state_reason = serializers.CharField()
    content_sha256 = serializers.CharField()
    newest_text = TextShape(allow_null=True)
    near_duplicates = NearDuplicate(many=True, help_text="At most 50, the first published first.")


class NewArticle(Shape):
    text = Text(help_text="The article, at most 1,000,000 characters.")
    title = Line(required=False, default="", allow_blank=True, max_length=500)
    url = Line(required=False, default="", allow_blank=True, max_length=2000)
    outlet = Line(required=False, default="", allow_blank=True, max_length=200, help_text="The publisher's name.")


class JobShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(JOB.states)
    reason = serializers.CharField(help_text="Stable code; empty while all is well.")
    sentence = serializers.CharField(help_text="The reason, for a person.")
    counts = serializers.DictField(child=serializers.IntegerField())
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    heartbeat_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    cancel_requested_at = serializers.DateTimeField(allow_null=True)


class JobErrorShape(serializers.Serializer[Any]):
    member = serializers.CharField(help_text="The file inside an archive, or the name of the file.")
    line = serializers.IntegerField(allow_null=True)
    code = serializers.CharField()
    sentence = serializers.CharField()


class ClaimRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    text = serializers.CharField()
    checkworthiness = serializers.FloatField(allow_null=True, help_text="0 to 1; null: not scored.")
    created_at = serializers.DateTimeField()
    retracted_at = serializers.DateTimeField(allow_null=True)


class AnchorShape(serializers.Serializer[Any]):
    text_version = serializers.IntegerField(source="text_version.n")
    piece = serializers.IntegerField()
    start = serializers.IntegerField(help_text="Code points from the start of the text.")
    end = serializers.IntegerField(help_text="Exclusive; text[start:end] is exact.")
    exact = serializers.CharField()
    state = serializers.ChoiceField(ANCHOR_STATES)


class HopShape(serializers.Serializer[Any]):
    n = serializers.IntegerField(help_text="0 is the original speaker.")
    source_text = serializers.CharField()
    source_start = serializers.IntegerField(allow_null=True)
    source_end = serializers.IntegerField(allow_null=True)
    cue_text = serializers.CharField()
    cue_start = serializers.IntegerField(allow_null=True)
    cue_end = serializers.IntegerField(allow_null=True)
    mode = serializers.ChoiceField(HOP_MODES)
    act = serializers.ChoiceField(HOP_ACTS)
    source_kind = serializers.CharField()


class OccurrenceVersionShape(serializers.Serializer[Any]):
    n = serializers.IntegerField()
    verbatim = serializers.CharField()
    wording = serializers.CharField(help_text="Understandable alone; empty: same as verbatim.")
    segment_role = serializers.CharField()
    attribution = serializers.ChoiceField(ATTRIBUTION_PRESENCE)
    kinds = serializers.ListField(child=serializers.CharField())
    hedges = serializers.ListField(child=serializers.CharField())
    checkworthiness = serializers.FloatField(allow_null=True)
    checkworthiness_reasons = serializers.ListField(child=serializers.CharField())
    origin = serializers.ChoiceField(ORIGINS)
    splitter = serializers.CharField()
    anchors = AnchorShape(many=True)
    hops = HopShape(many=True)


class OccurrenceArticle(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    headline = serializers.CharField()
    outlet = OutletName(allow_null=True)


class OccurrenceShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    article = OccurrenceArticle()
    position = serializers.IntegerField(help_text="Where it begins in the article, for reading order.")
    state = serializers.ChoiceField(OCCURRENCE.states)
    newest = OccurrenceVersionShape(allow_null=True)


class ClaimShape(ClaimRow):
    occurrences = OccurrenceShape(many=True, source="occurrences_in_order")
    sources = SourceShape(many=True, source="sources_in_order", help_text="Where it was said outside of articles.")
    external_verdicts = ExternalVerdictShape(
        many=True, source="verdicts_shown", help_text="What others judged; empty for those who may not see results."
    )


class Excluded(Shape):
    reason = Line(max_length=300, help_text="The flow of the project counts by it.")


class Filed(Shape):
    outlet = Line(max_length=200, allow_blank=True, help_text="The publisher's name; empty: not known.")


class NewBlock(Shape):
    n = Whole(min_value=0, max_value=2**31 - 1, help_text="The block's number in the newest text.")
    role = Word(SEGMENT_ROLES, required=False, allow_null=True, default=None)
    language = Line(required=False, default="", allow_blank=True, max_length=35, help_text="Code, such as en.")


class NewBlocks(Shape):
    blocks = serializers.ListField(child=NewBlock(), min_length=1, max_length=200)


class BlocksShape(serializers.Serializer[Any]):
    blocks = SegmentShape(many=True)


class NewAddresses(Shape):
    urls = serializers.ListField(
        child=Line(max_length=2000), min_length=1, max_length=1000, help_text="Articles, feeds or sitemaps."
    )
    outlet = Line(required=False, default="", allow_blank=True, max_length=200, help_text="The publisher's name.")
