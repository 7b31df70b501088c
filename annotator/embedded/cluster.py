"""The database and the broker that come with the package, for a machine that has none.

One private PostgreSQL and one private Valkey for each checkout, shared by every process of the application and stopped
when the last of them has gone, however it ended. Standard library only; used only where DATABASE_URL is not set.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import pwd
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

BASE_DIR = Path(__file__).resolve().parents[2]
MAJOR = "pg18"  # in the directory's name: another major version must not open these files
SOCKET_PATH_LIMIT = 80  # sun_path holds 104 bytes on macOS, 108 on Linux; the socket's own name needs some of them
START_TIMEOUT = 60.0  # seconds

_held: dict[Path, int] = {}  # an open file with a shared lock says "this process, or a fork of it, uses the servers"

_keepers: list[subprocess.Popen[bytes]] = []  # started by this process; referenced so that they are not waited for


class RunAs(TypedDict, total=False):
    """Arguments of subprocess that give up root."""

    user: int
    group: int
    extra_groups: list[int]


class EmbeddedServersError(RuntimeError):
    """The embedded servers cannot run here; the message says why and what to do."""


@dataclass(frozen=True)
class Cluster:
    """One pair of servers: where it lives, and whether it must survive a crash.

    The durable one holds people's work and has a broker. The other is for tests: no broker, no fsync.
    """

    state: Path
    durable: bool

    @property
    def sockets(self) -> Path:
        """The directory of the sockets, outside the state directory when that path is too long for one."""
        if len(str(self.state)) < SOCKET_PATH_LIMIT:
            return self.state / "s"
        return Path(tempfile.gettempdir()) / f"attest-{_short_hash(self.state)}"

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{self.sockets}/valkey.sock"

    @property
    def data(self) -> Path:
        return self.state / "data"

    def is_ready(self) -> bool:
        """Whether every server of the cluster answers on its socket."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        database = len(lines) > 7 and lines[7].strip() == "ready" and _answers(self.sockets / ".s.PGSQL.5432")
        return database and (not self.durable or _answers(self.sockets / "valkey.sock"))


def find(*, durable: bool, directory: str = "") -> Cluster:
    """The cluster of this checkout; `directory` overrides where it is kept (it needs a local file system)."""
    name = MAJOR if durable else f"{MAJOR}-test"
    return Cluster(_state_directory(Path(directory) if directory else BASE_DIR / ".local", name), durable)


@functools.cache
def run_as() -> RunAs:
    """PostgreSQL refuses to run as root, so a root user's servers run as an account that exists everywhere."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise EmbeddedServersError(
        "PostgreSQL does not run as root, and this machine has no unprivileged account: "
        "use a normal user, or set DATABASE_URL."
    )


def is_reachable(path: Path) -> bool:
    """Whether the account that runs the servers can enter a directory."""
    account = run_as()
    return not account or subprocess.run(["/usr/bin/test", "-x", str(path)], check=False, **account).returncode == 0


def hold(servers: Cluster) -> None:
    """Count this process as a user of the servers until it ends. Waits while they are being stopped."""
    if servers.state in _held:
        return
    lock = os.open(servers.state / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)  # never closed
    fcntl.flock(lock, fcntl.LOCK_SH)
    _held[servers.state] = lock


def ensure(servers: Cluster) -> None:
    """Make sure that the servers run, and count this process as a user of them.

    Raises EmbeddedServersError with the end of the logs when they do not answer within START_TIMEOUT seconds.
    """
    hold(servers)
    if servers.is_ready():
        return
    with open(servers.state / "start.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one starter at a time
        _start(servers)


def _start(servers: Cluster) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    keeper: subprocess.Popen[bytes] | None = None
    while not servers.is_ready():
        if not _keeper_lives(servers) and (keeper is None or keeper.poll() is not None):
            keeper = _start_keeper(servers)
        if time.monotonic() > deadline or (keeper is not None and keeper.poll()):
            raise EmbeddedServersError(_why_not_started(servers))
        time.sleep(0.03)
    if keeper is not None and keeper.returncode is None:
        keeper.returncode = 0  # it outlives this process on purpose: no complaint about that at the end


def _keeper_lives(servers: Cluster) -> bool:
    with open(servers.state / "keeper.lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _start_keeper(servers: Cluster) -> subprocess.Popen[bytes]:
    mode = "durable" if servers.durable else "fast"
    with open(servers.state / "keeper.log", "a") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "annotator.embedded.keeper", str(servers.state), mode],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
            env=os.environ | {"PYTHONPATH": str(BASE_DIR)},
        )
    _keepers.append(keeper)
    return keeper


def _why_not_started(servers: Cluster) -> str:
    logs = [servers.state / name for name in ("keeper.log", "postgres.log", "valkey.log")]
    ends = "".join(path.read_text(errors="replace")[-600:] for path in logs if path.exists())
    where = f"Their logs are in {servers.state}; set DATABASE_URL to use others."
    return f"The embedded servers did not start. {where}\n{ends}"


@functools.cache
def _state_directory(base: Path, name: str) -> Path:
    """BASE/NAME; for root, whose files the servers' account often cannot enter, a directory under /var/lib."""
    base.mkdir(parents=True, exist_ok=True)
    if not is_reachable(base):
        base = Path("/var/lib") / f"attest-{_short_hash(base)}"
    state = base / name
    state.mkdir(parents=True, exist_ok=True)
    return state


def _short_hash(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def _answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
    except OSError:
        return False
    return True
