"""Releases and their files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Prefetch, Q
from django.http import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import READ, RELEASE
from claims.api.endpoint import READING, Endpoint, scopes
from claims.api.lists import Filter, Listing, one_of
from claims.api.schema import IDEMPOTENCY, operation, page_of
from claims.api.serializers.outcomes import ChangesShape, FileLinkShape, NewRelease, ReleaseRow, ReleaseShape
from claims.api.serializers.sources import JobShape
from claims.errors import NotFound
from claims.exporting.actions import retry_release, start_release
from claims.exporting.differences import compare_releases
from claims.exporting.handing import LINK_SECONDS, make_link, open_file
from claims.exporting.selecting import Selection, SplitPlan
from claims.exporting.sending import send_file
from claims.exporting.zipping import open_all, send_all
from claims.lifecycle import RELEASE as RELEASE_STATES
from claims.models import Release, ReleaseFile, Round

RELEASES = Listing(
    {"state": Filter(one_of(*RELEASE_STATES.states), lambda state: Q(state=state), "State of the release.")}
)
RANGE = OpenApiParameter(
    "Range", str, OpenApiParameter.HEADER, description="bytes=first-last, to go on with a broken download."
)


class Releases(Endpoint):
    scopes = scopes(GET=READ, POST=RELEASE)
    query = RELEASES.parameters

    @operation("list_releases", "List releases", answers={200: page_of(ReleaseRow)}, listing=RELEASES, tag="Releases")
    def get(self, request: Request, project: str) -> Response:
        rows = Release.objects.in_project(self.find_project(project, "download")).defer("manifest")
        return Response(RELEASES.page(request, rows, lambda row: ReleaseRow(row).data))

    @operation(
        "create_release",
        "Make a numbered release of what is labelled and settled by now, in the background",
        request=NewRelease,
        answers={202: ReleaseShape},
        parameters=(IDEMPOTENCY,),
        examples={"request": {"title": "After the pilot", "formats": ["jsonl", "csv"]}},
        tag="Releases",
    )
    def post(self, request: Request, project: str) -> Response:
        found, asked = self.find_project(project, "release"), self.body(NewRelease)
        wanted = asked.pop("rounds")
        rounds = None if wanted is None else list(Round.objects.in_project(found).filter(pk__in=wanted))
        if rounds is not None and len(rounds) != len(set(wanted)):
            raise NotFound

        selection, splits = asked.pop("selection"), asked.pop("splits")
        asked["selection"] = Selection(**selection) if selection else None
        asked["splits"] = SplitPlan(**splits) if splits is not None else None

        def act() -> tuple[int, Mapping[str, Any]]:
            return 202, shown(start_release(found, rounds=rounds, **asked, by=self.user))

        return self.create_once(act)


class OneRelease(Endpoint):
    scopes = READING

    @operation("get_release", "Read a release, its manifest and its files", answers={200: ReleaseShape}, tag="Releases")
    def get(self, request: Request, pk: int) -> Response:
        return Response(shown(self.find(Release.objects.all(), pk, "download")))


class Changes(Endpoint):
    scopes = READING

    @operation(
        "compare_releases",
        "Read what differs between two releases of a project: labels by question, settled values that moved, and why",
        answers={200: ChangesShape},
        refuses=(422,),
        tag="Releases",
    )
    def get(self, request: Request, pk: int, since: int) -> Response:
        releases = Release.objects.select_related("project", "seal")
        newer, older = (self.find(releases, each, "download") for each in (pk, since))
        return Response(ChangesShape(compare_releases(older, newer, by=self.user)).data)


class RetryRelease(Endpoint):
    scopes = scopes(POST=RELEASE)

    @operation(
        "retry_release",
        "Build a release again whose job failed; it stays as of its seal",
        answers={202: JobShape},
        refuses=(409,),
        tag="Releases",
    )
    def post(self, request: Request, pk: int) -> Response:
        release = self.find(Release.objects.select_related("project"), pk, "release")
        job = retry_release(release, by=self.user)
        job.refresh_from_db()
        return Response(JobShape(job).data, status=202)


class OneFile(Endpoint):
    scopes = READING

    @operation(
        "download_file",
        "Download one file of a release; ranges and If-Range are understood",
        answers={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            (206, "application/octet-stream"): OpenApiTypes.BINARY,
        },
        parameters=(RANGE,),
        refuses=(409, 410, 416),
        tag="Releases",
    )
    def get(self, request: Request, pk: int, name: str) -> HttpResponseBase:
        release = self.find(Release.objects.select_related("project"), pk, "download")
        kept, source = open_file(release, name, by=self.user)
        return send_file(request._request, source, kept)


class AllFiles(Endpoint):
    scopes = READING

    @operation(
        "download_release",
        "Download all files of a release as one .zip; what holds words that were taken down since is left out",
        answers={(200, "application/zip"): OpenApiTypes.BINARY},
        refuses=(409,),
        tag="Releases",
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        release = self.find(Release.objects.select_related("project"), pk, "download")
        files = open_all(release, by=self.user)
        return send_all(files, name=f"{release.project.slug}-release-{release.number}.zip")


class FileLink(Endpoint):
    scopes = scopes(POST=READ)

    @operation(
        "make_file_link",
        "Make a link to one file that works without a token for a quarter of an hour, as long as you may download it",
        answers={201: FileLinkShape},
        refuses=(409, 410),
        tag="Releases",
    )
    def post(self, request: Request, pk: int, name: str) -> Response:
        release = self.find(Release.objects.select_related("project"), pk, "download")
        path = reverse("download-link", args=[make_link(release, name, by=self.user)])
        return Response({"url": request.build_absolute_uri(path), "expires_in": LINK_SECONDS}, status=201)


def shown(release: Release) -> Mapping[str, Any]:
    files = Prefetch("files", ReleaseFile.objects.order_by("name"), to_attr="files_by_name")
    return ReleaseShape(Release.objects.prefetch_related(files).get(pk=release.pk)).data
