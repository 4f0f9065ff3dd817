"""Returns → Ledger: every answer in its place, every file accounted for. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from ledgerbook import identity
from ledgerbook.intake.results import FileRead
from ledgerbook.merge import status
from ledgerbook.merge.answers import (
    Gathered,
    TaskAnswers,
    cells_said,
    conflicts,
    count,
    gather,
    history,
)
from ledgerbook.merge.attachments import attached
from ledgerbook.merge.progress import round_reports, section_reports
from ledgerbook.merge.registers import (
    entries_said,
    entry_problems,
    gather_entries,
    limit_problems,
    records_of,
)
from ledgerbook.merge.row_checks import ROW_CHECKS, ReturnedRow
from ledgerbook.model import Book, Recurrence, Task
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import (
    LONG_AGO,
    NIL,
    NOT_FILLED,
    NOT_RETURNED,
    AssignmentResult,
    FileReport,
    FileStatus,
    Ledger,
    TaskSummary,
    Urgency,
)


def merge(
    book: Book,
    files: Sequence[FileRead],
    as_of: date,
    *,
    preferred: Collection[str] = (),
) -> Ledger:
    """Merge what the files gave into the ledger of ``book`` on the day ``as_of``.

    ``preferred`` are names of files whose answers count whatever was saved later in
    the same round.
    """
    ordered = sorted(files, key=lambda f: _age(f.report))
    gathered = gather(book, ordered, preferred)
    entries = gather_entries(book, ordered, preferred)
    records = tuple(records_of(book, entries))
    blanks = _blanks(ordered, gathered)
    rows = tuple(_rows(book, gathered, blanks, as_of))
    problems = (
        *_mended(ordered, gathered),
        *_missing_rows(book, ordered, gathered),
        *_blank_returns(book, ordered, blanks),
        *_denied_ticks(ordered, gathered),
        *_row_problems(book, rows, gathered, blanks, as_of),
        *entry_problems(book, ordered, entries),
        *limit_problems(book, records, as_of),
    )
    kept = sum(len(row.answers) for row in rows)
    kept += sum(len(record.answers) for record in records)
    said = (*cells_said(book, gathered), *entries_said(book, entries))
    placed = tuple(sorted(problems, key=_problem_order))
    attachments, repeated = attached(book, ordered)
    return Ledger(
        book=book,
        as_of=as_of,
        rows=rows,
        outcomes=tuple(_outcomes(book, rows)),
        files=tuple(sorted(_settled(ordered, placed), key=lambda r: r.name)),
        sections=tuple(section_reports(book, ordered, rows, placed)),
        problems=placed,
        conflicts=tuple(conflicts(said)),
        tally=count(ordered, (*gathered.values(), *entries.values()), kept, placed),
        history=tuple(history(said)),
        rounds=tuple(round_reports(book, ordered, rows, gathered)),
        attachments=attachments,
        repeated=repeated,
        records=records,
    )


def _age(report: FileReport) -> tuple[datetime, str, str]:
    """Sort files oldest first by what is in them, never by how they were listed."""
    return report.saved_at or LONG_AGO, report.sha256, report.name


# -- sections that say nothing --------------------------------------------------------


def _blanks(files: Sequence[FileRead], gathered: Gathered) -> dict[str, str]:
    """Return how rows without a choice stand, for every section that has returned.

    It is blank where the section's returns say nothing at all.
    """
    number = {file.report.name: n for n, file in enumerate(files)}
    answered = _answered(gathered) if any(file.nil for file in files) else ()
    ticked = {
        section: number[file.report.name]
        for file in files
        for section, a_round in file.nil
        if (section, a_round) not in answered
    }
    said = {row.section: number[f.report.name] for f in files for row in f.rows}
    filled = {section for (_, section), row in gathered.items() if _speaks(row)}
    blank = {section: NOT_FILLED if section in filled else "" for section in said}
    newest = [s for s, at in ticked.items() if at >= said.get(s, -1)]
    return blank | dict.fromkeys(newest, NIL)


def _answered(gathered: Gathered) -> set[tuple[str, str]]:
    """Return in which rounds which sections have answered anything."""
    return {
        (section, given.round)
        for (_, section), row in gathered.items()
        for cell in row.cells.values()
        for given in cell.given
    }


def _speaks(row: TaskAnswers) -> bool:
    return bool(row.cells or row.held)


def _blank_returns(
    book: Book, files: Sequence[FileRead], blanks: Mapping[str, str]
) -> Iterator[Problem]:
    """Report a return without a single answer once, not row by row."""
    newest = {row.section: file for file in files for row in file.rows}
    for section, file in newest.items():
        if not blanks[section]:
            values = {"section": section, "status": book.form.status.header}
            yield Problem("nothing-filled", Place(file.report.name), values, section)


def _denied_ticks(files: Sequence[FileRead], gathered: Gathered) -> Iterator[Problem]:
    """Point out who says that there is nothing to report, and reports something."""
    answered = _answered(gathered) if any(file.nil for file in files) else ()
    for file in files:
        for section, a_round in sorted(file.nil):
            if (section, a_round) in answered:
                values = {"section": section, "round": a_round}
                yield Problem("nil-denied", Place(file.report.name), values, section)


# -- rows -----------------------------------------------------------------------------


def _rows(
    book: Book, gathered: Gathered, blanks: Mapping[str, str], as_of: date
) -> Iterator[AssignmentResult]:
    for task in book.tasks:
        for section in book.section_names:
            said = gathered.get((task.code, section))
            if said is None and not task.roles_of(section):
                continue
            blank = (blanks[section] or NOT_FILLED) if section in blanks else ""
            yield _ledger_row(book, task, section, said or TaskAnswers(), blank, as_of)


def _ledger_row(
    book: Book, task: Task, section: str, said: TaskAnswers, blank: str, as_of: date
) -> AssignmentResult:
    taken = {key: cell.taken for key, cell in said.cells.items()}
    answers = {
        column.key: given.answer
        for column in book.form.answers
        if (given := taken.get(column.key))
    }
    choice = status.choice_of(book.form, {k: a.text for k, a in answers.items()})
    meaning = choice.meaning if choice else None
    if blank == NIL and _speaks(said):
        blank = NOT_FILLED
    rhythm = task.deadline
    row = AssignmentResult(
        code=identity.row_code(book, task, section),
        task=task,
        section=section,
        roles=task.roles_of(section),
        answers=answers,
        status=choice.value if choice else blank or NOT_RETURNED,
        meaning=meaning,
        urgency=Urgency.NONE,
        days=None,
        cycle=(
            status.cycle(book, rhythm, said, as_of)
            if isinstance(rhythm, Recurrence)
            else None
        ),
    )
    return status.judged(row, as_of)


def _outcomes(book: Book, rows: Sequence[AssignmentResult]) -> Iterator[TaskSummary]:
    by_task: dict[str, list[AssignmentResult]] = defaultdict(list)
    for row in rows:
        by_task[row.task.code].append(row)
    for task in book.tasks:
        yield status.roll_up(task, by_task[task.code], book.form)


def _row_problems(
    book: Book,
    rows: Sequence[AssignmentResult],
    gathered: Gathered,
    blanks: Mapping[str, str],
    as_of: date,
) -> Iterator[Problem]:
    """Check every row that came back, save those of which one word says it all."""
    for row in rows:
        said = gathered.get((row.task.code, row.section))
        if said is None or not blanks.get(row.section) or row.status == NIL:
            continue
        returned = ReturnedRow(row, said.places, frozenset(said.held))
        for check in ROW_CHECKS:
            yield from check(returned, book.form, as_of)


def _missing_rows(
    book: Book, files: Sequence[FileRead], gathered: Gathered
) -> Iterator[Problem]:
    """Report tasks that a section's return leaves out: a deleted row is no answer."""
    newest = {row.section: file.report.name for file in files for row in file.rows}
    for section, name in newest.items():
        for task in book.tasks_of(section):
            if (task.code, section) not in gathered:
                values = {"number": str(task.number)}
                yield Problem("row-missing", Place(name), values, section)


