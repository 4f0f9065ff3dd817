"""A plan becomes a book: sections named, units parsed, everything open listed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ledgerbook import identity
from ledgerbook.book.task_merge import origin_of
from ledgerbook.errors import InputError
from ledgerbook.forms import factory_forms
from ledgerbook.model import Assignment, Book, Question, Round, Section, Task
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
    aliases: Mapping[str, str] | None = None,
    key: str = "",
) -> Book:
    """Make the first book of a plan. ``key`` is random unless given (64 hex digits).

    Sections are those the plan names, then ``office`` and ``sections`` as given;
    ``aliases`` are other names of these.
    Raises InputError when agency, year or office is neither given nor in the plan.
    """
    own = aliases or {}
    texts = (item.units for item in plan.items)
    named = [n for n in named_sections(texts, (office, *sections)) if n not in own]
    coordinator = office or _coordinator(named)
    _insist(agency or plan.agency, year or plan.year, coordinator, named)
    names = tuple(dict.fromkeys((*named, coordinator, *sections)))
    own_key = key or identity.new_key()
    the_year = year or plan.year or 0
    return Book(
        agency=agency or plan.agency,
        year=the_year,
        office=coordinator,
        plan_title=plan.title,
        book_id=identity.book_id(the_year, own_key),
        key=own_key,
        sections=tuple(Section(name) for name in names),
        rounds=(Round(DEFAULT_ROUND),),
        tasks=tuple(
            _task(item, the_year, parse_units(item.units, names, own).assignments)
            for item in plan.items
        ),
        forms=factory_forms(),
        questions=(
            *(one for one in plan.questions if one.field not in _SETTLED),
            *limit_questions(plan.items, the_year),
            *unit_questions(plan.items, names, own),
            *(() if office else _about_office(coordinator)),
            _ROUND_DUE,
        ),
        origins=tuple(origin_of(task_code(i.number), i) for i in plan.items),
    )


def _insist(
    agency: str, year: int | None, coordinator: str, named: Sequence[str]
) -> None:
    """Raise InputError for each thing that a book cannot do without."""
    choice = f"方案点名的有：{'、'.join(named)}。" if named else ""
    missing = [
        sentence
        for value, sentence in (
            (agency, "机关名称没有写明，请加上 --agency 机关名称。"),
            (year, "年度没有写明，请加上 --year 年份。"),
            (
                coordinator,
                f"没有“{DEFAULT_OFFICE}”，请用 --office 写明由哪个科室牵头汇总。"
                + choice,
            ),
        )
        if not value
    ]
    if missing:
        raise InputError("分工方案里有几项读不出来，需要您补充：", missing)


# Whoever starts a book without them in the plan is asked at once.
_SETTLED = ("机关名称", "年度")

_ROUND_DUE = Question(
    tasks=(),
    field="报送截止日期",
    found="空白",
    reason="分工方案没有写科室应在哪一天之前报送。",
    advice="请在“批次”表中填写报送截止日期；不填则无法判断是否迟报。",
)

# Who coordinates where there is no 综合科, if the plan names exactly one of these.
_COORDINATORS = re.compile(
    "综合[处股部室]|局?办公室|秘书[科处]|政务公开(?:科|处|办公室)|党政办公室|综合办公室|行政科"
)


def _coordinator(named: Sequence[str]) -> str:
    if DEFAULT_OFFICE in named:
        return DEFAULT_OFFICE
    found = [name for name in named if _COORDINATORS.fullmatch(name)]
    return found[0] if len(found) == 1 else ""


def _about_office(name: str) -> Iterator[Question]:
    if name != DEFAULT_OFFICE:
        yield Question(
            tasks=(),
            field="综合协调科室",
            found=name,
            reason=f"方案里没有“{DEFAULT_OFFICE}”，已把“{name}”作为发表、催报、汇总的科室。",
            advice="不对的，请在“基本信息”表中改“综合协调科室”。",
        )


def _task(item: PlanItem, year: int, assignments: tuple[Assignment, ...]) -> Task:
    return Task(
        code=task_code(item.number),
        number=item.number,
        requirement=item.requirement,
        point=item.point,
        measure=item.measure,
        units=item.units,
        limit=item.limit,
        parsed=assignments,
        note=item.notes,
        understood=parse_limit(item.limit, year),
    )
