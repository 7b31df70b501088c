"""A server on this machine that answers as language models do, well and badly."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Endpoint(ThreadingHTTPServer):
    """Answers each request with the next thing it was given, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, bytes]] = []
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.waiting = threading.Event()
        self.waiting.set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def replies(self, content: Any, *, fenced: bool = False) -> None:
        text = json.dumps(content)
        text = f"```json\n{text}\n```" if fenced else text
        body = {"model": "stub-1", "choices": [{"message": {"role": "assistant", "content": text}}]}
        self.answers.append((200, json.dumps(body).encode()))

    def says(self, *claims: dict[str, Any], fenced: bool = False) -> None:
        self.replies({"claims": list(claims)}, fenced=fenced)

    def end(self) -> None:
        self.waiting.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(json.loads(body) | {"path": self.path})
        self.server.keys.append(self.headers["Authorization"])
        self.server.waiting.wait(10)
        status, answer = self.server.answers.pop(0) if self.server.answers else (500, b"")
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        pass
