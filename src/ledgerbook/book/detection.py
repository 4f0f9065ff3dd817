"""Recognize a book by the names of its sheets, whatever the file is called."""

from __future__ import annotations

from pathlib import Path

from ledgerbook.book import schema
from ledgerbook.errors import InputError
from ledgerbook.file_types import RefusedError, open_zip, parse_xml
from ledgerbook.identity import MARK_SHEET, OutputKind, read_output_kind

_REQUIRED_SHEETS = frozenset(
    layout.name for layout in (schema.BASICS, schema.SECTIONS, schema.ROUNDS, schema.TASKS)
)
_WORKBOOK_PART = "xl/workbook.xml"
# The part that lists the sheets is short; a larger one is suspected of being an attack.
_MAX_PART_BYTES = 1_000_000


def is_book(path: Path) -> bool:
    """Return whether the file has the sheets of a book; only their names are read."""
    return (_read_sheet_names(path) or frozenset()) >= _REQUIRED_SHEETS


def is_workbook(path: Path) -> bool:
    """Return whether the file is an .xlsx workbook whose sheet names can be read."""
    return _read_sheet_names(path) is not None


def refuse_other_file(path: Path) -> None:
    """Raise InputError for a readable file that is no book, and not even one with gaps.

    It may be another output of ours, such as 年度汇总, or a workbook without any sheet of a book.
    """
    names = _read_sheet_names(path)
    kind = read_output_kind(path)
    if kind and kind != OutputKind.BOOK and not (names or frozenset()) >= _REQUIRED_SHEETS:
        found = f"是{kind}，不是台账"
    elif names is None or names & {MARK_SHEET, *(layout.name for layout in schema.SHEETS)}:
        return
    else:
        found = "不是台账，里面没有台账的工作表"
    raise InputError(
        f"“{path.name}”{found}。请选台账，它是建台账时生成的那份表，一般叫“台账.xlsx”。",
        code="book-missing",
        path=path,
    )


def _read_sheet_names(path: Path) -> frozenset[str] | None:
    """Return the sheet names of an .xlsx file, or None when it is not one."""
    try:
        with open_zip(path) as package:
            root = parse_xml(package.read(_WORKBOOK_PART, _MAX_PART_BYTES))
    except RefusedError:
        return None
    return frozenset(
        element.get("name", "") for element in root.iter() if element.tag.endswith("}sheet")
    )
