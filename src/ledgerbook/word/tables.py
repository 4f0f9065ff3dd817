"""Write tables in Word: merged cells, rows that stay whole, heads on every page.

Widths and heights are in mm. Elements are those of WordprocessingML (ECMA-376 Part 1 §17.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docx.document import Document as Doc
from docx.shared import Mm
from docx.text.paragraph import Paragraph

from ledgerbook.word.styles import create_element, create_shading

# The lines of a table: around it, between its rows and between its columns.
ALL_LINES = ("top", "left", "bottom", "right", "insideH", "insideV")
_TWIPS_PER_MM = 56.7
# The padding of a cell: most of a narrow column must remain for its text.
_CELL_PADDING = {"top": 0.4, "left": 0.6, "bottom": 0.4, "right": 0.6}


@dataclass(frozen=True, slots=True)
class WordCell:
    """A cell to write.

    ``row_span`` is the number of rows it spans, 0 for a cell covered from above; ``fill`` its
    colour, such as ``#FFF2CC``, or blank.
    """

    text: str
    style: str
    column_span: int = 1
    row_span: int = 1
    fill: str = ""


def create_table(document: Doc, widths: Sequence[float], lines: Sequence[str] = ALL_LINES) -> Any:
    """Append a table with thin black ``lines`` and columns of ``widths``; return its element."""
    properties = create_element("w:tblPr")
    properties.append(create_element("w:tblW", w=convert_to_twips(sum(widths)), type="dxa"))
    properties.append(create_element("w:jc", val="center"))
    borders = create_element("w:tblBorders")
    for side in lines:
        borders.append(create_element(f"w:{side}", val="single", sz=4, space=0, color="000000"))
    properties.append(borders)
    properties.append(create_element("w:tblLayout", type="fixed"))
    margins = create_element("w:tblCellMar")
    for side, padding in _CELL_PADDING.items():
        margins.append(create_element(f"w:{side}", w=convert_to_twips(padding), type="dxa"))
    properties.append(margins)
    grid = create_element("w:tblGrid")
    for width in widths:
        grid.append(create_element("w:gridCol", w=convert_to_twips(width)))
    table = create_element("w:tbl")
    table.append(properties)
    table.append(grid)
    body = document._body._element
    body.insert(len(body) - 1, table)  # the section's properties stay the last
    return table


def add_row(  # noqa: PLR0913  the properties of a row
    document: Doc,
    table: Any,
    widths: Sequence[float],
    cells: Sequence[WordCell],
    height: float,
    *,
    is_exact: bool = False,
    is_header: bool = False,
    is_unbroken: bool = True,
) -> list[Paragraph]:
    """Append a row of ``cells`` to ``table``; return their paragraphs.

    It is at least ``height`` high, or just so high where it ``is_exact``.
    """
    properties = create_element("w:trPr")
    if is_unbroken:
        properties.append(create_element("w:cantSplit"))
    rule = "exact" if is_exact else "atLeast"
    properties.append(create_element("w:trHeight", val=convert_to_twips(height), hRule=rule))
    if is_header:
        properties.append(create_element("w:tblHeader"))
    row = create_element("w:tr")
    row.append(properties)
    table.append(row)
    paragraphs: list[Paragraph] = []
    position = 0
    for cell in cells:
        width = sum(widths[position : position + cell.column_span])
        paragraphs += _add_cell(document, row, cell, width)
        position += cell.column_span
    return paragraphs


def _add_cell(document: Doc, row: Any, cell: WordCell, width: float) -> list[Paragraph]:
    """Append a cell to a row, with a paragraph for each line of its text."""
    properties = create_element("w:tcPr")
    properties.append(create_element("w:tcW", w=convert_to_twips(width), type="dxa"))
    if cell.column_span > 1:
        properties.append(create_element("w:gridSpan", val=cell.column_span))
    if cell.row_span != 1:
        merge = {"val": "restart"} if cell.row_span else {}
        properties.append(create_element("w:vMerge", **merge))
    if cell.fill:
        properties.append(create_shading(cell.fill))
    properties.append(create_element("w:vAlign", val="center"))
    cell_element = create_element("w:tc")
    cell_element.append(properties)
    row.append(cell_element)
    lines = cell.text.split("\n") if cell.row_span else [""]
    paragraphs = []
    for line in lines:
        paragraph_element = create_element("w:p")
        cell_element.append(paragraph_element)
        paragraph = Paragraph(paragraph_element, document._body)
        # By its id, which is its name: to look up a name takes longer than all else.
        paragraph_element.style = cell.style
        if line:
            paragraph.add_run(line)
        paragraphs.append(paragraph)
    return paragraphs


def draw_bar(paragraph: Paragraph, length: float, room: float, fill: str) -> None:
    """Fill an empty paragraph from the left over ``length`` of the ``room`` that its cell has.

    The height of the bar is that of a line of its style.
    """
    properties: Any = paragraph._p.get_or_add_pPr()
    properties.append(create_shading(fill))
    paragraph.paragraph_format.right_indent = Mm(room - length)


def convert_to_twips(mm: float) -> int:
    """Return a length in twentieths of a point."""
    return round(mm * _TWIPS_PER_MM)
