"""The rows of a plan's table: headings, items, their continuations, and the rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ledgerbook.plan.cell_classifier import (
    has_tail,
    is_aside,
    is_heading,
    is_number,
    is_ordinal,
)
from ledgerbook.plan.grid import (
    CellDisposition,
    ColumnRole,
    Inference,
    PlanCell,
    PlanSource,
)
from ledgerbook.plan.headings import PART_HEADING, HeadingState, level_of, with_ordinal
from ledgerbook.plan.text_repair import official
from ledgerbook.text import squash

_LONGEST_HEADING = 80
_SENTENCE_ENDS = tuple("。;\uff1b!\uff01?\uff1f)\uff09”")


@dataclass(slots=True)
class ItemDraft:
    """One item in the making, its texts as the plan has them.

    Several ``units`` and ``limits`` are of rows that belong together; each of the
    ``units`` comes with its column. ``number_row`` is where the number's cell begins.
    """

    row: int
    number: str
    requirement: str
    point: str
    measure: str
    number_row: int = -1
    units: list[tuple[int, str]] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    notes: dict[int, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Rows:
    """What the rows of a table hold; ``went`` counts the cells by their fate."""

    items: list[ItemDraft] = field(default_factory=list)
    doubts: list[Inference] = field(default_factory=list)
    went: Counter[CellDisposition] = field(default_factory=Counter)


_Own = Mapping[ColumnRole, PlanCell]


def read_rows(source: PlanSource) -> Rows:
    return _Scan(source).rows


class _Scan:
    """One pass down the table, headings carried along."""

    def __init__(self, source: PlanSource) -> None:
        self.source = source
        self.grid = source.grid
        self.rows = Rows()
        self.carried = HeadingState(source.parts)
        # Rows of headings that have no item under them yet, by their level.
        self.unused: dict[int, tuple[int, Sequence[PlanCell]]] = {}
        # Texts that stand alone in a heading column: headings, once an item is there.
        self.waiting: list[tuple[int, PlanCell]] = []
        self.numbered = self._is_numbered()
        self.of_headings = frozenset(
            place
            for part in (ColumnRole.REQUIREMENT, ColumnRole.POINT)
            for place in source.places(part)
            if self._holds_headings(place)
        )
        for row in range(self.grid.height):
            self._row(row)
        for place, cell in self.waiting:
            self._ask(place, [cell], _NO_TASK_UNDER)
        self._ask_unused(1)

    def _is_numbered(self) -> bool:
        """Whether the items are numbered 1, 2, 3; then 一 and 二 number headings."""
        places = tuple(self.source.places(ColumnRole.NUMBER))
        cells = (self.grid.at(r, p) for r in range(self.grid.height) for p in places)
        return any(cell and is_number(cell.text) for cell in cells)

    def _holds_headings(self, place: int) -> bool:
        """Whether all that a column says is numbered 一 or (一)."""
        cells = (self.grid.at(row, place) for row in range(self.grid.height))
        texts = [c.text.strip() for c in cells if c and c.filled and c.columns == 1]
        return all(map(is_heading, texts))

    # ── one row ──────────────────────────────────────────────────────────────────

    def _row(self, row: int) -> None:
        begun = self.grid.begun(row)
        here = self._by_part(row)
        if not begun:
            self.carried.pass_row(here)
        elif heading := self._heading(row, begun):
            self._set_heading(*heading, row, begun)
        elif self._is_aside(begun):
            self._ask(row, begun, _ASIDE_ROW)
        else:
            self._item(row, begun, here)

    def _by_part(self, row: int) -> dict[ColumnRole, PlanCell]:
        """Return the cell of each text column; a wide one belongs to the narrowest."""
        found: dict[ColumnRole, PlanCell] = {}
        for place, part in enumerate(self.source.parts):
            if (cell := self.grid.at(row, place)) and part in _SINGLE:
                found[part] = cell
        wide = found.get(ColumnRole.MEASURE)
        if wide and wide.columns > 1:
            found = {
                part: cell
                for part, cell in found.items()
                if cell is not wide or part is ColumnRole.MEASURE
            }
        return found

    # ── headings ─────────────────────────────────────────────────────────────────

    def _heading(self, row: int, begun: Sequence[PlanCell]) -> tuple[int, str] | None:
        """Return level and text of a row that is a heading."""
        texts = [_on_one_line(cell) for cell in begun]
        if self._is_in_two(begun):
            return level_of(texts[0]), with_ordinal(*texts)
        if len(begun) != 1 or self._is_beside(row) or not self._may_head(*begun):
            return None
        (cell,), (text,) = begun, texts
        if is_heading(text) or PART_HEADING.match(text):
            own = cell.columns == 1 and cell.column in self.of_headings
            # In a column of headings it is one of those; alone in another, a row's.
            return None if own else (level_of(text), text)
        ended = text.endswith("。") or re.match(r"\d", text)
        if self._is_a_whole_row(cell) and not ended:
            return (2 if self.carried.under_numbered else 1), text
        return None

    def _is_in_two(self, begun: Sequence[PlanCell]) -> bool:
        """Whether a row is a heading whose numeral has a cell of its own."""
        return (
            self.numbered
            and len(begun) == len(_EDGE)
            and self._place_part(begun[0]) is ColumnRole.NUMBER
            and is_ordinal(_on_one_line(begun[0]))
            and not self._told(begun)
        )

    def _is_beside(self, row: int) -> bool:
        """Whether a row stands beside a cell that reaches down from above."""
        return any(cell.row < row and cell.filled for cell in self.grid.across(row))

    def _may_head(self, cell: PlanCell) -> bool:
        """Whether what stands alone in a row may be a heading at all."""
        text, alone = _on_one_line(cell), len(self.source.columns) == 1
        return not (
            len(official(text)) > _LONGEST_HEADING
            or (alone and has_tail(cell.text, said=True))
            or is_aside(text)
            or is_number(text)
        )

    def _is_a_whole_row(self, cell: PlanCell) -> bool:
        """Whether a cell takes up a row: it is as wide, or in the numbers' column.

        The latter is how a sheet without merged cells has its headings.
        """
        wide = cell.columns >= max(2, len(self.source.columns) - 1)
        return wide or (self.numbered and self._place_part(cell) is ColumnRole.NUMBER)

    def _place_part(self, cell: PlanCell) -> ColumnRole:
        return self.source.parts[cell.column]

    def _told(self, begun: Sequence[PlanCell]) -> bool:
        """Whether a row says who or when: then it is no heading."""
        parts = {self._place_part(cell) for cell in begun}
        return bool(parts & {ColumnRole.UNITS, ColumnRole.LIMIT})

    def _set_heading(
        self, level: int, text: str, row: int, begun: Sequence[PlanCell]
    ) -> None:
        self._ask_unused(level)
        self.unused[level] = (row, begun)
        self.carried.set_row(level, text)

    def _ask_unused(self, level: int) -> None:
        """Ask about the headings from ``level`` on that have no item under them."""
        for unused in sorted(self.unused):
            if unused >= level:
                self._ask(*self.unused.pop(unused), _NO_TASK_UNDER)

    # ── items ────────────────────────────────────────────────────────────────────

    def _item(
        self, row: int, begun: Sequence[PlanCell], here: dict[ColumnRole, PlanCell]
    ) -> None:
        self.carried.pass_row(here)
        own = {part for part, cell in here.items() if cell.row == row and cell.filled}
        measure = here.get(ColumnRole.MEASURE)
        text = measure.text if measure else ""
        if not text.strip():
            if not own & _TITLES or (own <= _TITLES and not self._told(begun)):
                self._without_text(row, begun, own)
                return
            text = self._title_as_text(own, here)
        elif not own & _OPENING and self.rows.items:
            self._add(row, begun)
            return
        elif self._is_cut_off(row, own, text):
            self._join(begun, text)
            return
        number = here.get(ColumnRole.NUMBER)
        requirement, point = self.carried.headings()
        self._settle(requirement, point)
        self.rows.items.append(
            ItemDraft(
                row,
                number.text if number else "",
                requirement,
                point,
                text,
                number.row if number else -1,
            )
        )
        self._add(row, begun)

    def _title_as_text(self, own: set[ColumnRole], here: _Own) -> str:
        """Take a task's title for its text where it has no other."""
        part = ColumnRole.POINT if ColumnRole.POINT in own else ColumnRole.REQUIREMENT
        text = here[part].text
        self.carried.drop(part)
        return text

    def _without_text(
        self, row: int, begun: Sequence[PlanCell], own: set[ColumnRole]
    ) -> None:
        """Keep what a row without a text says: a heading, more of the item above."""
        if own & _TITLES:
            for cell in begun:
                if self._place_part(cell) in _TITLES:
                    self.waiting.append((row, cell))
                else:
                    self._ask(row, [cell], _NOT_A_TASK)
        elif self.rows.items and ColumnRole.NUMBER not in own:
            self._add(row, begun)
            self._doubt(self.rows.items[-1].row, begun, _ADDED)
        else:
            self._ask(row, begun, _NOT_A_TASK)

    def _settle(self, requirement: str, point: str) -> None:
        """Count the headings that stand over an item now."""
        for _, cells in self.unused.values():
            self._went(CellDisposition.HEADING, cells)
        self.unused.clear()
        known = squash(official(requirement + point))
        for place, cell in self.waiting:
            if squash(official(cell.text)) in known:
                self._went(CellDisposition.HEADING, [cell])
            else:
                self._ask(place, [cell], _NO_TASK_UNDER)
        self.waiting.clear()

    def _is_cut_off(self, row: int, own: set[ColumnRole], text: str) -> bool:
        """Whether a page break has cut a row in two: no number, no end before it."""
        items = self.rows.items
        if row not in self.source.pages or not items or not items[-1].number:
            return False
        before = items[-1].measure.strip()
        alone = own <= {ColumnRole.MEASURE}
        return alone and not before.endswith(_SENTENCE_ENDS) and not is_number(text[:2])

    def _join(self, begun: Sequence[PlanCell], text: str) -> None:
        self.rows.items[-1].measure += text
        self._went(CellDisposition.TASK, begun)
        self._doubt(self.rows.items[-1].row, begun, _JOINED)

    def _add(self, row: int, begun: Sequence[PlanCell]) -> None:
        """Give the last item the units, limits and notes that stand in ``row``."""
        item = self.rows.items[-1]
        fresh = item.row == row
        for place, part in enumerate(self.source.parts):
            cell = self.grid.at(row, place)
            if not cell or not cell.filled or (cell.row != row and not fresh):
                continue
            if part is ColumnRole.UNITS and (place, cell.text) not in item.units:
                if (
                    cell.column == place
                    or self._place_part(cell) is not ColumnRole.UNITS
                ):
                    self._add_units(item, place, cell)
            elif part is ColumnRole.LIMIT and cell.text not in item.limits:
                if cell.column == place:
                    item.limits.append(cell.text)
            elif part is ColumnRole.NOTE and cell.column == place:
                texts = item.notes.setdefault(place, [])
                if cell.text not in texts:
                    texts.append(cell.text)
        for cell in begun:
            noted = self._place_part(cell) is ColumnRole.NOTE and not self._is_text(
                cell
            )
            self._went(CellDisposition.NOTE if noted else CellDisposition.TASK, [cell])

    def _add_units(self, item: ItemDraft, place: int, cell: PlanCell) -> None:
        if not self._is_text(cell):
            item.units.append((place, cell.text))

    def _is_text(self, cell: PlanCell) -> bool:
        """Whether a wide cell is a task's text, and not its units or a note."""
        reach = self.source.parts[cell.column : cell.column + cell.columns]
        return cell.columns > 1 and ColumnRole.MEASURE in reach

    # ── the rest ─────────────────────────────────────────────────────────────────

    def _is_aside(self, begun: Sequence[PlanCell]) -> bool:
        """Whether a row is a total, a note or a signature below the items."""
        is_task = len(begun) > len(_EDGE) and self._told(begun)
        return is_aside(begun[0].text) and not is_task

    def _ask(self, row: int, cells: Sequence[PlanCell], why: tuple[str, str]) -> None:
        self._went(CellDisposition.ASKED, cells)
        self._doubt(row, cells, why)

    def _doubt(self, row: int, cells: Sequence[PlanCell], why: tuple[str, str]) -> None:
        found = " | ".join(map(_on_one_line, cells))
        reason, advice = why
        part = self._place_part(cells[0])
        self.rows.doubts.append(Inference((row,), part, found, reason, advice))

    def _went(self, fate: CellDisposition, cells: Sequence[PlanCell]) -> None:
        self.rows.went[fate] += sum(cell.made_of for cell in cells)


