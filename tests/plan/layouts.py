"""Tables drawn as lines of ``a | b | c``, and put into every kind of file.

``^`` is a cell merged with the one above, ``<`` with the one to its left; a backslash
and n is a line break. A row may be shorter than the others.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import xlwt
from openpyxl import Workbook

from ledgerbook.plan import Plan, read_plan
from ledgerbook.plan.header_meaning import parse_header
from ledgerbook.text import normalize


@dataclass(frozen=True)
class Drawn:
    """One cell of a drawing."""

    text: str
    row: int
    column: int
    rows: int = 1
    columns: int = 1


def rows_of(lines: Iterable[str]) -> list[list[str]]:
    return [[cell.strip().replace("\\n", "\n") for cell in line.split("|")] for line in lines]


def drawn(rows: Sequence[Sequence[str]]) -> list[Drawn]:
    """Lay out a drawing: the merged cells with their spans."""

    def run(row: int, column: int) -> Drawn:
        width = height = 1
        while column + width < len(rows[row]) and rows[row][column + width] == "<":
            width += 1
        while row + height < len(rows) and rows[row + height][column : column + 1] in (
            ["^"],
            ("^",),
        ):
            height += 1
        return Drawn(rows[row][column], row, column, height, width)

    return [
        run(r, c)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
        if text not in ("^", "<")
    ]


# ── files ────────────────────────────────────────────────────────────────────────

Table = Sequence[Sequence[str]]

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def docx(titles: Sequence[str], tables: Sequence[Table], after: str = "") -> bytes:
    body = "".join(map(_paragraph, titles))
    body += "".join(_word_table(table) + _paragraph("") for table in tables)
    return _document(f"{body}{_paragraph(after)}")


def docx_lines(lines: Sequence[str]) -> bytes:
    """Write a document of paragraphs."""
    return _document("".join(map(_paragraph, lines)))


def _document(body: str) -> bytes:
    """Write the parts of a document by hand, which is quick."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        'package.relationships+xml"/><Override PartName="/word/document.xml" '
        f'ContentType="{_WORD}.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>',
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return buffer.getvalue()


def _paragraph(text: str) -> str:
    lines = "<w:br/>".join(f"<w:t>{escape(line)}</w:t>" for line in text.split("\n"))
    return f"<w:p><w:r>{lines}</w:r></w:p>"


def _word_table(rows: Table) -> str:
    cells = drawn(rows)
    written = ""
    for r in range(len(rows)):
        written += "<w:tr>"
        here = [c for c in cells if c.row <= r < c.row + c.rows]
        for cell in sorted(here, key=lambda c: c.column):
            begins = cell.row == r
            restart = ' w:val="restart"' if begins else ""
            merge = f"<w:vMerge{restart}/>" if cell.rows > 1 else ""
            written += (
                f'<w:tc><w:tcPr><w:gridSpan w:val="{cell.columns}"/>{merge}</w:tcPr>'
                f"{_paragraph(cell.text if begins else '')}</w:tc>"
            )
        written += "</w:tr>"
    return f"<w:tbl>{written}</w:tbl>"


