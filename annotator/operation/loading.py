"""How a process loads what it runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Import inside it what stays for the life of the process.

    Modules are not garbage: looking for some among them took a fifth of a start. Afterwards they are left out of every
    later search too, and their pages stay shared with the processes that are forked.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
