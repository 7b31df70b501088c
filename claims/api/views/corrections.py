"""Correcting claims from a program: the same steps as on the page, and the freeze before a round."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.authentication import READ, WRITE
from claims.api.endpoint import READING, Endpoint, scopes
from claims.api.lists import Listing, Order
from claims.api.schema import IDEMPOTENCY, View, operation, page_of
from claims.api.serializers import corrections as shapes
from claims.models import Article, ClaimOccurrence, Correction
from claims.models.flow import flow_of
from claims.splitting import correcting
from claims.splitting.desk import states_of
from claims.splitting.freezing import lock_claims, unlock_claims
from claims.splitting.resplitting import accept_resplit, propose_resplit
from claims.splitting.undoing import last_steps, redo, undo

STEPS = Listing(orders={"-created": Order(("-id",))})
TAG = "Corrections"
Asked = Mapping[str, Any]


class Step(Endpoint):
    """One step in an article; answers with the claims it concerned as they stand now."""

    scopes = scopes(POST=WRITE)

    def step(self, pk: int, shape: type[Any], act: Callable[[Article, Asked], list[ClaimOccurrence]]) -> Response:
        article = self.find(Article.objects.select_related("project"), pk, "correct_claims")
        asked = self.body(shape)

        def do() -> tuple[int, Mapping[str, Any]]:
            return 200, self.stands(article, [row.pk for row in act(article, asked)])

        return self.create_once(do)

    def stands(self, article: Article, occurrences: list[int]) -> Mapping[str, Any]:
        last, _ = last_steps(article)
        found = {"step": last.n if last else None, "claims": states_of(article, occurrences)}
        return shapes.StepShape(found).data


def about(asked: Asked) -> dict[str, Any]:
    """The body as the action names it: the version that was seen is the one expected."""
    return {"expected" if name == "version" else name: value for name, value in asked.items()}


def document(name: str, summary: str, request: Any) -> Callable[[View], View]:
    return operation(
        name, summary, request=request, answers={200: shapes.StepShape}, parameters=(IDEMPOTENCY,), tag=TAG
    )


class AddClaim(Step):
    @document("add_claim", "Add a claim at places of the text", shapes.NewPlaces)
    def post(self, request: Request, pk: int) -> Response:
        return self.step(
            pk, shapes.NewPlaces, lambda article, asked: [correcting.add_claim(article, **asked, by=self.user)]
        )


class MoveBoundaries(Step):
    @document("move_boundaries", "Move a claim's boundaries; one or several pieces", shapes.MovedBoundaries)
    def post(self, request: Request, pk: int) -> Response:
        return self.step(
            pk,
            shapes.MovedBoundaries,
            lambda article, asked: [correcting.move_boundaries(article, **about(asked), by=self.user)],
        )


class SplitClaim(Step):
    @document("split_claim", "Cut a claim in two", shapes.SplitPlace)
    def post(self, request: Request, pk: int) -> Response:
        return self.step(
            pk,
            shapes.SplitPlace,
            lambda article, asked: [*correcting.split_claim(article, **about(asked), by=self.user)],
        )


class MergeClaims(Step):
    @document("merge_claims", "Make one claim of several", shapes.Merged)
    def post(self, request: Request, pk: int) -> Response:
        def merge(article: Article, asked: Asked) -> list[ClaimOccurrence]:
            chosen = [(one["occurrence"], one["version"]) for one in asked["claims"]]
            return [correcting.merge_claims(article, chosen, by=self.user)]

        return self.step(pk, shapes.Merged, merge)


class DropClaim(Step):
    @document("drop_claim", "Drop a claim, with its reason", shapes.Dropped)
    def post(self, request: Request, pk: int) -> Response:
        return self.step(
            pk,
            shapes.Dropped,
            lambda article, asked: [correcting.drop_claim(article, **about(asked), by=self.user)],
        )


class WordClaim(Step):
    @document("word_claim", "Word a claim so that it can be understood alone", shapes.Worded)
    def post(self, request: Request, pk: int) -> Response:
        return self.step(
            pk,
            shapes.Worded,
            lambda article, asked: [correcting.word_claim(article, **about(asked), by=self.user)],
        )


class ChangeHops(Step):
    @document("change_hops", "Say who says it, through which chain", shapes.NewChain)
    def post(self, request: Request, pk: int) -> Response:
        return self.step(
            pk,
            shapes.NewChain,
            lambda article, asked: [correcting.change_hops(article, **about(asked), by=self.user)],
        )


class Walk(Step):
    """Undo or redo."""

    walk: ClassVar[Callable[..., Correction]]

    def go(self, pk: int) -> Response:
        def act(article: Article, asked: Asked) -> list[ClaimOccurrence]:
            step = type(self).walk(article, expected=asked.get("step"), by=self.user)
            return list(ClaimOccurrence.objects.filter(pk__in=[one["occurrence"] for one in step.changes]))

        return self.step(pk, shapes.LastStep, act)


class Undo(Walk):
    walk = staticmethod(undo)

    @document("undo_correction", "Take back the last step", shapes.LastStep)
    def post(self, request: Request, pk: int) -> Response:
        return self.go(pk)


class Redo(Walk):
    walk = staticmethod(redo)

    @document("redo_correction", "Do again what was undone last", shapes.LastStep)
    def post(self, request: Request, pk: int) -> Response:
        return self.go(pk)


class Corrections(Endpoint):
    scopes = READING
    query = STEPS.parameters

    @operation(
        "list_corrections",
        "List the steps in an article",
        answers={200: page_of(shapes.CorrectionRow)},
        listing=STEPS,
        tag=TAG,
    )
    def get(self, request: Request, pk: int) -> Response:
        rows = Correction.objects.filter(article=self.find(Article.objects.all(), pk, "correct_claims"))
        return Response(STEPS.page(request, rows, lambda row: shapes.CorrectionRow(row).data))


class Resplit(Step):
    scopes = scopes(GET=READ, POST=WRITE)

    @operation(
        "propose_resplit",
        "Read what the newest splitter would change",
        answers={200: shapes.ProposalShape},
        refuses=(422,),
        tag=TAG,
    )
    def get(self, request: Request, pk: int) -> Response:
        article = self.find(Article.objects.select_related("project"), pk, "correct_claims")
        return Response(shapes.ProposalShape(propose_resplit(article, by=self.user)).data)

    @document("accept_resplit", "Take over a newer splitting, in part or as far as it is safe", shapes.AcceptedKeys)
    def post(self, request: Request, pk: int) -> Response:
        def act(article: Article, asked: Asked) -> list[ClaimOccurrence]:
            step = accept_resplit(article, keys=asked.get("keys"), by=self.user)
            changed = [one["occurrence"] for one in step.changes] if step is not None else []
            return list(ClaimOccurrence.objects.filter(pk__in=changed))

        return self.step(pk, shapes.AcceptedKeys, act)


class LockClaims(Step):
    @operation("lock_claims", "Lock an article's claims", answers={200: shapes.LockShape}, refuses=(409,), tag=TAG)
    def post(self, request: Request, pk: int) -> Response:
        article = self.find(Article.objects.select_related("project"), pk, "correct_claims")
        n = lock_claims(article.project, articles=[article.pk], by=self.user)
        return Response(shapes.LockShape({"locked": n}).data)


class UnlockClaims(Step):
    @operation(
        "unlock_claims",
        "Open an article's claims for correction again",
        request=shapes.Unlocked,
        answers={204: None},
        tag=TAG,
    )
    def post(self, request: Request, pk: int) -> Response:
        article = self.find(Article.objects.select_related("project"), pk, "correct_claims")
        unlock_claims(article, **self.body(shapes.Unlocked), by=self.user)
        return Response(status=204)


class Flow(Endpoint):
    scopes = READING

    @operation("get_flow", "Read the flow for the methods section", answers={200: shapes.FlowShape}, tag="Projects")
    def get(self, request: Request, project: str) -> Response:
        return Response(shapes.FlowShape(flow_of(self.find_project(project, "see_agreement"))).data)
