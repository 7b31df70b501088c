"""The Django application's configuration."""

from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    """Names the app, and notes where people sign in."""

    name = "claims"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from claims.people.sessions import connect

        connect()
