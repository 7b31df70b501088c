"""Sentences and claims a second on one core, an article to its rows, and the worst line there can be."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from claims.management.benchmarks import filling
from claims.management.benchmarks.labelling import own_database
from claims.models import Article, Segment, TextVersion
from claims.splitting.actions import split_article
from claims.splitting.splitters import SPLITTERS, Block
from claims.splitting.splitters.sentences import segment

SENTENCES = (
    "The Lake Ferry, which carries 900 cars a day, was stopped on Tuesday after divers found a leak.",
    "“Nobody was hurt,” said Orin Vale, the captain, according to the port office.",
    "Mayor Edda Quill denied that the city had known of the damage.",
    "The Tidal Post reported that 14 bolts were missing and that two inspectors had warned of it in May.",
    "Repairs will cost about 1.4 million euros, the ministry estimates.",
    "While the bridge was closed, trains ran every ten minutes.",
    "It is widely believed that the pier is older than the town.",
    "The council meets again on Friday.",
)
FLOORS = {"segment": 20_000, "claims": 2_500}  # sentences a second
WORST_SECONDS, WORST_MEGABYTES = 15, 512
WORST = """
import time
from pathlib import Path
from claims.splitting.splitters import SPLITTERS, Block
text = ({sample!r} * 1_000_000)[:1_000_000]
began = time.process_time()
found = SPLITTERS["rules"](text, "en", [Block(0, len(text), "body")])
took = time.process_time() - began
# Not ru_maxrss: that one a process inherits from whoever started it.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(took, int(peak.split()[1]) // 1024, len(found))
"""
SAMPLES = {
    "one word": "x",
    "blanks and marks": '"\u2018 ',
    "prose in one line": "He said “it is so” and, as she said, which was, that it. ",
}


def run(sizes: Sequence[int], reviewers: Sequence[int], seconds: float, say: Callable[[str], None]) -> None:
    """`sizes` and `reviewers` mean nothing here; `seconds` is how long each rate is measured, in processor time."""
    text = "\n\n".join(" ".join(SENTENCES) for _ in range(5))
    block = [Block(0, len(text), "body")]
    n = len(segment(text, "en"))
    rates = {
        "segment": rate(lambda: segment(text, "en"), seconds),
        "claims": rate(lambda: SPLITTERS["rules"](text, "en", block), seconds),
    }
    for name, per_second in rates.items():
        verdict = "" if per_second * n >= FLOORS[name] else f"  BELOW the floor of {FLOORS[name]:,}"
        say(f"{name:8} {per_second * n:10,.0f} sentences/s {per_second:8,.1f} articles/s of {n} sentences{verdict}")
    with own_database():
        spent = time_to_rows(text)
    say(f"to rows  {spent * 1000:10,.1f} ms an article of {n} sentences, database and all")
    for name, sample in SAMPLES.items():
        say(f"worst    {worst(sample)}  one line of 1,000,000 characters: {name}")


def rate(work: Callable[[], Any], seconds: float) -> float:
    """How often a second of processor time; once before, for what is read only once."""
    work()
    began, done = time.process_time(), 0
    while time.process_time() - began < seconds or not done:
        work()
        done += 1
    return done / (time.process_time() - began)


def time_to_rows(text: str, articles: int = 10) -> float:
    """Seconds an article, from the text to its claims in the database; everything is rolled back."""
    with transaction.atomic():
        project = filling.fill(10).project
        rows = [article_of(project.pk, f"{n}\n{text}", n) for n in range(articles)]
        began = time.perf_counter()
        for row in rows:
            split_article(row)
        spent = (time.perf_counter() - began) / articles
        transaction.set_rollback(True)
    return spent


def article_of(project: int, text: str, n: int) -> Article:
    digest = f"{n:064x}"
    row = Article.objects.create(project_id=project, headline=f"Benchmark {n}", language="en", content_sha256=digest)
    version = TextVersion.objects.create(
        article=row, n=1, text=text, sha256=digest, length=len(text), recipe="benchmark"
    )
    Segment.objects.create(text_version=version, n=0, start=0, end=len(text), role="body")
    return row


def worst(sample: str) -> str:
    """In a process of its own, so that its peak of memory is its own too."""
    done = subprocess.run(
        [sys.executable, "-c", WORST.format(sample=sample)], capture_output=True, text=True, check=True
    )
    took, megabytes, claims = done.stdout.split()
    bad = float(took) > WORST_SECONDS or int(megabytes) > WORST_MEGABYTES
    return f"{float(took):7.2f} s {int(megabytes):5,} MB {int(claims):6,} claims{'  OUT OF BOUNDS' if bad else ''}"
