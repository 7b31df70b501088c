"""Seals number what is committed, once, also when ids commit out of order."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from claims.ledger import seal
from claims.models import ClaimVersion, Seal, SealedRow
from tests.factories import make_article, make_claim, make_project

pytestmark = pytest.mark.django_db

QUOTE = "The bridge carries 9,000 cars a day"


def sealed(kind: str) -> dict[int, int]:
    return dict(SealedRow.objects.filter(kind=kind).values_list("row_id", "seal"))


def test_a_seal_numbers_each_row_once() -> None:
    occurrence = make_claim(make_article(make_project()), QUOTE)
    first = seal()
    ClaimVersion.objects.create(claim=occurrence.claim, n=2, text="The Lake Bridge carries 9,000 cars a day")
    second = seal()
    assert list(sealed("claimversion").values()) == [first.n, second.n]
    assert bytes(first.digest) != bytes(second.digest)


def test_nothing_new_makes_no_new_seal() -> None:
    make_claim(make_article(make_project()), QUOTE)
    assert seal() == seal()
    assert Seal.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_row_with_a_lower_id_that_commits_later_gets_a_later_seal() -> None:
    occurrence = make_claim(make_article(make_project()), QUOTE)
    written, release = threading.Event(), threading.Event()

    def slow_transaction() -> None:
        with transaction.atomic():
            ClaimVersion.objects.create(claim=occurrence.claim, n=2, text="slow")
            written.set()
            release.wait(10)
        connection.close()

    thread = threading.Thread(target=slow_transaction)
    thread.start()
    assert written.wait(10)
    ClaimVersion.objects.create(claim=occurrence.claim, n=3, text="quick")
    first = seal()
    release.set()
    thread.join()
    second = seal()
    numbers = sealed("claimversion")
    slow, quick = (ClaimVersion.objects.get(text=text).pk for text in ("slow", "quick"))
    assert slow < quick
    assert (numbers[quick], numbers[slow]) == (first.n, second.n)


@pytest.mark.django_db(transaction=True)
def test_two_seals_at_once_number_every_row_once() -> None:
    make_claim(make_article(make_project()), QUOTE)

    def run() -> None:
        seal()
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sealed("claimversion")) == ClaimVersion.objects.count() == 1
