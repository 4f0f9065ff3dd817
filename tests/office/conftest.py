"""Settings and fixtures of the tests that drive a real LibreOffice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.office.calc import Calc

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder ``office``."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.office)


@pytest.fixture
def opened(calc: Calc, tmp_path: Path) -> Iterator[Callable[[bytes], Calc]]:
    """Return a function that opens a workbook's bytes in LibreOffice."""

    def open_it(data: bytes) -> Calc:
        path = tmp_path / "打开.xlsx"
        path.write_bytes(data)
        calc.open(path=path)
        return calc

    yield open_it
    calc.close()
