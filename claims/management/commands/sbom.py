"""Write what the installation consists of as CycloneDX 1.6: every pinned package, its licence, and what needs it."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser

ENTRY = re.compile(r"^(?P<name>[a-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>\S+)(?: ; (?P<marker>.+?))?(?: \\)?$", re.I)
OURSELVES = "attest"


@dataclass(frozen=True)
class Pin:
    """An entry of a lock file; `via` names the packages that need it."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    via: tuple[str, ...]

    @property
    def url(self) -> str:
        """The package URL of PyPI packages (github.com/package-url/purl-spec)."""
        return f"pkg:pypi/{re.sub('[-_.]+', '-', self.name).lower()}@{self.version}"


class Command(BaseCommand):
    help = __doc__ or ""
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--lock", type=Path, default=settings.BASE_DIR / "requirements.lock", help="a lock file")

    def handle(self, *_: Any, lock: Path, **__: Any) -> None:
        self.stdout.write(json.dumps(bill_of(lock), indent=2))


def bill_of(lock: Path) -> dict[str, Any]:
    """The document. The same lock file gives the same bytes: it carries no time."""
    content = lock.read_text()
    pins = list(pins_of(content))
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    needs: dict[str, list[str]] = {OURSELVES: [], **{pin.url: [] for pin in pins}}
    for pin in pins:
        for name in pin.via:
            owners = [OURSELVES] if name == OURSELVES else [other.url for other in pins if other.name == name]
            for owner in owners:
                needs[owner].append(pin.url)
    serial = uuid.UUID(bytes=hashlib.sha256(content.encode()).digest()[:16], version=4)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": OURSELVES,
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": [_component(pin) for pin in pins],
        "dependencies": [{"ref": ref, "dependsOn": sorted(set(found))} for ref, found in needs.items()],
    }


def pins_of(content: str) -> Iterator[Pin]:
    """Yield the entries of a lock file as `uv pip compile --generate-hashes` writes it."""
    lines = content.splitlines()
    starts = [at for at, line in enumerate(lines) if ENTRY.match(line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        found = ENTRY.match(lines[start])
        assert found is not None  # noqa: S101 - that is what `starts` holds
        rest = "\n".join(lines[start + 1 : end])
        said = " ".join(line.strip(" #") for line in rest.splitlines() if line.strip().startswith("#"))
        words = re.sub(r"\(pyproject\.toml[^)]*\)|-c \S+", "", said.partition("via")[2]).split()
        hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", rest))
        yield Pin(found["name"], found["version"], found["marker"] or "", hashes, tuple(w.strip(",") for w in words))


def _component(pin: Pin) -> dict[str, Any]:
    properties = [{"name": "attest:lock:sha256", "value": value} for value in pin.hashes]  # one for each platform
    if pin.marker:
        properties.append({"name": "attest:lock:marker", "value": pin.marker})
    found: dict[str, Any] = {"type": "library", "bom-ref": pin.url, "name": pin.name, "version": pin.version}
    if licence := _licence_of(pin.name):
        found["licenses"] = [{"license": {"name": licence}}]
    return found | {"purl": pin.url, "properties": properties}


def _licence_of(name: str) -> str:
    """As the installed package states it; empty for packages of other systems."""
    try:
        stated = metadata(name)
    except PackageNotFoundError:
        return ""
    classifiers = [line.rpartition(" :: ")[2] for line in stated.get_all("Classifier") or () if "License ::" in line]
    said = stated.get_all("License-Expression") or classifiers or stated.get_all("License") or []
    return "; ".join(said)[:80]
