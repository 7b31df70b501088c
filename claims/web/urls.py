"""The addresses of the pages. Everything a person may want to share has one that stays."""

from __future__ import annotations

from django.urls import include, path

from claims.web import help as help_pages
from claims.web.account import home, invitation, people, sign_in, start, tokens
from claims.web.corpus import articles, claims, codebooks, imports, jobs, project
from claims.web.results import agreement, disputes, releases, reviewers
from claims.web.work import label, my_labels, rounds

project_urls = [
    path("", project.project, name="project"),
    path("running/", project.running, name="running"),
    path("import/", imports.imports, name="import"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/cancel/", jobs.cancel, name="job-cancel"),
    path("jobs/<int:pk>/retry/", jobs.retry, name="job-retry"),
    path("articles/", articles.articles, name="articles"),
    path("articles/<int:pk>/", articles.article, name="article"),
    path("articles/<int:pk>/sources/<int:source_pk>/", articles.source, name="article-source"),
    path("claims/", claims.claims, name="claims"),
    path("claims/<int:pk>/", claims.claim, name="claim"),
    path("codebooks/", codebooks.codebooks, name="codebooks"),
    path("codebooks/add/", codebooks.add, name="codebook-add"),
    path("codebooks/<slug:codebook_slug>/<int:n>/", codebooks.codebook, name="codebook"),
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/new/", rounds.new, name="round-new"),
    path("rounds/<int:pk>/", rounds.round_page, name="round"),
    path("rounds/<int:pk>/<slug:verb>-round/", rounds.change, name="round-change"),
    path("rounds/<int:pk>/label/", label.next_unit, name="label-next"),
    path("rounds/<int:pk>/label/<int:unit_id>/", label.label, name="label"),
    path("rounds/<int:pk>/label/<int:unit_id>/draft/", label.draft, name="label-draft"),
    path("rounds/<int:pk>/label/<int:unit_id>/skip/", label.skip, name="label-skip"),
    path("rounds/<int:pk>/settle/<int:unit_id>/<slug:question>/", disputes.settle, name="settle"),
    path("rounds/<int:pk>/settle-majority/", disputes.majority, name="settle-majority"),
    path("my-labels/", my_labels.my_labels, name="my-labels"),
    path("agreement/", agreement.agreement, name="agreement"),
    path("disputes/", disputes.disputes, name="disputes"),
    path("reviewers/", reviewers.reviewers, name="reviewers"),
    path("releases/", releases.releases, name="releases"),
    path("releases/<int:number>/", releases.release, name="release"),
    path("releases/<int:number>/retry/", releases.retry, name="release-retry"),
    path("releases/<int:number>/files/<str:name>", releases.download, name="release-file"),
    path("people/", people.people, name="people"),
    path("people/<int:user_id>/role/", people.change, name="member-change"),
    path("people/<int:user_id>/remove/", people.remove, name="member-remove"),
    path("people/invitations/<int:pk>/revoke/", people.revoke, name="invitation-revoke"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("start/", start.start, name="start"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-out/", sign_in.SignOut.as_view(), name="sign-out"),
    path("password/", sign_in.ChangePassword.as_view(), name="password"),
    path("appearance/", sign_in.appearance, name="appearance"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="token-revoke"),
    path("join/<str:token>/", invitation.join, name="join"),
    path("p/<slug:slug>/", include(project_urls)),
    path("help/", help_pages.index, name="help"),
    path("help/<slug:slug>/", help_pages.page, name="help-page"),
]
