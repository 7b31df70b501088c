"""A small OpenID Connect provider on the loopback: discovery, authorisation with PKCE, tokens, keys, user info."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "attest", "a-secret-of-the-provider"


class Provider:
    """Signs in one person, `subject`, whoever asks. What was wrong with a request stands in `faults`."""

    def __init__(self) -> None:
        self.subject, self.faults, self.codes, self.tokens = "person-14", [], {}, set()
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.server = ThreadingHTTPServer(("localhost", 0), self._handler())
        self.address = f"http://localhost:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    faults: list[str]
    codes: dict[str, dict[str, str]]
    tokens: set[str]

    def __enter__(self) -> Provider:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "jwks_uri": f"{self.address}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
        }

    def authorise(self, asked: dict[str, str]) -> str:
        """Where the browser goes on with a code."""
        for name in ("client_id", "redirect_uri", "state", "code_challenge"):
            if not asked.get(name):
                self.faults.append(f"no {name}")
        if asked.get("code_challenge_method") != "S256" or asked.get("client_id") != CLIENT:
            self.faults.append("not our client, or no S256")
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, sent: dict[str, str]) -> dict[str, Any] | None:
        asked = self.codes.pop(sent.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if asked is None or challenge.decode().rstrip("=") != asked["code_challenge"]:
            self.faults.append("the verifier does not fit the challenge")
            return None
        if (sent.get("client_id"), sent.get("client_secret")) != (CLIENT, SECRET):
            self.faults.append("not our client's secret")
            return None
        now, token = int(time.time()), secrets.token_urlsafe(16)
        self.tokens.add(token)
        said = {"iss": self.address, "aud": CLIENT, "sub": self.subject, "iat": now, "exp": now + 300}
        if "nonce" in asked:
            said["nonce"] = asked["nonce"]
        signed = jwt.encode(said, self.key, algorithm="RS256", headers={"kid": "one"})
        return {"access_token": token, "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path == "/authorize":
                    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                    self.send_response(302)
                    self.send_header("Location", provider.authorise(asked))
                    self.end_headers()
                elif parts.path == "/.well-known/openid-configuration":
                    self.answer(provider.configuration())
                elif parts.path == "/keys":
                    self.answer(provider.keys())
                elif parts.path == "/userinfo":
                    known = self.headers.get("Authorization", "").removeprefix("Bearer ") in provider.tokens
                    self.answer({"sub": provider.subject} if known else None)
                else:
                    self.answer(None)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
                sent = {name: values[0] for name, values in parse_qs(body).items()}
                self.answer(provider.token(sent) if self.path == "/token" else None)

            def answer(self, body: Any) -> None:
                written = json.dumps(body or {"error": "invalid_request"}).encode()
                self.send_response(200 if body else 400)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(written)))
                self.end_headers()
                self.wfile.write(written)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler
