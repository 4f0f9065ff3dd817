"""Check formulas, and the names and references in them, by the limits of Excel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token, TokenizerError
from openpyxl.utils import FORMULAE

from ledgerbook.text import count_utf16_units
from tests.support.excel_rules import is_valid_sheet_name
from tests.validation.packages import Finding

# Specification and limits of Excel:
# https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3
MAX_FORMULA = 8192
MAX_RULE_FORMULA = 255
MAX_TEXT_IN_FORMULA = 255
_MAX_DEPTH = 64
_MAX_ARGUMENTS = 255
_MAX_ROW, _MAX_COLUMN = 1_048_576, 16_384

# openpyxl lists the functions of Excel 2003; these came with 2007 and 2010.
_FUNCTIONS = FORMULAE | {"IFERROR", "COUNTIFS", "SUMIFS", "AVERAGEIF", "AVERAGEIFS"}
_NEWER_FUNCTION = re.compile(r"_xlfn\.|_xlws\.")
_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
_WHOLE_LINES = re.compile(r"\$?[A-Z]{1,3}:\$?[A-Z]{1,3}|\$?\d+:\$?\d+")
_SHEET_REFERENCE = re.compile(r"(?:'((?:[^']|'')+)'|([^'!:]+))!(.*)")
# Excel writes names with emoji unquoted, and so does XlsxWriter.
_UNQUOTED_SHEET = re.compile(r"(?!\d)[\w\U00010000-\U0010ffff][\w.\U00010000-\U0010ffff]*")
_CELL_LIKE = re.compile(r"[A-Z]{1,3}\d+|R|C|(R\d*)?C\d*|R\d+|TRUE|FALSE", re.IGNORECASE)

# First row, first column, last row, last column, counted from 1.
Area = tuple[int, int, int, int]


def parse_area(reference: str) -> Area | None:
    """Return the area of ``A1`` or ``A1:B2``; None for what is no area of a sheet."""
    corners = [_CELL.fullmatch(corner) for corner in reference.split(":")]
    if not 1 <= len(corners) <= 2 or None in corners:
        return None
    cells = [(int(corner[2]), _count_columns(corner[1])) for corner in corners if corner]
    (top, left), (bottom, right) = cells[0], cells[-1]
    is_area = top <= bottom <= _MAX_ROW and left <= right <= _MAX_COLUMN
    return (top, left, bottom, right) if is_area else None


def _count_columns(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def do_meet(one: Area, other: Area) -> bool:
    """Return whether two areas have a cell in common."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names that a formula may use, with their case folded."""

    sheets: frozenset[str]
    defined: frozenset[str]


def check_formula(
    text: str, place: str, names: KnownNames, limit: int = MAX_FORMULA
) -> Iterator[Finding]:
    """Yield what Excel refuses in the formula ``text``, which has no leading ``=``."""
    if count_utf16_units(text) > limit:
        yield Finding("formula-length", place, f"{count_utf16_units(text)} characters: {text[:60]}")
    try:
        tokens = _tokenize(text)
    except (TokenizerError, IndexError) as error:
        yield Finding("formula-syntax", place, f"{error}: {text[:60]}")
        return
    counts = [1]
    for token in tokens:
        if token.type in {Token.FUNC, Token.PAREN} and token.subtype == Token.OPEN:
            counts.append(1)
            if len(counts) > _MAX_DEPTH:
                yield Finding("formula-depth", place, text[:60])
        elif token.subtype == Token.CLOSE and len(counts) > 1:
            counts.pop()
        elif token.type == Token.SEP:
            counts[-1] += 1
            if counts[-1] > _MAX_ARGUMENTS:
                yield Finding("formula-arguments", place, text[:60])
        yield from _check_token(token, place, names)
    if len(counts) > 1 or not text or text.startswith("="):
        yield Finding("formula-syntax", place, f"not a formula: {text[:60]}")


@lru_cache(maxsize=10_000)
def _tokenize(text: str) -> tuple[Token, ...]:
    return tuple(Tokenizer(f"={text}").items)


def _check_token(token: Token, place: str, names: KnownNames) -> Iterator[Finding]:
    value = token.value
    if token.type == Token.FUNC and token.subtype == Token.OPEN:
        if value[:-1].upper() not in _FUNCTIONS and not _NEWER_FUNCTION.match(value):
            yield Finding("formula-function", place, f"{value[:-1]} has no _xlfn. before it")
    elif token.type == Token.OPERAND and token.subtype == Token.TEXT:
        if count_utf16_units(value[1:-1].replace('""', '"')) > MAX_TEXT_IN_FORMULA:
            yield Finding("formula-text", place, f"a text of over 255 characters: {value[:60]}")
    elif token.type == Token.OPERAND and token.subtype == Token.RANGE:
        yield from check_reference(value, place, names)


def check_reference(reference: str, place: str, names: KnownNames) -> Iterator[Finding]:
    """Yield whether a sheet, an area or a name that a formula refers to is not there."""
    cells = reference
    if match := _SHEET_REFERENCE.fullmatch(reference):
        quoted, unquoted, cells = match.groups()
        sheet = (quoted or "").replace("''", "'") or unquoted
        if sheet.casefold() not in names.sheets or not is_valid_sheet_name(sheet):
            yield Finding("formula-sheet", place, f"there is no sheet {sheet!r}")
        if unquoted and (not _UNQUOTED_SHEET.fullmatch(sheet) or _CELL_LIKE.fullmatch(sheet)):
            yield Finding("formula-sheet", place, f"{sheet!r} must be quoted")
    is_known = (
        parse_area(cells.upper())
        or _WHOLE_LINES.fullmatch(cells.upper())
        or cells.partition("[")[0].casefold() in names.defined
        or cells.upper() in {"TRUE", "FALSE"}
    )
    if not is_known:
        yield Finding("formula-name", place, f"{cells[:60]!r} is neither a cell nor a name")
