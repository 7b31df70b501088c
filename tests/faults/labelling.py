"""Reviewers at work in an installation, for a while, and whether what was acknowledged is there."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

from tests.faults.clients import Client, Reviewer
from tests.faults.installation import Installation, wait_until
from tests.faults.test_chaos import FINDINGS, NAMES, OVERLAP

FILLED = {"names": NAMES, "overlap": OVERLAP, "units": 400}
CHOICES = [{"stance": "supports"}, {"stance": "reports"}]


def label(installation: Installation, given: Any, name: str, stopping: threading.Event) -> Reviewer:
    return Reviewer(Client(installation.port, given["tokens"][name]), given["round"], CHOICES, stopping, pause=0.25)


def label_for(seconds: float, reviewer: Reviewer, at_least: int = 0) -> None:
    """Work for so long; longer, up to a minute, on a machine too busy to acknowledge `at_least` meanwhile."""
    before = len(reviewer.acknowledged)
    thread = threading.Thread(target=reviewer.work)
    thread.start()
    time.sleep(seconds)
    wait_until(lambda: len(reviewer.acknowledged) >= before + at_least, 60)
    reviewer.stopping.set()
    thread.join(60)


def found_in(installation: Installation, given: Any) -> Any:
    """What the database says about the round, its chains and its counts."""
    return installation.run(FINDINGS % FILLED, str(given["round"]), json.dumps(given["ids"]))


def is_kept(installation: Installation, given: Any, reviewer: Reviewer, name: str) -> bool:
    found = found_in(installation, given)
    return reviewer.acknowledged.items() <= dict(found["labels"][name]).items() and found["chain"] == []
