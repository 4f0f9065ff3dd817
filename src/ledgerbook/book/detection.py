"""Whether a file is a book: told by the sheets in it, whatever it is called."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree

from ledgerbook.book import schema as sheets
from ledgerbook.file_types import RefusedError, open_zip

_REQUIRED_SHEETS = frozenset(
    layout.name for layout in (sheets.BASICS, sheets.SECTIONS, sheets.ROUNDS, sheets.TASKS)
)
_WORKBOOK_PART = "xl/workbook.xml"
# The list of sheets is short; one made to harm is not read.
_MAX_PART_BYTES = 1_000_000


def is_book(path: Path) -> bool:
    """Whether the sheets of a book are in the file; only their names are looked at."""
    return (_read_sheet_names(path) or frozenset()) >= _REQUIRED_SHEETS


def is_workbook(path: Path) -> bool:
    """Whether the names of a file's sheets can be read as those of a book can."""
    return _read_sheet_names(path) is not None


def _read_sheet_names(path: Path) -> frozenset[str] | None:
    try:
        with open_zip(path) as package:
            if package.getinfo(_WORKBOOK_PART).file_size > _MAX_PART_BYTES:
                return None
            root = ElementTree.fromstring(package.read(_WORKBOOK_PART))
    except (RefusedError, KeyError, ParseError):
        return None
    return frozenset(
        element.get("name", "") for element in root.iter() if element.tag.endswith("}sheet")
    )
