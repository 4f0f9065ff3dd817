"""State the limits that Excel sets to texts, names and sheets, and cut texts to them.

All lengths are in UTF-16 code units, as Excel counts them: a Chinese character is one
unit, an emoji is two. The book is checked by these limits when it is read (``book`` and
``forms``); ``excel`` and ``issue`` adapt names and cut labels to them when they write.
Nothing here imports XlsxWriter.

Sources: "Excel specifications and limits"
(https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3),
"Rename a worksheet"
(https://support.microsoft.com/office/3f1f7148-ee83-404d-8ef0-9ff99fbad1f9),
"Names in formulas"
(https://support.microsoft.com/office/fc2935f9-115d-4bef-a370-3aa8bb4c91f1),
and for the elements of the file ECMA-376 Part 1 §18.3.1.32 (dataValidation),
§18.2.5 (definedName), §18.3.1.46 (headerFooter).
"""

from __future__ import annotations

from ledgerbook.text import CELL_LIMIT, count_utf16_units

# --- sheets ---

# Hyperlinks on one sheet, and the length of the address of one.
MAX_LINKS = 65_530
MAX_LINK = 2_079

MAX_SHEET_NAME = 31
SHEET_NAME_FORBIDDEN_CHARACTERS = "\\/?*[]:"
# "History" is reserved by Excel. TRUE and FALSE are allowed as sheet names, but a
# reference to such a sheet must be quoted, and XlsxWriter writes print titles and print
# areas of a sheet with this name without quotes.
RESERVED_SHEET_NAMES = frozenset({"history", "true", "false"})

# --- texts ---

# A text written into a formula between quotes, and a whole formula.
MAX_FORMULA_TEXT = 255
MAX_FORMULA = 8_192
# The name of a column of an Excel table; no header of a form may be longer.
MAX_HEADER = 255
# A section, round, form or agency. Four such names stand together in one cell, the line
# with the mark of a sheet, and that line must not be cut.
MAX_NAME = CELL_LIMIT // 4
# The header and the footer of a printed page, each with its formatting codes.
MAX_HEADER_FOOTER = 255
# A core property of the file, such as title or keywords.
MAX_PROPERTY = 255

# --- data validation ---

MAX_INPUT_TITLE = 32
MAX_INPUT_MESSAGE = 255

# --- defined names, and names of tables ---

MAX_DEFINED_NAME = 255


def escape_criterion(value: str) -> str:
    """Return the criterion of COUNTIF that matches ``value`` and nothing similar."""
    for special in "~*?":
        value = value.replace(special, f"~{special}")
    return f"={value}"


def describe_excess(text: str, max_units: int) -> str:
    """Return the end of a sentence for the clerk if ``text`` is too long, else nothing.

    Before it stands the name of what is too long, such as 填写提示.
    """
    length = count_utf16_units(text)
    if length <= max_units:
        return ""
    emoji_note = "（一个表情符号算两个）" if length > len(text) else ""
    return f"不能超过 {max_units} 个字，现在有 {length} 个{emoji_note}，请缩短。"


def truncate(text: str, max_units: int) -> str:
    """Return the beginning of ``text`` that fits, without half a character at its end."""
    if 2 * len(text) <= max_units:
        return text
    return text.encode("utf-16-le")[: 2 * max_units].decode("utf-16-le", "ignore")


def truncate_with_ellipsis(text: str, max_units: int) -> str:
    """Return ``text`` if it fits, else its beginning and an ellipsis."""
    if count_utf16_units(text) <= max_units:
        return text
    return f"{truncate(text, max_units - 1)}…"


# ``identity.seal_package`` adds a seal to the keywords: ";seal=", 16 hex digits, "-"
# and a signature of 16 characters.
_SEAL_LENGTH = 39


def fit_keywords(keywords: str) -> str:
    """Return the keywords that fit the core property and leave room for the seal.

    ``keywords`` are separated by semicolons, the most important first; those at the end
    that do not fit are left out whole.
    """
    max_units = MAX_PROPERTY - _SEAL_LENGTH
    while count_utf16_units(keywords) > max_units and ";" in keywords:
        keywords = keywords.rpartition(";")[0]
    return truncate(keywords, max_units)
