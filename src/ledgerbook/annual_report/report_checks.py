"""Check the sums that must hold between the figures of the report (勾稽关系).

Sources: the first stands above the head of table 3 (国办公开办函〔2021〕30号); the other
sums follow from what the lines mean. Figures should also agree across years and with
the published catalogue, which supervisors compare; where offices merge or a catalogue is
cleaned up they need not, so differences there only call for an explanation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ledgerbook.annual_report import published_tables
from ledgerbook.annual_report.figures import (
    APPLICATIONS,
    CONTEST_COLUMNS,
    DOCUMENTS,
    ENFORCEMENT,
    REPORT_REGISTERS,
    Count,
    build_counts,
    compute_figure,
)
from ledgerbook.annual_report.published_tables import TableCell
from ledgerbook.model import Book, Form
from ledgerbook.model.problems import Place
from ledgerbook.model.results import (
    Ledger,
    RegisterEntry,
    RegisterReport,
    RoundReport,
    SubmissionStatus,
)
from ledgerbook.period import Period, can_tell, find_periods

KnownFigures = Mapping[TableCell, Decimal]


class Agreement(StrEnum):
    """Whether the two sides of an identity are equal."""

    HOLDS = "相符"
    BROKEN = "不符"
    DIFFERS = "请核对"
    UNKNOWN = "没有可比的数"


@dataclass(frozen=True, slots=True)
class Identity:
    """An equation: the sum of ``left`` equals the sum of ``right``.

    A cell with ``subtracted`` is subtracted. ``number`` is that of its rule in
    :data:`RULES`. Sides that differ need only an explanation where it is not ``is_strict``.
    """

    number: int
    subject: str
    left: tuple[TableCell, ...]
    right: tuple[TableCell, ...]
    subtracted: tuple[TableCell, ...] = ()
    is_strict: bool = True

    @property
    def table(self) -> str:
        """The table beside which the check is shown."""
        report_tables = (
            published_tables.DISCLOSURE_TABLE,
            published_tables.APPLICATION_TABLE,
            published_tables.CONTEST_TABLE,
        )
        return next(cell.table for cell in (*self.left, *self.right) if cell.table in report_tables)


@dataclass(frozen=True, slots=True)
class CheckedIdentity:
    """An identity and the sums of its sides; None where a figure is missing."""

    identity: Identity
    left: Decimal | None
    right: Decimal | None

    @property
    def agreement(self) -> Agreement:
        if self.left is None or self.right is None:
            return Agreement.UNKNOWN
        if self.left == self.right:
            return Agreement.HOLDS
        return Agreement.BROKEN if self.identity.is_strict else Agreement.DIFFERS


RULES: Mapping[int, str] = {
    1: "一＋二＝三（七）＋四",
    2: "三（七）＝（一）至（六）各行之和",
    3: "总计＝六类申请人之和",
    4: "上年结转＝上年年报的结转下年度",
    5: "总计＝四种结果之和",
    6: "现行有效＝上年数＋制发－废止",
    7: "现行有效＝公开的目录条数",
    8: "件数为非负整数，金额不为负数",
}


def list_identities() -> tuple[Identity, ...]:
    """Return every sum of the report; rule 8 is :func:`find_impossible_figures`."""
    return (
        *_list_column_identities(),
        *_list_line_identities(),
        *_list_carry_over_identities(),
        *_list_contest_identities(),
        *_list_document_identities(),
    )


def _make_application_cell(line: str, column: str) -> TableCell:
    return TableCell(published_tables.APPLICATION_TABLE, line, column)


def _list_column_identities() -> Iterator[Identity]:
    for column in (*published_tables.APPLICANTS, published_tables.TOTAL):
        incoming = (
            _make_application_cell(published_tables.RECEIVED_LINE, column),
            _make_application_cell(published_tables.CARRIED_OVER_LINE, column),
        )
        handled = _make_application_cell(published_tables.HANDLED_TOTAL_LINE, column)
        forwarded = _make_application_cell(published_tables.CARRIED_FORWARD_LINE, column)
        yield Identity(1, column, incoming, (handled, forwarded))
        result_cells = tuple(
            _make_application_cell(line, column) for line in published_tables.HANDLING_RESULT_LINES
        )
        yield Identity(2, column, (handled,), result_cells)


def _list_line_identities() -> Iterator[Identity]:
    lines = (
        published_tables.RECEIVED_LINE,
        published_tables.CARRIED_OVER_LINE,
        *published_tables.HANDLING_RESULT_LINES,
    )
    for line in (
        *lines,
        published_tables.HANDLED_TOTAL_LINE,
        published_tables.CARRIED_FORWARD_LINE,
    ):
        applicant_cells = tuple(
            _make_application_cell(line, column) for column in published_tables.APPLICANTS
        )
        yield Identity(
            3,
            line,
            (_make_application_cell(line, published_tables.TOTAL),),
            applicant_cells,
        )


def _list_carry_over_identities() -> Iterator[Identity]:
    for column in (*published_tables.APPLICANTS, published_tables.TOTAL):
        previous = TableCell(
            published_tables.LAST_YEAR, published_tables.CARRIED_FORWARD_LINE, column
        )
        current = _make_application_cell(published_tables.CARRIED_OVER_LINE, column)
        yield Identity(4, column, (current,), (previous,), is_strict=False)


def _list_contest_identities() -> Iterator[Identity]:
    for contest in published_tables.CONTESTS:
        verdict_cells = tuple(
            TableCell(published_tables.CONTEST_TABLE, contest, verdict)
            for verdict in published_tables.VERDICTS
        )
        total = TableCell(published_tables.CONTEST_TABLE, contest, published_tables.TOTAL)
        yield Identity(5, contest, (total,), verdict_cells)


def _list_document_identities() -> Iterator[Identity]:
    for line in published_tables.DISCLOSURE_BLOCKS[0].lines:
        issued, repealed, valid = (
            TableCell(published_tables.DISCLOSURE_TABLE, line, column)
            for column in published_tables.DISCLOSURE_BLOCKS[0].columns
        )
        previous = TableCell(published_tables.LAST_YEAR, line, published_tables.VALID_COUNT)
        yield Identity(6, line, (valid,), (previous, issued), (repealed,), is_strict=False)
    documents = TableCell(
        published_tables.DISCLOSURE_TABLE,
        published_tables.DISCLOSURE_BLOCKS[0].lines[-1],
        published_tables.VALID_COUNT,
    )
    catalogue_cell = TableCell(
        published_tables.CATALOGUE,
        published_tables.CATALOGUE_LINE,
        published_tables.SINGLE_COLUMN,
    )
    yield Identity(7, documents.line, (documents,), (catalogue_cell,), is_strict=False)


def check_identities(figures: KnownFigures) -> tuple[CheckedIdentity, ...]:
    """Check every identity; ``figures`` may lack those that only the office knows."""
    return tuple(
        CheckedIdentity(
            identity,
            _sum_cells(figures, identity.left),
            _sum_cells(figures, identity.right, identity.subtracted),
        )
        for identity in list_identities()
    )


def _sum_cells(
    figures: KnownFigures,
    cells: tuple[TableCell, ...],
    subtracted: tuple[TableCell, ...] = (),
) -> Decimal | None:
    if not {*cells, *subtracted} <= figures.keys():
        return None
    total = sum((figures[cell] for cell in cells), Decimal())
    return total - sum((figures[cell] for cell in subtracted), Decimal())


def find_impossible_figures(figures: KnownFigures) -> tuple[TableCell, ...]:
    """Return the cells of negative or fractional figures (rule 8)."""
    return tuple(
        cell
        for cell, value in figures.items()
        if value < 0 or (cell.column != published_tables.FEE_AMOUNT and value % 1)
    )


# Entries that a table cannot count, or can only count doubtfully, each with why.


@dataclass(frozen=True, slots=True)
class DoubtfulEntry:
    """An entry, the key of its doubtful cell, and what follows from it."""

    entry: RegisterEntry
    column: str
    reason: str

    @property
    def place(self) -> Place:
        return self.entry.places.get(self.column) or next(iter(self.entry.places.values()), Place())


@dataclass(frozen=True, slots=True)
class _DoubtRule:
    """A rule that finds entries of ``register`` that are counted, and doubtfully."""

    register: str
    column: str
    is_doubtful: Callable[[RegisterEntry], bool]
    reason: str


def list_doubtful_entries(
    entries: Sequence[RegisterEntry], periods: Sequence[Period]
) -> tuple[DoubtfulEntry, ...]:
    """Return the doubtful entries among those that the report counts, in order."""
    return tuple(
        doubtful
        for entry, period in zip(entries, periods, strict=True)
        if entry.form.key in REPORT_REGISTERS and entry.answers
        for doubtful in _find_doubts(entry, period)
    )


def describe_doubtful_entry(doubtful: DoubtfulEntry) -> str:
    """Return a sentence: which entry is doubtful, why, and where it stands."""
    entry = doubtful.entry
    identity_text = "、".join(filter(None, (entry.get_text(key) for key in entry.form.identity)))
    header = entry.form.get_column(doubtful.column).header
    if text := entry.get_text(doubtful.column):
        cell_text = f"是“{text}”"
    else:
        cell_text = "读不出" if doubtful.column in entry.rejected_columns else "是空白"
    return (
        f"{entry.form.title}，{entry.section}，{identity_text or '没有写明是哪一件'}："
        f"“{header}”{cell_text}。{doubtful.reason}。（{doubtful.place}）"
    )


def _find_doubts(entry: RegisterEntry, period: Period) -> Iterator[DoubtfulEntry]:
    if doubt := period.doubt:
        if not _is_other_document(entry):
            yield DoubtfulEntry(entry, doubt.column, doubt.reason)
        if not period.standings:
            yield from _find_uncounted_contests(entry)
    if period.standings:
        columns = {column.key for column in entry.form.columns}
        for rule in _DOUBT_RULES:
            if (
                rule.register == entry.form.key
                and rule.column in columns
                and rule.is_doubtful(entry)
            ):
                yield DoubtfulEntry(entry, rule.column, rule.reason)


def _is_other_document(entry: RegisterEntry) -> bool:
    """Return whether a register lists a document that table 2 does not count."""
    text = entry.get_text("doc_type")
    return entry.form.key == DOCUMENTS and bool(text) and text not in _DOCUMENT_LINES


def _find_uncounted_contests(entry: RegisterEntry) -> Iterator[DoubtfulEntry]:
    for contest, column in CONTEST_COLUMNS.items():
        if column in entry.answers and entry.form.key == APPLICATIONS:
            reason = f"这一件申请没有计入年报，不知道{contest}的结果是哪一年的，表四没有计入"
            yield DoubtfulEntry(entry, column, reason)


def _make_choice_check(
    column: str, allowed: Sequence[str], *, is_blank_doubtful: bool = True
) -> Callable[[RegisterEntry], bool]:
    def is_doubtful(entry: RegisterEntry) -> bool:
        text = entry.get_text(column)
        return text not in allowed if text else is_blank_doubtful

    return is_doubtful


def _make_unread_check(column: str) -> Callable[[RegisterEntry], bool]:
    """Return a check for a cell that is filled and could not be read."""
    return lambda entry: column in entry.rejected_columns


def _make_number_check(
    column: str, items: Sequence[str], *, is_whole: bool = False
) -> Callable[[RegisterEntry], bool]:
    def is_doubtful(entry: RegisterEntry) -> bool:
        answer = entry.answers.get(column)
        value = answer.value if answer else None
        is_sound = isinstance(value, int | float) and not (is_whole and value % 1)
        return entry.get_text("item") in items and not is_sound

    return is_doubtful


_DOCUMENT_LINES, *_DECISION_GROUPS, _FEE_LINES = (
    block.lines for block in published_tables.DISCLOSURE_BLOCKS
)
_DECISION_LINES = tuple(line for lines in _DECISION_GROUPS for line in lines)

_DOUBT_RULES = (
    _DoubtRule(
        APPLICATIONS,
        "applicant_type",
        _make_choice_check("applicant_type", published_tables.APPLICANTS),
        "申请人类型不是表三的六类之一，这一件只计入总计，各类里没有它",
    ),
    _DoubtRule(
        APPLICATIONS,
        "outcome",
        _make_choice_check(
            "outcome", published_tables.HANDLING_RESULT_LINES, is_blank_doubtful=False
        ),
        "办理结果不是表三所列的任何一行，只计入“（七）总计”",
    ),
    *(
        _DoubtRule(
            APPLICATIONS,
            column,
            _make_unread_check(column),
            f"{contest}的结果读不出，表四没有计入",
        )
        for contest, column in CONTEST_COLUMNS.items()
    ),
    *(
        _DoubtRule(
            APPLICATIONS,
            column,
            _make_choice_check(column, published_tables.VERDICTS, is_blank_doubtful=False),
            f"{contest}的结果不是表四所列的四种之一，只计入总计",
        )
        for contest, column in CONTEST_COLUMNS.items()
    ),
    _DoubtRule(
        DOCUMENTS,
        "doc_type",
        lambda entry: not entry.get_text("doc_type"),
        "文件类型没有填或读不出，表二没有计入",
    ),
    _DoubtRule(
        ENFORCEMENT,
        "item",
        _make_choice_check("item", (*_DECISION_LINES, *_FEE_LINES)),
        "事项不是表二所列的四种之一，没有计入",
    ),
    _DoubtRule(
        ENFORCEMENT,
        "quantity",
        _make_number_check("quantity", _DECISION_LINES, is_whole=True),
        "数量没有填、读不出或者不是整数，请核对",
    ),
    _DoubtRule(
        ENFORCEMENT,
        "amount",
        _make_number_check("amount", _FEE_LINES),
        "金额没有填或读不出，表二没有计入",
    ),
)

# Registers of which some or all is still to come.

_ABSENCE_TEXTS = {
    SubmissionStatus.MISSING: "{sections}还没有报送",
    SubmissionStatus.NOT_ACCEPTED: "{sections}报来的表没能汇入",
    SubmissionStatus.NOT_READ: "{sections}的表程序没能读（程序有错，不是表的问题）",
    SubmissionStatus.NOT_ISSUED: "{sections}还没有收到下发的表",
}


@dataclass(frozen=True, slots=True)
class IncompleteRegister:
    """A register that ``absent_reports`` are about: its sections' entries are not known.

    ``tables`` are counted from it; ``is_counted`` is false where nothing of it has arrived,
    so that its figures are blank.
    """

    form: Form
    tables: tuple[str, ...]
    absent_reports: tuple[RegisterReport, ...]
    is_counted: bool

    @property
    def absence_text(self) -> str:
        """Which sections have not returned it, and why, as the end of a sentence."""
        return "，".join(
            text.format(sections="、".join(sections))
            for status, text in _ABSENCE_TEXTS.items()
            if (sections := [r.section for r in self.absent_reports if r.status is status])
        )


@dataclass(frozen=True, slots=True)
class CarriedRegister:
    """A register that some sections have returned in earlier rounds and not yet in the current.

    ``tables`` are counted from it; ``rounds`` names the sections of ``reports`` by the round
    that their entries come from, in the order of the rounds; ``current`` is the current round.
    """

    form: Form
    tables: tuple[str, ...]
    rounds: Mapping[str, tuple[str, ...]]
    current: RoundReport

    @property
    def description(self) -> str:
        """A sentence: up to which round the register is counted, and who has not gone on."""
        *_, latest = self.rounds
        sections = "；".join(
            f"{'、'.join(names)}报到“{round_}”" for round_, names in self.rounds.items()
        )
        due = f"（应报 {self.current.due}）" if self.current.due else ""
        return (
            f"“{self.form.title}”按截至“{latest}”报的登记计算（{sections}），"
            f"“{self.current.round}”{due}的还没有收齐；收到以后请再汇总一次。"
        )


def _list_tables(form: Form) -> tuple[str, ...]:
    """Return the tables that are counted from a register."""
    counts = build_counts().items()
    return tuple(dict.fromkeys(cell.table for cell, count in counts if count.register == form.key))


def _find_carried_registers(ledger: Ledger, kept: Sequence[str]) -> Iterator[CarriedRegister]:
    for form in ledger.book.registers:
        carried = [r for r in ledger.register_reports if r.form == form.key and r.carried_round]
        if carried and form.key in kept:
            sections = {
                round_.name: tuple(r.section for r in carried if r.carried_round == round_.name)
                for round_ in ledger.book.rounds
            }
            rounds = {name: names for name, names in sections.items() if names}
            current = ledger.round_reports[-1]
            yield CarriedRegister(form, _list_tables(form), rounds, current)


def _find_incomplete_registers(ledger: Ledger, kept: Sequence[str]) -> Iterator[IncompleteRegister]:
    for form in ledger.book.registers:
        reports = [report for report in ledger.register_reports if report.form == form.key]
        absent = tuple(report for report in reports if not report.status.has_arrived)
        if absent and form.key in kept:
            is_counted = len(absent) < len(reports) or _has_entries(ledger, form)
            yield IncompleteRegister(form, _list_tables(form), absent, is_counted)


def _find_empty_registers(ledger: Ledger, kept: Sequence[str]) -> Iterator[Form]:
    """Yield the registers returned by all, without an entry and without 无内容可报 by one."""
    for form in ledger.book.registers:
        statuses = {report.status for report in ledger.register_reports if report.form == form.key}
        if (
            form.key in kept
            and not _has_entries(ledger, form)
            and SubmissionStatus.RETURNED_EMPTY in statuses
            and all(status.has_arrived for status in statuses)
        ):
            yield form


def _has_entries(ledger: Ledger, form: Form) -> bool:
    return any(entry.form.key == form.key for entry in ledger.register_entries)


# The annual report's tables: what is counted, from which registers, what must hold.

__all__ = ["ReportFigures", "compute_report_figures"]


@dataclass(frozen=True, slots=True)
class ReportFigures:
    """The figures of tables 2 to 4 and the results of checking them.

    ``figures`` lacks those that no register of this book provides, and, listed in
    ``awaited_cells``, those of a register that nobody has returned yet; ``office_figures``
    are those of last year that the office has given; ``impossible_cells`` are cells whose
    figures cannot be right. ``empty_registers`` came back without an entry,
    ``carried_registers`` in earlier rounds.
    """

    figures: dict[TableCell, Decimal]
    office_figures: dict[TableCell, Decimal]
    checked_identities: tuple[CheckedIdentity, ...]
    impossible_cells: tuple[TableCell, ...]
    doubtful_entries: tuple[DoubtfulEntry, ...]
    incomplete_registers: tuple[IncompleteRegister, ...] = ()
    empty_registers: tuple[Form, ...] = ()
    awaited_cells: frozenset[TableCell] = frozenset()
    carried_registers: tuple[CarriedRegister, ...] = ()

    def list_unprovided_cells(self, table: str) -> list[TableCell]:
        """Return the cells of a table that no section's register can ever fill."""
        return [
            cell
            for cell in published_tables.list_cells()
            if cell.table == table and cell not in self.figures and cell not in self.awaited_cells
        ]


