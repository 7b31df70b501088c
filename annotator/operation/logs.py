"""One line for each event, with personal data kept out in one place.

What a person wrote, who they are and where they come from never enters a log: no names, addresses, tokens, article
text, no raw paths (invitations carry a token in theirs), and of an exception only its type and where it was raised,
since messages of the database quote the row.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

Event = MutableMapping[str, Any]
WORDS = "event level logger timestamp error where method route status milliseconds request_id job kind state task pid"
KEPT = frozenset(WORDS.split())
SECRETS = re.compile(r"att_[A-Za-z0-9_-]+|[\w.+-]+@[\w-]+\.[\w.]+|://[^/\s:@]+:[^@\s]+@|\b\d{1,3}(?:\.\d{1,3}){3}\b")
LONGEST = 300  # characters of a message


def logging_settings(*, as_json: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, through the same processors."""
    renderer: Processor = structlog.processors.JSONRenderer() if as_json else structlog.processors.LogfmtRenderer()
    chain: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        name_the_fault,
        keep_known_words,
    ]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": chain,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    }
    structlog.configure(
        processors=[*chain, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # "Not Found: /path" and "Forbidden: /path" at every slip; our own request line says it without the path.
            "django.request": {"level": "ERROR"},
            "django.security": {"level": "ERROR"},
            "celery.app.trace": {"level": "ERROR"},
        },
    }


def name_the_fault(_: Any, __: str, event: Event) -> Event:
    """Replace exception information by the exception's type and the last places in our code."""
    record = event.get("_record")
    found = event.pop("exc_info", None) or (record.exc_info if record is not None else None)
    fault = found[1] if isinstance(found, tuple) else found if isinstance(found, BaseException) else None
    if record is not None:
        record.exc_info = record.exc_text = None  # or the formatter would write the message after all
    if fault is not None:
        event["error"] = type(fault).__name__
        frames = traceback.extract_tb(fault.__traceback__)[-6:]
        event["where"] = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    return event


def keep_known_words(_: Any, __: str, event: Event) -> Event:
    """Drop every field that is not known to be harmless, and mask what looks like a secret in the message."""
    request = event.get("request")
    for name in [name for name in event if name not in KEPT and not name.startswith("_")]:
        del event[name]
    message = str(event.get("event", ""))
    if request is not None or event.get("logger") == "celery.app.trace":
        message = message.partition(":")[0]  # Django puts the path behind it, Celery what the exception says
    event["event"] = SECRETS.sub("***", message)[:LONGEST]
    return event
