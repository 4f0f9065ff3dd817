"""From a table to a plan: whatever the reader, one understanding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ledgerbook.errors import InputError
from ledgerbook.model import Question
from ledgerbook.plan import questions as ask
from ledgerbook.plan.cell_classifier import (
    add_unit_role,
    is_deadline_text,
    is_units_text,
    parse_labelled_units,
    split_trailing_units,
)
from ledgerbook.plan.grid import (
    CellCount,
    CellDisposition,
    ColumnRole,
    Plan,
    PlanColumn,
    PlanItem,
    PlanTable,
)
from ledgerbook.plan.number_marks import LEVEL_1_MARK
from ledgerbook.plan.numbering import read_numbering, split_rows
from ledgerbook.plan.responsible_units import clean_units_text
from ledgerbook.plan.row_scanner import ItemDraft, ScannedRows, read_rows
from ledgerbook.plan.text_repair import format_official, widen_punctuation
from ledgerbook.plan.title import read_title
from ledgerbook.text import normalize

# How an empty cell of 责任单位 or 时限 is crossed out.
_BLANK_MARKS = frozenset("/-\u2014\u2013\\无")
_DEADLINE_WORD = re.compile(r"时限|期限|时间")
_PIECE_SEPARATOR = re.compile(r"[\s;,\uff1b\uff0c]+")


def extract_plan(table: PlanTable, *, split_items: bool = False) -> Plan:
    """Make the plan of a table, with a question for whatever it leaves open.

    ``split_items`` makes an item of each numbered one in a cell that holds several.
    Raises InputError when the table has no items.
    """
    table = _promote_points(table)
    scanned = read_rows(table)
    if not scanned.items:
        raise InputError(
            "分工方案的表格里只有表头，没有任务。请核对文件是否完整，或换一份完整的方案。"
        )
    drafts = split_rows(scanned.items) if split_items else scanned.items
    numbers = read_numbering(drafts)
    title = read_title(table.titles)
    extracted_items = tuple(_make_items(table, numbers.rows))
    continued_units, continued_numbers = _continue_units(extracted_items)
    items = tuple(
        replace(item, units=units)
        for item, units in zip(extracted_items, continued_units, strict=True)
    )
    return Plan(
        title=title.text,
        agency=title.agency,
        year=title.year,
        items=items,
        questions=(
            *ask.ask_about_title(title),
            *ask.ask_about_text_above(table.texts_above, title),
            *ask.ask_about_numbers(items, numbers),
            *ask.ask_about_multi_item_cells(items, numbers),
            *ask.ask_about_headings(items, table.roles),
            *_question_inferences(table, scanned, drafts),
            *ask.ask_about_blank_units(items, continued_numbers),
            *ask.ask_about_missing_deadlines(items),
        ),
        cell_count=_count_plan_cells(table, scanned),
    )


def _promote_points(table: PlanTable) -> PlanTable:
    """Take 工作要点 for 工作要求 where all of them are numbered 一、二、三."""
    if ColumnRole.REQUIREMENT in table.roles or ColumnRole.POINT not in table.roles:
        return table
    column = next(table.find_columns(ColumnRole.POINT))
    cells = [table.grid.get_cell(row, column) for row in range(table.grid.height)]
    texts = [
        cell.text.strip() for cell in cells if cell and cell.is_filled and cell.column_span == 1
    ]
    if not texts or not all(LEVEL_1_MARK.match(text) for text in texts):
        return table
    columns = list(table.columns)
    columns[column] = replace(columns[column], role=ColumnRole.REQUIREMENT)
    return replace(table, columns=tuple(columns))


def _question_inferences(
    table: PlanTable, scanned: ScannedRows, drafts: Sequence[ItemDraft]
) -> Iterator[Question]:
    item_rows = [draft.row for draft in drafts]
    yield from ask.ask_about_inferences((*table.inferences, *scanned.inferences), item_rows)


def _count_plan_cells(table: PlanTable, scanned: ScannedRows) -> CellCount:
    by_disposition = scanned.cell_counts.copy()
    by_disposition[CellDisposition.HEADER] += table.header_cell_count
    by_disposition[CellDisposition.HEADING] += len(table.texts_above)
    body_count = sum(cell.source_cell_count for cell in table.grid.cells if cell.is_filled)
    return CellCount(
        body_count + table.header_cell_count + len(table.texts_above),
        by_disposition,
        table.other_table_count,
    )


# ── one item ─────────────────────────────────────────────────────────────────────


def _make_items(table: PlanTable, drafts: Sequence[ItemDraft]) -> Iterator[PlanItem]:
    for number, draft in enumerate(drafts, 1):
        units, deadline_texts = _join_units(table, draft)
        deadline_texts += [
            deadline_text
            for deadline_text in draft.deadline_texts
            if normalize(deadline_text) not in _BLANK_MARKS
        ]
        measure = draft.measure
        if not units:
            measure_tail = split_trailing_units(measure)
            # What the item does not say itself, its heading may.
            heading_tails = (
                split_trailing_units(text) for text in (draft.point, draft.requirement) if text
            )
            units_tails = [tail for tail in (measure_tail, *heading_tails) if tail.units]
            measure = measure_tail.text
            units = widen_punctuation(clean_units_text(units_tails[0].units)) if units_tails else ""
            deadline_texts += (
                [units_tails[0].deadline_text]
                if units_tails and units_tails[0].deadline_text and not deadline_texts
                else []
            )
        yield PlanItem(
            number,
            draft.requirement,
            draft.point,
            format_official(measure),
            units,
            "；".join(
                format_official(deadline_text).rstrip("。；") for deadline_text in deadline_texts
            ),
            "\n".join(_format_notes(table, draft)),
        )


def _join_units(table: PlanTable, draft: ItemDraft) -> tuple[str, list[str]]:
    """Join the cells of 责任单位 of one item, each column's with its role.

    A cell may also say, under labels of its own, who leads and until when.
    """
    texts_by_column: dict[int, list[str]] = {}
    deadline_texts: list[str] = []
    for column, text in sorted(draft.units, key=lambda column_text: column_text[0]):
        units, deadline_text = parse_labelled_units(text) or _split_units_and_deadline(
            table.columns[column], text
        )
        deadline_texts += [deadline_text] if deadline_text else []
        if normalize(units) not in _BLANK_MARKS:
            texts_by_column.setdefault(column, []).append(
                widen_punctuation(clean_units_text(units))
            )
    column_units = [
        add_unit_role("、".join(texts), table.columns[column].unit_role)
        for column, texts in texts_by_column.items()
    ]
    stripped_units = [text.rstrip("。；") for text in column_units[:-1]] + column_units[-1:]
    return "，".join(stripped_units), deadline_texts


def _split_units_and_deadline(column: PlanColumn, text: str) -> tuple[str, str]:
    """Part 财务科 3月底前 in a column of 责任科室及完成时限."""
    if not _DEADLINE_WORD.search(column.header):
        return text, ""
    pieces = [piece for piece in _PIECE_SEPARATOR.split(text) if piece.strip()]
    deadline_texts = [
        piece for piece in pieces if is_deadline_text(piece) and not is_units_text(piece)
    ]
    units = [piece for piece in pieces if piece not in deadline_texts]
    return "、".join(units), "；".join(deadline_texts)


def _format_notes(table: PlanTable, draft: ItemDraft) -> Iterator[str]:
    for column, texts in sorted(draft.notes.items()):
        header = table.columns[column].header
        note_text = "；".join(format_official(text) for text in texts)
        yield f"{header}：{note_text}" if header else note_text


def _continue_units(
    items: Sequence[PlanItem],
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Fill a blank 责任单位 from the item above in the same group.

    A merged cell continues; which numbers were filled is returned for a question.
    """
    units: list[str] = []
    continued_numbers: list[int] = []
    for item in items:
        previous_item = items[item.number - 2] if item.number > 1 else None
        is_same_group = previous_item and (
            previous_item.requirement,
            previous_item.point,
        ) == (
            item.requirement,
            item.point,
        )
        if not item.units and is_same_group and units[-1]:
            continued_numbers.append(item.number)
            units.append(units[-1])
        else:
            units.append(item.units)
    return tuple(units), tuple(continued_numbers)
