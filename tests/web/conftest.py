"""A whole project for the tests of pages."""

from __future__ import annotations

import pytest

from tests.web.site import Site, make_site


@pytest.fixture
def site(db: None) -> Site:
    return make_site()
