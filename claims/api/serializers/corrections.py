"""Correcting claims: what a program sends for each step, and how the claims stand afterwards."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Id, Line, Shape, Whole, Word
from claims.lifecycle import OCCURRENCE
from claims.models.claim import ATTRIBUTION_PRESENCE, HOP_ACTS, HOP_MODES, WORDING_CHECKS
from claims.models.correction import CORRECTION_STATES
from claims.splitting.correcting import DROP_REASONS, MOST_HOPS, MOST_WORDING
from claims.splitting.desk import MOST_PIECES

MOST_POSITION = 2_000_000
PIECES = "Places in the newest text: [[start, end], ...] in code points, end exclusive."


class Place(serializers.ListField):
    child = Whole(min_value=0, max_value=MOST_POSITION)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_length=2, max_length=2, **kwargs)


class Places(serializers.ListField):
    child = Place()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_length=1, max_length=MOST_PIECES, help_text=PIECES, **kwargs)


class NewPlaces(Shape):
    pieces = Places()


class OneStanding(Shape):
    occurrence = Id(help_text="The claim's place in this article.")
    version = Whole(min_value=1, max_value=2**31 - 1, help_text="The version that you saw; 409 when another stands.")


class MovedBoundaries(OneStanding):
    pieces = Places()


class SplitPlace(OneStanding):
    at = Whole(min_value=0, max_value=MOST_POSITION, help_text="Where the second claim begins, in code points.")


class Merged(Shape):
    claims = serializers.ListField(child=OneStanding(), min_length=2, max_length=20)


class Dropped(OneStanding):
    reason = Word(list(DROP_REASONS))
    note = Line(required=False, default="", allow_blank=True, max_length=300)


class Worded(OneStanding):
    wording = Line(allow_blank=True, max_length=MOST_WORDING, help_text="Empty: the quote is clear enough.")
    checks = serializers.ListField(
        child=Word(WORDING_CHECKS), required=False, default=list, max_length=3, help_text="All three for a wording."
    )


class NewHop(Shape):
    source_text = Line(required=False, default="", allow_blank=True, max_length=500)
    source_start = Whole(required=False, min_value=0, max_value=MOST_POSITION)
    source_end = Whole(required=False, min_value=0, max_value=MOST_POSITION)
    cue_text = Line(required=False, default="", allow_blank=True, max_length=500)
    cue_start = Whole(required=False, min_value=0, max_value=MOST_POSITION)
    cue_end = Whole(required=False, min_value=0, max_value=MOST_POSITION)
    mode = Word(HOP_MODES, default="indirect")
    act = Word(HOP_ACTS, default="statement")


class NewChain(OneStanding):
    hops = serializers.ListField(child=NewHop(), max_length=MOST_HOPS, help_text="The original speaker first.")
    attribution = Word(ATTRIBUTION_PRESENCE, required=False, default="", allow_blank=True)


class LastStep(Shape):
    step = Whole(required=False, min_value=1, max_value=2**31 - 1, help_text="The step you saw as the last one.")


class AcceptedKeys(Shape):
    keys = serializers.ListField(
        child=Line(max_length=1_000),
        required=False,
        max_length=2_000,
        help_text="Keys of the proposal; without them everything that touches nobody's work.",
    )


class Unlocked(Shape):
    reason = Line(max_length=300)


class ClaimState(serializers.Serializer[Any]):
    occurrence = serializers.IntegerField()
    version = serializers.IntegerField(help_text="Send it with the next change of this claim.")
    state = serializers.ChoiceField(OCCURRENCE.states)
    verbatim = serializers.CharField()
    wording = serializers.CharField()
    pieces = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))


class StepShape(serializers.Serializer[Any]):
    step = serializers.IntegerField(allow_null=True, help_text="What undo would take back now; null: nothing.")
    claims = ClaimState(many=True)


class CorrectionRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    n = serializers.IntegerField(help_text="Steps of an article are numbered.")
    verb = serializers.CharField()
    state = serializers.ChoiceField(CORRECTION_STATES)
    created_at = serializers.DateTimeField()


class DifferenceShape(serializers.Serializer[Any]):
    key = serializers.CharField()
    kind = serializers.ChoiceField(("kept", "changed", "added", "gone"))
    occurrence = serializers.IntegerField(allow_null=True)
    before = serializers.CharField(source="before.verbatim", default=None, allow_null=True)
    after = serializers.CharField(source="after.verbatim", default=None, allow_null=True)
    n_answers = serializers.IntegerField(help_text="Answers that would be asked again.")
    is_safe = serializers.BooleanField(help_text="Touches neither answers nor what a person corrected.")


class ProposalShape(serializers.Serializer[Any]):
    splitter = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    changes = DifferenceShape(many=True)


class LockShape(serializers.Serializer[Any]):
    locked = serializers.IntegerField(help_text="How many articles are locked by this.")


class FlowShape(serializers.Serializer[Any]):
    imported = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    failed = serializers.IntegerField()
    excluded = serializers.DictField(child=serializers.IntegerField(), help_text="By reason.")
    retracted = serializers.IntegerField()
    split = serializers.IntegerField()
    locked = serializers.IntegerField()
    claims = serializers.DictField(child=serializers.IntegerField(), help_text="By state.")
    dropped = serializers.DictField(child=serializers.IntegerField(), help_text="By reason.")
    rounds = serializers.ListField(child=serializers.DictField(), help_text="Drawn from what, how, with which seed.")
