"""Whether scripts and styles were collected: without their list every page would answer 500."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.exceptions import ImproperlyConfigured


def check_collected() -> None:
    """Called when a web process starts. Raises ImproperlyConfigured with what to run."""
    if not isinstance(staticfiles_storage, ManifestFilesMixin):
        return  # tests and DEBUG read them where they are
    if not (Path(settings.STATIC_ROOT) / staticfiles_storage.manifest_name).exists():
        raise ImproperlyConfigured(
            f"STATIC_ROOT is {settings.STATIC_ROOT}, and scripts and styles were not collected there. "
            "Run: manage.py collectstatic --noinput. Then start the web server again."
        )
