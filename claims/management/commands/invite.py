"""`invite --project SLUG --role ROLE`: a link that lets somebody in."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.urls import reverse

from claims.management.acting import ActingCommand, actor
from claims.models.project import ROLES
from claims.people.invitations import invite


class Command(ActingCommand):
    help = "Make an invitation link. It is shown once; only its digest is kept."
    example = "invite --project harbour --role reviewer --days 14"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", choices=ROLES, default="reviewer")
        parser.add_argument("--email", default="", help="a note for whom it is")
        parser.add_argument("--days", type=int, default=14, help="how long it is good (default: 14)")
        super().add_arguments(parser)

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        project, by = actor(options)
        given = {name: options[name] for name in ("role", "email", "days")}
        invitation, token = invite(project, **given, by=by)
        link = settings.SITE_URL + reverse("join", args=[token])
        until = f"{invitation.expires_at:%Y-%m-%d}"
        return {
            "invitation": invitation.pk,
            "link": link,
            "until": until,
            "sentence": f"{link}  (one {options['role']}, until {until})",
        }
