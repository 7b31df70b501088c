"""What decides whether packages are installed, and what a person is told when that cannot be."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from annotator import bootstrap

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))
    (tmp_path / "small.lock").write_text("a==1 \\\n    --hash=sha256:00\n")
    (tmp_path / "large.lock").write_text("a==1 \\\n    --hash=sha256:00\nb==2 ; python_version > '3'\n")
    return tmp_path


def stamp(locks: Path, name: str) -> None:
    bootstrap.STAMP.write_text(f"{name} {bootstrap.digest(locks / name)}\n")


def test_it_works_nothing_is_installed_twice(locks: Path) -> None:
    assert not bootstrap.is_installed(locks / "small.lock")
    stamp(locks, "small.lock")
    assert bootstrap.is_installed(locks / "small.lock")


def test_the_larger_set_is_enough_for_the_smaller_but_not_the_other_way_round(locks: Path) -> None:
    stamp(locks, "large.lock")
    assert bootstrap.is_installed(locks / "small.lock")
    stamp(locks, "small.lock")
    assert not bootstrap.is_installed(locks / "large.lock")


def test_a_changed_lock_is_installed_again(locks: Path) -> None:
    stamp(locks, "small.lock")
    (locks / "small.lock").write_text("a==2\n")
    assert not bootstrap.is_installed(locks / "small.lock")


def test_op_03_every_pin_has_a_hash_and_no_address() -> None:
    for lock in bootstrap.LOCKS.values():
        blocks = lock.read_text().split("\n\n")[0]
        assert "://" not in lock.read_text()
        assert len(bootstrap.pins(lock)) > 50
        for entry in blocks.split("\n")[0:]:
            if "==" in entry and not entry.startswith(" "):
                assert entry.rstrip().endswith("\\"), f"{entry} has no hash"
    assert bootstrap.pins(bootstrap.LOCKS["up"]) <= bootstrap.pins(bootstrap.LOCKS["test"])


def test_an_old_python_without_a_newer_one_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SystemExit) as ended:
        bootstrap.use_new_python(["manage.py", "up"])
    assert ended.value.code == 1
    assert "Python 3.11 or newer is needed; this is 3.9.2" in capsys.readouterr().err


def test_a_folder_of_somebody_else_is_refused_with_the_cure(
    locks: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (locks / "file").touch()
    monkeypatch.setattr(bootstrap, "ROOT", locks / "file")  # nothing can be made in it, whoever asks
    with pytest.raises(SystemExit), bootstrap.one_at_a_time():
        raise AssertionError
    assert "Use a copy of this folder that belongs to you" in capsys.readouterr().err


def test_the_files_that_an_old_python_reads_have_no_newer_syntax() -> None:
    for name in ("manage.py", "annotator/bootstrap.py", "annotator/__init__.py"):
        ast.parse((ROOT / name).read_text(), feature_version=(3, 7))


def test_a_python_that_can_make_no_environment_says_the_cure(
    locks: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "VENV", locks / "venv")
    monkeypatch.setattr(bootstrap, "PYTHON", locks / "venv" / "bin" / "python")
    monkeypatch.setattr(bootstrap, "try_call", lambda command: False)
    with pytest.raises(SystemExit):
        bootstrap.make_environment(None)
    assert "apt install python3-venv" in capsys.readouterr().err


def test_packages_are_counted_as_they_are_installed_not_as_they_are_pinned(
    locks: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = locks / "venv" / "lib" / "python3.11" / "site-packages"

    def install(command: list[str]) -> None:
        for name in ("a-1.dist-info", "pip-26.3.dist-info", "a"):
            (place / name).mkdir(parents=True)

    monkeypatch.setattr(bootstrap, "VENV", locks / "venv")
    monkeypatch.setattr(bootstrap, "make_environment", lambda uv: [])
    monkeypatch.setattr(bootstrap, "run_counting", install)
    bootstrap.prepare(locks / "large.lock")
    assert "attest: 1 packages are installed" in capsys.readouterr().err


def test_a_failed_installation_leaves_no_stamp(
    locks: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(command: list[str]) -> None:
        raise subprocess.CalledProcessError(7, command)

    stamp(locks, "small.lock")
    monkeypatch.setattr(bootstrap, "run_counting", fails)
    with pytest.raises(SystemExit):
        bootstrap.prepare(locks / "large.lock")
    assert "ended with 7" in capsys.readouterr().err
    assert not bootstrap.STAMP.exists()
