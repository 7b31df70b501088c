"""The claims of a project, and one claim in all the places where it is said."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse

from claims.matching.actions import cite_document, decide_relation, turned
from claims.models import (
    Article,
    Claim,
    ClaimOccurrence,
    ClaimRelation,
    ClaimSource,
    DeskItem,
    DocumentCitation,
    EvidenceItem,
    ExternalVerdict,
    OccurrenceVersion,
    Outlet,
    Project,
    SettledLabel,
    SourceDocument,
)
from claims.models.article import CLAIM_ROLES
from claims.models.claim import ATTRIBUTION_PRESENCE
from claims.models.matching import CLAIM_RELATIONS
from claims.web.corpus.topics import warnings_for
from claims.web.filters import code_in, row_in
from claims.web.page import Here, go, project_page, show, slice_of

FILTERS = ("q", "article", "outlet", "attribution", "role")
MOST_OUTLETS = 200  # of the list to choose from


@project_page("browse", tab="claims")
def claims(request: HttpRequest, here: Here) -> HttpResponse:
    """Claims where they stand; the newest version of each, cut by key."""
    rows = chosen_occurrences(request, here.project)
    found = slice_of(request, rows.select_related("claim", "article__outlet"))
    versions = {version.occurrence_id: version for version in newest_of([row.pk for row in found.rows])}
    return show(
        request,
        "claims",
        here,
        slice=found,
        versions=versions,
        asked=request.GET,
        attributions=ATTRIBUTION_PRESENCE,
        roles=CLAIM_ROLES,
        outlets=Outlet.objects.in_project(here.project).filter(merged_into=None).order_by("name")[:MOST_OUTLETS],
        is_filtered=any(request.GET.get(name) for name in FILTERS),
    )


def chosen_occurrences(request: HttpRequest, project: Project) -> QuerySet[ClaimOccurrence]:
    rows = ClaimOccurrence.objects.in_project(project).standing()
    asked = request.GET
    if words := asked.get("q", "").strip():
        rows = rows.filter(claim__text__has_words=words[:200])
    if article := row_in(request, "article", Article.objects.in_project(project)):
        rows = rows.filter(article=article)
    if outlet := row_in(request, "outlet", Outlet.objects.in_project(project)):
        rows = rows.filter(article__outlet=outlet)
    for name, column, known in (
        ("attribution", "attribution", ATTRIBUTION_PRESENCE),
        ("role", "segment_role", CLAIM_ROLES),
    ):
        if code := code_in(request, name, known):
            newest = OccurrenceVersion.objects.filter(occurrence=OuterRef("pk")).order_by("-n").values(column)[:1]
            rows = rows.annotate(**{f"newest_{name}": Subquery(newest)}).filter(**{f"newest_{name}": code})
    return rows


def newest_of(occurrences: list[int]) -> QuerySet[OccurrenceVersion]:
    rows = OccurrenceVersion.objects.filter(occurrence__in=occurrences).prefetch_related("hops")
    return rows.order_by("occurrence", "-n").distinct("occurrence")


@project_page("browse", tab="claims")
def claim(request: HttpRequest, here: Here, pk: int) -> HttpResponse:
    """Every place of one claim. What was settled is shown to those who may see results (INV-4)."""
    row = Claim.objects.in_project(here.project).filter(pk=pk).first()
    if row is None:
        raise Http404
    if request.method == "POST" and number_in_form(request, "pair"):
        return decide(request, here, row)
    if request.method == "POST" and "publisher" in request.POST:
        return cite(request, here, row)
    relations = relations_of(row)
    alike = [row.pk, *(one.other.pk for one in relations if one.decided == "same")]
    rows = ClaimOccurrence.objects.filter(claim__in=alike).exclude(state="retracted").select_related("article__outlet")
    occurrences = list(rows.order_by(F("article__published_at").asc(nulls_last=True), "article", "position", "id"))
    versions = {version.occurrence_id: version for version in newest_of([o.pk for o in occurrences])}
    settled = settled_of(row) if here.may["see_agreement"] else []
    stances = stances_of(occurrences) if here.may["see_agreement"] else {}
    documents = documents_of(occurrences)
    # What others judged would be the answer to some of our questions: not for those who still label (INV-4).
    verdicts = ExternalVerdict.objects.filter(claim__in=alike).order_by("id")[:100] if here.may["see_agreement"] else []
    return show(
        request,
        "claim",
        here,
        claim=row,
        occurrences=[
            (one, versions.get(one.pk), stances.get(one.pk, ""), documents.get(one.pk, [])) for one in occurrences
        ],
        sources=ClaimSource.objects.filter(claim__in=alike).order_by("said_at", "id")[:100],
        verdicts=verdicts,
        settled=settled,
        evidence=evidence_of(row) if settled else [],
        wordings=row.versions.order_by("-n"),
        relations=relations,
        relation_words=list(enumerate(CLAIM_RELATIONS, start=1)),
        first=first_published(occurrences),
        **warnings_for(here, row),
        on_desk=open_desk_item(row) if here.may["edit_desk"] else None,
    )


def open_desk_item(claim: Claim) -> int | None:
    """Where the newsroom's desk has the claim now."""
    rows = DeskItem.objects.filter(claim=claim).exclude(state__in=("published", "declined"))
    pk: int | None = rows.values_list("pk", flat=True).first()
    return pk


