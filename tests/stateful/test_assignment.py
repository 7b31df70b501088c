"""Drawing, answering, skipping, taking back, people coming and going, the overlap changing: beside a model in Python.

INV-2: a person holds or answers a unit of a round once, and one answer of theirs stands.
INV-3: a unit has as many active slots as are asked for, no more and no fewer, at every moment.
INV-5: for somebody outside, the round is answered like one that does not exist.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from claims.assignment.actions import draw_next, give_back_expired, set_paused
from claims.assignment.overlap import change_overlap
from claims.errors import Conflict, NotPermitted
from claims.labelling.actions import revise_label, skip_unit, submit_label
from claims.labelling.chain import verify_labels
from claims.models import Assignment, Label, PendingFold, Reviewer, Round, Unit
from claims.models.round import ACTIVE
from claims.people.actions import add_member, remove_member
from tests.factories import answers_for, make_codebook, make_project, make_round, make_user, member, owner_of, run_jobs

pytestmark = pytest.mark.django_db

NAMES = ("alice", "bob", "dora", "emil")
UNITS = 4
who = st.sampled_from(NAMES)
stance = st.sampled_from(["supports", "refutes", "reports"])


class Rounds(RuleBasedStateMachine):
    """The model: per unit its required number and who has which place; per person whether they are in."""

    grows_to: int | None = None

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.project = make_project(**dict.fromkeys(NAMES, "reviewer"))
        self.owner = owner_of(self.project)
        self.users = {name: member(self.project, name) for name in NAMES}
        book = make_codebook(self.project, "stance")
        pk = make_round(self.project, units=UNITS, overlap=2, grows_to=self.grows_to, codebook=book).pk
        self.round_id, self.is_paused, self.k, self.n_keys = pk, False, 2, 0
        units = list(Unit.objects.filter(project=self.project).values_list("pk", flat=True))
        self.required = dict.fromkeys(units, 2)
        self.grown: set[int] = set()
        self.held: dict[int, dict[str, str]] = {unit: {} for unit in units}  # unit -> person -> reserved or an answer
        self.seqs: dict[tuple[int, str], int] = {}
        self.skipped: set[tuple[int, str]] = set()
        self.ran_out: set[tuple[int, str]] = set()  # held, but whoever else finds nothing may have it
        self.left: set[str] = set()
        self.stranger = Client()
        self.stranger.force_login(make_user())

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    # --- looking things up --------------------------------------------------------------------------------------------

    @property
    def round(self) -> Round:
        return Round.objects.select_related("project", "codebook_version").get(pk=self.round_id)

    def reviewer(self, name: str) -> Reviewer:
        return Reviewer.objects.get(project=self.project, user=self.users[name])

    def reservation(self, name: str) -> int | None:
        return next((unit for unit, people in self.held.items() if people.get(name) == "reserved"), None)

    def may_work(self, name: str) -> bool:
        return not self.is_paused and name not in self.left

    def is_for(self, unit: int, name: str) -> bool:
        """A place is free, and the person neither has nor had the unit."""
        is_free = len(self.held[unit]) < self.required[unit]
        return is_free and name not in self.held[unit] and (unit, name) not in self.skipped

    def end_reservation(self, name: str) -> None:
        held = Assignment.objects.filter(round=self.round_id, reviewer=self.reviewer(name), state="reserved")
        held.update(expires_at=timezone.now() - timedelta(days=1))  # now() stands still in a test

    def said(self, stance: str) -> dict[str, Any]:
        self.n_keys += 1
        return {
            "answers": answers_for(self.round, stance=stance),
            "idempotency_key": f"state-{self.n_keys:06}",
            "codebook_version_id": self.round.codebook_version_id,
        }

    # --- deeds --------------------------------------------------------------------------------------------------------

    @rule(name=who)
    def draw(self, name: str) -> None:
        if not self.may_work(name):
            with pytest.raises((Conflict, NotPermitted)):
                draw_next(self.round, self.reviewer(name))
            return
        mine = self.reservation(name)
        drawn = draw_next(self.round, self.reviewer(name))
        if mine is None and not any(self.is_for(unit, name) for unit in self.held):
            for unit, who_held in self.ran_out:
                del self.held[unit][who_held]
            self.ran_out.clear()
        if mine is not None:
            self.ran_out.discard((mine, name))
            assert drawn is not None
            assert drawn.unit_id == mine
        elif drawn is None:
            assert not [unit for unit in self.held if self.is_for(unit, name)], "a place was free"
        else:
            assert self.is_for(drawn.unit_id, name), "drawn without a free place, or twice"
            self.held[drawn.unit_id][name] = "reserved"

    @rule(name=who, stance=stance)
    def submit(self, name: str, stance: str) -> None:
        unit = self.reservation(name)
        if unit is None or not self.may_work(name):
            return
        said = self.said(stance)
        receipt = submit_label(self.round, Unit(pk=unit), self.reviewer(name), **said)
        again = submit_label(self.round, Unit(pk=unit), self.reviewer(name), **said)
        assert (again.seq, again.repeated) == (receipt.seq, True)
        self.held[unit][name], self.seqs[unit, name] = stance, receipt.seq
        self.ran_out.discard((unit, name))

    @rule(name=who, stance=stance)
    def revise(self, name: str, stance: str) -> None:
        done = [unit for unit, people in self.held.items() if people.get(name) not in (None, "reserved")]
        if not done or not self.may_work(name):
            return
        unit = done[0]
        seq = self.seqs[unit, name]
        receipt = revise_label(self.round, Unit(pk=unit), self.reviewer(name), expected_seq=seq, **self.said(stance))
        self.held[unit][name], self.seqs[unit, name] = stance, receipt.seq

    @rule(name=who)
    def skip(self, name: str) -> None:
        unit = self.reservation(name)
        if unit is None or not self.may_work(name):
            return
        self.n_keys += 1
        key = f"state-{self.n_keys:06}"
        skip_unit(self.round, Unit(pk=unit), self.reviewer(name), reason="unclear", idempotency_key=key)
        del self.held[unit][name]
        self.skipped.add((unit, name))
        self.ran_out.discard((unit, name))

    @rule(name=who)
    def run_out(self, name: str) -> None:
        unit = self.reservation(name)
        if unit is not None:
            self.end_reservation(name)
            self.ran_out.add((unit, name))

    @rule(name=who)
    def take_back(self, name: str) -> None:
        unit = self.reservation(name)
        if unit is None:
            return
        self.end_reservation(name)
        self.ran_out.add((unit, name))
        assert give_back_expired() == len(self.ran_out)
        for one, who_held in self.ran_out:
            del self.held[one][who_held]
        self.ran_out.clear()

    @rule(name=who, stance=stance)
    def take_back_and_submit_late(self, name: str, stance: str) -> None:
        unit = self.reservation(name)
        if unit is None or not self.may_work(name):
            return
        self.take_back(name)
        submit_label(self.round, Unit(pk=unit), self.reviewer(name), **self.said(stance))  # the place is still free
        self.held[unit][name] = stance
        self.seqs[unit, name] = Label.objects.filter(round=self.round_id, unit=unit, reviewer=self.reviewer(name))[
            0
        ].event.seq

    @precondition(lambda self: len(self.left) < len(NAMES))
    @rule(name=who)
    def remove(self, name: str) -> None:
        if name in self.left:
            return
        remove_member(self.project, user=self.users[name], by=self.owner)
        self.left.add(name)
        if (unit := self.reservation(name)) is not None:
            del self.held[unit][name]  # offered to others at once
            self.ran_out.discard((unit, name))

    @rule(name=who)
    def add(self, name: str) -> None:
        if name in self.left:
            add_member(self.project, user=self.users[name], role="reviewer", by=self.owner)
            self.left.discard(name)

    @rule()
    def pause_or_resume(self) -> None:
        self.is_paused = not self.is_paused
        set_paused(self.round, self.is_paused, by=self.owner)

    @rule(k=st.integers(1, 4))
    def ask_for(self, k: int) -> None:
        self.fold()
        change_overlap(self.round, k, by=self.owner)
        run_jobs()
        self.k = k
        self.required = {
            unit: max(k, self.required[unit] if unit in self.grown else len(people))
            for unit, people in self.held.items()
        }

    @rule()
    def fold(self) -> None:
        """The labels are counted, and units whose places are all answered, and differently, grow by one."""
        changed = set(PendingFold.objects.filter(round=self.round_id).values_list("unit", flat=True))
        run_jobs()
        for unit in changed:
            said = list(self.held[unit].values())
            is_whole = len(said) == self.required[unit] and "reserved" not in said
            if self.grows_to and is_whole and len(set(said)) > 1 and len(said) < self.grows_to:
                self.required[unit] += 1
                self.grown.add(unit)

    @rule()
    def ask_from_outside(self) -> None:
        base = f"/p/{self.project.slug}/rounds"
        theirs = self.stranger.get(f"{base}/{self.round_id}/")
        nobodys = self.stranger.get(f"{base}/{self.round_id + 1_000_000}/")
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.content == nobodys.content

    # --- what always holds --------------------------------------------------------------------------------------------

    @invariant()
    def slots_are_exact(self) -> None:
        active = Assignment.objects.filter(round=self.round_id, state__in=ACTIVE)
        assert Counter(active.values_list("unit", flat=True)) == Counter(self.required)
        names = {self.users[name].pk: name for name in NAMES}
        found: dict[int, dict[str, str]] = {unit: {} for unit in self.held}
        for unit, user, state in active.exclude(state="open").values_list("unit", "reviewer__user", "state"):
            assert names[user] not in found[unit], "one person has a unit twice"
            found[unit][names[user]] = state
        assert found == {
            unit: {name: "reserved" if said == "reserved" else "submitted" for name, said in people.items()}
            for unit, people in self.held.items()
        }

    @invariant()
    def one_answer_stands(self) -> None:
        rows = Label.objects.filter(round=self.round_id, question="stance", is_void=False)
        names = {self.users[name].pk: name for name in NAMES}
        found = [
            ((unit, names[user]), value) for unit, user, value in rows.values_list("unit", "reviewer__user", "value")
        ]
        assert len(found) == len(dict(found))
        said = {(unit, n): s for unit, people in self.held.items() for n, s in people.items() if s != "reserved"}
        assert dict(found) == said

    @invariant()
    def the_chains_are_whole(self) -> None:
        assert not list(verify_labels(self.project))


class GrowingRounds(Rounds):
    """The same, where a unit whose labels differ is asked of one more, up to four."""

    grows_to = 4


@pytest.mark.parametrize("machine", [Rounds, GrowingRounds])
def test_assignment_follows_its_model(machine: type[Rounds]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("machine", [Rounds, GrowingRounds])
def test_assignment_follows_its_model_for_long(machine: type[Rounds]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
