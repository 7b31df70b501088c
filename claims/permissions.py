"""Who may do what: pairs. `check_can_x` raises the refusal with its sentence, `can_x` answers yes or no.

Somebody outside the project gets NotFound: for them it does not exist (INV-5).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from claims.errors import Conflict, NotFound, NotPermitted, Refused, Sentence
from claims.models import Job, Membership, Project, Release, Reviewer, Round, User

# Who may do what by role alone. A hole is a missing word; tests/test_permissions.py walks the table.
ALLOWED: dict[str, frozenset[str]] = {
    "see_project": frozenset({"owner", "curator", "reviewer", "observer"}),
    "browse": frozenset({"owner", "curator", "reviewer", "observer"}),  # but see check_deed
    "import": frozenset({"owner", "curator"}),
    "correct_claims": frozenset({"owner", "curator"}),
    "set_warnings": frozenset({"owner", "curator"}),
    "manage_codebook": frozenset({"owner", "curator"}),
    "manage_rounds": frozenset({"owner", "curator"}),
    "label": frozenset({"owner", "curator", "reviewer"}),
    "see_agreement": frozenset({"owner", "curator", "observer"}),
    "settle": frozenset({"owner", "curator"}),
    "see_desk": frozenset({"owner", "curator", "reviewer", "observer"}),  # reviewers: what they write themselves
    "edit_desk": frozenset({"owner", "curator"}),
    "see_reviewers": frozenset({"owner", "curator"}),
    "review_work": frozenset({"owner", "curator"}),
    "see_outlets": frozenset({"owner", "curator", "observer"}),
    "manage_outlets": frozenset({"owner", "curator"}),
    "release": frozenset({"owner", "curator"}),
    "download": frozenset({"owner", "curator", "observer"}),
    "manage_people": frozenset({"owner"}),
    "see_audit": frozenset({"owner"}),
}

SENTENCES = {
    "import": Sentence("Only owners and curators import articles."),
    "correct_claims": Sentence("Only owners and curators correct claims."),
    "set_warnings": Sentence("Only owners and curators set content warnings."),
    "manage_codebook": Sentence("Only owners and curators change the codebook."),
    "manage_rounds": Sentence("Only owners and curators set up rounds."),
    "label": Sentence("Observers read; they do not label."),
    "see_agreement": Sentence(
        "Agreement is shown to owners, curators and observers, so that reviewers stay independent."
    ),
    "settle": Sentence("Only owners and curators settle disputes."),
    "edit_desk": Sentence("Only owners and curators are editors at the desk."),
    "see_reviewers": Sentence("Only owners and curators see the quality of each reviewer's work."),
    "review_work": Sentence("Only owners and curators act on a reviewer's work."),
    "see_outlets": Sentence(
        "Outlet profiles are for owners, curators and observers, so that reviewers judge for themselves."
    ),
    "manage_outlets": Sentence("Only owners and curators confirm, describe and merge outlets."),
    "release": Sentence("Only owners and curators make releases."),
    "download": Sentence("Reviewers do not download releases while they label."),
    "manage_people": Sentence("Only owners invite and remove people."),
    "see_audit": Sentence("Only owners read the audit log."),
}

ROLE_WORDS = {
    "owner": Sentence("owner"),
    "curator": Sentence("curator"),
    "reviewer": Sentence("reviewer"),
    "observer": Sentence("observer"),
}
ROUND_WORDS = {"draft": Sentence("a draft"), "paused": Sentence("paused"), "closed": Sentence("closed")}


def role_of(user: Any, project: Project) -> str | None:
    """The user's role in the project, or None for somebody outside."""
    if not getattr(user, "is_authenticated", False):
        return None
    return Membership.objects.filter(project=project, user=user).values_list("role", flat=True).first()


def check_role(deed: str, role: str | None) -> None:
    """Raise NotFound for outsiders and NotPermitted for members whose role does not allow the deed."""
    if role is None:
        raise NotFound
    if role not in ALLOWED[deed]:
        rule = SENTENCES[deed]
        raise NotPermitted(
            "role_not_allowed",
            Sentence("{rule} You are {role} here. Ask an owner of the project.", rule=rule, role=ROLE_WORDS[role]),
        )


def check_deed(deed: str, role: str | None, project_id: int) -> None:
    """`check_role`, and for reviewers: what a round hides is not to be read beside the labelling page either."""
    check_role(deed, role)
    if deed == "browse" and role == "reviewer" and Round.objects.blind().filter(project=project_id).exists():
        raise NotPermitted(
            "round_is_blind",
            Sentence(
                "A round here hides who published what. Until it is closed, reviewers read articles on the labelling "
                "page only."
            ),
        )


def check_can(deed: str, user: Any, project: Project) -> None:
    check_deed(deed, role_of(user, project), project.pk)


def can(deed: str, user: Any, project: Project) -> bool:
    return _asked(check_can, deed, user, project)


def check_not_archived(project: Project) -> None:
    if project.archived_at is not None:
        raise Conflict(
            "project_archived", Sentence("This project is archived: it can be read and released, not changed.")
        )


def check_can_open_round(user: User, round_: Round) -> None:
    check_can("manage_rounds", user, round_.project)
    check_not_archived(round_.project)
    if round_.codebook_version.state != "published":
        raise Conflict("codebook_not_published", Sentence("The round's codebook version is a draft. Publish it first."))


def can_open_round(user: User, round_: Round) -> bool:
    return _asked(check_can_open_round, user, round_)


def check_can_label(reviewer: Reviewer, round_: Round) -> None:
    """The reviewer may label in this round now."""
    if round_.project_id != reviewer.project_id:
        raise NotFound
    check_not_archived(round_.project)
    if round_.state != "open":
        sentence = Sentence(
            "The round is {state}. Its labels are kept; new ones are not taken.", state=ROUND_WORDS[round_.state]
        )
        raise Conflict("round_not_open", sentence)
    if reviewer.state != "active":
        raise NotPermitted(
            "reviewer_paused", Sentence("Your work in this project is paused. Ask a curator to resume it.")
        )


def check_consent(reviewer: Reviewer, project: Project) -> None:
    """The reviewer accepted the project's consent text as it stands now, where there is one."""
    if project.consent_n and reviewer.consented_to != project.consent_n:
        raise NotPermitted("consent_missing", Sentence("Read and accept this project's consent text before you label."))


def can_label(reviewer: Reviewer, round_: Round) -> bool:
    return _asked(check_can_label, reviewer, round_)


def check_can_cancel_job(user: User, job: Job) -> None:
    if job.project is None:
        raise NotFound
    check_can("import", user, job.project)
    if job.state not in ("queued", "running"):
        raise Conflict("job_has_ended", Sentence("This job has already ended ({state}).", state=job.state))


def can_cancel_job(user: User, job: Job) -> bool:
    return _asked(check_can_cancel_job, user, job)


def check_can_download(user: User, release: Release) -> None:
    check_can("download", user, release.project)
    if release.state != "ready":
        sentence = Sentence("The release is {state}; only ready ones can be downloaded.", state=release.state)
        raise Conflict("release_not_ready", sentence)


def can_download(user: User, release: Release) -> bool:
    return _asked(check_can_download, user, release)


def _asked(check: Callable[..., None], *args: Any) -> bool:
    try:
        check(*args)
    except Refused:
        return False
    return True
