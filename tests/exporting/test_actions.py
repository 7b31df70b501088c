from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from typing import Any
from unittest import mock

import pytest
from django.core.files.base import ContentFile

from claims import jobs
from claims.errors import Conflict, NotFound, NotPermitted, Refused
from claims.exporting.actions import retry_release, run_build_release, start_release, verify_release
from claims.exporting.handing import open_file
from claims.exporting.records import TABLES
from claims.exporting.writers.csv import strip_guard
from claims.importing.actions import start_import
from claims.importing.mending import correct_segment_role
from claims.labelling.actions import revise_label
from claims.models import (
    Article,
    AuditEvent,
    Claim,
    ClaimOccurrence,
    Job,
    Outlet,
    OutletDomain,
    OutletVersion,
    Project,
    Release,
    ReleaseFile,
    Round,
    RoundUnit,
    Segment,
    Unit,
    User,
)
from tests.factories import (
    answers_for,
    label_next,
    make_article,
    make_claim,
    make_codebook,
    make_outlet,
    make_project,
    make_round,
    member,
    owner_of,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db

EVIDENCE = [{"relation": "refutes", "url": "https://inspect.example/log", "quote": "=SUM(9)"}]
QUOTE = "Inspectors found 14 broken bolts"


def labelled(*, preset: str = "stance", **members: str) -> tuple[Project, Round]:
    """A project of one claim, labelled by Alice (supports) and Bob (refutes)."""
    project = make_project(alice="reviewer", bob="reviewer", **members)
    make_claim(make_article(project, outlet=make_outlet(project)), QUOTE, source="the Tidal Post", cue="reported")
    round_ = make_round(project, codebook=make_codebook(project, preset))
    label_next(round_, reviewer(project, "alice"), stance="supports")
    label_next(round_, reviewer(project, "bob"), stance="refutes")
    run_jobs()
    return project, round_


def released(project: Project, **plan: Any) -> Release:
    release = start_release(project, by=owner_of(project), **plan)
    run_jobs()
    release.refresh_from_db()
    assert release.state == "ready", release.state_reason
    return release


def content(release: Release, name: str) -> bytes:
    with ReleaseFile.objects.get(release=release, name=name).file.open("rb") as file:
        read: bytes = file.read()
    return read


def rows(release: Release, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content(release, f"{table}.jsonl").decode().splitlines()]


def all_bytes(release: Release) -> dict[str, bytes]:
    return {each.name: content(release, each.name) for each in release.files.all()}


def test_it_works() -> None:
    project, round_ = labelled()
    release = released(project, title="First")
    assert {row["value"] for row in rows(release, "labels") if row["question"] == "stance"} == {"supports", "refutes"}
    assert rows(release, "soft_labels")[0] | {"unit": 0} == {
        "round": round_.pk,
        "unit": 0,
        "question": "stance",
        "phase": "first",
        "value": "refutes",
        "n": 1,
        "share": 0.5,
    }
    [claim] = rows(release, "claims")
    assert claim["hops"][0]["source"] == "the Tidal Post"
    assert release.manifest is not None
    assert release.manifest["counts"]["labels"] == 2


def test_the_manifest_names_every_file_with_its_checksum() -> None:
    project, round_ = labelled()
    release = released(project)
    manifest = json.loads(content(release, "manifest.json"))
    assert manifest == release.manifest
    assert {each["name"] for each in manifest["files"]} == {f"{t}.{e}" for t in TABLES for e in ("jsonl", "csv")}
    for each in manifest["files"]:
        assert hashlib.sha256(content(release, each["name"])).hexdigest() == each["sha256"]
    assert manifest["codebooks"][0]["sha256"] == round_.codebook_version.sha256


def test_agreement_in_the_manifest_is_of_the_released_labels() -> None:
    # one unit, two different answers: observed = expected disagreement, alpha = 0 (Krippendorff 2011)
    project, round_ = labelled()
    manifest = released(project).manifest
    assert manifest is not None
    [stance] = [row for row in manifest["agreement"] if row["question"] == "stance"]
    assert stance["krippendorff_alpha"] == 0
    assert stance["percent_agreement"] == 0
    assert (stance["round"], stance["pairable_units"], stance["answers"]) == (round_.pk, 1, 2)


def test_inv_11_pieces_are_where_the_text_has_them() -> None:
    project = make_project()
    text = "Ölmarkt 🛢️ wächst\n\nDie Brücke – sagt sie – trägt 9 000 Wagen."
    make_claim(make_article(project, text), "trägt 9 000 Wagen")
    release = released(project)
    [article], [claim] = rows(release, "articles"), rows(release, "claims")
    for piece in claim["pieces"]:
        start, end = piece["start"], piece["end"]
        assert article["text"][start:end] == piece["exact"] == "trägt 9 000 Wagen"
        assert article["text"][:start].endswith(piece["prefix"])
        assert article["text"][end:].startswith(piece["suffix"])


def test_inv_06_two_builds_of_a_release_are_byte_equal() -> None:
    project, _ = labelled()
    release = released(project)
    before = all_bytes(release)
    Release.objects.filter(pk=release.pk).update(state="building", manifest=None, ready_at=None)
    release.refresh_from_db()
    job = jobs.enqueue("build_release", project=project, args={"release": release.pk})
    run_jobs()
    job.refresh_from_db()
    assert job.state == "succeeded"
    assert all_bytes(release) == before


def test_inv_06_what_is_edited_later_leaves_a_release_as_it_was() -> None:
    project, round_ = labelled()
    release = released(project, title="First")
    before = all_bytes(release)
    article = Article.objects.get(project=project)
    other = make_outlet(project, "Another Post")
    Article.objects.filter(pk=article.pk).update(
        headline="Edited", byline="Edited", url="https://edited.example/", language="xx", genre="edited", outlet=other
    )
    OutletDomain.objects.create(project=project, outlet=other, domain="edited.example")
    for outlet in (article.outlet, other):
        assert outlet is not None
        OutletVersion.objects.create(outlet=outlet, n=9, name="Edited")
        Outlet.objects.filter(pk=outlet.pk).update(name=f"Edited {outlet.pk}")
    Project.objects.filter(pk=project.pk).update(name="Edited", goal="rate_outlets")
    Round.objects.filter(pk=round_.pk).update(name="Edited", overlap=9, selection={"edited": 1}, questions=["edited"])
    round_.codebook_version.codebook.__class__.objects.filter(project=project).update(slug="edited")
    claim = Claim.objects.create(project=project, text="Edited.")
    ClaimOccurrence.objects.filter(project=project).update(claim=claim, position=7)
    late = make_claim(make_article(project, "Late\n\nA claim that came when the release was long out."), "came")
    unit = Unit.objects.create(
        project=project, kind="claim_occurrence", occurrence_version=late.versions.get(), article=late.article
    )
    RoundUnit.objects.create(round=round_, unit=unit, position=99, overlap=1)
    assert verify_release(release) == []
    Release.objects.filter(pk=release.pk).update(state="building", manifest=None, ready_at=None)
    jobs.enqueue("build_release", project=project, args={"release": release.pk})
    run_jobs()
    assert all_bytes(release) == before
    assert b"Edited" in b"".join(all_bytes(released(project)).values())


def test_ex_03_csv_and_jsonl_hold_the_same_rows_and_values() -> None:
    project, _ = labelled()
    release = released(project)
    for name, table in TABLES.items():
        kinds = {column.name: column.kind for column in table.columns}
        [*written] = csv.DictReader(io.StringIO(content(release, f"{name}.csv").decode(), newline=""))
        for in_csv, in_json in zip(written, rows(release, name), strict=True):
            assert {key: from_csv(kinds[key], cell) for key, cell in in_csv.items()} == {
                key: "" if value is None else value for key, value in in_json.items()
            }


def from_csv(kind: str, cell: str) -> Any:
    if cell == "" or kind in ("time",):
        return cell
    if kind in ("whole", "number", "list"):
        return json.loads(strip_guard(cell))
    return strip_guard(cell)


def test_ex_04_a_release_is_as_of_its_seal() -> None:
    project, round_ = labelled(preset="stance")
    release = start_release(project, by=owner_of(project))
    alice = reviewer(project, "alice")
    unit = round_.round_units.get().unit
    revise_label(
        round_,
        unit,
        alice,
        answers=answers_for(round_, stance="unrelated"),
        idempotency_key="later-key",
        codebook_version_id=round_.codebook_version_id,
        expected_seq=1,
    )
    make_article(project, "Later article\n\nIt came after the seal.")
    run_jobs()
    release.refresh_from_db()
    assert {row["value"] for row in rows(release, "labels")} == {"supports", "refutes"}
    assert len(rows(release, "articles")) == 1
    assert release.manifest is not None
    assert release.manifest["as_of"]["seal"] == release.seal_id
    later = released(project)
    assert {row["value"] for row in rows(later, "labels")} == {"unrelated", "refutes"}
    assert verify_release(release) == []


def test_ex_06_no_direct_identifier_leaves() -> None:
    project, _ = labelled()
    people = [member(project, name) for name in ("alice", "bob")]
    User.objects.filter(pk=people[0].pk).update(email="alice@press.example", first_name="Alicia")
    release = released(project)
    everything = b"".join(all_bytes(release).values())
    for word in (
        *(person.username for person in people),
        "alice@press.example",
        "Alicia",
        reviewer(project, "bob").name,
    ):
        assert word.encode() not in everything
    assert {row["reviewer"][:2] for row in rows(release, "labels")} == {"R-"}


def test_pr_02_pseudonyms_of_two_releases_differ() -> None:
    project, _ = labelled()
    first, second = released(project), released(project)
    names = [{row["reviewer"] for row in rows(release, "labels")} for release in (first, second)]
    assert len(names[0]) == 2
    assert not names[0] & names[1]


def test_ex_08_rounds_of_another_project_are_not_found() -> None:
    project, _ = labelled()
    _, foreign = labelled()
    with pytest.raises(NotFound):
        start_release(project, by=owner_of(project), rounds=[foreign.pk])
    assert not Release.objects.filter(project=project).exists()


def test_a_release_of_one_round_holds_what_it_asked_about() -> None:
    project, round_ = labelled()
    make_article(project, "Beside it\n\nNobody was asked about this.")
    assert len(rows(released(project, rounds=[round_]), "articles")) == 1
    assert len(rows(released(project), "articles")) == 2


def test_ex_09_a_claim_that_is_taken_down_is_gone_from_new_releases() -> None:
    project, _ = labelled()
    old = released(project)
    taken = ClaimOccurrence.objects.get(project=project)
    ClaimOccurrence.objects.filter(pk=taken.pk).update(state="retracted")
    release = released(project)
    assert rows(release, "claims") == rows(release, "labels") == rows(release, "units") == []
    assert rows(release, "withheld") == [{"kind": "claim", "id": taken.pk, "state": "retracted"}]
    assert any(sentence.startswith("claims.jsonl had 1 rows") for sentence in verify_release(old))


def test_what_is_left_out_later_stays_in_an_earlier_release() -> None:
    project, _ = labelled()
    release = released(project)
    Article.objects.filter(project=project).update(state="excluded")
    ClaimOccurrence.objects.filter(project=project).update(state="dropped")
    assert verify_release(release) == []
    assert rows(released(project), "claims") == []


@pytest.mark.django_db(transaction=True)  # the audit log's clock stands still inside one transaction
def test_a_block_that_is_corrected_later_stays_as_it_was() -> None:
    project, _ = labelled()
    release = released(project)
    segment = Segment.objects.filter(text_version__article__project=project, role="body").order_by("n").first()
    assert segment is not None
    for role in ("caption", "boilerplate"):
        correct_segment_role(segment, role=role, by=owner_of(project))
    assert verify_release(release) == []
    later = {row["n"]: row for row in rows(released(project), "segments")}
    assert (later[segment.n]["role"], later[segment.n]["decided_by"]) == ("boilerplate", "person")


def test_ex_10_names_are_safe_and_importing_the_own_export_adds_nothing() -> None:
    project = make_project()
    title = "../../x CON 🧨\n\nA bridge was closed in May because nobody had looked after its bolts for years."
    make_article(project, title, outlet=make_outlet(project, "NUL: ../outlet"))
    release = released(project)
    assert all(re.fullmatch(r"[a-z_]+\.(jsonl|csv|json)", each.name) for each in release.files.all())
    [article] = rows(release, "articles")
    assert article["outlet"] == "NUL: ../outlet"
    before = (Article.objects.count(), Outlet.objects.count(), ClaimOccurrence.objects.count())
    for name in ("articles.jsonl", "articles.csv"):
        job = start_import(project, files=[ContentFile(content(release, name), name=name)], by=owner_of(project))
        run_jobs()
        job.refresh_from_db()
        assert job.counts["duplicate"] == 1
    assert (Article.objects.count(), Outlet.objects.count(), ClaimOccurrence.objects.count()) == before


def test_verify_names_a_file_whose_bytes_were_changed() -> None:
    project, _ = labelled()
    release = released(project)
    file = release.files.get(name="labels.csv")
    chunk = file.file.storage
    chunk.delete(file.file.name)
    chunk.save(file.file.name, io.BytesIO(b"round,unit\r\n"))
    assert verify_release(release) == ["The stored bytes of labels.csv are not those that were released."]


def test_evidence_is_cited_under_the_pseudonym() -> None:
    project = make_project(alice="reviewer")
    make_claim(make_article(project), QUOTE)
    round_ = make_round(project, overlap=1)
    label_next(round_, reviewer(project, "alice"), verdict="refuted", evidence=EVIDENCE)
    release = released(project)
    [evidence] = rows(release, "evidence")
    [verdict] = [row for row in rows(release, "labels") if row["question"] == "verdict"]
    assert (evidence["quote"], evidence["reviewer"]) == ("=SUM(9)", verdict["reviewer"])
    assert b",'=SUM(9)," in content(release, "evidence.csv")


@pytest.mark.parametrize("formats", [[], ["xml"], ["jsonl", "xml"]])
def test_unknown_formats_are_refused(formats: list[str]) -> None:
    project = make_project()
    with pytest.raises(Refused) as caught:
        start_release(project, by=owner_of(project), formats=formats)
    assert caught.value.code == "unknown_format"


def test_only_owners_and_curators_release() -> None:
    project = make_project(alice="reviewer", otto="observer", cleo="curator")
    for name in ("alice", "otto"):
        with pytest.raises(NotPermitted):
            start_release(project, by=member(project, name))
    assert start_release(project, by=member(project, "cleo")).number == 1


def test_downloads_are_for_those_who_may_and_are_recorded() -> None:
    project, _ = labelled(otto="observer")
    release = released(project)
    found, file = open_file(release, "labels.csv", by=member(project, "otto"))
    assert hashlib.sha256(file.read()).hexdigest() == found.sha256
    assert AuditEvent.objects.filter(verb="download_release", subject_id=release.pk).count() == 1
    with pytest.raises(NotPermitted):
        open_file(release, "labels.csv", by=member(project, "alice"))
    with pytest.raises(NotFound):
        open_file(release, "../labels.csv", by=member(project, "otto"))


def test_ex_11_nothing_is_visible_before_all_of_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    project, _ = labelled()
    release = start_release(project, by=owner_of(project))
    assert release.job is not None
    monkeypatch.setattr("claims.exporting.actions.ReleaseFile.objects", None)  # dies after the files are stored
    with pytest.raises(AttributeError):
        jobs.run(release.job.pk, {"build_release": run_build_release})
    monkeypatch.undo()
    release.refresh_from_db()
    assert (release.state, release.files.count()) == ("building", 0)
    with pytest.raises(Conflict):
        open_file(release, "labels.csv", by=owner_of(project))
    run_jobs()
    release.refresh_from_db()
    assert release.state == "ready"
    assert verify_release(release) == []


def test_a_failed_release_is_built_again_as_of_its_seal() -> None:
    project, _ = labelled()
    release = start_release(project, by=owner_of(project))
    with pytest.raises(Conflict):
        retry_release(release, by=owner_of(project))
    Job.objects.filter(pk=release.job_id).update(state="failed", reason="worker_lost", sentence="Gone.")
    retry_release(release, by=owner_of(project))
    run_jobs()
    release.refresh_from_db()
    assert release.state == "ready"


def test_people_who_look_on_see_how_much_there_is() -> None:
    project, _ = labelled()
    release = start_release(project, by=owner_of(project), formats=["jsonl", "lewidi", "brat"])
    shown: list[dict[str, int]] = []
    assert release.job is not None
    with mock.patch("claims.jobs.renew", lambda job, *, shown=None, seen=shown: seen.append(shown)):
        jobs.run(release.job.pk, {"build_release": run_build_release})
    release.job.refresh_from_db()
    counts, manifest = release.job.counts, Release.objects.get(pk=release.pk).manifest
    assert manifest is not None
    tables = manifest["counts"]
    assert counts["total"] >= counts["read"] == shown[-1]["read"]
    assert all(one["read"] <= one["total"] for one in shown)
    assert shown[0]["total"] >= sum(n for name, n in tables.items() if name not in ("posteriors", "splits"))


def test_an_empty_project_has_an_honest_release() -> None:
    project = make_project()
    release = released(project)
    assert release.manifest is not None
    assert set(release.manifest["counts"].values()) == {0}
    assert release.manifest["agreement"] == []
    assert content(release, "labels.jsonl") == b""
    assert content(release, "labels.csv").count(b"\r\n") == 1
