"""A whole installation on one machine: migrate, load the demo, then web server, worker and beat until Ctrl-C."""

from __future__ import annotations

import errno
import io
import json
import os
import secrets
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from claims.management.static_stamp import collect_static_when_changed
from claims.management.supervisor import Supervisor
from claims.models import Job, User
from claims.people.actions import create_user

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised, not bound by default
NOT_FOR_OTHERS = ("127.", "::1", "fe80")
NEEDED = ("database", "broker", "worker", "beat")  # of /healthz; a long queue is work, and no reason to wait
PATIENCE = 8.0  # seconds a worker has to finish what it does; the rest is done at the next start


class Command(BaseCommand):
    help = __doc__ or ""
    requires_migrations_checks = False
    requires_system_checks = ()  # they load every page, seconds that the web server needs; `manage.py test` asks them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-demo", action="store_true", help="start empty, with an owner and no projects")

    def handle(self, *_: Any, host: str, port: int, no_demo: bool, **__: Any) -> None:
        began = time.monotonic()
        refuse_taken_port(host, port)
        allow_host(host)
        self.migrate()
        collect_static_when_changed(Path(settings.STATIC_ROOT), say=self.say)
        welcome = self.prepare_people(no_demo)
        os.environ["PYTHONUNBUFFERED"] = "1"  # lines of the processes are shown when they are written
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        connection.close()
        supervisor = Supervisor(commands(host, port), settings.BASE_DIR, self.say_line, PATIENCE)
        supervisor.start()
        try:
            self.wait_until_healthy(host, port, stopping)
            if not stopping.is_set():
                self.announce(host, port, welcome, time.monotonic() - began)
            stopping.wait()
        finally:
            self.say("stopping ...")
            supervisor.stop()
        self.say("stopped; what was entered is kept, and the next start goes on from here")

    def migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.say("preparing the database ...")
            call_command("migrate", verbosity=0, interactive=False)

    def prepare_people(self, no_demo: bool) -> str:
        """Load the demo unless it is not wanted; make sure that somebody can sign in. Returns what to tell them."""
        told = ""
        if not no_demo and "demo" in get_commands() and not User.objects.exists():
            self.say("loading the demo projects ...")
            told = call_command("demo", verbosity=0, stdout=io.StringIO()) or ""
        if not User.objects.exists():
            told = make_owner()
        return told

    def wait_until_healthy(self, host: str, port: int, stopping: threading.Event) -> None:
        said = time.monotonic()
        while not stopping.is_set():
            waiting_for = ask_health(host, port)
            if not waiting_for:
                return
            if time.monotonic() - said > 20:
                said = time.monotonic()
                self.say(f"still waiting for: {waiting_for}")
            stopping.wait(0.1)

    def announce(self, host: str, port: int, welcome: str, seconds: float) -> None:
        if welcome:
            self.tell(welcome)
        if Job.objects.stalled().exists():
            self.say("work of the last run is still waiting; it goes on in the background, the pages work meanwhile")
        connection.close()
        if host not in LOOPBACK:
            self.say("reachable from other machines without encryption: put a proxy with TLS in front for real work")
            for other in own_addresses() if host in EVERYWHERE else ():
                self.say(f"from another machine: http://{other}:{port}/")
        self.tell(self.style.SUCCESS(f"Ready after {seconds:.1f} s: {address(host, port)}   (Ctrl-C stops it)"))

    def say(self, text: str) -> None:
        self.say_line("up", text)

    def say_line(self, name: str, line: str) -> None:
        self.tell(f"{name:<7}| {line}")

    def tell(self, text: str) -> None:
        """At once, also into a file or a pipe."""
        self.stdout.write(text)
        self.stdout.flush()


def commands(host: str, port: int) -> dict[str, list[str]]:
    """The three processes; the same commands, each on its own, are the deployment on several machines."""
    python = [sys.executable, "-m"]
    behind = ["nice", "-n", "10", *python]  # whoever looks at a page goes before background work
    project = settings.ROOT_URLCONF.partition(".")[0]
    web = ["granian", "--interface", "wsgi", f"{project}.wsgi:application", "--host", host, "--port", str(port)]
    web += [
        "--workers",
        "1",
        "--blocking-threads",
        "4",
        "--no-ws",
        "--respawn-failed-workers",
        "--log-level",
        "warning",
    ]
    celery = ["celery", "-q", "-A", project]
    worker = [*celery, "worker", "-c", "2", "-l", "WARNING", "--without-gossip", "--without-mingle"]
    schedule = settings.LOCAL_DIR / "beat"
    beat = [*celery, "beat", "-s", str(schedule), "--pidfile=", "-l", "WARNING"]
    return {"web": [*python, *web], "worker": [*behind, *worker], "beat": [*behind, *beat]}


def refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OverflowError:
            raise CommandError(f"--port {port} is not a port. Choose one from 1024 to 65535.") from None
        except OSError as error:
            cure = f"Is another one running? Choose another with --port {port + 1}."
            if error.errno in (errno.EADDRNOTAVAIL, socket.EAI_NONAME, socket.EAI_AGAIN):
                cure = "It is no address of this machine. Use one that is, or 0.0.0.0 for all of them."
            raise CommandError(f"Cannot listen on {host} port {port}: {error.strerror}. {cure}") from error


def allow_host(host: str) -> None:
    """The processes started below answer to the name they listen on; ALLOWED_HOSTS set by the user stays as it is."""
    if host not in LOOPBACK:
        names = (*settings.ALLOWED_HOSTS, socket.gethostname(), *(own_addresses() if host in EVERYWHERE else (host,)))
        os.environ.setdefault("ALLOWED_HOSTS", ",".join(names))


def own_addresses() -> list[str]:
    """The addresses under which other machines may find this one, as they stand in a URL."""
    found = {info[4][0] for info in _resolved(socket.gethostname())}
    for family, elsewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):  # RFC 5737, RFC 3849
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((elsewhere, 9))  # sends nothing: it chooses the address that packets would leave from
            found.add(probe.getsockname()[0])
    return sorted(f"[{one}]" if ":" in one else one for one in map(str, found) if not one.startswith(NOT_FOR_OTHERS))


def _resolved(name: str) -> Sequence[Any]:
    try:
        return socket.getaddrinfo(name, None)
    except OSError:
        return ()


def make_owner() -> str:
    password = secrets.token_urlsafe(12)
    owner = create_user(username="owner", password=password)
    User.objects.filter(pk=owner.pk).update(is_staff=True, is_superuser=True)
    return f"\nSign in as: owner\nPassword:   {password}   (shown once; change it after signing in)\n"


def address(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in EVERYWHERE else host
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"


def ask_health(host: str, port: int) -> str:
    """Empty when everything is well, else what is waited for."""
    try:
        with urllib.request.urlopen(f"{address(host, port)}healthz", timeout=5):  # noqa: S310 - our own address
            return ""
    except urllib.error.HTTPError as error:
        with error:
            return what_is_missing(error.read(), otherwise=f"the web server, which answers {error.code}")
    except OSError:
        return "the web server"


def what_is_missing(body: bytes, otherwise: str) -> str:
    """The needed parts that /healthz does not call well; `otherwise` when it was not /healthz that answered."""
    try:
        found = json.loads(body)
    except ValueError:
        return otherwise
    return ", ".join(name for name in NEEDED if found.get(name) != "ok")
