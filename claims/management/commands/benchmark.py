"""Measure a part of the product beside a bare reference, in one run."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from claims.management.benchmarks import BENCHMARKS


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=sorted(BENCHMARKS))
        parser.add_argument("--units", default="10000", help="sizes, for example 10000,1000000")
        parser.add_argument("--reviewers", default="1,8,32", help="how many at once")
        parser.add_argument("--seconds", type=float, default=10.0, help="how long each is measured")

    def handle(self, *_: Any, name: str, units: str, reviewers: str, seconds: float, **__: Any) -> None:
        BENCHMARKS[name](numbers("--units", units), numbers("--reviewers", reviewers), seconds, self.stdout.write)


def numbers(option: str, text: str) -> list[int]:
    try:
        found = [int(word) for word in text.split(",")]
    except ValueError:
        found = []
    if not found or min(found) < 1:
        raise CommandError(f"{option} is {text!r}. Write whole numbers, separated by commas.")
    return found
