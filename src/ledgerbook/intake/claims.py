"""Compare all marks of a sheet and its workbook, and decide whose the sheet is.

Marks are the visible line of a sheet, the codes of its rows, and the lines among the core
keywords and on the hidden sheet of its workbook. What they claim is one value, ``Claims``;
``DECISIONS`` says for every combination what becomes of the sheet. A section or round that
no mark names is never made up. Row codes name no round. The seal names neither: it only
says whether anybody has saved a file since it was issued, and a file that nobody has saved
is as we made it.

Honest people copy sheets from workbook to workbook and delete lines; what is left must be
enough where it agrees. Marks help to know whose a sheet is and prove nothing: whoever has a
sheet can copy every mark on it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

from ledgerbook import identity
from ledgerbook.a1_references import CellPosition, format_cell_reference
from ledgerbook.identity import SheetMark
from ledgerbook.intake.formats.raw_workbook import RawSheet, RawWorkbook
from ledgerbook.intake.row_matching import IssuedRows, RowEvidence
from ledgerbook.model import Book

# A message names at most so many owners that the hidden marks of a workbook claim.
_MAX_NAMED_OWNERS = 3


@dataclass(frozen=True, slots=True, order=True)
class Owner:
    """Whose a sheet is, and of which round; a blank field is not known.

    ``book_id`` is blank for our own book.
    """

    section: str = ""
    round: str = ""
    book_id: str = ""

    def __str__(self) -> str:
        names = "".join(f"“{name}”" for name in (self.section, self.round) if name)
        return f"另一本台账（{self.book_id}）的{names}" if self.book_id else names


@dataclass(frozen=True, slots=True)
class WorkbookMarks:
    """What the core keywords and the hidden sheet of a workbook claim.

    Owners in our own book are those whose mark it has signed. ``is_marked`` also where every
    mark was altered.
    """

    keywords: frozenset[Owner]
    hidden: frozenset[Owner]
    is_marked: bool

    @property
    def owners(self) -> frozenset[Owner]:
        return self.keywords | self.hidden

    @property
    def are_contradictory(self) -> bool:
        """Whether keywords and hidden sheet differ; programs cut long keywords, which is none."""
        return not (self.keywords <= self.hidden or self.hidden <= self.keywords)

    @property
    def section(self) -> str:
        """The only section of our own book that is named; blank if not one."""
        return _get_only({owner.section for owner in self.owners if not owner.book_id})


def collect_workbook_marks(
    workbook: RawWorkbook, book: Book, is_genuine: Callable[[SheetMark], bool]
) -> WorkbookMarks:
    """Collect the marks of a workbook from its core keywords and its hidden sheet."""
    hidden_texts = [
        str(value)
        for sheet in workbook.sheets
        if sheet.name == identity.MARK_SHEET
        for value in sheet.cells.values()
    ]
    keywords, hidden = (
        {mark for text in texts if (mark := identity.parse_mark_line(text))}
        for texts in (workbook.keywords.split(";"), hidden_texts)
    )
    return WorkbookMarks(
        frozenset(_list_owners(keywords, book, is_genuine)),
        frozenset(_list_owners(hidden, book, is_genuine)),
        bool(keywords or hidden),
    )


def _list_owners(
    marks: Collection[SheetMark], book: Book, is_genuine: Callable[[SheetMark], bool]
) -> Iterator[Owner]:
    """Yield what the marks claim, without those of our book that were altered."""
    for mark in marks:
        if mark.book_id != book.book_id:
            yield Owner(mark.section, mark.round, mark.book_id)
        elif is_genuine(mark):
            yield Owner(book.resolve_section(mark.section), mark.round)


def find_marked_section(workbook: RawWorkbook, issued_rows: IssuedRows) -> str:
    """Return the only section that the workbook's genuine marks name; blank if not one."""
    return collect_workbook_marks(workbook, issued_rows.book, issued_rows.is_genuine).section


def find_registered_owner(book: Book, name: str, sha256: str) -> Owner:
    """Return whose a file is by 收件登记 of the book, as far as that says it."""
    lines = [line for line in book.registrations if line.is_about(name, sha256)]
    sections = [line.section for line in lines if line.section]
    rounds = [line.round for line in lines if line.round]
    return Owner((sections or [""])[-1], (rounds or [""])[-1])


# --- what the marks of one sheet claim ---


