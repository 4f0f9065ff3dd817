"""Create the first book of a year from a plan.

The result names the sections, parses 责任单位 and 时限 of every task, and lists what the
plan leaves open as questions (待确认). :mod:`ledgerbook.book.update` uses it too, to see
what a revised plan alone would give.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from ledgerbook import identity
from ledgerbook.book.task_merge import make_original_wording
from ledgerbook.errors import InputError, name_option
from ledgerbook.forms import (
    PlanKind,
    add_plan_columns,
    find_plan_kind,
    load_factory_forms,
    load_ledger_of_kind,
)
from ledgerbook.model import DISCLOSURE_WORK, Assignment, Book, Form, Question, Round, Section, Task
from ledgerbook.plan import (
    NO_HEADER,
    Plan,
    PlanItem,
    ask_about_deadlines,
    ask_about_sections,
    ask_about_units,
    format_task_code,
    list_named_sections,
    parse_deadline,
    parse_units,
)

DEFAULT_OFFICE = "综合科"
DEFAULT_ROUND = "年度"
# More questions than this say that the table was misread.
_MANY_QUESTIONS = 30

# Without these no book is created (_require_basics), so 待确认 need not list them.
_REQUIRED_FIELDS = ("机关名称", "年度")

# Names of sections that coordinate in other bureaus. Without a 综合科, the only section
# of the plan with such a name becomes the coordinating office.
_COORDINATOR_PATTERN = re.compile(
    "综合[处股部室]|局?办公室|秘书[科处]|政务公开(?:科|处|办公室)|党政办公室|综合办公室|行政科"
)


def create_book(  # noqa: PLR0913  what the command line gives, and the old book
    plan: Plan,
    *,
    agency: str = "",
    year: int | None = None,
    office: str = "",
    sections: Sequence[str] = (),
    aliases: Mapping[str, str] | None = None,
    key: str = "",
    decided_names: Collection[str] = (),
    kind: str = "",
) -> Book:
    """Create the first book of a plan.

    The book's sections are those that the plan names, then ``office`` and ``sections``.
    ``aliases`` maps other names of sections to their names. ``key`` signs the issued
    workbooks: 64 hex digits, random unless given. ``decided_names`` are names of units that
    the office has decided about already. ``kind`` is the name of a kind of plan, that which
    the title says unless given.
    Raises InputError when agency, year or office is neither given nor in the plan.
    """
    alias_map = aliases or {}
    texts = (item.units for item in plan.items)
    plan_sections = [
        name for name in list_named_sections(texts, (office, *sections)) if name not in alias_map
    ]
    coordinator = office or _find_coordinator(plan_sections)
    _require_basics(
        agency or plan.agency,
        year or plan.year,
        coordinator,
        plan_sections,
        next((q.reason for q in plan.questions if q.current_value == NO_HEADER), ""),
    )
    names = tuple(dict.fromkeys((*plan_sections, coordinator, *sections)))
    book_key = key or identity.make_key()
    book_year = year or plan.year or 0
    questions = (
        *(question for question in plan.questions if question.field not in _REQUIRED_FIELDS),
        *ask_about_deadlines(plan.items, book_year),
        *ask_about_units(plan.items, names, alias_map, decided_names),
        *ask_about_sections(plan.items, tuple(dict.fromkeys((*plan_sections, *sections)))),
        *(() if office else _ask_about_office(coordinator)),
    )
    # A plan whose title cannot be read is the kind that this program exists for.
    plan_kind = find_plan_kind(plan.title or DISCLOSURE_WORK, kind)
    return Book(
        agency=agency or plan.agency,
        year=book_year,
        office=coordinator,
        plan_title=plan.title,
        book_id=identity.make_book_id(book_year, book_key),
        key=book_key,
        sections=tuple(Section(name) for name in names),
        rounds=(Round(DEFAULT_ROUND),),
        tasks=tuple(
            _build_task(item, book_year, parse_units(item.units, names, alias_map).assignments)
            for item in plan.items
        ),
        forms=_choose_forms(plan_kind, plan.items),
        questions=(*_warn_of_many(questions), *questions),
        work_name=plan_kind.work_name,
        original_wordings=tuple(
            make_original_wording(format_task_code(item.number), item) for item in plan.items
        ),
    )


def _choose_forms(kind: PlanKind, items: Sequence[PlanItem]) -> tuple[Form, ...]:
    """Return the task ledger in the words of ``kind``, with what else the plan says of its items.

    The registers of 政务公开 follow where the plan is for that.
    """
    factory_ledger, *registers = load_factory_forms()
    ledger = load_ledger_of_kind(kind)
    own_registers = registers if ledger == factory_ledger else ()
    return (add_plan_columns(ledger, (item.notes for item in items)), *own_registers)


def _require_basics(
    agency: str,
    year: int | None,
    coordinator: str,
    plan_sections: Sequence[str],
    header_doubt: str,
) -> None:
    """Raise one InputError that lists what is missing of agency, year and office.

    ``header_doubt`` says that the table has no header: it may be no plan at all.
    """
    choice = f"方案点名的有：{'、'.join(plan_sections)}。" if plan_sections else ""
    office_option = name_option("--office", "office=")
    missing = [
        sentence
        for value, sentence in (
            (agency, f"机关名称没有写明，请加上 {name_option('--agency 机关名称', 'agency=')}。"),
            (year, f"年度没有写明，请加上 {name_option('--year 年份', 'year=')}。"),
            (
                coordinator,
                f"没有“{DEFAULT_OFFICE}”，请用 {office_option} 写明由哪个科室牵头汇总。{choice}",
            ),
        )
        if not value
    ]
    if missing and header_doubt:
        missing.insert(0, f"{header_doubt}请先核对这是不是分工方案；不是的，请换用方案文件。")
    if missing:
        raise InputError("分工方案里有几项读不出来，需要您补充：", missing, code="plan-incomplete")


def _find_coordinator(plan_sections: Sequence[str]) -> str:
    """Return the section that coordinates by its name; blank when none or several do."""
    if DEFAULT_OFFICE in plan_sections:
        return DEFAULT_OFFICE
    candidates = [name for name in plan_sections if _COORDINATOR_PATTERN.fullmatch(name)]
    return candidates[0] if len(candidates) == 1 else ""


def _ask_about_office(name: str) -> Iterator[Question]:
    """Ask for a check of the coordinating office unless it has the default name."""
    if name != DEFAULT_OFFICE:
        yield Question(
            task_codes=(),
            field="综合协调科室",
            current_value=name,
            reason=f"方案里没有“{DEFAULT_OFFICE}”，已把“{name}”作为发表、催报、汇总的科室。",
            advice="不对的，请在“基本信息”表中改“综合协调科室”。",
        )


def _warn_of_many(questions: Sequence[Question]) -> Iterator[Question]:
    """Say that a plan with so many questions has probably been misread as a whole."""
    if len(questions) > _MANY_QUESTIONS:
        yield Question(
            task_codes=(),
            field="分工方案名称",
            current_value=f"待确认 {len(questions)} 件",
            reason="要确认的事太多，多半是方案的表格没有读对，不是方案没有写清。",
            advice="请先对照原文件看“任务”表的前几行；不对的，请把方案整理成一张表"
            "（每项任务一行，表头写明任务和责任单位），再重新建台账。",
        )


def _build_task(item: PlanItem, year: int, assignments: tuple[Assignment, ...]) -> Task:
    """Return the task of an item of the plan."""
    return Task(
        code=format_task_code(item.number),
        number=item.number,
        requirement=item.requirement,
        point=item.point,
        measure=item.measure,
        units=item.units,
        deadline_text=item.deadline_text,
        parsed_assignments=assignments,
        note=item.notes,
        parsed_deadline=parse_deadline(item.deadline_text, year),
    )
