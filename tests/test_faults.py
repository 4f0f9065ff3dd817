"""Exceptions as text: whole for whoever asks, without anything private to be passed on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ledgerbook.errors import describe_os_error
from ledgerbook.faults import describe_fault, is_raised_by_program
from ledgerbook.file_types import open_zip
from ledgerbook.intake import archives, embedded_book
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.intake.mail import mime, msg
from tests.support.attack_files.base import packed
from tests.support.books import OFFICE, issued, make_book
from tests.support.ole_writer import build_msg


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


def fail(*_: object, **__: object) -> None:
    """Fail as a line of the program might, with an exception that damage of a file causes too."""
    raise ValueError("a fault of ours")


def test_who_raised_an_exception() -> None:
    """A library that reads what a file says, or a line of ours."""
    for call, expected in ((fail, True), (lambda: json.loads("{"), False)):
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            call()
        assert is_raised_by_program(caught.value) is expected
    assert not is_raised_by_program(ValueError())


def test_a_fault_of_ours_is_no_damage_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes out of every reader as it is, so that nobody asks a section to send again."""
    archive = tmp_path / "a.zip"
    archive.write_bytes(packed([("1.xlsx", b"x")]))
    mail = b"From: a@b.cn\nContent-Type: text/plain\n\nx"
    sheets = read_workbook(issued(make_book(), OFFICE))
    with pytest.raises(ValueError, match="ours"), open_zip(archive):
        fail()
    for module, helper, read in (
        (archives, "_make_members", lambda: archives.list_members(archive, ())),
        (archives, "_check_entry_count", lambda: archives.list_members(archive, ())),
        (mime, "_read_message", lambda: list(mime.read_attachments(mail, 1))),
        (msg, "_read_message", lambda: list(msg.read_attachments(build_msg(), 1))),
        (embedded_book, "parse_deadline", lambda: embedded_book.read_embedded_book(sheets)),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, helper, fail)
            with pytest.raises(ValueError, match="ours"):
                read()
