from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.suggesting.stub import Endpoint


@pytest.fixture
def endpoint(settings: Any) -> Iterator[Endpoint]:
    server = Endpoint()
    settings.MODEL_ENDPOINT = f"http://127.0.0.1:{server.server_port}/v1"
    settings.MODEL_NAME, settings.MODEL_API_KEY, settings.MODEL_SECONDS = "stub", "open sesame", 2
    yield server
    server.end()
