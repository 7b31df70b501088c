"""Clocks that lie, people who go, caches that forget: nothing acknowledged depends on them."""

from __future__ import annotations

import threading
from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.utils import timezone

from claims import jobs
from claims.assignment.actions import draw_next, give_back_expired
from claims.errors import Refused
from claims.labelling.actions import submit_label
from claims.labelling.chain import verify_labels
from claims.models import AuditEvent, Label, LabelEvent, Reviewer, RoundReviewer, User
from tests.factories import answers_for, label_next, make_project, make_round, member, owner_of, reviewer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("hours", [-1, 1])
def test_ft_17_leases_and_reservations_follow_the_databases_clock(hours: int) -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    round_ = make_round(project, units=1, overlap=1)
    job = jobs.enqueue("count")
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        held = draw_next(round_, reviewer(project, "alice"))
        assert held is not None
        assert jobs.claim(job.pk) is not None
    assert jobs.claim(job.pk) is None, "the lease is a minute from now, whatever the worker's clock says"
    assert give_back_expired() == 0
    assert draw_next(round_, reviewer(project, "bob")) is None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT abs(extract(epoch FROM expires_at - now() - interval '120 minutes')) < 60 "
            "FROM claims_assignment WHERE id = %s",
            [held.pk],
        )
        assert cursor.fetchone() == (True,)


def test_ft_17_the_order_of_events_is_their_number_not_their_time() -> None:
    project = make_project(alice="reviewer")
    round_, alice = make_round(project, units=3), reviewer(project, "alice")
    for hours in (0, 1, -1):
        with time_machine.travel(timezone.now() + timedelta(hours=hours)):
            label_next(round_, alice)
    moments = list(LabelEvent.objects.order_by("seq").values_list("created_at", flat=True))
    assert moments == sorted(moments)
    assert list(verify_labels(project)) == []


def test_co_17_a_login_that_goes_leaves_its_labels_under_the_pseudonym() -> None:
    project = make_project(alice="reviewer")
    round_, alice = make_round(project, units=1), reviewer(project, "alice")
    label_next(round_, alice)
    member(project, "alice").delete()
    alice.refresh_from_db()
    assert (alice.user, alice.name) == (None, "R-02")
    assert Label.objects.filter(reviewer=alice).exists()
    assert list(verify_labels(project)) == []


@pytest.mark.django_db(transaction=True)
def test_co_17_a_login_deleted_during_its_submit_loses_nothing_acknowledged() -> None:
    project = make_project(alice="reviewer")
    round_, alice, user = make_round(project, units=1), reviewer(project, "alice"), member(project, "alice")
    held = draw_next(round_, alice)
    assert held is not None
    answers, barrier, acknowledged = answers_for(round_), threading.Barrier(2), []

    def submit() -> None:
        barrier.wait()
        try:
            receipt = submit_label(
                round_,
                held.unit,
                alice,
                answers=answers,
                idempotency_key="going-key-1",
                codebook_version_id=round_.codebook_version_id,
            )
            acknowledged.append(receipt.seq)
        except Refused:
            return
        finally:
            connection.close()

    def delete() -> None:
        barrier.wait()
        User.objects.get(pk=user.pk).delete()
        connection.close()

    threads = [threading.Thread(target=submit), threading.Thread(target=delete)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(LabelEvent.objects.values_list("seq", flat=True)) == acknowledged
    assert not User.objects.filter(pk=user.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_co_18_a_name_and_a_counter_of_one_row_both_survive() -> None:
    project = make_project(alice="reviewer")
    round_, alice = make_round(project, units=20), reviewer(project, "alice")
    barrier = threading.Barrier(2)

    def count() -> None:
        barrier.wait()
        while label_next(round_, alice):
            pass
        connection.close()

    def rename() -> None:
        barrier.wait()
        for n in range(40):
            row = Reviewer.objects.get(pk=alice.pk)
            row.languages = ["en"] * (n % 3)
            row.save(update_fields=["languages"])
        connection.close()

    threads = [threading.Thread(target=count), threading.Thread(target=rename)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert RoundReviewer.objects.get(round=round_, reviewer=alice).done == 20
    assert Reviewer.objects.get(pk=alice.pk).languages == []


def test_ft_14_nothing_that_matters_lives_in_a_cache() -> None:
    assert issubclass(import_module(settings.SESSION_ENGINE).SessionStore, SessionStore)
    project = make_project(alice="reviewer")
    round_, alice = make_round(project, units=1), reviewer(project, "alice")
    held = draw_next(round_, alice)
    assert held is not None
    sent = {
        "answers": answers_for(round_),
        "idempotency_key": "cache-key-1",
        "codebook_version_id": round_.codebook_version_id,
    }
    first = submit_label(round_, held.unit, alice, **sent)
    from django.core.cache import cache

    cache.clear()
    assert submit_label(round_, held.unit, alice, **sent).seq == first.seq


def test_inv_13_privileged_acts_are_audited_once_each() -> None:
    project = make_project(alice="reviewer")
    make_round(project, units=1)
    verbs = list(AuditEvent.objects.filter(project=project).order_by("id").values_list("verb", "actor"))
    carol = owner_of(project).pk
    assert verbs == [
        ("create_project", carol),
        ("add_member", carol),
        ("create_codebook_version", carol),
        ("publish_codebook_version", carol),
        ("create_round", carol),
        ("open_round", carol),
    ]