def _on_one_line(cell: PlanCell) -> str:
    return " ".join(cell.text.split())


_SINGLE = (
    ColumnRole.NUMBER,
    ColumnRole.REQUIREMENT,
    ColumnRole.POINT,
    ColumnRole.MEASURE,
)
# A heading in two cells: its numeral and its words.
_EDGE = (ColumnRole.NUMBER, ColumnRole.MEASURE)
_TITLES = frozenset({ColumnRole.REQUIREMENT, ColumnRole.POINT})
_OPENING = frozenset({ColumnRole.NUMBER, ColumnRole.POINT, ColumnRole.MEASURE})

_ASIDE_ROW = (
    "表格里的这一行看来是合计、注释或落款，没有列为任务。",
    "请核对；确是任务的，请在“任务”表中补上一行。",
)
_NOT_A_TASK = (
    "表格里的这一行没有写任务内容，没有列为任务。",
    "请对照原文件核对；确是任务的，请在“任务”表中补上一行。",
)
_NO_TASK_UNDER = (
    "表格里的这个标题下面没有任务，没有列入。",
    "请对照原文件核对；它本身是任务的，请在“任务”表中补上一行。",
)
_ADDED = (
    "表格里的这一行没有写任务内容，看来是上一项的续行，已并入上一项。",
    "请对照原文件核对上一项；不对时在“任务”表中改正。",
)
_JOINED = (
    "这一行接在换页处，没有序号和责任单位，看来是上一项被分页截断，已接到上一项后面。",
    "请对照原文件核对上一项的“计划措施”；不对时在“任务”表中改正。",
)
