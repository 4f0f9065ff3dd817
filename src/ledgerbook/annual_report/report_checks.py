"""What must hold between the figures of the report: its own identities, checked.

Sources: table 3 prints the first above its head (国办公开办函〔2021〕30号); the other
sums follow from what the lines are. That figures agree across years, and with the
catalogue that is published, is what supervisors look for; where offices merge or a
catalogue is cleared up they need not, so those only call for an explanation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ledgerbook.annual_report import published_tables
from ledgerbook.annual_report.figures import (
    APPLICATIONS,
    DOCUMENTS,
    ENFORCEMENT,
    REGISTERS,
    Count,
    counts,
    figure,
)
from ledgerbook.annual_report.published_tables import TableCell
from ledgerbook.model import Book
from ledgerbook.model.problems import Place
from ledgerbook.model.results import Ledger, RegisterEntry

Figures = Mapping[TableCell, Decimal]


class Agreement(StrEnum):
    """Whether the two sides of an identity come to the same."""

    HOLDS = "相符"
    BROKEN = "不符"
    DIFFERS = "请核对"
    UNKNOWN = "没有可比的数"


@dataclass(frozen=True, slots=True)
class Identity:
    """``left`` added up equals ``right`` added up; a spot with ``less`` is taken off.

    ``number`` is the rule it is of. What is not ``strict`` may differ for a reason.
    """

    number: int
    about: str
    left: tuple[TableCell, ...]
    right: tuple[TableCell, ...]
    less: tuple[TableCell, ...] = ()
    strict: bool = True

    @property
    def table(self) -> str:
        """The table beside which the check is shown."""
        own = (
            published_tables.DISCLOSED,
            published_tables.APPLIED,
            published_tables.CONTESTED,
        )
        return next(s.table for s in (*self.left, *self.right) if s.table in own)


@dataclass(frozen=True, slots=True)
class CheckedIdentity:
    """An identity and what its sides come to; None where a figure is not given."""

    identity: Identity
    left: Decimal | None
    right: Decimal | None

    @property
    def agreement(self) -> Agreement:
        if self.left is None or self.right is None:
            return Agreement.UNKNOWN
        if self.left == self.right:
            return Agreement.HOLDS
        return Agreement.BROKEN if self.identity.strict else Agreement.DIFFERS


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


def identities() -> tuple[Identity, ...]:
    """List every sum of the report; rule 8 is of single figures, see :func:`odd`."""
    return (
        *_columns(),
        *_lines(),
        *_carried(),
        *_contests(),
        *_documents(),
    )


def _applied(line: str, column: str) -> TableCell:
    return TableCell(published_tables.APPLIED, line, column)


def _columns() -> Iterator[Identity]:
    for column in (*published_tables.APPLICANTS, published_tables.TOTAL):
        came = (
            _applied(published_tables.RECEIVED, column),
            _applied(published_tables.CARRIED, column),
        )
        handled = _applied(published_tables.HANDLED_TOTAL, column)
        left = _applied(published_tables.FORWARD, column)
        yield Identity(1, column, came, (handled, left))
        leaves = tuple(
            _applied(line, column) for line in published_tables.OUTCOME_LINES
        )
        yield Identity(2, column, (handled,), leaves)


def _lines() -> Iterator[Identity]:
    lines = (
        published_tables.RECEIVED,
        published_tables.CARRIED,
        *published_tables.OUTCOME_LINES,
    )
    for line in (*lines, published_tables.HANDLED_TOTAL, published_tables.FORWARD):
        each = tuple(_applied(line, column) for column in published_tables.APPLICANTS)
        yield Identity(3, line, (_applied(line, published_tables.TOTAL),), each)


def _carried() -> Iterator[Identity]:
    for column in (*published_tables.APPLICANTS, published_tables.TOTAL):
        last = TableCell(published_tables.LAST_YEAR, published_tables.FORWARD, column)
        now = _applied(published_tables.CARRIED, column)
        yield Identity(4, column, (now,), (last,), strict=False)


def _contests() -> Iterator[Identity]:
    for contest in published_tables.CONTESTS:
        each = tuple(
            TableCell(published_tables.CONTESTED, contest, one)
            for one in published_tables.VERDICTS
        )
        total = TableCell(published_tables.CONTESTED, contest, published_tables.TOTAL)
        yield Identity(5, contest, (total,), each)


def _documents() -> Iterator[Identity]:
    for line in published_tables.BLOCKS[0].lines:
        made, repealed, valid = (
            TableCell(published_tables.DISCLOSED, line, column)
            for column in published_tables.BLOCKS[0].columns
        )
        last = TableCell(published_tables.LAST_YEAR, line, published_tables.VALID)
        yield Identity(6, line, (valid,), (last, made), (repealed,), strict=False)
    documents = TableCell(
        published_tables.DISCLOSED,
        published_tables.BLOCKS[0].lines[-1],
        published_tables.VALID,
    )
    listed = TableCell(
        published_tables.CATALOGUE,
        published_tables.CATALOGUE_LINE,
        published_tables.ONLY,
    )
    yield Identity(7, documents.line, (documents,), (listed,), strict=False)


def check(figures: Figures) -> tuple[CheckedIdentity, ...]:
    """Check every identity; ``figures`` may lack those that only the office knows."""
    return tuple(
        CheckedIdentity(
            one,
            _sum(figures, one.left),
            _sum(figures, one.right, one.less),
        )
        for one in identities()
    )


def _sum(
    figures: Figures, spots: tuple[TableCell, ...], less: tuple[TableCell, ...] = ()
) -> Decimal | None:
    if not {*spots, *less} <= figures.keys():
        return None
    total = sum((figures[spot] for spot in spots), Decimal())
    return total - sum((figures[spot] for spot in less), Decimal())


def odd(figures: Figures) -> tuple[TableCell, ...]:
    """Return the figures that cannot be: below nothing, or parts of a case (rule 8)."""
    return tuple(
        spot
        for spot, value in figures.items()
        if value < 0 or (spot.column != published_tables.CHARGED and value % 1)
    )


# Entries that a table cannot count, or can only count doubtfully, each with why.


@dataclass(frozen=True, slots=True)
class DoubtfulEntry:
    """An entry, the cell (column key) that is doubtful, and what that does."""

    record: RegisterEntry
    column: str
    reason: str

    @property
    def place(self) -> Place:
        return self.record.places.get(self.column) or next(
            iter(self.record.places.values()), Place()
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    """Entries of ``register`` for which ``doubtful`` holds."""

    register: str
    column: str
    doubtful: Callable[[RegisterEntry, int], bool]
    reason: str


def doubts(book: Book, records: Sequence[RegisterEntry]) -> tuple[DoubtfulEntry, ...]:
    """Go through the entries that the report is counted from, in their order."""
    return tuple(_doubts(book.year, records))


def doubt_text(doubt: DoubtfulEntry) -> str:
    """Say in a sentence which entry is doubtful, why, and where it stands."""
    record = doubt.record
    told = "、".join(filter(None, (record.text(key) for key in record.form.identity)))
    header = record.form.column(doubt.column).header
    said = record.text(doubt.column) or "空白"
    return (
        f"{record.form.title}，{record.section}，{told or '没有写明是哪一件'}："
        f"“{header}”是“{said}”。{doubt.reason}。（{doubt.place}）"
    )


def _doubts(year: int, records: Sequence[RegisterEntry]) -> Iterator[DoubtfulEntry]:
    for record in records:
        for rule in _RULES:
            if (
                rule.register == record.form.key
                and record.answers
                and any(c.key == rule.column for c in record.form.columns)
                and rule.doubtful(record, year)
            ):
                yield DoubtfulEntry(record, rule.column, rule.reason)


def _not_among(
    column: str, words: Sequence[str], *, blank: bool = True
) -> Callable[[RegisterEntry, int], bool]:
    def doubtful(record: RegisterEntry, year: int) -> bool:
        said = record.text(column)
        return said not in words if said else blank

    return doubtful


def _year_of(record: RegisterEntry, column: str) -> int | None:
    answer = record.answers.get(column)
    return getattr(answer.value, "year", None) if answer else None


def _new_but_not_of_the_year(record: RegisterEntry, year: int) -> bool:
    return record.text("carried_over") == "否" and _year_of(
        record, "received_on"
    ) not in (
        year,
        None,
    )


def _new_without_a_day(record: RegisterEntry, year: int) -> bool:
    return record.text("carried_over") == "否" and not record.text("received_on")


def _carried_but_of_the_year(record: RegisterEntry, year: int) -> bool:
    return (
        record.text("carried_over") == "是" and _year_of(record, "received_on") == year
    )


def _answered_without_outcome(record: RegisterEntry, year: int) -> bool:
    return bool(record.text("replied_on")) and not record.text("outcome")


def _repealed_yet_valid(record: RegisterEntry, year: int) -> bool:
    day = _year_of(record, "repealed_on")
    return day is not None and day <= year and record.text("validity") == "现行有效"


def _without_number(
    column: str, items: Sequence[str]
) -> Callable[[RegisterEntry, int], bool]:
    def doubtful(record: RegisterEntry, year: int) -> bool:
        return record.text("item") in items and not record.text(column)

    return doubtful


_DOCUMENTS, *_DECIDED, _CHARGED = (block.lines for block in published_tables.BLOCKS)
_DECISIONS = tuple(line for lines in _DECIDED for line in lines)

_RULES = (
    _Rule(
        APPLICATIONS,
        "applicant_type",
        _not_among("applicant_type", published_tables.APPLICANTS),
        "申请人类型不是表三的六类之一，这一件只计入总计，各类里没有它",
    ),
    _Rule(
        APPLICATIONS,
        "carried_over",
        _not_among("carried_over", ("是", "否")),
        "没有写明是否上年结转，“一、本年新收”和“二、上年结转”都没有计入",
    ),
    _Rule(
        APPLICATIONS,
        "received_on",
        _new_without_a_day,
        "没有收到日期，“一、本年新收”没有计入",
    ),
    _Rule(
        APPLICATIONS,
        "received_on",
        _new_but_not_of_the_year,
        "收到日期不在本年度，又不是上年结转，“一、本年新收”没有计入",
    ),
    _Rule(
        APPLICATIONS,
        "carried_over",
        _carried_but_of_the_year,
        "收到日期在本年度，却写了上年结转，暂按上年结转计入",
    ),
    _Rule(
        APPLICATIONS,
        "outcome",
        _not_among("outcome", published_tables.OUTCOME_LINES, blank=False),
        "办理结果不是表三所列的任何一行，只计入“（七）总计”",
    ),
    _Rule(
        APPLICATIONS,
        "outcome",
        _answered_without_outcome,
        "有答复日期，没有办理结果，暂计入“四、结转下年度继续办理”",
    ),
    *(
        _Rule(
            APPLICATIONS,
            column,
            _not_among(column, published_tables.VERDICTS, blank=False),
            f"{contest}的结果不是表四所列的四种之一，只计入总计",
        )
        for column, contest in (
            ("review", published_tables.REVIEW),
            ("suit", published_tables.SUIT),
            ("suit_after_review", published_tables.SUIT_AFTER),
        )
    ),
    _Rule(
        DOCUMENTS,
        "signed_on",
        lambda record, _: not record.text("signed_on"),
        "没有成文日期，表二的本年制发件数没有计入",
    ),
    _Rule(
        DOCUMENTS,
        "validity",
        _repealed_yet_valid,
        "有废止日期，有效性却是“现行有效”，表二两处都计入了",
    ),
    _Rule(
        ENFORCEMENT,
        "item",
        _not_among("item", (*_DECISIONS, *_CHARGED)),
        "事项不是表二所列的四种之一，没有计入",
    ),
    _Rule(
        ENFORCEMENT,
        "quantity",
        _without_number("quantity", _DECISIONS),
        "没有写数量，表二没有计入",
    ),
    _Rule(
        ENFORCEMENT,
        "amount",
        _without_number("amount", _CHARGED),
        "没有写金额，表二没有计入",
    ),
)

# The annual report's tables: what is counted, from which registers, what must hold.

__all__ = ["ReportFigures", "annual"]


@dataclass(frozen=True, slots=True)
class ReportFigures:
    """The figures of tables 2 to 4 and what is to be said of them.

    ``figures`` lack what no register of this book can tell; ``given`` is what the
    office has told of last year; ``odd`` are figures that cannot be right.
    """

    figures: dict[TableCell, Decimal]
    given: dict[TableCell, Decimal]
    checked: tuple[CheckedIdentity, ...]
    odd: tuple[TableCell, ...]
    doubts: tuple[DoubtfulEntry, ...]


def kept(book: Book) -> tuple[str, ...]:
    """Return the keys of the registers that the report is counted from and are kept."""
    owed = {key for section in book.sections for key in section.registers}
    return tuple(key for key in REGISTERS if key in owed)


def annual(ledger: Ledger) -> ReportFigures | None:
    """Count the tables; None where no section keeps any register they are made of."""
    book = ledger.book
    if not kept(book):
        return None
    figures = {
        spot: figure(count, ledger.records, book.year)
        for spot, count in counts().items()
        if countable(book, count)
    }
    given = {published_tables.REFERENCE[name]: value for name, value in book.reference}
    known = {**figures, **given}
    return ReportFigures(
        figures, given, check(known), odd(known), doubts(book, ledger.records)
    )


def countable(book: Book, count: Count) -> bool:
    """Whether some section keeps the register, and it has all columns counted by."""
    form = book.form_called(count.register)
    if form is None or count.register not in kept(book):
        return False
    return count.columns <= {column.key for column in form.columns}
