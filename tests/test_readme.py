"""The README is held to the code: every reader, writer, coefficient, codebook and command has its word in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from claims.exporting.writers import WRITERS
from claims.importing.readers import READERS
from claims.labelling.codebook import PRESETS
from claims.statistics.coefficients import COEFFICIENTS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def row(name: str) -> set[str]:
    [line] = [line for line in README.splitlines() if line.startswith(f"| {name} |")]
    return set(re.findall(r"`(\w+)`", line))


@pytest.mark.parametrize(
    ("name", "registry"),
    [("readers", READERS), ("writers", WRITERS), ("coefficients", COEFFICIENTS), ("codebooks", PRESETS)],
)
def test_it_works_the_readme_lists_each_registry_and_nothing_else(name: str, registry: dict[str, object]) -> None:
    assert row(name) == set(registry)


def test_the_readme_lists_every_command() -> None:
    ours = {command for command, app in get_commands().items() if app in ("claims", "annotator")}
    assert row("commands") == ours


def test_every_command_in_an_example_exists() -> None:
    assert set(re.findall(r"manage\.py (\w+)", README)) <= set(get_commands())


def test_every_link_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_two_commands_are_on_the_first_screen() -> None:
    first = "\n".join(README.splitlines()[:12])
    assert "python3 manage.py up" in first
    assert "python3 manage.py test" in first
