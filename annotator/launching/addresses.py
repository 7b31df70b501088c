"""Where an installation listens, and the names and addresses under which others reach it."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

LOOPBACK = ("127.0.0.1", "localhost", "::1")
THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")  # as ALLOWED_HOSTS writes them
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised, not bound by default
LEFT = "address"  # in the state directory
NOT_FOR_OTHERS = ("127.", "::1", "fe80")


class LaunchError(Exception):
    """The installation cannot be started; the message says why and what to do."""


def refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OverflowError:
            raise LaunchError(f"--port {port} is not a port. Choose one from 1024 to 65535.") from None
        except OSError as error:
            cure = f"Is another one running? Choose another with --port {port + 1}."
            if error.errno in (errno.EADDRNOTAVAIL, socket.EAI_NONAME, socket.EAI_AGAIN):
                cure = "It is no address of this machine. Use one that is, or 0.0.0.0 for all of them."
            raise LaunchError(f"Cannot listen on {host} port {port}: {error.strerror}. {cure}") from error


def allow_host(host: str) -> None:
    """The processes started below answer to the name they listen on; ALLOWED_HOSTS set by the user stays as it is."""
    if host not in LOOPBACK:
        names = (*THIS_MACHINE, socket.gethostname(), *(own_addresses() if host in EVERYWHERE else (host,)))
        os.environ.setdefault("ALLOWED_HOSTS", ",".join(names))


def own_addresses() -> list[str]:
    """The addresses under which other machines may find this one, as they stand in a URL; first what packets leave
    from, which is what most of them know it by."""
    found: list[str] = []
    for family, elsewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):  # RFC 5737, RFC 3849
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((elsewhere, 9))  # sends nothing: it chooses the address that packets would leave from
            found.append(str(probe.getsockname()[0]))
    found += sorted(str(info[4][0]) for info in _resolved(socket.gethostname()))
    shown = (f"[{one}]" if ":" in one else one for one in found if not one.startswith(NOT_FOR_OTHERS))
    return list(dict.fromkeys(shown))


def address_in_links(host: str, port: int) -> str:
    """What links in letters begin with: they are opened on other machines, where 127.0.0.1 is another one."""
    others = own_addresses() if host in EVERYWHERE else []
    return f"http://{others[0]}:{port}/" if others else address(host, port)


def leave_address(state: Path, host: str, port: int) -> None:
    """For letters, and for commands that print links: nobody tells them where the installation is."""
    state.mkdir(parents=True, exist_ok=True)
    (state / LEFT).write_text(address_in_links(host, port), encoding="utf-8")


def left_address(state: Path) -> str:
    """Empty when nothing was started there yet."""
    try:
        return (state / LEFT).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""


def _resolved(name: str) -> Sequence[Any]:
    try:
        return socket.getaddrinfo(name, None)
    except OSError:
        return ()


def address(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in EVERYWHERE else host
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"
