"""Files by API: looked at, imported with a mapping, and the same again."""

from __future__ import annotations

import base64

import pytest

from claims.models import Article, Job
from tests.api.caller import Caller, code
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
    }
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
