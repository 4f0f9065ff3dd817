"""Fixtures and settings for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from ledgerbook.model import Book
from tests.support import kept_outputs
from tests.support.books import make_book
from tests.support.requirements import need_office

if TYPE_CHECKING:
    from tests.office.calc import Calc

# Few examples while working, many in the gate.
settings.register_profile("quick", max_examples=20, deadline=None)
settings.register_profile("thorough", max_examples=100, deadline=None)
settings.load_profile("thorough" if os.environ.get("CI") == "true" else "quick")

# LibreOffice, started by a test, prints with fonts as wide as those of an office.
os.environ["FONTCONFIG_FILE"] = str(Path(__file__).parent / "support" / "fonts.conf")

if kept_folder := os.environ.get(kept_outputs.VARIABLE):
    kept_outputs.keep_outputs(Path(kept_folder))


@pytest.fixture(scope="session")
def book() -> Book:
    """Return a small book of three sections and five tasks."""
    return make_book()


@pytest.fixture(scope="session")
def calc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calc]:
    """Start LibreOffice Calc, once for the whole run."""
    from tests.office.calc import Calc

    need_office()
    with Calc(tmp_path_factory.mktemp("profile")) as running:
        yield running


def pytest_make_parametrize_id(val: object) -> str | None:
    """Shorten the test ids of bytes and long texts.

    The bytes of a workbook may contain the current time: their ids must not change
    from run to run.
    """
    if isinstance(val, bytes):
        return val[:4].hex()
    return f"{val[:20]}…" if isinstance(val, str) and len(val) > 100 else None
