"""What the HTTP client asks of whom, and what it takes from them (FE cases of the contract)."""

from __future__ import annotations

import gzip
import logging
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from claims.errors import Refused
from claims.outbound import CONFIGURED, PUBLIC, Policy, fetch, post_json
from claims.outbound.addresses import is_public, parse
from tests.security.netlab import Netlab, Server, certificate, reply, says

HURRIED = replace(PUBLIC, seconds=1)


@pytest.fixture
def lab(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Netlab]:
    settings.OUTBOUND_TEST_HOSTS = {}
    lab = Netlab(settings.OUTBOUND_TEST_HOSTS)
    monkeypatch.setattr(socket, "getaddrinfo", lab.getaddrinfo)
    yield lab
    lab.close()


@pytest.fixture
def canary(lab: Netlab) -> Server:
    return lab.serve(says(reply(b"secret of the inside")))


def code_of(url: str, policy: Policy = PUBLIC) -> str:
    with pytest.raises(Refused) as refusal:
        fetch(url, policy=policy)
    return refusal.value.code


def test_it_works(lab: Netlab) -> None:
    server = lab.serve(says(reply(b"hello", headers=["ETag: x", "Content-Type: text/html"])))
    lab.name("news.example.com", server)
    fetched = fetch("http://news.example.com/a?b=c#d")
    assert (fetched.status, fetched.body, fetched.etag) == (200, b"hello", "x")
    assert fetched.final_url == "http://news.example.com/a?b=c"
    assert server.requests[0].startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert b"Host: news.example.com\r\n" in server.requests[0]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0", "１２７.0.0.1"],
)
def test_fe_01_loopback_in_every_spelling(lab: Netlab, canary: Server, host: str) -> None:
    lab.name(host, None, ["127.0.0.1"])
    assert code_of(f"http://{host}:{canary.port}/") == "url_not_allowed"
    assert code_of(f"http://{host}/") == "url_not_allowed"
    assert canary.connections == 0


@pytest.mark.parametrize("host", ["[::1]", "[::]", "[::ffff:127.0.0.1]", "[fe80::1]", "[fc00::1]"])
def test_fe_02_loopback_and_local_addresses_of_ipv6(lab: Netlab, canary: Server, host: str) -> None:
    assert code_of(f"http://{host}:{canary.port}/") == "url_not_allowed"
    assert canary.connections == 0


@pytest.mark.parametrize("host", ["169.254.169.254", "metadata.google.internal", "[fd00:ec2::254]"])
def test_fe_04_metadata_of_clouds(lab: Netlab, host: str) -> None:
    lab.name("metadata.google.internal", None, ["169.254.169.254"])
    assert code_of(f"http://{host}/latest/meta-data/") == "url_not_allowed"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "100.64.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "fc00::1"],
)
def test_fe_05_a_public_name_with_an_internal_address(lab: Netlab, canary: Server, address: str) -> None:
    lab.name("evil.example.com", canary, [address])
    lab.name("half.example.com", canary, ["93.184.216.34", address])
    assert code_of("http://evil.example.com/") == "url_not_allowed"
    assert code_of("http://half.example.com/") == "url_not_allowed"
    assert canary.connections == 0


def test_fe_06_the_name_is_resolved_once_and_the_checked_address_is_asked(
    lab: Netlab, canary: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[Any] = []
    connect = socket.create_connection

    def noted(place: Any, *args: Any, **kwargs: Any) -> socket.socket:
        went.append(place)
        return connect(("127.0.0.1", good.port), *args, **kwargs)

    good = lab.serve(says(reply(b"public")))
    lab.name("rebind.example.com", None, ["93.184.216.34"], ["127.0.0.1"])
    monkeypatch.setattr(socket, "create_connection", noted)
    assert fetch("http://rebind.example.com/").body == b"public"
    assert went == [("93.184.216.34", 80)]
    assert lab.asked == ["rebind.example.com."]
    assert canary.connections == 0


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/",
        "http://inside.example.com/",
        "file:///etc/passwd",
        "http://u:p@news.example.com/",
        "//localhost/",
        "http://[bad/",
    ],
)
def test_fe_08_a_redirect_to_the_inside(lab: Netlab, canary: Server, location: str) -> None:
    to = location.format(port=canary.port)
    lab.name("inside.example.com", canary, ["127.0.0.1"])
    lab.name("news.example.com", lab.serve(says(reply(status="302 Found", headers=[f"Location: {to}"]))))
    assert code_of("http://news.example.com/") == "redirect_not_allowed"
    assert canary.connections == 0


def test_fe_10_a_loop_and_six_hops_end(lab: Netlab) -> None:
    server = lab.serve(says(reply(status="302 Found", headers=["Location: /again"])))
    lab.name("news.example.com", server)
    assert code_of("http://news.example.com/") == "too_many_redirects"
    assert server.connections == 6


