"""Book → the workbooks of one round: one a section, the whole, and the list of both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from ledgerbook import identity
from ledgerbook.excel import names
from ledgerbook.excel import styles as look
from ledgerbook.excel.writer import DATE_FORMAT, WorkbookWriter, done, page_setup
from ledgerbook.identity import sealed
from ledgerbook.issue.hidden_sheets import add_choices, add_marks
from ledgerbook.issue.instructions import add_guide, add_register_guide
from ledgerbook.issue.layout import Given, SheetContent
from ledgerbook.issue.register_formulas import add_workdays
from ledgerbook.issue.sheet import draw
from ledgerbook.model import Book, Role, Round, Section
from ledgerbook.text import chinese_date

MASTER = "总台账"
RETURN = "报送表"


@dataclass(frozen=True, slots=True)
class IssuedFile:
    """One file of the round's folder; ``section`` is blank for the office's own."""

    name: str
    data: bytes
    section: str = ""
    tasks: int = 0


@dataclass(frozen=True, slots=True)
class WorkbookOrder:
    """A workbook to be made: for whom, and the answers that it starts from."""

    kind: str
    sections: tuple[str, ...]
    given: Mapping[tuple[str, str], Given]


# Has each order made, in this process or in others; the results stand in their order.
Run = Callable[
    [Callable[[WorkbookOrder], bytes], Sequence[WorkbookOrder]], Iterable[bytes]
]


def issue_round(
    book: Book,
    a_round: Round,
    issued_on: date,
    given: Mapping[tuple[str, str], Given] | None = None,
    run: Run = map,
) -> tuple[IssuedFile, ...]:
    """Make every workbook of ``a_round``: sections first, then 总台账 and 签发清单.

    A section with neither task nor register gets no workbook. ``given`` are the
    answers to start from, by section and form key. Same book, day and answers, same
    bytes, however they are ``run``.
    """
    start = given or {}
    owing = tuple(name for name in book.section_names if book.tasks_of(name))
    sections = [s for s in book.sections if s.name in set(owing) or s.registers]
    stems = names.file_names([MASTER, KIND, *(s.name for s in sections)])
    own: dict[str, dict[tuple[str, str], Given]] = {s.name: {} for s in sections}
    for (name, form), answers in start.items():
        own.setdefault(name, {})[name, form] = answers
    # The one that takes longest first: others are made meanwhile.
    orders = [WorkbookOrder(MASTER, owing, start)]
    orders += [WorkbookOrder(RETURN, (s.name,), own[s.name]) for s in sections]
    whole, *made = run(partial(_made, book, a_round, issued_on), orders)
    sent = [Sent(s, f"{stems[s.name]}.xlsx") for s in sections]
    issued = [
        IssuedFile(
            one.file, data, one.section.name, len(book.tasks_of(one.section.name))
        )
        for one, data in zip(sent, made, strict=True)
    ]
    issued.append(IssuedFile(f"{MASTER}.xlsx", whole, tasks=len(book.tasks)))
    listed = dispatch_list(book, a_round, sent, issued_on)
    issued.append(IssuedFile(f"{KIND}.xlsx", listed))
    return tuple(issued)


def _made(book: Book, a_round: Round, issued_on: date, order: WorkbookOrder) -> bytes:
    told = (issued_on, order.kind, order.given)
    return section_workbook(book, a_round, order.sections, *told)


def section_workbook(
    book: Book,
    a_round: Round,
    sections: Sequence[str],
    issued_on: date,
    kind: str = RETURN,
    given: Mapping[tuple[str, str], Given] | None = None,
) -> bytes:
    """Return a workbook with one sheet for each of ``sections``, marks and guide.

    The workbook of one section has its registers as well.
    """
    start = given or {}
    form = book.form
    registers = book.registers_of(sections[0]) if len(sections) == 1 else ()
    signs = [
        identity.sheet_mark(book, a_round.name, name, form.key) for name in sections
    ]
    maker = WorkbookWriter(
        title=f"{book.agency}{book.year}年{form.title}",
        created=issued_on,
        keywords=identity.keywords(kind, *(sign.line for sign in signs)),
    )
    titles = [one.title for one in registers]
    called = names.sheet_names([*sections, *titles])
    for name in (name for name in sections if book.tasks_of(name)):
        answers = start.get((name, form.key), {})
        job = SheetContent(book, a_round, name, form, called[name], issued_on, answers)
        draw(maker, job)
    for one in registers:
        (section,) = sections
        sheet_name = called[one.title]
        entered = start.get((section, one.key), {})
        job = SheetContent(book, a_round, section, one, sheet_name, issued_on, entered)
        draw(maker, job)
    add_guide(maker, book, form, a_round)
    if registers:
        add_register_guide(maker, book, registers)
        add_workdays(maker, book.year, registers)
    add_choices(maker, (form, *registers))
    add_marks(maker, book, a_round, sections, registers)
    return sealed(maker.finish())


# The 签发清单: what went to whom, how much of it, and when it is due back.

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
    words = identity.keywords(KIND, f"book={book.book_id}", f"round={a_round.name}")
    maker = WorkbookWriter(title=title, created=issued_on, keywords=words)
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
