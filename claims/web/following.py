"""A page that waits for a job shows how far it is, and itself anew when the job has ended."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from claims import jobs
from claims.models import Job
from claims.web.page import Here, show


@dataclass(frozen=True)
class Follow:
    """What the part `_follow.html` shows; it asks for itself every two seconds while the job is under way."""

    job: Job
    sentence: str
    is_worker_alive: bool


def follow(job: Job | None, sentence: str) -> Follow | None:
    """None when there is nothing to wait for."""
    if job is None or job.state not in ("queued", "running"):
        return None
    return Follow(job, sentence, jobs.is_alive("worker"))


def is_poll(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def show_poll(request: HttpRequest, here: Here, following: Follow | None) -> HttpResponse:
    """The moving part alone; when the job has ended, the whole page once more."""
    if following is not None:
        return show(request, "_follow", here, follow=following)
    answer = HttpResponse()
    answer["HX-Refresh"] = "true"
    return answer
