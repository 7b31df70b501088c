"""What each kind of destination may be, and how much of it is taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """`is_foreign`: the address was named by somebody else than the operator, so everything about it is checked."""

    is_foreign: bool
    ports: frozenset[int] | None  # None: any
    redirects: int
    seconds: float  # for everything together: name, connection, every hop, the whole body
    body_bytes: int  # decoded


PUBLIC = Policy(is_foreign=True, ports=frozenset({80, 443}), redirects=5, seconds=20, body_bytes=10_000_000)
CONFIGURED = Policy(is_foreign=False, ports=None, redirects=0, seconds=120, body_bytes=10_000_000)
