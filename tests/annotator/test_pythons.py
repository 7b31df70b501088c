"""The newer Pythons that this machine has: the same lock file installs there, and the core of the suite passes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
NEWER = ("3.12", "3.13")
CORE = (
    "tests/statistics",
    "tests/labelling",
    "tests/test_jobs.py",
    "tests/test_text.py",
)


def answers(python: str, version: str) -> bool:
    """A shim may be on the path without its Python."""
    asked = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)
    return said.stdout.strip() == version


def find_python(version: str) -> str:
    """On the path, or among the versions that pyenv keeps."""
    kept = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser().glob(f"versions/{version}*/bin/python")
    for python in (shutil.which(f"python{version}"), *map(str, kept)):
        if python is not None and answers(python, version):
            return python
    pytest.skip(f"no Python {version} on this machine")


def make_environment(python: str, folder: Path) -> Path:
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    inside, lock = folder / "bin" / "python", str(ROOT / "test.lock")
    uv = shutil.which("uv")
    if uv:
        install = [uv, "pip", "install", "-q", "--no-config", "--python", str(inside)]
    else:
        install = [str(inside), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--only-binary", ":all:"]
    subprocess.run([*install, "--require-hashes", "-r", lock], check=True)
    return inside


@pytest.mark.slow
@pytest.mark.timeout(1800)  # an installation and some hundred tests
@pytest.mark.parametrize("version", NEWER)
def test_the_core_passes_on_a_newer_python(version: str, tmp_path: Path) -> None:
    assert f"{sys.version_info[0]}.{sys.version_info[1]}" in {"3.11", *NEWER, "3.14"}
    inside = make_environment(find_python(version), tmp_path / "venv")
    ran = subprocess.run(
        [str(inside), "-m", "pytest", *CORE, "-q", "-p", "no:cacheprovider"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]
    assert " passed" in ran.stdout
