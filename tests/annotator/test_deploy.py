"""The units, the compose file and the image, read as text: what runs, as whom, and what it may reach."""

from __future__ import annotations

import configparser
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "annotator" / "deploy"
OURS = ("web", "worker", "beat", "migrate")


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def test_it_works_with_every_process_and_both_engines(compose: Any) -> None:
    assert set(compose["services"]) == {*OURS, "database", "broker"}


def test_only_the_migration_knows_the_owner_and_the_head_names_every_file(compose: Any) -> None:
    head = (DEPLOY / "compose.yaml").read_text().partition("name: attest")[0]
    files = {name: service.get("env_file") for name, service in compose["services"].items() if name in OURS}
    assert files.pop("migrate") == ["attest.env", "migrate.env"]
    assert set(files.values()) == {"attest.env"}
    assert all(name in head for name in ("attest.env", "migrate.env", "postgres_password", "roles.sql"))
    assert "MIGRATION_DATABASE_URL" in head


@pytest.mark.parametrize("name", OURS)
def test_op_07_our_containers_have_no_rights_to_lose(compose: Any, name: str) -> None:
    service = compose["services"][name]
    assert service["user"] not in ("0", "root", "")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "volumes" not in service
    assert not service.get("privileged")


def test_op_07_nothing_reaches_the_engine_or_the_outside(compose: Any) -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    assert "docker.sock" not in text
    assert compose["networks"]["inside"]["internal"] is True
    assert [name for name, service in compose["services"].items() if "entrance" in service["networks"]] == ["web"]
    assert all(
        port.startswith("127.0.0.1:") for service in compose["services"].values() for port in service.get("ports", [])
    )


def test_op_07_the_image_runs_as_nobody_in_particular_from_hashed_packages() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert re.search(r"^USER (?!0|root)\w+", text, re.MULTILINE)
    assert "--require-hashes" in text
    assert "ADD http" not in text


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_units_run_the_commands_of_up_under_a_user_of_their_own(name: str) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / "systemd" / f"attest-{name}.service")
    service = unit["Service"]
    assert service["User"] == "attest"
    assert service["ProtectSystem"] == "strict"
    assert service["Restart"] == "always"
    assert {"web": "annotator.wsgi:application", "worker": " worker ", "beat": " beat "}[name] in service["ExecStart"]


def test_every_setting_of_the_example_is_read_and_every_setting_is_in_it() -> None:
    example = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", (DEPLOY / "attest.env.example").read_text(), re.MULTILINE))
    source = (ROOT / "annotator" / "settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source)) | {"MIGRATION_DATABASE_URL", "DATABASE_URL"}
    local = {"DEBUG", "ATTEST_PROCESS", "ATTEST_TESTING", "ATTEST_STATE_DIR", "ATTEST_DATABASE", "STATIC_ROOT"}
    local |= {"OUTBOUND_TEST_HOSTS"}  # refused outside tests
    assert example == read - local


def test_op_04_the_example_holds_no_secret() -> None:
    text = (DEPLOY / "attest.env.example").read_text()
    assert re.search(r"^SECRET_KEY=$", text, re.MULTILINE)
    assert set(re.findall(r"://[^:@/\s]*:([^:@/\s]+)@", text)) == {"PASSWORD"}
