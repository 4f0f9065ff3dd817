"""退回修改: a section's own answers in a fresh workbook, what is wrong marked in place.

It bears the same marks as the workbook it stands in for, so that the corrected one is
simply collected again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_rowcol_to_cell

from ledgerbook import marks
from ledgerbook import typography as look
from ledgerbook.issue import names
from ledgerbook.issue.canvas import FIRST_ROW, Answers, SheetJob
from ledgerbook.issue.guide import add_guide
from ledgerbook.issue.identity import add_choices, add_marks
from ledgerbook.issue.seal import sealed
from ledgerbook.issue.sheet import draw
from ledgerbook.issue.workbook import Issued
from ledgerbook.text import CUT_MARK
from ledgerbook.xlsx import Maker, done, page_setup

if TYPE_CHECKING:
    from ledgerbook.ledger import Ledger, SectionReport
    from ledgerbook.model import Form, Round
    from ledgerbook.problems import Problem

KIND = "退回修改"
SHEET = "需要改正的地方"

# Header, width.
_COLUMNS = (
    ("序号", 6),
    ("在“{form}”表的哪一格", 16),
    ("任务", 7),
    ("栏目", 13),
    ("原来填的内容", 30),
    ("有什么问题", 44),
    ("怎么改", 40),
)


def corrections(ledger: Ledger) -> tuple[Issued, ...]:
    """Make a workbook for each section whose return has something to put right."""
    stems = names.file_names(ledger.book.section_names)
    return tuple(
        Issued(f"{stems[one.section]}.xlsx", _workbook(ledger, one, wrong), one.section)
        for one in ledger.sections
        if one.files and (wrong := _wrong(ledger, one.section))
    )


def _wrong(ledger: Ledger, section: str) -> tuple[Problem, ...]:
    """Return what the section must put right, its form's own cells first."""
    own = [p for p in ledger.problems if p.section == section and p.grave]
    order = {task.code: n for n, task in enumerate(ledger.book.tasks)}
    return tuple(sorted(own, key=lambda p: order.get(p.task, len(order))))


def _workbook(ledger: Ledger, one: SectionReport, wrong: Sequence[Problem]) -> bytes:
    book, form = ledger.book, ledger.book.form
    a_round = _round(ledger, one)
    sign = marks.sheet_mark(book, a_round.name, one.section, form.key)
    maker = Maker(
        title=f"{book.agency}{book.year}年{form.title}",
        created=ledger.as_of,
        keywords=marks.keywords(KIND, sign.line),
    )
    name = names.sheet_names([SHEET, one.section])[one.section]
    job = SheetJob(
        book,
        a_round,
        one.section,
        form,
        name,
        ledger.as_of,
        answers=_answers(ledger, one.section, wrong),
        remarks=_remarks(form, wrong),
    )
    _draw_list(maker, job, wrong, _intro(ledger, job, len(wrong)))
    draw(maker, job)
    add_guide(maker, book, form, a_round)
    add_choices(maker, (form,))
    add_marks(maker, book, a_round, [one.section])
    return sealed(maker.finish())


def _round(ledger: Ledger, one: SectionReport) -> Round:
    return next(r for r in ledger.book.rounds if r.name == one.round)


def _answers(
    ledger: Ledger, section: str, wrong: Sequence[Problem]
) -> dict[str, Answers]:
    """Return all that the section said, also what could not be taken, as it was."""
    said: dict[str, dict[str, Any]] = {
        row.task.code: {key: answer.value for key, answer in row.answers.items()}
        for row in ledger.rows
        if row.section == section
    }
    for problem in wrong:
        if problem.task and problem.cells and problem.raw:
            said.setdefault(problem.task, {}).setdefault(problem.column, problem.raw)
    return dict(said)


def _remarks(form: Form, wrong: Sequence[Problem]) -> dict[str, dict[str, str]]:
    remarks: dict[str, dict[str, str]] = {}
    own = {column.key for column in form.answers}
    for problem in wrong:
        if problem.task and problem.column in own:
            text = f"{problem.brief}{problem.advice}"
            remarks.setdefault(problem.task, {})[problem.column] = text
    return remarks


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the list, in the order of its columns."""

    cell: str
    task: str
    column: str
    raw: str
    message: str
    advice: str


def _line(job: SheetJob, problem: Problem) -> _Line:
    """Say where in the new workbook a problem stands; else where it came from."""
    codes = [task.code for task in job.tasks]
    keys = [column.key for column in job.form.columns]
    cell = task = column = ""
    if problem.task in codes and problem.column in keys:
        at = (FIRST_ROW + codes.index(problem.task), keys.index(problem.column))
        cell, column = xl_rowcol_to_cell(*at), job.form.column(problem.column).header
        task = str(job.tasks[codes.index(problem.task)].number)
    message = problem.brief if cell else f"{problem.place}\uff1a{problem.brief}"
    return _Line(cell, task, column, _shortened(problem.raw), message, problem.advice)


def _draw_list(
    maker: Maker, job: SheetJob, wrong: Sequence[Problem], intro: str
) -> None:
    """Draw the first sheet: each thing to put right, with its cell and its mend."""
    sheet = maker.sheet(SHEET)
    last = len(_COLUMNS) - 1
    title, note = maker.style("title"), maker.style()
    done(sheet.merge_range(0, 0, 0, last, "", title))
    done(sheet.write_string(0, 0, SHEET, title))
    sheet.set_row(0, 36)
    done(sheet.merge_range(1, 0, 1, last, "", note))
    done(sheet.write_string(1, 0, intro, note))
    sheet.set_row(1, look.row_height([(intro, 150)]) + 6)
    for n, (header, width) in enumerate(_COLUMNS):
        done(sheet.set_column(n, n, width))
        text = header.format(form=job.name)
        done(sheet.write_string(2, n, text, maker.style("head")))
    sheet.set_row(2, 34)
    body = maker.style("body")
    for number, problem in enumerate(wrong, 1):
        one = _line(job, problem)
        texts = (str(number), *dataclasses.astuple(one))
        for n, text in enumerate(texts):
            done(sheet.write_string(2 + number, n, text, body))
        if one.cell:
            link = f"internal:'{job.name}'!{one.cell}"
            done(sheet.write_url(2 + number, 1, link, body, one.cell))
        widths = (width for _, width in _COLUMNS)
        sheet.set_row(2 + number, look.row_height(zip(texts, widths, strict=True)))
    sheet.freeze_panes(3, 0)
    page_setup(sheet, head_row=2, footer=f"{job.section} {KIND}")
    sheet.protect()


_LONGEST = 2_000


def _shortened(raw: str) -> str:
    return raw if len(raw) <= _LONGEST else f"{raw[:_LONGEST]}{CUT_MARK}"


def _intro(ledger: Ledger, job: SheetJob, count: int) -> str:
    kept = any(one.section == job.section for one in ledger.attachments)
    hanging = "原表上的图片、批注和链接已经留存，不用再放一遍。" if kept else ""
    return (
        f"{job.section}报来的表有 {count} 处需要改正。您原来填的内容都在后面的"
        f"“{job.name}”表里\uff0c标红的格子就是要改的\uff0c鼠标移上去能看到怎么改。"
        f"改好保存后\uff0c把本文件交回{job.book.office}即可\uff0c不用重填其他内容。{hanging}"
    )
