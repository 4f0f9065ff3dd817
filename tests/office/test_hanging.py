"""What hangs on the cells of a workbook that a real LibreOffice has saved."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from ledgerbook.intake.formats.raw_workbook import RawWorkbook
from ledgerbook.intake.formats.reader import read_workbook
from tests.office.calc import Calc

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def png(colour: tuple[int, int, int], side: int = 40) -> bytes:
    def piece(kind: bytes, data: bytes) -> bytes:
        sum_ = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + sum_

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress((b"\0" + bytes(colour) * side) * side)
    return (
        b"\x89PNG\r\n\x1a\n" + piece(b"IHDR", head) + piece(b"IDAT", pixels) + piece(b"IEND", b"")
    )


def made(path: Path) -> None:
    """Write two sheets with pictures, notes, links, an error and a merged area."""
    with Workbook(path) as workbook:
        one, two = workbook.add_worksheet("一"), workbook.add_worksheet("二")
        merged = workbook.add_format()
        one.merge_range("A1:C2", "合并", merged)
        one.write_formula("A3", "=1/0")
        one.write_formula("B3", "=1+1")
        one.write_url("A4", "http://example.org/x", string="看这里")
        two.write_string("B2", "有批注")
        two.write_comment("B2", "第一行\n第二行")
        for sheet, cell, colour in (
            (one, "C5", RED),
            (two, "D7", GREEN),
            (two, "A20", BLUE),
        ):
            data = io.BytesIO(png(colour))
            sheet.insert_image(cell, "p.png", {"image_data": data})


@pytest.fixture(scope="module", params=[".xls", ".xlsx", ".ods"])
def book(
    calc: Calc, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> RawWorkbook:
    folder = tmp_path_factory.mktemp("旧格式")
    made(folder / "新.xlsx")
    calc.open(path=folder / "新.xlsx")
    calc.recalculate()
    saved = folder / f"旧{request.param}"
    calc.save(path=saved)
    calc.close()
    return read_workbook(saved.read_bytes())


def test_pictures_stand_at_their_cells(book: RawWorkbook) -> None:
    """Each on its sheet, at its cell, its bytes a picture of its colour."""
    found = {
        (sheet.name, picture.cell): picture.data
        for sheet in book.sheets
        for picture in sheet.attachments.pictures
    }
    assert sorted(found) == [("一", (4, 2)), ("二", (6, 3)), ("二", (19, 0))]
    for data in found.values():
        assert data.startswith(b"\x89PNG")
        assert data.endswith(b"IEND\xaeB`\x82")
    assert len(set(found.values())) == 3


def test_notes_links_and_merged_areas_are_told(book: RawWorkbook) -> None:
    """All that hangs on a cell beside its value."""
    one, two = book.sheets
    assert two.attachments.notes == {(1, 1): "第一行\n第二行"}
    assert two.cells == {(1, 1): "有批注"}
    assert one.attachments.links == {(3, 0): "http://example.org/x"}
    assert one.attachments.merges == (((0, 0), (1, 2)),)


def test_an_error_is_a_fault_and_a_result_a_number(book: RawWorkbook) -> None:
    """What formulas came to when the file was saved."""
    cells = book.sheets[0].cells
    assert str(getattr(cells[2, 0], "text", "")) == "#DIV/0!"
    assert cells[2, 1] == 2.0
