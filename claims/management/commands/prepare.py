"""What an installation on one machine needs before it starts: tables, scripts and styles, somebody who can sign in."""

from __future__ import annotations

import io
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from claims.management.static_stamp import collect_static_when_changed
from claims.models import Job, User
from claims.people.actions import create_user


class Command(BaseCommand):
    help = (
        "Bring the database and the static files of this installation up to date. An empty one gets an owner, whose "
        "password is printed once, and the demo projects. `manage.py up` does this first."
    )
    requires_migrations_checks = False
    requires_system_checks = ()  # they load every page, seconds that a start would take; `manage.py test` asks them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="an owner and no projects")

    def handle(self, *_: Any, no_demo: bool, **__: Any) -> str:
        self.migrate()
        collect_static_when_changed(Path(settings.STATIC_ROOT), say=self.say)
        told = self.prepare_people(no_demo)
        if Job.objects.stalled().exists():
            self.say("work of the last run is still waiting; it goes on in the background, the pages work meanwhile")
        return told

    def migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.say("preparing the database ...")
            call_command("migrate", verbosity=0, interactive=False)

    def prepare_people(self, no_demo: bool) -> str:
        """Load the demo unless it is not wanted; make sure that somebody can sign in. Returns what to tell them."""
        told = ""
        if not no_demo and not User.objects.exists():
            self.say("loading the demo projects ...")
            told = call_command("demo", stdout=io.StringIO(), stderr=self.stderr) or ""
        return told or ("" if User.objects.exists() else make_owner())

    def say(self, text: str) -> None:
        """Beside what is told at the end: for eyes, at once."""
        self.stderr.write(f"attest: {text}", style_func=str)


def make_owner() -> str:
    password = secrets.token_urlsafe(12)
    owner = create_user(username="owner", password=password)
    User.objects.filter(pk=owner.pk).update(is_staff=True, is_superuser=True)
    return f"\nSign in as: owner\nPassword:   {password}   (shown once; change it after signing in)\n"
