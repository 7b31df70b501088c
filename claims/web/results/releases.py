"""Releases: made in the background, described, downloaded file by file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from claims.errors import NotFound, Refused
from claims.exporting.actions import retry_release, start_release
from claims.exporting.differences import compare_releases
from claims.exporting.handing import LINK_SECONDS, follow_link, make_link, open_file, taken_down
from claims.exporting.selecting import DEFAULT_SHARES, SPLIT_KEYS, Selection, SplitPlan, read_shares
from claims.exporting.sending import send_file
from claims.exporting.writers import CARDS, DOCUMENTS, TABULAR, WRITERS
from claims.exporting.zipping import open_all, send_all
from claims.lifecycle import JOB
from claims.models import Release, ReleaseFile, Round
from claims.permissions import can, can_download
from claims.web.following import follow, is_poll, show_poll
from claims.web.once import go_and_show, secret_of, shown
from claims.web.page import Here, go, project_page, refused_page, show, slice_of
from claims.web.wording import WordedForm

SAFE = re.compile(r"[^A-Za-z0-9._-]", re.ASCII)


class ReleaseForm(WordedForm):
    title = forms.CharField(max_length=200, required=False)
    without_texts = forms.BooleanField(required=False)
    licence = forms.CharField(max_length=64, required=False)
    errata = forms.CharField(max_length=5_000, required=False)
    rounds = forms.ModelMultipleChoiceField(Round.objects.none(), required=False)
    questions = forms.CharField(max_length=2_000, required=False)
    first_day = forms.DateField(required=False)
    last_day = forms.DateField(required=False)
    least_agreement = forms.IntegerField(min_value=1, max_value=100, required=False)
    split_by = forms.MultipleChoiceField(choices=[(name, name) for name in SPLIT_KEYS], required=False)
    shares = forms.CharField(max_length=200, required=False)
    seed = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    stratify_by = forms.CharField(max_length=40, required=False)
    formats = forms.MultipleChoiceField(
        choices=[(name, writer.title) for name, writer in WRITERS.items()],
        initial=["jsonl", "csv", "citation"],
        error_messages={"required": "Choose at least one format."},
    )

    def __init__(self, *args: object, here: Here, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        rounds = cast("forms.ModelMultipleChoiceField[Round]", self.fields["rounds"])
        rounds.queryset = Round.objects.in_project(here.project).exclude(state="draft").order_by("-id")

    @property
    def formats_by_kind(self) -> list[tuple[str, list[tuple[str, str]]]]:
        kinds = {"Tables": {*TABULAR}, "Formats of the field": {*DOCUMENTS}, "Descriptions": {*CARDS}}
        titles = {name: writer.title for name, writer in WRITERS.items()}
        return [(words, [(name, titles[name]) for name in titles if name in kind]) for words, kind in kinds.items()]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was entered in the part that is folded away."""
        names = ("questions", "first_day", "last_day", "least_agreement", "split_by", "shares", "stratify_by")
        return any(self[name].value() for name in names) or "seed" in self.errors

    @property
    def selection(self) -> Selection:
        given = self.cleaned_data
        share = given["least_agreement"]
        questions = given["questions"].replace(",", " ").split()
        return Selection(questions, given["first_day"], given["last_day"], share / 100 if share else None)

    @property
    def splits(self) -> SplitPlan | None:
        given = self.cleaned_data
        if not given["split_by"]:
            return None
        shares = read_shares(given["shares"]) if given["shares"] else DEFAULT_SHARES
        return SplitPlan(given["split_by"], shares, given["seed"] or 0, given["stratify_by"])


@project_page("download", tab="releases")
def releases(request: HttpRequest, here: Here) -> HttpResponse:
    form = ReleaseForm(request.POST or None, here=here)
    refusal: Refused | None = None
    if request.method == "POST" and form.is_valid():
        chosen = [round_.pk for round_ in form.cleaned_data["rounds"]] or None
        asked: dict[str, Any] = {name: form.cleaned_data[name] for name in ("title", "formats", "licence")}
        asked["has_texts"] = not form.cleaned_data["without_texts"]
        asked["errata"] = form.cleaned_data["errata"].splitlines()
        try:
            asked |= {"selection": form.selection, "splits": form.splits}
            made = start_release(here.project, rounds=chosen, by=here.user, **asked)
        except Refused as error:
            refusal = error
        else:
            return go("release", here.slug, made.number)
    rows = slice_of(request, Release.objects.in_project(here.project), key="number")
    status = refusal.status if refusal else 422 if form.errors else 200
    return show(request, "releases", here, slice=rows, form=form, refusal=refusal, status=status)


