"""What commands are given by its name. What is not there is told together with what is."""

from __future__ import annotations

from claims.management.told import ToldError
from claims.models import Project, Release, Round, User

MOST = 10  # names in a sentence


def project_called(slug: str) -> Project:
    project = Project.objects.filter(slug=slug).first()
    if project is None:
        names = Project.objects.order_by("slug").values_list("slug", flat=True)
        raise ToldError(
            "unknown_project", f"There is no project “{slug}”. {listed(list(names), 'Make one with create_project.')}"
        )
    return project


def round_called(project: Project, wanted: str) -> Round:
    """A round by its id or its name."""
    rows = Round.objects.in_project(project).select_related("project")
    found: Round | None = rows.filter(name=wanted).first()
    if found is None and wanted.isdecimal() and len(wanted) < 19:
        found = rows.filter(pk=int(wanted)).first()
    if found is None:
        names = [f"{row.pk} “{row.name}”" for row in rows.order_by("id")]
        raise ToldError(
            "unknown_round", f"{project.slug} has no round {wanted!r}. {listed(names, 'Make one with open_round.')}"
        )
    return found


def release_called(project: Project, number: int) -> Release:
    release: Release | None = Release.objects.in_project(project).filter(number=number).first()
    if release is None:
        rows = Release.objects.in_project(project).order_by("number").values_list("number", flat=True)
        names = [str(number) for number in rows]
        raise ToldError(
            "unknown_release",
            f"{project.slug} has no release {number}. {listed(names, 'Make one with export_release.')}",
        )
    return release


def listed(names: list[str], otherwise: str) -> str:
    """The sentence that says what there is, or how to make the first."""
    if not names:
        return f"There is none yet. {otherwise}"
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return f"There {'is' if len(names) == 1 else 'are'}: {', '.join(names[:MOST])}{more}."


def user_called(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        people = User.objects.filter(is_active=True).order_by("-is_superuser", "username")
        names = listed(list(people.values_list("username", flat=True)), "Make the first with createsuperuser.")
        raise ToldError(
            "unknown_user", f"There is no login called {name!r}. {names}" if name else f"Say with --by who. {names}"
        )
    return user
