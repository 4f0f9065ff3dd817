"""Entries that a table cannot count, or can only count doubtfully, each with why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ledgerbook.annual import tables
from ledgerbook.annual.counting import APPLICATIONS, DOCUMENTS, ENFORCEMENT
from ledgerbook.ledger import Record
from ledgerbook.model import Book
from ledgerbook.problems.catalogue import Place


@dataclass(frozen=True, slots=True)
class Doubt:
    """An entry, the cell (column key) that is doubtful, and what that does."""

    record: Record
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
    doubtful: Callable[[Record, int], bool]
    reason: str


def doubts(book: Book, records: Sequence[Record]) -> tuple[Doubt, ...]:
    """Go through the entries that the report is counted from, in their order."""
    return tuple(_doubts(book.year, records))


def doubt_text(doubt: Doubt) -> str:
    """Say in a sentence which entry is doubtful, why, and where it stands."""
    record = doubt.record
    told = "、".join(filter(None, (record.text(key) for key in record.form.identity)))
    header = record.form.column(doubt.column).header
    said = record.text(doubt.column) or "空白"
    return (
        f"{record.form.title}，{record.section}，{told or '没有写明是哪一件'}："
        f"“{header}”是“{said}”。{doubt.reason}。（{doubt.place}）"
    )


def _doubts(year: int, records: Sequence[Record]) -> Iterator[Doubt]:
    for record in records:
        for rule in _RULES:
            if (
                rule.register == record.form.key
                and record.answers
                and any(c.key == rule.column for c in record.form.columns)
                and rule.doubtful(record, year)
            ):
                yield Doubt(record, rule.column, rule.reason)


def _not_among(
    column: str, words: Sequence[str], *, blank: bool = True
) -> Callable[[Record, int], bool]:
    def doubtful(record: Record, year: int) -> bool:
        said = record.text(column)
        return said not in words if said else blank

    return doubtful


def _year_of(record: Record, column: str) -> int | None:
    answer = record.answers.get(column)
    return getattr(answer.value, "year", None) if answer else None


def _new_but_not_of_the_year(record: Record, year: int) -> bool:
    return record.text("carried_over") == "否" and _year_of(
        record, "received_on"
    ) not in (
        year,
        None,
    )


def _new_without_a_day(record: Record, year: int) -> bool:
    return record.text("carried_over") == "否" and not record.text("received_on")


def _carried_but_of_the_year(record: Record, year: int) -> bool:
    return (
        record.text("carried_over") == "是" and _year_of(record, "received_on") == year
    )


def _answered_without_outcome(record: Record, year: int) -> bool:
    return bool(record.text("replied_on")) and not record.text("outcome")


def _repealed_yet_valid(record: Record, year: int) -> bool:
    day = _year_of(record, "repealed_on")
    return day is not None and day <= year and record.text("validity") == "现行有效"


def _without_number(column: str, items: Sequence[str]) -> Callable[[Record, int], bool]:
    def doubtful(record: Record, year: int) -> bool:
        return record.text("item") in items and not record.text(column)

    return doubtful


_DOCUMENTS, *_DECIDED, _CHARGED = (block.lines for block in tables.BLOCKS)
_DECISIONS = tuple(line for lines in _DECIDED for line in lines)

_RULES = (
    _Rule(
        APPLICATIONS,
        "applicant_type",
        _not_among("applicant_type", tables.APPLICANTS),
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
        _not_among("outcome", tables.OUTCOME_LINES, blank=False),
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
            _not_among(column, tables.VERDICTS, blank=False),
            f"{contest}的结果不是表四所列的四种之一，只计入总计",
        )
        for column, contest in (
            ("review", tables.REVIEW),
            ("suit", tables.SUIT),
            ("suit_after_review", tables.SUIT_AFTER),
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