def test_the_body_of_a_redirect_is_not_read(lab: Netlab) -> None:
    def on(connection: socket.socket, asked: bytes) -> None:
        if b"GET /b" in asked:
            connection.sendall(reply(b"here"))
            return
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 10000000000\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65_536)

    lab.name("news.example.com", lab.serve(on))
    assert fetch("http://news.example.com/a", policy=replace(PUBLIC, seconds=5)).body == b"here"


def test_five_hops_are_followed(lab: Netlab) -> None:
    def step(connection: socket.socket, asked: bytes) -> None:
        n = int(asked.split()[1].rpartition(b"/")[2] or 0)
        hop = reply(status="301 Moved", headers=[f"Location: http://b.example.com/{n + 1}"])
        connection.sendall(reply(b"here") if n == 5 else hop)

    server = lab.serve(step)
    lab.name("a.example.com", server)
    lab.name("b.example.com", server)
    fetched = fetch("http://a.example.com/0")
    assert (fetched.body, fetched.final_url) == (b"here", "http://b.example.com/5")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://news.example.com/",
        "gopher://a.example.com/",
        "dict://a.example.com:11/",
        "data:text/html,x",
        "javascript:alert(1)",
    ],
)
def test_fe_11_only_http(lab: Netlab, url: str) -> None:
    assert code_of(url) == "scheme_not_allowed"


@pytest.mark.parametrize("scheme", ["http", "ftp"])
def test_fe_12_no_credentials_and_they_are_repeated_nowhere(
    lab: Netlab, caplog: pytest.LogCaptureFixture, scheme: str
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Refused) as refusal:
        fetch(f"{scheme}://user:canary-pass@news.example.com/")
    assert refusal.value.code == "credentials_in_url"
    assert "canary-pass" not in refusal.value.sentence + caplog.text


@pytest.mark.parametrize("port", [22, 25, 5432, 6379, 8080])
def test_fe_13_only_the_usual_ports(lab: Netlab, port: int) -> None:
    lab.name("news.example.com")
    assert code_of(f"http://news.example.com:{port}/") == "port_not_allowed"


def endless(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b"x" * 65_536 + b"\r\n")


def test_fe_14_a_body_without_end(lab: Netlab) -> None:
    lab.name("news.example.com", lab.serve(endless))
    assert code_of("http://news.example.com/") == "body_too_large"


def test_fe_14_a_body_that_unpacks_to_too_much(lab: Netlab) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    lab.name("news.example.com", lab.serve(says(reply(bomb, headers=["Content-Encoding: gzip"]))))
    assert code_of("http://news.example.com/") == "body_too_large"


@pytest.mark.parametrize(
    "start", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b""]
)
def test_fe_15_drips_end_by_the_total_time(lab: Netlab, start: bytes) -> None:
    def drip(connection: socket.socket, _: bytes) -> None:
        connection.sendall(start)
        for _n in range(100):
            connection.sendall(b"a")
            time.sleep(0.1)

    lab.name("news.example.com", lab.serve(drip))
    began = time.monotonic()
    assert code_of("http://news.example.com/", HURRIED) == "fetch_timeout"
    assert time.monotonic() - began < 2


def test_fe_15_a_resolver_that_says_nothing(lab: Netlab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(0.5) or [])
    assert code_of("http://news.example.com/", replace(PUBLIC, seconds=0.2)) == "fetch_timeout"


def test_fe_16_a_stated_length_of_10_gb(lab: Netlab) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n"
    lab.name("news.example.com", lab.serve(says(head)))
    assert code_of("http://news.example.com/") == "body_too_large"


@pytest.mark.parametrize(
    "faulty",
    [("news.example.com", 30, False), ("news.example.com", -1, True), ("other.example.com", 30, True)],
    ids=["self-signed", "expired", "wrong host"],
)
def test_fe_18_certificates_that_do_not_hold(
    lab: Netlab, settings: Any, tmp_path: Path, faulty: tuple[str, int, bool]
) -> None:
    host, days, is_trusted = faulty
    context, file = certificate(tmp_path, host, days=days)
    settings.OUTBOUND_CA_FILE = str(file) if is_trusted else ""
    server = lab.serve(says(reply(b"secret")), context)
    lab.name("news.example.com", server)
    assert code_of("https://news.example.com/") == "tls_error"
    assert server.requests == []


def test_fe_18_a_certificate_of_the_name_holds(lab: Netlab, settings: Any, tmp_path: Path) -> None:
    context, file = certificate(tmp_path, "news.example.com")
    settings.OUTBOUND_CA_FILE = str(file)
    lab.name("news.example.com", lab.serve(says(reply(b"sealed")), context))
    assert fetch("https://news.example.com/").body == b"sealed"


