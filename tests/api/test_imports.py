"""Files by API: looked at, imported with a mapping, and the same again."""

from __future__ import annotations

import base64
import io
import os
import zipfile

import pytest

from claims.models import Article, ExternalVerdict, Job
from tests.api.caller import Caller, code, fresh_key
from tests.factories import make_project, owner_of, run_jobs

pytestmark = pytest.mark.django_db
TABLE = "Schlagzeile;Inhalt\nHafen gesperrt;Der Hafen ist seit Montag gesperrt.\n"
MAPPED = {"title": "Schlagzeile", "text": "Inhalt"}


def test_it_works_up_22_a_table_is_looked_at_and_imported_as_mapped() -> None:
    project = make_project()
    carol, root = Caller(owner_of(project)), f"projects/{project.slug}/imports/"
    read = carol.post(f"{root}look/", {"filename": "a.csv", "content": TABLE})
    assert read.status_code == 200
    assert read.json() == {
        "format": "csv",
        "encoding": "utf-8",
        "encoding_confidence": 1.0,
        "delimiter": ";",
        "names": ["Schlagzeile", "Inhalt"],
        "columns": {},
        "rows": [["Hafen gesperrt", "Der Hafen ist seit Montag gesperrt."]],
        "escape": "",
        "checked": 1,
        "faults": [],
    }
    dated = carol.post(f"{root}look/", {"filename": "a.csv", "content": "text,date\nOne.,2026-03-01\nTwo.,soon\n"})
    [fault] = dated.json()["faults"]
    assert (fault["line"], fault["row"], fault["field"], fault["code"]) == (3, 1, "published_at", "invalid_date")
    assert not Job.objects.exists()
    refused = carol.post(root, {"filename": "a.csv", "content": TABLE})
    assert (refused.status_code, code(refused)) == (422, "missing_column")
    assert carol.post(root, {"filename": "a.csv", "content": TABLE, "columns": MAPPED}).status_code == 202
    run_jobs()
    assert Article.objects.get().headline == "Hafen gesperrt"


def test_up_40_the_same_bytes_again_are_answered_200_and_change_nothing() -> None:
    project = make_project()
    carol, root = Caller(owner_of(project)), f"projects/{project.slug}/imports/"
    sent = {"filename": "a.txt", "content_base64": base64.b64encode("Der Hafen ist zu.".encode("utf-16")).decode()}
    assert carol.post(root, sent).status_code == 202
    run_jobs()
    again = carol.post(root, sent)
    assert (again.status_code, again.json()["reason"], Article.objects.count()) == (200, "duplicate_of", 1)
    pasted = {"text": "The pier is closed until May."}
    assert carol.post(f"projects/{project.slug}/articles/", pasted).status_code == 202
    run_jobs()
    again = carol.post(f"projects/{project.slug}/articles/", pasted)
    assert (again.status_code, again.json()["reason"], Article.objects.count()) == (200, "duplicate_of", 2)


PLAIN = {"Content-Type": "application/octet-stream"}


def test_it_works_a_file_is_sent_as_it_is_with_what_is_said_of_it_in_the_address() -> None:
    project = make_project()
    carol, root = Caller(owner_of(project)), f"projects/{project.slug}/imports/upload/"
    asked = "?filename=a.csv&column_text=Inhalt&column_title=Schlagzeile&outlet=Hafenblatt&encoding=windows-1252"
    key = fresh_key()
    sent = [
        carol.send("POST", root + asked, raw=TABLE.encode("cp1252"), **PLAIN, Idempotency_Key=key) for _ in range(2)
    ]
    assert [one.status_code for one in sent] == [202, 202]
    assert (sent[0].json()["id"], sent[1].headers["Idempotency-Replayed"]) == (sent[1].json()["id"], "true")
    run_jobs()
    article = Article.objects.select_related("outlet").get()
    assert (article.headline, article.outlet.name) == ("Hafen gesperrt", "Hafenblatt")
    other = carol.send("POST", f"{root}?filename=b.csv", raw=TABLE.encode(), **PLAIN, Idempotency_Key=key)
    assert code(other) == "idempotency_key_reused"


