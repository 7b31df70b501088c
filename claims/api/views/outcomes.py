"""Agreement, disputes and their settling, and how good each reviewer's work is."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from claims.adjudication.actions import settle_by_majority, settle_label
from claims.adjudication.disputes import dispute_detail, disputes
from claims.adjudication.reviewer_quality import reviewer_table
from claims.agreement.camps import shown_strata
from claims.agreement.marks import mark_figures
from claims.agreement.overview import agreement_overview, why_hidden
from claims.agreement.strata import WHOLE as ALL_UNITS
from claims.api.authentication import WRITE
from claims.api.endpoint import READING, Endpoint, scopes
from claims.api.lists import WHOLE, WORDS, Filter, Listing, next_address, one_of, page_size, read_cursor
from claims.api.schema import IDEMPOTENCY, operation, page_of
from claims.api.serializers.outcomes import (
    AgreementShape,
    DisputeRow,
    DisputeShape,
    MajorityShape,
    NewSettled,
    QualityShape,
    SettledShape,
)
from claims.errors import NotFound, Refused
from claims.models import Round, Unit

SETTLED = {None: False, "false": False, "true": True, "any": None}
# Read by `disputes`, not as conditions of a queryset: the queue is ordered by how divided people are.
DISPUTES = Listing(
    {
        "question": Filter(WORDS, lambda code: Q(), "Code of one question."),
        "settled": Filter(one_of("false", "true", "any"), lambda said: Q(), "Those that wait unless given."),
        "alone": Filter(one_of("false", "true"), lambda said: Q(), "What was asked of one person alone, instead."),
    },
    {"-division": None},  # type: ignore[dict-item]
)


class Agreement(Endpoint):
    scopes = READING
    query = frozenset({"stratum"})

    @operation(
        "get_agreement",
        "Read a round's agreement: each question's figures with intervals and sentences",
        answers={200: AgreementShape},
        tag="Agreement",
        parameters=(
            OpenApiParameter("stratum", str, description='A part of the round: "language:nl"; "all" unless given.'),
        ),
        refuses=(422,),
    )
    def get(self, request: Request, pk: int) -> Response:
        round_ = self.find(Round.objects.select_related("project"), pk, "see_agreement")
        stratum, strata = request._request.GET.get("stratum", ALL_UNITS), shown_strata(round_)
        if stratum not in {one.name for one in strata}:
            raise Refused("unknown_stratum", f"The round has no part {stratum!r}; `strata` of the whole lists them.")
        found = {
            "round": round_.pk,
            "stratum": stratum,
            "strata": strata,
            "hidden": why_hidden(round_),
            "questions": agreement_overview(round_, stratum),
            "marks": mark_figures(round_) if stratum == ALL_UNITS else [],
        }
        return Response(AgreementShape(found).data)


class Disputes(Endpoint):
    scopes = READING
    query = DISPUTES.parameters

    @operation(
        "list_disputes",
        "List what reviewers disagree on, most divided first",
        answers={200: page_of(DisputeRow)},
        listing=DISPUTES,
        tag="Disputes",
    )
    def get(self, request: Request, pk: int) -> Response:
        round_ = self.find(Round.objects.all(), pk, "settle")
        given = request._request.GET
        if given.get("ordering", "-division") != "-division":
            raise Refused("unknown_ordering", "Disputes are ordered by -division.", status=400)
        for name, one in DISPUTES.filters.items():
            if name in given:
                one.kind.read(name, given[name])
        after = read_cursor(given["cursor"], "-division", (WHOLE, WHOLE, WORDS)) if "cursor" in given else None
        size = page_size(given.get("page_size"))
        found = disputes(
            round_,
            given.get("question"),
            settled=SETTLED[given.get("settled")],
            alone=given.get("alone") == "true",
            after=(after[0], int(after[1]), after[2]) if after else None,
            limit=size + 1,
        )
        shown = found[:size]
        more = next_address(request, "-division", list(shown[-1].key)) if len(found) > size else None
        return Response({"results": [DisputeRow(row).data for row in shown], "next": more})


class OneDispute(Endpoint):
    scopes = READING

    @operation(
        "get_dispute",
        "Read the answers to one question about one unit, without names until it is settled",
        answers={200: DisputeShape},
        tag="Disputes",
    )
    def get(self, request: Request, pk: int, unit: int, question: str) -> Response:
        round_, subject = find_unit(self, pk, unit)
        return Response(DisputeShape(dispute_detail(subject, round_, question)).data)


class Settle(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "settle_label",
        "Settle one question about one unit",
        request=NewSettled,
        answers={201: SettledShape},
        parameters=(IDEMPOTENCY,),
        examples={
            "request": {
                "expected_revision": 0,
                "outcome": "answer",
                "value": "reports",
                "reason_code": "guideline_gap",
                "rationale": "The article passes the claim on and names who says it.",
            }
        },
        tag="Disputes",
    )
    def post(self, request: Request, pk: int, unit: int, question: str) -> Response:
        round_, subject = find_unit(self, pk, unit)
        asked = self.body(NewSettled)

        def act() -> tuple[int, dict[str, Any]]:
            settled = settle_label(round_, subject, question, **asked, by=self.user)
            settled.refresh_from_db()
            return 201, dict(SettledShape(settled).data)

        return self.create_once(act)


class SettleByMajority(Endpoint):
    scopes = scopes(POST=WRITE)

    @operation(
        "settle_by_majority",
        "Settle what is clear: all alike, or more than half of all asked",
        answers={200: MajorityShape},
        refuses=(409,),
        tag="Disputes",
    )
    def post(self, request: Request, pk: int) -> Response:
        return Response(settle_by_majority(self.find(Round.objects.all(), pk, "settle"), by=self.user))


class Reviewers(Endpoint):
    scopes = READING

    @operation(
        "get_reviewer_quality",
        "Read how good each reviewer's work is in a round",
        answers={200: QualityShape},
        tag="Agreement",
    )
    def get(self, request: Request, pk: int) -> Response:
        round_ = self.find(Round.objects.select_related("project"), pk, "see_reviewers")
        return Response(QualityShape({"reviewers": reviewer_table(round_)}).data)


def find_unit(view: Endpoint, round_id: int, unit_id: int) -> tuple[Round, Unit]:
    """The round and a unit of it, for those who settle."""
    round_ = view.find(Round.objects.select_related("project"), round_id, "settle")
    unit = Unit.objects.filter(round_units__round=round_, pk=unit_id).first()
    if unit is None:
        raise NotFound
    return round_, unit
