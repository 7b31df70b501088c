"""Plans of rounds that come along, each after a published way of working. They fill the form; everything can change."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("presets.toml")


@dataclass(frozen=True)
class Preset:
    """`plan` holds fields of `claims.assignment.plan.Plan`; `source` says whose way of working it follows."""

    title: str
    what: str
    source: str
    plan: dict[str, Any]


ROUND_PRESETS: dict[str, Preset] = {
    name: Preset(**entry) for name, entry in tomllib.loads(FILE.read_text(encoding="utf-8")).items()
}
