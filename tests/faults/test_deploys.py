"""Processes are told to end while people work, and far more people come than two processors can serve."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from collections import Counter
from typing import Any

import psutil
import psycopg
import pytest

from tests.faults.clients import Client
from tests.faults.installation import Installation, wait_until
from tests.faults.labelling import found_in, is_kept, label, label_for
from tests.faults.test_chaos import OPEN_JOBS

pytestmark = pytest.mark.slow
RECOUNT = """
import json, sys
from claims import jobs
from claims.models import Round
round_ = Round.objects.select_related("project").get(pk=int(sys.argv[1]))
for n in range(6):
    jobs.enqueue("recount_round", project=round_.project, args={"round": round_.pk})
print(json.dumps(True))
"""


def connect(installation: Installation) -> psycopg.Connection[Any]:
    return psycopg.connect(host=str(installation.cluster.sockets), user="attest", dbname="attest")


def is_up(installation: Installation) -> bool:
    client = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=10)
    try:
        client.request("GET", "/healthz")
        return bool(json.loads(client.getresponse().read())["database"] == "ok")
    except (OSError, http.client.HTTPException):
        return False
    finally:
        client.close()


def test_ft_22_a_submit_under_way_is_answered_though_the_web_server_is_told_to_end(
    installation: Installation, given: Any
) -> None:
    assert wait_until(lambda: is_up(installation), 30)
    client = Client(installation.port, given["tokens"]["alice"])
    drawn = client.insist("POST", f"rounds/{given['round']}/next/").body
    body = {"codebook_version": drawn["codebook_version"], "answers": {"stance": "reports"}}
    answers: list[Any] = []

    def submit() -> None:
        address = f"rounds/{given['round']}/units/{drawn['unit']}/label/"
        answers.append(client.ask("POST", address, body, key=uuid.uuid4().hex))

    with connect(installation) as holder:  # the submit waits for its chain, held here
        holder.execute("SELECT 1 FROM claims_labelchain WHERE reviewer_id = %s FOR UPDATE", [given["ids"]["alice"]])
        submitting = threading.Thread(target=submit)
        submitting.start()
        time.sleep(1)
        for process in installation.children("granian"):
            process.terminate()
        time.sleep(1)
        assert not answers
    submitting.join(20)
    assert answers[0] is not None
    assert answers[0].status == 201


def test_ft_22_no_error_page_and_nothing_lost_while_web_and_worker_are_restarted(
    installation: Installation, given: Any
) -> None:
    reviewer = label(installation, given, "bob", threading.Event())
    working = threading.Thread(target=reviewer.work)
    working.start()
    for word in ("granian", "worker", "granian"):
        stored = len(reviewer.acknowledged)
        assert wait_until(lambda stored=stored: len(reviewer.acknowledged) > stored, 60), "work goes on"
        for process in installation.children(word):
            process.terminate()
    stored = len(reviewer.acknowledged)
    assert wait_until(lambda: len(reviewer.acknowledged) > stored, 60), "and again after the last"
    reviewer.stopping.set()
    working.join(60)
    answered = {status for status in reviewer.client.statuses if isinstance(status, int)}
    assert answered <= {200, 201}
    assert wait_until(lambda: installation.run(OPEN_JOBS) == 0, 90)
    assert is_kept(installation, given, reviewer, "bob")


def test_ft_23_a_worker_told_to_end_in_the_middle_of_scoring_leaves_nothing_half_applied(
    installation: Installation, given: Any
) -> None:
    reviewer = label(installation, given, "dora", threading.Event())
    working = threading.Thread(target=label_for, args=(10, reviewer))
    working.start()
    for _ in range(4):
        installation.run(RECOUNT, str(given["round"]))
        for process in [one for worker in installation.children("worker") for one in (worker, *worker.children())]:
            try:
                process.terminate()
            except psutil.NoSuchProcess:
                continue
    working.join(90)
    assert wait_until(lambda: installation.run(OPEN_JOBS) == 0, 120)
    found = found_in(installation, given)
    assert found["recount"] == []
    assert found["pending"] == 0
    assert found["chain"] == []
    assert reviewer.acknowledged.items() <= dict(found["labels"]["dora"]).items()


def test_ft_27_three_hundred_clients_at_once_are_served_or_told_to_come_back(
    installation: Installation, given: Any
) -> None:
    assert wait_until(lambda: is_up(installation), 30)  # the test before may have ended it
    statuses: Counter[int | str] = Counter()
    until = time.monotonic() + 8
    processes = installation.children("granian")

    def ask(token: str) -> None:
        while time.monotonic() < until:
            connection = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=60)
            try:
                connection.request("GET", "/api/v1/projects/", headers={"Authorization": f"Bearer {token}"})
                statuses[connection.getresponse().status] += 1
            except (OSError, http.client.HTTPException) as error:
                statuses[type(error).__name__] += 1
            finally:
                connection.close()

    tokens = [given["owner"], "att_nobody"]  # those of the reviewers are left to the other tests: 300 a minute each
    crowd = [threading.Thread(target=ask, args=(tokens[n % len(tokens)],)) for n in range(300)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert set(statuses) <= {200, 401, 429, 503}, statuses
    assert statuses[429] > 0
    assert installation.children("granian") == processes  # none crashed
    assert wait_until(lambda: is_up(installation), 10)
