"""Releases and their files."""

from __future__ import annotations

import hashlib

import pytest

from claims.errors import Refused
from claims.exporting.sending import asked_range
from claims.models import Job, Project, Release
from tests.api.caller import Caller, code, fresh_key
from tests.factories import label_next, make_codebook, make_project, make_round, member, owner_of, reviewer, run_jobs

pytestmark = pytest.mark.django_db


def labelled() -> Project:
    project = make_project(alice="reviewer", bob="reviewer", olga="observer")
    round_ = make_round(project, units=1, codebook=make_codebook(project, "stance"))
    for name in ("alice", "bob"):
        label_next(round_, reviewer(project, name))
    run_jobs()
    return project


def released(project: Project) -> int:
    made = Caller(owner_of(project), scopes=["release"]).post(f"projects/{project.slug}/releases/", {"title": "Pilot"})
    assert made.status_code == 202, made.content
    run_jobs()
    return int(made.json()["id"])


def test_it_works() -> None:
    project = labelled()
    pk = released(project)
    olga = Caller(member(project, "olga"), scopes=["read"])
    assert [row["id"] for row in olga.get(f"projects/{project.slug}/releases/").json()["results"]] == [pk]
    shown = olga.get(f"releases/{pk}/").json()
    assert (shown["state"], shown["number"], shown["title"]) == ("ready", 1, "Pilot")
    for kept in shown["files"]:
        answer = olga.get(f"releases/{pk}/files/{kept['name']}/")
        content = b"".join(answer.streaming_content)
        assert (len(content), hashlib.sha256(content).hexdigest()) == (kept["size"], kept["sha256"])
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_download_goes_on_where_it_broke() -> None:
    project = labelled()
    pk = released(project)
    carol = Caller(owner_of(project))
    kept = max(carol.get(f"releases/{pk}/").json()["files"], key=lambda row: row["size"])
    address = f"releases/{pk}/files/{kept['name']}/"
    whole = b"".join(carol.get(address).streaming_content)
    head = carol.get(address, Range="bytes=0-9")
    tail = carol.get(address, Range="bytes=10-", If_Range=head.headers["ETag"])
    assert (head.status_code, head.headers["Content-Range"]) == (206, f"bytes 0-9/{kept['size']}")
    assert b"".join(head.streaming_content) + b"".join(tail.streaming_content) == whole
    assert b"".join(carol.get(address, Range="bytes=-5").streaming_content) == whole[-5:]
    other = carol.get(address, Range="bytes=10-", If_Range='"another"')
    assert (other.status_code, b"".join(other.streaming_content)) == (200, whole)
    behind = carol.get(address, Range=f"bytes={kept['size']}-")
    assert (behind.status_code, code(behind)) == (416, "range_not_satisfiable")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,4-5", None),
        ("items=0-1", None),
        ("bytes=0-0", (0, 0)),
        ("bytes=2-", (2, 9)),
        ("bytes=2-99", (2, 9)),
        ("bytes=-3", (7, 9)),
        ("bytes=-99", (0, 9)),
    ],
)
def test_a_range_of_ten_bytes_is_read_as_rfc_9110_says(header: str, expected: tuple[int, int] | None) -> None:
    assert asked_range(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(header: str) -> None:
    with pytest.raises(Refused, match="behind"):
        asked_range(header, 10)


def test_who_may_not() -> None:
    project = labelled()
    pk = released(project)
    alice = Caller(member(project, "alice"))
    assert code(alice.get(f"releases/{pk}/")) == "role_not_allowed"
    assert alice.get(f"releases/{pk}/files/manifest.json/").status_code == 403
    assert alice.post(f"projects/{project.slug}/releases/").status_code == 403
    olga = Caller(member(project, "olga"))
    assert olga.post(f"projects/{project.slug}/releases/").status_code == 403
    writes = Caller(owner_of(project), scopes=["write", "read", "label"])
    assert code(writes.post(f"projects/{project.slug}/releases/")) == "scope_missing"
    assert Release.objects.count() == 1


def test_az_02_foreign_releases_and_rounds_do_not_exist() -> None:
    project, other = labelled(), make_project()
    pk = released(project)
    stranger = Caller(owner_of(other))
    assert stranger.get(f"releases/{pk}/").content == stranger.get("releases/999999999/").content
    assert stranger.get(f"releases/{pk}/files/labels.csv/").status_code == 404
    answer = stranger.post(f"projects/{other.slug}/releases/", {"rounds": [project.round_set.get().pk]})
    assert answer.status_code == 404
    assert not Release.objects.filter(project=other).exists()


def test_a_faulty_request_is_refused_and_a_repeat_is_one_release() -> None:
    project, key = labelled(), fresh_key()
    carol = Caller(owner_of(project))
    address = f"projects/{project.slug}/releases/"
    assert code(carol.post(address, {"formats": ["papyrus"]})) == "invalid_request"
    assert code(carol.post(address, {"formats": []})) == "invalid_request"
    assert code(carol.post(address, {"number": 7})) == "unknown_field"
    first = carol.post(address, {"title": "Pilot"}, Idempotency_Key=key)
    assert carol.post(address, {"title": "Pilot"}, Idempotency_Key=key).json() == first.json()
    assert Release.objects.count() == 1
    assert code(carol.get(f"releases/{first.json()['id']}/files/labels.csv/")) == "release_not_ready"


def test_a_release_that_failed_is_built_again() -> None:
    project = labelled()
    carol = Caller(owner_of(project), scopes=["release"])
    made = carol.post(f"projects/{project.slug}/releases/", {"title": "Pilot"}).json()
    assert code(carol.post(f"releases/{made['id']}/retry/")) == "release_not_failed"
    built = Release.objects.get(pk=made["id"]).job_id
    Job.objects.filter(pk=built).update(state="failed", reason="worker_lost", sentence="Gone.")
    again = carol.post(f"releases/{made['id']}/retry/")
    assert (again.status_code, again.json()["kind"]) == (202, "build_release")
    run_jobs()
    assert Release.objects.get(pk=made["id"]).state == "ready"
    assert Caller(member(project, "olga")).post(f"releases/{made['id']}/retry/").status_code == 403
