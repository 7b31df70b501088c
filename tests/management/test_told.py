"""Errors of commands as scripts read them: one JSON object on stderr, and the exit status that --help names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import load_command_class

from annotator import command_line
from claims.management.taught import TaughtCommand
from tests.factories import make_project, owner_of

KEYS = {"type", "title", "code", "detail", "errors", "exit_status"}


def typed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of the command as it is typed."""
    command = load_command_class("claims", words[0])
    assert isinstance(command, TaughtCommand)
    command.requires_system_checks = []
    try:
        command.run_from_argv(["manage.py", *words])
    except SystemExit as ended:
        status = int(ended.code or 0)
    else:
        status = 0
    shown = capsys.readouterr()
    return status, shown.out, shown.err


@pytest.fixture(autouse=True)
def open_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that was typed ends its connections; the test's own has to stay."""
    monkeypatch.setattr("django.core.management.base.connections.close_all", lambda: None)


@pytest.mark.django_db
def test_each_refusal_is_one_object_with_a_stable_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = make_project()
    of, by = ("--project", project.slug), owner_of(project).username
    (tmp_path / "old.dump").write_bytes(b"")
    wrong: list[tuple[str, str, tuple[str, ...]]] = [
        ("slug_taken", "already has the address", ("create_project", "--name=X", f"--slug={project.slug}", "--by", by)),
        ("unknown_user", "no login called 'nobody'", ("create_project", "--name=X", "--slug=x", "--by=nobody")),
        ("unknown_project", "There is: ", ("split_articles", "--project=nowhere")),
        ("unknown_round", "Make one with open_round", ("score_round", *of, "--round=7")),
        ("unknown_release", "Make one with export_release", ("compare_releases", *of, "1", "2")),
        ("unknown_release", "no release that is ready", ("verify_release", *of)),
        ("unknown_codebook", "Choose one of", ("open_round", *of, "--name=A", "--codebook=none")),
        ("unknown_question", "asks nope", ("export_release", *of, "--out", str(tmp_path), "--question=nope")),
        ("file_missing", "no file or folder", ("import_articles", *of, str(tmp_path / "none"))),
        ("file_exists", "overwrites nothing", ("backup", str(tmp_path / "old.dump"))),
        ("file_missing", "There is no file", ("restore", str(tmp_path / "none"), "--into=again")),
        ("not_a_release", "--format jsonl", ("rejoin_text", f"--release={tmp_path}", f"--texts={by}", "--out=whole")),
        ("file_unreadable", "cannot be read", ("verify_labels", "--against", str(tmp_path / "none"))),
    ]
    for code, detail, words in wrong:
        status, out, err = typed(capsys, *words, "--json")
        assert (status, out, err.count("\n")) == (1, "", 1), (words, err)
        problem: dict[str, Any] = json.loads(err)
        assert (set(problem), problem["code"], problem["exit_status"]) == (KEYS, code, 1), words
        assert detail in problem["detail"]
        assert code not in problem["detail"], "the code has a place of its own"
        assert "CommandError" not in err


@pytest.mark.django_db
def test_faults_of_the_input_are_listed_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    project = make_project()
    words = ("open_round", "--project", project.slug, "--name=A", "--codebook=stance", "--overlap=99")
    problem = json.loads(typed(capsys, *words, "--json")[2])
    assert [set(one) for one in problem["errors"]] == [{"field", "code", "detail"}] * len(problem["errors"])
    assert "overlap" in str(problem)


def test_what_is_misspelt_is_an_object_too_with_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ("create_project", "--slug=x"),
        ("export_release", "--project=x", "--out=y", "--format=docx"),
        ("verify_release", "--project=x", "--release=one"),
        ("compare_releases", "--project=x", "--nonsense", "1", "2"),
    ):
        status, out, err = typed(capsys, *words, "--json")
        assert (status, out, err.count("\n")) == (2, "", 1), (words, err)
        problem = json.loads(err)
        assert (problem["code"], problem["exit_status"]) == ("misspelt", 2)
        assert "--help" in problem["detail"]


@pytest.mark.django_db
def test_without_json_a_person_reads_a_sentence_with_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    project = make_project()
    by = owner_of(project).username
    status, out, err = typed(capsys, "create_project", "--name=X", f"--slug={project.slug}", "--by", by)
    assert (status, out) == (1, "")
    assert "(slug_taken)" in err
    assert "{" not in err
    assert typed(capsys, "create_project", "--slug=x")[0] == 2


def test_help_says_how_errors_read(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = typed(capsys, "export_release", "--help")
    assert status == 0
    assert "With --json an error is one JSON object on stderr" in " ".join(out.split())


def test_settings_that_cannot_be_used_are_told_in_an_object(monkeypatch: pytest.MonkeyPatch) -> None:
    def execute(argv: list[str]) -> None:
        raise ImproperlyConfigured("SECRET_KEY is too short.")

    monkeypatch.setattr(command_line, "execute_from_command_line", execute)
    with pytest.raises(SystemExit) as ended:
        command_line.execute(["manage.py", "verify_labels", "--json"])
    problem = json.loads(str(ended.value.code))
    assert (problem["code"], problem["exit_status"]) == ("settings_unusable", 1)
    assert "SECRET_KEY is too short" in problem["detail"]
