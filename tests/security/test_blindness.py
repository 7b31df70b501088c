"""INV-4: a reviewer's whole visit, with and without another reviewer's labels, gives byte-equal answers.

Two worlds are built alike from an empty database (sequences included). In one of them Bob has labelled everything
before Alice comes. Alice signs in, follows every link she can see, draws, drafts, submits, corrects and skips, by page
and by API; what she receives is compared byte by byte. Only what is random or a clock in any world is masked.
"""

from __future__ import annotations

import difflib
import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from claims.labelling import answers
from claims.labelling.codebook import applicable_questions, load_preset
from claims.models import Assignment, LabelEvent, Round
from claims.people.actions import create_token
from tests import factories
from tests.factories import PASSWORD, label_next, make_project, make_round, member, reviewer, run_jobs

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)

UNITS = 4
# Random or a clock, in every world: CSRF tokens, idempotency keys, moments.
MASKS = [
    (re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"'), 'name="csrfmiddlewaretoken"'),
    (re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"), "UUID"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)?"), "MOMENT"),
    (re.compile(r"att_[\w-]+"), "TOKEN"),
    (re.compile(r"\b\d{1,2}:\d\d\b"), "CLOCK"),
    (re.compile(r"\b(just now|a minute ago|\d+\sminutes ago)\b"), "AGO"),
]
LINK = re.compile(r'href="(/[^"#]*)"')


def masked(text: str) -> str:
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    return text


class Visit:
    """Alice's client, or another reviewer's, and everything it received."""

    def __init__(self, round_: Round, name: str = "alice") -> None:
        self.round, self.received = round_, []
        self.alice = reviewer(round_.project, name)
        self.page = Client()
        self.page.login(username=self.alice.user.username, password=PASSWORD)  # type: ignore[union-attr]
        _, token = create_token(user=self.alice.user, name="t", scopes=["read", "label"])  # type: ignore[arg-type]
        self.api = Client(headers={"authorization": f"Bearer {token}"})

    def keep(self, what: str, response: Any) -> Any:
        body = b"".join(response) if response.streaming else response.content
        location = response.headers.get("Location", "")
        self.received.append((what, response.status_code, location, masked(body.decode("utf-8", "replace"))))
        return response

    def crawl(self) -> None:
        """Every link from the home page on, each once; downloads and signing out are left alone."""
        waiting, seen = [f"/p/{self.round.project.slug}/", "/"], set()
        while waiting:
            address = waiting.pop(0)
            if address in seen or "sign-out" in address or address.startswith(("/static/", "/help/")):
                continue
            seen.add(address)
            response = self.keep(f"GET {address}", self.page.get(address))
            if response.headers.get("Content-Type", "").startswith("text/html"):
                waiting += LINK.findall(response.content.decode())

    def press(self, address: str, key: str, **extra: str) -> Any:
        form = {"stance": "supports", "sentence_bias": "not_biased", "verdict": "missing:cannot_judge"}
        sent = {f"answer-{code}": value for code, value in form.items()}
        hidden = {"idempotency_key": key, "codebook_version": str(self.round.codebook_version_id), "seconds": "5"}
        return self.keep(f"POST {address}", self.page.post(address, sent | hidden | extra))

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        call: Callable[..., Any] = getattr(self.api, method)
        data = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        return self.keep(f"API {method} {path}", call(f"/api/v1/{path}", **data, headers=headers))


def walk(visit: Visit) -> None:
    """What a reviewer does in a sitting."""
    base = f"/p/{visit.round.project.slug}/rounds/{visit.round.pk}/label/"
    visit.crawl()
    for n in range(2):
        drawn = visit.keep("draw", visit.page.post(base))
        unit_page = drawn.headers["Location"]
        visit.keep("label page", visit.page.get(unit_page))
        visit.keep(
            "draft",
            visit.page.post(
                f"{unit_page}draft/", json.dumps({"payload": {}, "client_seq": 1}), content_type="application/json"
            ),
        )
        visit.press(unit_page, f"blind-visit-key-{n}")
        visit.keep("label page again", visit.page.get(unit_page))
    visit.keep(
        "skip",
        visit.page.post(
            f"{visit.page.post(base).headers['Location']}skip/",
            {"reason": "unclear", "idempotency_key": "blind-skip-key"},
        ),
    )
    visit.crawl()
    project, number = visit.round.project.slug, visit.round.pk
    for part in ("", "articles/", "claims/", "jobs/", "codebooks/", "rounds/", "releases/"):
        visit.ask("get", f"projects/{project}/{part}")
    visit.ask("post", f"rounds/{number}/next/", {})
    for part in ("", "agreement/", "disputes/", "labels/"):
        visit.ask("get", f"rounds/{number}/{part}")
    for unit in visit.round.round_units.order_by("position").values_list("unit", flat=True):
        visit.ask("get", f"rounds/{number}/units/{unit}/")


def built_world() -> Round:
    factories._numbers = itertools.count(1)
    for kept in (answers.spec_of, answers._asked):  # ids begin at 1 again, and published versions are kept by id
        kept.cache_clear()
    project = make_project(name="Bridges", alice="reviewer", bob="reviewer")
    return make_round(project, units=UNITS, overlap=2)


def received(bob_labels: bool) -> Iterator[tuple[str, int, str, str]]:
    call_command("flush", interactive=False, reset_sequences=True, verbosity=0)
    round_ = built_world()
    if bob_labels:
        while label_next(round_, reviewer(round_.project, "bob"), stance="refutes"):
            pass
        run_jobs()
    visit = Visit(round_)
    walk(visit)
    assert LabelEvent.objects.filter(reviewer=visit.alice, kind="submitted").count() == 2, "the visit has to label"
    yield from visit.received


def test_inv_4_and_az_05_what_a_reviewer_receives_does_not_depend_on_others() -> None:
    without, with_bob = list(received(bob_labels=False)), list(received(bob_labels=True))
    assert [step[:3] for step in without] == [step[:3] for step in with_bob]
    for before, after in zip(without, with_bob, strict=True):
        told = list(difflib.unified_diff(before[3].splitlines(), after[3].splitlines(), lineterm="", n=0))
        assert not told, f"{before[0]} tells something about Bob's labels:\n" + "\n".join(told)
    assert Assignment.objects.filter(state="submitted").count() == UNITS + 2


def test_the_test_would_see_a_leak() -> None:
    """The same comparison for the owner, who may see progress: there the worlds differ."""
    pages = []
    for bob_labels in (False, True):
        call_command("flush", interactive=False, reset_sequences=True, verbosity=0)
        round_ = built_world()
        if bob_labels:
            while label_next(round_, reviewer(round_.project, "bob")):
                pass
            run_jobs()
        client = Client()
        client.login(username=member(round_.project, "carol").username, password=PASSWORD)
        pages.append(masked(client.get(f"/p/{round_.project.slug}/rounds/{round_.pk}/").content.decode()))
    assert pages[0] != pages[1]


def test_the_answers_of_the_visit_fit_the_codebook() -> None:
    spec = load_preset("main")
    asked = applicable_questions(spec, {"stance": "supports", "verdict": {"missing": "cannot_judge"}})
    assert {question.code for question in asked if question.required} <= {"stance", "sentence_bias", "verdict"}
