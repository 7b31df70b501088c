"""How many labels a second are stored over HTTP, with login, checks, chain and audit on, beside bare Django.

Both sites run on granian with the same settings, on the same PostgreSQL with fsync on, and are driven by the same
client; a worker folds and scores meanwhile, as in real use. The machine's speed cancels out in the ratio.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from claims.labelling.chain import verify_labels
from claims.management import bare_site
from claims.management.benchmarks import driver, filling
from claims.management.static_stamp import collect_static_when_changed
from claims.management.supervisor import Supervisor
from claims.models import LabelEvent, Round

DATABASE = "attest_benchmark"
FLOOR = 150  # labels a second at 8 reviewers (see "What we aim for")
ANSWERS = {"stance": "reports"}
WARM_UP = 2.0  # seconds
BARE_SLOTS = 100_000  # the reference would be through with fewer before the time is
HEAD = "    units reviewers site  labels/s  next p50    p95 submit p50    p95"
Say = Callable[[str], None]


def run(sizes: Sequence[int], reviewers: Sequence[int], seconds: float, say: Say) -> None:
    """Measure each size with each number of reviewers, ours and bare in turn; times are in milliseconds."""
    with own_database():
        for units in sizes:
            say(f"filling a project with {units:,} units ...")
            round_ = filling.fill(units)
            fill_bare(max(units * filling.OVERLAP, BARE_SLOTS))
            with sites(say) as (our_port, bare_port):
                kept = drive_all(round_, reviewers, seconds, (our_port, bare_port), say)
            say(what_was_found(round_, *kept))


def drive_all(
    round_: Round, reviewers: Sequence[int], seconds: float, ports: tuple[int, int], say: Say
) -> tuple[int, int]:
    """Returns how many labels ours and the reference acknowledged."""
    units = round_.round_units.count()
    ours = [driver.drive([our_seat(round_, ports[0], f"{units}-warm-up")], ANSWERS, WARM_UP)]
    bare = [driver.drive([bare_seat(ports[1], 0)], ANSWERS, WARM_UP)]
    say(HEAD)
    for count in reviewers:
        seats = [our_seat(round_, ports[0], f"{units}-{count}-{n}") for n in range(count)]
        bare.append(driver.drive([bare_seat(ports[1], n) for n in range(count)], ANSWERS, seconds))
        ours.append(driver.drive(seats, ANSWERS, seconds))
        say(line(units, count, "bare", bare[-1]))
        say(line(units, count, "ours", ours[-1]))
        ratio = ours[-1].rate / bare[-1].rate if bare[-1].rate else 0.0
        say(f"{'':>9} {count:>9} ratio {ratio:>8.2f}   {verdict(count, ours[-1])}".rstrip())
    return sum(len(tally.acknowledged) for tally in ours), sum(len(tally.acknowledged) for tally in bare)


def verdict(count: int, found: driver.Tally) -> str:
    if count != 8:
        return ""
    return f"floor of {FLOOR} labels/s {'reached' if found.rate >= FLOOR else 'NOT reached'}"


def line(units: int, count: int, site: str, tally: driver.Tally) -> str:
    times = [percentile(values, share) * 1000 for values in (tally.draws, tally.submits) for share in (0.5, 0.95)]
    shown = f"{times[0]:>9.1f} {times[1]:>6.1f} {times[2]:>10.1f} {times[3]:>6.1f}"
    refused = f"   not 2xx: {dict(tally.refused)}" if tally.refused else ""
    ended = f"   {tally.ran_out} ran out of units" if tally.ran_out else ""
    return f"{units:>9} {count:>9} {site:<5} {tally.rate:>8.0f} {shown}{refused}{ended}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of them do not exceed; 0 for none."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0


# --- the two sites -----------------------------------------------------------------------------------------------


@contextmanager
def own_database() -> Iterator[None]:
    """Work in a fresh database beside the installation's own, and drop it afterwards."""
    where = connection.settings_dict
    if not settings.EMBEDDED:
        raise CommandError("The benchmark makes a database of its own on the embedded server: unset DATABASE_URL.")
    kept = where["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    connection.close()
    where["NAME"] = os.environ["ATTEST_DATABASE"] = DATABASE
    try:
        call_command("migrate", verbosity=0, interactive=False)
        yield
    finally:
        connection.close()
        where["NAME"] = kept
        del os.environ["ATTEST_DATABASE"]
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def fill_bare(slots: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare_slot, bare_label")
        cursor.execute(bare_site.TABLES.format(slots=slots))


@contextmanager
def sites(say: Say) -> Iterator[tuple[int, int]]:
    """Both sites and a worker; gives the ports of ours and of the reference."""
    where = {name: connection.settings_dict[name] for name in ("NAME", "USER", "HOST", "PORT")}
    os.environ["BENCHMARK_DATABASE"] = json.dumps(where)
    project = settings.ROOT_URLCONF.partition(".")[0]
    ports = free_port(), free_port()
    collect_static_when_changed(settings.STATIC_ROOT, say=say)
    worker = [sys.executable, "-m", "celery", "-q", "-A", project, "worker", "-c", "1", "-l", "ERROR"]
    commands = {
        "ours": granian(f"{project}.wsgi:application", ports[0]),
        "bare": granian(f"{bare_site.__name__}:application", ports[1]),
        "worker": [*worker, "--without-gossip", "--without-mingle"],
    }
    supervisor = Supervisor(commands, settings.BASE_DIR, lambda name, text: say(f"{name}: {text}"), 10)
    supervisor.start()
    try:
        for port in ports:
            wait_for(port)
        yield ports
    finally:
        supervisor.stop()
        del os.environ["BENCHMARK_DATABASE"]


def granian(application: str, port: int) -> list[str]:
    words = f"--host 127.0.0.1 --port {port} --workers 2 --blocking-threads 4 --no-ws --log-level error".split()
    return [sys.executable, "-m", "granian", "--interface", "wsgi", application, *words]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise CommandError(f"Nothing listens on port {port} after 60 s.")


def our_seat(round_: Round, port: int, name: str) -> driver.Seat:
    _, session = filling.sign_in(round_.project, f"reviewer-{name}")
    token = secrets.token_hex(16)  # 32 characters, as Django's own
    cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}"
    base = f"/api/v1/rounds/{round_.pk}"
    headers = f"Cookie: {cookies}\r\nX-CSRFToken: {token}\r\n"
    return driver.Seat(port, f"{base}/next/", base + "/units/{unit}/label/", headers)


def bare_seat(port: int, reviewer: int) -> driver.Seat:
    return driver.Seat(port, f"/{reviewer}/next/", f"/{reviewer}" + "/units/{unit}/label/")


def what_was_found(round_: Round, ours: int, bare: int) -> str:
    """What the database holds afterwards, beside what was acknowledged."""
    events = LabelEvent.objects.filter(round=round_, kind="submitted").count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bare_label")
        bare_found = cursor.fetchone()[0]
    faults = list(verify_labels(round_.project))
    chain = "every chain is whole" if not faults else f"{len(faults)} faults in the chains"
    return f"kept: ours {events} of {ours} acknowledged, bare {bare_found} of {bare}; {chain}"
