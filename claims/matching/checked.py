"""Whether something like a statement was checked before: claims that read alike, with what is known of each."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F

from claims.matching.candidates import suggestions_for
from claims.models import Claim, ExternalVerdict, Project, SettledLabel

MOST = 8
LEAST = 0.35


@dataclass(frozen=True)
class Alike:
    """A claim of the project that reads like the statement; `relation` is said of the statement, and `score` is 0
    to 1 whatever the relation: another figure in the same words is worth seeing."""

    claim: Claim
    relation: str
    score: float
    settled: tuple[SettledLabel, ...]
    verdicts: tuple[ExternalVerdict, ...]

    @property
    def is_checked(self) -> bool:
        return bool(self.settled or self.verdicts)


def look_for(project: Project, text: str) -> list[Alike]:
    """Claims like this statement, the likeliest first. Whoever may not see results must not see these's."""
    asked = Claim(pk=0, project=project, text=text)
    found = {one.right: one for one in suggestions_for(asked) if one.likeness >= LEAST}
    claims = Claim.objects.in_project(project).in_bulk(list(found)[:MOST])
    settled = _settled(list(claims))
    verdicts: dict[int, list[ExternalVerdict]] = {}
    for verdict in ExternalVerdict.objects.filter(claim__in=list(claims)).order_by("id"):
        verdicts.setdefault(verdict.claim_id, []).append(verdict)
    return [
        Alike(claims[pk], one.relation, one.likeness, tuple(settled.get(pk, ())), tuple(verdicts.get(pk, ())))
        for pk, one in found.items()
        if pk in claims
    ]


def find_exact(project: Project, text: str) -> Claim | None:
    """The claim of the project that says exactly this."""
    rows = Claim.objects.in_project(project).filter(text__holds=text, retracted_at=None)
    found: Claim | None = rows.filter(text=text).order_by("pk").first()
    return found


def _settled(claims: list[int]) -> dict[int, list[SettledLabel]]:
    """The standing label of each question settled about these claims, or about their places in articles."""
    found: dict[int, list[SettledLabel]] = {}
    for claim in ("unit__occurrence_version__occurrence__claim", "unit__claim_version__claim"):
        rows = SettledLabel.objects.filter(**{f"{claim}__in": claims}).annotate(of_claim=F(claim))
        standing = rows.order_by("round", "unit", "question", "-revision").distinct("round", "unit", "question")
        for label in standing.select_related("round"):
            found.setdefault(vars(label)["of_claim"], []).append(label)
    return found
