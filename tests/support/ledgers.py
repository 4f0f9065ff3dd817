"""Make ledgers for the tests of the summary from plain values.

``ledger`` gets who answered what and computes status and urgency with simplified rules,
so that a test states only what it is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from ledgerbook.model import (
    Assignment,
    Book,
    Choice,
    ChoiceList,
    Column,
    ColumnSource,
    ColumnType,
    Filler,
    Form,
    Role,
    Round,
    Section,
    StatusCategory,
    Task,
)
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import (
    DUE_SOON_DAYS,
    NOT_FILLED,
    NOT_RETURNED,
    Answer,
    AssignmentResult,
    CellBalance,
    Conflict,
    FileReport,
    FileStatus,
    Ledger,
    SectionReport,
    SubmissionStatus,
    TaskSummary,
    Urgency,
)

AS_OF = date(2022, 10, 8)
SAVED = datetime(2022, 9, 30, 16, 5, tzinfo=UTC).replace(tzinfo=None)

STATUSES = (
    Choice("未启动", StatusCategory.NOT_STARTED),
    Choice("推进中", StatusCategory.IN_PROGRESS),
    Choice("已完成", StatusCategory.COMPLETED),
    Choice("长期推进", StatusCategory.ONGOING),
    Choice("不涉及", StatusCategory.NOT_APPLICABLE),
)

_OFFICIAL = (
    ("number", "序号", ColumnType.NUMBER, 5, ColumnSource.NUMBER),
    ("row_code", "行码", ColumnType.TEXT, 10, ColumnSource.ROW_CODE),
    ("requirement", "工作要求", ColumnType.LONG_TEXT, 11, ColumnSource.REQUIREMENT),
    ("point", "工作要点", ColumnType.LONG_TEXT, 14, ColumnSource.KEY_POINT),
    ("measure", "计划措施", ColumnType.LONG_TEXT, 36, ColumnSource.MEASURE),
    ("roles", "本科室职责", ColumnType.TEXT, 8, ColumnSource.ROLES),
    ("limit", "时限", ColumnType.TEXT, 8, ColumnSource.DEADLINE_TEXT),
    ("due", "完成期限", ColumnType.DATE, 11.5, ColumnSource.DUE_DATE),
)
_ANSWERS = (
    ("status", "完成状态", ColumnType.CHOICE, 10),
    ("done_on", "完成日期", ColumnType.DATE, 11.5),
    ("result", "落实情况", ColumnType.LONG_TEXT, 34),
    ("evidence", "佐证材料", ColumnType.LONG_TEXT, 16),
    ("reason", "未完成原因", ColumnType.LONG_TEXT, 16),
    ("next_step", "下一步措施", ColumnType.LONG_TEXT, 16),
    ("person", "责任人", ColumnType.TEXT, 9),
    ("phone", "联系电话", ColumnType.PHONE, 13),
    ("note", "备注", ColumnType.LONG_TEXT, 11),
)
ANSWER_KEYS = tuple(key for key, *_ in _ANSWERS)

Answers = Mapping[tuple[int, str], Mapping[str, "str | date | float"]]


def form(statuses: Sequence[Choice] = STATUSES) -> Form:
    """Return a form with the columns of the factory form of the task ledger."""
    official = tuple(
        Column(key, header, kind, Filler.OFFICIAL, width, source)
        for key, header, kind, width, source in _OFFICIAL
    )
    answers = tuple(
        Column(
            key,
            header,
            kind,
            Filler.SECTION,
            width,
            choices="完成状态" if kind is ColumnType.CHOICE else "",
        )
        for key, header, kind, width in _ANSWERS
    )
    choices = (ChoiceList("完成状态", tuple(statuses)),)
    return Form("tasks", "重点任务台账", official + answers, choices)


def task(
    number: int,
    sections: Sequence[str],
    *,
    requirement: str = "一、优化政务公开工作基础",
    point: str = "（一）深化集中公开。",
    measure: str = "",
    units: str | None = None,
    due: date | None = None,
) -> Task:
    """Return a task that ``sections`` implement."""
    return Task(
        code=f"T{number:02}",
        number=number,
        requirement=requirement,
        point=point,
        measure=measure or f"{number}.按要求落实第 {number} 项工作。",
        units="、".join(sections) if units is None else units,
        due=due,
        parsed_assignments=tuple(Assignment(name, Role.IMPLEMENT) for name in sections),
    )


def book(sections: Sequence[str], tasks: Sequence[Task], book_form: Form | None = None) -> Book:
    return Book(
        agency="某市金融工作局",
        year=2022,
        office=sections[0] if sections else "",
        plan_title="某市金融工作局2022年政务公开工作要点分工方案",
        book_id="2022-ABCDEF",
        key="00" * 32,
        sections=tuple(Section(name) for name in sections),
        rounds=(Round("年度", date(2022, 9, 30)),),
        tasks=tuple(tasks),
        forms=(book_form or form(),),
    )


def answer(value: str | date | float, file: str, cell: str = "J7") -> Answer:
    return Answer(value, str(value), Place(file, "台账", cell))


def ledger(
    book_: Book,
    answers: Answers,
    *,
    as_of: date = AS_OF,
    problems: Sequence[Problem] = (),
    conflicts: Sequence[Conflict] = (),
    files: Sequence[FileReport] | None = None,
) -> Ledger:
    """Return a ledger of ``book_`` with ``answers``, given by (task number, section)."""
    task_summaries = tuple(_summarize_task(book_, item, answers, as_of) for item in book_.tasks)
    rows = tuple(row for outcome in task_summaries for row in outcome.assignment_results)
    returned = {section for _, section in answers}
    reports = tuple(_make_section_report(s, rows, s in returned) for s in book_.section_names)
    names = [name for name in book_.section_names if name in returned]
    cells = sum(len(row.answers) for row in rows)
    rejected_count = sum(problem.rejected_cells for problem in problems)
    if files is None:
        files = [file_report(f"{name}.xlsx", (name,)) for name in names]
    return Ledger(
        book=book_,
        as_of=as_of,
        assignment_results=rows,
        task_summaries=task_summaries,
        file_reports=tuple(files),
        section_reports=reports,
        problems=tuple(problems),
        conflicts=tuple(conflicts),
        cell_balance=CellBalance(
            cells + len(conflicts) + rejected_count, cells, 0, len(conflicts), rejected_count
        ),
    )


def file_report(
    name: str, sections: tuple[str, ...] = (), verdict: FileStatus = FileStatus.ACCEPTED
) -> FileReport:
    digest = f"{sum(name.encode('utf-8', 'surrogatepass')):064x}"
    return FileReport(name, 18_432, digest, verdict, sections, "年度", SAVED, 9)


def _summarize_task(book_: Book, item: Task, answers: Answers, as_of: date) -> TaskSummary:
    returned = {section for _, section in answers}
    rows = tuple(
        _make_row(book_, item, section, answers.get((item.number, section), {}), as_of)
        if section in returned
        else _make_missing_row(item, section, as_of)
        for section in dict.fromkeys(a.section for a in item.assignments)
    )
    statuses = {row.status for row in rows}
    common_row = rows[0] if len(statuses) == 1 else None
    status = common_row.status if common_row else ("推进中" if rows else NOT_FILLED)
    meaning = common_row.category if common_row else None
    urgencies = [row.urgency for row in rows]
    urgent = next((u for u in Urgency if u in urgencies), Urgency.NONE)
    return TaskSummary(item, rows, status, meaning, urgent)


def _make_row(
    book_: Book,
    item: Task,
    section: str,
    row_answers: Mapping[str, str | date | float],
    as_of: date,
) -> AssignmentResult:
    made_answers = {k: answer(v, f"{section}.xlsx") for k, v in row_answers.items()}
    row = _make_missing_row(item, section, as_of)
    status = str(row_answers.get("status", NOT_FILLED))
    choices = {c.value: c for c in book_.task_form.choice_lists[0].choices}
    meaning = choices[status].meaning if status in choices else None
    row = replace(row, answers=made_answers, status=status, category=meaning)
    is_closed = meaning is not None and meaning.is_closed
    return replace(row, urgency=Urgency.NONE) if is_closed else row


def _make_missing_row(item: Task, section: str, as_of: date) -> AssignmentResult:
    days = (item.due - as_of).days if item.due else None
    urgent = Urgency.NONE
    if days is not None and days <= DUE_SOON_DAYS:
        urgent = Urgency.OVERDUE if days < 0 else Urgency.DUE_SOON
    roles = item.get_roles(section)
    code = f"{item.code}-{sum(map(ord, section)) % 9973:04}"
    return AssignmentResult(code, item, section, roles, {}, NOT_RETURNED, None, urgent, days)


def _make_section_report(
    section: str, rows: Sequence[AssignmentResult], returned: bool
) -> SectionReport:
    section_rows = [row for row in rows if row.section == section]
    return SectionReport(
        section=section,
        status=SubmissionStatus.RETURNED if returned else SubmissionStatus.MISSING,
        due=date(2022, 9, 30),
        file_names=(f"{section}.xlsx",) if returned else (),
        saved_at=SAVED if returned else None,
        row_count=len(section_rows),
        filled_row_count=sum(bool(row.answers) for row in section_rows),
        error_count=0,
    )
