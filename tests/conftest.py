"""What needs a browser, this machine's servers, or patience: left out with its reason, or required."""

from __future__ import annotations

import functools
import glob
import os
import shutil
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says what else the machine does: speed is what `manage.py benchmark` is for.
settings.register_profile("attest", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("attest")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's sync API keeps an event loop in this thread
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
FLAGS = [
    "--no-sandbox",  # root has no sandbox
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
REAL_RESOLVER = socket.getaddrinfo
SERVICES = {"PostgreSQL": 5432, "Redis": 6379, "RabbitMQ": 5672}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run fault injection and simulations too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--slow"):
        leave_out([item for item in items if item.get_closest_marker("slow")], "slow: add --slow")
    if browser := [item for item in items if item.get_closest_marker("browser") or drives_a_page(item)]:
        require_or_leave_out(browser, why_no_browser(), "REQUIRE_BROWSER")
    if services := [item for item in items if item.get_closest_marker("services")]:
        require_or_leave_out(services, why_no_services(), "REQUIRE_SERVICES")


def drives_a_page(item: pytest.Item) -> bool:
    return "page" in getattr(item, "fixturenames", ())


def leave_out(items: Iterable[pytest.Item], reason: str) -> None:
    for item in items:
        item.add_marker(pytest.mark.skip(reason=reason))


def require_or_leave_out(items: Iterable[pytest.Item], reason: str, variable: str) -> None:
    if reason and os.environ.get(variable) == "1":
        raise pytest.UsageError(f"{variable}=1, but {reason}")
    if reason:
        leave_out(items, reason)


@functools.cache
def why_no_browser() -> str:
    """Empty when a browser can be driven."""
    own = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "~/.cache/ms-playwright")
    if not (CHROMIUM or glob.glob(str(Path(own).expanduser() / "chromium*"))):
        return "no Chromium: apt install chromium (or CHROMIUM=/path/to/binary)"
    from playwright._impl._driver import compute_driver_executable

    node = os.environ.get("PLAYWRIGHT_NODEJS_PATH") or compute_driver_executable()[0]
    started = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    if started.returncode:
        return f"Playwright's driver does not start (Debian: apt install libatomic1): {started.stderr.strip()[:200]}"
    return ""


@functools.cache
def why_no_services() -> str:
    """Empty when this machine's own PostgreSQL, Redis and RabbitMQ listen on their usual ports."""
    missing = [name for name, port in SERVICES.items() if not listens(port)]
    return f"this machine runs no {', no '.join(missing)}" if missing else ""


def listens(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    found = {"executable_path": CHROMIUM} if CHROMIUM else {}
    return {**browser_type_launch_args, "args": FLAGS} | found


@pytest.fixture(autouse=True)
def no_host_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Evidence is fetched by a job: an invented address in a test leads to nobody unless the test says to whom."""
    from claims.outbound import addresses

    really = addresses._look_up

    def look_up(name: str, port: int, seconds: float) -> Any:
        is_real = socket.getaddrinfo is REAL_RESOLVER and not name.rstrip(".").endswith(("localhost", "127.0.0.1"))
        return [] if is_real else really(name, port, seconds)

    monkeypatch.setattr(addresses, "_look_up", look_up)
