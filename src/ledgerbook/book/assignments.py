"""Turn 责任单位 of a task into assignments, with short names and the office's decisions.

A decision is what the office has written on 待确认 about names that are no sections of the
agency, or that name none in particular.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ledgerbook.book import schema
from ledgerbook.book.lines import SheetLine, advise_on_renaming
from ledgerbook.model import Assignment, Question, Role, Section
from ledgerbook.plan import NOT_OF_AGENCY, ParsedUnits, list_asked_names, parse_units

# Decisions on 待确认 by which no section gets the task.
_NO_SECTION_WORDS = ("无", "不分派", "不分", "没有", NOT_OF_AGENCY)
_NOT_OF_AGENCY = re.compile(r"(?:都?不是|非)本机关.*")
_ROLE_WORDS = re.compile("牵头|统筹|负责|落实|配合|会办|协助|协办|汇总")


@dataclass(frozen=True, slots=True)
class UnitDecisions:
    """The lines of 待确认 that decide about names in 责任单位.

    ``by_task`` has the line for a task's code and a name. ``by_name`` has one for each name
    about which all lines say the same: it is for tasks that no line lists.
    """

    by_task: Mapping[tuple[str, str], SheetLine] = field(default_factory=dict)
    by_name: Mapping[str, SheetLine] = field(default_factory=dict)

    def find_line(self, code: str, name: str) -> SheetLine | None:
        return self.by_task.get((code, name)) or self.by_name.get(name)


@dataclass(frozen=True, slots=True)
class SectionNames:
    """The names of the sections, and the office's decisions about other names.

    ``aliases`` maps short names to names.
    """

    names: tuple[str, ...]
    aliases: Mapping[str, str]
    decisions: UnitDecisions


def collect_aliases(
    sections: Sequence[Section], lines: Sequence[SheetLine], errors: list[str]
) -> dict[str, str]:
    """Return short name → name of all sections; an ambiguous short name is a mistake.

    ``lines`` are those of the 科室 sheet.
    """
    names = {section.name for section in sections}
    owners: dict[str, str] = {}
    lines_by_section = {line.get_text("科室名称"): line for line in lines}
    for section in sections:
        for alias in section.aliases:
            other_section = alias if alias in names else owners.get(alias, "")
            if other_section and other_section != section.name:
                place = lines_by_section[section.name].describe_cell("简称")
                errors.append(
                    f"{place}：简称“{alias}”也是“{other_section}”的名称，"
                    "分不清指的是谁。请改用不同的简称。"
                )
            owners[alias] = section.name
    return owners


def read_unit_decisions(lines: Sequence[SheetLine], order: schema.CodeOrder) -> UnitDecisions:
    """Return the decisions about names in 责任单位; ``order`` is that of the tasks' codes."""
    by_task: dict[tuple[str, str], SheetLine] = {}
    lines_by_name: dict[str, dict[str, SheetLine]] = {}
    for line in lines:
        decision = line.get_text("处理结果")
        is_decided = decision not in ("", schema.SETTLED_TEXT)
        names = list_asked_names(line.get_text("栏目"), line.get_text("原因")) if is_decided else ()
        codes = schema.parse_code_ranges(line.get_text("任务编码"), order) if names else ()
        by_task |= {(code, name): line for code in codes for name in names}
        for name in names:
            lines_by_name.setdefault(name, {})[decision] = line
    by_name = {
        name: next(iter(lines_by_decision.values()))
        for name, lines_by_decision in lines_by_name.items()
        if len(lines_by_decision) == 1
    }
    return UnitDecisions(by_task, by_name)


def list_decided_names(questions: Sequence[Question]) -> frozenset[str]:
    """Return the names in 责任单位 about which the decided ``questions`` say one thing."""
    decisions_by_name: dict[str, set[str]] = {}
    for question in questions:
        if question.decision not in ("", schema.SETTLED_TEXT):
            for name in list_asked_names(question.field, question.reason):
                decisions_by_name.setdefault(name, set()).add(question.decision)
    return frozenset(name for name, texts in decisions_by_name.items() if len(texts) == 1)


def read_assignments(
    line: SheetLine, code: str, section_names: SectionNames, errors: list[str]
) -> tuple[Assignment, ...]:
    """Parse 责任单位 of one task; names that are no section mean what a decision says.

    The result is in the order of the sections, then of Role, when a decision is applied.
    """
    units = parse_units(line.get_text("责任单位"), section_names.names, section_names.aliases)
    decided_lines = {
        name: decided_line
        for name in (*units.unknown_names, *units.vague_names)
        if (decided_line := section_names.decisions.find_line(code, name))
    }
    errors.extend(
        f"{line.describe_cell('责任单位')}：“{name}”不在“科室”表中。"
        f"请在“科室”表中补上这个科室，或改正这里的名称。{advise_on_renaming(name)}"
        for name in units.unknown_names
        if name not in decided_lines or _is_remark(decided_lines[name], section_names)
    )
    if not decided_lines:
        return units.assignments
    assignments = {
        *units.assignments,
        *(
            assignment
            for name, decided_line in decided_lines.items()
            for assignment in _read_decision(decided_line, name, units, section_names, errors)
        ),
    }
    return tuple(
        Assignment(section, role)
        for section in section_names.names
        for role in Role
        if Assignment(section, role) in assignments
    )


def _gives_no_section(decision: str) -> bool:
    return decision in _NO_SECTION_WORDS or _NOT_OF_AGENCY.fullmatch(decision) is not None


def _is_remark(line: SheetLine, section_names: SectionNames) -> bool:
    """Return whether a decision neither names a section nor says that there is none."""
    text = line.get_text("处理结果")
    decided_units = parse_units(text, section_names.names, section_names.aliases)
    return not _gives_no_section(text) and not decided_units.assignments


def _read_decision(
    line: SheetLine,
    name: str,
    units: ParsedUnits,
    section_names: SectionNames,
    errors: list[str],
) -> Iterator[Assignment]:
    """Yield the assignments that a decision gives in place of ``name``.

    Without a role word the sections get the roles of ``name``, 落实 if it has none. A remark
    that names no section gives no assignment.
    """
    text = line.get_text("处理结果")
    decided_units = parse_units(text, section_names.names, section_names.aliases)
    if _gives_no_section(text) or not decided_units.assignments:
        return
    if decided_units.unknown_names or decided_units.vague_names:
        unknown_words = "”“".join((*decided_units.unknown_names, *decided_units.vague_names))
        message = (
            f"{line.describe_cell('处理结果')}：“{unknown_words}”看不懂是哪个科室。"
            "请只写“科室”表中的名称，中间用顿号隔开；都承担的写“各科室”。"
        )
        if message not in errors:
            errors.append(message)
        return
    if _ROLE_WORDS.search(text):
        yield from decided_units.assignments
        return
    for assignment in decided_units.assignments:
        for role in units.open_roles.get(name) or (Role.IMPLEMENT,):
            yield Assignment(assignment.section, role)
