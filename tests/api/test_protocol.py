"""What holds at every address: refusals, limits, unknown parameters, broken input."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import get_resolver

from claims.api import urls
from claims.api.lists import write_cursor
from claims.models import Job, RequestCount
from tests.api.caller import ROOT, Caller, code, signed_in
from tests.factories import make_claims, make_project, make_user, owner_of

pytestmark = pytest.mark.django_db
HUGE = 10**30


def test_a_problem_has_all_its_parts() -> None:
    answer = Caller(make_user()).post("projects/", {"name": ""})
    body = answer.json()
    assert set(body) == {"type", "title", "status", "code", "detail", "errors", "request_id"}
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert {fault["field"] for fault in body["errors"]} == {"name", "slug", "goal"}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "query",
    [
        "reviewer__password__startswith=a",
        "reviewer__email__regex=a",
        "meta__x__regex=(a%2B)%2B$",
        "text__iregex=a",
        "page=-1",
        f"page={HUGE}",
        "format=jsonp",
        "callback=x",
        "fields=password",
        "=1",
    ],
)
def test_ap_01_unknown_filters_are_refused(query: str) -> None:
    project = make_project()
    caller = Caller(owner_of(project))
    for address in (f"projects/{project.slug}/articles/", f"projects/{project.slug}/claims/", "projects/", "tokens/"):
        answer = caller.get(f"{address}?{query}")
        assert (answer.status_code, code(answer)) == (400, "unknown_filter")


def test_ap_01_what_filters_a_list_is_refused_where_something_is_made() -> None:
    project = make_project()
    answer = Caller(owner_of(project)).post(
        f"projects/{project.slug}/articles/?state=split", {"text": "A pier.\n\nNo."}
    )
    assert (answer.status_code, code(answer)) == (400, "unknown_filter")
    assert "state" in answer.json()["detail"]
    assert "Known here" not in answer.json()["detail"]
    assert not Job.objects.exists()


@pytest.mark.parametrize("ordering", ["reviewer__password", "?", "-a.b", "", "-id", "id,created", "-created%00"])
def test_ap_02_unknown_orderings_are_refused(ordering: str) -> None:
    project = make_project()
    caller = Caller(owner_of(project))
    for kind in ("articles", "claims", "jobs", "rounds", "releases"):
        answer = caller.get(f"projects/{project.slug}/{kind}/?ordering={ordering}")
        assert answer.status_code == 400
        assert code(answer) in {"unknown_ordering", "invalid_characters"}


@pytest.mark.parametrize("size", [str(10**9), str(10**30), "0", "200"])
def test_ap_05_a_page_size_is_brought_into_its_limits(size: str) -> None:
    project = make_project()
    make_claims(project, 3)
    answer = Caller(owner_of(project)).get(f"projects/{project.slug}/claims/?page_size={size}")
    assert answer.status_code == 200
    assert len(answer.json()["results"]) == (1 if size == "0" else 3)


@pytest.mark.parametrize("size", ["-1", "1e9", "abc", "", "9" * 41, "٣"])
def test_ap_05_what_is_no_page_size_is_refused(size: str) -> None:
    answer = Caller(make_user()).get(f"projects/?page_size={size}")
    assert (answer.status_code, code(answer)) == (400, "invalid_filter")


def test_ap_05_a_broken_cursor_is_refused() -> None:
    project = make_project()
    caller = Caller(owner_of(project))
    foreign = (
        "",
        "x",
        "%00",
        "null",
        "é",
        "A" * 10_000,
        write_cursor("created", [5]),  # of the other order
        write_cursor("-created", []),
        write_cursor("-created", [1, 2]),
        write_cursor("-created", ["5; DROP TABLE claims_claim"]),
        write_cursor("-created", [True]),
        write_cursor("-created", [HUGE]),
        write_cursor("-created", [{"id": 1}]),
        base64.urlsafe_b64encode(b'["-created", NaN]').decode(),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    )
    for cursor in foreign:
        answer = caller.get(f"projects/{project.slug}/claims/?cursor={cursor}")
        assert (answer.status_code, code(answer)) in {(404, "invalid_cursor"), (400, "invalid_characters")}


@pytest.mark.parametrize(
    "pk",
    [
        "abc",
        str(HUGE),
        "-1",
        "1e3",
        "%F0%9F%A6%86",
        "0",
        "01",
        "9223372036854775808",
        "1.0",
        "%00",
        "%ED%A0%80",
        "1%0A",
    ],
)
def test_ap_06_ap_07_what_is_no_id_is_not_found(pk: str) -> None:
    caller = Caller(make_user())
    missing = caller.get("articles/999999999/")
    for address in (
        "articles/{}/",
        "rounds/{}/",
        "claims/{}/",
        "jobs/{}/errors/",
        "rounds/1/units/{}/",
        "releases/{}/",
    ):
        answer = caller.get(address.format(pk))
        assert answer.status_code == 404
        assert answer.content == missing.content
        assert answer.headers["Content-Type"] == missing.headers["Content-Type"]


@pytest.mark.parametrize("value", ["%00", "a%00b", "%ED%A0%80", "%FF"])
def test_ap_07_nul_and_broken_utf8_in_the_query(value: str) -> None:
    project = make_project()
    caller = Caller(owner_of(project))
    for name in ("q", "language", "state", "cursor", "page_size", "ordering", "unknown"):
        answer = caller.get(f"projects/{project.slug}/articles/?{name}={value}")
        assert (answer.status_code, code(answer)) == (400, "invalid_characters"), name


@pytest.mark.parametrize("value", ["a\0b", "\ud800", "\u00e9"])
def test_ap_07_nul_and_surrogates_in_headers(value: str) -> None:
    project = make_project()
    caller = Caller(owner_of(project))
    for name in ("If_Match", "Idempotency_Key", "X_Request_Id", "Accept", "Origin"):
        answer = caller.post(f"projects/{project.slug}/rounds/", {}, **{name: value})
        assert answer.status_code in {400, 404}
    assert caller.get("projects/", Authorization=f"Bearer {value}").status_code == 401


@pytest.mark.parametrize(
    "cookie", ['session="aaaaaaaa\\000b"', "session=\x00", 'csrf="\\000"', "session=" + "x" * 5000]
)
def test_ap_07_nul_in_cookies(cookie: str) -> None:
    answer = Client().get(f"{ROOT}projects/", headers={"Cookie": cookie})
    assert answer.status_code in {400, 401}
    assert code(answer) in {"invalid_characters", "not_authenticated"}


@pytest.mark.parametrize(
    ("search", "status"), [("x" * 1000, 200), ("x" * 1001, 400), ("a " * 10_000, 400), ("!&|:*", 200), ("'; --", 200)]
)
def test_ap_09_a_search_has_its_limit(search: str, status: int) -> None:
    project = make_project()
    make_claims(project, 2)
    caller = Caller(owner_of(project))
    answer = caller.client.get(f"{ROOT}projects/{project.slug}/claims/", {"q": search}, headers=caller.headers)
    assert answer.status_code == status
    if status == 400:
        assert code(answer) == "search_too_long"


@pytest.mark.parametrize(
    ("raw", "status", "expected"),
    [
        (b"", 400, "invalid_request"),
        (b"{", 400, "invalid_json"),
        (b"\xff\xfe", 400, "invalid_json"),
        (b'{"name": "a", "name": "b"}', 400, "duplicate_key"),
        (b'{"name": NaN}', 400, "invalid_json_number"),
        (b'{"name": 1e400}', 400, "invalid_json_number"),
        (b'{"name": ' + b"9" * 5000 + b"}", 400, "invalid_json_number"),
        (b"[" * 100_000, 400, "json_too_deep"),
        (b'{"name": "' + b"a" * 1_000_001 + b'"}', 413, "too_large"),
        (b"null", 400, "invalid_request"),
        (b"[1]", 400, "invalid_request"),
        (b'{"name": "\\ud800", "slug": "a", "goal": "check_claims"}', 400, "invalid_request"),
    ],
)
def test_bodies_that_are_refused(raw: bytes, status: int, expected: str) -> None:
    answer = Caller(make_user()).send("POST", "projects/", raw=raw)
    assert (answer.status_code, code(answer)) == (status, expected)


def test_an_article_may_be_eight_times_as_long() -> None:
    project = make_project()
    caller = Caller(owner_of(project))
    address = f"projects/{project.slug}/articles/"
    assert caller.post(address, {"text": "й" * 900_000 + "."}).status_code == 202
    too_long = caller.send("POST", address, raw=b'{"text": "' + b"a" * 8_000_000 + b'"}')
    assert (too_long.status_code, code(too_long)) == (413, "too_large")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x"]
)
def test_other_media_types_are_415(kind: str) -> None:
    answer = Caller(make_user()).send("POST", "projects/", raw=b"name=a", **{"Content-Type": kind})
    assert (answer.status_code, code(answer)) == (415, "unsupported_media_type")


def test_ap_12_a_token_has_300_requests_a_minute() -> None:
    caller, other = Caller(make_user()), Caller(make_user())
    statuses = [caller.get("projects/").status_code for _ in range(300)]
    assert set(statuses) == {200}
    refused = caller.get("projects/")
    assert (refused.status_code, code(refused)) == (429, "rate_limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert (refused.headers["RateLimit-Limit"], refused.headers["RateLimit-Remaining"]) == ("300", "0")
    assert other.get("projects/").headers["RateLimit-Remaining"] == "299"
    RequestCount.objects.filter(n__gt=300).update(since="2020-01-01T00:00:00Z")  # the minute is over
    assert caller.get("projects/").headers["RateLimit-Remaining"] == "299"


def test_a_persons_labelling_has_its_own_larger_share() -> None:
    carol = signed_in(make_user(), with_csrf=True)
    assert carol.get("projects/").headers["RateLimit-Limit"] == "300"
    assert carol.post("rounds/1/next/").headers["RateLimit-Limit"] == "6000"


@pytest.mark.parametrize(
    "address",
    ["nothing/", "articles/1", "projects//", "articles/1.json", "PROJECTS/", "projects/;.json", "%2e/projects/"],
)
def test_unknown_addresses_are_404(address: str) -> None:
    caller = Caller(make_user())
    for method in ("GET", "POST", "DELETE", "OPTIONS", "HEAD"):
        answer = caller.send(method, address)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json"), method


def test_az_24_every_route_is_documented_and_nothing_else_answers() -> None:
    document = json.loads(Client().get(f"{ROOT}schema/").content)
    documented = {address.removeprefix("/api/v1/") for address in document["paths"]}
    routed = {str(pattern.pattern) for pattern in urls.urlpatterns[:-1]} - {"schema/", "docs/"}
    plain = {address.replace("{", "<").replace("}", ">") for address in documented}
    assert {_without_converters(address) for address in routed} == plain
    assert get_resolver().resolve("/api/v1/anything/").func is urls.urlpatterns[-1].callback


def _without_converters(address: str) -> str:
    return address.replace("<id:pk>", "<id>").replace("<id:", "<").replace("<slug:", "<").replace("<str:", "<")


def test_az_24_documented_methods_are_those_that_answer() -> None:
    document = json.loads(Client().get(f"{ROOT}schema/").content)
    caller = Caller(make_user())
    for address, methods in document["paths"].items():
        given = {each["name"]: each["schema"] for method in methods.values() for each in method.get("parameters", [])}
        concrete = address.removeprefix("/api/v1/")
        for name in re.findall(r"{(\w+)}", concrete):
            concrete = concrete.replace(f"{{{name}}}", "999999999" if given[name]["type"] == "integer" else "x")
        RequestCount.objects.all().delete()
        for method in ("get", "post", "put", "patch", "delete"):
            answer = caller.send(method.upper(), concrete, {})
            assert (answer.status_code == 405) == (method not in methods), (method, address)


def test_no_row_is_written_from_here() -> None:
    """Only actions write; the words by which a row is written do not occur in this folder."""
    for file in Path(urls.__file__).parent.rglob("*.py"):
        if file.name == "client.py":
            continue  # a program for elsewhere: it knows no rows
        source = file.read_text(encoding="utf-8")
        writing = (".save(", ".create(", ".update(", "bulk_create(", "bulk_update(")
        assert not any(word in source for word in writing), file.name
