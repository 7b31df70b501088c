"""A reviewer's own work. Units are named by round and unit, never by slot; nothing here tells of others (INV-4)."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import LABEL, READ
from claims.api.endpoint import Endpoint, scopes
from claims.api.lists import Listing, Order
from claims.api.schema import LABEL_KEY, OWN_ANSWERS, operation, page_of
from claims.api.serializers.labelling import (
    DraftReceipt,
    NewDraft,
    NewLabel,
    NewSkip,
    NextUnit,
    OwnLabel,
    ReceiptShape,
    UnitShape,
    without_row_ids,
)
from claims.assignment.draw import draw_next
from claims.errors import Conflict, NotFound, Refused
from claims.labelling.actions import revise_label, save_draft, skip_unit, submit_label
from claims.labelling.events import Receipt
from claims.labelling.queries import label_context, own_events
from claims.labelling.voting import open_votes
from claims.models import Project, Reviewer, Round, Unit
from claims.models.statements import Table, fetch_one
from claims.people.access import check_key
from claims.people.actions import reviewer_for
from claims.permissions import check_role

ROUNDS, PROJECTS, REVIEWERS = Table(Round), Table(Project), Table(Reviewer)
SEAT = f"""
SELECT m.role, v.id IS NOT NULL, {ROUNDS.columns("r")}, {PROJECTS.columns("p")}, {REVIEWERS.columns("v")}
FROM claims_round r
JOIN claims_project p ON p.id = r.project_id
JOIN claims_membership m ON m.project_id = p.id AND m.user_id = %(user)s
LEFT JOIN claims_reviewer v ON v.project_id = p.id AND v.user_id = %(user)s AND v.state <> 'left'
WHERE r.id = %(round)s
"""  # noqa: S608 - names of our own columns
OWN = Listing(orders={"-seq": Order(("-seq",)), "seq": Order(("seq",))})
LABEL_EXAMPLE = {
    "codebook_version": 3,
    "answers": {"stance": "reports", "bias": {"missing": "cannot_judge"}},
    "notes": {"note": "The denial stands two paragraphs further down."},
    "evidence": [{"url": "https://tidalpost.example/bridge", "quote": "14 broken bolts", "relation": "supports"}],
    "seconds": 41,
}
RECEIPT_EXAMPLE = {"unit": 90417, "seq": 212, "saved_at": "2026-03-02T09:14:07Z", "repeated": False, "unchanged": False}


def second_votes(round_: Round, reviewer: Reviewer) -> list[dict[str, Any]]:
    """The second votes that wait for the reviewer: where each is talked about, where it goes, and what it follows."""
    base = f"/api/v1/rounds/{round_.pk}/units"
    return [
        {
            "unit": vote.unit,
            "thread": f"{base}/{vote.unit}/thread/",
            "vote": f"{base}/{vote.unit}/label/",
            "tag": f'"{vote.seq}"',
        }
        for vote in open_votes(round_, reviewer)
    ]


class LabellingEndpoint(Endpoint):
    """Finds the round and the reviewer that the person is in it: one query."""

    is_labelling = True

    def seat(self, pk: int) -> tuple[Round, Reviewer]:
        row = fetch_one(SEAT, {"user": self.user.pk, "round": pk})
        if row is None:
            raise NotFound
        values = iter(row)
        role = next(values)
        known = next(values)
        round_ = ROUNDS.take(values)
        round_.project = PROJECTS.take(values)
        if not self._reaches(round_.project_id):
            raise NotFound
        check_role("label", role)
        return round_, REVIEWERS.take(values) if known else reviewer_for(self.user, round_.project)

    def handle_exception(self, exc: Exception) -> Response:
        """What stands now is the reviewer's own, without the row ids that count over everybody's evidence."""
        if isinstance(exc, Conflict) and exc.current and "answers" in exc.current:
            exc.current = {**exc.current, "answers": without_row_ids(exc.current["answers"])}
        return super().handle_exception(exc)

    def key(self) -> str:
        key = self.request.headers.get("Idempotency-Key")
        if key is None:
            raise Refused(
                "idempotency_key_required",
                "Send a fresh word in the header Idempotency-Key with each label, so that a repeat is stored once.",
                status=400,
            )
        check_key(key)
        return key


class Next(LabellingEndpoint):
    scopes = scopes(POST=LABEL)

    @operation(
        "draw_next_unit",
        "Draw the next unit, or get the one you hold",
        answers={200: NextUnit},
        refuses=(409,),
        examples={"answer": {"unit": 90417, "codebook_version": 3, "reserved_until": "2026-03-02T11:14:00Z"}},
        tag="Labelling",
    )
    def post(self, request: Request, pk: int) -> Response:
        round_, reviewer = self.seat(pk)
        drawn = draw_next(round_, reviewer)
        return Response(
            {
                "unit": drawn.unit_id if drawn else None,
                "codebook_version": round_.codebook_version_id,
                "reserved_until": drawn.expires_at if drawn else None,
            }
        )


class OneUnit(LabellingEndpoint):
    scopes = scopes(GET=(LABEL, READ))

    @operation(
        "get_unit",
        "Read a unit that you hold or have labelled; the number of your answer is the ETag, for a correction",
        answers={200: UnitShape},
        refuses=(409,),
        tag="Labelling",
    )
    def get(self, request: Request, pk: int, unit: int) -> Response:
        round_, reviewer = self.seat(pk)
        found = label_context(round_, unit, reviewer)
        response = Response(UnitShape(found).data)
        if found.submitted:
            response["ETag"] = f'"{found.submitted["seq"]}"'
        return response


def stored(receipt: Receipt, *, status: int) -> Response:
    """What was stored, with the tag that a correction of it has to name (AP-14)."""
    return Response(ReceiptShape(receipt).data, status=status, headers={"ETag": f'"{receipt.seq}"'})


class OneLabel(LabellingEndpoint):
    scopes = scopes(POST=LABEL, PUT=LABEL)
    version_wanted = (
        "Say which of your answers you correct: send the ETag that came when they were stored, or submitted.seq of the "
        'unit in quotation marks, in the header If-Match, such as "4".'
    )

    @operation(
        "submit_label",
        "Submit your answers; when this answers, they are kept",
        request=NewLabel,
        answers={201: ReceiptShape, 200: ReceiptShape},
        parameters=(LABEL_KEY,),
        examples={"request": LABEL_EXAMPLE, "answer": RECEIPT_EXAMPLE},
        tag="Labelling",
    )
    def post(self, request: Request, pk: int, unit: int) -> Response:
        round_, reviewer = self.seat(pk)
        asked = self.body(NewLabel)
        version = asked.pop("codebook_version")
        receipt = submit_label(
            round_, Unit(pk=unit), reviewer, **asked, codebook_version_id=version, idempotency_key=self.key()
        )
        return stored(receipt, status=200 if receipt.repeated else 201)

    @operation(
        "revise_label",
        "Correct your own answers: a new event follows, nothing is overwritten",
        request=NewLabel,
        answers={200: ReceiptShape},
        parameters=(LABEL_KEY, OWN_ANSWERS),
        refuses=(428,),
        examples={"request": LABEL_EXAMPLE},
        tag="Labelling",
    )
    def put(self, request: Request, pk: int, unit: int) -> Response:
        round_, reviewer = self.seat(pk)
        expected, asked = self.expected_version(), self.body(NewLabel)
        version = asked.pop("codebook_version")
        receipt = revise_label(
            round_,
            Unit(pk=unit),
            reviewer,
            **asked,
            codebook_version_id=version,
            idempotency_key=self.key(),
            expected_seq=expected,
        )
        return stored(receipt, status=200)


class OneDraft(LabellingEndpoint):
    scopes = scopes(PUT=LABEL)

    @operation(
        "save_draft",
        "Keep what is answered so far",
        request=NewDraft,
        answers={200: DraftReceipt},
        examples={"request": {"payload": {"answers": {"stance": "reports"}}, "client_seq": 4}},
        tag="Labelling",
    )
    def put(self, request: Request, pk: int, unit: int) -> Response:
        round_, reviewer = self.seat(pk)
        return Response({"kept": save_draft(round_, Unit(pk=unit), reviewer, **self.body(NewDraft))})


class Skip(LabellingEndpoint):
    scopes = scopes(POST=LABEL)

    @operation(
        "skip_unit",
        "Give a unit back with a reason",
        request=NewSkip,
        answers={200: ReceiptShape},
        parameters=(LABEL_KEY,),
        examples={"request": {"reason": "I know one of the people quoted."}},
        tag="Labelling",
    )
    def post(self, request: Request, pk: int, unit: int) -> Response:
        round_, reviewer = self.seat(pk)
        asked = self.body(NewSkip)
        receipt = skip_unit(round_, Unit(pk=unit), reviewer, **asked, idempotency_key=self.key())
        return Response(ReceiptShape(receipt).data)


class OwnLabels(LabellingEndpoint):
    scopes = scopes(GET=(LABEL, READ))
    query = OWN.parameters

    @operation(
        "list_own_labels",
        "List what you did in a round, corrections and skips included",
        answers={200: page_of(OwnLabel)},
        listing=OWN,
        tag="Labelling",
    )
    def get(self, request: Request, pk: int) -> Response:
        round_, reviewer = self.seat(pk)
        rows = own_events(reviewer).filter(round=round_)
        return Response(OWN.page(request, rows, lambda row: OwnLabel(row).data))
