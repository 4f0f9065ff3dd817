"""Say when a return was received, and by which day its rows are judged.

A row is judged in its own round: by the due day of the round in which it was returned last,
so that a section that owes a later round is not told again what time has made overdue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from ledgerbook.intake.file_content import FileContent
from ledgerbook.merge.round_scope import is_over
from ledgerbook.merge.saved_times import find_owner_section, list_owners
from ledgerbook.model import Book, Round
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import FileReport, RowKey


def find_received_on(report: FileReport) -> date | None:
    """Return the day on which a file was received; None where nothing says so.

    It is the day that the office typed in 收件登记, else the day on which the file was saved
    last, unless a wrong clock says that.
    """
    is_known = report.saved_at is not None and not report.has_doubtful_time
    return report.saved_at.date() if report.saved_at and is_known else None


def is_received_by(report: FileReport, day: date) -> bool:
    """Return whether a file was received by ``day``.

    A file of which nothing says when it came counts as received in time, in 报送状态 and in
    the figures of the due day (截止): nobody is called late by a clock that is wrong or silent.
    :func:`report_unknown_receipts` says so.
    """
    received_on = find_received_on(report)
    return received_on is None or received_on <= day


def report_unknown_receipts(
    book: Book, files: Sequence[FileContent], as_of: date
) -> Iterator[Problem]:
    """Report the files of which nothing says whether they came by the due day that is over."""
    past_rounds = {round_.name: round_ for round_ in book.rounds if is_over(round_, as_of)}
    for file in files:
        if find_received_on(file.report):
            continue
        for name in sorted({name for name, _ in list_owners(file)} & past_rounds.keys()):
            values = {"round": name, "due": str(past_rounds[name].due)}
            place = Place(file.report.name)
            yield Problem("receipt-day-unknown", place, values, find_owner_section(file))


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
