"""The same content gives the same bytes, whatever the system that writes them."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from types import SimpleNamespace

import pytest
from openpyxl import Workbook

from ledgerbook.excel.deterministic_zip import remove_windows_traces, serialize_workbook
from ledgerbook.excel.workbook_writer import WorkbookWriter


def test_a_package_does_not_say_on_which_system_it_was_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """``zipfile`` states the system in each entry, as it does on Windows here."""
    here = serialize_workbook(Workbook())
    monkeypatch.setattr(zipfile, "sys", SimpleNamespace(platform="win32"))
    assert zipfile.ZipInfo().create_system == 0
    assert serialize_workbook(Workbook()) == here


@pytest.mark.parametrize("large", [False, True])
def test_a_workbook_from_windows_is_the_one_from_here(*, large: bool) -> None:
    """Line ends, modes and system of the entries are those of a workbook made here."""
    writer = WorkbookWriter(title="汇总", created=date(2022, 6, 1), large=large)
    writer.add_sheet("甲").write_string(0, 0, "第一行\n第二行\r\n第三行")
    here = writer.finish()
    assert remove_windows_traces(here) == here
    there = make_as_windows_does(here, large=large)
    assert there != here
    assert remove_windows_traces(there) == here


def make_as_windows_does(data: bytes, *, large: bool) -> bytes:
    """Return a package as XlsxWriter makes it on Windows, ``large`` by temporary files."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            part = source.read(entry)
            assert b"\r" not in part
            entry.create_system = 0
            if large:
                entry.external_attr = 0o100666 << 16
                part = part.replace(b"\n", b"\r\n")
            target.writestr(entry, part)
    return buffer.getvalue()
