"""Say when a return was received, and by which day its rows are judged.

A row is judged in its own round: by the due day of the round in which it was returned last,
so that a section that owes a later round is not told again what time has made overdue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ledgerbook.intake.file_content import FileContent
from ledgerbook.model import Book, Round
from ledgerbook.model.results import FileReport, RowKey


def find_received_on(report: FileReport) -> date | None:
    """Return the day on which a file was received; None where nothing says so.

    It is the day on which the file was saved last.
    """
    return report.saved_at.date() if report.saved_at else None


def is_received_by(report: FileReport, day: date) -> bool:
    """Return whether a file was received by ``day``; one without a day is not called late."""
    received_on = find_received_on(report)
    return received_on is None or received_on <= day


def map_judging_days(
    book: Book, files: Sequence[FileContent], current_round: Round, as_of: date
) -> Mapping[RowKey, date]:
    """Return for each returned row the day by which it is judged; ``files`` come oldest first.

    It is the due day of the latest round in which the row was returned, or ``as_of`` where
    that is earlier. Of a round without a due day it is ``as_of`` while that round is the
    current one, afterwards the day on which the row was received last.
    """
    positions = {round_.name: position for position, round_ in enumerate(book.rounds)}
    newest: dict[RowKey, tuple[int, date]] = {}
    for file in files:
        received_on = find_received_on(file.report) or as_of
        for row in file.rows:
            position = positions.get(row.round, -1)
            if position >= newest.get((row.task, row.section), (-1, as_of))[0]:
                newest[row.task, row.section] = (position, received_on)
    days: dict[RowKey, date] = {}
    for key, (position, received_on) in newest.items():
        round_ = book.rounds[position] if position >= 0 else current_round
        last_day = round_.due or (as_of if round_ == current_round else received_on)
        days[key] = min(last_day, as_of)
    return days
