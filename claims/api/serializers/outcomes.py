"""Agreement, disputes, settled labels, the quality of work, and releases."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import AnyValue, Id, Line, Shape, Share, Truth, Whole, Word
from claims.exporting.selecting import DEFAULT_SHARES, SPLIT_KEYS
from claims.exporting.writers import WRITERS
from claims.lifecycle import RELEASE
from claims.models.score import METHODS, OUTCOMES, REASONS
from claims.vocabulary import MISSING_REASONS


class FigureShape(serializers.Serializer[Any]):
    coefficient = serializers.CharField()
    title = serializers.CharField()
    value = serializers.FloatField(allow_null=True, help_text="null: not defined here; the sentence says why.")
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    reason = serializers.CharField()
    sentence = serializers.CharField()
    interval_sentence = serializers.CharField()


class ChoiceShareShape(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]  # a field called label
    n = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)
    agreement = serializers.FloatField(allow_null=True)


class PairShape(serializers.Serializer[Any]):
    one = serializers.CharField()
    other = serializers.CharField()
    n = serializers.IntegerField()
    same = serializers.IntegerField()
    share = serializers.FloatField()


class MeetingShape(serializers.Serializer[Any]):
    camp = serializers.CharField(help_text="Of a panel; empty: two people of different camps.")
    alike = serializers.IntegerField()
    pairs = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)


class BenchmarkShape(serializers.Serializer[Any]):
    project = serializers.CharField()
    coefficient = serializers.CharField()
    values = serializers.ListField(child=serializers.FloatField())
    what = serializers.CharField(help_text="What was asked there, and of whom.")
    publication = serializers.CharField(source="source")
    recomputed = serializers.BooleanField(help_text="From the labels that the project released.")


class BandShape(serializers.Serializer[Any]):
    low = serializers.FloatField()
    high = serializers.FloatField()
    benchmarks = BenchmarkShape(many=True)


class QuestionAgreementShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    level = serializers.CharField()
    phase = serializers.CharField()
    view = serializers.CharField(help_text="full, or collapsed to fewer choices.")
    figures = FigureShape(many=True, help_text="The headline first, then the one to read beside it.")
    n_units = serializers.IntegerField()
    n_pairable = serializers.IntegerField()
    n_labels = serializers.IntegerField()
    n_reviewers = serializers.IntegerField()
    choices = ChoiceShareShape(many=True)
    warnings = serializers.ListField(child=serializers.CharField())
    pairs = PairShape(many=True, allow_null=True)
    camps = MeetingShape(many=True, help_text="Of a panel whose camps all have three people or more.")
    published = BandShape(allow_null=True, help_text="What published projects reached on such questions.")
    scored_at = serializers.DateTimeField(allow_null=True)


class StratumShape(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="all, camp:…, language:…, outlet:… or week:… (ISO week, UTC).")
    kind = serializers.CharField()
    title = serializers.CharField()


class MarkShape(serializers.Serializer[Any]):
    question = serializers.CharField()
    title = serializers.CharField()
    name = serializers.CharField(help_text="What the figure is; empty where there is none.")
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    n_units = serializers.IntegerField()
    sentence = serializers.CharField(help_text="Why there is no value.")
    why_no_interval = serializers.CharField(help_text="Why a value has no interval; empty where it has one.")


class AgreementShape(serializers.Serializer[Any]):
    round = serializers.IntegerField()
    stratum = serializers.CharField(help_text="The part of the round that the figures are about.")
    strata = StratumShape(many=True, help_text="The parts there are.")
    hidden = serializers.CharField(help_text="Why no figures are shown; empty when they are.")
    questions = QuestionAgreementShape(many=True)
    marks = MarkShape(many=True, help_text="Sets, marked places, chains and sources, of the whole round.")


class DisputeRow(serializers.Serializer[Any]):
    unit = serializers.IntegerField()
    question = serializers.CharField()
    counts = serializers.ListField(
        child=serializers.IntegerField(), help_text="In the order of the declared choices, or of `words`."
    )
    words = serializers.ListField(
        child=serializers.CharField(),
        help_text="The chains or sets that were given, most first; empty for other kinds.",
    )
    division = serializers.FloatField(help_text="Share of pairs of labels that differ.")
    is_settled = serializers.BooleanField()


class EvidenceShape(serializers.Serializer[Any]):
    url = serializers.CharField()
    title = serializers.CharField()
    quote = serializers.CharField()
    question = serializers.CharField()
    answer = serializers.CharField()
    relation = serializers.CharField()
    strength = serializers.CharField()


class VoiceShape(serializers.Serializer[Any]):
    letter = serializers.CharField(help_text="Stands for the person on this unit only.")
    name = serializers.CharField(allow_null=True, help_text="Known once it is settled.")
    note = serializers.CharField()
    evidence = EvidenceShape(many=True)
    seconds = serializers.IntegerField(allow_null=True)


class AnswerGroupShape(serializers.Serializer[Any]):
    value = serializers.JSONField(allow_null=True)
    missing = serializers.CharField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]  # a field called label
    voices = VoiceShape(many=True)


class SettledShape(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    outcome = serializers.ChoiceField(OUTCOMES)
    value = serializers.JSONField(allow_null=True)
    missing = serializers.CharField(allow_null=True)
    method = serializers.ChoiceField(METHODS)
    reason_code = serializers.ChoiceField(REASONS)
    rationale = serializers.CharField()
    created_at = serializers.DateTimeField()


class DisputeShape(serializers.Serializer[Any]):
    unit = serializers.IntegerField(source="unit.pk")
    question = serializers.CharField(source="question.code")
    revision = serializers.IntegerField(help_text="Send it back as expected_revision; 0 while unsettled.")
    has_quorum = serializers.BooleanField(help_text="Answers are shown once all reviewers have submitted.")
    groups = AnswerGroupShape(many=True)
    settled = SettledShape(allow_null=True)


class NewSettled(Shape):
    expected_revision = Whole(min_value=0, max_value=2**31 - 2)
    outcome = Word(OUTCOMES)
    value = AnyValue(required=False, allow_null=True, default=None)
    missing = Word(MISSING_REASONS, required=False, allow_null=True, default=None)
    method = Word(METHODS, default="expert")
    reason_code = Word(REASONS, default="none")
    rationale = Line(required=False, default="", allow_blank=True, max_length=20_000)


class SecondShape(serializers.Serializer[Any]):
    waiting = serializers.IntegerField(help_text="How many wait for your second decision.")
    dispute = DisputeShape(allow_null=True, help_text="The oldest of them, without names and without what was settled.")


class NewSecond(Shape):
    unit = Id()
    question = Line(max_length=64)
    outcome = Word(OUTCOMES)
    value = AnyValue(required=False, allow_null=True, default=None)
    missing = Word(MISSING_REASONS, required=False, allow_null=True, default=None)
    reason_code = Word(REASONS, default="none")
    rationale = Line(required=False, default="", allow_blank=True, max_length=20_000)


class SecondKept(serializers.Serializer[Any]):
    waiting = serializers.IntegerField(help_text="How many are left for you.")


class MajorityShape(serializers.Serializer[Any]):
    unanimous = serializers.IntegerField()
    majority = serializers.IntegerField()


class QualityRow(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="reviewer.pk")
    reviewer = serializers.CharField(source="reviewer.name", help_text="The name in the project.")
    n_units = serializers.IntegerField()
    n_shared = serializers.IntegerField(source="peer.n", help_text="Labels shared with others.")
    peer_agreement = serializers.SerializerMethodField(help_text="Drawn towards the panel's; null while too few.")
    too_few = serializers.CharField()
    seconds = serializers.FloatField(allow_null=True)
    n_settled = serializers.IntegerField()
    n_overruled = serializers.IntegerField()

    def get_peer_agreement(self, row: Any) -> float | None:
        return row.peer.value if row.peer.is_shown else None


class QualityShape(serializers.Serializer[Any]):
    reviewers = QualityRow(many=True)


class ReleaseFileShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    format = serializers.CharField()
    rows = serializers.IntegerField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()


class ReleaseRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    state = serializers.ChoiceField(RELEASE.states)
    state_reason = serializers.CharField()
    as_of = serializers.IntegerField(source="seal_id", help_text="The seal up to which labels are in it.")
    formats = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    ready_at = serializers.DateTimeField(allow_null=True)


class ReleaseShape(ReleaseRow):
    filter = serializers.DictField()
    manifest = serializers.DictField(allow_null=True)
    errata = serializers.ListField(child=serializers.JSONField())
    files = ReleaseFileShape(many=True, source="files_by_name")


class LabelChangesShape(serializers.Serializer[Any]):
    question = serializers.CharField()
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    changed = serializers.IntegerField()
    same = serializers.IntegerField()


class StandingShape(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(OUTCOMES)
    value = serializers.JSONField(allow_null=True)


class MovedShape(serializers.Serializer[Any]):
    round = serializers.IntegerField()
    unit = serializers.IntegerField()
    question = serializers.CharField()
    before = StandingShape()
    after = StandingShape()
    method = serializers.ChoiceField(METHODS)
    reason_code = serializers.ChoiceField(REASONS)
    rationale = serializers.CharField()


class SettledChangesShape(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    moved = serializers.IntegerField(help_text="With another value or outcome.")
    values = MovedShape(many=True, help_text="The first 1,000 that moved.")


class CheckChangedShape(serializers.Serializer[Any]):
    check = serializers.IntegerField()
    claim = serializers.IntegerField()
    before = serializers.CharField(allow_null=True, help_text="Its verdict; null: it was not published yet.")
    after = serializers.CharField(allow_null=True, help_text="Its verdict; null: it is there no longer.")
    rationale = serializers.CharField(allow_null=True, help_text="Why that verdict, as the newer one has it.")


class DeskChangesShape(serializers.Serializer[Any]):
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    changed = serializers.IntegerField(help_text="With another verdict, other words or another link.")
    values = CheckChangedShape(many=True, help_text="The first 1,000 that came, went or changed.")


class NamesChangedShape(serializers.Serializer[Any]):
    added = serializers.ListField(child=serializers.CharField())
    removed = serializers.ListField(child=serializers.CharField())


class ChangesShape(serializers.Serializer[Any]):
    older = serializers.IntegerField(help_text="Number of the earlier release.")
    newer = serializers.IntegerField()
    labels = LabelChangesShape(many=True)
    settled = SettledChangesShape()
    desk = DeskChangesShape(
        allow_null=True, help_text="null: one of the two is from before releases held what the desk published."
    )
    codebooks = NamesChangedShape()
    withheld = NamesChangedShape()
    errata = serializers.ListField(child=serializers.CharField(), help_text="As stated with the newer one.")


class FileLinkShape(serializers.Serializer[Any]):
    url = serializers.URLField()
    expires_in = serializers.IntegerField(help_text="Seconds.")


class NewSplits(Shape):
    by = serializers.ListField(
        child=Word(SPLIT_KEYS),
        required=False,
        default=lambda: ["article"],
        min_length=1,
        max_length=len(SPLIT_KEYS),
        help_text="What is never in two splits; time stands alone.",
    )
    shares = serializers.DictField(
        child=Whole(min_value=1, max_value=1_000),
        required=False,
        default=lambda: dict(DEFAULT_SHARES),
        help_text="Name of each split and its part of the whole.",
    )
    seed = Whole(required=False, default=0, min_value=0, max_value=2**31 - 1)
    stratify_by = Line(required=False, default="", allow_blank=True, max_length=40, help_text="Code of a question.")


class NewSelection(Shape):
    questions = serializers.ListField(
        child=Line(max_length=40), required=False, default=list, max_length=100, help_text="Codes; none: all of them."
    )
    first_day = serializers.DateField(required=False, allow_null=True, default=None, help_text="Of the answer, UTC.")
    last_day = serializers.DateField(required=False, allow_null=True, default=None)
    least_agreement = Share(
        required=False,
        allow_null=True,
        default=None,
        help_text="Share of people's first answers, two or more, that are the same.",
    )


class NewRelease(Shape):
    title = Line(required=False, default="", allow_blank=True, max_length=200)
    rounds = serializers.ListField(
        child=Id(), required=False, allow_null=True, default=None, max_length=1_000, help_text="null: all of them."
    )
    formats = serializers.ListField(
        child=Word(list(WRITERS)),
        required=False,
        default=lambda: ["jsonl", "csv"],
        min_length=1,
        max_length=len(WRITERS),
    )
    licence = Line(
        required=False, default="", allow_blank=True, max_length=64, help_text="Of the labels: an SPDX identifier."
    )
    errata = serializers.ListField(
        child=Line(max_length=500),
        required=False,
        default=list,
        max_length=100,
        help_text="What it corrects of earlier releases.",
    )
    has_texts = Truth(
        required=False, default=True, help_text="false: offsets, addresses and checksums instead of articles' words."
    )
    selection = NewSelection(required=False, allow_null=True, default=None, help_text="null: every answer.")
    splits = NewSplits(required=False, allow_null=True, default=None, help_text="null: no splits.")
