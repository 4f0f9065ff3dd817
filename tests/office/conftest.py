"""One LibreOffice for all tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calc import Calc, missing

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder ``office``."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.office)


@pytest.fixture(scope="session")
def calc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calc]:
    """Start the office, or skip; where CI is "true" nothing may be skipped."""
    if reason := missing():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with Calc(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture
def opened(calc: Calc, tmp_path: Path) -> Iterator[Callable[[bytes], Calc]]:
    """Give a function that opens a workbook's bytes in the office."""

    def open_it(data: bytes) -> Calc:
        path = tmp_path / "打开.xlsx"
        path.write_bytes(data)
        calc.open(path=path)
        return calc

    yield open_it
    calc.close()
