"""Makes and enters the virtual environment, so that a bare Python is all that `manage.py up` and `test` need.

Standard library only, and syntax that Python 3.7 reads: an older Python must get as far as the sentence that says so.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterator, NoReturn  # noqa: UP035 - Python 3.7 reads this file

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "attest.stamp"  # which lock file was installed last, completely
LOCKS = {"up": ROOT / "requirements.lock", "test": ROOT / "test.lock"}
OLDEST = (3, 11)
NEWER = ("python3.13", "python3.12", "python3.11", "python3.14")


def enter(argv: list[str]) -> None:
    """Go on in the virtual environment: returns when already there, else replaces this process by one that is.

    `up` and `test` make it and keep it complete. Other commands use it where Django is not at hand otherwise.
    """
    if os.name == "nt":
        stop("this runs on Linux and macOS; on Windows, use it inside WSL.")
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    command = argv[1] if len(argv) > 1 else ""
    if command not in LOCKS and importlib.util.find_spec("django"):
        return
    use_new_python(argv)
    with one_at_a_time():
        prepare(LOCKS.get(command, LOCKS["up"]))
    os.environ["PYTHONUNBUFFERED"] = "1"
    os.execv(str(PYTHON), [str(PYTHON), *argv])


def use_new_python(argv: list[str]) -> None:
    """Replace a Python that is too old by a newer one of this machine."""
    if sys.version_info >= OLDEST:
        return
    for name in NEWER:
        found = shutil.which(name)
        if found:
            os.execv(found, [found, *argv])
    have = ".".join(str(part) for part in sys.version_info[:3])
    stop(f"Python 3.11 or newer is needed; this is {have}, and none of {', '.join(NEWER)} is on the PATH.")


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """`up` and `test` may start together on a fresh clone."""
    import fcntl

    try:
        (ROOT / ".local").mkdir(exist_ok=True)
        (ROOT / ".local" / "bootstrap.lock").touch()
    except OSError as fault:
        stop(f"cannot write in {ROOT}: {fault.strerror}. Use a copy of this folder that belongs to you.")
    with open(str(ROOT / ".local" / "bootstrap.lock"), "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare(lock: Path) -> None:
    """Install what `lock` pins, unless the last complete installation holds it already."""
    if is_installed(lock):
        return
    uv = shutil.which("uv")
    say(f"installing what {lock.name} pins into {VENV.name} with {'uv' if uv else 'pip'} ...")
    STAMP.unlink() if STAMP.exists() else None
    try:
        install = make_environment(uv)
        run_counting([*install, "--require-hashes", "-r", str(lock)])
    except subprocess.CalledProcessError as fault:
        cure = "Is there a network, and room on the disk? Run the command again: it goes on where it stopped."
        stop(f"the installation ended with {fault.returncode} (see above). {cure}")
    STAMP.write_text(f"{lock.name} {digest(lock)}\n")
    say(f"{len(installed())} packages are installed")


def is_installed(lock: Path) -> bool:
    """Whether the stamp names this lock file as it is now, or another that pins all of the same."""
    if not STAMP.exists() or not works(PYTHON):
        return False
    name, was = STAMP.read_text().split()
    last = ROOT / name
    return last.exists() and digest(last) == was and pins(lock) <= pins(last)


def pins(lock: Path) -> set[str]:
    return set(re.findall(r"^([A-Za-z0-9._\[\]-]+==\S+)", lock.read_text(), re.MULTILINE))


def installed() -> list[Path]:
    """What is there; fewer than the lock pins, which names packages of other systems and Pythons as well."""
    return [found for found in VENV.glob("lib/python*/site-packages/*.dist-info") if found.name[:4] != "pip-"]


def digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def works(python: Path) -> bool:
    """False as well for a link to a Python that an upgrade of the machine took away."""
    return python.exists() and subprocess.run([str(python), "-c", ""], check=False).returncode == 0


def make_environment(uv: str | None) -> list[str]:
    """Make the virtual environment if there is none that works; returns the command that installs into it."""
    fresh = not works(PYTHON)
    if fresh:
        shutil.rmtree(str(VENV), ignore_errors=True)
    if uv:
        if fresh:
            call([uv, "venv", "-q", "--python", sys.executable, "--no-python-downloads", str(VENV)])
        # without the settings in pyproject.toml: its constraint is for making the lock and carries no hash
        return [uv, "pip", "install", "--no-config", "--python", str(PYTHON)]
    options = ["install", "--disable-pip-version-check", "--progress-bar", "off", "--only-binary", ":all:"]
    if (not fresh and has_pip(PYTHON)) or (fresh and try_call([sys.executable, "-m", "venv", str(VENV)])):
        return [str(PYTHON), "-m", "pip", *options]
    # Debian without python3-venv has no ensurepip; a pip of the system can fill the environment.
    bare = [sys.executable, "-m", "venv", "--without-pip", "--clear", str(VENV)]
    if not (has_pip(Path(sys.executable)) and try_call(bare)):
        stop("this Python can make no virtual environment. Debian, Ubuntu: apt install python3-venv; or install uv.")
    return [sys.executable, "-m", "pip", "--python", str(PYTHON), *options]


def has_pip(python: Path) -> bool:
    return try_call([str(python), "-m", "pip", "--version"])


def run_counting(command: list[str]) -> None:
    """Run an installer; of pip's many lines, show every tenth package, and what is not about a package."""
    if "pip" not in command[:3] or command[0].endswith("uv"):
        call(command)
        return
    seen = 0
    with subprocess.Popen(command, cwd=str(ROOT), stdout=subprocess.PIPE, universal_newlines=True) as process:
        for line in process.stdout or ():
            if line.startswith(("Collecting ", "Requirement already")):
                seen += 1
                if seen % 10 == 0:
                    say(f"  {seen} packages found")
            elif line.startswith("Installing collected"):
                say("  unpacking")
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def call(command: list[str]) -> None:
    subprocess.run(command, check=True, cwd=str(ROOT))


def try_call(command: list[str]) -> bool:
    quiet = subprocess.DEVNULL
    return subprocess.run(command, cwd=str(ROOT), stdout=quiet, stderr=quiet, check=False).returncode == 0


def say(text: str) -> None:
    print(f"attest: {text}", file=sys.stderr, flush=True)


def stop(text: str) -> NoReturn:
    say(text)
    sys.exit(1)
