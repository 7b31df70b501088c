from __future__ import annotations

import html
import re
from urllib.parse import urljoin

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from claims.labelling.codebook import load_preset
from claims.management.demo.reviewers import SLIPS, Seen, reply
from claims.management.demo.story import FOLDER, read_script
from claims.models import (
    AgreementScore,
    Article,
    Assignment,
    ClaimOccurrence,
    Job,
    LabelEvent,
    Notice,
    Project,
    Release,
    SettledLabel,
    UnitPattern,
    User,
)
from claims.models.project import GOALS
from claims.tasks import tell_end

KEPT = (User, Project, Article, ClaimOccurrence, LabelEvent, SettledLabel, Release, Assignment)


def numbers() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in KEPT}


def check_pages(owner: User) -> None:
    """Every page that the owner can come to by links, one of each kind in each project, answers well."""
    client, seen, kinds = Client(), set[str](), set[str]()
    client.force_login(owner)
    waiting = ["/"]
    while waiting:
        address = waiting.pop(0)
        kind = re.sub(r"=[^&]*", "=", re.sub(r"/\d+(?=/|$)", "/N", address))
        if address in seen or kind in kinds:
            continue
        seen.add(address)
        kinds.add(kind)
        answer = client.get(address)
        assert answer.status_code in (200, 302), f"{address} answers {answer.status_code}"
        content = answer.getvalue()
        if answer["Content-Type"].startswith("text/html"):
            for found in re.findall(r'<a[^>]* href="([^"#]+)', content.decode()):
                link = html.unescape(found)
                waiting += [urljoin(address, link)] if not link.startswith("http") else []
    assert len(kinds) > 60


@pytest.mark.django_db
def test_it_works() -> None:
    told = call_command("demo", verbosity=0)
    assert "Sign in as: owner" in told
    assert "Demo reviewer ada, password " in told
    assert {project.goal for project in Project.objects.all()} == set(GOALS)
    assert not Job.objects.exclude(state="succeeded").exists()
    assert Article.objects.count() >= 12
    assert {article.language for article in Article.objects.all()} >= {"en", "de", "fr"}
    assert Release.objects.filter(state="ready").count() == 3
    assert UnitPattern.objects.filter(is_split=True).exists()
    assert SettledLabel.objects.count() == 3
    assert AgreementScore.objects.exclude(value=None).exists()
    assert Assignment.objects.filter(state="open").exists(), "a visitor finds something to label"

    for job in Job.objects.all():
        tell_end(job.pk)  # the worker's first deed: its messages were waiting
    assert Notice.objects.filter(kind="job_finished").exists()
    assert not Notice.objects.filter(read_at=None).exists()
    check_pages(User.objects.get(username="owner"))

    before = numbers()
    assert call_command("demo", verbosity=0) == ""
    assert numbers() == before


@pytest.mark.django_db
def test_an_unknown_owner_is_refused() -> None:
    with pytest.raises(CommandError, match="no login called 'nobody'"):
        call_command("demo", owner="nobody")


def test_every_file_is_used_and_there() -> None:
    script = read_script()
    named = {file["path"] for plan in script["projects"] for file in plan["files"]}
    found = {str(path.relative_to(FOLDER)) for path in FOLDER.glob("*/*") if path.suffix not in (".pyc", ".py")}
    assert named == found


@pytest.mark.parametrize("who", SLIPS)
@pytest.mark.parametrize("claim", ["About 9,000 cars cross it.", "It is twice as much chlorine.", "The town is small."])
@pytest.mark.parametrize("preset", ["main", "desk"])
def test_the_demo_reviewers_answer_what_the_codebook_takes(preset: str, claim: str, who: str) -> None:
    from claims.labelling.codebook import check_answers

    spec, script = load_preset(preset), read_script()
    answer = reply(spec, Seen(claim, "attributed", "the union"), who, script)
    assert check_answers(spec, answer.answers, answer.evidence, answer.notes) == []


def test_the_demo_reviewers_rate_every_outlet_completely() -> None:
    from claims.labelling.codebook import check_answers

    spec, script = load_preset("outlet"), read_script()
    for rating in script["ratings"]:
        replies = [reply(spec, Seen("", outlet=rating["outlet"]), who, script) for who in SLIPS]
        assert [check_answers(spec, each.answers, notes=each.notes) for each in replies] == [[], []]
        assert replies[0].answers != replies[1].answers