@pytest.mark.parametrize(
    "url",
    [
        "http://a@b@c",
        "http://127.0.0.1\\@example.com",
        "http://exam\tple.com/",
        "http://exam\nple.com/",
        "http://example.com%2f@127.0.0.1/",
        "http://exam%70le.com/",
        "http://example.com../",
        "http:///example.com",
        "http://.example.com/",
        "http://[::1]example.com/",
        "http://example.com:80:80/",
    ],
)
def test_fe_19_what_parsers_read_differently_is_refused(lab: Netlab, url: str) -> None:
    lab.name("example.com")
    assert code_of(url) in {"invalid_url", "credentials_in_url", "url_not_allowed"}


@pytest.mark.parametrize("url", ["HTTP://News.EXAMPLE.com./a", "http://news.example.com/a#@127.0.0.1/"])
def test_fe_19_the_checked_host_is_the_one_that_is_asked(lab: Netlab, url: str) -> None:
    server = lab.serve(says(reply(b"ok")))
    lab.name("news.example.com", server)
    assert fetch(url).final_url == "http://news.example.com/a"
    assert b"Host: news.example.com\r\n" in server.requests[0]


@pytest.mark.parametrize("host", ["postgres", "redis", "db.internal", "db.local", "co.uk", "a.b.invalid"])
def test_fe_20_names_of_the_inside(lab: Netlab, canary: Server, host: str) -> None:
    lab.name(host, canary)
    assert code_of(f"http://{host}/") == "url_not_allowed"
    assert (canary.connections, lab.asked) == (0, [])


@pytest.mark.parametrize("status", [204, 304, 401, 404, 429, 503])
def test_fe_23_every_status_is_handed_on(lab: Netlab, status: int) -> None:
    bare = f"HTTP/1.1 {status} x\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n".encode()
    lab.name("news.example.com", lab.serve(says(bare)))
    fetched = fetch("http://news.example.com/", etag="e", last_modified="m")
    assert (fetched.status, fetched.headers["retry-after"], fetched.body) == (status, "3", b"")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf",
    ],
)
def test_fe_24_a_connection_that_ends_early(lab: Netlab, answer: bytes) -> None:
    lab.name("news.example.com", lab.serve(says(answer)))
    assert code_of("http://news.example.com/") == "fetch_incomplete"


def test_fe_26_closed_blocked_and_unknown_are_answered_alike(lab: Netlab, canary: Server) -> None:
    lab.name("open.example.com", canary, ["127.0.0.1"])
    lab.name("closed.example.com", None, ["10.0.0.1"])
    heard = set()
    for host in ("open", "closed", "unknown"):
        with pytest.raises(Refused) as refusal:
            fetch(f"http://{host}.example.com/")
        heard.add((refusal.value.code, refusal.value.sentence, refusal.value.status))
    assert len(heard) == 1
    assert canary.connections == 0


def test_fe_27_what_the_site_sees(lab: Netlab, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")

    def step(connection: socket.socket, asked: bytes) -> None:
        on = reply(status="302 Found", headers=["Location: /b", "Set-Cookie: a=b"])
        connection.sendall(on if b"GET /a" in asked else reply(b"ok"))

    server = lab.serve(step)
    lab.name("news.example.com", server)
    fetch("http://news.example.com/a")
    for asked in server.requests:
        head = dict(line.split(": ", 1) for line in asked.decode().strip().split("\r\n")[1:])
        assert set(head) == {"Host", "User-Agent", "Accept", "Accept-Encoding"}
        assert head["User-Agent"] == settings.OUTBOUND_USER_AGENT


@pytest.mark.parametrize("host", ["attest.example.com", "www.attest.example.com", "origin.example.org"])
def test_fe_28_not_this_very_installation(lab: Netlab, settings: Any, host: str) -> None:
    settings.ALLOWED_HOSTS = [".attest.example.com"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://origin.example.org"]
    lab.name(host)
    assert code_of(f"https://{host}/api/v1/") == "self_reference"


def test_endpoints_of_the_operator_may_be_on_this_machine(lab: Netlab, canary: Server) -> None:
    answer = post_json(f"http://127.0.0.1:{canary.port}/v1", {"a": 1}, policy=CONFIGURED, headers={"X-Key": "k"})
    assert answer.body == b"secret of the inside"
    assert canary.requests[0].startswith(b"POST /v1 HTTP/1.1\r\n")
    assert b"X-Key: k\r\n" in canary.requests[0]


def test_a_post_follows_no_redirect(lab: Netlab) -> None:
    server = lab.serve(says(reply(status="302 Found", headers=["Location: http://127.0.0.1/"])))
    lab.name("hook.example.com", server)
    assert post_json("http://hook.example.com/", {}, policy=PUBLIC).status == 302


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1"])
def test_public_addresses_are_public(address: str) -> None:
    import ipaddress

    assert is_public(ipaddress.ip_address(address))


def test_words_of_other_languages_are_escaped_in_the_path() -> None:
    assert parse("http://news.example.com/ä b?q=é".replace(" ", ""), PUBLIC).path == "/%C3%A4b?q=%C3%A9"
