"""Articles a second from HTML pages and from plain text, to their rows in the database, and the worker's memory."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.core.files.base import File
from django.db import connection

from claims.importing.actions import start_import
from claims.importing.pages import page_text
from claims.management.benchmarks.labelling import own_database
from claims.management.benchmarks.splitting import SENTENCES, rate
from claims.models import Article, Job, User
from claims.people.actions import create_project

Say = Callable[[str], None]
FLOORS = {"html": 35, "text": 90}  # articles a second and worker
MOST_MEGABYTES = 512
A_ZIP = 1_000  # pages
PARAGRAPHS = 8
WORKER = """
import json, os, sys, time
import django
django.setup()
from pathlib import Path
from claims import jobs
from claims.tasks import HANDLERS, do

def peak(process):
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)

print("ready", flush=True)
sys.stdin.readline()
for job in sys.argv[1:]:
    jobs.run(int(job), dict.fromkeys(HANDLERS, do))
own = os.getpid()
children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
print(json.dumps([peak(own), max((peak(child) for child in children), default=0)]), flush=True)
"""


@dataclass(frozen=True)
class Measured:
    """Seconds from the first job's start to the last one's end; megabytes of the largest worker and parser."""

    articles: int
    seconds: float
    worker: int
    parser: int
    bytes: int


def run(sizes: Sequence[int], reviewers: Sequence[int], seconds: float, say: Say) -> None:
    """`sizes` are numbers of articles, `reviewers` of workers (1 and 2 when more than that are named); `seconds` is how
    long the bare reference is measured, in processor time."""
    pages = [page_of(n) for n in range(20)]
    numbers = iter(range(1 << 30))
    bare = rate(lambda: page_text(pages[next(numbers) % len(pages)]), seconds)
    say(f"bare     {bare:8,.1f} articles/s  extraction alone, one core, {len(pages[0]) / 1024:.0f} KB a page")
    workers = sorted({min(n, 2) for n in reviewers})
    for kind, floor in FLOORS.items():
        for size in sizes:
            for n in workers:
                with own_database():
                    found = measure(kind, size, n)
                a_second = found.articles / found.seconds
                faults = [] if a_second / n >= floor else [f"BELOW the floor of {floor} a worker"]
                faults += ["OVER 512 MB"] if max(found.worker, found.parser) > MOST_MEGABYTES else []
                given = f"{found.articles:,} articles, {found.bytes / 1e6:,.0f} MB given"
                memory = f"worker {found.worker} MB, parser {found.parser} MB"
                say(f"{kind:8} {a_second:8,.1f} articles/s  workers: {n}  {given}, {memory}  {'  '.join(faults)}")


def measure(kind: str, articles: int, workers: int) -> Measured:
    """Import generated articles, one job a worker, in the database that the connection is of."""
    user = User.objects.create(username="benchmark")
    project = create_project(name="Benchmark", slug="benchmark", goal="code_corpus", by=user)
    share = max(1, articles // workers)
    jobs, given = [], 0
    for n in range(workers):
        files = list((pages_in_zips if kind == "html" else texts_in_lines)(range(n * share, (n + 1) * share)))
        given += sum(file.size for file in files)
        jobs.append(start_import(project, files=files, by=user, limit=None).pk)
        for file in files:
            file.close()
    spent, peaks = _work(jobs)
    done = Job.objects.filter(pk__in=jobs, state="succeeded").count()
    stored = Article.objects.in_project(project).count()
    if done < workers or stored != share * workers:
        raise RuntimeError(f"{stored:,} of {share * workers:,} articles were stored: the figures mean nothing.")
    return Measured(stored, spent, max(own for own, _ in peaks), max(child for _, child in peaks), given)


def _work(jobs: Sequence[int]) -> tuple[float, list[tuple[int, int]]]:
    connection.close()
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(job)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "annotator.settings"},
        )
        for job in jobs
    ]
    for worker in started:
        assert worker.stdout is not None  # noqa: S101 - opened as a pipe above
        worker.stdout.readline()
    began = time.perf_counter()
    for worker in started:
        assert worker.stdin is not None  # noqa: S101 - opened as a pipe above
        worker.stdin.write("go\n")
        worker.stdin.flush()
    said = [worker.communicate()[0] for worker in started]
    return time.perf_counter() - began, [tuple(json.loads(line.splitlines()[-1])) for line in said]


def paragraphs_of(n: int) -> list[str]:
    """The text of article `n`: like no other, about 4 KB."""
    return [
        " ".join(sentence.replace("Lake", f"Lake {n}.{part}") for sentence in SENTENCES) for part in range(PARAGRAPHS)
    ]


def page_of(n: int) -> bytes:
    links = "".join(f'<li><a href="/section/{at}">Section {at} of the paper</a></li>' for at in range(60))
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs_of(n))
    return (
        f"<!doctype html><html lang=en><head><title>Ferry stopped {n} - Tidal Post</title>"
        f'<meta property="og:site_name" content="Tidal Post"><link rel=canonical href="https://tidal.example/{n}">'
        f'<meta property="article:published_time" content="2026-03-0{n % 9 + 1}T08:00:00Z">'
        f"<script>{'var tracking = 1;' * 300}</script></head><body><nav><ul>{links}</ul></nav>"
        f"<article><h1>Ferry stopped {n}</h1>{body}</article><footer><ul>{links}</ul></footer></body></html>"
    ).encode()


def pages_in_zips(numbers: range) -> Iterator[File[bytes]]:
    for at in range(0, len(numbers), A_ZIP):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for n in numbers[at : at + A_ZIP]:
                # Bytes that do not compress: else the limit on archives that inflate too much would end this.
                archive.writestr(f"{n}.html", page_of(n) + b"<!--" + os.urandom(400).hex().encode() + b"-->")
        packed.seek(0)
        yield File(packed, name=f"pages-{at}.zip")


def texts_in_lines(numbers: range) -> Iterator[File[bytes]]:
    """One file, on disk as the command would find it."""
    lines = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - closed with the file it becomes
    for n in numbers:
        text = "\n\n".join([f"Ferry stopped {n}", *paragraphs_of(n)])
        lines.write(
            json.dumps({"text": text, "outlet": "Tidal Post", "url": f"https://tidal.example/{n}"}).encode() + b"\n"
        )
    lines.seek(0)
    yield File(lines, name="texts.jsonl")
