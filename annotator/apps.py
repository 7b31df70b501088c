"""Loads the Celery application with Django, so that shared tasks find their broker, and our system checks."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AnnotatorConfig(AppConfig):
    """The project itself: it has no models."""

    default = True
    name = "annotator"

    def ready(self) -> None:
        from annotator import celery  # noqa: F401
        from annotator.operation import checks  # noqa: F401


class HousekeepingConfig(admin_apps.AdminConfig):
    """django.contrib.admin with our site."""

    default = False
    default_site = "annotator.operation.housekeeping.Housekeeping"
