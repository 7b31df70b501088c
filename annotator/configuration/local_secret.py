"""The secret key of an installation on one machine: made at its first start, kept readable by its user alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def local_secret(path: Path) -> str:
    """The content of `path`; made with 64 random bytes when there is none. Several may start at once."""
    try:
        return path.read_text()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
    try:
        os.link(draft, path)  # fails when another process was quicker; its key is then the one
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text()
