"""A server on this machine that behaves as Zenodo's deposit API is documented (developers.zenodo.org)."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "zenodo-token-of-a-test"
ONE = re.compile(r"/api/deposit/depositions/(\d+)(/actions/publish)?")
FILE = re.compile(r"/api/files/(\d+)/(.+)")


class Zenodo(ThreadingHTTPServer):
    """Keeps deposits by id, the bytes that were put into each, and a line for every request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.deposits: dict[int, dict[str, Any]] = {}
        self.files: dict[int, dict[str, bytes]] = {}
        self.asked: list[str] = []
        self.required: tuple[str, ...] = ("upload_type", "title", "creators", "description")
        self.files_until_away: int | None = None  # so many more files are taken; then it answers 503
        self.spoils = ""  # a file of this name is kept otherwise than it was sent
        self.bucket_at = ""  # where files go, when it is not here
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def end(self) -> None:
        self.shutdown()
        self.server_close()

    def shown(self, number: int) -> dict[str, Any]:
        kept = self.deposits[number]
        files = [
            {"id": name, "filename": name, "filesize": len(content), "checksum": hashlib.md5(content).hexdigest()}
            for name, content in self.files[number].items()
        ]
        links = {
            "bucket": f"{self.bucket_at or self.origin}/api/files/{number}",
            "html": f"{self.origin}/deposit/{number}",
            **({"record_html": f"{self.origin}/records/{number}"} if kept["submitted"] else {}),
        }
        return {"id": number, "files": files, "links": links, **kept}


class Handler(BaseHTTPRequestHandler):
    server: Zenodo

    def do_GET(self) -> None:
        self.answered(self.read_one)

    def do_POST(self) -> None:
        self.answered(self.create if self.path == "/api/deposit/depositions" else self.publish)

    def do_PUT(self) -> None:
        self.answered(self.put_file if FILE.fullmatch(self.path) else self.change)

    def answered(self, act: Any) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.server.asked.append(f"{self.command} {self.path}")
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return self.say(401, {"status": 401, "message": "The server could not verify that you are authorized."})
        return self.say(*act(body))

    def say(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def create(self, body: bytes) -> tuple[int, Any]:
        number = 100 + len(self.server.deposits)
        self.server.deposits[number] = {"submitted": False, "state": "unsubmitted", **json.loads(body)}
        self.server.files[number] = {}
        return 201, self.server.shown(number)

    def find(self) -> int | None:
        found = ONE.fullmatch(self.path)
        number = int(found[1]) if found else 0
        return number if number in self.server.deposits else None

    def read_one(self, _: bytes) -> tuple[int, Any]:
        number = self.find()
        return (200, self.server.shown(number)) if number else (404, {"status": 404, "message": "Not found."})

    def change(self, body: bytes) -> tuple[int, Any]:
        number = self.find()
        if number is None:
            return 404, {"status": 404, "message": "Not found."}
        metadata = json.loads(body)["metadata"]
        absent = [name for name in self.server.required if not metadata.get(name)]
        missing = [{"field": f"metadata.{name}", "message": "Missing."} for name in absent]
        if missing:
            return 400, {"status": 400, "message": "Validation error.", "errors": missing}
        self.server.deposits[number] |= {"metadata": metadata, "title": metadata["title"]}
        return 200, self.server.shown(number)

    def put_file(self, body: bytes) -> tuple[int, Any]:
        found = FILE.fullmatch(self.path)
        assert found is not None
        number, name = int(found[1]), found[2]
        if self.server.files_until_away is not None:
            if self.server.files_until_away == 0:
                return 503, {"status": 503, "message": "Down for maintenance."}
            self.server.files_until_away -= 1
        self.server.files[number][name] = body + (b"!" if name == self.server.spoils else b"")
        digest = hashlib.md5(self.server.files[number][name]).hexdigest()
        return 201, {"key": name, "size": len(body), "checksum": f"md5:{digest}"}

    def publish(self, _: bytes) -> tuple[int, Any]:
        number = self.find()
        if number is None:
            return 404, {"status": 404, "message": "Not found."}
        self.server.deposits[number] |= {"submitted": True, "state": "done", "doi": f"10.5281/zenodo.{number}"}
        return 202, self.server.shown(number)

    def log_message(self, *_: Any) -> None:
        pass
