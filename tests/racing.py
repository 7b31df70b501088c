"""Many at once, each over a real connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection

from claims.models import Reviewer


def all_at_once(work: Callable[[Reviewer], None], people: list[Reviewer], *others: Callable[[], None]) -> None:
    """Each person's work, and what else there is, from one moment on over a connection each; what fails, fails here."""
    barrier, faults = threading.Barrier(len(people) + len(others)), list[BaseException]()

    def run(deed: Callable[[], None]) -> None:
        try:
            barrier.wait()
            deed()
        except BaseException as error:
            faults.append(error)
        finally:
            connection.close()

    deeds = [*(lambda who=who: work(who) for who in people), *others]
    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
