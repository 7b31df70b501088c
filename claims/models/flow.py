"""The flow of a project, as the methods section of a paper counts it: what came in, what was left out and why, what
was drawn. Read from the rows; releases and pages show the same numbers."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from claims.models.article import Article
from claims.models.claim import ClaimOccurrence
from claims.models.job import Job
from claims.models.project import Project
from claims.models.round import Round, RoundUnit


def flow_of(project: Project | int) -> dict[str, Any]:
    """Counts of articles ("imported", "duplicate", "failed", "retracted", "split", "locked"; "excluded" by reason), of
    claims by state, of dropped ones by reason, and for each round what it was drawn from and how."""
    articles = Article.objects.filter(project=project)
    states = dict(articles.order_by().values_list("state").annotate(n=Count("id")))
    claims = ClaimOccurrence.objects.filter(project=project)
    claim_states = dict(claims.order_by().values_list("state").annotate(n=Count("id")))
    imports = Job.objects.filter(project=project, kind="import_articles").values_list("counts", flat=True)
    counts = list(imports.iterator())
    return {
        "imported": sum(states.values()),
        "duplicate": sum(one.get("duplicate", 0) for one in counts),
        "failed": sum(one.get("failed", 0) for one in counts),
        "excluded": _reasons(articles.filter(state="excluded"), "state_reason"),
        "retracted": states.get("retracted", 0),
        "split": states.get("split", 0),
        "locked": articles.filter(state="split", claims_locked_at__isnull=False).count(),
        "claims": {state: claim_states.get(state, 0) for state in ("proposed", "dropped", "retracted")},
        "dropped": _dropped(claims),
        "rounds": _rounds(project),
    }


def _reasons(rows: Any, column: str) -> dict[str, int]:
    found = rows.order_by().values_list(column).annotate(n=Count("id"))
    return {reason or "no reason given": n for reason, n in sorted(found)}


def _dropped(claims: Any) -> dict[str, int]:
    """By the code of the reason; what a person noted beside it stays in the project."""
    counted: dict[str, int] = {}
    for reason, n in _reasons(claims.filter(state="dropped"), "state_reason").items():
        code = "merged" if reason.startswith("merged into") else reason.split(":")[0]
        code = "not found by a newer splitter" if code.startswith("not found by") else code
        counted[code] = counted.get(code, 0) + n
    return counted


def _rounds(project: Project | int) -> list[dict[str, Any]]:
    rounds = Round.objects.filter(project=project).exclude(state="draft").order_by("id")
    drawn = dict(
        RoundUnit.objects.filter(round__project=project).order_by().values_list("round").annotate(n=Count("id"))
    )
    jobs = Job.objects.filter(project=project, kind="open_round", state__in=("succeeded", "partial"))
    candidates = {args.get("round"): counts.get("candidates") for args, counts in jobs.values_list("args", "counts")}
    return [
        {
            "round": row.pk,
            "name": row.name,
            "selection": row.selection,
            "seed": row.seed,
            "candidates": candidates.get(row.pk),
            "sampled": drawn.get(row.pk, 0),
        }
        for row in rounds
    ]
