"""Feeds that are looked at on a schedule: added, paused, taken up again and removed by people, polled through jobs."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from claims import audit, jobs
from claims.errors import Conflict, Refused
from claims.importing.addresses import canonical_url
from claims.models import Project, User, WatchedFeed
from claims.outbound import PUBLIC, Fetched
from claims.outbound.addresses import parse
from claims.permissions import check_can, check_not_archived
from claims.text import clean_line

FEEDS = 200  # in one project
LEAST_MINUTES, MOST_MINUTES = 15, 10_080
LONGEST_PAUSE = timedelta(days=1)

# Takes what is due and says when it is due again; two beats never take the same row.
DUE = """
UPDATE claims_watchedfeed SET next_at = statement_timestamp() + every_minutes * interval '1 minute'
 WHERE id IN (SELECT feed.id FROM claims_watchedfeed AS feed JOIN claims_project ON claims_project.id = project_id
               WHERE feed.state = 'active' AND next_at <= statement_timestamp() AND archived_at IS NULL
               ORDER BY next_at LIMIT 50 FOR UPDATE OF feed SKIP LOCKED)
RETURNING id
"""


def watch_feed(project: Project, *, url: str, by: User, every_minutes: int = 60, outlet: str = "") -> WatchedFeed:
    """Look at a feed or sitemap from now on. Raises Refused: what `outbound.addresses.parse` raises, `invalid_pace`,
    `too_many_feeds`; Conflict `feed_watched_already`."""
    _check(project, by)
    target = parse(url, PUBLIC)
    if not LEAST_MINUTES <= every_minutes <= MOST_MINUTES:
        raise Refused("invalid_pace", f"Look every {LEAST_MINUTES} to {MOST_MINUTES:,} minutes.")
    if WatchedFeed.objects.in_project(project).count() >= FEEDS:
        raise Refused("too_many_feeds", f"A project watches at most {FEEDS} feeds.")
    try:
        with transaction.atomic():
            feed = WatchedFeed.objects.create(
                project=project,
                url=target.url,
                canonical_url=canonical_url(target.url)[:2_000],
                outlet=clean_line(outlet)[:200],
                every_minutes=every_minutes,
                created_by=by,
            )
            audit.record("watch_feed", feed, by=by)
    except IntegrityError:
        raise Conflict("feed_watched_already", "This feed is watched already.") from None
    return feed


def pause_feed(feed: WatchedFeed, *, by: User) -> None:
    _check(feed.project, by)
    with transaction.atomic():
        WatchedFeed.objects.filter(pk=feed.pk).update(state="paused")
        audit.record("pause_feed", feed, by=by)


def resume_feed(feed: WatchedFeed, *, by: User) -> None:
    """Look at it again, and at once."""
    _check(feed.project, by)
    with transaction.atomic():
        WatchedFeed.objects.filter(pk=feed.pk).update(state="active", next_at=Now(), failures=0)
        audit.record("resume_feed", feed, by=by)


def remove_feed(feed: WatchedFeed, *, by: User) -> None:
    """Stop watching; what came in stays."""
    _check(feed.project, by)
    with transaction.atomic():
        audit.record("remove_feed", feed, by=by)
        feed.delete()


def poll_feeds() -> int:
    """Queue a job for each feed that is due; called by beat. Returns how many."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(DUE)
            due = [row[0] for row in cursor.fetchall()]
        for feed in WatchedFeed.objects.filter(pk__in=due).select_related("project"):
            args = {"urls": [feed.url], "feed": feed.pk, "outlet": feed.outlet}
            jobs.enqueue_once("import_addresses", key=f"feed-{feed.pk}", project=feed.project, args=args)
    return len(due)


def note_answer(feed: WatchedFeed, fetched: Fetched, *, new: int) -> None:
    """Keep what makes the next look cheap; in the chunk that queues the entries."""
    said = {} if fetched.status == 304 else {"etag": fetched.etag[:300], "last_modified": fetched.last_modified[:100]}
    sentence = f"{new:,} new." if new else "Nothing new."
    WatchedFeed.objects.filter(pk=feed.pk).update(
        last_at=Now(), last_code="", last_sentence=sentence, failures=0, **said
    )


def note_failure(feed: WatchedFeed, refusal: Refused) -> None:
    """Ask less and less often while it fails, once a day in the end."""
    wait = min(timedelta(minutes=feed.every_minutes) * 2 ** min(feed.failures + 1, 12), LONGEST_PAUSE)
    WatchedFeed.objects.filter(pk=feed.pk).update(
        last_at=Now(),
        last_code=refusal.code[:40],
        last_sentence=refusal.sentence,
        failures=F("failures") + 1,
        next_at=Now() + max(wait, timedelta(minutes=feed.every_minutes)),
    )


def _check(project: Project, by: User) -> None:
    check_can("import", by, project)
    check_not_archived(project)
