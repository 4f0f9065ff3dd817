"""The workbook of a roll-up: which sheets, in which order, what marks it as ours."""

from __future__ import annotations

import re
import warnings

from ledgerbook import identity
from ledgerbook.excel.canvas import SheetWriter
from ledgerbook.excel.sheet_parts import MOST_ROWS, shares
from ledgerbook.excel.writer import WorkbookWriter
from ledgerbook.export import SCHEMA
from ledgerbook.rollup.lists import (
    DETAIL,
    OVERDUE,
    draw_detail,
    draw_files,
    draw_missing,
    draw_overdue,
    draw_problems,
    overdue,
)
from ledgerbook.rollup.merge import Rollup, facts_of
from ledgerbook.rollup.overview import (
    PARTS_HEAD,
    SECTIONS,
    anchors_of,
    draw_overview,
    draw_sections,
)
from ledgerbook.summary.metadata import draw_facts

KIND = "合并汇总"
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_NAME = 60


def rollup_name(rollup: Rollup) -> str:
    """Return the file name of a roll-up, without its ending."""
    return f"{_fit(rollup.name)}{rollup.year}{_ENDING}"


def is_own(file: str, name: str) -> bool:
    """Whether a roll-up called ``name``, of whatever year, would be written so."""
    ours = rf"{re.escape(_fit(name))}\d+{_ENDING}(\.xlsx|明细\.\w+)"
    return re.fullmatch(ours, file) is not None


def _fit(name: str) -> str:
    return _UNFIT.sub("_", name).strip(" .")[:_NAME]


_ENDING = "年度汇总（合并）"


def write_rollup(rollup: Rollup, most: int = MOST_ROWS) -> bytes:
    """Make the workbook; the same roll-up always gives the same bytes.

    A list of over ``most`` rows goes on from sheet to sheet.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("error", module="xlsxwriter")
        maker = WorkbookWriter(
            title=f"{rollup.name}{rollup.year}{KIND}"[:255],
            created=rollup.as_of,
            keywords=identity.keywords(KIND),
            large=True,
        )
        details = tuple(shares(DETAIL, rollup.rows, most))
        late = tuple(shares(OVERDUE, overdue(rollup), most))
        names = ("总览", SECTIONS, *details, "未报送", *late, *_LISTS)
        canvases = {n: SheetWriter(maker, n, footer=rollup.name) for n in names}
        ranges = draw_detail([canvases[name] for name in details], rollup, most)
        draw_overview(canvases["总览"], rollup, ranges, anchors_of(rollup, PARTS_HEAD))
        draw_sections(canvases[SECTIONS], rollup, ranges)
        draw_missing(canvases["未报送"], rollup)
        draw_overdue([canvases[name] for name in late], rollup, most)
        for name, draw in _LISTS.items():
            draw(canvases[name], rollup)
        headers = {spec.key: spec.header for spec in SCHEMA}
        draw_facts(maker, facts_of(rollup, headers))
        return maker.finish()


_LISTS = {"问题清单": draw_problems, "文件清单": draw_files}
