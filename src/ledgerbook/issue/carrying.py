"""Which answers of before a new sheet starts from."""

from __future__ import annotations

from ledgerbook.days.deadlines import asked
from ledgerbook.ledger import Ledger, LedgerRow
from ledgerbook.model import Kind, Recurrence, Round


def of_last_time(ledger: Ledger, row: LedgerRow, a_round: Round, key: str) -> bool:
    """Whether an answer was about an earlier turn than the one asked about now.

    The first quarter's 已完成 must not come back, unread, as the second's. Who is
    responsible stays.
    """
    rhythm, cycle = row.task.deadline, row.cycle
    if not isinstance(rhythm, Recurrence) or cycle is None or cycle.latest < 0:
        return False
    turn = asked(rhythm, ledger.book.year, a_round.due, ledger.as_of)
    later = turn is not None and cycle.turns.index(turn) > cycle.latest
    return later and ledger.book.form.column(key).kind not in (Kind.TEXT, Kind.PHONE)
