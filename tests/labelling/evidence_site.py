"""A page on loopback that is brought as evidence, under a public name."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from claims.outbound import politeness
from tests.security.netlab import Netlab, reply, says

HEAD = '<meta property="article:published_time" content="2026-03-14T08:00:00Z"><meta property="og:site_name" '
PAGE = f"""<html lang="en"><head><title>Bolts of the Lake Bridge</title>{HEAD}content="Harbour Register"></head><body>
<article><h1>Bolts of the Lake Bridge</h1><p>The register lists every inspection of the Lake Bridge since 1990.</p>
<p>On 3 March inspectors of the harbour board found 14 broken
bolts in the northern arch, and wrote so to the mayor.</p>
<p>The board closed the bridge on the same evening and asked a workshop in Sandmouth for an offer.</p></article>
</body></html>""".encode()


@pytest.fixture
def lab(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Netlab]:
    settings.OUTBOUND_TEST_HOSTS = {}
    settings.OUTBOUND_ROBOTS = False
    lab = Netlab(settings.OUTBOUND_TEST_HOSTS)
    monkeypatch.setattr(socket, "getaddrinfo", lab.getaddrinfo)
    monkeypatch.setattr(politeness, "SECONDS_BETWEEN", 0.0)
    page = reply(PAGE, headers=["Content-Type: text/html; charset=utf-8", "Set-Cookie: secret=1"])
    lab.name("register.example.com", lab.serve(says(page)))
    lab.name("gone.example.com", lab.serve(says(reply(b"no", status="404 Not Found"))))
    yield lab
    lab.close()
