"""责任单位 in the book → assignments: short names known, decisions heeded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ledgerbook.book import layout as sheets
from ledgerbook.book.table import Line
from ledgerbook.model import Assignment, Role, Section
from ledgerbook.plan import Units, asks_which_sections, parse_units

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
    decided: Mapping[str, Line]


def aliases_of(
    sections: Sequence[Section], lines: Sequence[Line], slips: list[str]
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
    lines: Sequence[Line], codes: Sequence[str]
) -> Iterator[tuple[str, Line]]:
    """Yield, by task code, the lines of 待确认 that decide who is meant."""
    for line in lines:
        asked = asks_which_sections(line.text("栏目"), line.text("原因"))
        if asked and line.text("处理结果"):
            for code in sheets.read_runs(line.text("任务编码"), codes):
                yield code, line


def parsed(
    line: Line, code: str, named: Named, slips: list[str]
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
    line: Line, units: Units, named: Named, slips: list[str]
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
