"""A file of any size given to the command: memory of whoever reads it, and what is left after a worker was killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from django.db import connection
from django.db.models.functions import Now

from claims.management.benchmarks.importing import MOST_MEGABYTES, paragraphs_of
from claims.management.benchmarks.labelling import own_database
from claims.models import Article, Job, User
from claims.people.actions import create_project

Say = Callable[[str], None]
LOOK_EVERY = 0.5  # seconds
PEAK = """
import sys
import django
django.setup()
from pathlib import Path

def say_peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    print(next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0), flush=True)

"""
GIVE = """
from django.core.management import call_command
call_command("import_articles", sys.argv[1], project="benchmark", json=True, stdout=sys.stderr)
say_peak()
"""
WORK = """
import threading
from claims import jobs
from claims.tasks import HANDLERS, do

def say_peaks():
    while not done.wait(1):
        say_peak()

done = threading.Event()
threading.Thread(target=say_peaks, daemon=True).start()
jobs.run(int(sys.argv[1]), dict.fromkeys(HANDLERS, do))
done.set()
say_peak()
"""


def run(sizes: Sequence[int], reviewers: Sequence[int], seconds: float, say: Say) -> None:
    """`sizes` are megabytes of one JSONL file. Its worker is killed in the middle; another goes on after the lease."""
    for size in sizes:
        with own_database(), tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "articles.jsonl"
            articles = write_lines(path, size * 1_000_000)
            user = User.objects.create(username="benchmark")
            project = create_project(name="Benchmark", slug="benchmark", goal="code_corpus", by=user)
            connection.close()
            given = int(started(GIVE, str(path)).communicate()[0].split()[-1])
            job = Job.objects.get(project=project, kind="import_articles")
            first, killed_at, early = work(job, until=articles // 2)
            waited = wait_for_lease(job)
            second, _, late = work(job)
            stored = Article.objects.in_project(project).count()
            job.refresh_from_db()
            doubled = job.counts.get("duplicate", 0)
            faults = [] if (stored, doubled) == (articles, 0) else ["NOT EACH ONCE"]
            faults += ["OVER 512 MB"] if max(given, first, second) > MOST_MEGABYTES else []
            say(
                f"{size:6,} MB  {articles / (early + late):7,.1f} articles/s  {articles:,} given, {stored:,} stored, "
                f"{doubled} doubled  command {given} MB, worker {first} MB, killed at {killed_at:,}, "
                f"another after {waited:.0f} s {second} MB  {'  '.join(faults)}".rstrip()
            )


def write_lines(path: Path, size: int) -> int:
    """Write a file of about so many bytes and return how many articles it holds."""
    with path.open("wb") as lines:
        n = 0
        while lines.tell() < size:
            text = "\n\n".join([f"Ferry stopped {n}", *paragraphs_of(n)])
            lines.write(json.dumps({"text": text, "url": f"https://tidal.example/{n}"}).encode() + b"\n")
            n += 1
    return n


def started(script: str, argument: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PEAK + script, argument],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "annotator.settings"},
    )


def work(job: Job, until: int | None = None) -> tuple[int, int, float]:
    """Let a worker do the job, and kill it once it has read so many: (its megabytes at most, read, seconds)."""
    worker = started(WORK, str(job.pk))
    began = time.perf_counter()
    while worker.poll() is None:
        time.sleep(LOOK_EVERY)
        job.refresh_from_db()
        if until is not None and job.counts.get("read", 0) >= until:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
    spent = time.perf_counter() - began
    job.refresh_from_db()
    return peak_of(worker.stdout), job.counts.get("read", 0), spent


def peak_of(said: IO[str] | None) -> int:
    assert said is not None  # noqa: S101 - opened as a pipe in `started`
    return max(map(int, said.read().split()), default=0)


def wait_for_lease(job: Job) -> float:
    """Wait until another worker may take the job, as the sweep would see it; returns the seconds."""
    began = time.perf_counter()
    while not Job.objects.filter(pk=job.pk, lease_until__lt=Now()).exists():
        time.sleep(LOOK_EVERY)
    return time.perf_counter() - began
