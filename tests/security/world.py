"""Two projects with a row of every kind, somebody in every role, and every address of the product with its blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from claims import audit, jobs
from claims.adjudication.actions import settle_label
from claims.adjudication.reviews import review_work
from claims.credibility.tallies import derive
from claims.exporting.actions import start_release
from claims.exporting.handing import make_link
from claims.importing.entering import Entry, enter_claim
from claims.importing.feeds import watch_feed
from claims.importing.staging import stage_files
from claims.labelling.actions import save_draft
from claims.labelling.evidence import keep_screenshot
from claims.models import (
    ArticleSource,
    Assignment,
    ClaimOccurrence,
    ClaimRelation,
    ContentWarning,
    DeskItem,
    DeskMove,
    EvidenceCopy,
    ExternalRating,
    Interest,
    Job,
    JobError,
    Membership,
    ModelSuggestion,
    Outlet,
    OutletAlias,
    Project,
    Publication,
    Release,
    ReviewerTraits,
    Round,
    Topic,
    TopicOptOut,
    Unit,
    UnitPattern,
    User,
    Webhook,
)
from claims.notices import send_message
from claims.people.actions import SCOPES, create_token
from claims.people.invitations import invite
from tests.factories import (
    TEXT,
    answers_for,
    label_next,
    make_article,
    make_claim,
    make_outlet,
    make_project,
    make_round,
    make_user,
    member,
    owner_of,
    reviewer,
    run_jobs,
)

CANARY = "\"'><svg/onload=1>{{7*7}}{{1313*1313}}"
SUM = str(1313 * 1313)  # what a template engine would make of it
ROLES = ("anonymous", "outsider", "observer", "reviewer", "curator", "owner", "staff")
BLANK = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")


@dataclass
class World:
    """`blanks` maps (what stands before the blank in the address, or "", and its name) to a value."""

    project: Project
    round: Round
    units: list[Unit]
    release: Release
    invitation: str
    people: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    blanks: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, role: str, **options: Any) -> Client:
        """Somebody in this role, signed in; or, for a scope, the owner's program with a token that has only it."""
        if role in self.tokens:
            return Client(headers={"authorization": f"Bearer {self.tokens[role]}"}, raise_request_exception=False)
        client = Client(raise_request_exception=False, **options)
        if role != "anonymous":
            client.force_login(self.people[role])
        return client

    def address(self, route: str) -> str:
        """The route with its blanks filled in, so that it leads to something of this project."""
        filled = "/" + route.replace("^", "").replace("$", "").replace("\\.", ".").replace(r"[\s\S]*", "nothing/")
        while blank := BLANK.search(filled):
            before, name = filled[: blank.start()], blank[1] or blank[2]
            value = next((v for (part, n), v in self.blanks.items() if n == name and part in before), None)
            assert value is not None, f"tests/security/world.py has no value for {name} in {route}"
            filled = f"{before}{value}{filled[blank.end() :]}"
        return filled


