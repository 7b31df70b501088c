"""Loads the Celery application with Django, so that shared tasks find their broker, and our system checks."""

from __future__ import annotations

from django.apps import AppConfig


class AnnotatorConfig(AppConfig):
    """The project itself: it has no models."""

    name = "annotator"

    def ready(self) -> None:
        from annotator import celery  # noqa: F401
        from annotator.operation import checks  # noqa: F401
