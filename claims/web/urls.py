"""The addresses of the pages. Everything a person may want to share has one that stays."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path

from claims.web import help as help_pages
from claims.web.account import door, home, inbox, invitation, people, sessions, sign_in, start, tokens
from claims.web.corpus import (
    articles,
    blocks,
    claims,
    codebook_editor,
    codebooks,
    correct,
    feeds,
    freeze,
    import_check,
    imports,
    jobs,
    project,
    suggestions,
)
from claims.web.outlets import citations, compare, outlets, profile, publication, ratings
from claims.web.results import agreement, agreement_question, disputes, releases, reviewers
from claims.web.work import label, my_labels, rounds

project_urls = [
    path("", project.project, name="project"),
    path("running/", project.running, name="running"),
    path("import/", imports.imports, name="import"),
    path("import/<int:pk>/", import_check.check, name="import-check"),
    path("feeds/", feeds.feeds, name="feeds"),
    path("feeds/<int:pk>/<slug:verb>/", feeds.change, name="feed-change"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/errors.csv", jobs.errors, name="job-errors"),
    path("jobs/<int:pk>/cancel/", jobs.cancel, name="job-cancel"),
    path("jobs/<int:pk>/retry/", jobs.retry, name="job-retry"),
    path("articles/", articles.articles, name="articles"),
    path("articles/<int:pk>/", articles.article, name="article"),
    path("articles/<int:pk>/correct/", correct.correct, name="correct"),
    path("articles/<int:pk>/correct/<slug:step>/", correct.deed, name="correct-deed"),
    path("articles/<int:pk>/resplit/", freeze.resplit, name="resplit"),
    path("articles/<int:pk>/resplit/accept/", freeze.accept, name="resplit-accept"),
    path("articles/<int:pk>/unlock-claims/", freeze.unlock, name="claims-unlock"),
    path("articles/<int:pk>/suggestions/", suggestions.suggestions, name="suggestions"),
    path("articles/<int:pk>/suggestions/ask/", suggestions.ask, name="suggestions-ask"),
    path("articles/<int:pk>/suggestions/<int:suggestion>/", suggestions.decide, name="suggestion"),
    path("articles/<int:pk>/cut/", freeze.cut, name="cut"),
    path("articles/<int:pk>/cut/<slug:step>/", freeze.cut_deed, name="cut-deed"),
    path("lock-claims/", freeze.lock, name="claims-lock"),
    path("articles/<int:pk>/blocks/", blocks.blocks, name="article-blocks"),
    path("articles/<int:pk>/sources/<int:source_pk>/", articles.source, name="article-source"),
    path("claims/", claims.claims, name="claims"),
    path("claims/<int:pk>/", claims.claim, name="claim"),
    path("outlets/", outlets.outlets, name="outlets"),
    path("outlets/<int:pk>/", profile.outlet, name="outlet"),
    path("outlets/<int:pk>/public/", publication.publications, name="publications"),
    path("outlets/<int:pk>/public/start/", publication.start, name="publication-start"),
    path("outlets/<int:pk>/public/<int:n>/<slug:verb>-version/", publication.change, name="publication-change"),
    path("outlets/<int:pk>/hold/", publication.hold, name="outlet-hold"),
    path("outlets/<int:pk>/<slug:verb>-outlet/", profile.change, name="outlet-change"),
    path("outlets/<int:pk>/<slug:measure>/<slug:outcome>/", profile.trace, name="outlet-trace"),
    path("outlets/compare/", compare.comparison, name="outlets-compare"),
    path("outlets/ratings/", ratings.ratings, name="outlet-ratings"),
    path("outlets/citations/", citations.graph, name="citations"),
    re_path(r"^outlets/citations\.(?P<kind>csv|graphml)$", citations.graph_file, name="citations-file"),
    path("codebooks/", codebooks.codebooks, name="codebooks"),
    path("codebooks/add/", codebooks.add, name="codebook-add"),
    path("codebooks/take-in/", codebook_editor.take_in, name="codebook-take-in"),
    path("codebooks/<slug:codebook_slug>/<int:n>/edit/", codebook_editor.edit, name="codebook-edit"),
    path("codebooks/<slug:codebook_slug>/<int:n>/draft/", codebook_editor.begin, name="codebook-draft"),
    path("codebooks/<slug:codebook_slug>/<int:n>/since/<int:other>/", codebook_editor.difference, name="codebook-diff"),
    path("codebooks/<slug:codebook_slug>/<int:n>/", codebooks.codebook, name="codebook"),
    path("codebooks/<slug:codebook_slug>/<int:n>/as/<slug:kind>/", codebook_editor.text, name="codebook-text"),
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
    path("agreement/<int:pk>/<str:question>/", agreement_question.agreement_question, name="agreement-question"),
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

# The names are those that allauth's views look for; ours stand before them.
door_urls: list[URLPattern | URLResolver] = [
    path("sign-in/", door.SignIn.as_view(), name="account_login"),
    path("sign-in/", door.SignIn.as_view(), name="sign-in"),
    path("sign-in/code/", door.SecondFactor.as_view(), name="mfa_authenticate"),
    path("sign-in/passkey/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/closed/", account.account_inactive, name="account_inactive"),
    path("sign-out/", sign_in.SignOut.as_view(), name="account_logout"),
    path("sign-out/", sign_in.SignOut.as_view(), name="sign-out"),
    path("password/", sign_in.ChangePassword.as_view(), name="account_change_password"),
    path("password/", sign_in.ChangePassword.as_view(), name="password"),
    path("password/forgotten/", account.password_reset, name="account_reset_password"),
    path("password/forgotten/sent/", account.password_reset_done, name="account_reset_password_done"),
    path("password/forgotten/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/forgotten/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("confirm/code/", door.SecondFactorAgain.as_view(), name="mfa_reauthenticate"),
    path("confirm/passkey/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("second-factor/", factors.index, name="mfa_index"),
    path("second-factor/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("second-factor/app/picture/", door.picture, name="mfa_picture"),
    path("second-factor/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("second-factor/codes/download/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("second-factor/keys/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("second-factor/keys/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("second-factor/keys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("second-factor/keys/<int:pk>/name/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
]
if settings.SOCIALACCOUNT_PROVIDERS:
    door_urls += [
        path("sign-in/provider/", include("allauth.socialaccount.urls")),
        path("sign-in/provider/", include("allauth.socialaccount.providers.openid_connect.urls")),
    ]

urlpatterns = [
    path("", home.home, name="home"),
    path("start/", start.start, name="start"),
    *door_urls,
    path("sessions/", sessions.sessions, name="sessions"),
    path("sessions/end/", sessions.end_others, name="sessions-end"),
    path("sessions/<int:pk>/end/", sessions.end, name="session-end"),
    path("appearance/", sign_in.appearance, name="appearance"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read_all, name="inbox-read"),
    path("inbox/mail/", inbox.mail, name="inbox-mail"),
    path("inbox/<int:pk>/", inbox.open_notice, name="inbox-open"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="token-revoke"),
    path("join/<str:token>/", invitation.join, name="join"),
    path("p/<slug:slug>/", include(project_urls)),
    path("public/<slug:slug>/outlets/<int:pk>/", publication.public, name="public-outlet"),
    path("public/<slug:slug>/outlets/<int:pk>/v<int:n>/", publication.public, name="public-outlet-version"),
    path("help/", help_pages.index, name="help"),
    path("help/<slug:slug>/", help_pages.page, name="help-page"),
]
