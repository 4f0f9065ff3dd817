"""Returns → Ledger: every answer in its place, every file accounted for. Pure.

The order in which files are given does not matter. Of two answers to one cell the one
saved later is taken and the other kept aside; a blank never overwrites an answer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from ledgerbook import marks, standing
from ledgerbook.checks import ROW_CHECKS, ReturnedRow
from ledgerbook.ledger import (
    NOT_FILLED,
    NOT_RETURNED,
    Answer,
    Attachment,
    Conflict,
    FileReport,
    Ledger,
    LedgerRow,
    SectionReport,
    Standing,
    Tally,
    Verdict,
)
from ledgerbook.model import Book, Round, Task
from ledgerbook.problems import Level, Place, Problem
from ledgerbook.returns.parse import RowRead

# A file that notes no time counts as older than any that does.
_LONG_AGO = datetime(1900, 1, 1)  # noqa: DTZ001  saved times carry no zone


@dataclass(frozen=True, slots=True)
class FileRead:
    """All that one file gave; its report's verdict is settled by :func:`merge`."""

    report: FileReport
    rows: tuple[RowRead, ...] = ()
    problems: tuple[Problem, ...] = ()
    found: int = 0
    attachments: tuple[Attachment, ...] = ()


@dataclass(slots=True)
class _Cell:
    """The answers given for one cell, oldest first."""

    given: list[tuple[Answer, datetime | None]] = field(default_factory=list)


@dataclass(slots=True)
class _Row:
    """What all returns said of one section's task."""

    cells: dict[str, _Cell] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)


def merge(book: Book, files: Sequence[FileRead], as_of: date) -> Ledger:
    """Merge what the files gave into the ledger of ``book`` on the day ``as_of``."""
    ordered = sorted(files, key=lambda f: _age(f.report))
    gathered = _gather(book, ordered)
    rows: list[LedgerRow] = []
    order = {file.report.name: n for n, file in enumerate(ordered)}
    newest = {row.section: file for file in ordered for row in file.rows}
    problems = [
        _mended(problem, order, newest, gathered)
        for file in ordered
        for problem in file.problems
    ]
    problems += _missing_rows(book, ordered, gathered)
    silent = {
        section: file
        for section, file in newest.items()
        if not any(
            row.cells or row.held for key, row in gathered.items() if key[1] == section
        )
    }
    problems += [_nothing(book, section, file) for section, file in silent.items()]
    for task in book.tasks:
        for section in book.section_names:
            said = gathered.get((task.code, section))
            if said is None and not task.roles_of(section):
                continue
            row = _ledger_row(book, task, section, said, gathered, as_of)
            rows.append(row)
            if said is not None and section not in silent:
                returned = ReturnedRow(row, said.places, frozenset(said.held))
                for check in ROW_CHECKS:
                    problems += check(returned, book.form, as_of)
    by_task: dict[str, list[LedgerRow]] = defaultdict(list)
    for row in rows:
        by_task[row.task.code].append(row)
    outcomes = tuple(
        standing.roll_up(task, by_task[task.code], book.form) for task in book.tasks
    )
    conflicts = tuple(_conflicts(book, gathered))
    placed = tuple(sorted(problems, key=_problem_order))
    return Ledger(
        book=book,
        as_of=as_of,
        rows=tuple(rows),
        outcomes=outcomes,
        files=tuple(
            sorted((_settled(f, placed) for f in ordered), key=lambda r: r.name)
        ),
        sections=tuple(_sections(book, ordered, rows, placed)),
        problems=placed,
        conflicts=conflicts,
        tally=_tally(ordered, gathered, rows, placed),
    )


def _age(report: FileReport) -> tuple[datetime, str, str]:
    """Sort files oldest first by what is in them, never by how they were listed."""
    return report.saved_at or _LONG_AGO, report.sha256, report.name


