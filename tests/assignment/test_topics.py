"""Content warnings: who sets them, what is drawn past them, and that nobody learns who does not read what."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client

from claims.assignment.actions import draw_next
from claims.assignment.offers import rounds_with_work
from claims.assignment.topics import (
    add_topic,
    opted_out,
    remove_topic,
    rename_topic,
    set_opt_outs,
    set_warnings,
)
from claims.assignment.workload import workload_of
from claims.errors import Conflict, NotFound, NotPermitted, Refused
from claims.importing.actions import retry_failed, start_import
from claims.models import (
    Assignment,
    AuditEvent,
    ClaimOccurrence,
    ContentWarning,
    Round,
    Topic,
    TopicOptOut,
    Unit,
)
from claims.people.personal_data import own_data
from claims.splitting.correcting import merge_claims, split_claim
from tests.api.caller import Caller, code
from tests.factories import (
    label_next,
    make_article,
    make_claim,
    make_codebook,
    make_project,
    make_round,
    member,
    owner_of,
    reviewer,
    run_jobs,
)

pytestmark = pytest.mark.django_db


def warned_round(**plan: Any) -> tuple[Round, Unit]:
    """Three claims in three articles; the second is about violence."""
    project = make_project(alice="reviewer", bob="reviewer", dora="reviewer")
    for n, quote in enumerate(("Ferries stood still.", "Two people were shot.", "Gulls are back.")):
        make_claim(make_article(project, f"News {n}\n\n{quote}"), quote)
    round_ = make_round(project, **({"overlap": 2} | plan))
    add_topic(project, code="violence", by=owner_of(project))
    unit = round_.round_units.get(position=1).unit
    return round_, unit


def warn(unit: Unit, *codes: str) -> None:
    assert unit.article is not None
    set_warnings(unit.article, codes, by=owner_of(unit.project))


def labelled(round_: Round, name: str) -> list[int]:
    """The positions of what the reviewer is offered, to the end."""
    units = iter(lambda: label_next(round_, reviewer(round_.project, name)), None)
    return [round_.round_units.get(unit=unit).position for unit in units]


def test_it_works_what_is_not_read_is_not_offered_and_the_overlap_stays_exact() -> None:
    round_, unit = warned_round()
    project = round_.project
    warn(unit, "violence")
    set_opt_outs(reviewer(project, "alice"), ["violence"], by=member(project, "alice"))
    assert labelled(round_, "alice") == [0, 2]
    assert labelled(round_, "bob") == [0, 1, 2]
    assert labelled(round_, "dora") == [1]
    active = Assignment.objects.filter(round=round_, state__in=("open", "reserved", "submitted"))
    assert [active.filter(unit=place.unit).count() for place in round_.round_units.order_by("position")] == [2, 2, 2]


def test_a_warning_on_the_claim_holds_wherever_it_is_said() -> None:
    round_, unit = warned_round()
    assert unit.occurrence_version is not None
    set_warnings(unit.occurrence_version.occurrence.claim, ["violence"], by=owner_of(round_.project))
    alice = reviewer(round_.project, "alice")
    set_opt_outs(alice, ["violence"], by=member(round_.project, "alice"))
    assert labelled(round_, "alice") == [0, 2]
    set_opt_outs(alice, [], by=member(round_.project, "alice"))
    assert labelled(round_, "alice") == [1]


def test_the_article_as_a_unit() -> None:
    project = make_project(alice="reviewer")
    first, second = (make_article(project, f"News {n}\n\nFerries stood still.", state="split") for n in range(2))
    round_ = make_round(project, codebook=make_codebook(project, "full"), unit_kind="article", overlap=1)
    add_topic(project, code="violence", by=owner_of(project))
    set_warnings(first, ["violence"], by=owner_of(project))
    set_opt_outs(reviewer(project, "alice"), ["violence"], by=member(project, "alice"))
    drawn = draw_next(round_, reviewer(project, "alice"))
    assert drawn is not None
    assert drawn.unit.article_id == second.pk


@pytest.mark.parametrize("order", ["fixed", "article"])
def test_the_text_is_read_with_each_claim_in_it_so_one_claim_keeps_all_of_it_for_others(order: str) -> None:
    project = make_project(alice="reviewer", bob="reviewer")
    article = make_article(project, "News\n\nFerries stood still. Two people were shot.")
    make_claim(article, "Ferries stood still.")
    harsh = make_claim(article, "Two people were shot.")
    round_ = make_round(project, overlap=1, order=order)
    add_topic(project, code="violence", by=owner_of(project))
    set_warnings(harsh.claim, ["violence"], by=owner_of(project))
    set_opt_outs(reviewer(project, "alice"), ["violence"], by=member(project, "alice"))
    assert rounds_with_work([round_], member(project, "alice")) == set()
    assert labelled(round_, "alice") == []
    assert labelled(round_, "bob") == [0, 1]


def test_what_is_in_hand_goes_to_others_at_once_and_looks_like_a_place_that_ran_out() -> None:
    round_, unit = warned_round(overlap=1)
    project = round_.project
    alice = reviewer(project, "alice")
    assert label_next(round_, alice) is not None
    held = draw_next(round_, alice)
    assert held is not None
    assert held.unit_id == unit.pk
    warn(unit, "violence")  # set while she holds it: it stays in hand, blurred, and she says what she wants
    assert draw_next(round_, alice) == held
    set_opt_outs(alice, ["violence"], by=member(project, "alice"))
    held.refresh_from_db()
    assert (held.state, held.reason) == ("expired", "")
    other = draw_next(round_, reviewer(project, "bob"))
    assert other is not None
    assert other.unit_id == unit.pk


def test_rounds_with_work_follow_the_draw() -> None:
    round_, _ = warned_round(overlap=1)
    project = round_.project
    for place in round_.round_units.all():
        warn(place.unit, "violence")
    alice = reviewer(project, "alice")
    assert rounds_with_work([round_], member(project, "alice")) == {round_.pk}
    set_opt_outs(alice, ["violence"], by=member(project, "alice"))
    assert rounds_with_work([round_], member(project, "alice")) == set()
    assert draw_next(round_, alice) is None
    assert rounds_with_work([round_], member(project, "bob")) == {round_.pk}


def test_nobody_learns_who_opted_out(client: Client) -> None:
    """Every table that others are shown from, and every page of an owner, is the same with and without it."""
    round_, unit = warned_round()
    project = round_.project
    warn(unit, "violence")
    owner = owner_of(project)
    client.force_login(owner)
    root = f"/p/{project.slug}"
    pages = [f"{root}{path}" for path in ("/topics/", "/about-me/", "/people/", "/reviewers/", f"/rounds/{round_.pk}/")]
    pages += [f"{root}/rounds/{round_.pk}/workload/", f"{root}/articles/{unit.article_id}/"]

    def seen() -> list[bytes]:
        return [client.get(page).content.split(b"csrfmiddlewaretoken")[0] for page in pages]

    before, audit = seen(), list(AuditEvent.objects.values_list("pk", flat=True))
    load = workload_of(round_, by=owner)
    set_opt_outs(reviewer(project, "alice"), ["violence"], by=member(project, "alice"))
    assert seen() == before
    assert list(AuditEvent.objects.values_list("pk", flat=True)) == audit
    assert workload_of(round_, by=owner) == load
    mine = [row for row in own_data(member(project, "alice")) if row["kind"] == "topic_not_read"]
    assert [row["topic"] for row in mine] == ["violence"]
    assert [row for row in own_data(owner) if row["kind"] == "topic_not_read"] == []


def test_only_oneself_says_it() -> None:
    round_, _ = warned_round()
    with pytest.raises(NotFound):
        set_opt_outs(reviewer(round_.project, "alice"), ["violence"], by=owner_of(round_.project))
    assert not TopicOptOut.objects.exists()


def test_the_draw_stays_one_statement(django_assert_num_queries: Any) -> None:
    round_, unit = warned_round()
    alice = reviewer(round_.project, "alice")
    label_next(round_, alice)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    warn(unit, "violence")
    set_opt_outs(alice, ["violence"], by=member(round_.project, "alice"))
    with django_assert_num_queries(4):  # savepoint, the walk, the slot, release
        draw_next(round_, alice)


def test_setting_and_taking_off_is_logged_with_what_stood_before() -> None:
    round_, unit = warned_round()
    owner = owner_of(round_.project)
    add_topic(round_.project, code="self-harm", name="Self-harm", by=owner)
    warn(unit, "violence", "self_harm", "violence")
    warn(unit, "self_harm")
    warn(unit, "self_harm")  # changes nothing, logs nothing
    said = AuditEvent.objects.filter(verb="set_warnings").order_by("pk").values_list("details", flat=True)
    assert list(said) == [
        {"before": [], "after": ["self_harm", "violence"]},
        {"before": ["self_harm", "violence"], "after": ["self_harm"]},
    ]
    assert ContentWarning.objects.get().topic.name == "Self-harm"


@pytest.mark.parametrize("given", ["", "1st", "ümlaut", "x" * 41, "a b!"])
def test_codes_that_are_none(given: str) -> None:
    project = make_project()
    with pytest.raises(Refused) as refusal:
        add_topic(project, code=given, by=owner_of(project))
    assert refusal.value.code == "invalid_topic"


def test_a_topic_is_listed_once_renamed_and_removed_only_while_unused() -> None:
    round_, unit = warned_round()
    owner, topic = owner_of(round_.project), Topic.objects.get()
    with pytest.raises(Conflict, match="on the list already"):
        add_topic(round_.project, code="Violence", by=owner)
    assert rename_topic(topic, " Killing and\nbeating ", by=owner).name == "Killing and beating"
    warn(unit, "violence")
    with pytest.raises(Conflict) as conflict:
        remove_topic(topic, by=owner)
    assert conflict.value.code == "topic_is_used"
    warn(unit)
    set_opt_outs(reviewer(round_.project, "alice"), ["violence"], by=member(round_.project, "alice"))
    remove_topic(topic, by=owner)  # who opted out does not show by its being kept
    assert not Topic.objects.exists()
    assert opted_out(reviewer(round_.project, "alice")) == []


def test_reviewers_do_not_set_warnings_and_unknown_codes_are_refused() -> None:
    round_, unit = warned_round()
    article = unit.article
    assert article is not None
    with pytest.raises(NotPermitted, match="Only owners and curators set content warnings"):
        set_warnings(article, ["violence"], by=member(round_.project, "alice"))
    with pytest.raises(Refused) as refusal:
        set_warnings(article, ["gore"], by=owner_of(round_.project))
    assert refusal.value.code == "unknown_topic"
    assert "Its topics: violence" in refusal.value.sentence


def test_claims_that_are_split_and_merged_keep_their_warnings() -> None:
    project = make_project()
    owner = owner_of(project)
    add_topic(project, code="violence", by=owner)
    article = make_article(
        project, "News\n\nTwo people were shot and a house burnt down. Gulls are back.", state="split"
    )
    harsh = make_claim(article, "Two people were shot and a house burnt down.")
    mild = make_claim(article, "Gulls are back.")
    set_warnings(harsh.claim, ["violence"], by=owner)
    middle = harsh.position + len("Two people were shot")
    split_claim(article, harsh.pk, at=middle, expected=harsh.version, by=owner)
    standing = ClaimOccurrence.objects.filter(article=article).standing().order_by("position")
    assert [ContentWarning.objects.filter(claim=one.claim_id).count() for one in standing] == [1, 1, 0]
    last = list(standing)[1]
    mild.refresh_from_db()
    merge_claims(article, [(mild.pk, mild.version), (last.pk, last.version)], by=owner)
    kept = ClaimOccurrence.objects.filter(article=article).standing().order_by("position")
    assert [ContentWarning.objects.filter(claim=one.claim_id).count() for one in kept] == [1, 1]


def test_the_same_by_program_and_by_page() -> None:
    round_, unit = warned_round()
    project = round_.project
    owner, alice = Caller(owner_of(project)), Caller(member(project, "alice"))
    topics = f"projects/{project.slug}/topics/"
    made = owner.post(topics, {"code": "self_harm", "name": "Self-harm"})
    assert made.status_code == 201
    assert code(owner.post(topics, {"code": "self_harm"})) == "topic_exists"
    one = f"topics/{made.json()['id']}/"
    assert alice.get(one).json() == made.json()
    renamed = owner.patch(one, {"name": "Harming oneself"}, If_Match=owner.get(one).headers["ETag"])
    assert renamed.json()["code"] == "self_harm"
    assert {row["name"] for row in alice.get(topics).json()["results"]} == {"violence", "Harming oneself"}
    on = f"articles/{unit.article_id}/warnings/"
    assert [row["code"] for row in owner.put(on, {"topics": ["violence"]}).json()["topics"]] == ["violence"]
    assert owner.get(on).json() == alice.get(on).json()
    assert code(alice.put(on, {"topics": []})) == "role_not_allowed"
    claim = ClaimOccurrence.objects.filter(article=unit.article)[0].claim_id
    assert len(owner.put(f"claims/{claim}/warnings/", {"topics": ["self_harm"]}).json()["topics"]) == 1
    assert code(owner.put(f"claims/{claim}/warnings/", {"topics": ["gore"]})) == "unknown_topic"
    own = f"projects/{project.slug}/about-me/topics/"
    assert alice.get(own).json() == {"topics": []}
    assert [row["code"] for row in alice.put(own, {"topics": ["self_harm"]}).json()["topics"]] == ["self_harm"]
    assert owner.get(own).json() == {"topics": []}
    assert owner.send("DELETE", f"topics/{made.json()['id']}/").status_code == 409
    page = Client()
    page.force_login(owner_of(project))
    root = f"/p/{project.slug}"
    page.post(f"{root}/claims/{claim}/warnings/", {"topic": []})
    page.post(f"{root}/topics/{made.json()['id']}/remove-topic/")
    assert [topic.code for topic in Topic.objects.all()] == ["violence"]
    assert page.post(f"{root}/topics/", {"code": "!"}).status_code == 422
    page.post(f"{root}/topics/", {"code": "death"})
    page.post(f"{root}/articles/{unit.article_id}/warnings/", {"topic": ["death"]})
    assert ContentWarning.objects.get().topic.code == "death"
    page.post(f"{root}/about-me/topics/", {"topic": ["death"]})
    assert [row.reviewer.user_id for row in TopicOptOut.objects.select_related("reviewer")] == [owner_of(project).pk]


def test_an_import_says_it_by_codes_and_refuses_others() -> None:
    project = make_project()
    owner = owner_of(project)
    add_topic(project, code="violence", by=owner)
    add_topic(project, code="death", by=owner)
    rows = "text,content_warnings\nTwo people were shot.,violence; death\nGulls are back.,\nA fight.,gore\n"
    job = start_import(project, files=[ContentFile(rows.encode(), name="news.csv")], by=owner)
    run_jobs()
    job.refresh_from_db()
    assert (job.state, job.counts["imported"], job.counts["failed"]) == ("partial", 2, 1)
    assert "“gore” is not a topic of this project. Its topics: death, violence." in job.errors.get().sentence
    warned = ContentWarning.objects.order_by("topic__code").values_list("topic__code", "article__headline")
    assert [topic for topic, _ in warned] == ["death", "violence"]
    add_topic(project, code="gore", by=owner)
    retry_failed(job, by=owner)
    run_jobs()
    assert ContentWarning.objects.filter(topic__code="gore").count() == 1
