"""An .xlsx → RawBook: the values of every sheet, nothing guessed.

Values come from calamine; what it cannot see (errors, uncached formulas, properties)
comes from the package's own parts, and a census makes sure that nothing was lost.
"""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from defusedxml import DefusedXmlException, ElementTree

from ledgerbook.returns import scan
from ledgerbook.returns.package import RefusedError, parts
from ledgerbook.returns.raw import Cell, Fault, RawBook, RawSheet, Value

BEIJING = timezone(timedelta(hours=8))
_CORE = "docProps/core.xml"
_STRINGS = "sharedstrings"
_WORKSHEET = "worksheet"
_CONTENTS = "[Content_Types].xml"
# First letters of a part's name → the problem to report.
_OTHER_PACKAGES = (
    ("word/", "file-other-type"),
    ("ppt/", "file-other-type"),
    ("xl/workbook.bin", "file-old-format"),
    ("META-INF/manifest.xml", "file-old-format"),
)


def read_xlsx(data: bytes) -> RawBook:
    """Read an .xlsx. Raises RefusedError when damaged, suspicious or no workbook."""
    package = parts(data)
    strings = _strings(package)
    found = _sheet_parts(package)
    censuses = {
        name: scan.scan_sheet(package[part], strings) for name, part in found.items()
    }
    scan.check_size(censuses.values())
    values = _values(data, tuple(found))
    sheets = tuple(
        _sheet(name, values.get(name, []), census) for name, census in censuses.items()
    )
    keywords, saved_at = _core(package.get(_CORE, b""))
    return RawBook(sheets, keywords, saved_at)


def _strings(package: Mapping[str, bytes]) -> scan.Strings:
    names = [n for n in package if _STRINGS in posixpath.basename(n).lower()]
    if len(names) > 1:
        raise RefusedError("file-suspect", "内部有两份文字表")
    return scan.scan_strings(package[names[0]]) if names else scan.Strings()


def _sheet_parts(package: Mapping[str, bytes]) -> dict[str, str]:
    """Return sheet name → part name, as the workbook's relations say.

    Chart sheets are left out. Raises RefusedError when a sheet cannot be told apart
    from another, or its part is gone: what it held would be lost in silence.
    """
    found: dict[str, str] = {}
    for name, part in _listed(package):
        if name in found:
            raise RefusedError("file-suspect", "有两张同名的工作表")
        if part in found.values():
            raise RefusedError("file-suspect", "有两张工作表共用一份内容")
        if part not in package:
            raise RefusedError("file-damaged", f"工作表“{name}”的内容不见了")
        found[name] = part
    return found


def _listed(package: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield name and part of every worksheet in the workbook's list."""
    home = next((n for n in package if n.lower().endswith("/workbook.xml")), None)
    if home is None:
        raise _no_workbook(package)
    folder, base = posixpath.split(home)
    relations = package.get(f"{folder}/_rels/{base}.rels", b"<Relationships/>")
    targets = {
        relation.get("Id"): (
            posixpath.basename(relation.get("Type", "")),
            posixpath.normpath(
                posixpath.join(folder, str(relation.get("Target")).replace("\\", "/"))
            ).lstrip("/"),
        )
        for relation in _xml(relations)
    }
    names = {name.casefold(): name for name in package}
    for sheet in _xml(package[home]).iter():
        if _local(sheet.tag) != "sheet":
            continue
        link = next((v for k, v in sheet.items() if _local(k) == "id"), None)
        kind, part = targets.get(link, (_WORKSHEET, ""))
        if kind == _WORKSHEET:
            yield sheet.get("name", ""), names.get(part.casefold(), part)


def _no_workbook(package: Mapping[str, bytes]) -> RefusedError:
    """Say what a package without a workbook is: other documents are zips as well."""
    for head, code in _OTHER_PACKAGES:
        if any(name.startswith(head) for name in package):
            return RefusedError(code, "")
    if _CONTENTS not in package:
        return RefusedError("file-archive", "")
    return RefusedError("file-unreadable", "里面没有工作簿，可能不是 Excel 表格")


def _xml(data: bytes) -> Any:
    try:
        return ElementTree.fromstring(data, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise RefusedError("file-damaged", "工作簿的目录不完整") from error


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


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


def _sheet(name: str, rows: list[list[Any]], census: scan.Census) -> RawSheet:
    cells: dict[Cell, Value] = {
        (r, c): value
        for r, row in enumerate(rows)
        for c, value in enumerate(row)
        if not (isinstance(value, str) and scan.says_nothing(value))
    }
    faults = {**census.errors, **census.uncached}
    cells |= {cell: Fault(text) for cell, text in faults.items()}
    lost = {cell for cell in census.filled if cell not in cells}
    if lost:
        raise RefusedError("file-unreadable", f"有 {len(lost)} 个单元格读不出来")
    return RawSheet(name, cells)


def _core(xml: bytes) -> tuple[str, datetime | None]:
    """Return keywords and last-saved time; both are missing in many files."""
    if not xml:
        return "", None
    try:
        facts = {_local(e.tag): e.text or "" for e in _xml(xml)}
    except RefusedError:
        return "", None
    return facts.get("keywords", ""), _moment(facts.get("modified", ""))


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is not None:
            moment = moment.astimezone(BEIJING).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return moment
