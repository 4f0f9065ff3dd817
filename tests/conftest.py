"""What every test may ask for."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from factory import make_book
from ledgerbook.model import Book

# Few examples while working, many in the gate.
settings.register_profile("quick", max_examples=20, deadline=None)
settings.register_profile("thorough", max_examples=100, deadline=None)
settings.load_profile("thorough" if os.environ.get("CI") == "true" else "quick")


@pytest.fixture(scope="session")
def book() -> Book:
    """Give a small book of three sections and five tasks."""
    return make_book()
