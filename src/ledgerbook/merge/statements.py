"""Decide what holds for the rows of one form of one section over all its returned sheets.

Each sheet is compared with what it began from: the values it was issued with, or an earlier
returned sheet. A row states the cells that differ from that base: said (filled) or cleared.
What is said replaces, what is cleared goes, all else stays, as a three-way merge of texts
does. A row that states nothing overrules nothing.

The columns with which a row is signed (审签人, 审签日期) belong to one issue of the form: no
form is issued with an earlier signature, and one left blank there is not taken back.

The module knows rows, columns and texts alone, so that it can be tested against a model;
:mod:`ledgerbook.merge.answers` and :mod:`ledgerbook.merge.register_entries` use it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

R = TypeVar("R", bound=Hashable)
# Column key → text; blank cells are left out.
Cells = Mapping[str, str]
_NO_CELLS: Cells = {}
# A sheet may have begun from one of so many different sheets before it; a bound keeps the
# cost in proportion to the sheets.
MAX_COMPARED_SHEETS = 20


@dataclass(frozen=True, slots=True)
class SheetTexts(Generic[R]):
    """What one returned sheet shows, and what it was issued with: row → column → text.

    ``shown`` includes the texts of ``refused`` cells, row → columns with values that cannot
    be read: such a value replaces nothing. ``round`` is the position of its round. A sheet
    that ``is_patch`` was returned by nobody: it states its own cells alone, a blank text
    clears, and it changes what holds when its turn comes. Of several sheets of one ``file`` the
    last counts; the one before it is what it began from, so that no row is mixed of both.
    """

    shown: Mapping[R, Cells]
    issued: Mapping[R, Cells]
    refused: Mapping[R, frozenset[str]] = field(default_factory=dict)
    round: int = 0
    is_patch: bool = False
    file: str = ""


@dataclass(frozen=True, slots=True)
class Statement(Generic[R]):
    """What one row of sheet ``sheet`` (its index) says against its base.

    ``said`` are the columns that are filled otherwise than in the base, ``cleared`` those
    that are blank now; refused values are in neither. ``affirmed`` are filled as in a base
    of an earlier round and as what holds, though the sheet was not issued so: the answer is
    given again for this round.
    """

    sheet: int
    row: R
    said: frozenset[str]
    cleared: frozenset[str]
    affirmed: frozenset[str] = frozenset()

    @property
    def is_silent(self) -> bool:
        return not (self.said or self.cleared or self.affirmed)

    @property
    def stated(self) -> frozenset[str]:
        return self.said | self.cleared | self.affirmed


@dataclass(frozen=True, slots=True)
class HeldCell:
    """A text that holds, and the index of the sheet that shows it.

    ``is_said`` is False where the sheet was issued with the text.
    """

    text: str
    sheet: int
    is_said: bool


@dataclass(frozen=True, slots=True)
class ReplacedCell(Generic[R]):
    """A text that held until sheet ``by`` replaced it by ``new_text``, or cleared it.

    ``was_seen``: the base of that sheet had the text, so that its author changed it
    knowingly.
    """

    row: R
    column: str
    old: HeldCell
    by: int
    new_text: str
    was_seen: bool


@dataclass(slots=True)
class HeldRows(Generic[R]):
    """The rows that hold, by row and column, and what was replaced on the way.

    ``carried`` are the rows that no sheet says anything of, with the index of the newest
    sheet that shows them: they hold as issued. ``bases`` has for each sheet the index of the
    sheet it began from, None for the form as issued. ``missing`` are the rows that a sheet
    lacks though its base had them, with the index of the newest such sheet: they stay.
    ``unchanged`` counts cells that say nothing, by whether their base is the form as issued;
    ``repeated`` are row, column and said cell where a later sheet says the same text again.
    ``signed`` has the cells of a row as they were when it was signed last.
    """

    rows: dict[R, dict[str, HeldCell]] = field(default_factory=dict)
    carried: dict[R, int] = field(default_factory=dict)
    statements: list[Statement[R]] = field(default_factory=list)
    replaced: list[ReplacedCell[R]] = field(default_factory=list)
    bases: list[int | None] = field(default_factory=list)
    missing: dict[R, int] = field(default_factory=dict)
    unchanged: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    repeated: list[tuple[R, str, HeldCell]] = field(default_factory=list)
    signed: dict[R, dict[str, HeldCell]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _ComparedRow(Generic[R]):
    """One row of one sheet beside its base; ``shown`` has no refused values.

    ``may_affirm``: it was made of a sheet of an earlier round.
    """

    statement: Statement[R]
    shown: Cells
    base: Cells
    issued: Cells
    refused: frozenset[str]
    is_from_issue: bool
    may_affirm: bool


def merge_sheets(
    sheets: Sequence[SheetTexts[R]],
    is_consistent: Callable[[Cells], bool] = lambda _: True,
    after_sheet: Callable[[int, HeldRows[R]], None] = lambda _index, _held: None,
    signature: Collection[str] = (),
) -> HeldRows[R]:
    """Return what holds after all ``sheets``, which come oldest first.

    ``is_consistent`` says whether the cells of a row keep the rules of the form.
    ``signature`` are the columns with which a row is signed.
    ``after_sheet`` is called after each sheet with its index and what holds then. A row
    stands whole as returned where a sheet that began from the form as issued contradicts a
    value that its author had not seen, or where only the joint row breaks a rule.
    """
    held: HeldRows[R] = HeldRows()
    for index, base in enumerate(_find_bases(sheets, signature)):
        held.bases.append(base)
        if sheets[index].is_patch:
            _apply_patch(held, index, sheets, signature)
            after_sheet(index, held)
            continue
        base_sheet = sheets[base] if base is not None else None
        if base_sheet and signature and not _is_of_same_issue(sheets[index], base_sheet):
            base_sheet = _drop_signatures(base_sheet, signature)
        for compared in _compare_rows(index, sheets[index], base_sheet):
            returned = _find_affirmed(compared, held) if compared.may_affirm else compared
            statement = returned.statement
            held.missing.pop(statement.row, None)
            stated_count = len(statement.said) + len(statement.affirmed)
            held.unchanged[base is None] += len(returned.shown) - stated_count
            if not statement.is_silent:
                held.statements.append(statement)
                _apply_statement(held, returned, is_consistent, signature)
        base_rows = base_sheet.shown if base_sheet else sheets[index].issued
        for row in base_rows:
            if row not in sheets[index].shown:
                held.missing[row] = index
        after_sheet(index, held)
    stated_rows = {statement.row for statement in held.statements}
    held.carried = {
        row: index
        for index, sheet in enumerate(sheets)
        for row, shown in sheet.shown.items()
        if shown and row not in stated_rows and not sheet.is_patch
    }
    return held


# --- from which sheet a sheet began ---


def _find_bases(
    sheets: Sequence[SheetTexts[R]], signature: Collection[str]
) -> Iterator[int | None]:
    """Yield for each sheet the index of the earlier sheet it began from, or None.

    It began from the sheet of which it repeats more answers than it leaves as issued; of
    several the one with the largest surplus, then the latest. Equal sheets are compared
    once. The same person signs every form: a signature tells nothing of another issue.
    """
    if len(sheets) == 1:
        yield None
        return
    # Of equal sheets the latest stands for all; oldest first.
    latest_by_content: dict[Hashable, int] = {}
    answers = [_list_answers(sheet) for sheet in sheets]
    unsigned = [
        [cell for cell in cells if cell[1] not in signature] if signature else cells
        for cells in answers
    ]
    for index, sheet in enumerate(sheets):
        if sheet.is_patch:
            yield None
            continue
        best, base = 0, None
        compared = list(latest_by_content.values())[-MAX_COMPARED_SHEETS:]
        if _counts_instead(sheets, index) and answers[index]:
            base, compared = index - 1, []
        for earlier in compared:
            is_signed = len(unsigned[earlier]) < len(answers[earlier])
            is_reissued = is_signed and not _is_of_same_issue(sheet, sheets[earlier])
            surplus = _count_surplus(sheet, (unsigned if is_reissued else answers)[earlier])
            if surplus > 0 and surplus >= best:
                best, base = surplus, earlier
        content = _list_texts(sheet)
        latest_by_content.pop(content, None)
        latest_by_content[content] = index
        yield base


def _counts_instead(sheets: Sequence[SheetTexts[R]], index: int) -> bool:
    """Return whether a sheet counts instead of the one before it, of the same file."""
    sheet, before = sheets[index], sheets[index - 1] if index else None
    return before is not None and bool(sheet.file) and before.file == sheet.file


def _is_of_same_issue(sheet: SheetTexts[R], other: SheetTexts[R]) -> bool:
    return sheet.round == other.round and sheet.issued == other.issued


def _drop_signatures(sheet: SheetTexts[R], signature: Collection[str]) -> SheetTexts[R]:
    rows = {
        row: {column: text for column, text in cells.items() if column not in signature}
        for row, cells in sheet.shown.items()
    }
    return replace(sheet, shown=rows)


def _list_texts(sheet: SheetTexts[R]) -> Hashable:
    """Return the texts of a sheet as one value that is equal for equal sheets."""
    return tuple(
        frozenset(
            (row, column, text) for row, cells in rows.items() for column, text in cells.items()
        )
        for rows in (sheet.shown, sheet.issued)
    )


def _list_answers(sheet: SheetTexts[R]) -> list[tuple[R, str, str | None]]:
    """Return the cells, row and column, that differ from what a sheet was issued with."""
    return [
        (row, column, shown.get(column))
        for row, shown in sheet.shown.items()
        for issued in (sheet.issued.get(row, _NO_CELLS),)
        for column in shown.keys() | issued.keys()
        if shown.get(column) != issued.get(column)
    ]


def _count_surplus(sheet: SheetTexts[R], answers: Sequence[tuple[R, str, str | None]]) -> int:
    """Return how many more of an earlier sheet's ``answers`` a sheet repeats than it leaves.

    An answer that the sheet was issued with tells nothing.
    """
    surplus = 0
    for row, column, answer in answers:
        as_issued = sheet.issued.get(row, _NO_CELLS).get(column)
        if answer != as_issued:
            now = sheet.shown.get(row, _NO_CELLS).get(column)
            surplus += (now == answer) - (now == as_issued)
    return surplus


# --- signatures ---


def find_changes_since_signed(
    held: HeldRows[R], signature: Collection[str]
) -> Iterator[tuple[R, frozenset[str]]]:
    """Yield each row that is signed and not as it was signed, with the columns that differ."""
    for row, signed in held.signed.items():
        now = held.rows[row]
        if now is not signed and any(column in now for column in signature):
            changed = frozenset(
                column
                for column in signed.keys() | now.keys()
                if column not in signature and _get_text(signed, column) != _get_text(now, column)
            )
            if changed:
                yield row, changed


def _get_text(cells: Mapping[str, HeldCell], column: str) -> str:
    return cells[column].text if column in cells else ""


# --- what a row states, and what holds then ---


def _compare_rows(
    index: int, sheet: SheetTexts[R], base_sheet: SheetTexts[R] | None
) -> Iterator[_ComparedRow[R]]:
    base_rows = base_sheet.shown if base_sheet else sheet.issued
    may_affirm = base_sheet is not None and base_sheet.round != sheet.round
    for row, texts in sheet.shown.items():
        base = base_rows.get(row, _NO_CELLS)
        refused = sheet.refused.get(row, frozenset())
        shown = {c: text for c, text in texts.items() if c not in refused} if refused else texts
        said = frozenset(c for c, text in shown.items() if text != base.get(c))
        cleared = frozenset(base.keys() - texts.keys() - refused)
        yield _ComparedRow(
            Statement(index, row, said, cleared),
            shown,
            base,
            sheet.issued.get(row, _NO_CELLS),
            refused,
            is_from_issue=base_sheet is None,
            may_affirm=may_affirm,
        )


def _find_affirmed(returned: _ComparedRow[R], held: HeldRows[R]) -> _ComparedRow[R]:
    """Return a row with the columns that it affirms in its statement."""
    statement = returned.statement
    before = held.rows.get(statement.row, {})
    affirmed = frozenset(
        column
        for column, cell in before.items()
        if returned.shown.get(column) == cell.text == returned.base.get(column)
        and returned.issued.get(column) != cell.text
    )
    return replace(returned, statement=replace(statement, affirmed=affirmed))


def _apply_statement(
    held: HeldRows[R],
    returned: _ComparedRow[R],
    is_consistent: Callable[[Cells], bool],
    signature: Collection[str],
) -> None:
    """Change the row that holds by what a returned row states."""
    statement = returned.statement
    before = held.rows.get(statement.row)
    if before:
        cells = _join_cells(held, returned, before, is_consistent, signature)
    else:
        sheet, said = statement.sheet, statement.said | statement.affirmed
        cells = {
            column: HeldCell(text, sheet, column in said) for column, text in returned.shown.items()
        }
    held.rows[statement.row] = cells
    if signature and not statement.stated.isdisjoint(signature):
        held.signed[statement.row] = cells


def _join_cells(
    held: HeldRows[R],
    returned: _ComparedRow[R],
    before: Mapping[str, HeldCell],
    is_consistent: Callable[[Cells], bool],
    signature: Collection[str],
) -> dict[str, HeldCell]:
    """Return what holds of a row that held ``before``; add what is replaced to ``held``."""
    statement, shown = returned.statement, returned.shown
    # The columns in which the row is as returned, filled or blank.
    taken: Collection[str] = statement.stated
    if _stands_whole(returned, before, is_consistent, signature):
        taken = (shown.keys() | before.keys()) - returned.refused
    cells = {column: cell for column, cell in before.items() if column not in taken}
    for column in shown:
        if column in taken:
            cells[column] = _choose_source(held, returned, column, before.get(column))
    for column, old in before.items():
        new = cells.get(column)
        if new is None or new.text != old.text:
            was_seen = returned.base.get(column) == old.text
            new_text = new.text if new else ""
            held.replaced.append(
                ReplacedCell(statement.row, column, old, statement.sheet, new_text, was_seen)
            )
    return cells


def _apply_patch(
    held: HeldRows[R],
    index: int,
    sheets: Sequence[SheetTexts[R]],
    signature: Collection[str],
) -> None:
    """Change what holds by the cells of a patch, whose author had all of it before him."""
    for row, texts in sheets[index].shown.items():
        # A row whose cells have all been cleared is not as issued.
        before = held.rows[row] if row in held.rows else _find_carried_cells(row, index, sheets)
        base = {column: cell.text for column, cell in before.items()}
        shown = {column: text for column, text in {**base, **texts}.items() if text}
        said = frozenset(
            column
            for column, text in texts.items()
            if text and (text != base.get(column) or not before[column].is_said)
        )
        # Also what cannot be read, and is not among what holds.
        cleared = frozenset(column for column, text in texts.items() if not text)
        statement = Statement(index, row, said, cleared)
        if statement.is_silent:
            continue
        held.statements.append(statement)
        held.rows[row] = before
        returned = _ComparedRow(
            statement, shown, base, base, frozenset(), is_from_issue=False, may_affirm=False
        )
        _apply_statement(held, returned, lambda _: True, signature)


def _find_carried_cells(row: R, index: int, sheets: Sequence[SheetTexts[R]]) -> dict[str, HeldCell]:
    """Return the cells of a row as issued, where only untouched sheets before show it."""
    for earlier in range(index - 1, -1, -1):
        sheet = sheets[earlier]
        if row in sheet.shown and not sheet.is_patch:
            refused = sheet.refused.get(row, frozenset())
            return {
                column: HeldCell(text, earlier, is_said=False)
                for column, text in sheet.shown[row].items()
                if column not in refused
            }
    return {}


def _choose_source(
    held: HeldRows[R], returned: _ComparedRow[R], column: str, old: HeldCell | None
) -> HeldCell:
    """Return the cell that holds now; of two with equal texts the one that is said last."""
    statement = returned.statement
    is_said = column in statement.said or column in statement.affirmed
    if old is None or old.text != returned.shown[column]:
        return HeldCell(returned.shown[column], statement.sheet, is_said)
    if not is_said:
        return old
    if old.is_said:
        held.repeated.append((statement.row, column, old))
    return HeldCell(old.text, statement.sheet, is_said)


def _stands_whole(
    returned: _ComparedRow[R],
    before: Mapping[str, HeldCell],
    is_consistent: Callable[[Cells], bool],
    signature: Collection[str],
) -> bool:
    """Return whether the row counts as returned instead of joined with what held before.

    A new signature contradicts nothing: no form shows the one before.
    """
    shown, base, stated = returned.shown, returned.base, returned.statement.stated
    contradicts_unseen = any(
        column in before and before[column].text not in (shown[column], base.get(column))
        for column in returned.statement.said.difference(signature)
    )
    if returned.is_from_issue and contradicts_unseen:
        return True
    joint = {column: cell.text for column, cell in before.items() if column not in stated}
    joint |= {column: text for column, text in shown.items() if column in stated}
    return is_consistent(shown) and not is_consistent(joint)