class Claim(Enum):
    """What one kind of mark says, compared with the owner whom the sheet is taken for.

    Marks that name SEVERAL owners contradict each other, or say nothing of this one sheet.
    """

    ABSENT = auto()
    SAME = auto()
    OTHER_SECTION = auto()
    OTHER_ROUND = auto()
    SEVERAL = auto()
    ALTERED = auto()
    OTHER_BOOK = auto()


@dataclass(frozen=True, slots=True)
class VisibleLine:
    """A visible line, and where it is."""

    cell: CellPosition
    mark: SheetMark


@dataclass(frozen=True, slots=True)
class Claims:
    """All that the marks of a sheet and its workbook claim of its owner.

    ``lines`` are the visible lines, further ones only where they are genuine and of other
    owners. ``section_rows`` are the 0-based rows whose codes are of each section.
    """

    lines: tuple[VisibleLine, ...]
    is_line_genuine: bool
    section_rows: Mapping[str, tuple[int, ...]]
    workbook_marks: WorkbookMarks
    book: Book

    @property
    def line(self) -> Claim:
        if not self.lines:
            return Claim.ABSENT
        if self.lines[0].mark.book_id != self.book.book_id:
            return Claim.OTHER_BOOK
        if not self.is_line_genuine:
            return Claim.ALTERED
        return Claim.SAME if len(self.lines) == 1 else Claim.SEVERAL

    @property
    def rows(self) -> Claim:
        if not self.section_rows:
            return Claim.ABSENT
        if self.owner.section not in self.section_rows:
            return Claim.OTHER_SECTION if self.owner.section else Claim.SEVERAL
        return Claim.SAME if len(self.section_rows) == 1 else Claim.SEVERAL

    @property
    def workbook(self) -> Claim:
        marks, owner = self.workbook_marks, self.owner
        if not marks.owners:
            return Claim.ABSENT
        if marks.are_contradictory:
            return Claim.SEVERAL
        if any(claimed.book_id for claimed in marks.owners):
            own_count = sum(not claimed.book_id for claimed in marks.owners)
            return Claim.SEVERAL if own_count else Claim.OTHER_BOOK
        if not owner.section:
            return Claim.SEVERAL
        own_rounds = {claimed.round for claimed in marks.owners if claimed.section == owner.section}
        if not owner.round:
            return Claim.OTHER_SECTION if not own_rounds else _compare_rounds(own_rounds)
        if owner.round in own_rounds:
            return Claim.SAME
        all_rounds = {claimed.round for claimed in marks.owners}
        is_round_named = owner.round in all_rounds and not own_rounds
        return Claim.OTHER_SECTION if is_round_named else Claim.OTHER_ROUND

    @property
    def owner(self) -> Owner:
        """The owner by the line, else by the row codes, else by the workbook; blank if none."""
        if self.line is Claim.SAME:
            return self._get_line_owner(self.lines[0])
        if self.section_rows:
            return Owner(_get_only(self.section_rows))
        owners = {owner for owner in self.workbook_marks.owners if not owner.book_id}
        return owners.pop() if len(owners) == 1 else Owner()

    @property
    def round(self) -> str:
        """The only round that the line, or else the workbook, claims for the owner."""
        section = self.owner.section
        return self.owner.round or _get_only(
            {owner.round for owner in self.workbook_marks.owners if owner.section == section}
        )

    @property
    def foreign_owner(self) -> str:
        """Whom the line, else the workbook, names in another book, in words; blank if none."""
        owners = sorted(owner for owner in self.workbook_marks.owners if owner.book_id)
        if self.line is Claim.OTHER_BOOK:
            mark = self.lines[0].mark
            owners = [Owner(mark.section, mark.round, mark.book_id)]
        return f"编号 {owners[0].book_id}，{owners[0].section}，{owners[0].round}" if owners else ""

    @property
    def claimed_owners(self) -> frozenset[Owner]:
        """Every owner in our own book whom a mark names; an altered line names none."""
        has_line = self.line in (Claim.SAME, Claim.SEVERAL)
        return frozenset(
            (
                *(self._get_line_owner(line) for line in self.lines if has_line),
                *(Owner(section) for section in self.section_rows),
                *(owner for owner in self.workbook_marks.owners if not owner.book_id),
            )
        )

    def _get_line_owner(self, line: VisibleLine) -> Owner:
        return Owner(self.book.resolve_section(line.mark.section), line.mark.round)

    def describe(self) -> str:
        """Return in words what each mark says, and where it is."""
        clauses = [*self._describe_lines(), *self._describe_rows()]
        clauses += [*self._describe_workbook()]
        if not self.lines and not self.section_rows:
            clauses.insert(0, "工作表上没有识别码，也没有行码")
        return "；".join(clauses)

    def _describe_lines(self) -> Iterator[str]:
        for line in self.lines:
            cell = format_cell_reference(line.cell)
            if self.line is Claim.ALTERED:
                yield f"{cell} 格的识别码被改动过"
            else:
                yield f"{cell} 格的识别码写的是{self._get_line_owner(line)}"

    def _describe_rows(self) -> Iterator[str]:
        for section, rows in sorted(self.section_rows.items()):
            count = f"等 {len(rows)} 行" if len(rows) > 1 else ""
            yield f"第 {rows[0] + 1} 行{count}的行码是“{section}”的"

    def _describe_workbook(self) -> Iterator[str]:
        marks = self.workbook_marks
        named = [("文件里隐藏的识别信息", marks.owners)]
        if marks.are_contradictory:
            named = [("文件属性里的识别信息", marks.keywords), ("隐藏工作表里的", marks.hidden)]
        for place, owners in named:
            if owners:
                yield f"{place}写的是{describe_owners(owners)}"


