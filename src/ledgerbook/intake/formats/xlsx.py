"""An .xlsx → RawBook: the values of every sheet, nothing guessed.

Values come from calamine; what it cannot see (errors, uncached formulas, properties)
comes from the package's own parts, and a census makes sure that nothing was lost.
"""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats import ooxml_package, untrusted_xml
from ledgerbook.intake.formats.ooxml_package import Package
from ledgerbook.intake.formats.raw_workbook import (
    Cell,
    CellError,
    RawSheet,
    RawWorkbook,
    Value,
    moment_of,
)
from ledgerbook.intake.formats.xlsx_attachments import with_extras
from ledgerbook.intake.formats.xlsx_scan import (
    FILLED,
    CellInventory,
    check_size,
    scan_sheet,
)
from ledgerbook.text import plain_ends, says_nothing

_STRINGS = "sharedstrings"
_PROGRAM, _ORDER = "docprops/app.xml", "xl/calcchain.xml"
# First letters of a part's name → the problem to report.
_OTHER_PACKAGES = (
    ("word/", "file-other-type"),
    ("ppt/", "file-other-type"),
    ("xl/workbook.bin", "file-old-format"),
)


def read_xlsx(data: bytes, given: Package, most: int = FILLED) -> RawWorkbook:
    """Read an .xlsx, of which ``given`` are the parts, of at most ``most`` cells.

    Raises RefusedError when it is damaged, suspicious or no workbook.
    """
    package = ooxml_package.narrowed(given)
    home = ooxml_package.home(package)
    if home is None:
        raise _no_workbook(package)
    strings = _strings(package)
    found = _sheet_parts(package, home)
    censuses = {
        name: scan_sheet(package[part], strings, most) for name, part in found.items()
    }
    check_size(censuses.values(), most)
    if _unreckoned(package):
        for census in censuses.values():
            census.uncached |= census.zeros
    values = _values(ooxml_package.usual(data, given, package, home), tuple(found))
    sheets = tuple(
        with_extras(
            _sheet(name, values.get(name, []), census),
            package,
            found[name],
            census.hanging,
        )
        for name, census in censuses.items()
    )
    keywords, saved_at = _core(ooxml_package.core(package))
    return RawWorkbook(sheets, keywords, saved_at)


def _unreckoned(package: Package) -> bool:
    """Whether nothing has computed the formulas, though each has a result.

    XlsxWriter, and with it pandas, gives them 0 and calls itself Excel; but Excel
    itself notes in which order it computes.
    """
    names = {name.casefold(): name for name in package}
    program = package.get(names.get(_PROGRAM, ""), b"")
    return b">Microsoft Excel<" in program and _ORDER not in names


def _strings(package: Package) -> untrusted_xml.Strings:
    names = [n for n in package if _STRINGS in posixpath.basename(n).lower()]
    if len(names) > 1:
        raise RefusedError("file-suspect", "内部有两份文字表")
    return (
        untrusted_xml.scan_strings(package[names[0]])
        if names
        else untrusted_xml.Strings()
    )


def _sheet_parts(package: Package, home: str) -> dict[str, str]:
    """Return sheet name → part name, as the workbook's relations say.

    Chart sheets are left out. Raises RefusedError when a sheet cannot be told apart
    from another, or its part is gone: what it held would be lost in silence.
    """
    found: dict[str, str] = {}
    for name, part in _listed(package, home):
        if name in found:
            raise RefusedError("file-suspect", "有两张同名的工作表")
        if part in found.values():
            raise RefusedError("file-suspect", "有两张工作表共用一份内容")
        if part not in package:
            raise RefusedError("file-damaged", f"工作表“{name}”的内容不见了")
        found[name] = part
    return found


def _listed(package: Package, home: str) -> Iterator[tuple[str, str]]:
    """Yield name and part of every worksheet in the workbook's list."""
    targets = {
        one.id: (one.kind, one.target) for one in ooxml_package.relations(package, home)
    }
    for sheet in ooxml_package.xml(package[home]).iter():
        if ooxml_package.local(sheet.tag) != "sheet":
            continue
        link = next((v for k, v in sheet.items() if ooxml_package.local(k) == "id"), "")
        kind, part = targets.get(link, (ooxml_package.WORKSHEET, ""))
        if kind == ooxml_package.WORKSHEET:
            yield sheet.get("name", ""), part


def _no_workbook(package: Package) -> RefusedError:
    """Say what a package without a workbook is: other documents are zips as well."""
    for head, code in _OTHER_PACKAGES:
        if any(name.startswith(head) for name in package):
            return RefusedError(code, "")
    return RefusedError("file-unreadable", "里面没有工作簿，可能不是 Excel 表格")


def _values(data: bytes, names: Sequence[str]) -> Mapping[str, list[list[Any]]]:
    """Return the rows of the sheets called ``names``, from A1 on."""
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in names
        }
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        # A Rust panic arrives as a BaseException that is not an Exception.
        raise RefusedError("file-unreadable", "读表程序无法解析") from error


def _sheet(name: str, rows: list[list[Any]], census: CellInventory) -> RawSheet:
    cells: dict[Cell, Value] = {
        (r, c): plain_ends(value) if isinstance(value, str) else value
        for r, row in enumerate(rows)
        for c, value in enumerate(row)
        if not isinstance(value, str) or (value and not says_nothing(value))
    }
    cells |= {cell: _moment(cells[cell]) for cell in census.dated if cell in cells}
    faults = {**census.errors, **census.uncached}
    cells |= {cell: CellError(text) for cell, text in faults.items()}
    lost = {cell for cell in census.filled if cell not in cells}
    if lost:
        raise RefusedError("file-unreadable", f"有 {len(lost)} 个单元格读不出来")
    return RawSheet(name, cells)


def _moment(value: Value) -> Value:
    """Return a moment that is noted as text as a moment."""
    if not isinstance(value, str):
        return value
    # Programs that note a zone here mean the time on the wall all the same.
    try:
        return datetime.fromisoformat(value.removesuffix("Z"))
    except ValueError:
        return value


def _core(xml: bytes) -> tuple[str, datetime | None]:
    """Return keywords and last-saved time; both are missing in many files."""
    if not xml:
        return "", None
    try:
        facts = {
            ooxml_package.local(e.tag): e.text or "" for e in ooxml_package.xml(xml)
        }
    except RefusedError:
        return "", None
    return facts.get("keywords", ""), moment_of(facts.get("modified", ""))
