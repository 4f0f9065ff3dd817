"""Whether parts of a mail ran into each other: the line between them was damaged.

Then one of them stands within the text of another, and would be lost in silence. But
text may also quote how a part begins, and programs add footers to what is packed.
"""

from __future__ import annotations

import re

# A field of a part, and what shows that it is one: the line between parts before it, a
# file's name in it, or packed lines after it.
_FIELD = re.compile(
    "^content-(type|disposition|transfer-encoding):", re.IGNORECASE | re.MULTILINE
)
_AFTER_EDGE = re.compile(
    r"^--[!-~]{1,80}[ \t]*\r?\n(?:[!-9;-~]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){0,9}?"
    "content-(type|disposition|transfer-encoding):",
    re.IGNORECASE | re.MULTILINE,
)
_NAMED = re.compile(
    r"^content-(type|disposition):[^\r\n]*(\r?\n[ \t][^\r\n]*)*name[*\d]*=",
    re.IGNORECASE | re.MULTILINE,
)
_LONG = re.compile(r"^[A-Za-z0-9+/]{50,}={0,2}[ \t]*\r?$", re.MULTILINE)
# How a workbook begins when it is packed, at the start of a line.
_BOOK = re.compile(r"^(UEsDB|0M8R4KGx)[A-Za-z0-9+/]{40}", re.MULTILINE)
# Packed lines, as many as there are: what stands after them is a footer.
_LINES = re.compile(r"\s*(?:[A-Za-z0-9+/=]+[ \t]*(?:[\r\n]\s*|\Z))*+")


def torn(text: str, packed: bool) -> bool:
    """Whether there is something in a text that was a part of its own.

    Of ``packed`` text, also what is foreign to it tells of damage.
    """
    return _holds_part(text) or (packed and bool(_LONG.search(text, _end(text))))


def holds_book(text: str) -> bool:
    """Whether a workbook ran into a text, without what says that it is one.

    A file that is itself packed so may well have another in it.
    """
    whole = text.lstrip()
    return not _BOOK.match(whole) and bool(_BOOK.search(whole))


def _holds_part(text: str) -> bool:
    field = _FIELD.search(text)
    return field is not None and bool(
        _AFTER_EDGE.search(text)
        or _NAMED.search(text)
        or _LONG.search(text, field.end())
    )


def _end(text: str) -> int:
    """Return where packed lines end."""
    lines = _LINES.match(text)
    return lines.end() if lines else 0
