from __future__ import annotations

import hashlib
import io
import re
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from claims.errors import NotFound, Refused
from claims.exporting import zipping
from claims.exporting.handing import follow_link, make_link, open_file
from claims.models import Article, AuditEvent, ClaimOccurrence, Membership, Project, Release, User
from tests.exporting.test_actions import content, labelled, released
from tests.factories import member, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return labelled(otto="observer")[0]


def address(release: Release, name: str = "labels.csv") -> str:
    return f"/p/{release.project.slug}/releases/{release.number}/files/{name}"


def test_it_works_a_download_goes_on_where_it_broke_off(client: Client, project: Project) -> None:
    release = released(project)
    client.force_login(member(project, "otto"))
    whole = client.get(address(release))
    body = b"".join(whole.streaming_content)  # type: ignore[attr-defined]
    assert hashlib.sha256(body).hexdigest() == release.files.get(name="labels.csv").sha256
    rest = client.get(address(release), headers={"Range": "bytes=10-", "If-Range": whole["ETag"]})
    assert rest.status_code == 206
    assert b"".join(rest.streaming_content) == body[10:]  # type: ignore[attr-defined]
    assert rest["Content-Range"] == f"bytes 10-{len(body) - 1}/{len(body)}"


def test_ex_12_a_link_works_for_a_quarter_of_an_hour_without_a_session(client: Client, project: Project) -> None:
    release = released(project)
    client.force_login(member(project, "otto"))
    page = client.post(f"{address(release)}/link/", follow=True).content.decode()
    [link] = re.findall(r'testserver(/downloads/[^"]+)', page)
    anybody = Client()
    answer = anybody.get(link)
    assert b"".join(answer.streaming_content) == content(release, "labels.csv")  # type: ignore[attr-defined]
    assert answer["Cache-Control"] == "no-store"
    assert AuditEvent.objects.filter(verb="download_release", actor=member(project, "otto")).count() == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=2), tick=False):
        gone = anybody.get(link)
    assert (gone.status_code, "has expired" in gone.content.decode()) == (410, True)
    assert anybody.get(link[:-3] + "x/").status_code == 404


def test_ex_12_the_right_behind_a_link_is_asked_each_time(project: Project) -> None:
    release, otto = released(project), member(project, "otto")
    token = make_link(release, "labels.csv", by=otto)
    follow_link(token)[1].close()
    User.objects.filter(pk=otto.pk).update(is_active=False)
    with pytest.raises(NotFound):
        follow_link(token)
    User.objects.filter(pk=otto.pk).update(is_active=True)
    Membership.objects.filter(user=otto).delete()
    with pytest.raises(NotFound):
        follow_link(token)


@pytest.mark.parametrize("model", [Article, ClaimOccurrence])
def test_ex_09_files_that_hold_what_was_taken_down_are_gone(
    client: Client, project: Project, model: type[Article] | type[ClaimOccurrence]
) -> None:
    release, owner = released(project), owner_of(project)
    token = make_link(release, "claims.jsonl", by=owner)
    model.objects.filter(project=project).update(state="retracted")
    client.force_login(owner)
    for there in (address(release, "claims.jsonl"), f"/downloads/{token}/"):
        answer = client.get(there)
        assert (answer.status_code, b"bolts" in answer.content) == (410, False)
        assert "taken down" in answer.content.decode()
    open_file(release, "manifest.json", by=owner)[1].close()
    open_file(released(project), "claims.jsonl", by=owner)[1].close()
    page = client.get(f"/p/{project.slug}/releases/{release.number}/").content.decode()
    assert "taken down. Files that hold their words are no longer given out" in page


def test_what_was_taken_down_before_a_release_does_not_close_it(project: Project) -> None:
    ClaimOccurrence.objects.filter(project=project).update(state="retracted")
    open_file(released(project), "claims.jsonl", by=owner_of(project))[1].close()


def test_a_link_to_what_is_no_file_is_not_made(project: Project) -> None:
    with pytest.raises(NotFound):
        make_link(released(project), "../secret", by=owner_of(project))


def test_the_refusal_says_what_to_do(project: Project) -> None:
    release = released(project)
    Article.objects.filter(project=project).update(state="retracted")
    with pytest.raises(Refused, match="Make a new release") as caught:
        open_file(release, "articles.csv", by=owner_of(project))
    assert (caught.value.code, caught.value.status) == ("taken_down", 410)


def test_all_files_come_as_one_archive_under_the_names_of_the_manifest(client: Client, project: Project) -> None:
    release = released(project)
    client.force_login(member(project, "otto"))
    page = f"/p/{project.slug}/releases/{release.number}/"
    assert f'href="{page}all.zip"' in client.get(page).content.decode()
    answer = client.get(f"{page}all.zip")
    assert f"{project.slug}-release-1.zip" in answer["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:  # type: ignore[attr-defined]
        assert archive.testzip() is None
        digests = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    assert digests == dict(release.files.values_list("name", "sha256"))
    assert AuditEvent.objects.filter(verb="download_release", actor=member(project, "otto")).count() == 1


def test_an_archive_leaves_out_what_was_taken_down(client: Client, project: Project) -> None:
    release = released(project)
    Article.objects.filter(project=project).update(state="retracted")
    client.force_login(member(project, "otto"))
    answer = client.get(f"/p/{project.slug}/releases/{release.number}/all.zip")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:  # type: ignore[attr-defined]
        names = set(archive.namelist())
    assert "manifest.json" in names
    assert not names & {"labels.csv", "articles.csv", "claims.csv", "labels.jsonl"}


def test_an_archive_is_written_in_pieces_while_it_is_sent(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    release = released(project)
    monkeypatch.setattr(zipping, "CHUNK", 64)
    pieces = list(zipping.zipped(list(release.files.order_by("name"))))
    assert max(map(len, pieces)) < 20_000
    assert len(pieces) > release.files.count()
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.read("labels.csv") == content(release, "labels.csv")