def list_kept_registers(book: Book) -> tuple[str, ...]:
    """Return the keys of registers that the report counts and some section keeps."""
    section_registers = {key for section in book.sections for key in section.register_keys}
    return tuple(key for key in REPORT_REGISTERS if key in section_registers)


def compute_report_figures(ledger: Ledger) -> ReportFigures | None:
    """Compute the tables; None where no section keeps a register they count."""
    book = ledger.book
    kept = list_kept_registers(book)
    if not kept:
        return None
    incomplete_registers = tuple(_find_incomplete_registers(ledger, kept))
    awaited_keys = {
        register.form.key for register in incomplete_registers if not register.is_counted
    }
    counts = {cell: count for cell, count in build_counts().items() if is_countable(book, count)}
    entries = ledger.register_entries
    periods = find_periods(entries, book.year, ledger.as_of)
    figures = {
        cell: compute_figure(count, entries, periods)
        for cell, count in counts.items()
        if count.register not in awaited_keys
    }
    office_figures = {
        published_tables.REFERENCE_CELLS[name]: value for name, value in book.reference_figures
    }
    all_figures = {**figures, **office_figures}
    return ReportFigures(
        figures,
        office_figures,
        check_identities(all_figures),
        find_impossible_figures(all_figures),
        list_doubtful_entries(entries, periods),
        incomplete_registers,
        tuple(_find_empty_registers(ledger, kept)),
        frozenset(counts.keys() - figures.keys()),
        tuple(_find_carried_registers(ledger, kept)),
    )


def is_countable(book: Book, count: Count) -> bool:
    """Whether a section keeps the register and it has all columns that are counted."""
    form = book.find_form(count.register)
    if form is None or count.register not in list_kept_registers(book):
        return False
    return count.columns <= {column.key for column in form.columns} and all(
        can_tell(form, standing) for standing in count.standings
    )
