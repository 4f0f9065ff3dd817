"""Write and read what the book records about earlier versions of the plan.

- 已删任务: the tasks that a revision has removed;
- 修订记录: what each revision has changed;
- on the hidden sheet, the original wording of each task in the plan, by which the next
  update distinguishes the office's corrections from changes of the plan.

The two visible sheets exist only once they have rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import date, datetime
from pathlib import Path

from ledgerbook import identity
from ledgerbook.book import schema
from ledgerbook.book.lines import SheetLine, open_book, read_sheet_lines
from ledgerbook.model import AssignmentOverride, Book, OriginalWording, Revision, Role, Task

_WORDING_LABEL = "方案原文"
_WORDING_FACT_NAME = re.compile(rf"{_WORDING_LABEL} (.+) (\d+)")

# A value in a row of 已删任务 or 修订记录.
RevisionCellValue = str | int | date | None


def list_added_parts(path: Path) -> tuple[str, ...]:
    """Return descriptions of the sheets and columns that the office has added to a book."""
    workbook = open_book(path)
    known_sheets = {*(layout.name for layout in schema.SHEETS), identity.MARK_SHEET}
    added_parts = [f"工作表“{name}”" for name in workbook.sheetnames if name not in known_sheets]
    for layout in schema.SHEETS:
        # The columns of 分工 depend on the sections.
        if layout is schema.MATRIX or layout.name not in workbook.sheetnames:
            continue
        headers = {field.header for field in layout.columns}
        lines = read_sheet_lines(workbook, layout, [])
        added_parts += [
            f"“{layout.name}”表的“{header}”列"
            for header in (lines[0].columns if lines else ())
            if header not in headers
        ]
    return tuple(added_parts)


# --- original wordings, on the hidden sheet ---


def make_original_wording_facts(wordings: Sequence[OriginalWording]) -> Iterator[tuple[str, str]]:
    """Yield name and value of the facts that record ``wordings`` on the hidden sheet."""
    for wording in wordings:
        _, *texts = astuple(wording)
        for piece_number, piece in enumerate(identity.split_pieces(json.dumps(texts)), 1):
            yield f"{_WORDING_LABEL} {wording.code} {piece_number}", piece


def read_original_wordings(facts: Mapping[str, str]) -> tuple[OriginalWording, ...]:
    """Read the facts of :func:`make_original_wording_facts`; damaged ones are left out."""
    pieces_by_code: dict[str, dict[int, str]] = {}
    for name, value in facts.items():
        if match := _WORDING_FACT_NAME.fullmatch(name):
            pieces_by_code.setdefault(match[1], {})[int(match[2])] = value
    texts = {
        code: "".join(piece for _, piece in sorted(pieces.items()))
        for code, pieces in pieces_by_code.items()
    }
    wordings = (_parse_original_wording(code, text) for code, text in texts.items())
    return tuple(wording for wording in wordings if wording)


def _parse_original_wording(code: str, text: str) -> OriginalWording | None:
    """Return the wording in a JSON list of texts; None when it is damaged."""
    try:
        return OriginalWording(code, *map(str, json.loads(text)))
    except (ValueError, TypeError):
        return None


# --- retired tasks, on 已删任务 ---


def build_retired_rows(book: Book) -> Iterator[tuple[RevisionCellValue, ...]]:
    """Yield the rows of 已删任务, in the order of its columns."""
    for task in book.retired_tasks:
        yield (
            task.code,
            task.number,
            task.requirement,
            task.point,
            task.measure,
            task.units,
            task.deadline_text,
            task.due,
            task.note,
            "；".join(map(_format_override, task.assignment_overrides)),
        )


def _format_override(override: AssignmentOverride) -> str:
    return f"{override.section}：{'、'.join(override.roles) or schema.NO_ROLE}"


def read_retired_tasks(
    lines: Sequence[SheetLine], present_names: Mapping[str, str]
) -> tuple[Task, ...]:
    """Read the lines of 已删任务; assignments of unknown sections are left out.

    ``present_names`` maps every name and short name of a section to its name.
    """
    return tuple(
        Task(
            code=line.get_text("编码"),
            number=_parse_number(line),
            requirement=line.get_text("工作要求"),
            point=line.get_text("工作要点"),
            measure=line.get_text("计划措施"),
            units=line.get_text("责任单位"),
            deadline_text=line.get_text("时限"),
            due=_parse_day(line, "完成期限"),
            assignment_overrides=tuple(_parse_overrides(line.get_text("手工分工"), present_names)),
            note=line.get_text("备注"),
        )
        for line in lines
        if line.get_text("编码")
    )


def _parse_overrides(text: str, present_names: Mapping[str, str]) -> Iterator[AssignmentOverride]:
    """Parse a cell of 手工分工, such as 综合科：牵头、汇总；法规科：无."""
    for piece in filter(None, text.split("；")):
        name, _, roles_text = piece.partition("：")
        if name in present_names:
            role_names = roles_text.split("、")
            yield AssignmentOverride(
                present_names[name], tuple(role for role in Role if role in role_names)
            )


# --- changes, on 修订记录 ---


def build_revision_rows(book: Book) -> Iterator[tuple[RevisionCellValue, ...]]:
    """Yield the rows of 修订记录, in the order of its columns."""
    for revision in book.revisions:
        yield (
            revision.day,
            revision.code,
            revision.number or None,
            revision.kind,
            revision.field,
            revision.old,
            revision.new,
        )


def read_revisions(lines: Sequence[SheetLine]) -> tuple[Revision, ...]:
    """Read the lines of 修订记录; a line without a date is left out."""
    return tuple(
        Revision(
            day=day,
            code=line.get_text("编码"),
            number=_parse_number(line),
            kind=line.get_text("变动"),
            field=line.get_text("栏目"),
            old=line.get_text("原来"),
            new=line.get_text("现在"),
        )
        for line in lines
        if (day := _parse_day(line, "日期"))
    )


def _parse_number(line: SheetLine) -> int:
    text = line.get_text("序号")
    return int(text) if text.isdecimal() else 0


def _parse_day(line: SheetLine, header: str) -> date | None:
    value = line.values.get(header)
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
