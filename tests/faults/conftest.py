from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.installation import Installation
from tests.faults.labelling import FILLED
from tests.faults.test_chaos import PREPARE


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with Installation() as running:
        yield running


@pytest.fixture(scope="module")
def given(installation: Installation) -> Any:
    """A project with an open round: its ids and the tokens of its people."""
    return installation.run(PREPARE % FILLED)
