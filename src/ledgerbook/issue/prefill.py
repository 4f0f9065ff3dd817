"""Which answers of earlier rounds a new sheet starts from."""

from __future__ import annotations

from ledgerbook.deadlines import asked
from ledgerbook.issue.layout import Answers, Given
from ledgerbook.model import ColumnType, Recurrence, Round
from ledgerbook.model.results import AssignmentResult, Ledger


def is_of_earlier_occurrence(
    ledger: Ledger, row: AssignmentResult, a_round: Round, key: str
) -> bool:
    """Whether an answer was about an earlier turn than the one asked about now.

    The first quarter's 已完成 must not come back, unread, as the second's. Who is
    responsible stays.
    """
    rhythm, cycle = row.task.deadline, row.cycle
    if not isinstance(rhythm, Recurrence) or cycle is None or cycle.latest < 0:
        return False
    turn = asked(rhythm, ledger.book.year, a_round.due, ledger.as_of)
    later = turn is not None and cycle.turns.index(turn) > cycle.latest
    return later and ledger.book.form.column(key).kind not in (
        ColumnType.TEXT,
        ColumnType.PHONE,
    )


def prefill_answers(ledger: Ledger, a_round: Round) -> dict[tuple[str, str], Given]:
    """Return what each section has said so far, to start its next sheets from.

    By section and form key; a register's entries are numbered from 0.
    """
    # What came after such an answer cannot be read: it must not pass for the newest.
    held = (p for p in ledger.problems if p.grave and p.cells)
    unread = {(p.section, p.task, p.column) for p in held}
    given: dict[tuple[str, str], dict[str, Answers]] = {}
    for row in ledger.rows:
        answers = {
            key: answer.value
            for key, answer in row.answers.items()
            if (row.section, row.task.code, key) not in unread
            and not is_of_earlier_occurrence(ledger, row, a_round, key)
        }
        mine = given.setdefault((row.section, ledger.book.form.key), {})
        mine[row.task.code] = answers
    for record in ledger.records:
        answers = {key: answer.value for key, answer in record.answers.items()}
        mine = given.setdefault((record.section, record.form.key), {})
        mine[str(len(mine))] = answers
    return dict(given)
