"""附件清单: every picture, note and link that hung on a sheet, and where it is kept."""

from __future__ import annotations

from ledgerbook.ledger import Attachment, Ledger
from ledgerbook.merging.evidence import FOLDER, counted
from ledgerbook.model import Book
from ledgerbook.summary.cells import Link, Value
from ledgerbook.summary.lists import Numbered, draw_list, number, numbered
from ledgerbook.summary.sheet import Canvas
from ledgerbook.summary.table import Field

# A sheet can hold some 65,000 links.
_MOST_LINKS = 60_000


def draw_attachments(canvas: Canvas, ledger: Ledger) -> None:
    """Draw all attachments, by section and task."""
    items = ledger.attachments
    note = (
        f"表上附带的内容共 {len(items)} 项（{counted(items)}）。"
        f"图片已另存在本文件旁边的“{FOLDER}”文件夹中，点“存放位置”可以打开。"
    )
    fields = _fields(ledger.book)
    draw_list(canvas, ("附件清单", note), fields, numbered(items), "没有附带的内容。")


def _fields(book: Book) -> tuple[Field[Numbered[Attachment]], ...]:
    numbers = {task.code: task.number for task in book.tasks}
    headers = {column.key: column.header for column in book.form.columns}
    return (
        Field("序号", 5, number, "center"),
        Field("科室", 14, lambda i: i[1].section, "center"),
        Field("任务序号", 6, lambda i: numbers.get(i[1].task), "center"),
        Field("栏目", 11, lambda i: headers.get(i[1].column, ""), "center"),
        Field("类型", 7, lambda i: i[1].kind.value, "center"),
        Field("内容", 34, lambda i: i[1].text),
        # Wide enough for a usual path: LibreOffice breaks no line of a link.
        Field("存放位置", 56, _kept_at),
        Field("出处", 26, _origin),
    )


def _kept_at(item: Numbered[Attachment]) -> Value:
    stored = item[1].stored
    return Link(stored) if stored and item[0] <= _MOST_LINKS else stored


def _origin(item: Numbered[Attachment]) -> str:
    place = item[1].place
    return " ".join(filter(None, (place.file, place.sheet, place.cell)))
