"""Learning what is worth checking from people's labels: rows, held-out comparison with the heuristic, storing."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F, Max

from claims.errors import Problem, Refused
from claims.models import CheckworthinessModel, Claim, Label, OccurrenceVersion, Project
from claims.splitting.splitters import SPLITTERS, Block
from claims.splitting.splitters.learned import Learned, fit, matrix
from claims.statistics.ranks import ranking_quality

QUESTION = "checkworthiness"
LEVELS = {"no_need": 0.0, "trivial": 1 / 3, "worth": 2 / 3, "urgent": 1.0}
WANTED = 0.5  # from here on a row counts as worth checking
LEAST_ROWS, LEAST_OF_A_KIND = 50, 10
FOLDS = 5
DRAWS = 500
BATCH = 1_000


@dataclass(frozen=True)
class Row:
    """A claim's text, its score by people (0 to 1), the rule's score and reasons, and the article or file group that
    must not stand on both sides of a held-out comparison."""

    text: str
    score: float
    group: str
    heuristic: float
    reasons: tuple[str, ...]


def rows_of_labels(project: Project) -> list[Row]:
    """One row a claim wording that at least one person judged: the mean over people of their current answers."""
    scores: defaultdict[int, list[float]] = defaultdict(list)
    labels = Label.objects.filter(
        round__project=project, question=QUESTION, is_void=False, missing=None, reviewer__kind="human"
    ).exclude(unit__occurrence_version=None)
    for version, value in labels.order_by("id").values_list("unit__occurrence_version", "value"):
        if value in LEVELS:
            scores[version].append(LEVELS[value])
    versions = OccurrenceVersion.objects.filter(pk__in=scores).select_related("occurrence").order_by("pk")
    return [
        Row(
            version.wording or version.verbatim,
            sum(scores[version.pk]) / len(scores[version.pk]),
            str(version.occurrence.article_id),
            version.checkworthiness or 0.0,
            tuple(version.checkworthiness_reasons),
        )
        for version in versions
    ]


def rows_of_file(name: str, content: bytes, language: str = "en") -> tuple[list[Row], list[Problem]]:
    """Rows of a CSV with a header or of JSON lines: `text`, `score` (0 to 1, or one of LEVELS), where known `group`.
    A bad row is named and left out.

    Raises Refused `not_utf8`, `columns_missing`.
    """
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Refused("not_utf8", f"{name} is not UTF-8 text: byte {fault.start}. Save it as UTF-8.") from fault
    given: list[dict[str, Any]] = []
    problems: list[Problem] = []
    if name.endswith((".jsonl", ".ndjson")):
        for n, line in enumerate(words.split("\n"), start=1):
            try:
                given.append(json.loads(line) if line.strip() else {})
            except ValueError:
                given.append({})
                problems.append(Problem(f"line {n}", "not_json", f"Line {n} is not JSON."))
    else:
        reader = csv.DictReader(io.StringIO(words))
        if not {"text", "score"} <= set(reader.fieldnames or ()):
            raise Refused("columns_missing", f"{name} needs the columns text and score, and may have group.")
        given = list(reader)
    rows = []
    for n, one in enumerate(given, start=1):
        if not one:
            continue
        score = _score(one.get("score")) if isinstance(one, dict) else None
        if score is None or not str(one.get("text") or "").strip():
            problems.append(Problem(f"row {n}", "invalid_row", f"Row {n} needs a text and a score from 0 to 1."))
            continue
        heuristic, reasons = weigh_alone(str(one["text"]), language)
        rows.append(Row(str(one["text"]), score, str(one.get("group") or f"row {n}"), heuristic, reasons))
    return rows, problems


def _score(given: Any) -> float | None:
    if given in LEVELS:
        return LEVELS[given]
    try:
        score = float(given)
    except (TypeError, ValueError):
        return None
    return score if 0 <= score <= 1 else None


def weigh_alone(text: str, language: str) -> tuple[float, tuple[str, ...]]:
    """What the heuristic says of a text that stands alone: of its claims, the one most worth checking."""
    found = SPLITTERS["rules"](text, language, [Block(0, len(text), "body")])
    best = max(found, key=lambda claim: claim.checkworthiness, default=None)
    return (best.checkworthiness, best.reasons) if best else (0.0, ())


def train_checkworthiness(rows: Sequence[Row], *, seed: int = 0) -> tuple[Learned, dict[str, Any]]:
    """The model of all rows, and figures of rows it had not seen: groups are dealt into folds, each scored by a model
    of the others. Figures are areas under the ROC curve with 95 % intervals (groups drawn again, 500 times), and their
    difference to the heuristic on the same rows.

    Raises Refused `too_few_rows`: fewer than 50, or fewer than 10 on either side of one half.
    """
    wanted = [row.score >= WANTED for row in rows]
    if len(rows) < LEAST_ROWS or min(sum(wanted), len(rows) - sum(wanted)) < LEAST_OF_A_KIND:
        raise Refused(
            "too_few_rows",
            f"There are {len(rows):,} judged claims, {sum(wanted):,} of them worth checking. Learning needs at least "
            f"{LEAST_ROWS}, with {LEAST_OF_A_KIND} worth checking and {LEAST_OF_A_KIND} not.",
        )
    inputs = matrix([(row.text, row.reasons) for row in rows])
    targets = np.array([row.score for row in rows])
    folds = _folds([row.group for row in rows], seed)
    unseen = np.zeros(len(rows))
    for fold in range(max(folds) + 1):
        held = np.array([one == fold for one in folds])
        try:
            model = fit(inputs[np.flatnonzero(~held)], targets[~held])
        except ValueError as fault:
            raise Refused("too_few_rows", f"{fault} Bring rows of more articles.") from fault
        for at in np.flatnonzero(held).tolist():
            unseen[at] = model.score(rows[at].text, rows[at].reasons)[0]
    return fit(inputs, targets), _figures(rows, unseen.tolist(), wanted, seed)


def _folds(groups: Sequence[str], seed: int) -> list[int]:
    names = sorted(set(groups))
    random.Random(seed).shuffle(names)  # noqa: S311 - deals folds, guards nothing
    n = min(FOLDS, len(names))
    if n < 2:
        raise Refused("too_few_groups", "All rows come from one article. Bring rows of at least two.")
    fold = {name: at % n for at, name in enumerate(names)}
    return [fold[group] for group in groups]


def _figures(rows: Sequence[Row], unseen: list[float], wanted: Sequence[bool], seed: int) -> dict[str, Any]:
    heuristic = [row.heuristic for row in rows]
    members: defaultdict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        members[row.group].append(at)
    names = sorted(members)
    draw = np.random.default_rng(seed)
    kept: list[tuple[float, float]] = []
    for _ in range(DRAWS):
        chosen = [at for name in draw.integers(len(names), size=len(names)) for at in members[names[name]]]
        flags = [wanted[at] for at in chosen]
        pair = [ranking_quality([scores[at] for at in chosen], flags) for scores in (unseen, heuristic)]
        if pair[0] is not None and pair[1] is not None:
            kept.append((pair[0], pair[1]))
    drawn = np.array(kept)

    def interval(values: Any) -> list[float]:
        return [round(float(edge), 3) for edge in np.quantile(values, [0.025, 0.975])]

    learned, by_rule = (ranking_quality(scores, wanted) or 0.0 for scores in (unseen, heuristic))
    return {
        "n": len(rows),
        "n_worth": sum(wanted),
        "n_groups": len(names),
        "learned": {"auc": round(learned, 3), "interval": interval(drawn[:, 0])},
        "heuristic": {"auc": round(by_rule, 3), "interval": interval(drawn[:, 1])},
        "difference": {"auc": round(learned - by_rule, 3), "interval": interval(drawn[:, 0] - drawn[:, 1])},
    }


def digest_of(rows: Sequence[Row]) -> str:
    lines = sorted(json.dumps([row.text, row.score, row.group], ensure_ascii=False) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def store_model(
    project: Project, model: Learned, rows: Sequence[Row], figures: dict[str, Any], *, source: str, activate: bool
) -> CheckworthinessModel:
    """The next number of the project; with `activate` it scores claims that are split from now on."""
    content = model.to_bytes()
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        mine = CheckworthinessModel.objects.in_project(project)
        if activate:
            mine.filter(is_active=True).update(is_active=False)
        stored: CheckworthinessModel = CheckworthinessModel.objects.create(
            project=project,
            n=(mine.aggregate(last=Max("n"))["last"] or 0) + 1,
            weights=content,
            sha256=hashlib.sha256(content).hexdigest(),
            training_sha256=digest_of(rows),
            source=source[:200],
            figures=figures,
            is_active=activate,
        )
    return stored


def active_model(project_id: int) -> CheckworthinessModel | None:
    row: CheckworthinessModel | None = CheckworthinessModel.objects.filter(project=project_id, is_active=True).first()
    return row


def weights_of(row: CheckworthinessModel) -> Learned:
    return Learned.from_bytes(bytes(row.weights))


def rescore_claims(project: Project, row: CheckworthinessModel) -> int:
    """Give the project's claims the model's score, those first seen included; what was judged keeps the score of its
    time in its version. Returns how many."""
    model, after, n = weights_of(row), 0, 0
    while True:
        with transaction.atomic():
            claims = list(Claim.objects.in_project(project).filter(pk__gt=after).order_by("pk")[:BATCH])
            if not claims:
                return n
            newest = (
                OccurrenceVersion.objects.filter(occurrence__claim__in=claims)
                .annotate(claim=F("occurrence__claim"))
                .order_by("occurrence__claim", "occurrence", "-n")
                .distinct("occurrence__claim")
            )
            reasons = {vars(version)["claim"]: version.checkworthiness_reasons for version in newest}
            for claim in claims:
                claim.checkworthiness = model.score(claim.text, rule_reasons(reasons.get(claim.pk, [])))[0]
            Claim.objects.bulk_update(claims, ["checkworthiness"])
            after, n = claims[-1].pk, n + len(claims)


def rule_reasons(reasons: Sequence[str]) -> list[str]:
    """The heuristic's own, without words that a model added."""
    return [reason for reason in reasons if ":" not in reason]
