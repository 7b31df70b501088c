"""What a release covers: its project, seal and rounds, the names of its reviewers, and what is kept out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from claims.exporting.pseudonyms import pseudonyms
from claims.models import Article, ClaimOccurrence, ProjectKey, Release, Reviewer

Params = dict[str, Any]
WHOLE = {"questions": None, "first_day": None, "last_day": None, "least_agreement": None}


def scope_of(release: Release) -> Params:
    """The parameters of every source: the same for every build of a release, but for what was taken down since."""
    project = release.project_id
    ids = list(Reviewer.objects.filter(project=project).order_by("id").values_list("id", flat=True))
    secret = bytes(ProjectKey.objects.values_list("secret", flat=True).get(project=project))
    names = pseudonyms(secret, release.number, ids)
    desk_names = pseudonyms(secret, release.number, ids, "desk")
    withheld = release.filter.get("withheld", {})
    taken_down = withheld_ids(project, states=("retracted",))
    lasts = dict(release.frozen_rows.filter(kind="round").values_list("row_id", "facts__last"))
    return {
        "release": release.pk,
        "project": project,
        "seal": release.seal_id,
        "at": release.created_at,
        "rounds": release.filter["rounds"],
        "split_plan": release.filter.get("splits"),
        "places": {},
        **(release.filter.get("selection") or WHOLE),
        "has_texts": release.filter.get("has_texts", True),
        "lasts": [lasts.get(round_id, -1) for round_id in release.filter["rounds"]],
        "reviewers": ids,
        "names": [names[reviewer] for reviewer in ids],
        "desk_names": [desk_names[reviewer] for reviewer in ids],
        "no_articles": sorted({*withheld.get("articles", ()), *taken_down["articles"]}),
        "no_occurrences": sorted({*withheld.get("occurrences", ()), *taken_down["occurrences"]}),
    }


def withheld_ids(project: int, states: Sequence[str] = ("excluded", "dropped", "retracted")) -> dict[str, list[int]]:
    """What stays out of a release made now: {"articles": ids, "occurrences": ids}."""
    articles = Article.objects.in_project(project).filter(state__in=states).order_by("id")
    occurrences = ClaimOccurrence.objects.in_project(project).filter(state__in=states).order_by("id")
    return {
        "articles": list(articles.values_list("id", flat=True)),
        "occurrences": list(occurrences.values_list("id", flat=True)),
    }
