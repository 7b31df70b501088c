"""CO-10: import, scoring, submits, settling and drawing at once, in random order, over real connections."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

from claims import jobs
from claims.agreement.actions import recount_round
from claims.assignment.actions import give_back_expired
from claims.errors import Refused
from claims.importing.actions import start_import
from claims.labelling.chain import verify_labels
from claims.ledger import seal
from claims.models import Assignment, Job, LabelEvent, Reviewer
from claims.models.round import ACTIVE
from claims.tasks import HANDLERS, do
from tests.factories import label_next, make_project, make_round, owner_of, reviewer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SECONDS = 60


def test_co_10_nothing_deadlocks_is_lost_or_doubled_in_a_minute_of_everything() -> None:
    names = ("alice", "bob", "dora")
    project = make_project(**dict.fromkeys(names, "reviewer"))
    round_ = make_round(project, units=400, overlap=2)
    people = [reviewer(project, name) for name in names]
    owner, end, faults, acknowledged = owner_of(project), time.monotonic() + SECONDS, [], Counter[int]()

    def import_something() -> None:
        start_import(project, text=f"Ferry {random.random()} sank\n\nIt sank on Monday, the mate said.", by=owner)

    def work_jobs() -> None:
        waiting = Job.objects.filter(state="queued").values_list("pk", flat=True)
        for pk in list(waiting[:5]):
            jobs.run(pk, dict.fromkeys(HANDLERS, do))

    def label(who: Reviewer) -> None:
        stance = random.choice(["supports", "refutes", "reports"])
        if label_next(round_, who, stance=stance) is not None:
            acknowledged[who.pk] += 1

    deeds: list[Callable[[], object]] = [
        import_something,
        work_jobs,
        work_jobs,
        jobs.sweep,
        give_back_expired,
        seal,
        lambda: recount_round(round_),
    ]

    def run(deed: Callable[[], object] | None, who: Reviewer | None) -> None:
        while time.monotonic() < end:
            try:
                label(who) if who else (deed or random.choice(deeds))()
            except Refused:
                continue
            except Exception as error:
                faults.append(f"{type(error).__name__}: {error}")
                connection.close()
            time.sleep(random.uniform(0, 0.02))
        connection.close()

    threads = [threading.Thread(target=run, args=(None, who)) for who in people]
    threads += [threading.Thread(target=run, args=(None, None)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while pk := Job.objects.filter(state="queued").values_list("pk", flat=True).first():
        jobs.run(pk, dict.fromkeys(HANDLERS, do))

    assert faults == []
    assert Counter(LabelEvent.objects.values_list("reviewer", flat=True)) == acknowledged
    assert acknowledged.total() > 100
    active = Counter(Assignment.objects.filter(state__in=ACTIVE).values_list("unit", flat=True))
    assert set(active.values()) == {2}
    assert list(verify_labels(project)) == []
    assert recount_round(round_) == []
    assert set(Job.objects.values_list("state", flat=True)) <= {"succeeded", "partial"}
