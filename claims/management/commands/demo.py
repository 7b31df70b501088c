"""Three projects to look at: a corpus that is coded, claims that are checked, outlets that are rated."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Max
from django.db.models.functions import Now

from claims.management.commands.prepare import make_owner
from claims.management.demo.story import make_people, play, read_script
from claims.models import Job, Notice, User
from claims.tasks import tell_end


class Command(BaseCommand):
    help = (
        "Make the three demo projects, with articles of our own writing, labels of two demo reviewers, settled "
        "disputes and a release. What is there already is left as it is, so it may run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--owner", default="owner", help="the login that owns the projects (default: owner)")

    def handle(self, *_: Any, owner: str, verbosity: int, **__: Any) -> str:
        told = "" if User.objects.filter(username=owner).exists() or owner != "owner" else make_owner()
        by = User.objects.filter(username=owner).first()
        if by is None:
            raise CommandError(f"There is no login called {owner!r}. Create it first, or leave --owner out.")
        for name, password in make_people().items():
            told += f"Demo reviewer {name}, password {password}\n"
        script, last = read_script(), Notice.objects.aggregate(last=Max("pk"))["last"] or 0
        last_job = Job.objects.aggregate(last=Max("pk"))["last"] or 0
        for n, plan in enumerate(script["projects"], 1):
            project = play(plan, script, by=by)
            if verbosity:
                ready = f"attest:   {n} of {len(script['projects'])}: {project.name}"
                self.stderr.write(ready, style_func=str)  # progress, for eyes; what is to be kept goes to stdout
        for job in Job.objects.filter(pk__gt=last_job).order_by("pk"):
            tell_end(job.pk)  # before a worker does, for which the messages wait in the broker
        Notice.objects.filter(pk__gt=last, read_at=None).update(read_at=Now())  # a visitor begins without any
        return told
