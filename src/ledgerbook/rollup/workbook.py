"""The workbook of a roll-up: which sheets, in which order, what marks it as ours."""

from __future__ import annotations

import re

from ledgerbook import identity
from ledgerbook.excel.sheet_parts import MAX_TABLE_ROWS, split_into_sheets
from ledgerbook.excel.sheet_writer import SheetWriter
from ledgerbook.excel.workbook_writer import WorkbookWriter, report_refusals
from ledgerbook.export import EXPORT_FOLDER_PATTERN
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
from ledgerbook.summary.metadata import write_facts

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
        detail_names = tuple(split_into_sheets(DETAIL_SHEET, rollup.rows, max_rows))
        overdue_names = tuple(split_into_sheets(OVERDUE_SHEET, list_overdue_rows(rollup), max_rows))
        names = (
            "总览",
            SECTIONS_SHEET,
            *detail_names,
            "未报送",
            *overdue_names,
            *_LIST_DRAWERS,
        )
        canvases = {n: SheetWriter(writer, n, footer=rollup.name) for n in names}
        ranges = draw_rollup_detail([canvases[name] for name in detail_names], rollup, max_rows)
        draw_rollup_overview(
            canvases["总览"], rollup, ranges, find_anchors(rollup, FIRST_SECTION_ROW)
        )
        draw_sections(canvases[SECTIONS_SHEET], rollup, ranges)
        draw_missing(canvases["未报送"], rollup)
        draw_overdue([canvases[name] for name in overdue_names], rollup, max_rows)
        for name, draw in _LIST_DRAWERS.items():
            draw(canvases[name], rollup)
        write_facts(writer, build_rollup_facts(rollup))
        return identity.seal_package(writer.finish())


_LIST_DRAWERS = {"问题清单": draw_rollup_problems, "文件清单": draw_files}
