"""What the book keeps of earlier plans: their tasks, their words, what changed.

The office sees 已删任务 and 修订记录, once there is something on them. The plan's own
words stand on the hidden sheet: by them the next revision tells the office's
corrections from the plan's changes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import date, datetime
from pathlib import Path

from ledgerbook import identity
from ledgerbook.book import schema as sheets
from ledgerbook.book.lines import SheetLine, open_book, read_sheet_lines
from ledgerbook.model import AssignmentOverride, Book, OriginalWording, Revision, Role, Task

_ORIGIN_LABEL = "方案原文"
_ORIGIN_FACT_NAME = re.compile(rf"{_ORIGIN_LABEL} (.+) (\d+)")

RevisionCellValue = str | int | date | None


def list_added_parts(path: Path) -> tuple[str, ...]:
    """Name the sheets and columns of a book that the office has added for itself."""
    workbook = open_book(path)
    known_sheets = {*(layout.name for layout in sheets.SHEETS), identity.MARK_SHEET}
    added_parts = [f"工作表“{name}”" for name in workbook.sheetnames if name not in known_sheets]
    # Of 分工 each section has columns of its own.
    fixed_layouts = (layout for layout in sheets.SHEETS if layout is not sheets.MATRIX)
    for layout in (
        candidate for candidate in fixed_layouts if candidate.name in workbook.sheetnames
    ):
        headers = {field.header for field in layout.columns}
        lines = read_sheet_lines(workbook, layout, [])
        added_parts += [
            f"“{layout.name}”表的“{header}”列"
            for header in (lines[0].columns if lines else ())
            if header not in headers
        ]
    return tuple(added_parts)


# ── the plan's own words ─────────────────────────────────────────────────────────


def make_origin_facts(origins: Sequence[OriginalWording]) -> Iterator[tuple[str, str]]:
    """Yield the facts by which the hidden sheet remembers ``origins``."""
    for origin in origins:
        _, *texts = astuple(origin)
        for piece_number, piece in enumerate(identity.split_pieces(json.dumps(texts)), 1):
            yield f"{_ORIGIN_LABEL} {origin.code} {piece_number}", piece


def read_origins(facts: Mapping[str, str]) -> tuple[OriginalWording, ...]:
    """Read what :func:`make_origin_facts` yielded; what is damaged is not known."""
    pieces_by_code: dict[str, dict[int, str]] = {}
    for name, value in facts.items():
        if match := _ORIGIN_FACT_NAME.fullmatch(name):
            pieces_by_code.setdefault(match[1], {})[int(match[2])] = value
    texts = {
        code: "".join(piece for _, piece in sorted(pieces.items()))
        for code, pieces in pieces_by_code.items()
    }
    return tuple(origin for code, text in texts.items() if (origin := _parse_origin(code, text)))


def _parse_origin(code: str, text: str) -> OriginalWording | None:
    try:
        return OriginalWording(code, *map(str, json.loads(text)))
    except (ValueError, TypeError):
        return None


# ── tasks that are gone ──────────────────────────────────────────────────────────


def build_retired_rows(book: Book) -> Iterator[tuple[RevisionCellValue, ...]]:
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
    return f"{override.section}：{'、'.join(override.roles) or sheets.NO_ROLE}"


def read_retired_tasks(lines: Sequence[SheetLine], sections: Sequence[str]) -> tuple[Task, ...]:
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
            assignment_overrides=tuple(_parse_overrides(line.get_text("手工分工"), sections)),
            note=line.get_text("备注"),
        )
        for line in lines
        if line.get_text("编码")
    )


def _parse_overrides(text: str, sections: Sequence[str]) -> Iterator[AssignmentOverride]:
    for piece in filter(None, text.split("；")):
        section, _, roles_text = piece.partition("：")
        if section in sections:
            role_names = roles_text.split("、")
            yield AssignmentOverride(section, tuple(role for role in Role if role in role_names))


# ── what changed ─────────────────────────────────────────────────────────────────


def build_revision_rows(book: Book) -> Iterator[tuple[RevisionCellValue, ...]]:
    for revision in book.revisions:
        number = revision.number or None
        yield (
            revision.day,
            revision.code,
            number,
            revision.kind,
            revision.field,
            revision.old,
            revision.new,
        )


def read_revisions(lines: Sequence[SheetLine]) -> tuple[Revision, ...]:
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
