"""Very many changes of every kind, by two people and two workers at once: the counting state equals a count from
nothing, and what a change costs does not grow with the round. `ATTEST_WRITES=1000000` runs the full million."""

from __future__ import annotations

import json
import os
import random
import threading
from collections import Counter
from itertools import count

import pytest
from django.db import connection, transaction

from claims.agreement import scoring
from claims.agreement.actions import recount_round
from claims.agreement.scoring import score_round
from claims.models import (
    Article,
    BundleCount,
    ClaimOccurrence,
    PendingFold,
    Project,
    Reviewer,
    Round,
    RoundUnit,
    TextVersion,
    User,
)
from claims.splitting.correcting import move_boundaries
from claims.splitting.undoing import undo
from tests import factories
from tests.agreement.builders import counting_state
from tests.agreement.test_incremental import CHOICES, count_from_nothing, fold_some, together

WRITES = int(os.environ.get("ATTEST_WRITES", "20000"))
PORTION = 500  # changes that one transaction makes, as an import of answers does
# One event and one answer a line, without the checks and chains of submitting; what is voided keeps its value.
LABEL = """
WITH given AS (SELECT * FROM jsonb_to_recordset(%(lines)s) AS t(
        unit bigint, question text, reviewer bigint, seq bigint, value text, week int, is_void boolean)),
    said AS (INSERT INTO claims_labelevent (project_id, reviewer_id, seq, kind, round_id, unit_id, codebook_version_id,
            phase, answers, idempotency_key, request_sha256, prev_hash, hash, text_digest, created_at, seconds)
        SELECT %(project)s, reviewer, seq, 'submitted', %(round)s, unit, %(book)s, 'first', '{}', seq::text, '', '', '',
            '', timestamptz '2026-01-01' + week * interval '1 week', 0 FROM given RETURNING id, reviewer_id, seq),
    kept AS (INSERT INTO claims_label (round_id, unit_id, question, reviewer_id, phase, value, event_id, is_void)
        SELECT %(round)s, unit, question, reviewer, 'first', to_jsonb(value), said.id, is_void
        FROM given JOIN said ON said.reviewer_id = reviewer AND said.seq = given.seq
        ON CONFLICT (round_id, unit_id, question, reviewer_id, phase) DO UPDATE
        SET value = EXCLUDED.value, event_id = EXCLUDED.event_id, is_void = EXCLUDED.is_void)
INSERT INTO claims_pendingfold (round_id, unit_id, event_id)
SELECT %(round)s, unit, max(said.id) FROM given JOIN said ON said.reviewer_id = reviewer AND said.seq = given.seq
GROUP BY unit
"""
LOCK = "SELECT FROM claims_roundunit WHERE round_id = %s AND unit_id = ANY(%s) ORDER BY unit_id FOR UPDATE"


def make_panel(n_articles: int, n_people: int) -> tuple[Round, list[Reviewer]]:
    project: Project = factories.make_project()
    for _ in range(n_articles):
        factories.make_claims(project, 4)
    Article.objects.filter(project=project).update(state="split")  # its claims may be corrected
    round_ = factories.make_round(project, overlap=n_people)
    return round_, [Reviewer.objects.create(project=project, name=f"Coder {n}") for n in range(n_people)]


class Writer:
    """Changes things in portions, of its own people and its own articles."""

    def __init__(self, round_: Round, people: list[Reviewer], articles: list[int], seed: int) -> None:
        self.round, self.people, self.articles = round_, people, articles
        self.dice, self.seq, self.corrected = random.Random(seed), count(1), set[int]()
        self.done: Counter[str] = Counter()

    @property
    def units(self) -> list[int]:
        return list(RoundUnit.objects.filter(round=self.round).order_by("unit_id").values_list("unit_id", flat=True))

    def write(self, changes: int, owner: User) -> None:
        while sum(self.done.values()) < changes:
            units = self.units
            self.label(units)
            self.mark_controls(units)
            self.correct(owner)

    def label(self, units: list[int]) -> None:
        """Answers and voids: nine of ten are new words, the others take back what stands there."""
        lines = {}
        for _ in range(PORTION):
            question, who = self.dice.choice(list(CHOICES)), self.dice.choice(self.people).pk
            place = self.dice.choice(units), question, who
            is_void = self.dice.random() < 0.1
            lines[place] = [self.dice.choice(CHOICES[question]), self.dice.randint(0, 3), is_void]
            self.done["void" if is_void else "answer"] += 1
        names = ("unit", "question", "reviewer", "value", "week", "is_void", "seq")
        given = [dict(zip(names, (*key, *line, next(self.seq)), strict=True)) for key, line in lines.items()]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(LABEL, {
                "lines": json.dumps(given), "project": self.round.project_id, "round": self.round.pk,
                "book": self.round.codebook_version_id,
            })  # fmt: skip

    def mark_controls(self, units: list[int]) -> None:
        chosen = self.dice.sample(units, 5)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(LOCK, [self.round.pk, chosen])
            places = RoundUnit.objects.filter(round=self.round, unit__in=chosen)
            places.update(is_control=self.dice.random() < 0.3)
        self.done["control item"] += len(chosen)

    def correct(self, owner: User) -> None:
        """A claim loses its first word, or gets it back: its answers go, or come again."""
        first = ClaimOccurrence.objects.filter(article=self.dice.choice(self.articles)).order_by("pk")[0]
        if first.article_id in self.corrected:
            undo(first.article, by=owner)
        else:
            at = TextVersion.objects.filter(article=first.article).latest("n").text.index("number 0")
            move_boundaries(first.article, first.pk, pieces=[(at, at + 24)], expected=first.version, by=owner)
        self.corrected ^= {first.article_id}
        self.done["correction"] += 1


