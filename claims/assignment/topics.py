"""A project's topics, the warnings of them on articles and claims, and what a reviewer does not want to read.

Warnings are set by those who run the project and logged. Who opted out of what is theirs alone: it is in no log, and
what they gave back looks like a place whose time ran out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db import IntegrityError, connection, transaction

from claims import audit
from claims.assignment.panels import ABOUT
from claims.errors import Conflict, NotFound, Refused, Sentence
from claims.models import Article, Claim, ContentWarning, Project, Reviewer, Topic, TopicOptOut, User
from claims.permissions import check_can, check_not_archived
from claims.text import clean_line

MOST = 100  # topics of one project
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")

# What is held of it goes to others in the same statement, as if it had run out; answers that were given stay.
HAND_OVER = f"""
WITH ended AS (
    UPDATE claims_assignment a SET state = 'expired', ended_at = now()
    WHERE a.reviewer_id = %(reviewer)s AND a.state = 'reserved' AND EXISTS ({ABOUT})
    RETURNING a.round_id, a.unit_id, a.slot, a.position, a.is_urgent
)
INSERT INTO claims_assignment (round_id, unit_id, slot, position, state, reason, is_urgent)
SELECT round_id, unit_id, slot, position, 'open', '', is_urgent FROM ended
"""  # noqa: S608 - our own words


def add_topic(project: Project, *, code: str, name: str = "", by: User) -> Topic:
    """Put a topic on the project's list; without a name it is called as its code.

    Refused `invalid_topic`, `too_many_topics`; Conflict `topic_exists`.
    """
    check_can("set_warnings", by, project)
    check_not_archived(project)
    code = code.strip().lower().replace("-", "_").replace(" ", "_")
    if not CODE.fullmatch(code):
        raise Refused(
            "invalid_topic",
            Sentence(
                "“{code}” is not a code. Write small letters, digits and _, beginning with a letter, as self_harm.",
                code=code[:40],
            ),
        )
    if Topic.objects.in_project(project).count() >= MOST:
        raise Refused("too_many_topics", Sentence("A project has at most {n} topics.", n=MOST))
    try:
        with transaction.atomic():
            topic = Topic.objects.create(project=project, code=code, name=_named(name) or code.replace("_", " "))
            audit.record("add_topic", topic, by=by, code=code)
    except IntegrityError:
        raise Conflict("topic_exists", Sentence("“{code}” is on the list already.", code=code)) from None
    return topic


def rename_topic(topic: Topic, name: str, *, by: User) -> Topic:
    """Word a topic anew; its code stays. Refused `invalid_topic`."""
    check_can("set_warnings", by, topic.project)
    check_not_archived(topic.project)
    if not _named(name):
        raise Refused("invalid_topic", Sentence("Write what the topic is called."))
    with transaction.atomic():
        Topic.objects.filter(pk=topic.pk).update(name=_named(name))
        audit.record("rename_topic", topic, by=by, code=topic.code)
    topic.refresh_from_db(fields=["name"])
    return topic


def remove_topic(topic: Topic, *, by: User) -> None:
    """Take a topic off the list. Conflict `topic_is_used` while something carries it: a warning does not vanish."""
    check_can("set_warnings", by, topic.project)
    check_not_archived(topic.project)
    with transaction.atomic():
        locked = Topic.objects.select_for_update().get(pk=topic.pk)
        if n := ContentWarning.objects.filter(topic=locked).count():
            raise Conflict(
                "topic_is_used",
                Sentence("{n} articles and claims carry this topic. Take it off them first.", n=n),
                current={"warnings": n},
            )
        audit.record("remove_topic", topic, by=by, code=topic.code)
        locked.delete()


def _named(name: str) -> str:
    return clean_line(name)[:80]


def set_warnings(subject: Article | Claim, codes: Iterable[str], *, by: User) -> list[Topic]:
    """Say which topics an article, or a claim, is about: exactly these. What somebody has in hand stays in hand.

    Refused `unknown_topic` for a code that is not on the project's list.
    """
    project = subject.project
    check_can("set_warnings", by, project)
    check_not_archived(project)
    topics = find_topics(project, codes)
    on = {"article": subject} if isinstance(subject, Article) else {"claim": subject}
    with transaction.atomic():
        type(subject)._default_manager.select_for_update(no_key=True).get(pk=subject.pk)
        before = set(ContentWarning.objects.filter(**on).values_list("topic__code", flat=True))
        after = {topic.code for topic in topics}
        if before != after:
            ContentWarning.objects.filter(**on, topic__code__in=before - after).delete()
            fresh = [topic for topic in topics if topic.code not in before]
            ContentWarning.objects.bulk_create(
                [ContentWarning(project=project, topic=topic, created_by=by, **on) for topic in fresh]
            )
            audit.record("set_warnings", subject, by=by, before=sorted(before), after=sorted(after))
    return topics


def find_topics(project: Project, codes: Iterable[str]) -> list[Topic]:
    """The topics with these codes, in order of their names. Refused `unknown_topic`."""
    asked = {code.strip().lower() for code in codes if code.strip()}
    listed = list(Topic.objects.in_project(project).order_by("name", "code"))
    if missing := sorted(asked - {topic.code for topic in listed}):
        known = ", ".join(topic.code for topic in listed) or "none"
        raise Refused(
            "unknown_topic",
            Sentence(
                "“{code}” is not a topic of this project. Its topics: {known}. Add it to the list first.",
                code=missing[0][:40],
                known=known,
            ),
        )
    return [topic for topic in listed if topic.code in asked]


def opted_out(reviewer: Reviewer) -> list[Topic]:
    """The topics that a reviewer does not read. For pages of this reviewer alone."""
    return list(Topic.objects.filter(pk__in=reviewer.topic_opt_outs.values("topic")).order_by("name", "code"))


def set_opt_outs(reviewer: Reviewer, codes: Iterable[str], *, by: User) -> list[Topic]:
    """Say which topics oneself does not want to read about: exactly these. What is in hand of them goes to others at
    once; answers that were given stay. Nothing is logged. Refused `unknown_topic`."""
    if reviewer.user_id != by.pk:
        raise NotFound
    check_can("label", by, reviewer.project)
    check_not_archived(reviewer.project)
    topics = find_topics(reviewer.project, codes)
    with transaction.atomic():
        Reviewer.objects.select_for_update(no_key=True).get(pk=reviewer.pk)
        TopicOptOut.objects.filter(reviewer=reviewer).exclude(topic__in=topics).delete()
        rows = [TopicOptOut(reviewer=reviewer, topic=topic) for topic in topics]
        TopicOptOut.objects.bulk_create(rows, ignore_conflicts=True)
        with connection.cursor() as cursor:
            cursor.execute(HAND_OVER, {"reviewer": reviewer.pk})
    return topics
