"""The workbook of a roll-up: which sheets, in which order, what marks it as ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ledgerbook import identity
from ledgerbook.excel.sheet_parts import MAX_TABLE_ROWS, split_into_sheets
from ledgerbook.excel.sheet_writer import SheetWriter
from ledgerbook.excel.workbook_writer import WorkbookWriter, report_refusals
from ledgerbook.export import EXPORT_FOLDER_PATTERN, DetailRow
from ledgerbook.identity import OutputKind
from ledgerbook.rollup.lists import (
    DETAIL_SHEET,
    OVERDUE_SHEET,
    draw_files,
    draw_missing,
    draw_overdue,
    draw_rollup_detail,
    draw_rollup_problems,
    list_overdue_rows,
)
from ledgerbook.rollup.merge import Rollup, build_rollup_facts
from ledgerbook.rollup.overview import (
    FIRST_SECTION_ROW,
    SECTIONS_SHEET,
    draw_rollup_overview,
    draw_sections,
    find_anchors,
)
from ledgerbook.storage.file_names import replace_forbidden_characters
from ledgerbook.summary.lists import NumberedItem
from ledgerbook.summary.metadata import write_facts
from ledgerbook.summary.sheet_index import (
    SheetEntry,
    SheetKind,
    color_tabs,
    count_entry,
    sort_entries,
)

_MAX_NAME_LENGTH = 60


def build_rollup_stem(rollup: Rollup) -> str:
    """Return the file name of a roll-up, without its ending."""
    return f"{_clean_name(rollup.name)}{rollup.year}{_STEM_SUFFIX}"


def is_rollup_filename(filename: str, name: str) -> bool:
    """Whether a roll-up called ``name``, of whatever year, or its export would be written so."""
    pattern = rf"{re.escape(_clean_name(name))}\d+{_STEM_SUFFIX}(\.xlsx|{EXPORT_FOLDER_PATTERN})"
    return re.fullmatch(pattern, filename) is not None


def _clean_name(name: str) -> str:
    return replace_forbidden_characters(name).strip(" .")[:_MAX_NAME_LENGTH]


_STEM_SUFFIX = "年度汇总（合并）"


def write_rollup(rollup: Rollup, max_rows: int = MAX_TABLE_ROWS) -> bytes:
    """Make the workbook; the same roll-up always gives the same bytes.

    A list of over ``max_rows`` rows goes on from sheet to sheet.
    """
    with report_refusals(OutputKind.ROLLUP):
        writer = WorkbookWriter(
            title=f"{rollup.name}{rollup.year}{OutputKind.ROLLUP}",
            created=rollup.as_of,
            keywords=identity.format_keywords(OutputKind.ROLLUP),
            large=True,
        )
        detail_parts = split_into_sheets(DETAIL_SHEET, rollup.rows, max_rows)
        overdue_parts = split_into_sheets(OVERDUE_SHEET, list_overdue_rows(rollup), max_rows)
        entries = sort_entries(_list_entries(rollup, detail_parts, overdue_parts))
        names = (_OVERVIEW_SHEET, *(entry.name for entry in entries if entry.is_present))
        canvases = {n: SheetWriter(writer, n, footer=rollup.name) for n in names}
        color_tabs(canvases, (SheetEntry(_OVERVIEW_SHEET, SheetKind.RESULT), *entries))
        ranges = draw_rollup_detail([canvases[name] for name in detail_parts], rollup, max_rows)
        anchors = find_anchors(rollup, FIRST_SECTION_ROW)
        draw_rollup_overview(canvases[_OVERVIEW_SHEET], rollup, ranges, anchors, entries)
        draw_sections(canvases[SECTIONS_SHEET], rollup, ranges)
        overdue_canvases = [canvases[name] for name in overdue_parts if name in canvases]
        if overdue_canvases:
            draw_overdue(overdue_canvases, rollup, max_rows)
        for name, draw in _LIST_DRAWERS.items():
            if name in canvases:
                draw(canvases[name], rollup)
        write_facts(writer, build_rollup_facts(rollup))
        return identity.seal_package(writer.finish())


_OVERVIEW_SHEET = "总览"
_MISSING_SHEET, _PROBLEMS_SHEET, _FILES_SHEET = "未报送", "问题清单", "文件清单"
_LIST_DRAWERS = {
    _MISSING_SHEET: draw_missing,
    _PROBLEMS_SHEET: draw_rollup_problems,
    _FILES_SHEET: draw_files,
}


def _list_entries(
    rollup: Rollup,
    detail_parts: Mapping[str, Sequence[DetailRow]],
    overdue_parts: Mapping[str, Sequence[NumberedItem[DetailRow]]],
) -> Iterator[SheetEntry]:
    """Yield every sheet but the overview, and the lists that are empty."""
    yield SheetEntry(SECTIONS_SHEET, SheetKind.RESULT)
    yield count_entry(_MISSING_SHEET, SheetKind.ACTION, len(rollup.missing), "处")
    for name, overdue_rows in overdue_parts.items():
        yield count_entry(name, SheetKind.ACTION, len(overdue_rows), "件")
    yield count_entry(_PROBLEMS_SHEET, SheetKind.ACTION, len(rollup.problems), "条")
    for name, rows in detail_parts.items():
        yield SheetEntry(name, SheetKind.EVIDENCE, f"{len(rows)} 行")
    yield SheetEntry(_FILES_SHEET, SheetKind.EVIDENCE, f"{len(rollup.files)} 个")
