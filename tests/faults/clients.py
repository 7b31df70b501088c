"""Clients of the API that never give up, and write down what they tried and what was acknowledged."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

AGAIN = frozenset({429, 502, 503, 504})


@dataclass
class Answer:
    status: int
    body: Any


class Client:
    """One person's token and one connection, opened anew whenever it breaks."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.token = token
        self.connection: http.client.HTTPConnection | None = None
        self.statuses: Counter[int | str] = Counter()

    def ask(self, method: str, path: str, body: Any = None, key: str = "") -> Answer | None:
        """One attempt; None when nobody knows whether it was done."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            self.connection.request(method, f"/api/v1/{path}", json.dumps(body) if body is not None else None, headers)
            response = self.connection.getresponse()
            answer = Answer(response.status, json.loads(response.read() or b"null"))
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.statuses[type(error).__name__] += 1
            self.close()
            return None
        self.statuses[answer.status] += 1
        return answer

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def insist(self, method: str, path: str, body: Any = None, key: str = "", seconds: float = 240) -> Answer:
        """The same request until it is answered."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answer = self.ask(method, path, body, key)
            if answer is not None and answer.status not in AGAIN:
                return answer
            time.sleep(1 if answer is not None and answer.status == 429 else 0.1)
        raise AssertionError(f"{method} {path} was not answered for {seconds} s: {self.statuses}")


@dataclass
class Reviewer:
    """Labels until told to stop. `attempted` and `acknowledged` hold the units of one round."""

    client: Client
    round: int
    choices: list[dict[str, Any]]
    stopping: threading.Event
    pause: float = 0.0
    attempted: set[int] = field(default_factory=set)
    acknowledged: dict[int, int] = field(default_factory=dict)  # unit -> number of the event
    surprises: list[Answer] = field(default_factory=list)

    def work(self) -> None:
        try:
            while not self.stopping.is_set():
                self.label_one()
        finally:
            self.client.close()

    def label_one(self) -> None:
        drawn = self.client.insist("POST", f"rounds/{self.round}/next/")
        if drawn.status != 200 or drawn.body["unit"] is None:
            self.surprises += [drawn] if drawn.status != 200 else []
            time.sleep(0.2)
            return
        turn = len(self.attempted) + drawn.body["unit"]
        self.submit(drawn.body, self.choices[turn % len(self.choices)])
        time.sleep(self.pause)

    def submit(self, drawn: dict[str, Any], answers: dict[str, Any]) -> None:
        unit = drawn["unit"]
        self.attempted.add(unit)
        body = {"codebook_version": drawn["codebook_version"], "answers": answers, "notes": {}, "evidence": []}
        answer = self.client.insist("POST", f"rounds/{self.round}/units/{unit}/label/", body, key=uuid.uuid4().hex)
        if answer.status in (200, 201):
            self.acknowledged[unit] = answer.body["seq"]
        else:
            self.surprises.append(answer)


@dataclass
class Importer:
    """Sends articles until told to stop; each text is its own."""

    client: Client
    project: str
    stopping: threading.Event
    prefix: str
    pause: float = 0.3
    attempted: set[str] = field(default_factory=set)
    acknowledged: dict[str, int] = field(default_factory=dict)  # title -> job
    surprises: list[Answer] = field(default_factory=list)

    def work(self) -> None:
        try:
            while not self.stopping.is_set():
                self.send_one()
                time.sleep(self.pause)
        finally:
            self.client.close()

    def send_one(self) -> None:
        title = f"Ferry report {self.prefix}{len(self.attempted)}"
        self.attempted.add(title)
        lines = [f"Ferry {self.prefix}{len(self.attempted)}-{n} left {n} minutes late." for n in range(1, 9)]
        body = {"title": title, "text": "\n".join(lines), "outlet": "Tidal Post"}
        answer = self.client.insist("POST", f"projects/{self.project}/articles/", body, key=uuid.uuid4().hex)
        if answer.status == 202:
            self.acknowledged[title] = answer.body["id"]
        else:
            self.surprises.append(answer)
