"""INV-5: what belongs to another project does not exist, whichever way one asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from claims.models import RequestCount
from tests.factories import make_article, make_claim
from tests.security.world import BLANK, World, checksums, make_world, routes, undone

pytestmark = pytest.mark.django_db
PROJECT = "p/<slug:slug>/"
MISSING = {
    "name": "no-such-file.csv",
    "codebook_slug": "no-such-codebook",
    "question": "no-such-question",
    "copy": "0" * 32,
}
NO_ID = 2**62


@pytest.fixture(scope="module")
def other(built_world: World, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A second project with all the same, and people of its own."""
    with django_db_blocker.unblock(), undone():
        yield make_world("Market")


def swapped(world: World, other: World, route: str, name: str) -> tuple[str, str]:
    """The address of `route` with one blank taken from the other project, and with one that leads nowhere."""
    nowhere = MISSING.get(name, NO_ID)
    places = {place: value for place, value in world.blanks.items() if place[1] != name}
    foreign = {place: value for place, value in other.blanks.items() if place[1] == name}
    missing = dict.fromkeys(foreign, nowhere)
    return tuple(  # type: ignore[return-value]
        World(world.project, world.round, [], world.release, "", blanks=places | blanks).address(route)
        for blanks in (foreign, missing)
    )


def read(response: Any) -> tuple[int, str, bytes]:
    return response.status_code, response.headers.get("Location", ""), response.getvalue()


def numbered(*, api: bool) -> list[tuple[str, str]]:
    """(route, blank) of every blank that names a row."""
    kept = [route for route, _ in routes() if route.startswith("api/v1/" if api else PROJECT)]
    blanks = [(route, found[1] or found[2]) for route in kept for found in BLANK.finditer(route)]
    named = {
        "slug",
        "project",
        "verb",
        "step",
        "name",
        "question",
        "number",
        "older",
        "n",
        "codebook_slug",
        "measure",
        "outcome",
        "kind",
        "other",
        "code",
    }
    return [(route, name) for route, name in blanks if name not in named]


def test_it_works_az_02_for_pages(world: World, other: World) -> None:
    """Each id of each page, one at a time, as the other project's and as one that is nowhere: the same bytes."""
    client = world.client("owner")
    before = checksums()
    for route, name in numbered(api=False):
        foreign, missing = swapped(world, other, route, name)
        assert foreign != missing
        for method in (client.get, client.post):
            answers = read(method(foreign)), read(method(missing))
            assert answers[0] == answers[1], foreign
            assert answers[0][0] in (404, 405), foreign
    assert checksums() == before


def test_az_02_for_the_api(world: World, other: World) -> None:
    client = world.client("owner")
    for route, name in numbered(api=True):
        if route.startswith("api/v1/tokens/"):
            continue
        RequestCount.objects.all().delete()  # how many requests a minute takes is tested elsewhere
        foreign, missing = swapped(world, other, route, name)
        for method in ("get", "post", "put", "patch", "delete"):
            sent = {} if method == "get" else {"data": b"{}", "content_type": "application/json"}
            answers = [getattr(client, method)(address, **sent) for address in (foreign, missing)]
            bodies = [answer.content.replace(answer["X-Request-Id"].encode(), b"") for answer in answers]
            assert (answers[0].status_code, bodies[0]) == (answers[1].status_code, bodies[1]), foreign
            assert answers[0].status_code in (400, 404, 405, 428), f"{method} {foreign}"


def test_az_02_another_project_and_a_missing_one(world: World, other: World) -> None:
    client = world.client("owner")
    for route, _ in routes():
        if route.startswith(PROJECT):
            foreign = other.address(route)
            missing = foreign.replace(other.project.slug, "no-such-project")
            for method in (client.get, client.post):
                assert read(method(foreign)) == read(method(missing)), foreign


def test_az_02_somebody_elses_token_is_not_revoked(world: World, other: World) -> None:
    client = world.client("owner")
    foreign = other.address("tokens/<int:pk>/revoke/")
    assert read(client.post(foreign)) == read(client.post(f"/tokens/{NO_ID}/revoke/"))


@pytest.mark.parametrize("role", ["outsider", "observer", "reviewer", "curator", "owner"])
def test_az_13_the_admin_is_not_there_for_who_is_no_staff(world: World, role: str) -> None:
    client = world.client(role)
    answers = {client.get(f"/admin/{path}").status_code for path in ("", "login/", "claims/user/", "nothing/")}
    assert answers == {404}
    assert client.post("/admin/login/", {"username": "x", "password": "y"}).status_code == 404


