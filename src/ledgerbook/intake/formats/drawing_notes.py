"""Bring what is written over the cells of a sheet, in any format, to notes of its cells.

Text boxes, shapes and form controls say something that is in no cell. Each becomes a note at the
cell of its top left corner, with a label that says what it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from ledgerbook.a1_references import CellPosition
from ledgerbook.intake.formats.xlsx_scan import MAX_LINKS
from ledgerbook.text import CELL_LIMIT, TRUNCATION_MARK

TEXT_BOX_LABEL = "（文本框）"
# What is named in ``SheetAttachments.unread``, before their number.
GRAPHICS, EMBEDDED_FILES, CONTROLS = "图表等图形", "嵌入的文件", "控件"
SIGNATURE_LINES = "签名行"


class ControlKind(Enum):
    """A form control: its name, and its words for on and off."""

    CHECK_BOX = ("勾选框", "已勾选", "未勾选")
    RADIO_BUTTON = ("单选框", "已选中", "未选中")


def describe_control(kind: ControlKind, text: str, *, is_on: bool) -> str:
    """Return the note for a form control with the caption ``text``."""
    name, on, off = kind.value
    return f"（{name}，{on if is_on else off}）{text}"


def count_unread(name: str, number: int) -> list[str]:
    """Return the line for ``number`` things that could not be read; none for 0."""
    return [f"{name} {number} 个"] if number else []


def join_notes(
    notes: Iterable[tuple[CellPosition, str]], unread: list[str]
) -> dict[CellPosition, str]:
    """Join the notes of each cell; notes beyond the limits are listed in ``unread``."""
    texts_by_cell: dict[CellPosition, list[str]] = {}
    for cell, text in notes:
        if text.strip():
            texts_by_cell.setdefault(cell, []).append(text.strip())
    notes_by_cell = {cell: "\n".join(texts_by_cell[cell]) for cell in sorted(texts_by_cell)}
    if len(notes_by_cell) > MAX_LINKS:
        unread.append(f"批注 {len(notes_by_cell)} 条（只取前 {MAX_LINKS} 条）")
    limited_notes = dict(list(notes_by_cell.items())[:MAX_LINKS])
    overlong_count = sum(len(text) > CELL_LIMIT for text in limited_notes.values())
    if overlong_count:
        unread.append(f"批注 {overlong_count} 条过长（只取前 {CELL_LIMIT} 字）")
    return {cell: truncate_text(text) for cell, text in limited_notes.items()}


def truncate_text(text: str) -> str:
    """Return ``text``, cut to what a cell can hold."""
    if len(text) <= CELL_LIMIT:
        return text
    return text[: CELL_LIMIT - len(TRUNCATION_MARK)] + TRUNCATION_MARK
