"""Reviewers as a closed loop over HTTP: next, then submit, then next. One process, one connection each."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

LINE = "\r\n"


@dataclass(frozen=True)
class Seat:
    """One reviewer: where they ask, and the headers that say who they are. `{unit}` is filled in."""

    port: int
    draw: str
    submit: str
    headers: str = ""


@dataclass
class Tally:
    """What the reviewers of one run saw. Times in seconds."""

    seconds: float = 0.0
    draws: list[float] = field(default_factory=list)
    submits: list[float] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    ran_out: int = 0  # reviewers for whom there was nothing left before the time was up
    acknowledged: list[int] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Labels a second."""
        return len(self.submits) / self.seconds if self.seconds else 0.0


def drive(seats: Sequence[Seat], answers: dict[str, Any], seconds: float) -> Tally:
    """Let all reviewers label at once for so many seconds."""
    return asyncio.run(_drive(seats, answers, seconds))


async def _drive(seats: Sequence[Seat], answers: dict[str, Any], seconds: float) -> Tally:
    tally = Tally()
    began = time.perf_counter()
    await asyncio.gather(*(_label(seat, answers, began + seconds, tally) for seat in seats))
    tally.seconds = time.perf_counter() - began
    return tally


async def _label(seat: Seat, answers: dict[str, Any], until: float, tally: Tally) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", seat.port)
    while time.perf_counter() < until:
        began = time.perf_counter()
        status, drawn = await _ask(reader, writer, seat, seat.draw, {})
        if status >= 300:
            tally.refused[status] += 1
            break
        if drawn["unit"] is None:
            tally.ran_out += 1
            break
        middle = time.perf_counter()
        body = {"codebook_version": drawn["codebook_version"], "answers": answers, "notes": {}, "evidence": []}
        status, _ = await _ask(reader, writer, seat, seat.submit.format(unit=drawn["unit"]), body)
        if status >= 300:
            tally.refused[status] += 1
            break
        tally.draws.append(middle - began)
        tally.submits.append(time.perf_counter() - middle)
        tally.acknowledged.append(drawn["unit"])
    writer.close()
    await writer.wait_closed()


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seat: Seat, path: str, body: dict[str, Any]
) -> tuple[int, Any]:
    content = json.dumps(body)
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{seat.port}", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(content)}", f"Idempotency-Key: {uuid.uuid4().hex}"]
    writer.write(f"{LINE.join(lines)}{LINE}{seat.headers}{LINE}{content}".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return int(head[9:12]), json.loads(await reader.readexactly(length))