def _gather(book: Book, files: Sequence[FileRead]) -> dict[tuple[str, str], _Row]:
    """Bring together what was said of each row: earlier rounds, then older files."""
    gathered: dict[tuple[str, str], _Row] = defaultdict(_Row)
    number = {a_round.name: n for n, a_round in enumerate(book.rounds)}
    said = [(file.report.saved_at, read) for file in files for read in file.rows]
    for saved_at, read in sorted(said, key=lambda s: number.get(s[1].round, -1)):
        row = gathered[read.task.code, read.section]
        row.places |= read.places
        row.held |= read.held
        for key, answer in read.answers.items():
            row.cells.setdefault(key, _Cell()).given.append((answer, saved_at))
    return dict(gathered)


def _nothing(book: Book, section: str, file: FileRead) -> Problem:
    """Report a return without a single answer once, not row by row."""
    values = {"section": section, "status": book.form.status.header}
    return Problem("nothing-filled", Place(file.report.name), values, section)


def _mended(
    problem: Problem,
    order: Mapping[str, int],
    newest: Mapping[str, FileRead],
    gathered: Mapping[tuple[str, str], _Row],
) -> Problem:
    """Mark a problem as settled when the section has sent something better since.

    A cell is mended by a newer answer to it; anything else by a newer return of the
    section that has no such problem itself.
    """
    latest = newest.get(problem.section)
    if latest is None or problem.level is not Level.MUST:
        return problem
    if problem.task:
        row = gathered.get((problem.task, problem.section), _Row())
        given = row.cells.get(problem.column, _Cell()).given
        better = given[-1][0].place.file if given else ""
    else:
        again = {p.code for p in latest.problems if p.section == problem.section}
        better = "" if problem.code in again else latest.report.name
    if order.get(better, -1) <= order[problem.place.file]:
        return problem
    return replace(problem, settled=better)


def _missing_rows(
    book: Book, files: Sequence[FileRead], gathered: Mapping[tuple[str, str], _Row]
) -> Iterator[Problem]:
    """Report tasks that a section's return leaves out: a deleted row is no answer."""
    newest = {row.section: file.report.name for file in files for row in file.rows}
    for section, name in newest.items():
        for task in book.tasks_of(section):
            if (task.code, section) not in gathered:
                values = {"number": str(task.number)}
                yield Problem("row-missing", Place(name), values, section)


def _ledger_row(
    book: Book,
    task: Task,
    section: str,
    said: _Row | None,
    gathered: Mapping[tuple[str, str], _Row],
    as_of: date,
) -> LedgerRow:
    cells = said.cells if said else {}
    answers = {key: cell.given[-1][0] for key, cell in cells.items()}
    ordered = {c.key: answers[c.key] for c in book.form.answers if c.key in answers}
    choice = standing.choice_of(book.form, {k: a.text for k, a in ordered.items()})
    returned = any(key[1] == section for key in gathered)
    blank = NOT_FILLED if returned else NOT_RETURNED
    meaning = choice.meaning if choice else None
    return LedgerRow(
        code=marks.row_code(book, task, section),
        task=task,
        section=section,
        roles=task.roles_of(section),
        answers=ordered,
        status=choice.value if choice else blank,
        meaning=meaning,
        urgency=standing.urgency(task.due, meaning, as_of),
        days=standing.days_left(task.due, as_of),
    )


def _conflicts(
    book: Book, gathered: Mapping[tuple[str, str], _Row]
) -> Iterator[Conflict]:
    """Yield every answer that differs from the one taken, each text once."""
    for task in book.tasks:
        for section in book.section_names:
            row = gathered.get((task.code, section), _Row())
            for column in book.form.answers:
                given = row.cells.get(column.key, _Cell()).given
                for answer, saved in _aside(given):
                    taken, taken_saved = given[-1]
                    yield Conflict(
                        section, task, column.header, taken, taken_saved, answer, saved
                    )


