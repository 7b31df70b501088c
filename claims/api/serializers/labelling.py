"""What a reviewer gets and sends. Nothing here carries anything of what others answered."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Id, Line, Shape, Text, Values, Whole
from claims.api.serializers.sources import AnchorShape, HopShape, SegmentShape
from claims.models.claim import STRENGTHS
from claims.models.label import EVENT_KINDS
from claims.values.erasable import bare
from claims.vocabulary import RELATIONS

ANSWERS = "By question code: a choice, a list of choices, a list of sources, a number, or {“missing”: reason}."


class NextUnit(serializers.Serializer[Any]):
    unit = serializers.IntegerField(source="unit_id", allow_null=True, help_text="null: nothing is left for you here.")
    codebook_version = serializers.IntegerField()
    reserved_until = serializers.DateTimeField(source="expires_at", allow_null=True)


class Masthead(serializers.Serializer[Any]):
    """The head of the article, as far as the round shows it."""

    headline = serializers.CharField()
    outlet = serializers.CharField(allow_null=True)
    byline = serializers.CharField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField(allow_null=True)


class SayingShape(serializers.Serializer[Any]):
    words = serializers.CharField()
    voice = serializers.CharField()


class SurveyShape(serializers.Serializer[Any]):
    """A sample of what an outlet publishes, in a round that hides which outlet it is."""

    country = serializers.CharField()
    headlines = serializers.ListField(child=serializers.CharField())
    claims = SayingShape(source="sayings", many=True)


class FoundShape(serializers.Serializer[Any]):
    """A source that somebody else submitted for the unit, in a round that shares evidence."""

    url = serializers.CharField()
    quote = serializers.CharField()
    title = serializers.CharField()
    outlet = serializers.CharField()
    published = serializers.CharField(help_text="A day, 2026-03-14, or empty.")


class ShownShape(FoundShape):
    """A piece of evidence to judge by; not who brought it, nor which way they read it."""

    question = serializers.CharField()
    answer = serializers.CharField()
    copy = serializers.CharField(help_text="The key of the page that was kept, or empty.")
    screenshot = serializers.CharField(help_text="The key of the picture that was kept, or empty.")


class UnitShape(serializers.Serializer[Any]):
    round = serializers.IntegerField(source="round.pk")
    unit = serializers.IntegerField(source="unit.pk")
    kind = serializers.CharField(source="unit.kind")
    state = serializers.CharField(source="assignment.state")
    codebook_version = serializers.IntegerField(source="round.codebook_version_id")
    claim = serializers.CharField()
    text = serializers.CharField()
    language = serializers.CharField()
    article = Masthead(source="masthead", allow_null=True)
    segments = SegmentShape(many=True)
    spans = AnchorShape(many=True)
    hops = HopShape(many=True)
    outlet = serializers.CharField(source="outlet.name", default=None, allow_null=True)
    survey = SurveyShape(allow_null=True)
    questions = serializers.ListField(
        source="spec.document.questions", child=serializers.DictField(), help_text="As in the codebook's document."
    )
    pool = FoundShape(many=True, help_text="Sources of others, where the round shares them; not how they were read.")
    checked = ShownShape(many=True, help_text="The evidence to judge by, in a round that checks another one's.")
    content_warnings = serializers.ListField(
        child=serializers.CharField(), source="warnings", help_text="Topics to be asked about before it is read."
    )
    draft = serializers.DictField()
    draft_seq = serializers.IntegerField()
    submitted = serializers.SerializerMethodField(help_text="Your own standing answers; empty before you submit.")
    done = serializers.IntegerField(help_text="How many units of this round you have submitted.")

    def get_submitted(self, found: Any) -> dict[str, Any]:
        return found.submitted and {**found.submitted, "answers": without_row_ids(found.submitted["answers"])}


class NewEvidence(Shape):
    url = Line(required=False, default="", allow_blank=True, max_length=2000)
    title = Line(required=False, default="", allow_blank=True, max_length=500)
    quote = Text(required=False, default="")
    question = Text(required=False, default="")
    answer = Text(required=False, default="")
    relation = Line(max_length=16, help_text=f"One of {', '.join(RELATIONS)}.")
    strength = Line(
        required=False, default="", allow_blank=True, max_length=16, help_text=f"One of {', '.join(STRENGTHS)}."
    )
    source_kind = Line(required=False, default="", allow_blank=True, max_length=32)
    independence = Line(required=False, default="", allow_blank=True, max_length=32)
    outlet = Line(required=False, default="", allow_blank=True, max_length=200)
    published = Line(required=False, default="", allow_blank=True, max_length=10, help_text="A day, 2026-03-14.")
    copy = Line(required=False, default="", allow_blank=True, max_length=32, help_text="The key of your copy.")
    screenshot = Line(required=False, default="", allow_blank=True, max_length=32, help_text="The key of yours.")


class NewLabel(Shape):
    codebook_version = Id(help_text="The version you answered.")
    answers = Values(help_text=ANSWERS)
    notes = serializers.DictField(child=Text(), default=dict, help_text="Free text by question code, or “note”.")
    evidence = serializers.ListField(child=NewEvidence(), default=list, max_length=50)
    seconds = Whole(required=False, allow_null=True, default=None, min_value=0, max_value=2**31 - 1)


class ReceiptShape(serializers.Serializer[Any]):
    unit = serializers.IntegerField()
    seq = serializers.IntegerField(help_text="Counts your own events in the project.")
    saved_at = serializers.DateTimeField()
    repeated = serializers.BooleanField(help_text="It was stored before, under the same Idempotency-Key.")
    unchanged = serializers.BooleanField(help_text="A correction that says what stood already: nothing was stored.")


class NewDraft(Shape):
    payload = Values()
    client_seq = Whole(
        min_value=0, max_value=2**63 - 1, help_text="Counts up; an older draft never replaces a newer one."
    )


class DraftReceipt(serializers.Serializer[Any]):
    kept = serializers.BooleanField(help_text="false: a newer draft is there already, and stays.")


class NewSkip(Shape):
    reason = Line(max_length=200)


class OwnLabel(serializers.Serializer[Any]):
    seq = serializers.IntegerField()
    kind = serializers.ChoiceField(EVENT_KINDS)
    round = serializers.IntegerField(source="round_id")
    unit = serializers.IntegerField(source="unit_id")
    answers = serializers.SerializerMethodField()
    notes = serializers.SerializerMethodField()
    seconds = serializers.IntegerField(allow_null=True)
    saved_at = serializers.DateTimeField(source="created_at")

    def get_answers(self, event: Any) -> dict[str, Any]:
        return without_row_ids(bare(event.answers))

    def get_notes(self, event: Any) -> dict[str, str]:
        text = getattr(event, "text", None)
        return text.content if text else {}


def without_row_ids(answers: dict[str, Any]) -> dict[str, Any]:
    """Ids of evidence count over everybody's evidence, so they would tell how much others brought (INV-4)."""
    return {code: {name: _bare(value) for name, value in answer.items()} for code, answer in answers.items()}


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [{k: v for k, v in item.items() if k != "id"} if isinstance(item, dict) else item for item in value]
    return value
