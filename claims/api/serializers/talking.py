"""The thread about a unit, and copies of evidence."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.api.bodies import Line, Shape, Text
from claims.labelling.comments import COMMENT_CHARS


class RemarkShape(serializers.Serializer[Any]):
    who = serializers.CharField(help_text="“you”, or words that stand for a person in this thread only.")
    text = serializers.CharField()
    at = serializers.DateTimeField()


class FirstVotesShape(serializers.Serializer[Any]):
    question = serializers.CharField(help_text="Its title.")
    answer = serializers.CharField()
    n = serializers.IntegerField(help_text="How many voted so; nobody is named.")


class OpenVoteShape(serializers.Serializer[Any]):
    """A second vote that waits for you: send it as a correction of your answer."""

    unit = serializers.IntegerField()
    thread = serializers.CharField(help_text="Where the unit is talked about.")
    vote = serializers.CharField(help_text="Where the vote is sent to, with PUT.")
    tag = serializers.CharField(help_text="For the header If-Match of that PUT.")


class ThreadShape(serializers.Serializer[Any]):
    remarks = RemarkShape(many=True, help_text="The newest 500, oldest first.")
    first_votes = FirstVotesShape(many=True, help_text="How it stood before the discussion, where there are two votes.")
    second_vote = OpenVoteShape(allow_null=True, help_text="Yours, while it is open and not given; else null.")


class NewRemark(Shape):
    text = Text(help_text=f"At most {COMMENT_CHARS:,} characters.")


class NewCopy(Shape):
    url = Line(required=False, default="", allow_blank=True, max_length=2000, help_text="The page to copy.")
    picture_base64 = Line(
        required=False, default="", allow_blank=True, help_text="Instead: a screenshot of your own, PNG, JPEG or WebP."
    )


class CopyShape(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="Name it in the evidence of your answer.")
    kind = serializers.CharField()
    state = serializers.CharField()
    sentence = serializers.CharField(help_text="Why it failed, for a person.")
    url = serializers.CharField()
    title = serializers.CharField()
    outlet = serializers.CharField()
    published_at = serializers.DateTimeField(allow_null=True)
    fetched_at = serializers.DateTimeField(allow_null=True)
    text = serializers.CharField()
