"""The command `up`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from annotator.bootstrap import ROOT
from annotator.configuration.environment import Environment
from annotator.embedded import cluster
from annotator.launching.addresses import (
    EVERYWHERE,
    LOOPBACK,
    LaunchError,
    address,
    address_in_links,
    allow_host,
    leave_address,
    own_addresses,
    refuse_taken_port,
)
from annotator.launching.preparing import Preparation
from claims.management.supervisor import Supervisor

ABOUT = """\
Start a whole installation on this machine and keep it running until Ctrl-C: database, broker, web server, worker and
schedule. The first start makes the database, loads the demo projects and prints how to sign in; what is entered is
kept for the next start."""
NEEDED = ("database", "broker", "worker", "beat")  # of /healthz; a long queue is work, and no reason to wait
PAUSE, LONG = 0.1, 20.0  # seconds between two looks whether all is well, and until it is said that it is not
LOOKS = 5.0  # seconds between two looks while it runs
PATIENCE = 8.0  # seconds a worker has to finish what it does; the rest is done at the next start


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 after Ctrl-C, 1 when it could not start, with a sentence that says why."""
    asked = parse(arguments)
    try:
        return Launch(asked.host, asked.port, has_demo=not asked.no_demo).run()
    except (LaunchError, ImproperlyConfigured, cluster.EmbeddedServersError) as fault:
        sys.stderr.write(f"{fault}\n")
        return 1


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py up", description=ABOUT)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8000, help="default: 8000")
    parser.add_argument("--no-demo", action="store_true", help="start empty, with an owner and no projects")
    return parser.parse_args(list(arguments))


class Launch:
    """One start, from the command to Ctrl-C."""

    def __init__(self, host: str, port: int, *, has_demo: bool) -> None:
        self.host = host
        self.port = port
        self.began = self.said = time.monotonic()
        self.is_stopping = False
        env = Environment()
        where, is_elsewhere = env.text("ATTEST_STATE_DIR"), bool(env.text("DATABASE_URL"))
        self.state = Path(where) if where else ROOT / ".local"
        self.servers = None if is_elsewhere else cluster.find(durable=True, directory=where)
        self.preparation = Preparation(self.servers.state if self.servers else None, has_demo=has_demo)

    def run(self) -> int:
        refuse_taken_port(self.host, self.port)
        allow_host(self.host)
        os.environ["PYTHONUNBUFFERED"] = "1"  # lines of the processes are shown when they are written
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.stop)
        if self.servers is not None:
            cluster.ensure(self.servers)
        leave_address(self.state, self.host, self.port)
        is_known = self.preparation.is_done
        welcome = "" if is_known else self.preparation.run(self.rest)
        if not self.is_stopping and not self.serve(welcome, is_known=is_known):
            # It was prepared for this code once, and does not run all the same: what is wrong is told, or mended, now.
            self.serve(self.preparation.run(self.rest), is_known=False)
        say("stopped; what was entered is kept, and the next start goes on from here")
        return 0

    def serve(self, welcome: str, *, is_known: bool) -> bool:
        """Run the processes until Ctrl-C. False when one of them fails before all are well and nothing was prepared in
        this start; otherwise what fails is started again."""
        supervisor = Supervisor(commands(self.host, self.port, self.state), ROOT, say_line, PATIENCE)
        supervisor.start()
        self.said = time.monotonic()
        try:
            while waiting_for := ask_health(self.host, self.port):
                if is_known and supervisor.has_failed:
                    return False
                if self.rest():
                    return True
                self.complain(waiting_for)
            self.announce(welcome)
            if is_known:
                self.look_again()
            self.watch()
            return True
        finally:
            say("stopping ...")
            supervisor.stop()

    def look_again(self) -> None:
        """Prepare behind what runs: it finds what was changed by other means than the code. A failure of it, as where
        the database is just being restarted, ends nothing that runs."""
        try:
            tell(self.preparation.run(self.rest))
        except LaunchError:
            say("looking for changes failed (see above); what runs goes on, and the next start looks again")

    def watch(self) -> None:
        """Until Ctrl-C: say what has stopped being well, and when all is again. What was gone for less than two looks
        is not worth a line."""
        told = seen = ""
        looked = time.monotonic()
        while not self.rest():
            if time.monotonic() - looked < LOOKS:
                continue
            before, seen, looked = seen, ask_health(self.host, self.port), time.monotonic()
            if seen == before != told:
                told = seen
                say(f"not well at the moment: {told}; work goes on when it is back" if told else "all is well again")

    def stop(self, *_: object) -> None:
        self.is_stopping = True

    def rest(self) -> bool:
        """Whether to stop, asked after a while. Not waited for without end: the system may give a signal to a thread
        that reads lines, and Python acts on it when this one wakes. An Event could be set while it is being looked at,
        by the same thread, which would then wait for itself."""
        time.sleep(PAUSE)
        return self.is_stopping

    def complain(self, waiting_for: str) -> None:
        if time.monotonic() - self.said > LONG:
            self.said = time.monotonic()
            say(f"still waiting for: {waiting_for}")

    def announce(self, welcome: str) -> None:
        tell(welcome)
        if self.host not in LOOPBACK:
            say("reachable from other machines without encryption: put a proxy with TLS in front for real work")
            for other in own_addresses() if self.host in EVERYWHERE else ():
                say(f"from another machine: http://{other}:{self.port}/")
            say(about_links(self.host, self.port, Environment()))
        seconds = time.monotonic() - self.began
        tell(f"Ready after {seconds:.1f} s: {address(self.host, self.port)}   (Ctrl-C stops it)")


def about_links(host: str, port: int, env: Environment) -> str:
    """What links in letters and invitations begin with, and how to change it; settings.SITE_URL says the same."""
    chosen = env.text("SITE_URL") or env.text("CSRF_TRUSTED_ORIGINS").split(",")[0].strip()
    said = f"links in letters and invitations begin with {chosen or address_in_links(host, port)}"
    return said if chosen else f"{said}; where people know this site by another name, set SITE_URL to it"


def commands(host: str, port: int, state: Path) -> dict[str, list[str]]:
    """The three processes; the same commands, each on its own, are the deployment on several machines."""
    python = [sys.executable, "-m"]
    behind = ["nice", "-n", "10", *python]  # whoever looks at a page goes before background work
    web = ["granian", "--interface", "wsgi", "annotator.wsgi:application", "--host", host, "--port", str(port)]
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
    celery = ["celery", "-q", "-A", "annotator"]
    worker = [*celery, "worker", "-c", "2", "-l", "WARNING", "--without-gossip", "--without-mingle"]
    beat = [*celery, "beat", "-s", str(state / "beat"), "--pidfile=", "-l", "WARNING"]
    return {"web": [*python, *web], "worker": [*behind, *worker], "beat": [*behind, *beat]}


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


def say(text: str) -> None:
    say_line("up", text)


def say_line(name: str, line: str) -> None:
    tell(f"{name:<7}| {line}")


def tell(text: str) -> None:
    """At once, also into a file or a pipe."""
    if text:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
