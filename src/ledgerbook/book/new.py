"""A plan becomes a book: sections named, units parsed, everything open listed."""

from __future__ import annotations

from collections.abc import Sequence

from ledgerbook import marks
from ledgerbook.book.merging import origin_of
from ledgerbook.errors import InputError
from ledgerbook.forms import factory_forms
from ledgerbook.model import Book, Question, Round, Section, Task
from ledgerbook.plan import (
    Plan,
    PlanItem,
    limit_questions,
    named_sections,
    parse_limit,
    parse_units,
    task_code,
    unit_questions,
)

DEFAULT_OFFICE = "综合科"
DEFAULT_ROUND = "年度"


def new_book(
    plan: Plan,
    *,
    agency: str = "",
    year: int | None = None,
    office: str = "",
    sections: Sequence[str] = (),
    key: str = "",
) -> Book:
    """Make the first book of a plan. ``key`` is random unless given (64 hex digits).

    Sections are those the plan names, then ``office`` and ``sections`` as given.
    Raises InputError when agency, year or office is neither given nor in the plan.
    """
    named = named_sections(item.units for item in plan.items)
    coordinator = office or (DEFAULT_OFFICE if DEFAULT_OFFICE in named else "")
    missing = [
        sentence
        for value, sentence in (
            (agency or plan.agency, "机关名称没有写明，请加上 --agency 机关名称。"),
            (year or plan.year, "年度没有写明，请加上 --year 年份。"),
            (coordinator, "没有“综合科”，请用 --office 写明由哪个科室牵头汇总。"),
        )
        if not value
    ]
    if missing:
        raise InputError("分工方案里有几项读不出来，需要您补充：", missing)
    names = tuple(dict.fromkeys((*named, coordinator, *sections)))
    own_key = key or marks.new_key()
    the_year = year or plan.year or 0
    return Book(
        agency=agency or plan.agency,
        year=the_year,
        office=coordinator,
        plan_title=plan.title,
        book_id=marks.book_id(the_year, own_key),
        key=own_key,
        sections=tuple(Section(name) for name in names),
        rounds=(Round(DEFAULT_ROUND),),
        tasks=tuple(_task(item, names, the_year) for item in plan.items),
        forms=factory_forms(),
        questions=(
            *(one for one in plan.questions if one.field not in _SETTLED),
            *limit_questions(plan.items, the_year),
            *unit_questions(plan.items, names),
            _ROUND_DUE,
        ),
        origins=tuple(origin_of(task_code(i.number), i) for i in plan.items),
    )


# Whoever starts a book without them in the plan is asked at once.
_SETTLED = ("机关名称", "年度")

_ROUND_DUE = Question(
    tasks=(),
    field="报送截止日期",
    found="空白",
    reason="分工方案没有写科室应在哪一天之前报送。",
    advice="请在“批次”表中填写报送截止日期；不填则无法判断是否迟报。",
)


def _task(item: PlanItem, sections: Sequence[str], year: int) -> Task:
    return Task(
        code=task_code(item.number),
        number=item.number,
        requirement=item.requirement,
        point=item.point,
        measure=item.measure,
        units=item.units,
        limit=item.limit,
        parsed=parse_units(item.units, sections).assignments,
        note=item.notes,
        understood=parse_limit(item.limit, year),
    )