def make_world(name: str = "Harbour") -> World:
    """Alice and Bob have labelled two of five claims and differ on one, which is settled; Alice holds a third."""
    project = make_project(f"{name} {CANARY}", alice="reviewer", bob="reviewer", clio="curator", olga="observer")
    owner = owner_of(project)
    outlet = make_outlet(project, f"Tidal Post {CANARY}")
    article = make_article(
        project, f"{TEXT}\n\n“{CANARY}”, said the 🚢 master of {name}.", outlet=outlet, byline=CANARY, state="split"
    )
    source = ArticleSource(article=article, filename=CANARY, sha256="0" * 64, size=9)
    source.file.save(f"sources/{project.slug}.html", ContentFile(b"<script>1"))
    _rate_from_outside(outlet, by=owner)
    _publish(outlet, by=owner)
    make_claim(article, "Inspectors found 14 broken bolts", source="Inspectors", cue="found")
    for quote in (CANARY, "The bridge carries 9,000 cars a day.", "9,000 cars", "said the 🚢 master"):
        make_claim(article, quote, source=CANARY, cue="said")
    round_ = make_round(project)
    units = _labelled(round_)
    release = start_release(project, by=owner, title=CANARY)
    run_jobs()
    _settle(round_, by=owner)
    invitation, token = invite(project, role="reviewer", email="guest@sandmouth.example", by=owner)
    waiting = jobs.enqueue("recount_round", project=project, by=owner, args={"round": round_.pk})
    done = Job.objects.filter(project=project, state="succeeded").latest("pk")
    JobError.objects.create(job=waiting, member=CANARY, line=1, code="invalid_date", sentence=CANARY)
    seen = audit.record("seen", article, by=owner, project=project)
    for component in ("worker", "beat"):
        jobs.beat_heart(component, f"{component}@test")
    derive([article.pk])
    told_elsewhere = Webhook.objects.create(
        project=project, url="https://hooks.example.com/", secret=b"x" * 32, events=["reviewer.paused"], reason=CANARY
    )
    interest = Interest.objects.create(
        project=project, reviewer=reviewer(project, "alice"), entity=CANARY, is_declared=True
    )
    unused, warned = (Topic.objects.create(project=project, code=code, name=CANARY) for code in ("death", "violence"))
    ContentWarning.objects.create(project=project, topic=warned, article=article)
    TopicOptOut.objects.create(reviewer=reviewer(project, "bob"), topic=unused)
    ReviewerTraits.objects.create(reviewer=reviewer(project, "alice"), region=CANARY, expertise=[CANARY])
    alike = ClaimOccurrence.objects.filter(article=article).order_by("claim").values_list("claim", flat=True)[:2]
    related = ClaimRelation.objects.create(
        project=project, left_id=alike[0], right_id=alike[1], suggested="same", score=0.9
    )
    suggested = ModelSuggestion.objects.create(
        project=project,
        article=article,
        text_version=article.text_versions.get(),
        kind="claim",
        content={"pieces": [[0, 9]], "wording": CANARY, "hops": []},
        digest="0" * 64,
        located="exact",
        model=CANARY,
        prompt_sha256="0" * 64,
    )
    writer, editor = reviewer(project, "alice"), reviewer(project, "clio")
    checked = DeskItem.objects.create(
        project=project, claim_id=alike[0], state="draft", writer=writer, assigned_by=editor, text=CANARY,
        rationale=CANARY, rating="supported",
    )  # fmt: skip
    DeskMove.objects.create(item=checked, deed="take_in", target="triage", by=editor, words=CANARY)
    review = review_work(reviewer(project, "alice"), "message", words=CANARY, by=owner)
    world = World(project, round_, units, release, token)
    told = send_message(owner, kind="deadline", subject="A round ends tomorrow", body=CANARY, project=project)
    assert told is not None
    world.people = {
        "outsider": make_user(f"outsider-{project.slug}"),
        "observer": member(project, "olga"),
        "reviewer": member(project, "alice"),
        "curator": member(project, "clio"),
        "owner": owner,
        "staff": make_user(f"staff-{project.slug}", is_staff=True, is_superuser=True),
    }
    for scope in SCOPES:
        row, world.tokens[scope] = create_token(user=owner, name=CANARY, scopes=[scope])
    split = UnitPattern.objects.get(round=round_, is_split=True, question="stance")
    quiz = Round.objects.create(
        project=project, name=f"Quiz {CANARY}", state="open", codebook_version=round_.codebook_version,
        purpose="qualification", set_size=1, pass_mark=0.5, attempts=2,
    )  # fmt: skip
    version = round_.codebook_version
    feed = watch_feed(project, url="https://news.example.com/feed", by=owner, outlet=CANARY)
    table = SimpleUploadedFile(f"{CANARY}.csv", f"text,{CANARY.replace(',', '')}\nA pier,{CANARY}\n".encode())
    picture = ContentFile(b"<script>1", name=CANARY)
    said = f"The harbour cost 40 million {CANARY}"
    entered = enter_claim(project, Entry(text=said, speaker=CANARY, place=CANARY, file=picture), by=owner)
    staged = stage_files(project, [table], by=owner)
    world.blanks = {
        ("/api/v1/outlets/", "pk"): outlet.pk,
        ("/outlets/", "pk"): outlet.pk,
        ("/public/", "n"): 1,
        ("/public/", "verb"): "correct",
        ("/outlets/", "n"): 1,
        ("/outlets/", "verb"): "confirm",
        ("/outlets/", "measure"): "voice",
        ("/outlets/", "outcome"): "attributed",
        ("/outlets/", "kind"): "csv",
        ("/outlets/", "code"): "corrections",
        ("/import/", "pk"): staged.pk,
        ("/feeds/", "pk"): feed.pk,
        ("/feeds/", "verb"): "pause",
        ("/jobs/", "pk"): waiting.pk,
        ("/sources/", "source_pk"): source.pk,
        ("/articles/", "pk"): article.pk,
        ("/topics/", "pk"): unused.pk,
        ("/topics/", "verb"): "rename",
        ("/correct/", "step"): "undo",
        ("/cut/", "step"): "hand-in",
        ("/webhooks/", "pk"): told_elsewhere.pk,
        ("/conflicts/", "pk"): interest.pk,
        ("/workload/", "verb"): "take-back",
        ("/workload/", "reviewer"): interest.reviewer_id,
        ("/assignments/", "pk"): Assignment.objects.get(round=round_, state="reserved").pk,
        ("/api/v1/relations/", "pk"): related.pk,
        ("/suggestions/", "suggestion"): suggested.pk,
        ("/api/v1/suggestions/", "pk"): suggested.pk,
        ("/attachments/", "pk"): entered.pk,
        ("/claims/", "pk"): ClaimOccurrence.objects.filter(article=article).latest("pk").claim_id,
        ("/api/v1/codebooks/", "pk"): version.pk,
        ("", "codebook_slug"): version.codebook.slug,
        ("", "n"): version.n,
        ("/codebooks/", "other"): version.n,
        ("/as/", "kind"): "toml",
        ("/evidence/", "copy"): _copy(round_).key,
        ("/qualification/", "pk"): quiz.pk,
        ("/desk/", "pk"): checked.pk,
        ("/rounds/", "pk"): round_.pk,
        ("/agreement/", "pk"): round_.pk,
        ("/api/v1/reviews/", "pk"): review.pk,
        ("/reviewers/", "pk"): reviewer(project, "bob").pk,
        ("/my-labels/", "pk"): review.pk,
        ("/settle/", "unit_id"): split.unit_id,
        ("/disputes/", "unit"): split.unit_id,
        ("", "question"): "stance",
        ("", "unit_id"): units[0].pk,
        ("", "unit"): units[0].pk,
        ("", "verb"): "close",
        ("/api/v1/releases/", "pk"): release.pk,
        ("/releases/", "number"): release.number,
        ("/releases/", "older"): release.number,
        ("/changes/", "since"): release.pk,
        ("/files/", "name"): "manifest.json",
        ("/people/", "user_id"): member(project, "bob").pk,
        ("/members/", "user"): member(project, "bob").pk,
        ("/invitations/", "pk"): invitation.pk,
        ("/tokens/", "pk"): row.pk,
        ("/inbox/", "pk"): told.pk,
        ("/keys/", "pk"): 1,
        ("/sessions/", "pk"): 1,
        ("/forgotten/", "uidb36"): "1",
        ("/forgotten/", "key"): "none",
        ("/join/", "token"): token,
        ("/downloads/", "token"): make_link(Release.objects.get(pk=release.pk), "manifest.json", by=owner),
        ("/help/", "slug"): "concepts",
        ("", "slug"): project.slug,
        ("", "project"): project.slug,
        ("/admin/", "app_label"): "claims",
        ("/admin/", "url"): "nothing",
        ("/admin/claims/user/", "id"): member(project, "bob").pk,
        ("/admin/claims/user/", "object_id"): member(project, "bob").pk,
        ("/admin/claims/auditevent/", "object_id"): seen.pk,
        ("/admin/claims/membership/", "object_id"): Membership.objects.get(project=project, user=owner).pk,
        ("/admin/claims/project/", "object_id"): project.pk,
        ("/admin/claims/job/", "object_id"): done.pk,
        ("/admin/claims/outlet/", "object_id"): outlet.pk,
        ("/admin/claims/round/", "object_id"): round_.pk,
        ("/admin/claims/release/", "object_id"): release.pk,
        ("/admin/claims/heartbeat/", "object_id"): "worker@test",
        ("/admin/r/", "content_type_id"): 1,
        ("/admin/", "object_id"): 1,
    }
    return world


