"""How long the server takes for a page, without the network: lists of a large project, a long article to label.

Beside them stands a bare reference in the same run: one statement for the thirty newest claims, joined to a string. A
page is asked for by Django's test client, through all of the middleware, one after the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import override_settings

from claims import jobs
from claims.assignment.actions import create_round, draw_next, open_round
from claims.importing.actions import start_import
from claims.labelling.actions import create_codebook
from claims.management.benchmarks import filling
from claims.management.benchmarks.labelling import own_database, percentile
from claims.management.static_stamp import collect_static_when_changed
from claims.models import Job, Project, Reviewer, Round, User
from claims.people.actions import create_project
from claims.tasks import HANDLERS, do

WORDS = 10_000
LISTS = {"articles": "articles/", "claims": "claims/", "rounds": "rounds/", "jobs": "jobs/", "outlets": "outlets/"}
AIMS = {"label": 20.0}  # milliseconds, 95 of 100
LIST_AIM = 60.0
WARM_UP = 3  # requests that load what is loaded once
HEAD = "    units page        p50 ms    p95  statements  kilobytes"
BARE = "SELECT id, text FROM claims_claim WHERE project_id = %s ORDER BY id DESC LIMIT 30"
SENTENCE = (
    "The harbour office of Sandmouth counted {} crates of herring on the northern quay, said Anna Quill on Monday. "
)
Say = Callable[[str], None]


def run(sizes: Sequence[int], reviewers: Sequence[int], seconds: float, say: Say) -> None:
    """Measure each page for `seconds`, in projects of these sizes; one client, whatever `reviewers` says."""
    collect_static_when_changed(Path(settings.STATIC_ROOT), say=say)  # pages name their scripts and styles by content
    with own_database(), override_settings(ALLOWED_HOSTS=["testserver"]):
        for units in sizes:
            say(f"filling a project with {units:,} units ...")
            measure(filling.fill(units), units, seconds, say)
        say(f"an article of {WORDS:,} words ...")
        client, address = label_page(long_article())
        say(line(0, "label", client, address, seconds))


def measure(round_: Round, units: int, seconds: float, say: Say) -> None:
    owner = client_of(User.objects.get(membership__project=round_.project, membership__role="owner"))
    say(HEAD)
    took = timed(lambda: bare(round_.project), seconds)
    say(f"{units:>9} {'bare':<10} {percentile(took, 0.5):>7.1f} {percentile(took, 0.95):>6.1f} {1:>11}")
    for name, path in LISTS.items():
        say(line(units, name, owner, f"/p/{round_.project.slug}/{path}", seconds))


def line(units: int, name: str, client: Client, address: str, seconds: float) -> str:
    asked: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        answer = client.get(address)
    if answer.status_code != 200:
        return f"{units:>9} {name:<10} answered {answer.status_code}"
    took = timed(lambda: client.get(address).content, seconds)
    aim = AIMS.get(name, LIST_AIM)
    held = "" if percentile(took, 0.95) <= aim else f"   over the aim of {aim:g} ms"
    times = f"{percentile(took, 0.5):>7.1f} {percentile(took, 0.95):>6.1f}"
    return f"{units:>9} {name:<10} {times} {len(asked):>11} {len(answer.content) // 1024:>10}{held}"


def timed(ask: Callable[[], object], seconds: float) -> list[float]:
    """Milliseconds of each request within so many seconds, at least ten."""
    for _ in range(WARM_UP):
        ask()
    took: list[float] = []
    until = time.monotonic() + seconds
    while len(took) < 10 or time.monotonic() < until:
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return took


def bare(project: Project) -> str:
    with connection.cursor() as cursor:
        cursor.execute(BARE, [project.pk])
        return "".join(f"<li>{pk} {text}</li>" for pk, text in cursor.fetchall())


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def long_article() -> Round:
    """An open round over the claims of one article of WORDS words."""
    owner = User.objects.create(username="owner-long")
    project = create_project(name="One long article", slug="long", goal="code_corpus", by=owner)
    sentences = [SENTENCE.format(n) for n in range(WORDS // len(SENTENCE.split()) + 1)]
    paragraphs = ["".join(sentences[at : at + 5]) for at in range(0, len(sentences), 5)]
    start_import(project, text="Herring at the quay of Sandmouth\n\n" + "\n\n".join(paragraphs), by=owner)
    do_all("import_articles", "split_article")
    book = create_codebook(project, preset="stance", by=owner)
    round_ = create_round(
        project, name="Long", codebook_version=book, overlap=1, order="random", selection={}, by=owner
    )
    open_round(round_, by=owner)
    do_all("open_round")
    round_.refresh_from_db()
    return round_


def do_all(*kinds: str) -> None:
    for kind in kinds:
        for job in Job.objects.filter(kind=kind, state="queued"):
            jobs.run(job.pk, dict.fromkeys(HANDLERS, do))


def label_page(round_: Round) -> tuple[Client, str]:
    reviewer, _ = filling.sign_in(round_.project, "reviewer-long")
    seat = Reviewer.objects.select_related("user").get(pk=reviewer)
    drawn = draw_next(round_, seat)
    assert drawn is not None  # noqa: S101 - the round was just opened for this reviewer
    user = seat.user
    assert user is not None  # noqa: S101
    return client_of(user), f"/p/{round_.project.slug}/rounds/{round_.pk}/label/{drawn.unit_id}/"