def describe_owners(owners: Collection[Owner]) -> str:
    """Return owners in words; of many only the first, and how many there are."""
    texts = [str(owner) for owner in sorted(owners)]
    more = f"等 {len(texts)} 个" if len(texts) > _MAX_NAMED_OWNERS else ""
    return "、".join(texts[:_MAX_NAMED_OWNERS]) + more


def _get_only(names: Collection[str]) -> str:
    """Return the only name of ``names``; blank if there is not exactly one."""
    return next(iter(names)) if len(names) == 1 else ""


def _compare_rounds(rounds: Collection[str]) -> Claim:
    """Return what a workbook claims that names a sheet's section in these rounds."""
    return Claim.SAME if len(rounds) == 1 else Claim.SEVERAL


def collect_claims(
    sheet: RawSheet,
    evidence: Mapping[int, RowEvidence],
    workbook_marks: WorkbookMarks,
    issued_rows: IssuedRows,
) -> Claims:
    """Collect what the marks of a sheet claim; ``evidence`` is by 0-based row."""
    section_rows: dict[str, list[int]] = {}
    for row, row_evidence in evidence.items():
        codes = (row_evidence.visible_code, row_evidence.hidden_code)
        owners = [issued_rows.by_code[code] for code in codes if code in issued_rows.by_code]
        for section in {owner.section for owner in owners}:
            section_rows.setdefault(section, []).append(row)
    lines = find_visible_lines(sheet)
    distinct_lines: dict[Owner, VisibleLine] = {}
    for line in lines:
        if line is lines[0] or issued_rows.is_genuine(line.mark):
            section = issued_rows.book.resolve_section(line.mark.section)
            distinct_lines.setdefault(Owner(section, line.mark.round), line)
    return Claims(
        tuple(distinct_lines.values()),
        bool(lines) and issued_rows.is_genuine(lines[0].mark),
        {section: tuple(rows) for section, rows in section_rows.items()},
        workbook_marks,
        issued_rows.book,
    )


def find_visible_lines(sheet: RawSheet) -> tuple[VisibleLine, ...]:
    """Return all visible lines in the cells of a sheet, the first one first."""
    return tuple(
        VisibleLine(cell, mark)
        for cell, value in sheet.cells.items()
        if isinstance(value, str) and (mark := identity.parse_mark_line(value))
    )


# --- what becomes of the sheet ---


