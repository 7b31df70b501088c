"""Watched feeds from a program: add, list, pause, resume, remove."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import READ, WRITE
from claims.api.endpoint import Endpoint, scopes
from claims.api.lists import Filter, Listing, one_of
from claims.api.schema import IDEMPOTENCY, operation, page_of
from claims.api.serializers.feeds import FeedRow, NewFeed
from claims.importing.feeds import pause_feed, remove_feed, resume_feed, watch_feed
from claims.models import WatchedFeed
from claims.models.remote import FEED_STATES

TAG = "Articles"
FEEDS = Listing({"state": Filter(one_of(*FEED_STATES), lambda state: Q(state=state), "State of the feed.")})


class Feeds(Endpoint):
    scopes = scopes(GET=READ, POST=WRITE)
    query = FEEDS.parameters

    @operation("list_feeds", "List watched feeds", answers={200: page_of(FeedRow)}, listing=FEEDS, tag=TAG)
    def get(self, request: Request, project: str) -> Response:
        rows = WatchedFeed.objects.in_project(self.find_project(project, "import"))
        return Response(FEEDS.page(request, rows, lambda row: FeedRow(row).data))

    @operation(
        "watch_feed",
        "Import what a feed or sitemap lists, and look again on a schedule",
        request=NewFeed,
        answers={201: FeedRow},
        parameters=(IDEMPOTENCY,),
        examples={"request": {"url": "https://news.example.com/feed", "every_minutes": 60}},
        tag=TAG,
    )
    def post(self, request: Request, project: str) -> Response:
        found, asked = self.find_project(project, "import"), self.body(NewFeed)

        def act() -> tuple[int, Mapping[str, Any]]:
            feed = watch_feed(found, **asked, by=self.user)
            feed.refresh_from_db()
            return 201, FeedRow(feed).data

        return self.create_once(act)


class OneFeed(Endpoint):
    scopes = scopes(GET=READ, DELETE=WRITE)

    @operation("get_feed", "Read a watched feed", answers={200: FeedRow}, tag=TAG)
    def get(self, request: Request, pk: int) -> Response:
        return Response(FeedRow(self.find(WatchedFeed.objects.all(), pk, "import")).data)

    @operation("remove_feed", "Stop watching a feed; what came in stays", answers={204: None}, tag=TAG)
    def delete(self, request: Request, pk: int) -> Response:
        remove_feed(self.find(WatchedFeed.objects.select_related("project"), pk, "import"), by=self.user)
        return Response(status=204)


class PauseFeed(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation("pause_feed", "Look at a feed no more until it is resumed", answers={200: FeedRow}, tag=TAG)
    def post(self, request: Request, pk: int) -> Response:
        feed = self.find(WatchedFeed.objects.select_related("project"), pk, "import")
        pause_feed(feed, by=self.user)
        feed.refresh_from_db()
        return Response(FeedRow(feed).data)


class ResumeFeed(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation("resume_feed", "Look at a feed again, and at once", answers={200: FeedRow}, tag=TAG)
    def post(self, request: Request, pk: int) -> Response:
        feed = self.find(WatchedFeed.objects.select_related("project"), pk, "import")
        resume_feed(feed, by=self.user)
        feed.refresh_from_db()
        return Response(FeedRow(feed).data)
