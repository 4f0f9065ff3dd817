"""Say on the first sheet of a workbook which sheets it has, and colour their tabs by kind.

A list without lines has no sheet; the index says so in its place, so that nobody looks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from ledgerbook.excel import styles
from ledgerbook.excel.names import build_internal_link
from ledgerbook.excel.sheet_writer import SheetWriter


class SheetKind(StrEnum):
    """What a sheet is for, in the words of the index and in the order of the sheets."""

    RESULT = "看结果"
    ACTION = "要处理"
    EVIDENCE = "查依据"


TAB_COLORS: Mapping[SheetKind, str] = {
    SheetKind.RESULT: "#1F4E79",
    SheetKind.ACTION: "#C55A11",
    SheetKind.EVIDENCE: "#A6A6A6",
}
_KINDS = tuple(SheetKind)
_NOTHING = "无"
_FONT_SIZE = 10.0
# In characters: the least room for a sheet's name and its count, 依申请公开办理台账 12 条.
_MIN_ENTRY_WIDTH = 22.0


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A sheet of the workbook; ``size`` says how much is on it, blank where that says nothing.

    One that is not there has nothing to show, and its ``size`` is 无.
    """

    name: str
    kind: SheetKind
    size: str = ""

    @property
    def is_present(self) -> bool:
        return self.size != _NOTHING

    @property
    def text(self) -> str:
        if not self.is_present:
            return f"{self.name}：{_NOTHING}"
        return f"{self.name} {self.size}" if self.size else self.name


def count_entry(name: str, kind: SheetKind, count: int, unit: str) -> SheetEntry:
    """Return the entry of a list of ``count`` lines; without any it has no sheet."""
    return SheetEntry(name, kind, f"{count} {unit}" if count else _NOTHING)


def sort_entries(entries: Iterable[SheetEntry]) -> tuple[SheetEntry, ...]:
    """Return the entries by kind, of one kind those that have a sheet first."""
    return tuple(sorted(entries, key=lambda e: (_KINDS.index(e.kind), not e.is_present)))


def color_tabs(canvases: Mapping[str, SheetWriter], entries: Sequence[SheetEntry]) -> None:
    """Give the tab of each sheet the colour of its kind."""
    for entry in entries:
        if entry.name in canvases:
            canvases[entry.name].sheet.set_tab_color(TAB_COLORS[entry.kind])


def draw_sheet_index(canvas: SheetWriter, entries: Sequence[SheetEntry]) -> None:
    """Draw the index: for each kind its sheets as links, and the lists that are empty."""
    canvas.write_heading("本册各表（点名称打开；标签颜色与左边一致）")
    boxes = _find_boxes(canvas)
    for kind, of_kind in groupby(sort_entries(entries), lambda entry: entry.kind):
        members = list(of_kind)
        rows = [members[n : n + len(boxes)] for n in range(0, len(members), len(boxes))]
        _draw_kind(canvas, kind, len(rows))
        for row in rows:
            _draw_row(canvas, row, boxes)


def _find_boxes(canvas: SheetWriter) -> list[tuple[int, int]]:
    """Return first and last columns of boxes right of the first column, wide enough each."""
    boxes: list[tuple[int, int]] = []
    first = 1
    for column in range(1, len(canvas.widths)):
        if canvas.compute_span_width(first, column - first + 1) >= _MIN_ENTRY_WIDTH:
            boxes.append((first, column))
            first = column + 1
    if first < len(canvas.widths) and boxes:
        boxes[-1] = boxes[-1][0], len(canvas.widths) - 1
    return boxes or [(1, len(canvas.widths) - 1)]


def _draw_kind(canvas: SheetWriter, kind: SheetKind, row_count: int) -> None:
    style = canvas.get_style(
        "head",
        font_size=_FONT_SIZE,
        font_color=styles.TEXT_COLOR if kind is SheetKind.EVIDENCE else "#FFFFFF",
        bg_color=TAB_COLORS[kind],
    )
    canvas.write_range((canvas.row, 0, canvas.row + row_count - 1, 0), kind.value, style)


def _draw_row(
    canvas: SheetWriter, entries: Sequence[SheetEntry], boxes: Sequence[tuple[int, int]]
) -> None:
    link_style = canvas.get_style(
        "body", font_size=_FONT_SIZE, font_color=styles.LINK_COLOR, underline=1
    )
    text_style = canvas.get_style("body", font_size=_FONT_SIZE)
    cells = []
    for index, (first, last) in enumerate(boxes):
        entry = entries[index] if index < len(entries) else None
        box = (canvas.row, first, canvas.row, last)
        text = entry.text if entry else ""
        cells.append((text, canvas.compute_span_width(first, last - first + 1)))
        if entry and entry.is_present:
            canvas.write_range(box, None, link_style)
            address = build_internal_link(entry.name, "A1")
            canvas.sheet.write_link(canvas.row, first, address, link_style, text)
        else:
            canvas.write_range(box, text, text_style)
    canvas.finish_row(styles.compute_row_height(cells, _FONT_SIZE))
