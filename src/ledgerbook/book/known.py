"""Whether a file is a book: told by the sheets in it, whatever it is called."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree

from ledgerbook.book import layout as sheets

_SHEETS = frozenset(
    layout.name
    for layout in (sheets.BASICS, sheets.SECTIONS, sheets.ROUNDS, sheets.TASKS)
)
_PART = "xl/workbook.xml"
# The list of sheets is short; one made to harm is not read.
_LARGEST = 1_000_000


def is_book(path: Path) -> bool:
    """Whether the sheets of a book are in the file; only their names are looked at."""
    try:
        with zipfile.ZipFile(path) as package:
            if package.getinfo(_PART).file_size > _LARGEST:
                return False
            root = ElementTree.fromstring(package.read(_PART))
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError):
        return False
    except (ParseError, ValueError, EOFError):
        # What defusedxml refuses is a ValueError.
        return False
    names = {
        element.get("name") for element in root.iter() if element.tag.endswith("}sheet")
    }
    return names >= _SHEETS