def test_a_zip_beyond_the_limit_of_json_comes_in_and_the_same_again_changes_nothing() -> None:
    project = make_project()
    carol, root = Caller(owner_of(project)), f"projects/{project.slug}/imports/upload/?filename=a.zip"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "The pier is closed until May.")
        archive.writestr("b.bin", os.urandom(9_000_000))
    for status in (202, 202):  # what was left out makes it no duplicate as a whole
        assert carol.send("POST", root, raw=packed.getvalue(), **PLAIN).status_code == status
        run_jobs()
    assert [(job.state, job.counts.get("duplicate", 0)) for job in Job.objects.filter(kind="import_articles")] == [
        ("partial", 0),
        ("partial", 1),
    ]
    assert Article.objects.count() == 1


def test_a_data_set_of_claims_is_sent_as_a_file() -> None:
    project = make_project()
    said = b"1\tfalse\tThe harbour cost 40 million.\tbudget\tEdda Quill\n"
    address = f"projects/{project.slug}/imports/upload/?filename=liar.tsv&dataset=liar"
    assert Caller(owner_of(project)).send("POST", address, raw=said, **PLAIN).json()["kind"] == "import_claims"
    run_jobs()
    assert ExternalVerdict.objects.get().claim.text == "The harbour cost 40 million."


@pytest.mark.parametrize(
    ("address", "raw", "kind", "status", "expected"),
    [
        ("?filename=a.txt", b"", PLAIN, 422, "nothing_to_import"),
        ("", b"A pier.", PLAIN, 400, "invalid_request"),
        ("?filename=a.txt", b"x" * 50_000_001, PLAIN, 413, "too_large"),
        ("?filename=a.exe", b"A pier.", PLAIN, 415, "unsupported_format"),
        ("?filename=a.txt&dataset=none", b"A pier.", PLAIN, 400, "invalid_request"),
        ("?filename=a.txt&name=b", b"A pier.", PLAIN, 400, "unknown_filter"),
        ("?filename=a.zip", b"A pier.", PLAIN, 422, "archive_corrupt"),
        ("?filename=a.csv&column_text=Nope", TABLE.encode(), PLAIN, 422, "unknown_column"),
        ("?filename=a.txt", b"{}", {"Content-Type": "application/json"}, 415, "unsupported_media_type"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused(
    address: str, raw: bytes, kind: dict[str, str], status: int, expected: str
) -> None:
    project = make_project()
    answer = Caller(owner_of(project)).send(
        "POST", f"projects/{project.slug}/imports/upload/{address}", raw=raw, **kind
    )
    assert (answer.status_code, code(answer)) == (status, expected)
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"filename": "a.csv"}, "one_content_expected"),
        ({"filename": "a.csv", "content": "a", "content_base64": "YQ=="}, "one_content_expected"),
        ({"filename": "a.csv", "content_base64": "?"}, "invalid_base64"),
        ({"filename": "a.exe", "content": "a"}, "unsupported_format"),
        ({"filename": "a.csv", "content": TABLE, "columns": {"text": "Nope"}}, "unknown_column"),
        ({"filename": "a.csv", "content": TABLE, "columns": {"body": "Inhalt"}}, "unknown_field"),
        ({"filename": "a.csv", "content": TABLE, "delimiter": "x"}, "unknown_delimiter"),
    ],
)
def test_what_cannot_be_read_is_refused(sent: dict[str, object], expected: str) -> None:
    project = make_project()
    carol = Caller(owner_of(project))
    for address in ("imports/", "imports/look/"):
        assert code(carol.post(f"projects/{project.slug}/{address}", sent)) == expected
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("articles/", {"text": "The pier \ud83d is closed."}),
        ("imports/", {"filename": "a.txt", "content": "The pier \ud83d is closed."}),
        ("imports/look/", {"filename": "a.txt", "content": "The pier \ud83d is closed."}),
    ],
)
def test_up_15_half_a_character_is_refused_with_its_place(address: str, body: dict[str, str]) -> None:
    project = make_project()
    refused = Caller(owner_of(project)).post(f"projects/{project.slug}/{address}", body)
    assert refused.status_code == 400
    [problem] = refused.json()["errors"]
    assert problem["code"] == "invalid_characters"
    assert "Character 10 is one half of a surrogate pair (U+D83D)" in str(problem)
    assert not Job.objects.exists()


def test_up_15_a_text_of_control_characters_alone_is_not_called_empty() -> None:
    project = make_project()
    for text, expected in (("\u0001\u0002", "invalid_characters"), (" \n", "nothing_to_import")):
        refused = Caller(owner_of(project)).post(f"projects/{project.slug}/articles/", {"text": text})
        assert (refused.status_code, code(refused)) == (422, expected)
