"""Codebooks and rounds."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Id, Line, Shape, Share, Truth, Whole, Word
from claims.api.serializers.talking import OpenVoteShape
from claims.assignment.plan import MOST_ATTEMPTS, MOST_IN_A_SET
from claims.assignment.presets import ROUND_PRESETS
from claims.labelling.codebook import PRESETS
from claims.lifecycle import CODEBOOK_VERSION, ROUND
from claims.models.article import CLAIM_ROLES
from claims.models.project import LEANINGS
from claims.models.round import EVIDENCE_VISIBILITY, ORDERS, PURPOSES

EVIDENCE_WORDS = "private: one's own until the round is settled; pool: shared while labelling, verdicts stay blind."
ROUND_UNITS = ("claim_occurrence", "article", "outlet")


class CodebookRow(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="Id of this version of the codebook.")
    codebook = serializers.CharField(source="codebook.slug")
    name = serializers.CharField(source="codebook.name")
    n = serializers.IntegerField()
    state = serializers.ChoiceField(CODEBOOK_VERSION.states)
    sha256 = serializers.CharField()
    published_at = serializers.DateTimeField(allow_null=True)


class CodebookShape(CodebookRow):
    document = serializers.DictField(help_text="The whole codebook: questions, choices, definitions, conditions.")


class NewCodebook(Shape):
    preset = Word(list(PRESETS), help_text="A codebook that comes with Attest.")
    publish = Truth(default=True)


class Selection(Shape):
    articles = serializers.ListField(child=Id(), required=False, allow_null=True, max_length=10_000)
    roles = serializers.ListField(child=Word(CLAIM_ROLES), required=False, allow_null=True, max_length=len(CLAIM_ROLES))
    min_checkworthiness = Share(required=False, allow_null=True)
    known = Truth(required=False, help_text="Only units whose answer was settled in another round.")
    limit = Whole(required=False, allow_null=True, min_value=1, max_value=10_000_000)


class RoundRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    purpose = serializers.ChoiceField(PURPOSES)
    state = serializers.ChoiceField(ROUND.states)
    codebook_version = serializers.IntegerField(source="codebook_version_id")
    unit_kind = serializers.ChoiceField(ROUND_UNITS)
    questions = serializers.ListField(child=serializers.CharField(), help_text="Empty: all of the codebook's.")
    overlap = serializers.IntegerField(help_text="Independent labels each unit gets.")
    shared_share = serializers.FloatField(
        allow_null=True, help_text="This share of the units, drawn by the seed, gets `shared_overlap` labels instead."
    )
    shared_overlap = serializers.IntegerField(allow_null=True)
    grows_to = serializers.IntegerField(
        allow_null=True, help_text="A reviewer is added where a unit's labels leave doubt, up to so many; null: never."
    )
    grows_below = serializers.FloatField(
        allow_null=True,
        help_text="Doubt is a likeliest answer below this probability (one-coin model); null: any two labels differ.",
    )
    order = serializers.ChoiceField(ORDERS)
    seed = serializers.IntegerField()
    reservation_minutes = serializers.IntegerField()
    quota = serializers.IntegerField(allow_null=True, help_text="Units for one person; null: as many as there are.")
    deadline = serializers.DateTimeField(allow_null=True, help_text="Nothing is drawn from here on.")
    set_size = serializers.IntegerField(allow_null=True, help_text="Units of one attempt at a qualification.")
    pass_mark = serializers.FloatField(allow_null=True, help_text="Share of the known answers to give rightly.")
    attempts = serializers.IntegerField(allow_null=True)
    qualification = serializers.IntegerField(
        source="qualification_id", allow_null=True, help_text="The round to have passed before one is offered units."
    )
    checks = serializers.IntegerField(
        source="checks_id", allow_null=True, help_text="The round whose evidence is judged anew by other people."
    )
    repeats_weekly = serializers.BooleanField(help_text="A week after it, its like is opened.")
    panel = serializers.ListField(
        child=serializers.ChoiceField(LEANINGS), help_text="Leanings: who sits in the first places of every unit."
    )
    matches_languages = serializers.BooleanField(help_text="Units go to those who read the article's language.")
    has_second_vote = serializers.BooleanField(
        help_text="First votes are sealed until all are in; a correction after that is a vote kept beside the first."
    )
    hides_outlet = serializers.BooleanField()
    hides_author = serializers.BooleanField()
    hides_date = serializers.BooleanField()
    evidence_visibility = serializers.ChoiceField(EVIDENCE_VISIBILITY, help_text=EVIDENCE_WORDS)
    flags_evidence_dates = serializers.BooleanField(help_text="Evidence that appeared after the claim is pointed out.")
    blocks_own_outlet = serializers.BooleanField(help_text="What published the claim is no evidence for it.")
    selection = serializers.DictField()
    created_at = serializers.DateTimeField()
    opened_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField(help_text="Also in the header ETag; send it back in If-Match.")


class Progress(serializers.Serializer[Any]):
    units = serializers.IntegerField()
    controls = serializers.IntegerField()
    open = serializers.IntegerField()
    reserved = serializers.IntegerField()
    submitted = serializers.IntegerField()
    skipped = serializers.IntegerField()
    expired = serializers.IntegerField()


class CautionShape(serializers.Serializer[Any]):
    field = serializers.CharField()
    code = serializers.ChoiceField(("too_few_places", "too_few_units"))
    sentence = serializers.CharField()


class RoundShape(RoundRow):
    control_share = serializers.FloatField(
        allow_null=True, help_text="Units with a known answer are mixed in up to this share; null for reviewers."
    )
    control_floor = serializers.FloatField(
        allow_null=True, help_text="Who answers fewer of them rightly is paused; null for reviewers."
    )
    without_known_answer = serializers.IntegerField(
        allow_null=True,
        help_text="Of a qualification's draft: units that its selection finds and that have no known answer. It is "
        "opened when there are none; limit the selection by `known`.",
    )
    cautions = CautionShape(
        many=True,
        help_text="Of a draft: what its plan allows and is seldom meant, such as a qualification in which not "
        "everybody can try. It can be opened all the same.",
    )
    second_votes = OpenVoteShape(
        many=True, help_text="Units whose first votes are in, and about which you may vote again after talking."
    )
    progress = Progress(allow_null=True, help_text="Slots by state; null for reviewers, who work blind.")


class RoundPlan(Shape):
    """What a round's plan can say; all optional, for a change."""

    name = Line(max_length=120)
    overlap = Whole(min_value=1, max_value=60)
    shared_share = Share(allow_null=True)
    shared_overlap = Whole(min_value=1, max_value=60, allow_null=True)
    grows_to = Whole(min_value=2, max_value=60, allow_null=True)
    grows_below = Share(allow_null=True)
    order = Word(ORDERS)
    purpose = Word(PURPOSES)
    seed = Whole(min_value=0, max_value=2**31 - 1)
    reservation_minutes = Whole(min_value=1, max_value=10_080)
    quota = Whole(min_value=1, max_value=1_000_000, allow_null=True)
    deadline = serializers.DateTimeField(allow_null=True)
    control_share = Share(allow_null=True)
    control_floor = Share(allow_null=True)
    set_size = Whole(min_value=1, max_value=MOST_IN_A_SET, allow_null=True)
    pass_mark = Share(allow_null=True)
    attempts = Whole(min_value=1, max_value=MOST_ATTEMPTS, allow_null=True)
    qualification = Id(allow_null=True, help_text="A round with a pass mark.")
    checks = Id(allow_null=True, help_text="Of an evidence check: the round whose evidence it checks.")
    repeats_weekly = Truth()
    panel = serializers.ListField(child=Word(LEANINGS), max_length=60)
    matches_languages = Truth()
    has_second_vote = Truth()
    hides_outlet = Truth()
    hides_author = Truth()
    hides_date = Truth()
    evidence_visibility = Word(EVIDENCE_VISIBILITY, help_text=EVIDENCE_WORDS)
    flags_evidence_dates = Truth()
    blocks_own_outlet = Truth()
    selection = Selection()


class NewRound(RoundPlan):
    codebook_version = Id()
    preset = Word(
        list(ROUND_PRESETS), required=False, help_text="A plan that comes along; what else is sent changes it."
    )
    unit_kind = Word(ROUND_UNITS, default="claim_occurrence")
    questions = serializers.ListField(child=Line(max_length=40), default=list, max_length=100)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name in set(RoundPlan().fields) - {"name"}:
            fields[name].required = False
        return fields


class RoundChange(RoundPlan):
    is_partial = True

    codebook_version = Id()
    unit_kind = Word(ROUND_UNITS)
    questions = serializers.ListField(child=Line(max_length=40), max_length=100)


class NewOverlap(Shape):
    overlap = Whole(min_value=1, max_value=60, help_text="Reviewers per unit from now on.")
    shared_overlap = Whole(
        min_value=1, max_value=60, required=False, help_text="Reviewers per unit of the shared part from now on."
    )
