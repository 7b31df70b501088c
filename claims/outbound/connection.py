"""A session that connects to one checked address and nowhere else, and to nothing after its time is over.

requests-hardened refuses internal addresses by a table of its own, after ours; the names of host and certificate stay
those of the site.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from claims.outbound.addresses import IPAddress, Target
from claims.outbound.policy import Policy


class Visit:
    """The time that one request may take with all its hops, and the connection that has to end with it."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = self._started(seconds)
        self.target: Target | None = None
        self.address: IPAddress | None = None

    @property
    def left(self) -> float:
        return self._ends - time.monotonic()

    @property
    def is_over(self) -> bool:
        return self.left <= 0

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Time spent inside is not the site's: waiting for our turn to ask it."""
        self._timer.cancel()
        began = time.monotonic()
        try:
            yield
        finally:
            self._ends += time.monotonic() - began
            self._timer = self._started(max(self.left, 0))

    def _started(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        return timer

    def watch(self, connected: socket.socket) -> None:
        """Keep a second handle on the connection: shut down from outside, no read of it blocks any longer."""
        with self._lock:
            self._close()
            self._socket = connected.dup()
        if self.is_over:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._close()


_visit: ContextVar[Visit] = ContextVar("visit")


def _connect(connection: HTTPConnection) -> socket.socket:
    visit = _visit.get()
    host = connection.host.strip("[]")
    if visit.target is None or host != str(visit.address) or connection.port != visit.target.port:
        raise NewConnectionError(connection, "This address was not checked.")
    # In tests a name of the public internet may stand for a server on this machine; settings refuse it elsewhere.
    place = settings.OUTBOUND_TEST_HOSTS.get(visit.target.host, (host, connection.port))
    try:
        connected = socket.create_connection(place, timeout=max(visit.left, 0.001))
    except OSError as error:
        raise NewConnectionError(connection, "No connection.") from error
    visit.watch(connected)
    return connected


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _Secure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Pinned(HTTPAdapter):
    """Sends what was addressed to an IP address under the names of the site."""

    def __init__(self, target: Target, **kwargs: Any) -> None:
        self._target = target
        super().__init__(**kwargs)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        request.headers["Host"] = self._target.authority
        if self._target.scheme == "https":
            pool["assert_hostname"] = pool["server_hostname"] = self._target.host
        return host, pool


class _PinnedAndFiltered(_Pinned, IPFilterAdapter):  # type: ignore[misc] # it has no types
    """`IPFilterAdapter` is asked with the address in the place of the name, so that it resolves nothing again."""


class _Session(HTTPSession):  # type: ignore[misc] # it has no types
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nothing is followed here: even to look at the next hop, requests would read a redirect's body without end."""


@contextmanager
def open_session(visit: Visit, target: Target, address: IPAddress, policy: Policy) -> Iterator[requests.Session]:
    """A session for one hop: without cookies, proxies or anything else of this machine's environment."""
    visit.target, visit.address = target, address
    config = Config(
        ip_filter_enable=False,  # our own adapter is mounted below
        ip_filter_allow_loopback_ips=False,
        never_redirect=True,
        default_timeout=(visit.left, visit.left),
        user_agent_override=settings.OUTBOUND_USER_AGENT,
    )
    adapter: HTTPAdapter = _Pinned(target)
    if policy.is_foreign:
        adapter = _PinnedAndFiltered(target, is_https_proto=target.scheme == "https")
    token = _visit.set(visit)
    try:
        with _Session(config) as session:
            session.trust_env = False
            session.headers.clear()
            session.verify = settings.OUTBOUND_CA_FILE or True
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            yield session
    finally:
        _visit.reset(token)
