"""Handing out the files of a release: to whom, for how long, and what is no longer given out."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.core.files.base import File
from django.db import transaction

from claims import audit
from claims.errors import NotFound, Refused
from claims.exporting.writers import CARDS
from claims.models import Article, ClaimOccurrence, Release, ReleaseFile, TextVersion, User
from claims.permissions import can, check_can_download

LINK_SECONDS = 15 * 60
SALT = "claims.exporting.handing"
# Files without a word of an article or a claim; all others may hold what was taken down.
WORDLESS = (
    "manifest",
    "codebooks",
    "rounds",
    "outlets",
    "reviewers",
    "withheld",
    "soft_labels",
    "posteriors",
    "splits",
)


def open_file(release: Release, name: str, *, by: User) -> tuple[ReleaseFile, File[bytes]]:
    """A file of a ready release for somebody who may download it; every download is in the audit log.

    Raises Refused `taken_down` (410) for a file that may hold what was taken down since, and NotFound.
    """
    found = _find(release, name, by)
    with transaction.atomic():
        audit.record("download_release", release, by=by, file=found.name)
    return found, found.file.open("rb")


def _find(release: Release, name: str, by: User) -> ReleaseFile:
    check_can_download(by, release)
    found = ReleaseFile.objects.filter(release=release, name=name).select_related("release__project").first()
    if found is None:
        raise NotFound
    if is_withheld(found) and (n := taken_down(release)):
        sentence = (
            f"Since this release, {n} of its articles or claims {'was' if n == 1 else 'were'} taken down, and this "
            "file may hold them. Make a new release: it leaves them out. The manifest of this one stays."
        )
        raise Refused("taken_down", sentence, status=410)
    return found


def is_withheld(file: ReleaseFile) -> bool:
    """Whether the file may hold words of articles or claims, and is not given out once some were taken down."""
    return file.format not in CARDS and file.name.split(".", maxsplit=1)[0] not in WORDLESS


def taken_down(release: Release) -> int:
    """How many articles and claims of the release were taken down, or their text erased, since it was started."""
    project = release.project_id
    articles = Article.objects.in_project(project).filter(state="retracted")
    erased = TextVersion.objects.filter(article__project=project, erased_at__gt=release.created_at)
    claims = ClaimOccurrence.objects.in_project(project).filter(state="retracted")
    kept = release.frozen_rows
    gone = {*kept.filter(kind="article", row_id__in=articles.values("pk")).values_list("row_id", flat=True)}
    gone |= {*kept.filter(kind="article", row_id__in=erased.values("article")).values_list("row_id", flat=True)}
    return len(gone) + kept.filter(kind="occurrence", row_id__in=claims.values("pk")).count()


def make_link(release: Release, name: str, *, by: User) -> str:
    """A token that opens this one file for a quarter of an hour, on the right of who made it."""
    found = _find(release, name, by)
    with transaction.atomic():
        audit.record("link_release_file", release, by=by, file=found.name)
    return signing.dumps({"release": release.pk, "name": found.name, "user": by.pk}, salt=SALT)


def follow_link(token: str) -> tuple[ReleaseFile, File[bytes]]:
    """The file behind a token. Who made it must still be allowed to download: this is asked each time.

    Raises Refused `link_expired` (410), and NotFound for what is no link of ours or leads nowhere any more.
    """
    try:
        told: dict[str, Any] = signing.loads(token, salt=SALT, max_age=LINK_SECONDS)
    except signing.SignatureExpired:
        sentence = "This link has expired. Make a new one on the page of the release."
        raise Refused("link_expired", sentence, status=410) from None
    except signing.BadSignature:
        raise NotFound from None
    by = User.objects.filter(pk=told["user"], is_active=True).first()
    release = Release.objects.select_related("project").filter(pk=told["release"]).first()
    if by is None or release is None or not can("download", by, release.project):
        raise NotFound
    return open_file(release, told["name"], by=by)