def xlsx(titles: Sequence[str], tables: Sequence[Table]) -> bytes:
    """Write a sheet a table; numbers are numbers."""
    book = Workbook()
    for n, table in enumerate(tables):
        sheet = book.active if n == 0 else book.create_sheet()
        for cell in drawn(_titled(titles, table) if n == len(tables) - 1 else table):
            value = int(cell.text) if cell.text.isdecimal() else cell.text
            sheet.cell(cell.row + 1, cell.column + 1, value)
            if cell.rows > 1 or cell.columns > 1:
                sheet.merge_cells(
                    start_row=cell.row + 1,
                    start_column=cell.column + 1,
                    end_row=cell.row + cell.rows,
                    end_column=cell.column + cell.columns,
                )
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xls(titles: Sequence[str], tables: Sequence[Table]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    for n, table in enumerate(tables):
        sheet = book.add_sheet(f"表{n}")
        for cell in drawn(_titled(titles, table) if n == len(tables) - 1 else table):
            value = int(cell.text) if cell.text.isdecimal() else cell.text
            r, c = cell.row, cell.column
            sheet.write_merge(r, r + cell.rows - 1, c, c + cell.columns - 1, value)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _titled(titles: Sequence[str], table: Table) -> Table:
    width = max(map(len, table))
    return [*([title] + ["<"] * (width - 1) for title in titles), *table]


def html(titles: Sequence[str], tables: Sequence[Table], encoding: str = "utf-8") -> bytes:
    """Write a saved page, the plan inside two tables that lay out the page."""
    inner = "".join(f"<p>{escape(title)}</p>" for title in titles)
    inner += "<p>&nbsp;</p>".join(map(_html_table, tables))
    page = (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; '
        f'charset={encoding}"><title>某网</title><script>var 责任单位;</script></head>'
        "<body><table><tr><td>首页</td><td>返回</td></tr></table><table><tr><td>"
        f"<table><tr><td>{inner}</td></tr></table></td><td>友情链接</td></tr></table>"
        "</body></html>"
    )
    return page.encode(encoding)


def _html_table(rows: Table) -> str:
    cells = drawn(rows)
    written = ""
    for r in range(len(rows)):
        own = "".join(
            f'<td rowspan="{c.rows}" colspan={c.columns}>'
            f"{escape(c.text).replace(chr(10), '<br>')}</td>"
            for c in cells
            if c.row == r
        )
        written += f"<tr>{own}</tr>\n"
    return f'<table border="1"><tbody>{written}</tbody></table>'


def comma(titles: Sequence[str], tables: Sequence[Table], encoding: str = "utf-8-sig") -> bytes:
    """Write what a spreadsheet saves: merged cells blank but for the first."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerows(_unmerged(_titled(titles, tables[-1])))
    return stream.getvalue().encode(encoding)


def tabs(titles: Sequence[str], tables: Sequence[Table]) -> bytes:
    """Write what a spreadsheet puts on the clipboard."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter="\t")
    writer.writerows(_unmerged(_titled(titles, tables[-1])))
    return stream.getvalue().encode()


def _unmerged(table: Table) -> list[list[str]]:
    return [["" if text in ("^", "<") else text for text in row] for row in table]


def pipes(titles: Sequence[str], tables: Sequence[Table]) -> bytes:
    """Write what is pasted from a page: cells merged with others are missing."""
    rows = [
        " | ".join(text.replace("\n", "") for text in row if text not in ("^", "<"))
        for row in tables[-1]
    ]
    return "\n".join((*titles, *rows)).encode()


def markdown(titles: Sequence[str], tables: Sequence[Table]) -> bytes:
    rows = [
        f"| {' | '.join(text.replace(chr(10), '<br>') for text in row)} |"
        for row in _unmerged(tables[-1])
    ]
    rule = "|" + "---|" * len(tables[-1][0])
    return "\n".join((*titles, rows[0], rule, *rows[1:])).encode()


def one_a_line(titles: Sequence[str], tables: Sequence[Table]) -> bytes:
    """Write what some pages give: every cell on its line, empty ones gone."""
    cells = [text for row in tables[-1] for text in row if text not in ("", "^", "<")]
    return "\n".join((*titles, *cells)).encode()


def paragraphs(titles: Sequence[str], tables: Sequence[Table]) -> bytes:
    """Write a text of lines."""
    return "\n".join((*titles, *(row[0] for row in tables[-1]))).encode()


Renderer = Callable[[Sequence[str], Sequence[Table]], bytes]


# ── reading, and that nothing was lost ───────────────────────────────────────────


def read(data: bytes, *, units_column: str = "", split_items: bool = False) -> Plan:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "方案"
        path.write_bytes(data)
        return read_plan(path, units_column=units_column, split_items=split_items)


_WORDS = re.compile(r"[\u4e00-\u9fff]{2,}")
_LABELS = re.compile(r"(?:责任|牵头|配合)(?:单位|科室|部门)|(?:完成)?时限")


def assert_conserved(plan: Plan, *tables: Table) -> None:
    """Every word of the tables' cells is somewhere in the plan, and all are counted.

    Words, as punctuation is brought to its official form; headers name the columns.
    """
    cells = [cell.text for table in tables for cell in drawn(table) if cell.text]
    assert plan.cell_count.is_balanced
    assert plan.cell_count.total == len(cells)
    told = normalize(
        "".join(
            [
                plan.title,
                *(
                    text
                    for item in plan.items
                    for text in (
                        item.requirement,
                        item.point,
                        item.measure,
                        item.units,
                        item.deadline_text,
                        item.notes,
                    )
                ),
                *(question.current_value for question in plan.questions),
            ]
        )
    )
    words = [
        word
        for text in cells
        if not parse_header(text) and not text.startswith("附件")
        for word in _WORDS.findall(_LABELS.sub(" ", normalize(text)))
    ]
    assert [word for word in words if word not in told] == []
