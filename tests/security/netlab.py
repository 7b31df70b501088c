"""The internet on this machine: servers on loopback that misbehave, a resolver that says what a test wants, and a
canary that counts who comes to it. Names of the public internet stand for the servers (OUTBOUND_TEST_HOSTS)."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PUBLIC = "93.184.216.34"
Script = Callable[[socket.socket, bytes], None]


def reply(body: bytes = b"", *, status: str = "200 OK", headers: Sequence[str] = ()) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def says(answer: bytes) -> Script:
    return lambda connection, _: connection.sendall(answer)


class Server:
    """Answers each connection by its script, and remembers what it was asked."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._script, self._tls = script, tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        try:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                connection.settimeout(10)
                asked = b""
                while b"\r\n\r\n" not in asked:
                    part = connection.recv(65_536)
                    if not part:
                        return
                    asked += part
                self.requests.append(asked)
                self._script(connection, asked)
        except OSError:
            connection.close()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._threads[0].join(5)


class Netlab:
    def __init__(self, hosts: dict[str, tuple[str, int]]) -> None:
        self.hosts = hosts
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        self.servers: list[Server] = []

    def serve(self, script: Script, tls: ssl.SSLContext | None = None) -> Server:
        self.servers.append(Server(script, tls))
        return self.servers[-1]

    def name(self, host: str, server: Server | None = None, *answers: Sequence[str]) -> None:
        """Let a name resolve to these lists of addresses, one list a look-up, the last for ever."""
        self.answers[host] = [list(answer) for answer in answers] or [[PUBLIC]]
        if server is not None:
            self.hosts[host] = ("127.0.0.1", server.port)

    def getaddrinfo(self, host: str, port: Any, *_: Any, **__: Any) -> list[Any]:
        try:
            found = [str(ipaddress.ip_address(host))]
        except ValueError:
            self.asked.append(host)
            queue = self.answers.get(host.rstrip("."))
            if queue is None:
                raise socket.gaierror(socket.EAI_NONAME, "no such name") from None
            found = queue.pop(0) if len(queue) > 1 else queue[0]
        return [
            (socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found
        ]

    def close(self) -> None:
        for server in self.servers:
            server.close()


def certificate(folder: Path, host: str, *, days: int = 30) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS context with a certificate signed by itself, and the file that makes it trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=60))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "server.crt", folder / "server.key"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key_file.write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file, key_file)
    return context, certificate_file
