"""Watched feeds by API."""

from __future__ import annotations

import pytest

from claims.models import WatchedFeed
from tests.api.caller import Caller, code
from tests.factories import make_project, member, owner_of

pytestmark = pytest.mark.django_db
FEED = "https://news.example.com/feed"


def test_it_works() -> None:
    project = make_project()
    carol, root = Caller(owner_of(project)), f"projects/{project.slug}/feeds/"
    made = carol.post(root, {"url": FEED, "outlet": "Tidal Post", "every_minutes": 360})
    assert made.status_code == 201
    address = f"feeds/{made.json()['id']}/"
    assert carol.get(address).json() == made.json()
    assert (made.json()["state"], made.json()["every_minutes"], made.json()["last_at"]) == ("active", 360, None)
    assert carol.post(f"{address}pause/").json()["state"] == "paused"
    assert [row["url"] for row in carol.get(f"{root}?state=paused").json()["results"]] == [FEED]
    assert carol.post(f"{address}resume/").json()["state"] == "active"
    assert carol.send("DELETE", address).status_code == 204
    assert not WatchedFeed.objects.exists()


def test_what_is_refused() -> None:
    project = make_project(alice="reviewer")
    carol, root = Caller(owner_of(project)), f"projects/{project.slug}/feeds/"
    feed = carol.post(root, {"url": FEED}).json()["id"]
    assert code(carol.post(root, {"url": f"{FEED}/"})) == "feed_watched_already"
    assert code(carol.post(root, {"url": "http://127.0.0.1/feed"})) == "url_not_allowed"
    assert carol.post(root, {"url": FEED, "every_minutes": 1}).status_code == 400
    alice = Caller(member(project, "alice"))
    stranger = Caller(owner_of(make_project()))
    for caller, status in ((alice, 403), (stranger, 404)):
        assert caller.post(root, {"url": FEED}).status_code == status
        assert caller.send("DELETE", f"feeds/{feed}/").status_code == status
        assert caller.post(f"feeds/{feed}/pause/").status_code == status
    assert WatchedFeed.objects.get().state == "active"
