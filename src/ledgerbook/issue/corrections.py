"""退回修改: a section's own answers in a fresh workbook, what is wrong marked in place.

It bears the same marks as the workbook it stands in for, so that the corrected one is
simply collected again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_rowcol_to_cell

from ledgerbook import identity
from ledgerbook.excel import names
from ledgerbook.excel import styles as look
from ledgerbook.excel.writer import WorkbookWriter, done, page_setup
from ledgerbook.identity import sealed
from ledgerbook.issue.hidden_sheets import add_choices, add_marks
from ledgerbook.issue.instructions import add_guide, add_register_guide
from ledgerbook.issue.layout import (
    CORRECTIONS_KIND,
    CORRECTIONS_SHEET,
    FIRST_ROW,
    SheetContent,
)
from ledgerbook.issue.prefill import is_of_earlier_occurrence
from ledgerbook.issue.register_formulas import add_workdays
from ledgerbook.issue.sheet import draw
from ledgerbook.issue.workbook import IssuedFile
from ledgerbook.text import CUT_MARK

if TYPE_CHECKING:
    from ledgerbook.model import Round
    from ledgerbook.model.problems import Problem
    from ledgerbook.model.results import Ledger, SectionReport


# Header, width.
_COLUMNS = (
    ("序号", 6),
    ("在哪张表的哪一格", 18),
    ("任务", 7),
    ("栏目", 13),
    ("原来填的内容", 30),
    ("有什么问题", 44),
    ("怎么改", 40),
)


def corrections(ledger: Ledger) -> tuple[IssuedFile, ...]:
    """Make a workbook for each section whose return has something to put right."""
    stems = names.file_names(ledger.book.section_names)
    return tuple(
        IssuedFile(
            f"{stems[one.section]}.xlsx", _workbook(ledger, one, wrong), one.section
        )
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
    a_round, registers = _round(ledger, one), ledger.book.registers_of(one.section)
    sign = identity.sheet_mark(book, a_round.name, one.section, form.key)
    maker = WorkbookWriter(
        title=f"{book.agency}{book.year}年{form.title}",
        created=ledger.as_of,
        keywords=identity.keywords(CORRECTIONS_KIND, sign.line),
    )
    titles = [register.title for register in registers]
    called = names.sheet_names([CORRECTIONS_SHEET, one.section, *titles])
    plain = SheetContent(
        book, a_round, one.section, form, called[one.section], ledger.as_of
    )
    jobs = [_ledger_job(ledger, plain, one, wrong)] if plain.tasks else []
    for register in registers:
        own = replace(plain, form=register, name=called[register.title])
        jobs.append(_register_job(ledger, own, wrong))
    _draw_list(maker, jobs, wrong, _intro(ledger, jobs, len(wrong)))
    for job in jobs:
        draw(maker, job.sheet)
    add_guide(maker, book, form, a_round)
    if registers:
        add_register_guide(maker, book, registers)
        add_workdays(maker, book.year, registers)
    add_choices(maker, (form, *registers))
    add_marks(maker, book, a_round, [one.section], registers)
    return sealed(maker.finish())


@dataclass(frozen=True, slots=True)
class _Job:
    """A sheet to draw, and in which of its cells each problem stands."""

    sheet: SheetContent
    spots: Mapping[int, tuple[str, str]]

    def cell(self, problem: Problem) -> str:
        """Name the cell in which ``problem`` is to be put right, if it is here."""
        if id(problem) not in self.spots:
            return ""
        row, key = self.spots[id(problem)]
        keys = [column.key for column in self.sheet.form.columns]
        at = (FIRST_ROW + self.sheet.rows.index(row), keys.index(key))
        return str(xl_rowcol_to_cell(*at))


def _ledger_job(
    ledger: Ledger, plain: SheetContent, one: SectionReport, wrong: Sequence[Problem]
) -> _Job:
    """Fill in what stands now, save what was said of an earlier turn before ``one``."""
    keys = {column.key for column in plain.form.columns}
    codes = {task.code for task in plain.tasks}
    spots = {
        id(problem): (problem.task, problem.column)
        for problem in wrong
        if problem.task in codes and problem.column in keys
    }
    said: dict[str, dict[str, Any]] = {
        row.task.code: {
            key: answer.value
            for key, answer in row.answers.items()
            if answer.place.file in one.files
            or not is_of_earlier_occurrence(ledger, row, plain.round, key)
        }
        for row in ledger.rows
        if row.section == plain.section
    }
    return _job(plain, spots, said, wrong)


def _register_job(
    ledger: Ledger, plain: SheetContent, wrong: Sequence[Problem]
) -> _Job:
    own = [
        record
        for record in ledger.records
        if (record.section, record.form.key) == (plain.section, plain.form.key)
    ]
    spots = {
        id(problem): (str(n), problem.column)
        for n, record in enumerate(own)
        for problem in wrong
        if not problem.task and record.places.get(problem.column) == problem.place
    }
    said: dict[str, dict[str, Any]] = {
        str(n): {key: answer.value for key, answer in record.answers.items()}
        for n, record in enumerate(own)
    }
    return _job(plain, spots, said, wrong)


def _job(
    plain: SheetContent,
    spots: Mapping[int, tuple[str, str]],
    said: Mapping[str, Mapping[str, Any]],
    wrong: Sequence[Problem],
) -> _Job:
    """Put into the sheet all that was said, also what could not be taken, as it was.

    That is newer than what was taken of its cell, else it would be settled.
    """
    answers = {row: dict(cells) for row, cells in said.items()}
    remarks: dict[str, dict[str, str]] = {}
    own = {column.key for column in plain.form.answers}
    for problem in (one for one in wrong if id(one) in spots):
        row, key = spots[id(problem)]
        if key not in own:
            continue
        remarks.setdefault(row, {})[key] = f"{problem.brief}{problem.advice}"
        if problem.cells and problem.raw:
            answers.setdefault(row, {})[key] = problem.raw
    return _Job(replace(plain, answers=answers, remarks=remarks), spots)


def _round(ledger: Ledger, one: SectionReport) -> Round:
    return next(r for r in ledger.book.rounds if r.name == one.round)


@dataclass(frozen=True, slots=True)
class _CorrectionLine:
    """A line of the list, in the order of its columns."""

    cell: str
    task: str
    column: str
    raw: str
    message: str
    advice: str


def _line(jobs: Sequence[_Job], problem: Problem) -> _CorrectionLine:
    """Say where in the new workbook a problem stands; else where it came from."""
    raw, advice = _shortened(problem.raw), problem.advice
    for job in jobs:
        if cell := job.cell(problem):
            form, codes = job.sheet.form, [task.code for task in job.sheet.tasks]
            number = codes.index(problem.task) if problem.task in codes else None
            task = "" if number is None else str(job.sheet.tasks[number].number)
            header = form.column(problem.column).header
            where = f"{job.sheet.name} {cell}"
            return _CorrectionLine(where, task, header, raw, problem.brief, advice)
    return _CorrectionLine("", "", "", raw, f"{problem.place}：{problem.brief}", advice)


def _draw_list(
    maker: WorkbookWriter, jobs: Sequence[_Job], wrong: Sequence[Problem], intro: str
) -> None:
    """Draw the first sheet: each thing to put right, with its cell and its mend."""
    sheet = maker.sheet(CORRECTIONS_SHEET)
    last = len(_COLUMNS) - 1
    title, note = maker.style("title"), maker.style()
    done(sheet.merge_range(0, 0, 0, last, "", title))
    done(sheet.write_string(0, 0, CORRECTIONS_SHEET, title))
    sheet.set_row(0, 36)
    done(sheet.merge_range(1, 0, 1, last, "", note))
    done(sheet.write_string(1, 0, intro, note))
    sheet.set_row(1, look.row_height([(intro, 150)]) + 6)
    for n, (header, width) in enumerate(_COLUMNS):
        done(sheet.set_column(n, n, width))
        done(sheet.write_string(2, n, header, maker.style("head")))
    sheet.set_row(2, 34)
    body = maker.style("body")
    for number, problem in enumerate(wrong, 1):
        one = _line(jobs, problem)
        texts = (str(number), *dataclasses.astuple(one))
        for n, text in enumerate(texts):
            done(sheet.write_string(2 + number, n, text, body))
        if one.cell:
            name, _, cell = one.cell.rpartition(" ")
            link = f"internal:'{name}'!{cell}"
            done(sheet.write_url(2 + number, 1, link, body, one.cell))
        widths = (width for _, width in _COLUMNS)
        sheet.set_row(2 + number, look.row_height(zip(texts, widths, strict=True)))
    sheet.freeze_panes(3, 0)
    page_setup(sheet, head_row=2, footer=f"{jobs[0].sheet.section} {CORRECTIONS_KIND}")
    sheet.protect()


_LONGEST = 2_000


def _shortened(raw: str) -> str:
    return raw if len(raw) <= _LONGEST else f"{raw[:_LONGEST]}{CUT_MARK}"


def _intro(ledger: Ledger, jobs: Sequence[_Job], count: int) -> str:
    section, office = jobs[0].sheet.section, ledger.book.office
    names = "”“".join(job.sheet.name for job in jobs)
    kept = any(one.section == section for one in ledger.attachments)
    hanging = "原表上的图片、批注和链接已经留存，不用再放一遍。" if kept else ""
    return (
        f"{section}报来的表有 {count} 处需要改正。您原来填的内容都在后面的"
        f"“{names}”表里，标红的格子就是要改的，鼠标移上去能看到怎么改。"
        f"改好保存后，把本文件交回{office}即可，不用重填其他内容。{hanging}"
    )
