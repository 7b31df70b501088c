"""An article left out of the work and taken in again, by API and on its page: counted by reason, and not drawn."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from claims.assignment.subjects import SUBJECTS
from claims.models import Article, Job, Project
from tests.api.caller import Caller, code
from tests.factories import make_article, make_claim, make_project, owner_of

pytestmark = pytest.mark.django_db
TEXT = "The Lake Bridge in Sandmouth was closed on Tuesday"


def drawn_from(project: Project) -> int:
    wanted = ("articles", "roles", "min_checkworthiness", "known", "asked", "qualification", "checks", "round")
    everything = dict.fromkeys(wanted) | {"project": project.pk, "kind": "claim_occurrence"}
    with connection.cursor() as cursor:
        cursor.execute(SUBJECTS["claim_occurrence"].select_all(), everything)
        return len(cursor.fetchall())


def test_it_works_an_article_left_out_is_counted_by_reason_and_not_drawn() -> None:
    project = make_project()
    caller = Caller(owner_of(project))
    article = make_article(project, f"Bridge\n\n{TEXT}.")
    make_claim(article, TEXT)
    Article.objects.update(state="split")
    assert drawn_from(project) == 1
    assert code(caller.post(f"articles/{article.pk}/exclude/", {"reason": "  "})) == "reason_missing"
    assert caller.post(f"articles/{article.pk}/exclude/", {"reason": "satire"}).status_code == 204
    assert caller.get(f"projects/{project.slug}/flow/").json()["excluded"] == {"satire": 1}
    assert drawn_from(project) == 0
    assert caller.post(f"articles/{article.pk}/exclude/", {"reason": "satire"}).status_code == 409
    assert caller.post(f"articles/{article.pk}/include/", {}).status_code == 204
    assert drawn_from(project) == 1
    assert code(caller.post(f"articles/{article.pk}/include/", {})) == "not_excluded"


def test_the_page_does_the_same_and_an_article_never_split_is_split_then(client: Client) -> None:
    project = make_project()
    article = make_article(project, f"Bridge\n\n{TEXT}.")
    Article.objects.update(state="imported")
    client.force_login(owner_of(project))
    page = f"/p/{project.slug}/articles/{article.pk}/"
    assert "Leave the article out" in client.get(page).content.decode()
    assert client.post(f"{page}exclude/", {"reason": "off topic"}).status_code == 303
    shown = client.get(page).content.decode()
    assert "off topic" in shown
    assert "Take the article in again" in shown
    assert client.post(f"{page}include/").status_code == 303
    article.refresh_from_db()
    assert (article.state, article.state_reason) == ("imported", "")
    assert Job.objects.filter(kind="split_article", args={"articles": [article.pk]}).exists()


def test_blocks_are_corrected_all_or_none() -> None:
    project = make_project()
    article, caller = make_article(project), Caller(owner_of(project))
    address = f"articles/{article.pk}/blocks/"
    seen = caller.get(address)
    assert seen.json()["blocks"] == caller.get(f"articles/{article.pk}/").json()["newest_text"]["segments"]
    changes = {"blocks": [{"n": 2, "role": "caption"}, {"n": 4, "language": "NL"}]}
    said = caller.patch(address, changes, If_Match=seen.headers["ETag"])
    assert [(one["n"], one["role"], one["language"]) for one in said.json()["blocks"] if one["n"] in (2, 4)] == [
        (2, "caption", "und"),
        (4, "body", "nl"),
    ]
    now = {"If_Match": said.headers["ETag"]}
    faulty = caller.patch(address, {"blocks": [{"n": 2, "role": "body"}, {"n": 4, "language": "not one"}]}, **now)
    assert code(faulty) == "unknown_language"
    assert caller.patch(address, {"blocks": [{"n": 999, "role": "body"}]}, **now).status_code == 404
    blocks = caller.get(f"articles/{article.pk}/").json()["newest_text"]["segments"]
    assert [block["role"] for block in blocks] == ["headline", "caption", "body"]
