"""What must hold between the figures of the report: its own identities, checked.

Sources: table 3 prints the first above its head (国办公开办函〔2021〕30号); the other
sums follow from what the lines are. That figures agree across years, and with the
catalogue that is published, is what supervisors look for; where offices merge or a
catalogue is cleared up they need not, so those only call for an explanation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ledgerbook.annual import tables
from ledgerbook.annual.tables import Spot

Figures = Mapping[Spot, Decimal]


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
    left: tuple[Spot, ...]
    right: tuple[Spot, ...]
    less: tuple[Spot, ...] = ()
    strict: bool = True

    @property
    def table(self) -> str:
        """The table beside which the check is shown."""
        own = (tables.DISCLOSED, tables.APPLIED, tables.CONTESTED)
        return next(s.table for s in (*self.left, *self.right) if s.table in own)


@dataclass(frozen=True, slots=True)
class Checked:
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


def _applied(line: str, column: str) -> Spot:
    return Spot(tables.APPLIED, line, column)


def _columns() -> Iterator[Identity]:
    for column in (*tables.APPLICANTS, tables.TOTAL):
        came = (_applied(tables.RECEIVED, column), _applied(tables.CARRIED, column))
        handled = _applied(tables.HANDLED_TOTAL, column)
        left = _applied(tables.FORWARD, column)
        yield Identity(1, column, came, (handled, left))
        leaves = tuple(_applied(line, column) for line in tables.OUTCOME_LINES)
        yield Identity(2, column, (handled,), leaves)


def _lines() -> Iterator[Identity]:
    lines = (tables.RECEIVED, tables.CARRIED, *tables.OUTCOME_LINES)
    for line in (*lines, tables.HANDLED_TOTAL, tables.FORWARD):
        each = tuple(_applied(line, column) for column in tables.APPLICANTS)
        yield Identity(3, line, (_applied(line, tables.TOTAL),), each)


def _carried() -> Iterator[Identity]:
    for column in (*tables.APPLICANTS, tables.TOTAL):
        last = Spot(tables.LAST_YEAR, tables.FORWARD, column)
        now = _applied(tables.CARRIED, column)
        yield Identity(4, column, (now,), (last,), strict=False)


def _contests() -> Iterator[Identity]:
    for contest in tables.CONTESTS:
        each = tuple(Spot(tables.CONTESTED, contest, one) for one in tables.VERDICTS)
        total = Spot(tables.CONTESTED, contest, tables.TOTAL)
        yield Identity(5, contest, (total,), each)


def _documents() -> Iterator[Identity]:
    for line in tables.BLOCKS[0].lines:
        made, repealed, valid = (
            Spot(tables.DISCLOSED, line, column) for column in tables.BLOCKS[0].columns
        )
        last = Spot(tables.LAST_YEAR, line, tables.VALID)
        yield Identity(6, line, (valid,), (last, made), (repealed,), strict=False)
    documents = Spot(tables.DISCLOSED, tables.BLOCKS[0].lines[-1], tables.VALID)
    listed = Spot(tables.CATALOGUE, tables.CATALOGUE_LINE, tables.ONLY)
    yield Identity(7, documents.line, (documents,), (listed,), strict=False)


def check(figures: Figures) -> tuple[Checked, ...]:
    """Check every identity; ``figures`` may lack those that only the office knows."""
    return tuple(
        Checked(
            one,
            _sum(figures, one.left),
            _sum(figures, one.right, one.less),
        )
        for one in identities()
    )


def _sum(
    figures: Figures, spots: tuple[Spot, ...], less: tuple[Spot, ...] = ()
) -> Decimal | None:
    if not {*spots, *less} <= figures.keys():
        return None
    total = sum((figures[spot] for spot in spots), Decimal())
    return total - sum((figures[spot] for spot in less), Decimal())


def odd(figures: Figures) -> tuple[Spot, ...]:
    """Return the figures that cannot be: below nothing, or parts of a case (rule 8)."""
    return tuple(
        spot
        for spot, value in figures.items()
        if value < 0 or (spot.column != tables.CHARGED and value % 1)
    )
