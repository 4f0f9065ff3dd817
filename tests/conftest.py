"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from ledgerbook.model import Book
from tests.support.books import make_book
from tests.support.requirements import need_office

if TYPE_CHECKING:
    from tests.office.calc import Calc

# Few examples while working, many in the gate.
settings.register_profile("quick", max_examples=20, deadline=None)
settings.register_profile("thorough", max_examples=100, deadline=None)
settings.load_profile("thorough" if os.environ.get("CI") == "true" else "quick")


@pytest.fixture(scope="session")
def book() -> Book:
    """Give a small book of three sections and five tasks."""
    return make_book()


@pytest.fixture(scope="session")
def calc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calc]:
    """Start the office."""
    from tests.office.calc import Calc

    need_office()
    with Calc(tmp_path_factory.mktemp("profile")) as running:
        yield running


def pytest_make_parametrize_id(val: object) -> str | None:
    """Call by their beginning what would flood a list, or never be the same.

    A workbook made here has the time in it.
    """
    if isinstance(val, bytes):
        return val[:4].hex()
    return f"{val[:20]}…" if isinstance(val, str) and len(val) > 100 else None
