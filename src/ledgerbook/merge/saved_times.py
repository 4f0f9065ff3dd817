"""Judge the times at which returned files say they were saved, and sort files by them.

The clock of a section's computer may be wrong. A time before the round was issued to the
section, or long after the year, says nothing of the order of files: it is told, and such a
file comes first in its round, so that it never wins by its time alone. A file saved after the
day of the summary, at a possible time, was not there on that day and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from ledgerbook.intake.file_content import FileContent
from ledgerbook.model import Book
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import EARLIEST_TIME, FileReport, FileStatus

# A clock may be wrong by so much without a word.
_SLACK = timedelta(days=1)


def leave_out_later_files(
    book: Book, files: Sequence[FileContent], as_of: date
) -> list[FileContent]:
    """Return ``files`` with those emptied that were saved after ``as_of``; each is told.

    A time after the last day that an answer can name is a wrong clock instead.
    """
    return [
        _empty_file(file, as_of)
        if file.report.saved_at
        and as_of + _SLACK < file.report.saved_at.date() <= book.date_window[1]
        and list_owners(file)
        else file
        for file in files
    ]


def _empty_file(file: FileContent, as_of: date) -> FileContent:
    report = file.report
    values = {
        "saved": f"{report.saved_at:%Y-%m-%d %H:%M}",
        "today": str(as_of),
        "count": str(file.filled_count),
    }
    problem = Problem("saved-later", Place(report.name), values, find_owner_section(file))
    skipped = replace(report, status=FileStatus.SKIPPED, round="", note=problem.message)
    return FileContent(skipped, problems=(problem,))


def sort_by_age(book: Book, files: Sequence[FileContent], as_of: date) -> list[FileContent]:
    """Return the files oldest first, however they were listed; doubtful times are told.

    Those without a trusted time come before all others.
    """
    first_issues: dict[tuple[str, str], date] = {}
    for record in book.issue_records:
        first_issues.setdefault((record.round, record.section), record.issued_on)
    last_day = max(book.date_window[1], as_of + _SLACK)
    judged = [
        _ask_about_round(_judge_time(file, first_issues, last_day), book, first_issues)
        for file in files
    ]
    return sorted(judged, key=lambda file: _get_age_key(file.report))


def _get_age_key(report: FileReport) -> tuple[bool, datetime, str, str]:
    is_trusted = report.saved_at is not None and not report.has_doubtful_time
    return is_trusted, report.saved_at or EARLIEST_TIME, report.sha256, report.name


def _judge_time(
    file: FileContent, first_issues: dict[tuple[str, str], date], last_day: date
) -> FileContent:
    """Return ``file`` with a notice where its time cannot be right."""
    saved_at, owners = file.report.saved_at, set(list_owners(file))
    # The day on which the office says that a file came is right, whatever its clock said.
    if saved_at is None or file.report.received_on or not owners:
        return file
    issue_days = [first_issues[owner] for owner in owners if owner in first_issues]
    if issue_days and saved_at.date() < min(issue_days) - _SLACK:
        why = f"早于这份表的签发日期 {min(issue_days)}"
    elif saved_at.date() > last_day:
        why = f"晚于 {last_day}"
    else:
        return file
    values = {"saved": f"{saved_at:%Y-%m-%d %H:%M}", "why": why}
    place = Place(file.report.name)
    problem = Problem("saved-time-doubtful", place, values, find_owner_section(file))
    report = replace(file.report, has_doubtful_time=True)
    return replace(file, report=report, problems=(*file.problems, problem))


def _ask_about_round(
    file: FileContent, book: Book, first_issues: Mapping[tuple[str, str], date]
) -> FileContent:
    """Return ``file`` with a problem for each form of a round that was over when it was saved.

    That is after its due day, and after a later round went out to the section: the form may
    have been taken for that of the later round. 收件登记 of the book decides.
    """
    report = file.report
    if report.saved_at is None or report.has_doubtful_time or report.has_registered_round:
        return file
    saved_on = report.saved_at.date()
    # A correction workbook is a form of its own day.
    issued_on = file.issued.issued_on if file.issued else date.min
    positions = {round_.name: position for position, round_ in enumerate(book.rounds)}
    problems = []
    for name, section in sorted(set(list_owners(file))):
        position = positions.get(name, len(book.rounds))
        due = book.rounds[position].due if name in positions else None
        later = [
            round_.name
            for round_ in book.rounds[position + 1 :]
            if issued_on < first_issues.get((round_.name, section), date.max) < saved_on
        ]
        if due and due < saved_on and later:
            values = {
                "round": name,
                "due": str(due),
                "saved": str(saved_on),
                "section": section,
                "later": later[-1],
            }
            problems.append(Problem("round-passed", Place(report.name), values, section))
    return replace(file, problems=(*file.problems, *problems)) if problems else file


def list_owners(file: FileContent) -> Iterator[tuple[str, str]]:
    """Yield round and section of all that a file returns."""
    yield from ((row.round, row.section) for row in file.rows)
    yield from ((register.round, register.section) for register in file.registers)
    yield from ((round_, section) for section, round_ in file.nil_returns | file.former_returns)


def find_owner_section(file: FileContent) -> str:
    """Return the section of a file; blank if it is not one alone."""
    sections = {section for _, section in list_owners(file)}
    return sections.pop() if len(sections) == 1 else ""
