"""`rejoin_text --release DIR --texts FILE... --out DIR`: puts the texts one holds back into a release without text."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from claims.exporting.bare import digest_of, rejoin_articles, rejoin_claims
from claims.management.commands.export_release import check_folder
from claims.management.taught import TaughtCommand
from claims.management.told import ToldError

NAMES = ("articles.jsonl", "claims.jsonl")


class Command(TaughtCommand):
    help = (
        "Put texts back into articles.jsonl and claims.jsonl of a release without text. A text is used only when its "
        "SHA-256 is the one that was released. Exit status 1 when a text is missing; what was found is written."
    )
    example = "rejoin_text --release dataset --texts articles/ more.jsonl --out whole"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--release", required=True, type=Path, metavar="DIR", help="the folder of the release")
        parser.add_argument(
            "--texts",
            required=True,
            nargs="+",
            type=Path,
            metavar="PATH",
            help="text files, folders of them, or .jsonl files with a field “text”; UTF-8",
        )
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="where the two files are written")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: Any, release: Path, texts: list[Path], out: Path, json: bool, **__: Any) -> None:
        missing = [name for name in NAMES if not (release / name).is_file()]
        if missing:
            raise ToldError(
                "not_a_release", f"{release} has no {' and no '.join(missing)}. Export the release with --format jsonl."
            )
        if out.resolve() == release.resolve():
            raise ToldError("same_folder", "Write to another folder than the one that is read.")
        check_folder(out)
        wanted = set(_digests(release / NAMES[0]))
        held = {digest: text for text in _texts(texts) if (digest := digest_of(text)) in wanted}
        counts = _write(release, out, held)
        self.report(counts, as_json=json)
        if counts["articles_missing"]:
            raise SystemExit(1)

    def report(self, counts: dict[str, int], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(counts))
            return
        self.stdout.write(
            f"Texts found: {counts['articles']}, missing: {counts['articles_missing']}. "
            f"Claims made whole: {counts['claims']}, not: {counts['claims_missing']}."
        )


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", newline="\n") as lines:
            yield from lines
    except UnicodeDecodeError as error:
        raise ToldError(
            "not_utf8", f"{path} is not UTF-8: {error.reason} at byte {error.start}. Convert it first."
        ) from error


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for n, line in enumerate(_lines(path), start=1):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ToldError(
                "invalid_json", f"Line {n} of {path} is not JSON: {error}. Give one object a line."
            ) from error
        if not isinstance(row, dict):
            raise ToldError(
                "invalid_json", f"Line {n} of {path} is {line[:40].strip()!r}, and no object. Give one object a line."
            )
        yield row


def _digests(path: Path) -> Iterator[str]:
    for n, row in enumerate(_rows(path), start=1):
        if not isinstance(row.get("text_sha256"), str):
            raise ToldError(
                "not_a_release", f"Line {n} of {path} has no “text_sha256”. Is it from a release of this program?"
            )
        yield row["text_sha256"]


def _texts(paths: list[Path]) -> Iterator[str]:
    for path in paths:
        if path.is_dir():
            yield from _texts(sorted(each for each in path.rglob("*") if each.is_file()))
        elif path.suffix in (".jsonl", ".ndjson"):
            yield from (row["text"] for row in _rows(path) if isinstance(row.get("text"), str))
        elif path.is_file():
            yield path.read_bytes().decode("utf-8", "replace")
        else:
            raise ToldError("file_missing", f"There is no file {path}.")


def _write(release: Path, out: Path, held: dict[str, str]) -> dict[str, int]:
    placed: dict[tuple[int, int], str] = {}
    for line in _lines(release / NAMES[0]):
        row = json.loads(line)
        if (text := held.get(row["text_sha256"])) is not None:
            placed[row["article"], row["text_version"]] = text
    counts: dict[str, int] = {}
    made = (rejoin_articles(_lines(release / NAMES[0]), held), rejoin_claims(_lines(release / NAMES[1]), placed))
    for name, rows in zip(NAMES, made, strict=True):
        with (out / name).open("w", encoding="utf-8", newline="\n") as target:
            results = [target.write(line) > 0 and is_whole for line, is_whole in rows]
        table = name.removesuffix(".jsonl")
        counts |= {table: sum(results), f"{table}_missing": len(results) - sum(results)}
    return counts
