"""Compile the translations of the interface; the compiled files are kept beside their sources."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from claims.management.catalogues import compile_catalogues


class Command(BaseCommand):
    help = (
        "Compile annotator/locale/*/LC_MESSAGES/*.po. Run it after changing a translation; it needs no other program."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        changed = [path for folder in settings.LOCALE_PATHS for path in compile_catalogues(Path(folder))]
        self.stdout.write(f"{len(changed)} compiled" if changed else "Nothing had changed.")
