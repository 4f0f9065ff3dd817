"""Exceptions as text: whole for whoever asks, without anything private to be passed on."""

from __future__ import annotations

from pathlib import Path

from ledgerbook.errors import describe_os_error
from ledgerbook.faults import describe_fault


def test_an_outline_has_types_and_places_alone() -> None:
    """Each exception of a chain, with our lines and those of libraries, and no message."""
    try:
        try:
            Path("张三").read_bytes()
        except OSError:
            describe_os_error(None)  # type: ignore[arg-type]
    except AttributeError as error:
        fault = describe_fault(error)
    assert fault.error_type == "AttributeError"
    types = [line for line in fault.outline if not line.startswith(" ")]
    assert types == ["AttributeError", "FileNotFoundError"]
    ours, library = fault.outline[2], fault.outline[-1]
    assert ours.startswith("  ledgerbook/errors.py:")
    assert ours.endswith(" describe_os_error")
    assert library.startswith("  python/pathlib")
    # This test is no part of the program: neither its path nor its name is told.
    assert fault.outline[1] == "  …"
    assert "张三" not in "".join(fault.outline)
    assert "张三" in fault.traceback


def test_an_endless_recursion_is_cut() -> None:
    """The outline stays short, and a circle of causes ends."""

    def call() -> None:
        call()

    try:
        call()
    except RecursionError as error:
        error.__cause__ = error
        fault = describe_fault(error)
    assert len(fault.outline) < 50
