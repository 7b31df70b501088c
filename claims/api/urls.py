"""Addresses under /api/v1/. What is not listed here is answered with the same 404 as what is not yours to see."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path, register_converter

from claims.api.views import (
    about_me,
    consent,
    corrections,
    document,
    entries,
    imports,
    labelling,
    machines,
    matching,
    outcomes,
    outlets,
    people,
    releases,
    reviews,
    rounds,
    sources,
    standing,
    suggestions,
    webhooks,
    workload,
)

MAX_ID = 2**63 - 1


class RowId:
    """The id of a row; anything that cannot be one is simply not an address."""

    regex = "[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        if int(value) > MAX_ID:
            raise ValueError
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(RowId, "id")

UNIT = "rounds/<id:pk>/units/<id:unit>/"
DISPUTE = "rounds/<id:pk>/disputes/<id:unit>/<slug:question>/"

urlpatterns: list[URLPattern] = [
    path("schema/", document.Schema.as_view(), name="api-schema"),
    path("docs/", document.docs, name="api-docs"),
    path("projects/", people.Projects.as_view()),
    path("projects/<slug:project>/", people.OneProject.as_view()),
    path("projects/<slug:project>/articles/", sources.Articles.as_view()),
    path("projects/<slug:project>/imports/", imports.Files.as_view()),
    path("projects/<slug:project>/imports/look/", imports.LookAtFile.as_view()),
    path("projects/<slug:project>/addresses/", sources.Addresses.as_view()),
    path("projects/<slug:project>/flow/", corrections.Flow.as_view()),
    path("projects/<slug:project>/claims/", sources.Claims.as_view()),
    path("projects/<slug:project>/claims/entered/", entries.EnteredClaims.as_view()),
    path("projects/<slug:project>/claims/alike/", entries.ClaimsAlike.as_view()),
    path("projects/<slug:project>/jobs/", sources.Jobs.as_view()),
    path("projects/<slug:project>/codebooks/", rounds.Codebooks.as_view()),
    path("projects/<slug:project>/rounds/", rounds.Rounds.as_view()),
    path("projects/<slug:project>/releases/", releases.Releases.as_view()),
    path("projects/<slug:project>/outlets/", outlets.Outlets.as_view()),
    path("projects/<slug:project>/citations/", outlets.Citations.as_view()),
    path("outlets/<id:pk>/", outlets.OneOutlet.as_view()),
    path("projects/<slug:project>/score-formula/", outlets.Formula.as_view()),
    path("outlets/<id:pk>/score/", outlets.OutletScore.as_view()),
    path("outlets/<id:pk>/confirm/", outlets.ConfirmOutlet.as_view()),
    path("outlets/<id:pk>/merge/", outlets.MergeInto.as_view()),
    path("outlets/<id:pk>/part/", outlets.PartOutlet.as_view()),
    path("articles/<id:pk>/", sources.OneArticle.as_view()),
    path("articles/<id:pk>/take-down/", sources.TakeDown.as_view()),
    path("articles/<id:pk>/exclude/", standing.ExcludeArticle.as_view()),
    path("articles/<id:pk>/include/", standing.IncludeArticle.as_view()),
    path("articles/<id:pk>/read-again/", sources.ReadAgain.as_view()),
    path("articles/<id:pk>/corrections/", corrections.Corrections.as_view()),
    path("articles/<id:pk>/corrections/add/", corrections.AddClaim.as_view()),
    path("articles/<id:pk>/corrections/boundaries/", corrections.MoveBoundaries.as_view()),
    path("articles/<id:pk>/corrections/split/", corrections.SplitClaim.as_view()),
    path("articles/<id:pk>/corrections/merge/", corrections.MergeClaims.as_view()),
    path("articles/<id:pk>/corrections/drop/", corrections.DropClaim.as_view()),
    path("articles/<id:pk>/corrections/word/", corrections.WordClaim.as_view()),
    path("articles/<id:pk>/corrections/hops/", corrections.ChangeHops.as_view()),
    path("articles/<id:pk>/corrections/undo/", corrections.Undo.as_view()),
    path("articles/<id:pk>/corrections/redo/", corrections.Redo.as_view()),
    path("articles/<id:pk>/suggestions/", suggestions.Suggestions.as_view()),
    path("suggestions/<id:pk>/", suggestions.OneSuggestion.as_view()),
    path("articles/<id:pk>/resplit/", corrections.Resplit.as_view()),
    path("articles/<id:pk>/lock-claims/", corrections.LockClaims.as_view()),
    path("articles/<id:pk>/unlock-claims/", corrections.UnlockClaims.as_view()),
    path("claims/<id:pk>/", sources.OneClaim.as_view()),
    path("claims/<id:pk>/relate/", matching.RelateClaims.as_view()),
    path("projects/<slug:project>/relations/", matching.Relations.as_view()),
    path("projects/<slug:project>/documents/", matching.Documents.as_view()),
    path("rounds/<id:pk>/machine-labels/", machines.MachineLabels.as_view()),
    path("rounds/<id:pk>/machine-labels/ask/", machines.ModelLabels.as_view()),
    path("projects/<slug:project>/consent/", consent.ConsentOfProject.as_view()),
    path("projects/<slug:project>/consent/own/", consent.OwnConsent.as_view()),
    path("projects/<slug:project>/about-me/", about_me.AboutMe.as_view()),
    path("projects/<slug:project>/conflicts/", about_me.Interests.as_view()),
    path("conflicts/<id:pk>/", about_me.OneInterest.as_view()),
    path("projects/<slug:project>/webhooks/", webhooks.Webhooks.as_view()),
    path("webhooks/<id:pk>/", webhooks.OneWebhook.as_view()),
    path("relations/<id:pk>/", matching.OneRelation.as_view()),
    path("jobs/<id:pk>/", sources.OneJob.as_view()),
    path("jobs/<id:pk>/errors/", sources.JobErrors.as_view()),
    path("jobs/<id:pk>/cancel/", sources.CancelJob.as_view()),
    path("jobs/<id:pk>/retry/", sources.RetryJob.as_view()),
    path("codebooks/<id:pk>/", rounds.OneCodebook.as_view()),
    path("rounds/<id:pk>/", rounds.OneRound.as_view()),
    path("rounds/<id:pk>/open/", rounds.OpenRound.as_view()),
    path("rounds/<id:pk>/overlap/", rounds.Overlap.as_view()),
    path("rounds/<id:pk>/close/", rounds.CloseRound.as_view()),
    path("rounds/<id:pk>/pause/", rounds.PauseRound.as_view()),
    path("rounds/<id:pk>/resume/", rounds.ResumeRound.as_view()),
    path("rounds/<id:pk>/workload/", workload.Workload.as_view()),
    path("rounds/<id:pk>/workload/<id:reviewer>/", workload.OneLoad.as_view()),
    path("assignments/<id:pk>/take-back/", workload.TakeBack.as_view()),
    path("rounds/<id:pk>/next/", labelling.Next.as_view()),
    path(UNIT, labelling.OneUnit.as_view()),
    path(f"{UNIT}label/", labelling.OneLabel.as_view()),
    path(f"{UNIT}draft/", labelling.OneDraft.as_view()),
    path(f"{UNIT}skip/", labelling.Skip.as_view()),
    path("rounds/<id:pk>/labels/", labelling.OwnLabels.as_view()),
    path("rounds/<id:pk>/agreement/", outcomes.Agreement.as_view()),
    path("rounds/<id:pk>/reviewers/", outcomes.Reviewers.as_view()),
    path("reviewers/<id:pk>/reviews/", reviews.Reviews.as_view()),
    path("projects/<slug:project>/own-reviews/", reviews.OwnReviews.as_view()),
    path("reviews/<id:pk>/reply/", reviews.Reply.as_view()),
    path("rounds/<id:pk>/disputes/", outcomes.Disputes.as_view()),
    path(DISPUTE, outcomes.OneDispute.as_view()),
    path(f"{DISPUTE}settle/", outcomes.Settle.as_view()),
    path("rounds/<id:pk>/settle-by-majority/", outcomes.SettleByMajority.as_view()),
    path("releases/<id:pk>/", releases.OneRelease.as_view()),
    path("releases/<id:pk>/changes/<id:since>/", releases.Changes.as_view()),
    path("releases/<id:pk>/files.zip", releases.AllFiles.as_view()),
    path("releases/<id:pk>/files/<str:name>/", releases.OneFile.as_view()),
    path("releases/<id:pk>/files/<str:name>/link/", releases.FileLink.as_view()),
    path("tokens/", people.Tokens.as_view()),
    path("tokens/<id:pk>/", people.OneToken.as_view()),
    re_path(r"[\s\S]*", document.nothing_here),
]
