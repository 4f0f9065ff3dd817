"""From a grid to a plan: whatever the reader, one understanding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ledgerbook.errors import InputError
from ledgerbook.plan import questions as ask
from ledgerbook.plan.grid import Cell, Part, Source
from ledgerbook.plan.items import Plan, PlanItem
from ledgerbook.plan.numerals import number_mark, read_heading
from ledgerbook.plan.title import read_title
from ledgerbook.plan.units import units_wording
from ledgerbook.plan.wording import official, widened


def understand(source: Source) -> Plan:
    """Make the plan of a grid, with a question for whatever the grid leaves open.

    Raises InputError when the grid has no items or their numbers are not 1, 2, 3, …
    """
    rows = tuple(_carried(source))
    if not rows:
        raise InputError(
            "分工方案的表格里只有表头，没有任务。请核对文件是否完整，或换一份完整的方案。"
        )
    measures, printed = _without_numbers([row.measure for row in rows], rows)
    units, filled = _units_continued(rows)
    items = tuple(
        PlanItem(number, row.requirement, row.point, measure, unit, row.limit)
        for number, (row, measure, unit) in enumerate(
            zip(rows, measures, units, strict=True), 1
        )
    )
    title = read_title(source.titles)
    return Plan(
        title=title.text,
        agency=title.agency,
        year=title.year,
        items=items,
        questions=(
            *ask.about_title(title),
            *ask.about_numbers(items, printed=printed),
            *ask.about_headings(items, source.parts),
            *ask.about_doubts(source, [row.grid_row for row in rows]),
            *ask.about_units(items, filled),
            *ask.about_limits(items),
        ),
    )


# ── rows ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Row:
    grid_row: int
    number: str
    requirement: str
    point: str
    measure: str
    units: str
    limit: str


def _carried(source: Source) -> Iterator[_Row]:
    """Yield the rows that hold an item, headings carried down to all of them."""
    requirement = point = ""
    for row in range(source.grid.height):
        cells = {
            part: source.grid.at(row, column)
            for column, part in enumerate(source.parts)
        }
        requirement, point = _headings(cells, requirement, point)
        text = {part: cell.text if cell else "" for part, cell in cells.items()}
        if text[Part.MEASURE].strip():
            yield _Row(
                grid_row=row,
                number=official(text.get(Part.NUMBER, "")),
                requirement=requirement,
                point=point,
                measure=official(text[Part.MEASURE]),
                units=widened(units_wording(text[Part.UNITS])),
                limit=official(text.get(Part.LIMIT, "")),
            )


def _headings(
    cells: dict[Part, Cell | None], requirement: str, point: str
) -> tuple[str, str]:
    """Return 工作要求 and 工作要点 for a row, given those of the row above.

    A heading holds until the next. Points that start again at (一) begin a new group;
    where that has no heading of its own, its heading is lost and stays blank.
    """
    own_requirement = cells.get(Part.REQUIREMENT)
    own_point = cells.get(Part.POINT)
    new_point = _heading_text(own_point, level=2)
    new_requirement = _heading_text(own_requirement, level=1)
    if new_requirement and new_requirement != requirement:
        return new_requirement, new_point
    restarts = (
        new_point != point
        and read_heading(point, 2).ordinal > 0
        and read_heading(new_point, 2).ordinal == 1
    )
    if restarts or _is_blank_on_purpose(own_requirement):
        requirement = new_requirement
    if new_point or restarts or _is_blank_on_purpose(own_point):
        point = new_point
    return requirement, point


def _heading_text(cell: Cell | None, level: int) -> str:
    return str(read_heading(official(cell.text), level)) if cell else ""


def _is_blank_on_purpose(cell: Cell | None) -> bool:
    """Tell whether rows are said to have no heading: by one empty cell over them."""
    return cell is not None and cell.rows > 1 and not cell.text.strip()


# ── numbers ──────────────────────────────────────────────────────────────────────


def _without_numbers(
    measures: Sequence[str], rows: Sequence[_Row]
) -> tuple[tuple[str, ...], bool]:
    """Take the numbers off ``measures``; also say whether any were printed."""
    marks = [number_mark(n).match(text) for n, text in enumerate(measures, 1)]
    if not any(marks):
        _insist_on_order([row.number for row in rows])
        return tuple(measures), any(row.number for row in rows)
    broken = next((n for n, mark in enumerate(marks, 1) if mark is None), None)
    if broken:
        raise _out_of_order(broken, measures[broken - 1])
    return tuple(t[m.end() :] for t, m in zip(measures, marks, strict=True) if m), True


def _insist_on_order(numbers: Sequence[str]) -> None:
    for n, found in enumerate(numbers, 1):
        if found and not number_mark(n).match(f"{found.rstrip('.')}.项"):
            raise _out_of_order(n, found)


def _out_of_order(number: int, found: str) -> InputError:
    return InputError(
        f"分工方案的任务序号不连续：表格第 {number} 个任务应为“{number}.”，"
        f"实际写的是“{_shortened(found)}”。"
        "请对照原文改正序号，让任务从 1 起连续编号后重试。"
    )


def _shortened(text: str, length: int = 20) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


# ── units ────────────────────────────────────────────────────────────────────────


def _units_continued(
    rows: Sequence[_Row],
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Fill a blank 责任单位 from the item above in the same group.

    A merged cell continues; which numbers were filled is returned for a question.
    """
    units: list[str] = []
    filled: list[int] = []
    for number, row in enumerate(rows, 1):
        above = rows[number - 2] if number > 1 else None
        together = above and (above.requirement, above.point) == (
            row.requirement,
            row.point,
        )
        if not row.units and together and units[-1]:
            filled.append(number)
        units.append(units[-1] if filled[-1:] == [number] else row.units)
    return tuple(units), tuple(filled)
