"""What Excel accepts as the name of a sheet and as a defined name, to check outputs by."""

from __future__ import annotations

import re

from ledgerbook.excel.limits import (
    MAX_DEFINED_NAME,
    MAX_SHEET_NAME,
    RESERVED_SHEET_NAMES,
    SHEET_NAME_FORBIDDEN_CHARACTERS,
)
from ledgerbook.text import count_utf16_units

_DEFINED_NAME = re.compile(r"[^\W\d]|[_\\]|[^\W\d][\w.\\]+|[_\\][\w.\\]+")
_CELL_REFERENCE = re.compile(r"[A-Z]{1,3}[0-9]+|R|C|(R[0-9]*)?C[0-9]*|R[0-9]+", re.IGNORECASE)


def is_valid_sheet_name(name: str) -> bool:
    """Return whether Excel accepts ``name`` for a sheet, and every reference to it is quoted."""
    return (
        0 < count_utf16_units(name) <= MAX_SHEET_NAME
        and not set(SHEET_NAME_FORBIDDEN_CHARACTERS) & set(name)
        and not name.startswith("'")
        and not name.endswith("'")
        and name.casefold() not in RESERVED_SHEET_NAMES
    )


def is_valid_defined_name(name: str) -> bool:
    """Return whether Excel accepts ``name`` as a defined name or as the name of a table.

    It begins with a letter, an underscore or a backslash, has no spaces, and does not
    look like a cell reference (A1, R1C1, R, C).
    """
    return (
        count_utf16_units(name) <= MAX_DEFINED_NAME
        and _DEFINED_NAME.fullmatch(name) is not None
        and _CELL_REFERENCE.fullmatch(name) is None
    )