def _rate_from_outside(outlet: Outlet, *, by: User) -> None:
    OutletAlias.objects.create(project=outlet.project, outlet=outlet, name=f"The {outlet.name}"[:200])
    words = {"rater": CANARY, "raw": CANARY, "licence": CANARY, "url": f"https://ratings.example/{CANARY}"}
    ExternalRating.objects.create(project=outlet.project, outlet=outlet, axis="bias", added_by=by, **words)


def _publish(outlet: Outlet, *, by: User) -> None:
    figure = {"name": CANARY, "measure": "verdict", "outcome": "supported", "n": 40, "value": 0.5}
    snapshot = {"formula": CANARY, "name": CANARY, "figures": [figure | {"low": 0.4, "high": 0.6}], "frames": {}}
    words = dict.fromkeys(("letter", "disputed", "reply", "response"), CANARY)
    Publication.objects.create(
        outlet=outlet,
        n=1,
        state="published",
        snapshot=snapshot,
        n_reviewers=3,
        reply_until=timezone.now(),
        corrections=[{"at": "2026-03-09T10:00:00", "notice": CANARY}],
        first_approval_by=by,
        second_approval_by=make_user(f"second-{outlet.project.slug}"),
        published_at=timezone.now(),
        **words,
    )


def _copy(round_: Round) -> EvidenceCopy:
    """A screenshot that Alice has not used yet."""
    picture = SimpleUploadedFile(f"{CANARY}.png", b"\x89PNG\r\n\x1a\n")
    return keep_screenshot(reviewer(round_.project, "alice"), picture)


