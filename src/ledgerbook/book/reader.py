"""台账.xlsx → Book, and every slip of the office's in plain words, all at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook import identity
from ledgerbook.book import revisions
from ledgerbook.book import schema as sheets
from ledgerbook.book.form_tables import book_forms, owed_registers
from ledgerbook.book.issued_forms import issued_forms
from ledgerbook.book.lines import SheetLine, names_in, open_book, table
from ledgerbook.book.reference_figures import read_reference
from ledgerbook.book.schema import HEAD_ROW
from ledgerbook.errors import InputError
from ledgerbook.model import (
    Assignment,
    Book,
    Form,
    HandMade,
    Question,
    Role,
    Round,
    Section,
    Task,
)
from ledgerbook.plan import (
    Units,
    asks_which_sections,
    parse_limit,
    parse_units,
    task_code,
)

if TYPE_CHECKING:
    from openpyxl import Workbook


_YEARS = range(2000, 2101)


def read_book(path: Path) -> Book:
    """Read the book.

    Raises FileError when it cannot be opened, InputError with every slip (sheet, cell,
    what to do) when something in it must be put right first.
    """
    workbook = open_book(path)
    slips: list[str] = []
    tables = {one.name: table(workbook, one, slips) for one in sheets.SHEETS}
    secrets = _secrets(workbook, slips)
    # A sheet or column that is gone makes every further complaint misleading.
    _stop_at(path, slips)
    book = _book(tables, secrets, slips)
    _stop_at(path, slips)
    return book


def _stop_at(path: Path, slips: Sequence[str]) -> None:
    if slips:
        headline = f"台账“{path.name}”有 {len(slips)} 处需要先改正，改好保存后再运行："
        raise InputError(headline, slips)


def _secrets(workbook: Workbook, slips: list[str]) -> dict[str, str]:
    if identity.MARK_SHEET not in workbook.sheetnames:
        slips.append(
            f"台账里隐藏的工作表“{identity.MARK_SHEET}”不见了，没有它认不出已发出的表。"
            "请从备份中恢复台账。"
        )
        return {}
    sheet = workbook[identity.MARK_SHEET]
    return {
        str(name): str(value)
        for name, value in sheet.iter_rows(max_col=2, values_only=True)
        if name is not None
    }


def _book(
    tables: Mapping[str, Sequence[SheetLine]],
    secrets: Mapping[str, str],
    slips: list[str],
) -> Book:
    the_forms = tuple(book_forms(tables, slips))
    sections = _sections(tables[sheets.SECTIONS.name], the_forms[1:], slips)
    names = tuple(section.name for section in sections)
    basics = _basics(tables[sheets.BASICS.name], names, slips)
    rounds = _rounds(tables[sheets.ROUNDS.name], slips)
    by_hand = _by_hand(tables[sheets.MATRIX.name], names, slips)
    retired = revisions.read_retired(tables[sheets.RETIRED.name], names)
    year = int(basics["year"] or 0)
    gone = tuple(task.code for task in retired)
    lines = tables[sheets.TASKS.name]
    codes = [line.text("编码") for line in lines]
    aliases = aliases_of(sections, tables[sheets.SECTIONS.name], slips)
    decided = dict(decisions(tables[sheets.QUESTIONS.name], codes))
    known = _Known(Named(names, aliases, decided), by_hand, gone, year)
    tasks = _tasks(lines, known, slips)
    codes = [task.code for task in tasks]
    return Book(
        agency=basics["agency"],
        year=year,
        office=basics["office"],
        plan_title=basics["plan_title"],
        book_id=secrets.get(sheets.ID_LABEL, ""),
        key=secrets.get(sheets.KEY_LABEL, ""),
        sections=sections,
        rounds=rounds,
        tasks=tasks,
        forms=the_forms,
        questions=tuple(_questions(tables[sheets.QUESTIONS.name], codes)),
        issued=issued_forms(secrets),
        retired=retired,
        origins=revisions.read_origins(secrets),
        revisions=revisions.read_revisions(tables[sheets.REVISIONS.name]),
        reference=tuple(read_reference(tables[sheets.REFERENCE.name], slips)),
    )


def _basics(
    lines: Sequence[SheetLine], sections: Sequence[str], slips: list[str]
) -> dict[str, str]:
    found = {line.text("项目"): line for line in lines}
    values: dict[str, str] = {}
    for label, (attribute, _) in sheets.BASIC_ITEMS.items():
        line = found.get(label)
        values[attribute] = line.text("内容") if line else ""
        if line is None:
            slips.append(f"工作表“基本信息”少了“{label}”这一行，请恢复。")
        elif attribute == "year" and not _is_year(values[attribute]):
            slips.append(f"{line.at('内容')}：年度要填四位数字，例如 2022。")
            values[attribute] = ""
        elif attribute == "office" and values[attribute] not in sections:
            slips.append(
                f"{line.at('内容')}：综合协调科室“{values[attribute]}”"
                "不在“科室”表中。请改成“科室”表中的名称，或在“科室”表中补上。"
            )
        elif attribute == "agency" and not values[attribute]:
            slips.append(f"{line.at('内容')}：机关名称不能空着，请填写。")
    return values


def _is_year(text: str) -> bool:
    return text.isdecimal() and int(text) in _YEARS


def _sections(
    lines: Sequence[SheetLine], registers: Sequence[Form], slips: list[str]
) -> tuple[Section, ...]:
    sections = [
        Section(
            name=line.text("科室名称"),
            contact=line.text("联系人"),
            phone=line.text("联系电话"),
            email=line.text("电子邮箱"),
            note=line.text("备注"),
            aliases=names_in(line.text("简称")),
            registers=owed_registers(line, registers, slips),
        )
        for line in lines
        if line.text("科室名称")
    ]
    _names(lines, "科室名称", slips)
    if not sections:
        slips.append("工作表“科室”一个科室也没有，请至少填一个。")
    return tuple(sections)


def _names(lines: Sequence[SheetLine], header: str, slips: list[str]) -> None:
    """Names must be there, be told apart, and fit into a mark."""
    counts = Counter(line.text(header) for line in lines)
    for line in lines:
        name = line.text(header)
        if not name:
            slips.append(f"{line.at(header)}：{header}不能空着，请填写或清空整行。")
        elif counts[name] > 1:
            slips.append(f"{line.at(header)}：“{name}”重复了，请删去一个或改名。")
        elif set("|;\n") & set(name):
            slips.append(f"{line.at(header)}：名称里不能有竖线、分号或换行，请改名。")


def _rounds(lines: Sequence[SheetLine], slips: list[str]) -> tuple[Round, ...]:
    _names(lines, "批次名称", slips)
    if not lines:
        slips.append("工作表“批次”一个批次也没有，请至少填一个，例如“年度”。")
    return tuple(
        Round(
            line.text("批次名称"), _date(line, "报送截止日期", slips), line.text("说明")
        )
        for line in lines
    )


def _date(line: SheetLine, header: str, slips: list[str]) -> date | None:
    value = line.values.get(header)
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    kind = "文字" if isinstance(value, str) else "数字"
    slips.append(
        f"{line.at(header)}：“{line.text(header)}”是{kind}，不是日期。"
        "请清空这个格子，再按 2022-11-30 的样子输入。"
    )
    return None


@dataclass(frozen=True, slots=True)
class _Known:
    """What other sheets say that bears on the tasks; ``gone`` codes are not reused."""

    named: Named
    by_hand: Mapping[str, tuple[HandMade, ...]]
    gone: tuple[str, ...]
    year: int


def _tasks(
    lines: Sequence[SheetLine], known: _Known, slips: list[str]
) -> tuple[Task, ...]:
    tasks: list[Task] = []
    seen: dict[str, SheetLine] = {}
    taken = {*known.gone, *(line.text("编码") for line in lines)}
    for line in lines:
        number = _task_number(line, slips)
        code = line.text("编码") or _own_code(number, taken)
        for header, key in (("序号", str(number)), ("编码", code)):
            first = seen.setdefault(f"{header}{key}", line)
            if first is not line and number:
                slips.append(
                    f"{line.at(header)}：{header} {key} 与第 {first.row} 行重复了，"
                    "请改成不同的。"
                )
        tasks.append(
            Task(
                code=code,
                number=number,
                requirement=line.text("工作要求"),
                point=line.text("工作要点"),
                measure=line.text("计划措施"),
                units=line.text("责任单位"),
                limit=line.text("时限"),
                due=_date(line, "完成期限", slips),
                parsed=parsed(line, code, known.named, slips),
                by_hand=known.by_hand.get(code, ()),
                note=line.text("备注"),
                understood=parse_limit(line.text("时限"), known.year),
            )
        )
    if not tasks:
        slips.append("工作表“任务”一项任务也没有。")
    return tuple(tasks)


def _own_code(number: int, taken: Collection[str]) -> str:
    """Give a line that the office has added a code that no task has or had."""
    code = task_code(number)
    endings = ("", *(f"B{n}" for n in range(1, len(taken) + 2)))
    return next(code + end for end in endings if code + end not in taken)


def _task_number(line: SheetLine, slips: list[str]) -> int:
    text = line.text("序号")
    if text.isdecimal() and int(text) > 0:
        return int(text)
    slips.append(f"{line.at('序号')}：序号“{text}”不是大于 0 的整数，请改正。")
    return 0


def _by_hand(
    lines: Sequence[SheetLine], sections: Sequence[str], slips: list[str]
) -> dict[str, tuple[HandMade, ...]]:
    """Find the cells of 分工 that no longer say what was parsed."""
    fixed = {field.header for field in sheets.MATRIX.fields}
    made: dict[str, tuple[HandMade, ...]] = {}
    headers = [h for h in (lines[0].columns if lines else ()) if h not in fixed]
    shown = dict.fromkeys(h for h in headers if not h.startswith(sheets.BASELINE))
    ours = set(sections)
    slips.extend(
        f"工作表“分工”第 {HEAD_ROW} 行：科室“{header}”不在“科室”表中。"
        "请在“科室”表中补上，或改正这里的名称。"
        for header in shown
        if header not in ours
    )
    for line in lines:
        own = []
        for section in filter(shown.__contains__, sections):
            said = line.text(section)
            if said != line.text(sheets.BASELINE + section):
                own.append(HandMade(section, _roles(line, section, slips)))
        made[line.text("编码")] = tuple(own)
    return made


def _roles(line: SheetLine, section: str, slips: list[str]) -> tuple[Role, ...]:
    text = line.text(section)
    if text in ("", sheets.NO_ROLE):
        return ()
    words = re.split("[、,\uff0c]", text)
    strange = [word for word in words if word.strip() not in list(Role)]
    if strange:
        slips.append(
            f"{line.at(section)}：职责“{text}”看不懂。"
            f"请从下拉框中选择（{'、'.join(Role)}，或“{sheets.NO_ROLE}”）。"
        )
        return ()
    held = {Role(word.strip()) for word in words}
    return tuple(role for role in Role if role in held)


def _questions(lines: Sequence[SheetLine], codes: Sequence[str]) -> Iterator[Question]:
    for line in lines:
        chosen = sheets.read_runs(line.text("任务编码"), codes)
        words = [line.text(field.header) for field in sheets.QUESTIONS.fields[1:]]
        yield Question(chosen, *words)


# 责任单位 in the book → assignments: short names known, decisions heeded.

# What the office writes where nobody is to have the task.
_NOBODY = ("无", "不分派", "不分", "没有")
_ROLES = re.compile("牵头|统筹|负责|落实|配合|会办|协助|协办|汇总")


@dataclass(frozen=True, slots=True)
class Named:
    """How sections are called, and which of them a vague 责任单位 was decided to mean.

    ``decided`` is the line of 待确认 by task code.
    """

    sections: tuple[str, ...]
    aliases: Mapping[str, str]
    decided: Mapping[str, SheetLine]


def aliases_of(
    sections: Sequence[Section], lines: Sequence[SheetLine], slips: list[str]
) -> dict[str, str]:
    """Return the short names of all sections; one that means two is a slip."""
    names = {section.name for section in sections}
    owners: dict[str, str] = {}
    at = {line.text("科室名称"): line for line in lines}
    for section in sections:
        for alias in section.aliases:
            other = alias if alias in names else owners.get(alias, "")
            if other and other != section.name:
                slips.append(
                    f"{at[section.name].at('简称')}：简称“{alias}”也是“{other}”的名称，"
                    "分不清指的是谁。请改用不同的简称。"
                )
            owners[alias] = section.name
    return owners


def decisions(
    lines: Sequence[SheetLine], codes: Sequence[str]
) -> Iterator[tuple[str, SheetLine]]:
    """Yield, by task code, the lines of 待确认 that decide who is meant."""
    for line in lines:
        asked = asks_which_sections(line.text("栏目"), line.text("原因"))
        if asked and line.text("处理结果"):
            for code in sheets.read_runs(line.text("任务编码"), codes):
                yield code, line


def parsed(
    line: SheetLine, code: str, named: Named, slips: list[str]
) -> tuple[Assignment, ...]:
    """Read 责任单位 of one task, with what was decided about it."""
    units = parse_units(line.text("责任单位"), named.sections, named.aliases)
    slips.extend(
        f"{line.at('责任单位')}：“{name}”不在“科室”表中。"
        "请在“科室”表中补上这个科室，或改正这里的名称。"
        for name in units.unknown
    )
    decision = named.decided.get(code)
    if decision is None or not units.vague:
        return units.assignments
    held = {*units.assignments, *_decided(decision, units, named, slips)}
    return tuple(
        Assignment(section, role)
        for section in named.sections
        for role in Role
        if Assignment(section, role) in held
    )


def _decided(
    line: SheetLine, units: Units, named: Named, slips: list[str]
) -> Iterator[Assignment]:
    """Read a decision; a remark that names no section decides nothing."""
    text = line.text("处理结果")
    said = parse_units(text, named.sections, named.aliases)
    if text in _NOBODY or not said.assignments:
        return
    if said.unknown or said.vague:
        strange = "”“".join((*said.unknown, *said.vague))
        slips.append(
            f"{line.at('处理结果')}：“{strange}”看不懂是哪个科室。"
            "请只写“科室”表中的名称，中间用顿号隔开；都承担的写“各科室”。"
        )
        return
    if _ROLES.search(text):
        yield from said.assignments
        return
    for one in said.assignments:
        for role in units.roles or (Role.IMPLEMENT,):
            yield Assignment(one.section, role)
