"""From a table to a plan: whatever the reader, one understanding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ledgerbook.errors import InputError
from ledgerbook.model import Question
from ledgerbook.plan import questions as ask
from ledgerbook.plan.cell_classifier import (
    cut_tail,
    is_limit,
    is_units,
    labelled_units,
    with_role,
)
from ledgerbook.plan.grid import (
    CellCount,
    CellDisposition,
    ColumnRole,
    Plan,
    PlanColumn,
    PlanItem,
    PlanSource,
)
from ledgerbook.plan.numbering import read_numbers, split_rows
from ledgerbook.plan.numerals import LEVEL_1
from ledgerbook.plan.responsible_units import units_wording
from ledgerbook.plan.rows import ItemDraft, Rows, read_rows
from ledgerbook.plan.text_repair import official, widened
from ledgerbook.plan.title import read_title
from ledgerbook.text import squash

# How an empty cell of 责任单位 or 时限 is crossed out.
_NOTHING = frozenset("/-\u2014\u2013\\无")
_TIMED = re.compile(r"时限|期限|时间")
_BETWEEN = re.compile(r"[\s;,\uff1b\uff0c]+")


def understand(source: PlanSource, *, split_items: bool = False) -> Plan:
    """Make the plan of a table, with a question for whatever it leaves open.

    ``split_items`` makes an item of each numbered one in a cell that holds several.
    Raises InputError when the table has no items.
    """
    source = _with_broad_headings(source)
    found = read_rows(source)
    if not found.items:
        raise InputError(
            "分工方案的表格里只有表头，没有任务。请核对文件是否完整，或换一份完整的方案。"
        )
    rows = split_rows(found.items) if split_items else found.items
    numbers = read_numbers(rows)
    title = read_title(source.titles)
    drafts = tuple(_drafts(source, numbers.rows))
    units, filled = _units_continued(drafts)
    items = tuple(
        replace(item, units=unit) for item, unit in zip(drafts, units, strict=True)
    )
    return Plan(
        title=title.text,
        agency=title.agency,
        year=title.year,
        items=items,
        questions=(
            *ask.about_title(title),
            *ask.about_above(source.above, title),
            *ask.about_numbers(items, numbers),
            *ask.about_several(items, numbers),
            *ask.about_headings(items, source.parts),
            *_about_doubts(source, found, rows),
            *ask.about_units(items, filled),
            *ask.about_limits(items),
        ),
        counted=_counted(source, found),
    )


def _with_broad_headings(source: PlanSource) -> PlanSource:
    """Take 工作要点 for 工作要求 where all of them are numbered 一、二、三."""
    if ColumnRole.REQUIREMENT in source.parts or ColumnRole.POINT not in source.parts:
        return source
    place = next(source.places(ColumnRole.POINT))
    cells = [source.grid.at(row, place) for row in range(source.grid.height)]
    texts = [c.text.strip() for c in cells if c and c.filled and c.columns == 1]
    if not texts or not all(LEVEL_1.match(text) for text in texts):
        return source
    columns = list(source.columns)
    columns[place] = replace(columns[place], part=ColumnRole.REQUIREMENT)
    return replace(source, columns=tuple(columns))


def _about_doubts(
    source: PlanSource, found: Rows, rows: Sequence[ItemDraft]
) -> Iterator[Question]:
    places = [row.row for row in rows]
    yield from ask.about_doubts((*source.doubts, *found.doubts), places)


def _counted(source: PlanSource, found: Rows) -> CellCount:
    went = found.went.copy()
    went[CellDisposition.HEADER] += source.headers
    went[CellDisposition.HEADING] += len(source.above)
    body = sum(cell.made_of for cell in source.grid.cells if cell.filled)
    return CellCount(body + source.headers + len(source.above), went, source.others)


# ── one item ─────────────────────────────────────────────────────────────────────


def _drafts(source: PlanSource, rows: Sequence[ItemDraft]) -> Iterator[PlanItem]:
    for number, row in enumerate(rows, 1):
        units, limits = _units(source, row)
        limits += [limit for limit in row.limits if squash(limit) not in _NOTHING]
        measure = row.measure
        if not units:
            tail = cut_tail(measure)
            # What the item does not say itself, its heading may.
            above = (cut_tail(text) for text in (row.point, row.requirement) if text)
            tails = [one for one in (tail, *above) if one.units]
            measure = tail.text
            units = widened(units_wording(tails[0].units)) if tails else ""
            limits += (
                [tails[0].limit] if tails and tails[0].limit and not limits else []
            )
        yield PlanItem(
            number,
            row.requirement,
            row.point,
            official(measure),
            units,
            "；".join(official(limit).rstrip("。；") for limit in limits),
            "\n".join(_notes(source, row)),
        )


def _units(source: PlanSource, row: ItemDraft) -> tuple[str, list[str]]:
    """Join the cells of 责任单位 of one item, each column's with its role.

    A cell may also say, under labels of its own, who leads and until when.
    """
    held: dict[int, list[str]] = {}
    limits: list[str] = []
    for place, text in sorted(row.units, key=lambda one: one[0]):
        units, limit = labelled_units(text) or _parted(source.columns[place], text)
        limits += [limit] if limit else []
        if squash(units) not in _NOTHING:
            held.setdefault(place, []).append(widened(units_wording(units)))
    joined = [
        with_role("、".join(texts), source.columns[place].role)
        for place, texts in held.items()
    ]
    ended = [text.rstrip("。；") for text in joined[:-1]] + joined[-1:]
    return "，".join(ended), limits


def _parted(column: PlanColumn, text: str) -> tuple[str, str]:
    """Part 财务科 3月底前 in a column of 责任科室及完成时限."""
    if not _TIMED.search(column.header):
        return text, ""
    pieces = [piece for piece in _BETWEEN.split(text) if piece.strip()]
    limits = [piece for piece in pieces if is_limit(piece) and not is_units(piece)]
    units = [piece for piece in pieces if piece not in limits]
    return "、".join(units), "；".join(limits)


def _notes(source: PlanSource, row: ItemDraft) -> Iterator[str]:
    for place, texts in sorted(row.notes.items()):
        header = source.columns[place].header
        words = "；".join(official(text) for text in texts)
        yield f"{header}：{words}" if header else words


def _units_continued(
    items: Sequence[PlanItem],
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Fill a blank 责任单位 from the item above in the same group.

    A merged cell continues; which numbers were filled is returned for a question.
    """
    units: list[str] = []
    filled: list[int] = []
    for item in items:
        above = items[item.number - 2] if item.number > 1 else None
        together = above and (above.requirement, above.point) == (
            item.requirement,
            item.point,
        )
        if not item.units and together and units[-1]:
            filled.append(item.number)
            units.append(units[-1])
        else:
            units.append(item.units)
    return tuple(units), tuple(filled)