def _labelled(round_: Round) -> list[Unit]:
    alice, bob = reviewer(round_.project, "alice"), reviewer(round_.project, "bob")
    evidence = [{"url": "https://example.org/minutes", "quote": f"Minutes {CANARY}", "relation": "supports"}]
    units = []
    for stance in ("supports", "reports"):
        unit = label_next(round_, alice, stance="supports", notes={"note": CANARY}, evidence=evidence)
        assert unit is not None
        units.append(unit)
        label_next(round_, bob, stance=stance)
    from claims.assignment.actions import draw_next

    held = draw_next(round_, alice)
    assert held is not None
    notes = {"note": CANARY}
    save_draft(round_, held.unit, alice, payload={"answers": answers_for(round_), "notes": notes}, client_seq=1)
    return [*units, held.unit]


def _settle(round_: Round, *, by: User) -> None:
    split = UnitPattern.objects.get(round=round_, is_split=True, question="stance")
    settle_label(
        round_,
        split.unit,
        "stance",
        expected_revision=0,
        outcome="answer",
        value="supports",
        method="discussion",
        rationale=CANARY,
        by=by,
    )


def routes(patterns: list[Any] | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the URL configuration, as it is written there."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route, pattern


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves no row."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# Sessions come and go, and counting requests is for the limit.
NOT_COMPARED = {"django_session", "claims_requestcount"}


def checksums() -> dict[str, Any]:
    """(rows, sum of row hashes) of every table but those above."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall() if name not in NOT_COMPARED]
        each = (f"SELECT '{name}', count(*), sum(hashtext(t::text)) FROM {name} AS t" for name in tables)
        cursor.execute(" UNION ALL ".join(each))
        return {name: rest for name, *rest in cursor.fetchall()}
