"""The counting state under random changes, in any order, by several workers, equals a count from nothing."""

from __future__ import annotations

import hashlib
import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import close_old_connections, connection, transaction

from claims.agreement.actions import recount_round
from claims.agreement.folding import fold_units, plan_round, take_pending
from claims.models import Article, Label, Outlet, PendingFold, Project, Reviewer, Round, RoundUnit
from tests import factories
from tests.agreement.builders import CountKey, State, counting_state, write_label

CHOICES = {
    "stance": ["supports", "refutes", "questions", "reports", "unrelated"],
    "sentence_bias": ["biased", "not_biased"],
}


def count_from_nothing(round_: Round) -> State:
    """The same state from the label rows alone, with dictionaries."""
    places = {p.unit_id: p for p in RoundUnit.objects.filter(round=round_).select_related("unit__article")}
    weeks: dict[tuple[int, str, str], str] = {}
    units: dict[tuple[int, str, str], list[int]] = {}
    people: dict[tuple[int, str, str], list[int]] = {}
    for label in Label.objects.filter(round=round_, is_void=False, missing=None).select_related("event"):
        if not places[label.unit_id].is_control:
            choices = CHOICES[label.question]
            key = label.unit_id, label.question, label.phase
            counts = units.setdefault(key, [0] * len(choices))
            counts[choices.index(label.value)] += 1
            people.setdefault(key, []).append(label.reviewer_id)
            at = label.event.created_at.astimezone(UTC).isocalendar()
            weeks[key] = max(weeks.get(key, ""), f"{at.year}-W{at.week:02}")
    patterns: Counter[CountKey] = Counter()
    for (unit, question, phase), counts in units.items():
        article = places[unit].unit.article
        assert article is not None
        week = f"week:{weeks[unit, question, phase]}"
        whole = (f"language:{article.language}", f"outlet:{article.outlet_id or 'none'}")
        for stratum in ("all", week, *whole):
            patterns[question, phase, stratum, None, tuple(counts)] += 1
            patterns[question, phase, stratum, f"bundle {drawn_bundle(article.pk)}", tuple(counts)] += 1
            for who in people[unit, question, phase]:
                patterns[question, phase, stratum, f"reviewer {who}", ()] += 1
        for stratum in ("all", week):
            patterns[question, phase, stratum, article.pk, tuple(counts)] += 1
    return {key: tuple(counts) for key, counts in units.items()}, dict(patterns)


def drawn_bundle(article: int) -> int:
    return int.from_bytes(hashlib.md5(b"a%d" % article, usedforsecurity=False).digest()[:4]) % 200


def fold_some(round_: Round, limit: int) -> int:
    with transaction.atomic():
        units, _ = take_pending(round_, limit)
        fold_units(round_, plan_round(round_), units)
    return len(units)


def change_something(round_: Round, units: list[int], people: list[Reviewer], dice: random.Random) -> None:
    unit, who, question = dice.choice(units), dice.choice(people), dice.choice(list(CHOICES))
    deed = dice.choices(["label", "void", "missing", "control", "article", "week"], [8, 1, 1, 1, 1, 1])[0]
    with transaction.atomic():
        if deed == "label":
            write_label(round_, unit, who, question, dice.choice(CHOICES[question]))
            return
        if deed == "control":  # this and the next are noted by the database itself
            RoundUnit.objects.filter(round=round_, unit=unit).update(is_control=dice.random() < 0.3)
            return
        if deed == "article":
            article = Article.objects.filter(unit=unit)
            article.update(language=dice.choice(["nl", "de"]), outlet=dice.choice([None, *article_outlets(round_)]))
            return
        if deed == "week":
            at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(weeks=dice.randint(0, 3))
            write_label(round_, unit, who, question, dice.choice(CHOICES[question]), at=at)
            return
        own = Label.objects.filter(round=round_, unit=unit, reviewer=who, question=question)
        own.update(**({"is_void": True} if deed == "void" else {"value": None, "missing": "cannot_judge"}))
        PendingFold.objects.create(round=round_, unit_id=unit, event_id=1)


def article_outlets(round_: Round) -> list[Outlet]:
    return list(Outlet.objects.in_project(round_.project).order_by("pk"))


def make_panel(n_people: int) -> tuple[Round, list[int], list[Reviewer]]:
    project: Project = factories.make_project()
    for n in range(3):
        factories.make_claims(project, 3)
        Outlet.objects.create(project=project, name=f"Harbour Gazette {n}")
    round_ = factories.make_round(project, overlap=n_people)
    people = [Reviewer.objects.create(project=project, name=f"Coder {n}") for n in range(n_people)]
    return round_, list(RoundUnit.objects.filter(round=round_).values_list("unit_id", flat=True)), people


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_it_works_after_random_changes_folded_in_random_portions(seed: int) -> None:
    dice = random.Random(seed)
    round_, units, people = make_panel(4)
    for _ in range(120):
        change_something(round_, units, people, dice)
        if dice.random() < 0.2:
            fold_some(round_, dice.randint(1, 7))
    while fold_some(round_, 50):
        pass
    assert counting_state(round_) == count_from_nothing(round_)
    assert recount_round(round_) == []


def together(deeds: list[Callable[[], None]]) -> None:
    """Run the deeds at once, each with its own database connection; the first failure is raised."""
    failures: list[BaseException] = []

    def run(deed: Callable[[], None]) -> None:
        try:
            deed()
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    if failures:
        raise failures[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("writes", [60, pytest.param(2000, marks=pytest.mark.slow)])
def test_two_workers_fold_while_two_people_label(writes: int) -> None:
    round_, units, people = make_panel(4)
    done = threading.Event()

    def label(own: list[Reviewer], seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(writes):
            change_something(round_, units, own, dice)

    def work(limit: int) -> None:
        while not done.is_set():
            fold_some(round_, limit)

    def label_then_stop() -> None:
        together([lambda: label(people[:2], 1), lambda: label(people[2:], 2)])
        done.set()

    together([label_then_stop, lambda: work(3), lambda: work(5)])
    while fold_some(round_, 50):
        pass
    assert counting_state(round_) == count_from_nothing(round_)
    assert recount_round(round_) == []


@pytest.mark.django_db(transaction=True)
def test_two_recounts_and_a_fold_at_once_do_not_wait_for_ever() -> None:
    round_, units, people = make_panel(3)
    dice = random.Random(7)
    for _ in range(30):
        change_something(round_, units, people, dice)

    def recount() -> None:
        assert recount_round(round_) == []

    def fold() -> None:
        while fold_some(round_, 4):
            pass

    together([recount, recount, fold])
    assert counting_state(round_) == count_from_nothing(round_)
