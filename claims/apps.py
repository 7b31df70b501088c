"""The Django application's configuration."""

from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    """Names the app; nothing is registered on start-up."""

    name = "claims"
    default_auto_field = "django.db.models.BigAutoField"
