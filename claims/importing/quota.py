"""How many imports of one person may wait at once."""

from __future__ import annotations

from claims.errors import Refused
from claims.models import Job, User

IMPORTS_AT_ONCE = 20  # of one person, waiting or running
KINDS = ("import_articles", "import_addresses", "import_claims")


def check_quota(by: User, *, lock: bool = False) -> None:
    """Refuse what would wait behind too many imports of the same person; `lock` makes their imports take turns here."""
    if lock:
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
    waiting = Job.objects.filter(kind__in=KINDS, created_by=by, state__in=("queued", "running")).count()
    if waiting >= IMPORTS_AT_ONCE:
        raise Refused(
            "too_many_imports",
            f"{waiting} of your imports are not done yet. Wait for one to end, or put the files into one import.",
            status=429,
        )
