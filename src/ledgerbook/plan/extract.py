"""Build a Plan from the table of a plan: its items, its questions, its count of cells.

:func:`extract_plan` is the last step of reading and the same for every file format. It
lets ``row_scanner`` find the items, ``numbering`` remove their printed numbers and
``questions`` ask about everything that was inferred; here the columns of units and
deadlines of an item become its ``units`` and ``deadline_text``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ledgerbook.errors import InputError
from ledgerbook.model import Question
from ledgerbook.plan import questions as ask
from ledgerbook.plan.cell_classifier import (
    is_deadline_text,
    is_units_text,
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
from ledgerbook.plan.headings import HEADING_SEPARATOR
from ledgerbook.plan.number_marks import LEVEL_1_MARK
from ledgerbook.plan.numbering import read_numbering, split_rows
from ledgerbook.plan.responsible_units import add_role_verb, clean_units_text
from ledgerbook.plan.row_scanner import ItemDraft, ScannedRows, scan_rows
from ledgerbook.plan.text_repair import format_official, widen_punctuation
from ledgerbook.plan.title import read_title
from ledgerbook.plan.trailing_units import (
    TrailingUnits,
    parse_heading_units,
    parse_labelled_units,
    split_trailing_units,
)
from ledgerbook.text import normalize

# What offices write into an empty cell of 责任单位 or 时限 to mark it as empty.
_BLANK_MARKS = frozenset("/-\u2014\u2013\\无")
_DEADLINE_WORD = re.compile(r"时限|期限|时间")
_PIECE_SEPARATOR = re.compile(r"[\s;,\uff1b\uff0c]+")


def extract_plan(table: PlanTable, *, split_items: bool = False) -> Plan:
    """Return the plan in ``table``, with a question for everything it leaves open.

    ``split_items`` makes separate items of a numbered list inside one cell.
    Raises InputError when the table has no items.
    """
    table = _promote_points(table)
    scanned = scan_rows(table)
    if not scanned.items:
        raise InputError(
            "分工方案的表格里只有表头，没有任务。请核对文件是否完整，或换一份完整的方案。",
            code="plan-missing",
        )
    plan_numbering = read_numbering(scanned.items)
    split_count = len(plan_numbering.multi_item_indices) if split_items else 0
    drafts = split_rows(scanned.items) if split_count else scanned.items
    # The numbers within a cell begin anew, so that only those of the plan can have gaps.
    numbers = read_numbering(drafts) if split_count else plan_numbering
    title = read_title(table.titles)
    extracted_items = tuple(_make_items(table, numbers.rows))
    continued_units, continued_numbers = (
        _continue_units(extracted_items)
        if ColumnRole.UNITS in table.roles
        else (tuple(item.units for item in extracted_items), ())
    )
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
            *ask.ask_about_numbers(items, plan_numbering),
            *(
                ask.ask_about_unsplit_cells(items, split_count)
                if split_items
                else ask.ask_about_multi_item_cells(items, numbers)
            ),
            *ask.ask_about_headings(items, table.roles),
            *_ask_about_inferences(table, scanned, drafts),
            *ask.ask_about_blank_units(items, continued_numbers),
            *ask.ask_about_missing_deadlines(items),
        ),
        cell_count=_count_plan_cells(table, scanned),
    )


def _promote_points(table: PlanTable) -> PlanTable:
    """Turn the column 工作要点 into 工作要求 if all its texts are numbered 一、二、三."""
    if ColumnRole.REQUIREMENT in table.roles or ColumnRole.POINT not in table.roles:
        return table
    column = next(table.list_columns_with_role(ColumnRole.POINT))
    cells = [table.grid.get_cell(row, column) for row in range(table.grid.height)]
    texts = [
        cell.text.strip() for cell in cells if cell and cell.is_filled and cell.column_span == 1
    ]
    if not texts or not all(LEVEL_1_MARK.match(text) for text in texts):
        return table
    columns = list(table.columns)
    columns[column] = replace(columns[column], role=ColumnRole.REQUIREMENT)
    return replace(table, columns=tuple(columns))


def _ask_about_inferences(
    table: PlanTable, scanned: ScannedRows, drafts: Sequence[ItemDraft]
) -> Iterator[Question]:
    """Ask about what was inferred of the columns and of the rows."""
    item_rows = [draft.row for draft in drafts]
    yield from ask.ask_about_inferences((*table.inferences, *scanned.inferences), item_rows)


def _count_plan_cells(table: PlanTable, scanned: ScannedRows) -> CellCount:
    """Count the filled cells of the grid, the header rows and the rows above them."""
    by_disposition = scanned.cell_counts.copy()
    by_disposition[CellDisposition.HEADER] += table.header_cell_count
    by_disposition[CellDisposition.HEADING] += len(table.texts_above)
    by_disposition[CellDisposition.OPEN_QUESTION] += table.hidden_cell_count
    body_count = sum(cell.source_cell_count for cell in table.grid.cells if cell.is_filled)
    return CellCount(
        body_count + table.header_cell_count + table.hidden_cell_count + len(table.texts_above),
        by_disposition,
        table.other_table_count,
        table.unread_tables,
    )


# --- One item ---


def _make_items(table: PlanTable, drafts: Sequence[ItemDraft]) -> Iterator[PlanItem]:
    """Yield the item of each draft, numbered from 1.

    Where no column says who is responsible, the end of the item's text may, and where
    that does not, the end of its headings.
    """
    has_units_column = ColumnRole.UNITS in table.roles
    for number, draft in enumerate(drafts, 1):
        units, deadline_texts, person_notes = _join_units(table, draft)
        deadline_texts += [
            deadline_text
            for deadline_text in draft.deadline_texts
            if normalize(deadline_text) not in _BLANK_MARKS
        ]
        measure = draft.measure
        if not units:
            tail = _find_units_in_texts(draft, has_units_column=has_units_column)
            measure = split_trailing_units(measure).text
            units = widen_punctuation(clean_units_text(tail.units))
            person_notes += tail.notes
            if tail.deadline_text and not deadline_texts:
                deadline_texts.append(tail.deadline_text)
        yield PlanItem(
            number,
            draft.requirement,
            draft.point,
            format_official(measure),
            units,
            "；".join(
                format_official(deadline_text).rstrip("。；") for deadline_text in deadline_texts
            ),
            "\n".join((*_format_notes(table, draft), *person_notes)),
        )


def _find_units_in_texts(draft: ItemDraft, *, has_units_column: bool) -> TrailingUnits:
    """Return the units at the end of the item's text, else of its headings.

    In a plan without a column of units a heading may consist of them: 一、综合科（3项）.
    """
    headings = [text for text in (draft.point, draft.requirement) if text]
    tails = map(split_trailing_units, (draft.measure, *headings))
    found = next((tail for tail in tails if tail.units), None)
    if found or has_units_column:
        return found or TrailingUnits("")
    heading_units = (
        parse_heading_units(text)
        for heading in headings
        for text in heading.split(HEADING_SEPARATOR)[::-1]
    )
    return TrailingUnits("", next(filter(None, heading_units), ""))


def _join_units(table: PlanTable, draft: ItemDraft) -> tuple[str, list[str], list[str]]:
    """Join the units of one item, those of each column with the verb of the column.

    Returns the units, and the deadline texts and the persons found among them: a cell may
    have labels of its own (牵头单位：…；完成时限：…；责任人：…).
    """
    person_notes: list[str] = []
    texts_by_column: dict[int, list[str]] = {}
    deadline_texts: list[str] = []
    for column, text in sorted(draft.units, key=lambda column_text: column_text[0]):
        labelled = parse_labelled_units(text)
        units, deadline_text = (
            (labelled.units, labelled.deadline_text)
            if labelled
            else _split_units_and_deadline(table.columns[column], text)
        )
        person_notes += labelled.notes if labelled else ()
        deadline_texts += [deadline_text] if deadline_text else []
        if normalize(units) not in _BLANK_MARKS:
            texts_by_column.setdefault(column, []).append(
                widen_punctuation(clean_units_text(units))
            )
    column_units = [
        add_role_verb("、".join(texts), table.columns[column].unit_role)
        for column, texts in texts_by_column.items()
    ]
    stripped_units = [text.rstrip("。；") for text in column_units[:-1]] + column_units[-1:]
    return "，".join(stripped_units), deadline_texts, person_notes


def _split_units_and_deadline(column: PlanColumn, text: str) -> tuple[str, str]:
    """Split 财务科 3月底前 in a column such as 责任科室及完成时限."""
    if not _DEADLINE_WORD.search(column.header):
        return text, ""
    pieces = [piece for piece in _PIECE_SEPARATOR.split(text) if piece.strip()]
    deadline_texts = [
        piece for piece in pieces if is_deadline_text(piece) and not is_units_text(piece)
    ]
    units = [piece for piece in pieces if piece not in deadline_texts]
    return "、".join(units), "；".join(deadline_texts)


def _format_notes(table: PlanTable, draft: ItemDraft) -> Iterator[str]:
    """Yield a line ``header：text`` for each column of notes."""
    for column, texts in sorted(draft.notes.items()):
        header = table.columns[column].header
        note_text = "；".join(format_official(text) for text in texts)
        yield f"{header}：{note_text}" if header else note_text


def _continue_units(items: Sequence[PlanItem]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Fill a blank 责任单位 from the item above if both have the same headings.

    Formats without merged cells leave the continued cells blank; a plan without a column
    of units has none to continue. Returns the units of every item, and the numbers of the
    items that were filled, which become a question.
    """
    units: list[str] = []
    continued_numbers: list[int] = []
    for item in items:
        previous_item = items[item.number - 2] if item.number > 1 else None
        is_same_group = (
            previous_item is not None
            and previous_item.requirement == item.requirement
            and previous_item.point == item.point
        )
        if not item.units and is_same_group and units[-1]:
            continued_numbers.append(item.number)
            units.append(units[-1])
        else:
            units.append(item.units)
    return tuple(units), tuple(continued_numbers)
