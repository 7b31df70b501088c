"""A start waits for preparing only when what it depends on has changed, and a failure of it stops the start."""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from annotator.launching import preparing, up
from annotator.launching.addresses import LaunchError
from annotator.launching.preparing import Preparation

MIGRATION = "claims/migrations/0001_initial.py"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (MIGRATION, "static/css/base.css", "requirements.lock"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("as it is")
    monkeypatch.setattr(preparing, "ROOT", tmp_path)
    return tmp_path


def prepared_by(code: str, state: Path | None) -> Preparation:
    found = Preparation(state, has_demo=False)
    assert found.command[1:] == ["manage.py", "prepare", "--no-demo"]
    found.command = [sys.executable, "-c", code]
    return found


@pytest.mark.parametrize("changed", [MIGRATION, "claims/migrations/0002_more.py", "static/new.js", "requirements.lock"])
def test_it_is_done_until_something_changes_that_it_depends_on(project: Path, changed: str) -> None:
    preparation = prepared_by("print('Sign in as: owner')", project)
    assert not preparation.is_done
    assert preparation.run(lambda: False) == "Sign in as: owner\n"
    assert preparation.is_done
    (project / changed).write_text("something else")
    assert not preparation.is_done


def test_a_database_elsewhere_is_never_known_to_be_prepared(project: Path) -> None:
    preparation = prepared_by("", None)
    preparation.run(lambda: False)
    assert not preparation.is_done


def test_what_fails_or_is_broken_off_is_not_done(project: Path) -> None:
    failing = prepared_by("import sys; sys.exit('The settings cannot be used.')", project)
    with pytest.raises(LaunchError):
        failing.run(lambda: False)
    waiting = prepared_by("import time; time.sleep(60)", project)
    assert waiting.run(lambda: True) == ""
    assert not failing.is_done
    assert not waiting.is_done


def test_a_look_that_fails_behind_a_running_installation_ends_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    launch = up.Launch("127.0.0.1", 8000, has_demo=False)
    launch.preparation = prepared_by("import sys; sys.exit(1)", project)
    launch.look_again()
    assert "what runs goes on" in capsys.readouterr().out
    assert not launch.preparation.is_done


def test_what_stops_being_well_and_comes_back_is_told_once(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answers of /healthz, one a look: a short gap is not told, a longer one is, and its end."""
    monkeypatch.setattr(up, "PAUSE", 0.001)
    monkeypatch.setattr(up, "LOOKS", 0.0)
    good, bad = dict.fromkeys(up.NEEDED, "ok"), dict.fromkeys(up.NEEDED, "ok") | {"database": "unreachable"}
    answers = [good, bad, good, bad, bad, bad, bad, good, good, good]

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answers.pop(0)
            if not answers:
                launch.stop()
            self.send_response(200 if found is good else 503)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        launch = up.Launch("127.0.0.1", server.server_port, has_demo=False)
        launch.watch()
        server.shutdown()
    assert capsys.readouterr().out.splitlines() == [
        "up     | not well at the moment: database; work goes on when it is back",
        "up     | all is well again",
    ]
