"""Loads the Celery application with Django, so that shared tasks find their broker."""

from __future__ import annotations

from django.apps import AppConfig


class AnnotatorConfig(AppConfig):
    """The project itself: it has no models."""

    name = "annotator"

    def ready(self) -> None:
        from annotator import celery  # noqa: F401
