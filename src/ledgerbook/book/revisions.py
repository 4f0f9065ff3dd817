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
from ledgerbook.book.lines import SheetLine, open_book, table
from ledgerbook.model import Book, HandMade, OriginalWording, Revision, Role, Task

_LABEL = "方案原文"
_NAME = re.compile(rf"{_LABEL} (.+) (\d+)")

Value = str | int | date | None


def strangers(path: Path) -> tuple[str, ...]:
    """Name the sheets and columns of a book that the office has added for itself."""
    workbook = open_book(path)
    ours = {*(layout.name for layout in sheets.SHEETS), identity.MARK_SHEET}
    found = [f"工作表“{name}”" for name in workbook.sheetnames if name not in ours]
    # Of 分工 each section has columns of its own.
    fixed = (layout for layout in sheets.SHEETS if layout is not sheets.MATRIX)
    for layout in (one for one in fixed if one.name in workbook.sheetnames):
        headers = {field.header for field in layout.fields}
        lines = table(workbook, layout, [])
        found += [
            f"“{layout.name}”表的“{header}”列"
            for header in (lines[0].columns if lines else ())
            if header not in headers
        ]
    return tuple(found)


# ── the plan's own words ─────────────────────────────────────────────────────────


def origin_facts(origins: Sequence[OriginalWording]) -> Iterator[tuple[str, str]]:
    """Yield the facts by which the hidden sheet remembers ``origins``."""
    for origin in origins:
        _, *texts = astuple(origin)
        for n, piece in enumerate(identity.pieces(json.dumps(texts)), 1):
            yield f"{_LABEL} {origin.code} {n}", piece


def read_origins(facts: Mapping[str, str]) -> tuple[OriginalWording, ...]:
    """Read what :func:`origin_facts` yielded; what is damaged is not known."""
    found: dict[str, dict[int, str]] = {}
    for name, value in facts.items():
        if mark := _NAME.fullmatch(name):
            found.setdefault(mark[1], {})[int(mark[2])] = value
    texts = {
        code: "".join(piece for _, piece in sorted(pieces.items()))
        for code, pieces in found.items()
    }
    return tuple(
        origin for code, text in texts.items() if (origin := _origin(code, text))
    )


def _origin(code: str, text: str) -> OriginalWording | None:
    try:
        return OriginalWording(code, *map(str, json.loads(text)))
    except (ValueError, TypeError):
        return None


# ── tasks that are gone ──────────────────────────────────────────────────────────


def retired_rows(book: Book) -> Iterator[tuple[Value, ...]]:
    for task in book.retired:
        yield (
            task.code,
            task.number,
            task.requirement,
            task.point,
            task.measure,
            task.units,
            task.limit,
            task.due,
            task.note,
            "；".join(map(_made_text, task.by_hand)),
        )


def _made_text(mine: HandMade) -> str:
    return f"{mine.section}：{'、'.join(mine.roles) or sheets.NO_ROLE}"


def read_retired(
    lines: Sequence[SheetLine], sections: Sequence[str]
) -> tuple[Task, ...]:
    return tuple(
        Task(
            code=line.text("编码"),
            number=_number(line),
            requirement=line.text("工作要求"),
            point=line.text("工作要点"),
            measure=line.text("计划措施"),
            units=line.text("责任单位"),
            limit=line.text("时限"),
            due=_day(line, "完成期限"),
            by_hand=tuple(_made(line.text("手工分工"), sections)),
            note=line.text("备注"),
        )
        for line in lines
        if line.text("编码")
    )


def _made(text: str, sections: Sequence[str]) -> Iterator[HandMade]:
    for piece in filter(None, text.split("；")):
        section, _, words = piece.partition("：")
        if section in sections:
            held = words.split("、")
            yield HandMade(section, tuple(role for role in Role if role in held))


# ── what changed ─────────────────────────────────────────────────────────────────


def revision_rows(book: Book) -> Iterator[tuple[Value, ...]]:
    for one in book.revisions:
        number = one.number or None
        yield one.day, one.code, number, one.kind, one.field, one.old, one.new


def read_revisions(lines: Sequence[SheetLine]) -> tuple[Revision, ...]:
    return tuple(
        Revision(
            day=day,
            code=line.text("编码"),
            number=_number(line),
            kind=line.text("变动"),
            field=line.text("栏目"),
            old=line.text("原来"),
            new=line.text("现在"),
        )
        for line in lines
        if (day := _day(line, "日期"))
    )


def _number(line: SheetLine) -> int:
    text = line.text("序号")
    return int(text) if text.isdecimal() else 0


def _day(line: SheetLine, header: str) -> date | None:
    value = line.values.get(header)
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
