"""Files that come with an entered claim: kept under a random name, and only ever handed out as a download."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse

from claims import audit
from claims.errors import Conflict, Refused
from claims.models import ClaimSource, User
from claims.permissions import check_can, check_not_archived
from claims.text import clean_line

FILE_BYTES = 50_000_000


def keep_file(file: File[Any]) -> dict[str, str]:
    """Store an attachment's bytes and return the columns that name them. Raises Refused `too_large` (413)."""
    if file.size > FILE_BYTES:
        raise Refused(
            "too_large", f"The attachment has {file.size:,} bytes; at most {FILE_BYTES:,} are kept.", status=413
        )
    filename = clean_line((file.name or "").replace("\\", "/").rpartition("/")[2])[:300]
    return {"file": default_storage.save(f"claims/{uuid.uuid4().hex}", file), "filename": filename}


def attach_file(source: ClaimSource, file: File[Any], *, by: User) -> ClaimSource:
    """Keep a file with a claim that has none yet. Raises Refused `empty`, `too_large` (413); Conflict
    `attachment_there`."""
    check_can("import", by, source.project)
    check_not_archived(source.project)
    if not file.size:
        raise Refused("empty", "The attachment is empty. Send a file with something in it.")
    with transaction.atomic():
        locked = ClaimSource.objects.select_for_update(no_key=True).get(pk=source.pk)
        if locked.file:
            raise Conflict("attachment_there", "This claim has an attachment already, which is kept as it is.")
        ClaimSource.objects.filter(pk=source.pk).update(**keep_file(file))
        audit.record("attach_file", source, by=by)
    source.refresh_from_db()
    return source


def send_attachment(source: ClaimSource) -> FileResponse:
    """The attached bytes as a download, whatever they are: no browser shows them."""
    response = FileResponse(source.file.open("rb"), as_attachment=True, filename=f"attachment-{source.pk}.bin")
    response["Content-Type"] = "application/octet-stream"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
