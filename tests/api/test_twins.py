"""What a person can do on a page, a program can do through the API; here stands by which operation, or why not."""

from __future__ import annotations

import inspect
import json
from functools import cache

import pytest
from django.test import Client

from tests.security.world import routes

OWN_LOGIN = "one's own login: a token neither changes nor proves who somebody is"
IN_BROWSER = "lives in the browser"

# page -> the operations of the API that do the same, or the reason why there is none
TWINS: dict[str, tuple[str, ...] | str] = {
    # account
    "start": ("create_project",),
    "account_login": OWN_LOGIN,
    "sign-in": OWN_LOGIN,
    "mfa_authenticate": OWN_LOGIN,
    "mfa_login_webauthn": OWN_LOGIN,
    "account_logout": OWN_LOGIN,
    "sign-out": OWN_LOGIN,
    "account_change_password": OWN_LOGIN,
    "password": OWN_LOGIN,
    "account_reset_password": OWN_LOGIN,
    "account_reset_password_from_key": OWN_LOGIN,
    "account_reauthenticate": OWN_LOGIN,
    "mfa_reauthenticate": OWN_LOGIN,
    "mfa_reauthenticate_webauthn": OWN_LOGIN,
    "mfa_activate_totp": OWN_LOGIN,
    "mfa_deactivate_totp": OWN_LOGIN,
    "mfa_generate_recovery_codes": OWN_LOGIN,
    "mfa_add_webauthn": OWN_LOGIN,
    "mfa_remove_webauthn": OWN_LOGIN,
    "mfa_edit_webauthn": OWN_LOGIN,
    "sessions-end": OWN_LOGIN,
    "session-end": OWN_LOGIN,
    "my-data-delete": OWN_LOGIN,
    "join": "makes a login, or joins with the one of this browser",
    "appearance": IN_BROWSER,
    "inbox-read": ("mark_read",),
    "inbox-open": ("mark_read",),
    "inbox-mail": ("set_mail_choices",),
    "tokens": ("create_token",),
    "token-revoke": ("revoke_token",),
    "about-me": ("put_about_me",),
    "topics-opt-out": ("set_unread_topics",),
    "interest-add": ("add_conflict",),
    "interest-remove": ("remove_conflict",),
    # people
    "people": ("invite", "invite_by_mail"),
    "people-cap": ("amend_project",),
    "member-change": ("change_role",),
    "member-remove": ("remove_member",),
    "invitation-revoke": ("revoke_invitation",),
    "reviewer": ("review_work",),
    "reviewer-look": ("look_as_reviewer",),
    "reply-to-review": ("reply_to_review",),
    "consent": ("accept_consent", "withdraw_consent"),
    "consent-text": ("publish_consent",),
    "webhooks": ("create_webhook",),
    "webhook-change": ("remove_webhook",),
    # articles and claims
    "import": ("import_article", "import_articles", "import_file", "upload_file", "import_addresses"),
    "feeds": ("watch_feed",),
    "feed-change": ("pause_feed", "resume_feed", "remove_feed"),
    "import-check": ("look_at_file", "import_file"),
    "job-cancel": ("cancel_job",),
    "job-retry": ("retry_job",),
    "correct-deed": (
        "add_claim",
        "move_boundaries",
        "split_claim",
        "merge_claims",
        "drop_claim",
        "word_claim",
        "change_hops",
        "undo_correction",
        "redo_correction",
    ),
    "topics": ("add_topic",),
    "topic-change": ("rename_topic", "remove_topic"),
    "article-warn": ("set_article_warnings",),
    "claim-warn": ("set_claim_warnings",),
    "article-read-again": ("reextract_article",),
    "article-exclude": ("exclude_article",),
    "article-file": ("file_article",),
    "article-include": ("include_article",),
    "article-blocks": ("correct_blocks",),
    "article-take-down": ("take_down_article",),
    "resplit-accept": ("accept_resplit",),
    "cut-deed": ("cut_article",),
    "round-cuts-lock": ("lock_claims",),
    "claims-lock": ("lock_claims",),
    "claims-unlock": ("unlock_claims",),
    "suggestions-ask": ("ask_model",),
    "suggestion": ("decide_suggestion",),
    "claim-new": ("enter_claim",),
    "claims-paste": ("enter_claim",),
    "claim": ("decide_relation", "relate_claims", "cite_document"),
    # codebooks and rounds
    "codebook-add": ("create_codebook",),
    "codebook-take-in": ("take_in_codebook",),
    "codebook-draft": ("start_codebook_draft",),
    "codebook-edit": ("change_codebook_draft", "publish_codebook", "discard_codebook_draft"),
    "round-new": ("create_round",),
    "round-edit": ("amend_round",),
    "round-change": ("open_round", "pause_round", "resume_round", "close_round", "delete_round"),
    "workload-change": ("limit_reviewer", "take_back"),
    "qualification-begin": ("begin_attempt",),
    # labelling
    "label-next": ("draw_next_unit", "draw_units"),
    "label": ("submit_label", "submit_labels", "revise_label"),
    "label-draft": ("save_draft",),
    "label-evidence": ("keep_evidence",),
    "label-thread": ("add_comment",),
    "label-skip": ("skip_unit",),
    # results
    "desk": ("take_in_claim",),
    "desk-item": ("move_desk_item",),
    "settle": ("settle_label",),
    "settle-second": ("settle_second",),
    "reasons": ("judge_reason",),
    "settle-majority": ("settle_by_majority",),
    "round-machines-ask": ("ask_model_for_labels",),
    "releases": ("create_release",),
    "release-retry": ("retry_release",),
    "release-file-link": ("make_file_link",),
    # outlets
    "outlet-change": ("confirm_outlet", "merge_outlet", "part_outlet"),
    "outlet-hold": ("hold_outlet",),
    "outlet-targets": ("name_stance_target",),
    "outlet-proposals": ("merge_outlet", "keep_apart"),
    "outlet-ratings": ("import_ratings",),
    "outlet-score": ("set_score_formula",),
    "dossier-folder": "download_dossier reads it, as files of releases are read",
    "dossier-pdf": "download_dossier_pdf reads it, as files of releases are read",
    "publication-start": ("start_publication",),
    "publication-change": ("change_publication",),
}


@cache
def acting() -> set[str]:
    """The names of the pages that do something when a form is sent."""
    found = set()
    for route, pattern in routes():
        if route.startswith(("api/", "admin/", "healthz", "metrics", ".well-known/")):
            continue
        view = getattr(pattern.callback, "view_class", None)
        acts = hasattr(view, "post") if view else "POST" in inspect.getsource(inspect.unwrap(pattern.callback))
        if acts and pattern.name:
            found.add(pattern.name)
    return found


@cache
def operations() -> dict[str, str]:
    """operationId -> method."""
    document = json.loads(Client().get("/api/v1/schema/").content)
    return {one["operationId"]: method for methods in document["paths"].values() for method, one in methods.items()}


def test_it_works_every_page_that_acts_is_listed_and_nothing_else() -> None:
    assert acting() - set(TWINS) == set(), "add their operations to TWINS, or write them"
    assert set(TWINS) - acting() == set(), "these are no pages that act any more"


@pytest.mark.parametrize(("page", "twins"), TWINS.items(), ids=list(TWINS))
def test_each_page_has_its_operations_or_a_reason(page: str, twins: tuple[str, ...] | str) -> None:
    if isinstance(twins, str):
        assert len(twins) > 10
        return
    assert twins
    missing = [name for name in twins if operations().get(name) in (None, "get")]
    assert missing == [], f"{page}: no operation of the API that writes has this name"
