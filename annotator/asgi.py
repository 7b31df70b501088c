"""The ASGI entry point."""

import os

from django.core.asgi import get_asgi_application

from annotator.operation.static_files import check_collected

os.environ.setdefault("ATTEST_PROCESS", "web")  # its statements have a time limit
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
application = get_asgi_application()
check_collected()
