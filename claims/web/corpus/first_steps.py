"""The first way through a project, by its goal: what to do in which order, ticked off from the rows themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from claims.models import (
    AgreementScore,
    Article,
    Assignment,
    ClaimOccurrence,
    CodebookVersion,
    Job,
    Label,
    Membership,
    Outlet,
    Project,
    Release,
    ReleaseFile,
    Round,
    SettledLabel,
)
from claims.permissions import ALLOWED
from claims.web.page import Here

PILOT_UNITS = 20
BRINGING = ("import_articles", "import_addresses", "import_claims", "reextract_articles", "split_article")  # jobs


@dataclass(frozen=True)
class Plan:
    """One step: `fact` says when it is done, `page` where it is done."""

    fact: str
    title: str
    hint: str
    button: str
    page: str


@dataclass(frozen=True)
class Step:
    title: str
    hint: str
    button: str
    url: str
    is_done: bool


ASK = Plan(
    "is_asked",
    "Say what is asked",
    "A codebook is there from the start. Take it as it is, change it, or paste a table of questions and choices.",
    "Look at the codebook",
    "codebooks",
)
INVITE = Plan(
    "has_two",
    "Invite a second person",
    "A link is enough. Nobody sees what the other answers before both have answered.",
    "Invite somebody",
    "people",
)
INVITE_CURATOR = Plan(
    "has_two",
    "Invite a colleague",
    "Choose the role curator: curators see the evidence and approve. A link is enough.",
    "Invite somebody",
    "people",
)
STEPS: Mapping[str, tuple[Plan, ...]] = {
    "code_corpus": (
        ASK,
        Plan(
            "has_articles",
            "Bring the articles in",
            "Upload a sheet (.csv, .xlsx) or files, or paste a text. Each article is split into claims.",
            "Import articles",
            "import",
        ),
        Plan(
            "has_round",
            "Open a round of twenty units",
            "Small enough for an evening, large enough for a first figure.",
            "Set up the round",
            "round-new",
        ),
        INVITE,
        Plan("is_labelled", "Answer, both of you", "Each alone: one question at a time, by keys.", "Label", "rounds"),
        Plan(
            "is_scored",
            "Read the agreement",
            "Krippendorff’s alpha with its interval, and a sentence for the methods section to copy.",
            "See the agreement",
            "agreement",
        ),
    ),
    "check_claims": (
        Plan(
            "has_claims",
            "Paste what was said, with its link",
            "One sentence, who said it, and the address where it stands. What was checked before is shown at once.",
            "Enter the claim",
            "claim-new",
        ),
        Plan("has_round", "Open a round", "It asks who said it, what speaks for or against it, and the verdict.",
             "Set up the round", "round-new"),
        Plan("has_verdict", "Gather evidence and give your verdict", "Add the address of a source and choose the words "
             "that matter. A verdict needs evidence that fits it.", "Check the claim", "rounds"),
        INVITE_CURATOR,
        Plan("is_settled", "Have a colleague approve it", "They see the claim and the evidence, and settle the verdict "
             "with a reason.", "Go to the disputes", "disputes"),
        Plan("has_review", "Publish it as ClaimReview", "Make a release with the format ClaimReview; search engines "
             "and other desks read it.", "Make a release", "releases"),
    ),
    "rate_outlets": (
        Plan("has_outlets", "Name an outlet", "Paste an article of it, or a few: the outlet is made from its name or "
             "its address.", "Import an article", "import"),
        ASK,
        Plan("has_outlet_round", "Open a round on outlets", "Each outlet is judged by the same written criteria.",
             "Set up the round", "round-new"),
        Plan("has_criteria", "Judge three criteria, each with its evidence", "For each say where it is seen and on "
             "which day. “Not enough evidence” is an answer, too.", "Judge the outlet", "rounds"),
        Plan("has_criteria", "Look at the draft of its page", "What would be said in public, with n and intervals. It "
             "is not published before two people approve it and the outlet could reply.", "See the outlets", "outlets"),
    ),
}  # fmt: skip


def first_steps(here: Here) -> list[Step]:
    """Every step of the goal; none for those who do not set projects up, and none once all are done or something was
    released: who has come so far knows the way."""
    if not here.may["manage_rounds"] or here.project.archived_at is not None:
        return []
    plans = [plan for plan in STEPS[here.project.goal] if plan.page != "people" or here.may["manage_people"]]
    facts = facts_of(here.project)
    if facts["is_released"] or all(facts[plan.fact] for plan in plans):
        return []
    return [Step(plan.title, plan.hint, plan.button, _address(here, plan), facts[plan.fact]) for plan in plans]


def facts_of(project: Project) -> dict[str, bool]:
    """What is there already, in one query."""
    own = OuterRef("pk")
    labels = Label.objects.filter(round__project=own, reviewer__kind="human")
    begun = Round.objects.filter(project=own).exclude(state="draft")
    slots = Assignment.objects.filter(round=OuterRef("pk"))
    whole = begun.filter(Exists(slots.filter(state="submitted")), ~Exists(slots.filter(state__in=("open", "reserved"))))
    labelling = Membership.objects.filter(project=own, role__in=ALLOWED["label"])
    # A round takes the claims that are there: before the last article is split, some would be missing from it.
    working = Job.objects.filter(project=OuterRef("project"), kind__in=BRINGING, state__in=("queued", "running"))
    criteria = labels.filter(round__unit_kind="outlet", value__isnull=False).exclude(question__endswith="_shown")
    asked: dict[str, QuerySet[Any]] = {
        "is_asked": CodebookVersion.objects.filter(codebook__project=own, state="published"),
        "has_articles": Article.objects.filter(~Exists(working), project=own),
        "has_claims": ClaimOccurrence.objects.filter(~Exists(working), project=own),
        "has_outlets": Outlet.objects.filter(~Exists(working), project=own),
        "has_round": begun,
        "has_outlet_round": begun.filter(unit_kind="outlet"),
        "has_two": labelling.order_by("pk")[1:2],
        "is_labelled": whole,
        "is_scored": AgreementScore.objects.filter(round__project=own, value__isnull=False),
        "has_verdict": labels.filter(question="verdict", value__isnull=False),
        "is_settled": SettledLabel.objects.filter(round__project=own, question="verdict"),
        "is_released": Release.objects.filter(project=own, state="ready"),
        "has_review": ReleaseFile.objects.filter(release__project=own, format="claimreview"),
        "has_criteria": criteria.order_by("question").values("question").distinct()[2:3],
    }
    found = Project.objects.filter(pk=project.pk).annotate(**{name: Exists(rows) for name, rows in asked.items()})
    return {name: bool(value) for name, value in found.values(*asked)[0].items()}


def _address(here: Here, plan: Plan) -> str:
    """The page of a step; the form of a round comes filled in as the step says."""
    address = reverse(plan.page, args=[here.slug])
    if plan.page != "round-new":
        return address
    versions = CodebookVersion.objects.filter(codebook__project=here.project, state="published")
    newest = versions.order_by("-id").values_list("pk", flat=True).first()
    if newest is None:
        return address
    unit_kind = "outlet" if here.project.goal == "rate_outlets" else "claim_occurrence"
    overlap = 2 if here.project.goal == "code_corpus" else 1  # one checks, a colleague approves
    filled = {"name": "First round", "codebook": newest, "unit_kind": unit_kind, "overlap": overlap, "order": "fixed"}
    return f"{address}?{urlencode(filled | ({'limit': PILOT_UNITS} if unit_kind != 'outlet' else {}))}"