@pytest.mark.slow
@pytest.mark.timeout(max(1800, WRITES // 100))  # of the full million: it is asked for by name
@pytest.mark.django_db(transaction=True)
def test_after_very_many_changes_by_two_workers_the_state_is_the_recount() -> None:
    round_, people = make_panel(60, 6)
    articles = list(Article.objects.filter(project=round_.project).order_by("pk").values_list("pk", flat=True))
    writers = [Writer(round_, people[:3], articles[:30], 1), Writer(round_, people[3:], articles[30:], 2)]
    owner, done = factories.owner_of(round_.project), threading.Event()

    def write() -> None:
        try:
            together([lambda: writers[0].write(WRITES // 2, owner), lambda: writers[1].write(WRITES // 2, owner)])
        finally:
            done.set()

    def work() -> None:
        while not done.is_set():
            fold_some(round_, 200)

    together([write, work, work])
    while fold_some(round_, 500):
        pass
    assert counting_state(round_) == count_from_nothing(round_)
    assert recount_round(round_) == []
    print(f"\n{sum(writers[0].done.values()) + sum(writers[1].done.values()):,} changes: {writers[0].done}")


COUNTED = ("claims_label", "claims_labelevent", "claims_unitpattern", "claims_patterncount", "claims_bundlecount",
           "claims_reviewercount", "claims_roundunit", "claims_unit", "claims_article")  # fmt: skip
READ = """
SELECT relname, COALESCE(seq_tup_read, 0) + COALESCE(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables
WHERE relname = ANY(%s)
"""


def rows_read_by_one_answer(round_: Round, who: Reviewer) -> dict[str, int]:
    """Rows of each table that folding and scoring one more answer reads, as the database counts them."""
    unit = RoundUnit.objects.filter(round=round_).order_by("-unit_id").values_list("unit_id", flat=True)[0]
    writer = Writer(round_, [who], [], 3)
    writer.seq = count(10**6)
    PendingFold.objects.all().delete()
    with transaction.atomic():
        writer.label([unit])
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # whole tables are cheap while they are small
            cursor.execute(READ, [list(COUNTED)])
            before = dict(cursor.fetchall())
        fold_some(round_, 10)
        score_round(round_, strata=("all", "week:2026-W01"))
        with connection.cursor() as cursor:
            cursor.execute(READ, [list(COUNTED)])
            return {table: n - before[table] for table, n in cursor}


@pytest.mark.django_db
def test_no_answer_reads_the_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times the articles and labels: folding and scoring one more answer reads no more rows."""
    monkeypatch.setattr(scoring, "ARTICLE_ROWS", 10)
    read = []
    for articles in (30, 120):
        round_, people = make_panel(articles, 3)
        writer = Writer(round_, people, [], 5)
        for _ in range(articles // 3):
            writer.label(writer.units)
        while fold_some(round_, 500):
            pass
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        read.append(rows_read_by_one_answer(round_, people[0]))
    small, large = read
    own_rows = [table for table in COUNTED if not table.endswith("count")]
    assert all(large[table] <= small[table] + 10 for table in own_rows), (small, large)
    assert large["claims_patterncount"] <= 2 * small["claims_patterncount"], (small, large)
    patterns = 4 ** len(CHOICES["stance"]) + 4 ** len(CHOICES["sentence_bias"])  # at most, with three people
    assert large["claims_bundlecount"] < 2 * BundleCount.BUNDLES * patterns
