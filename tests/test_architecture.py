"""Walls that an import contract cannot express: who writes rows, who knows Celery, what never appears in markup."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CLAIMS = ROOT / "claims"
WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
# `.update` and `.delete` are words of dicts, sets and storages too: only those on querysets and rows count, and these
# are told by what they are called on.
ROWS = re.compile(r"(objects|filter|exclude|select_for_update|all)\b")
STAGES = (
    "importing",
    "splitting",
    "matching",
    "assignment",
    "labelling",
    "agreement",
    "adjudication",
    "credibility",
    "exporting",
)


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        path = CLAIMS / folder
        yield from [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))


def calls(path: Path) -> Iterator[tuple[int, str, str]]:
    """(line, what it is called on, method) of every method call."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.lineno, ast.unparse(node.func.value), node.func.attr


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", list(python_files("web", "api", "tasks.py")), ids=lambda path: path.stem)
def test_pages_api_and_tasks_write_no_rows(path: Path) -> None:
    written = [
        f"{path.name}:{line}: {on}.{method}"
        for line, on, method in calls(path)
        if (method in WRITES and ROWS.search(on)) or method in {"bulk_create", "bulk_update", "get_or_create"}
    ]
    assert written == []


def test_only_jobs_and_tasks_know_celery() -> None:
    knowing = {
        str(path.relative_to(CLAIMS))
        for path in CLAIMS.rglob("*.py")
        if any(name.split(".")[0] in ("celery", "kombu") for name in imported(path))
    }
    assert knowing <= {"jobs.py", "tasks.py"} | {name for name in knowing if name.startswith("management/benchmarks/")}


def test_only_the_api_knows_rest_framework() -> None:
    knowing = {
        path.relative_to(CLAIMS).parts[0]
        for path in CLAIMS.rglob("*.py")
        if any(name.split(".")[0] in ("rest_framework", "drf_spectacular") for name in imported(path))
    }
    assert knowing <= {"api"}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_never_imports_another_stage(stage: str) -> None:
    others = tuple(f"claims.{other}" for other in STAGES if other != stage)
    found = [
        f"{path.name}: {name}" for path in python_files(stage) for name in imported(path) if name.startswith(others)
    ]
    assert found == []


def test_every_stage_is_a_folder_with_a_line_in_the_docstring() -> None:
    described = (CLAIMS / "__init__.py").read_text(encoding="utf-8")
    missing = [stage for stage in STAGES if f"\n{stage}" not in described or not (CLAIMS / stage).is_dir()]
    assert missing == []


PURE = (
    "text.py",
    "errors.py",
    "lifecycle.py",
    "statistics",
    "values",
    "matching/comparing.py",
    "matching/reading.py",
    "importing/readers",
    "splitting/splitters",
    "assignment/strategies.py",
    "exporting/writers",
    "labelling/codebook.py",
)


@pytest.mark.parametrize("part", PURE)
def test_pure_parts_know_neither_django_nor_celery_nor_the_models(part: str) -> None:
    banned = ("django", "celery", "psycopg", "claims.models")
    found = [
        f"{path.name}: {name}" for path in python_files(part) for name in imported(path) if name.startswith(banned)
    ]
    assert found == []


def test_nothing_marks_markup_as_safe() -> None:
    unsafe = re.compile(
        r"mark_safe\(|\|\s*safe\b|\.innerHTML|\.outerHTML|insertAdjacentHTML|autoescape off|verify=False"
    )
    found = [
        f"{path.relative_to(ROOT)}:{n}"
        for folder in ("claims", "annotator", "templates", "static/js")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".js"}
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if unsafe.search(line)
    ]
    assert found == []


def test_templates_hold_no_inline_script_style_or_handler() -> None:
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|<style|\sstyle=|\son[a-z]+=\"", re.IGNORECASE
    )
    found = [
        f"{path.relative_to(ROOT)}:{n}"
        for path in (ROOT / "templates").rglob("*.html")
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if inline.search(line)
    ]
    assert found == []


def test_the_lock_files_name_no_addresses_and_hash_every_package() -> None:
    for name in ("requirements.lock", "test.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        pinned = re.findall(r"^[a-z0-9].*==", text, re.MULTILINE)
        assert len(pinned) <= text.count("--hash=sha256:")
        assert len(pinned) > 50


def test_nothing_lies_about_at_the_top_level() -> None:
    """What a person has beside the code is kept out by .gitignore; what git would take in belongs here."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("an archive without its history")
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    top = {name.partition("/")[0] for name in listed.stdout.splitlines()}
    folders = {"annotator", "claims", "static", "templates", "tests"}
    files = {"manage.py", "pyproject.toml", "README.md", "LICENSE", "requirements.lock", "test.lock"}
    assert {name for name in top if not name.startswith(".")} == folders | files
