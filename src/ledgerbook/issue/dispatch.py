"""The 签发清单: what went to whom, how much of it, and when it is due back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ledgerbook import marks
from ledgerbook.issue.seal import sealed
from ledgerbook.model import Book, Role, Round, Section
from ledgerbook.sheets import typography as look
from ledgerbook.sheets.xlsx import DATE_FORMAT, Maker, done, page_setup
from ledgerbook.text import chinese_date

KIND = "签发清单"


@dataclass(frozen=True, slots=True)
class Sent:
    """One workbook that goes out."""

    section: Section
    file: str


# Header, width. The last two are filled by hand on paper.
_COLUMNS = (
    ("序号", 6),
    ("科室", 18),
    ("文件", 26),
    ("任务项数", 10),
    *((f"其中{role}", 9) for role in Role),
    ("报送截止日期", 14),
    ("联系人", 12),
    ("联系电话", 16),
    ("签收人", 12),
    ("签收日期", 14),
)


def dispatch_list(
    book: Book, a_round: Round, sent: Sequence[Sent], issued_on: date
) -> bytes:
    """Return the list as the bytes of an .xlsx file."""
    title = f"{book.agency}{book.year}年{book.form.title}{KIND}（{a_round.name}）"
    words = marks.keywords(KIND, f"book={book.book_id}", f"round={a_round.name}")
    maker = Maker(title=title, created=issued_on, keywords=words)
    sheet = maker.sheet(KIND)
    last = len(_COLUMNS) - 1
    done(sheet.merge_range(0, 0, 0, last, "", maker.style("title")))
    done(sheet.write_string(0, 0, title, maker.style("title")))
    sheet.set_row(0, 36)
    note = f"签发日期：{chinese_date(issued_on)}    签发科室：{book.office}"
    done(sheet.merge_range(1, 0, 1, last, "", maker.style()))
    done(sheet.write_string(1, 0, note, maker.style()))
    sheet.set_row(1, 22)
    for n, (header, width) in enumerate(_COLUMNS):
        done(sheet.set_column(n, n, width))
        done(sheet.write_string(2, n, header, maker.style("head")))
    sheet.set_row(2, 30)
    for n, one in enumerate(sent, 1):
        cells = _cells(n, one, book, a_round)
        for column, value in enumerate(cells):
            style = maker.style("body", align="center")
            if isinstance(value, date):
                dated = maker.style("body", align="center", num_format=DATE_FORMAT)
                done(sheet.write_datetime(2 + n, column, value, dated))
            elif isinstance(value, int):
                done(sheet.write_number(2 + n, column, value, style))
            else:
                done(sheet.write_string(2 + n, column, value, style))
        pairs = zip(map(str, cells), (width for _, width in _COLUMNS), strict=True)
        sheet.set_row(2 + n, max(26, look.row_height(pairs)))
    sheet.freeze_panes(3, 0)
    page_setup(sheet, head_row=2)
    return sealed(maker.finish())


def _cells(
    number: int, sent: Sent, book: Book, a_round: Round
) -> tuple[str | int | date, ...]:
    section = sent.section
    tasks = book.tasks_of(section.name)
    held = [role for task in tasks for role in task.roles_of(section.name)]
    return (
        number,
        section.name,
        sent.file,
        len(tasks),
        *(held.count(role) for role in Role),
        a_round.due or "另行通知",
        section.contact,
        section.phone,
        "",
        "",
    )
