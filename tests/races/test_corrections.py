"""CO-06, CO-07 over real connections: people label while others correct, undo and redo the same claims."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import Count

from claims import jobs
from claims.agreement.actions import recount_round
from claims.assignment.actions import draw_next
from claims.errors import Refused
from claims.labelling.actions import submit_label
from claims.labelling.chain import verify_labels
from claims.models import Assignment, ClaimOccurrence, Job, Label, OccurrenceVersion, Reviewer
from claims.models.round import ACTIVE
from claims.splitting.carrying import words_of
from claims.splitting.correcting import drop_claim, move_boundaries, split_claim
from claims.splitting.undoing import redo, undo
from claims.tasks import HANDLERS, do
from tests.factories import answers_for, make_project, make_round, owner_of, reviewer, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SECONDS = 12


def test_co_07_labelling_and_correcting_at_once_leave_no_orphan_and_count_once() -> None:
    names = ("alice", "bob", "dora")
    project = make_project(**dict.fromkeys(names, "reviewer"))
    round_ = make_round(project, units=30, overlap=2)
    article = ClaimOccurrence.objects.filter(project=project)[0].article
    type(article).objects.filter(pk=article.pk).update(state="split")
    owner, end, faults, done = owner_of(project), time.monotonic() + SECONDS, [], []

    def correct() -> None:
        row = random.choice(list(ClaimOccurrence.objects.filter(article=article).standing()))
        start = row.position
        chosen = random.choice(("move", "split", "drop", "undo", "undo", "redo"))
        if chosen == "move":
            move_boundaries(article, row.pk, pieces=[(start, start + 12)], expected=row.version, by=owner)
        elif chosen == "split":
            split_claim(article, row.pk, at=start + 6, expected=row.version, by=owner)
        elif chosen == "drop":
            drop_claim(article, row.pk, reason="other", expected=row.version, by=owner)
        else:
            (undo if chosen == "undo" else redo)(article, by=owner)
        done.append(chosen)

    def label(who: Reviewer) -> None:
        drawn = draw_next(round_, who)
        if drawn is not None:  # a correction may come between: then it is refused
            answers = answers_for(round_, stance=random.choice(["supports", "reports"]))
            version = round_.codebook_version_id
            submit_label(
                round_,
                drawn.unit,
                who,
                answers=answers,
                idempotency_key=uuid.uuid4().hex,
                codebook_version_id=version,
            )

    def work() -> None:
        for pk in list(Job.objects.filter(state="queued").values_list("pk", flat=True)[:5]):
            jobs.run(pk, dict.fromkeys(HANDLERS, do))

    def repeat(deed: Callable[[], object]) -> None:
        try:
            while time.monotonic() < end:
                try:
                    deed()
                except Refused:
                    pass
                except Exception as fault:
                    faults.append(repr(fault)[:300])
                time.sleep(random.random() / 50)
        finally:
            connection.close()

    people = [reviewer(project, name) for name in names]
    deeds = [correct, correct, work, *(lambda who=who: label(who) for who in people)]
    threads = [threading.Thread(target=repeat, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run_jobs()
    assert faults == []
    assert len(set(done)) == 5, "every kind of step was made"
    newest = {
        row.occurrence_id: row
        for row in OccurrenceVersion.objects.filter(occurrence__article=article).order_by("occurrence", "n")
    }
    active = Assignment.objects.filter(round=round_, state__in=ACTIVE).select_related(
        "unit__occurrence_version__occurrence"
    )
    units: dict[int, set[int]] = {}
    for one in active:
        version = one.unit.occurrence_version
        assert version is not None
        assert version.occurrence.state == "proposed"
        assert words_of(version) == words_of(newest[version.occurrence_id]), "only the present words are asked about"
        units.setdefault(version.occurrence_id, set()).add(one.unit_id)
    assert all(len(found) == 1 for found in units.values()), "a claim has one unit that counts"
    slots = active.values("unit").annotate(n=Count("id")).values_list("n", flat=True)
    assert set(slots) == {2}, "every unit that counts has its two places"
    answered = set(active.filter(state="submitted").values_list("unit", "reviewer"))
    assert set(Label.objects.filter(round=round_, is_void=False).values_list("unit", "reviewer")) == answered
    assert recount_round(round_) == []
    assert list(verify_labels(project)) == []