def first_published(occurrences: list[ClaimOccurrence]) -> int | None:
    """The occurrence in the article that was published first, where there are dates of more than one article."""
    dated = [one for one in occurrences if one.article.published_at is not None]
    return dated[0].pk if len({one.article_id for one in dated}) > 1 else None


PLACES = 3


@dataclass(frozen=True)
class Related:
    """Another claim as it looks from the claim of the page."""

    pair: ClaimRelation
    other: Claim
    suggested: str
    decided: str
    differences: list[tuple[str, str, str]]  # kind, here, there
    places: list[ClaimOccurrence]  # at most PLACES of its own, the earliest first
    n: int  # of the last decision


def relations_of(claim: Claim, most: int = 50) -> list[Related]:
    """Undecided pairs first, the likeliest first."""
    pairs = ClaimRelation.objects.filter(Q(left=claim) | Q(right=claim)).select_related("left", "right")
    rows = pairs.annotate(last=Coalesce(Max("decisions__n"), 0)).order_by("relation", "-score", "id")[:most]
    places = places_of([pair.right_id if pair.left_id == claim.pk else pair.left_id for pair in rows])
    found = []
    for pair in rows:
        is_left = pair.left_id == claim.pk
        sides = ("left", "right") if is_left else ("right", "left")
        differences = [(one["kind"], one[sides[0]], one[sides[1]]) for one in pair.differences]
        suggested, decided = (word if is_left else turned(word) for word in (pair.suggested, pair.relation))
        other = pair.right if is_left else pair.left
        last = vars(pair)["last"]
        found.append(Related(pair, other, suggested, decided, differences, places.get(other.pk, []), last))
    return found


def places_of(claims: list[int]) -> dict[int, list[ClaimOccurrence]]:
    """Where each of these claims is said: outlet and date."""
    rows = ClaimOccurrence.objects.filter(claim__in=claims, state="proposed").select_related("article__outlet")
    found: dict[int, list[ClaimOccurrence]] = {}
    for row in rows.order_by(F("article__published_at").asc(nulls_last=True), "id")[: PLACES * len(claims)]:
        kept = found.setdefault(row.claim_id, [])
        if len(kept) < PLACES:
            kept.append(row)
    return found


def number_in_form(request: HttpRequest, name: str) -> int:
    value = request.POST.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else 0


def decide(request: HttpRequest, here: Here, claim: Claim) -> HttpResponse:
    """A person says how another claim relates to this one."""
    pairs = ClaimRelation.objects.in_project(here.project).filter(Q(left=claim) | Q(right=claim))
    pair = pairs.select_related("project").filter(pk=number_in_form(request, "pair")).first()
    if pair is None:
        raise Http404
    word = request.POST.get("relation", "")
    decided = word if pair.left_id == claim.pk else turned(word)
    decide_relation(pair, decided, expected=number_in_form(request, "n"), by=here.user)
    return go("claim", here.slug, claim.pk)


def cite(request: HttpRequest, here: Here, claim: Claim) -> HttpResponse:
    """A person says which document the claim goes back to, in one of its places."""
    rows = ClaimOccurrence.objects.in_project(here.project).select_related("project")
    occurrence = rows.filter(pk=number_in_form(request, "occurrence")).first()
    if occurrence is None:
        raise Http404
    said = {name: request.POST.get(name, "").strip() for name in ("publisher", "title", "published", "url")}
    cite_document(occurrence, **said, by=here.user)
    return go("claim", here.slug, claim.pk)


def documents_of(occurrences: list[ClaimOccurrence]) -> dict[int, list[SourceDocument]]:
    """What each place goes back to."""
    found: defaultdict[int, list[SourceDocument]] = defaultdict(list)
    rows = DocumentCitation.objects.filter(occurrence__in=occurrences).select_related("document").order_by("id")
    for row in rows:
        found[row.occurrence_id].append(row.document)
    return found


def stances_of(occurrences: list[ClaimOccurrence]) -> dict[int, str]:
    """The stance that was settled for each place, the newest revision; words, for those who see results."""
    rows = SettledLabel.objects.filter(question="stance", unit__occurrence_version__occurrence__in=occurrences)
    newest = rows.order_by("unit__occurrence_version__occurrence", "-id").distinct(
        "unit__occurrence_version__occurrence"
    )
    found = newest.values_list("unit__occurrence_version__occurrence", "outcome", "value", "missing")
    return {pk: str(value or missing) if outcome == "answer" else outcome for pk, outcome, value, missing in found}


def settled_of(claim: Claim) -> list[SettledLabel]:
    """Every revision of what was settled about the claim, in one place or wherever it is said; of each question in a
    round the standing one first, then those that it replaced."""
    rows = SettledLabel.objects.select_related("round").order_by("round", "unit", "question", "-revision")
    in_places = rows.filter(unit__occurrence_version__occurrence__claim=claim)
    return [*rows.filter(unit__claim_version__claim=claim), *in_places]


def evidence_of(claim: Claim) -> list[EvidenceItem]:
    rows = EvidenceItem.objects.filter(claim=claim).select_related("added_by", "page_copy", "screenshot")
    return list(rows.defer("page_copy__text", "screenshot__text").order_by("id"))
