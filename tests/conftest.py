"""What every test may ask for."""

from __future__ import annotations

import pytest

from factory import make_book
from ledgerbook.model import Book


@pytest.fixture(scope="session")
def book() -> Book:
    """Give a small book of three sections and five tasks."""
    return make_book()
