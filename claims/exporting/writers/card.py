"""Cards: files about a release as a whole, made when all others are written. Pure text, the same each time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from claims.exporting.writers.table import Column


@dataclass(frozen=True)
class About:
    """What a release says of itself. `manifest` is that of the data files; `facts` are counts, see exporting.facts."""

    manifest: Mapping[str, Any]
    columns: Mapping[str, Sequence[Column]]
    made_on: date
    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.manifest['project']['name']}, release {self.manifest['release']}"

    @property
    def licence(self) -> str:
        """The SPDX identifier its owners gave for the labels; empty: none."""
        return str(self.manifest.get("licences", {}).get("labels") or "")

    def best_files(self) -> dict[str, Mapping[str, Any]]:
        """{table: its file in the format that keeps most of its types}."""
        for extension in ("parquet", "jsonl", "csv", "raw.csv"):
            files = {each["name"].removesuffix(f".{extension}"): each for each in self.manifest["files"]}
            if all(table in files for table in self.columns):
                return {table: files[table] for table in self.columns}
        return {}


@dataclass(frozen=True)
class Card:
    """A format that says something about the others. `needs` lists formats of which one is written along."""

    title: str
    parts: Mapping[str, Callable[[About], str]]  # by file name
    needs: tuple[str, ...] = ()
