"""The public surface: few names, each where it says it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import ledgerbook
from ledgerbook import errors, jobs, model
from ledgerbook.jobs import updating as revise


def test_exported_names() -> None:
    """The package offers these names, sorted, and no others."""
    assert ledgerbook.__all__ == sorted(ledgerbook.__all__)
    offered = {name: getattr(ledgerbook, name) for name in ledgerbook.__all__}
    assert offered == {
        "Book": model.Book,
        "FileError": errors.FileError,
        "InputError": errors.InputError,
        "LedgerbookError": errors.LedgerbookError,
        "collect": jobs.collect,
        "generate": jobs.generate,
        "init": jobs.init,
        "update": revise.update,
    }


def test_anything_else_is_missing_as_usual() -> None:
    """An unknown name raises what Python users expect."""
    with pytest.raises(AttributeError, match="no attribute 'summon'"):
        ledgerbook.summon  # noqa: B018


def test_no_foreign_exception_leaks(tmp_path: Path) -> None:
    """Whatever is given for a book or a plan, the error is one of ours."""
    rubbish = tmp_path / "台账.xlsx"
    rubbish.write_bytes(b"PK\x03\x04 rubbish")
    with pytest.raises(ledgerbook.LedgerbookError):
        ledgerbook.collect(rubbish, [tmp_path], tmp_path, as_of=date(2022, 1, 1))
    with pytest.raises(ledgerbook.LedgerbookError):
        ledgerbook.init(rubbish, tmp_path / "新.xlsx")