def _aside(
    given: Sequence[tuple[Answer, datetime | None]],
) -> Iterator[tuple[Answer, datetime | None]]:
    """Yield the answers that lost, leaving out what says the same again."""
    seen = {given[-1][0].text} if given else set()
    for answer, saved in reversed(given):
        if answer.text not in seen:
            seen.add(answer.text)
            yield answer, saved


def _tally(
    files: Sequence[FileRead],
    gathered: Mapping[tuple[str, str], _Row],
    rows: Sequence[LedgerRow],
    problems: Sequence[Problem],
) -> Tally:
    given = [cell.given for row in gathered.values() for cell in row.cells.values()]
    aside = sum(len(list(_aside(one))) for one in given)
    kept = sum(len(row.answers) for row in rows)
    return Tally(
        found=sum(file.found for file in files),
        kept=kept,
        repeated=sum(len(one) for one in given) - aside - kept,
        aside=aside,
        held=sum(problem.cells for problem in problems),
    )


def _problem_order(problem: Problem) -> tuple[bool, str, str, str, int, str]:
    place = problem.place
    digits = "".join(c for c in place.cell if c.isdigit())
    return (
        problem.level is not Level.MUST,
        place.file,
        place.sheet,
        problem.section,
        int(digits or 0),
        f"{place.cell}{problem.code}{problem.message}",
    )


def _settled(file: FileRead, problems: Sequence[Problem]) -> FileReport:
    """Give a file its verdict, once all is known that is wrong with it."""
    report = file.report
    own = [p for p in problems if p.place.file == report.name]
    grave = [p for p in own if p.level is Level.MUST]
    if report.verdict is Verdict.SKIPPED:
        return report
    if not file.rows:
        note = own[0].message if own else "没有可汇总的行。"
        return replace(report, verdict=Verdict.REJECTED, note=note)
    sections = tuple(dict.fromkeys(row.section for row in file.rows))
    cells = sum(len(row.answers) for row in file.rows)
    held = sum(p.cells for p in own)
    verdict = (
        Verdict.PARTLY if held else Verdict.WITH_PROBLEMS if grave else Verdict.ACCEPTED
    )
    note = f"有 {len(grave)} 处须处理" if grave else ""
    return replace(report, verdict=verdict, sections=sections, cells=cells, note=note)


def _sections(
    book: Book,
    files: Sequence[FileRead],
    rows: Sequence[LedgerRow],
    problems: Sequence[Problem],
) -> Iterator[SectionReport]:
    """Say how far each section has come with the current round."""
    grave = Counter(p.section for p in problems if p.level is Level.MUST)
    current = _current_round(book, files)
    for section in book.section_names:
        own = [row for row in rows if row.section == section]
        if not own:
            continue
        said = {
            file.report.name: [
                row
                for row in file.rows
                if (row.section, row.round) == (section, current.name)
            ]
            for file in files
        }
        given = [file for file in files if said[file.report.name]]
        silent = not any(r.answers or r.held for rows in said.values() for r in rows)
        moments = [f.report.saved_at for f in given if f.report.saved_at]
        yield SectionReport(
            section=section,
            standing=_standing(given, current.due, silent=silent),
            due=current.due,
            files=tuple(sorted(f.report.name for f in given)),
            saved_at=max(moments, default=None),
            rows=len(own),
            filled=sum(1 for row in own if row.answers),
            problems=grave[section],
            round=current.name,
        )


def _current_round(book: Book, files: Sequence[FileRead]) -> Round:
    """Return the latest round that anything has come back for, else the first."""
    seen = {row.round for file in files for row in file.rows}
    returned = [a_round for a_round in book.rounds if a_round.name in seen]
    return returned[-1] if returned else book.rounds[0]


def _standing(given: Sequence[FileRead], due: date | None, *, silent: bool) -> Standing:
    """Judge a section; a correction sent after the date does not make it late."""
    if not given:
        return Standing.MISSING
    if silent:
        return Standing.NOTHING
    moments = [file.report.saved_at for file in given]
    if due and all(moment and moment.date() > due for moment in moments):
        return Standing.LATE
    return Standing.RETURNED