# -- problems and verdicts ------------------------------------------------------------


def _mended(files: Sequence[FileRead], gathered: Gathered) -> Iterator[Problem]:
    """Mark as settled what a section has sent something better for since.

    A cell is mended by a newer answer to it; anything else by a newer return of the
    section that has no such problem itself.
    """
    order = {file.report.name: n for n, file in enumerate(files)}
    newest = {section: file for file in files for section in _speakers(file)}
    for file in files:
        for problem in file.problems:
            latest = newest.get(problem.section)
            better = _better(problem, latest, gathered) if latest else ""
            newer = order.get(better, -1) > order[file.report.name]
            yield replace(problem, settled=better) if newer else problem


def _speakers(file: FileRead) -> set[str]:
    """Return the sections that a file is a return of."""
    return {row.section for row in file.rows} | {
        kept.section for kept in file.registers
    }


def _better(problem: Problem, latest: FileRead, gathered: Gathered) -> str:
    """Name the file that may have put ``problem`` right."""
    if not problem.grave:
        return ""
    if problem.task:
        row = gathered.get((problem.task, problem.section), TaskAnswers())
        taken = row.cell(problem.column).taken
        return taken.answer.place.file if taken else ""
    same = problem.code, problem.section
    again = any((p.code, p.section) == same for p in latest.problems)
    return "" if again else latest.report.name


def _problem_order(problem: Problem) -> tuple[bool, str, str, str, int, str]:
    place = problem.place
    digits = "".join(c for c in place.cell if c.isdigit())
    return (
        not problem.grave,
        place.file,
        place.sheet,
        problem.section,
        int(digits or 0),
        f"{place.cell}{problem.code}{problem.message}",
    )


def _settled(
    files: Sequence[FileRead], problems: Sequence[Problem]
) -> Iterator[FileReport]:
    """Give each file its verdict, once all is known that is wrong with it."""
    of_file: dict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        of_file[problem.place.file].append(problem)
    return (_verdict(file, of_file[file.report.name]) for file in files)


def _verdict(file: FileRead, own: Sequence[Problem]) -> FileReport:
    report = file.report
    grave = [p for p in own if p.grave]
    if report.verdict is FileStatus.SKIPPED:
        return report
    if not file.rows and not file.registers:
        note = own[0].message if own else "没有可汇总的行。"
        return replace(report, verdict=FileStatus.REJECTED, note=note)
    named = [row.section for row in file.rows]
    named += sorted(kept.section for kept in file.registers)
    sections = tuple(dict.fromkeys(named))
    cells = sum(len(row.answers) for row in file.rows)
    cells += sum(len(entry.answers) for entry in file.entries)
    held = sum(p.cells for p in own)
    verdict = (
        FileStatus.PARTLY
        if held
        else FileStatus.WITH_PROBLEMS
        if grave
        else FileStatus.ACCEPTED
    )
    note = f"有 {len(grave)} 处须处理" if grave else ""
    return replace(report, verdict=verdict, sections=sections, cells=cells, note=note)