def test_az_13_nobody_signs_in_at_the_admin(world: World) -> None:
    client = world.client("anonymous")
    there = client.get("/admin/")
    assert there.status_code == 302
    assert client.get(there["Location"])["Location"] == "/sign-in/?next=/admin/"
    staff = world.client("staff")
    assert staff.get("/admin/login/")["Location"] == "/admin/"
    assert staff.get("/admin/").status_code == 200


VARIANTS = [
    "{}.json",
    "{};.json",
    "{}/",
    "/{}",
    "/.{}",
    "{}%2e",
    "{}%2e%2e/",
    "{}?format=json",
    "{}%00",
    "{}..%2f..%2fadmin/",
]


def test_az_14_other_spellings_of_an_address_open_nothing(world: World) -> None:
    """Whatever a spelling is answered with, it is not the page that the plain address refuses."""
    outsider, anonymous = world.client("outsider"), world.client("anonymous")
    for route in (PROJECT, f"{PROJECT}releases/<int:number>/", "api/v1/projects/<slug:project>/", "metrics"):
        plain = world.address(route)
        spellings = [variant.format(plain) for variant in VARIANTS]
        spellings += [plain.upper(), plain.replace("/", "//"), plain.replace("p", "%70"), plain.rstrip("/")]
        for spelling in spellings:
            for client in (outsider, anonymous):
                response = client.get(spelling)
                assert response.status_code in (301, 302, 303, 400, 401, 404), spelling
                assert world.project.name not in response.content.decode()


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PUT"])
def test_az_14_other_methods_open_nothing(world: World, method: str) -> None:
    outsider, anonymous = world.client("outsider"), world.client("anonymous")
    closed = (PROJECT, "metrics", "admin/", "tokens/", "api/v1/projects/", "api/v1/articles/")
    for route, _ in routes():
        if route.startswith(closed):
            address = world.address(route)
            assert anonymous.generic(method, address).status_code in (302, 401, 403, 404, 405), address
            status = outsider.generic(method, address).status_code
            assert status in (403, 404, 405) or not route.startswith(PROJECT), address


def test_az_14_head_is_get_without_a_body(world: World) -> None:
    owner = world.client("owner")
    for route in (PROJECT, f"{PROJECT}articles/<int:pk>/", f"{PROJECT}rounds/<int:pk>/label/"):
        address = world.address(route)
        assert owner.head(address).status_code == owner.get(address).status_code
        assert owner.head(address).content == b""


def test_az_15_reading_changes_nothing(world: World) -> None:
    """Every GET address of the product as the owner and as a reviewer, forms left alone. What is written down on
    purpose when somebody reads is named: a download leaves its line in the audit log (INV-13)."""
    for role in ("owner", "reviewer", "staff"):
        client = world.client(role)
        before = checksums()
        for route, _ in routes():
            is_download = "files/<str:name>" in route or route.startswith("downloads/")
            is_download |= route.endswith((".zip", ".pdf"))
            if not is_download and route.startswith("admin/") == (role == "staff"):
                client.get(world.address(route)).getvalue()
        assert checksums() == before
    for download in ("files/<str:name>", "all.zip"):
        client, before = world.client("owner"), checksums()
        client.get(world.address(f"{PROJECT}releases/<int:number>/{download}")).getvalue()
        assert {name for name, state in checksums().items() if state != before[name]} == {"claims_auditevent"}


def test_az_16_stored_files_are_handed_to_members_alone(world: World, other: World) -> None:
    held = [route for route, _ in routes() if "sources/" in route or "files/" in route]
    files = [route for route in held if not route.endswith("link/")]  # these make a link, and read nothing
    assert len(files) == 3
    for route in files:
        address = world.address(route)
        assert world.client("owner").get(address).status_code == 200
        assert world.client("anonymous").get(address).status_code in (302, 401)
        for client in (world.client("outsider"), other.client("owner"), world.client("staff")):
            assert client.get(address).status_code == 404
    for public in ("/media/", f"/releases/{world.release.pk}/manifest.json", "/static/../releases/"):
        assert world.client("owner").get(public).status_code == 404


@pytest.mark.parametrize("listing", ["articles/", "claims/"])
def test_az_22_search_finds_nothing_of_other_projects(world: World, other: World, listing: str) -> None:
    """A word that only the other project has is answered like a word that nobody has."""
    client, address = world.client("owner"), f"/p/{world.project.slug}/{listing}"
    make_claim(make_article(other.project, "Zanderfurt floods again\n\nThe weir broke."), "Zanderfurt floods again")
    pages = []
    for word in ("Zanderfurt", "Yolperich"):
        body = client.get(address, {"q": word}).content.decode()
        pages.append(re.sub(r'csrfmiddlewaretoken" value="\w+"', "", body).replace(word, ""))
        answer = world.client("read").get(f"/api/v1/projects/{world.project.slug}/{listing}", {"q": word})
        assert answer.json()["results"] == []
    assert pages[0] == pages[1]
