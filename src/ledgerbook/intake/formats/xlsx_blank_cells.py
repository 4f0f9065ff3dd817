"""Remove the blank cells of a worksheet part that are there for their format alone.

Whoever draws borders down to row 65,536 leaves a file with hundreds of thousands of cells
that have a style and no content. They say nothing, and to parse each would take seconds:
so they are cut out before any parser sees the part.
"""

from __future__ import annotations

import re

# Fewer blank cells than this are parsed as quickly as they are removed.
_MIN_BLANK_CELLS = 2_000
# What stands between two elements of which the first has no content: a sign of blank cells.
_EMPTY_ELEMENT_END = b"/><"
# A cell without value, formula and text. Of a cell of another type than a number, the scan
# has to judge; a cell without a reference stands beside the one before it.
_BLANK_CELL = rb'<c r="[A-Z]++[0-9]++"(?: s="[0-9]++")?+(?: t="n")?+ ?+/>'
_BLANK_CELLS_OR_ROW = re.compile(
    rb'<row r="[0-9]++"(?: (?!r=)[a-zA-Z0-9:]++="[^"<>&]*+")*+>(?:%b)*+</row>|(?:%b)++'
    % (_BLANK_CELL, _BLANK_CELL)
)
# Markup in which the text of a cell may stand, and cells and rows without a reference, whose
# place depends on those before them.
_UNSUPPORTED_MARKUP = re.compile(rb'<!|<(?:[^<>\s/:]++:)?(?:c|row)(?=[\s/>])(?! r=")')


def remove_blank_cells(xml: bytes) -> bytes:
    """Return a worksheet part without its blank cells, and without the rows of such alone.

    Parts with few blank cells, or that are not plainly written, are returned as they are.
    """
    if xml.count(_EMPTY_ELEMENT_END) < _MIN_BLANK_CELLS:
        return xml
    remainder = _BLANK_CELLS_OR_ROW.sub(b"", xml)
    return xml if _UNSUPPORTED_MARKUP.search(remainder) else remainder