def _release(here: Here, number: int) -> Release:
    rows = Release.objects.in_project(here.project).select_related("seal", "job", "created_by")
    row: Release | None = rows.filter(number=number).first()
    if row is None:
        raise Http404
    return row


@project_page("download", tab="releases")
def release(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    row = _release(here, number)
    following = follow(row.job, "The files are being written.") if row.state == "building" else None
    if is_poll(request):
        return show_poll(request, here, following)
    files = ReleaseFile.objects.filter(release=row).order_by("name")
    manifest = json.dumps(row.manifest, indent=2, ensure_ascii=False)
    name, _, url = secret_of(request).rpartition(" ")
    page = show(
        request,
        "release",
        here,
        release=row,
        groups=by_format(files),
        manifest=manifest,
        can_download=can_download(here.user, row),
        can_retry=has_failed(row) and can("release", here.user, here.project),
        gone=taken_down(row),
        earlier=_earlier(row),
        follow=following,
        link={"name": name, "url": url} if url else None,
        minutes=LINK_SECONDS // 60,
    )
    return shown(request, page)


@dataclass(frozen=True)
class Written:
    """What one format of a release consists of: the files, and the tables of it that have no rows."""

    title: str
    files: list[ReleaseFile]
    empty: list[ReleaseFile]
    size: int


def by_format(files: Iterable[ReleaseFile]) -> list[Written]:
    """The files of a release in the order of the formats, those of none of them (the manifest) first."""
    order = ["", *WRITERS]
    found: dict[str, list[ReleaseFile]] = {name: [] for name in order}
    for file in files:
        found[file.format if file.format in WRITERS else ""].append(file)
    return [
        Written(
            title=str(WRITERS[name].title) if name else "About all of it",
            files=[file for file in group if file.rows or name not in TABULAR],
            empty=[file for file in group if not file.rows and name in TABULAR],
            size=sum(file.size for file in group),
        )
        for name, group in found.items()
        if group
    ]


def _earlier(row: Release) -> list[int]:
    """The releases that this one is compared with, the one just before it first."""
    ready = Release.objects.in_project(row.project).filter(state="ready", number__lt=row.number)
    return list(ready.order_by("-number").values_list("number", flat=True)[:10]) if row.state == "ready" else []


@project_page("download", tab="releases")
def changes(request: HttpRequest, here: Here, older: int, number: int) -> HttpResponse:
    """What two releases differ in."""
    found = compare_releases(_release(here, older), _release(here, number), by=here.user)
    return show(request, "release_changes", here, changes=found)


def has_failed(row: Release) -> bool:
    """Its job ended without it: a worker that was killed again and again leaves a release that says "building"."""
    over = row.job is None or row.job.state in JOB.terminal
    return row.state == "failed" or (row.state == "building" and over)


@require_POST
@project_page("release", tab="releases")
def retry(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    retry_release(_release(here, number), by=here.user)
    return go("release", here.slug, number)


@project_page("download", tab="releases")
def download(request: HttpRequest, here: Here, number: int, name: str) -> HttpResponseBase:
    """One file, as a download whatever it holds; a range of it where one is asked for."""
    row = _release(here, number)
    kept, opened = open_file(row, name, by=here.user)
    return send_file(request, opened, kept, name=_filename(here.slug, kept, number))


@project_page("download", tab="releases")
def download_all(request: HttpRequest, here: Here, number: int) -> HttpResponseBase:
    """Everything in one .zip."""
    files = open_all(_release(here, number), by=here.user)
    return send_all(files, name=SAFE.sub("_", f"{here.slug}-release-{number}.zip"))


def _filename(slug: str, kept: ReleaseFile, number: int) -> str:
    return SAFE.sub("_", f"{slug}-release-{number}-{kept.name}")


@require_POST
@project_page("download", tab="releases")
def link(request: HttpRequest, here: Here, number: int, name: str) -> HttpResponse:
    """To the page again, with a link to this file that holds for a while."""
    row = _release(here, number)
    token = make_link(row, name, by=here.user)
    url = request.build_absolute_uri(reverse("download-link", args=[token]))
    return go_and_show(f"{name} {url}", "release", here.slug, number)


@require_safe
def follow_download(request: HttpRequest, token: str) -> HttpResponseBase:
    """No login: the link carries whose right it is, and that is asked anew each time."""
    try:
        kept, opened = follow_link(token)
        return send_file(request, opened, kept, name=_filename(kept.release.project.slug, kept, kept.release.number))
    except NotFound as nothing:
        raise Http404 from nothing
    except Refused as refusal:
        return refused_page(request, refusal)
