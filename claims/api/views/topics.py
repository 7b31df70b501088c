"""Topics, content warnings and opting out of them: the same actions as the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import LABEL, READ, WRITE
from claims.api.endpoint import Endpoint, check_tag, scopes, tagged
from claims.api.lists import Listing
from claims.api.schema import IDEMPOTENCY, TAG_READ, operation, page_of
from claims.api.serializers.topics import NewTopic, TopicCodes, TopicName, TopicShape, TopicsShape
from claims.assignment.topics import add_topic, opted_out, remove_topic, rename_topic, set_opt_outs, set_warnings
from claims.models import Article, Claim, Reviewer, Topic
from claims.people.actions import reviewer_for

TOPICS = Listing()
CODES = {"request": {"topics": ["violence", "self_harm"]}}


class Topics(Endpoint):
    scopes = scopes(GET=(LABEL, READ), POST=WRITE)
    query = TOPICS.parameters

    @operation(
        "list_topics",
        "List the topics that a project warns of",
        answers={200: page_of(TopicShape)},
        listing=TOPICS,
        tag="Articles",
    )
    def get(self, request: Request, project: str) -> Response:
        rows = Topic.objects.in_project(self.find_project(project, "see_project"))
        return Response(TOPICS.page(request, rows, lambda row: TopicShape(row).data))

    @operation(
        "add_topic",
        "Put a topic on the project's list",
        request=NewTopic,
        answers={201: TopicShape},
        parameters=(IDEMPOTENCY,),
        refuses=(409,),
        examples={"request": {"code": "self_harm", "name": "Self-harm"}},
        tag="Articles",
    )
    def post(self, request: Request, project: str) -> Response:
        found, asked = self.find_project(project, "set_warnings"), self.body(NewTopic)

        def act() -> tuple[int, Mapping[str, Any]]:
            return 201, TopicShape(add_topic(found, **asked, by=self.user)).data

        return self.create_once(act)


class OneTopic(Endpoint):
    scopes = scopes(GET=(LABEL, READ), PATCH=WRITE, DELETE=WRITE)

    @operation("get_topic", "Read a topic; the ETag is what a change names", answers={200: TopicShape}, tag="Articles")
    def get(self, request: Request, pk: int) -> Response:
        return tagged(TopicShape(self.find(Topic.objects.all(), pk, "see_project")).data)

    @operation(
        "rename_topic",
        "Word a topic anew; its code stays",
        request=TopicName,
        answers={200: TopicShape},
        parameters=(TAG_READ,),
        refuses=(409, 428),
        tag="Articles",
    )
    def patch(self, request: Request, pk: int) -> Response:
        found = self.find(Topic.objects.select_related("project"), pk, "set_warnings")
        expected, name = self.expected_tag(), self.body(TopicName)["name"]
        with transaction.atomic():
            found.refresh_from_db(from_queryset=Topic.objects.select_for_update())
            check_tag(expected, TopicShape(found).data)
            return tagged(TopicShape(rename_topic(found, name, by=self.user)).data)

    @operation(
        "remove_topic",
        "Take a topic off the list that nothing carries",
        answers={204: None},
        refuses=(409,),
        tag="Articles",
    )
    def delete(self, request: Request, pk: int) -> Response:
        remove_topic(self.find(Topic.objects.select_related("project"), pk, "set_warnings"), by=self.user)
        return Response(status=204)


class _Warnings(Endpoint):
    scopes = scopes(GET=READ, PUT=WRITE)

    def shown(self, subject: Article | Claim) -> Response:
        rows = Topic.objects.filter(pk__in=subject.warnings.values("topic")).order_by("name", "code")
        return Response(TopicsShape({"topics": rows}).data)

    def kept(self, subject: Article | Claim) -> Response:
        topics = set_warnings(subject, self.body(TopicCodes)["topics"], by=self.user)
        return Response(TopicsShape({"topics": topics}).data)


class ArticleWarnings(_Warnings):
    @operation("get_article_warnings", "Read what an article warns of", answers={200: TopicsShape}, tag="Articles")
    def get(self, request: Request, pk: int) -> Response:
        return self.shown(self.find(Article.objects.select_related("project"), pk, "browse"))

    @operation(
        "set_article_warnings",
        "Say which topics an article, with all its claims, is about",
        request=TopicCodes,
        answers={200: TopicsShape},
        examples=CODES,
        tag="Articles",
    )
    def put(self, request: Request, pk: int) -> Response:
        return self.kept(self.find(Article.objects.select_related("project"), pk, "set_warnings"))


class ClaimWarnings(_Warnings):
    @operation("get_claim_warnings", "Read what a claim warns of", answers={200: TopicsShape}, tag="Claims")
    def get(self, request: Request, pk: int) -> Response:
        return self.shown(self.find(Claim.objects.select_related("project"), pk, "browse"))

    @operation(
        "set_claim_warnings",
        "Say which topics a claim is about, wherever it is said",
        request=TopicCodes,
        answers={200: TopicsShape},
        examples=CODES,
        tag="Claims",
    )
    def put(self, request: Request, pk: int) -> Response:
        return self.kept(self.find(Claim.objects.select_related("project"), pk, "set_warnings"))


class UnreadTopics(Endpoint):
    scopes = scopes(GET=(LABEL, READ), PUT=LABEL)

    @operation(
        "get_unread_topics",
        "Read which topics you do not want to be offered; nobody else can",
        answers={200: TopicsShape},
        tag="People",
    )
    def get(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "label")
        reviewer = Reviewer.objects.filter(project=found, user=self.user).first()
        return Response(TopicsShape({"topics": opted_out(reviewer) if reviewer else []}).data)

    @operation(
        "set_unread_topics",
        "Say which topics you do not want to be offered; what you hold of them goes to others",
        request=TopicCodes,
        answers={200: TopicsShape},
        examples=CODES,
        tag="People",
    )
    def put(self, request: Request, project: str) -> Response:
        found = self.find_project(project, "label")
        topics = set_opt_outs(reviewer_for(self.user, found), self.body(TopicCodes)["topics"], by=self.user)
        return Response(TopicsShape({"topics": topics}).data)
