"""A project with something on every page, and the addresses of all its pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.files.uploadedfile import SimpleUploadedFile

from claims.adjudication.desk.actions import do_deed, take_in
from claims.assignment.actions import create_round, draw_next
from claims.credibility.external import import_ratings
from claims.credibility.tallies import derive
from claims.exporting.actions import start_release
from claims.importing.entering import Entry, enter_claim
from claims.importing.staging import stage_files
from claims.models import (
    Article,
    ClaimOccurrence,
    DeskItem,
    EvidenceCopy,
    Job,
    Outlet,
    Project,
    Release,
    Round,
    RoundUnit,
    StagedImport,
    Unit,
    UnitPattern,
    User,
)
from claims.people.invitations import invite
from claims.splitting.freezing import add_to_cut, hand_in_cut
from tests.factories import (
    TEXT,
    label_next,
    make_article,
    make_claim,
    make_codebook,
    make_outlet,
    make_project,
    make_round,
    member,
    owner_of,
    reviewer,
    run_jobs,
)

CANARY = "\"'><svg/onload=1>{{7*7}}"
EVIDENCE = [{"url": "https://example.org/minutes", "quote": f"Minutes {CANARY}", "relation": "supports"}]


@dataclass
class Site:
    """Carol owns it, Alice and Bob have labelled two of four claims each and differ on one."""

    project: Project
    round: Round
    owner: User
    alice: User
    bob: User
    invitation: str = ""
    release: Release | None = None
    units: list[Unit] = field(default_factory=list)

    @property
    def root(self) -> str:
        return f"/p/{self.project.slug}"

    def of_reviewer(self) -> dict[str, str]:
        """Pages that everybody in the project sees."""
        article = Article.objects.filter(project=self.project).latest("pk")
        claim = ClaimOccurrence.objects.filter(project=self.project)[0].claim_id
        named = {
            "project": "/",
            "articles": "/articles/",
            "article": f"/articles/{article.pk}/",
            "cut": f"/articles/{article.pk}/cut/",
            "claims": "/claims/",
            "claim": f"/claims/{claim}/",
            "claims-entered": "/claims/entered/",
            "codebooks": "/codebooks/",
            "codebook": f"/codebooks/{self.round.codebook_version.codebook.slug}/1/",
            "codebook-diff": f"/codebooks/{self.round.codebook_version.codebook.slug}/1/since/1/",
            "rounds": "/rounds/",
            "round": f"/rounds/{self.round.pk}/",
            "label": f"/rounds/{self.round.pk}/label/{self.units[0].pk}/",
            "label-text": f"/rounds/{self.round.pk}/label/{self.units[0].pk}/text/",
            "desk": "/desk/",
            "desk-item": f"/desk/{DeskItem.objects.get(project=self.project).pk}/",
            "reasons": f"/rounds/{self.round.pk}/reasons/",
            "my-labels": "/my-labels/",
            "consent": "/consent/",
            "about-me": "/about-me/",
            "overruled": "/my-labels/overruled/",
            "label-thread": f"/rounds/{self.round.pk}/label/{self.units[0].pk}/thread/",
            "evidence-copy": f"/evidence/{EvidenceCopy.objects.filter(project=self.project)[0].key}/",
        }
        addresses = {name: self.root + path for name, path in named.items()}
        return addresses | {
            "home": "/",
            "start": "/start/",
            "tokens": "/tokens/",
            "inbox": "/inbox/",
            "sessions": "/sessions/",
            "my-data": "/my-data/",
            "mfa_index": "/second-factor/",
            "inbox-mail": "/inbox/mail/",
            "password": "/password/",
        }

    def of_owner(self) -> dict[str, str]:
        """Pages of those who run the project."""
        split = UnitPattern.objects.filter(round=self.round, is_split=True)[0]
        article = Article.objects.filter(project=self.project).latest("pk")
        claim = ClaimOccurrence.objects.filter(article=article).order_by("pk")[0]
        named = {
            "correct": f"/articles/{article.pk}/correct/?claim={claim.pk}",
            "suggestions": f"/articles/{article.pk}/suggestions/",
            "resplit": f"/articles/{article.pk}/resplit/",
            "topics": "/topics/",
            "import": "/import/",
            "claim-new": "/claims/new/",
            "claims-paste": "/claims/paste/",
            "import-check": f"/import/{StagedImport.objects.filter(project=self.project)[0].pk}/",
            "feeds": "/feeds/",
            "article-blocks": f"/articles/{Article.objects.filter(project=self.project)[0].pk}/blocks/",
            "jobs": "/jobs/",
            "job": f"/jobs/{Job.objects.filter(project=self.project)[0].pk}/",
            "round-new": "/rounds/new/",
            "round-edit": f"/rounds/{Round.objects.get(project=self.project, state='draft').pk}/edit/",
            "outlets": "/outlets/",
            "outlet": f"/outlets/{Outlet.objects.filter(project=self.project)[0].pk}/",
            "outlet-trace": f"/outlets/{Outlet.objects.filter(project=self.project)[0].pk}/voice/author_voice/",
            "publications": f"/outlets/{Outlet.objects.filter(project=self.project)[0].pk}/public/",
            "dossier": f"/outlets/{Outlet.objects.filter(project=self.project)[0].pk}/dossier/",
            "outlets-compare": "/outlets/compare/",
            "outlet-proposals": "/outlets/proposals/",
            "outlet-ratings": "/outlets/ratings/",
            "citations": "/outlets/citations/",
            "outlet-score": "/outlets/score/",
            "outlet-targets": "/outlets/targets/",
            "outlet-criterion": f"/outlets/{Outlet.objects.filter(project=self.project)[0].pk}/criteria/corrections/",
            "agreement": "/agreement/",
            "agreement-question": f"/agreement/{self.round.pk}/stance/",
            "workload": f"/rounds/{self.round.pk}/workload/",
            "round-check": f"/rounds/{Round.objects.get(project=self.project, checks=self.round).pk}/check/",
            "round-cuts": f"/rounds/{Round.objects.get(project=self.project, purpose='splitting').pk}/cuts/",
            "round-machines": f"/rounds/{self.round.pk}/machines/",
            "disputes": "/disputes/",
            "settle": f"/rounds/{self.round.pk}/settle/{split.unit_id}/{split.question}/",
            "settle-second": f"/rounds/{self.round.pk}/second/",
            "reviewers": "/reviewers/",
            "reviewer": f"/reviewers/{self.round.assignments.filter(state='submitted')[0].reviewer_id}/",
            "releases": "/releases/",
            "release": "/releases/1/",
            "people": "/people/",
            "webhooks": "/webhooks/",
        }
        return {name: self.root + path for name, path in named.items()}


def make_site() -> Site:
    project = make_project(f"Harbour {CANARY}", alice="reviewer", bob="reviewer", olga="observer")
    owner = owner_of(project)
    outlet = make_outlet(project, f"Tidal Post {CANARY}")
    article = make_article(
        project, f"{TEXT}\n\n“{CANARY}”, said the 🚢 harbour master.", outlet=outlet, byline=CANARY, state="split"
    )
    make_claim(article, "Inspectors found 14 broken bolts", source="Inspectors", cue="found")
    make_claim(article, "The bridge carries 9,000 cars a day.")
    make_claim(article, CANARY, source=CANARY, cue="said")
    make_claim(article, "said the 🚢 harbour master")
    check = Round.objects.create(  # older than what it checks, so that pages still begin with the newest
        project=project, name=f"Check {CANARY}", codebook_version=make_codebook(project), state="closed",
        purpose="evidence_check", questions=["verdict"], created_by=owner,
    )  # fmt: skip
    round_ = make_round(project)
    alice, bob = reviewer(project, "alice"), reviewer(project, "bob")
    units = []
    for n in range(2):
        unit = label_next(round_, alice, stance="supports", notes={"note": CANARY}, evidence=EVIDENCE)
        assert unit is not None
        units.append(unit)
        label_next(round_, bob, stance="reports" if n else "supports")
    cutting = make_round(project, purpose="splitting", unit_kind="article", codebook=round_.codebook_version)
    for who, place in ((alice, (0, 6)), (bob, (0, 9))):
        draw_next(cutting, who)
        assert who.user is not None
        add_to_cut(article, pieces=[place], by=who.user)
        hand_in_cut(article, by=who.user)
    create_round(project, name=f"Draft {CANARY}", codebook_version=round_.codebook_version, by=owner)
    Round.objects.filter(pk=check.pk).update(checks=round_)
    RoundUnit.objects.create(round=check, unit=units[0], position=0, overlap=1)
    item = take_in(ClaimOccurrence.objects.filter(project=project)[0].claim, by=owner)
    do_deed(item, "assign", by=owner, expected=1, said={"writer": alice, "words": CANARY})
    make_outlet(project, "Orrin Courier")
    ratings = f"news_source,rating,url\nOrrin Courier,lean-left,https://ratings.example/{CANARY}\n".encode()
    import_ratings(project, ratings, rater=CANARY, rated_on=None, licence=CANARY, by=owner)
    derive([article.pk])
    release = start_release(project, by=owner, title=CANARY)
    run_jobs()
    _, token = invite(project, role="reviewer", by=owner)
    table = SimpleUploadedFile(f"{CANARY}.csv", f"text,{CANARY}\nA pier,{CANARY}\n".encode())
    stage_files(project, [table], by=owner)
    enter_claim(project, Entry(text=f"It cost 40 million {CANARY}", speaker=CANARY, place=CANARY), by=owner)
    return Site(project, round_, owner, member(project, "alice"), member(project, "bob"), token, release, units)