class Decision(Enum):
    """What becomes of a sheet: taken for its owner, held, or rejected as nobody's here."""

    TAKEN = auto()
    HELD = auto()
    OTHER_BOOK = auto()
    NOT_OURS = auto()


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One row of the table: the claims of line, rows and workbook, and the decision."""

    case: str
    line: frozenset[Claim]
    rows: frozenset[Claim]
    workbook: frozenset[Claim]
    decision: Decision


_ANY = frozenset(Claim)
_ABSENT, _SAME, _SEVERAL = (
    frozenset((claim,)) for claim in (Claim.ABSENT, Claim.SAME, Claim.SEVERAL)
)
_ELSEWHERE = frozenset((Claim.OTHER_SECTION, Claim.OTHER_BOOK))
_OTHERS = frozenset((Claim.OTHER_SECTION,))

# Every combination of claims is in exactly one row.
DECISIONS = (
    DecisionRow(
        "the line is of another book",
        frozenset((Claim.OTHER_BOOK,)),
        _ANY,
        _ANY,
        Decision.OTHER_BOOK,
    ),
    DecisionRow("the line was altered", frozenset((Claim.ALTERED,)), _ANY, _ANY, Decision.HELD),
    DecisionRow("lines of two owners", _SEVERAL, _ANY, _ANY, Decision.HELD),
    DecisionRow(
        "nothing contradicts the line",
        _SAME,
        _ABSENT | _SAME,
        _ABSENT | _SAME,
        Decision.TAKEN,
    ),
    # Rows of other sections are rejected one by one (row-elsewhere).
    DecisionRow(
        "some rows are of others",
        _SAME,
        _SEVERAL,
        _ABSENT | _SAME,
        Decision.TAKEN,
    ),
    DecisionRow(
        "all rows are of others, the workbook is not", _SAME, _OTHERS, _SAME, Decision.TAKEN
    ),
    DecisionRow(
        "the line stands over rows of others",
        _SAME,
        _OTHERS,
        _ABSENT | _ELSEWHERE,
        Decision.HELD,
    ),
    # It is told, see name_check.
    DecisionRow("the sheet was moved here whole", _SAME, _SAME, _ELSEWHERE, Decision.TAKEN),
    DecisionRow(
        "the line is alone in a workbook of others",
        _SAME,
        _ABSENT | _SEVERAL,
        _ELSEWHERE,
        Decision.HELD,
    ),
    DecisionRow(
        "the line is of another round than the workbook",
        _SAME,
        _ANY,
        frozenset((Claim.OTHER_ROUND,)),
        Decision.HELD,
    ),
    DecisionRow(
        "keywords and hidden sheet contradict each other", _SAME, _ANY, _SEVERAL, Decision.HELD
    ),
    DecisionRow(
        "the line is gone, the rows are of one section",
        _ABSENT,
        _SAME,
        _ABSENT | _SAME,
        Decision.TAKEN,
    ),
    DecisionRow(
        "the line is gone, rows and workbook differ",
        _ABSENT,
        _SAME,
        _ANY - _ABSENT - _SAME,
        Decision.HELD,
    ),
    DecisionRow(
        "the line is gone, the rows are of several sections",
        _ABSENT,
        _SEVERAL | _OTHERS,
        _ANY,
        Decision.HELD,
    ),
    DecisionRow("the workbook alone is marked", _ABSENT, _ABSENT, _SAME, Decision.TAKEN),
    DecisionRow(
        "the workbook alone is marked, for several",
        _ABSENT,
        _ABSENT,
        _ANY - _ABSENT - _SAME - frozenset((Claim.OTHER_BOOK,)),
        Decision.HELD,
    ),
    DecisionRow(
        "the workbook alone is marked, of another book",
        _ABSENT,
        _ABSENT,
        frozenset((Claim.OTHER_BOOK,)),
        Decision.OTHER_BOOK,
    ),
    DecisionRow("there is no mark", _ABSENT, _ABSENT, _ABSENT, Decision.NOT_OURS),
)


def find_decision(line: Claim, rows: Claim, workbook: Claim) -> DecisionRow:
    """Return the row of the table for a combination of claims."""
    return next(
        row
        for row in DECISIONS
        if line in row.line and rows in row.rows and workbook in row.workbook
    )


def decide(claims: Claims) -> Decision:
    """Return what becomes of the sheet with these claims."""
    return find_decision(claims.line, claims.rows, claims.workbook).decision


def settle_owner(claims: Claims, registered: Owner) -> Owner | None:
    """Return the owner of a held sheet by 收件登记; None where that does not settle it.

    What the marks disagree on, section or round, must be registered. Rows are read as those of
    the section whose codes they have; the merge then counts them as those of the registered one.
    """
    if registered == Owner():
        return None
    sections = {owner.section for owner in claims.claimed_owners}
    rounds = {owner.round for owner in claims.claimed_owners if owner.round}
    section = registered.section or _get_only(sections)
    round_ = registered.round or _get_only(rounds)
    if not section or (rounds and not round_):
        return None
    return replace(registered, section=_get_only(claims.section_rows) or section, round=round_)
