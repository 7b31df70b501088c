"""The WSGI entry point."""

import os
from importlib import import_module

from annotator.operation.loading import loading

os.environ.setdefault("ATTEST_PROCESS", "web")  # its statements have a time limit
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
with loading():
    from django.core.wsgi import get_wsgi_application

    from annotator.operation.static_files import check_collected

    application = get_wsgi_application()
    import_module("annotator.urls")  # every page, now: else whoever comes first waits for it
check_collected()
