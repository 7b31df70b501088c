"""The job that keeps a copy of a page brought as evidence: the answer as WARC, its text, title, outlet and date."""

from __future__ import annotations

import gzip
import hashlib
import time
from http import HTTPStatus
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from claims import jobs
from claims.errors import Refused
from claims.importing.fetching import RENEW_SECONDS, read_fetched
from claims.models import EvidenceCopy, Job
from claims.outbound import Fetched, fetch_politely

# What described the bytes on their way; the record holds them decoded.
OF_THE_WAY = frozenset({"content-encoding", "transfer-encoding", "content-length", "connection", "set-cookie"})
WARC_HEAD = """WARC/1.1\r
WARC-Type: response\r
WARC-Record-ID: <urn:uuid:{id}>\r
WARC-Target-URI: {url}\r
WARC-Date: {date}\r
WARC-Payload-Digest: sha256:{sha256}\r
Content-Type: application/http; msgtype=response\r
Content-Length: {length}\r
\r
"""


def run_copy_evidence(job: Job) -> None:
    """Do a `copy_evidence` job: args {"copy": id}. A page that cannot be had is said in the copy; nothing is retried,
    since whoever waits for it may ask again."""
    copy = EvidenceCopy.objects.get(pk=job.args["copy"])
    if copy.state != "waiting":
        jobs.finish(job, "succeeded")
        return
    try:
        fetched = fetch_politely(copy.url, waiting=_Renewing(job))
        if fetched.status != 200:
            raise Refused(f"http_{fetched.status}", f"The site answered {fetched.status}.")
    except Refused as refusal:
        kept: dict[str, Any] = {"state": "failed", "code": refusal.code[:40], "sentence": refusal.sentence}
        name = ""
    else:
        kept = _described(fetched)
        name = default_storage.save(f"evidence/{copy.key}.warc.gz", ContentFile(warc_record(fetched, copy.key)))
    try:
        with jobs.chunk(job):
            EvidenceCopy.objects.filter(pk=copy.pk, state="waiting").update(file=name, **kept)
            jobs.finish(job, "succeeded")
    except BaseException:
        if name:
            default_storage.delete(name)
        raise


class _Renewing:
    """Keeps the job's lease while its turn at the host is waited for."""

    def __init__(self, job: Job) -> None:
        self.job, self.at = job, time.monotonic()

    def __call__(self) -> None:
        if time.monotonic() - self.at >= RENEW_SECONDS:
            jobs.renew(self.job)
            self.at = time.monotonic()


def _described(fetched: Fetched) -> dict[str, Any]:
    """The columns of a copy that was kept. A page without readable text is a copy all the same."""
    stated = fetched.headers.get("content-type", "").partition(";")[0].strip().lower()
    described: dict[str, Any] = {
        "state": "kept",
        "final_url": fetched.final_url[:2000],
        "fetched_at": fetched.fetched_at,
        "media_type": stated[:60],
        "sha256": hashlib.sha256(fetched.body).hexdigest(),
        "size": len(fetched.body),
    }
    try:
        record, media_type = read_fetched(fetched, fetched.url)
    except Refused as refusal:
        return described | {"code": refusal.code[:40], "sentence": refusal.sentence}
    return described | {
        "media_type": media_type,
        "text": record.text,
        "title": record.title[:500],
        "outlet": record.outlet[:200],
        "published_at": record.published_at,
    }


def warc_record(fetched: Fetched, key: str) -> bytes:
    """The answer as one gzipped response record (WARC 1.1, ISO 28500:2017), its body without its content coding."""
    names = [(name, value) for name, value in fetched.headers.items() if name not in OF_THE_WAY]
    lines = [f"HTTP/1.1 {fetched.status} {HTTPStatus(fetched.status).phrase}"]
    lines += [f"{name}: {' '.join(value.split())}" for name, value in names]
    lines.append(f"content-length: {len(fetched.body)}")
    block = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + fetched.body
    head = WARC_HEAD.format(
        id=f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}",
        url=fetched.final_url,
        date=fetched.fetched_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        sha256=hashlib.sha256(fetched.body).hexdigest(),
        length=len(block),
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n", mtime=0)
