"""The office's three jobs: start a book, issue a round, collect what returns.

Here, and only here, the pure rooms meet the disk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook import atomic
from ledgerbook.deadlines import asked
from ledgerbook.errors import FileError, InputError, reason
from ledgerbook.folder import find_files
from ledgerbook.gather import FileRead
from ledgerbook.issue.names import file_names
from ledgerbook.ledger import FileReport, Ledger, LedgerRow
from ledgerbook.merge import merge
from ledgerbook.model import Book, Kind, Recurrence, Round
from ledgerbook.problems import Problem

if TYPE_CHECKING:
    from ledgerbook.issue import Given
    from ledgerbook.issue.canvas import Answers
    from ledgerbook.summary import Reviews


CORRECTIONS = "退回修改"


@dataclass(frozen=True, slots=True)
class Started:
    """A new book; ``counted`` says where each cell of the plan went.

    ``path`` is None where nothing was written.
    """

    book: Book
    path: Path | None
    counted: str = ""


@dataclass(frozen=True, slots=True)
class Generated:
    """A round's folder; ``idle`` sections have no task, ``orphans`` no section."""

    round: Round
    files: tuple[Path, ...]
    idle: tuple[str, ...]
    orphans: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Collected:
    """A merged ledger and the files written for it (none in a dry run).

    ``left`` are workbooks to be corrected that somebody is working on: not renewed.
    ``pictures`` are those that hung on the returns.
    """

    ledger: Ledger
    outputs: tuple[Path, ...]
    left: tuple[Path, ...] = ()
    pictures: tuple[Path, ...] = ()


def init(  # noqa: PLR0913  one argument an option of the command
    plan: Path,
    output: Path,
    *,
    agency: str = "",
    year: int | None = None,
    office: str = "",
    sections: Sequence[str] = (),
    key: str = "",
    units_column: str = "",
    split_items: bool = False,
    dry_run: bool = False,
) -> Started:
    """Read a plan and write the first book of the year.

    ``units_column`` names the column that says who is responsible, where there are
    several; ``split_items`` makes a task of each numbered item in one cell.
    Raises FileError when ``output`` exists already: a book holds the office's own
    corrections. Raises InputError when the plan cannot be understood.
    """
    from ledgerbook.book import book_bytes, new_book
    from ledgerbook.plan import read_plan

    if output.exists() and not dry_run:
        raise FileError(
            f"“{output}”已经存在，里面可能有您改过的内容，没有覆盖。"
            "要用修订后的方案更新它，请加上 --update；"
            "要另建一本，请换一个文件名（-o），或先把旧台账移走。"
        )
    read = read_plan(plan, units_column=units_column, split_items=split_items)
    book = new_book(
        read,
        agency=agency,
        year=year,
        office=office,
        sections=sections,
        key=key,
    )
    if dry_run:
        return Started(book, None, str(read.counted))
    atomic.write(output, book_bytes(book))
    return Started(book, output, str(read.counted))


def generate(
    book_path: Path,
    output: Path,
    *,
    round_name: str = "",
    issued_on: date,
    earlier: Sequence[Path] = (),
    passwords: Sequence[str] = (),
) -> Generated:
    """Write the workbooks of one round into ``output``/<round>.

    ``earlier`` are returns of earlier rounds: sections find their answers filled in;
    ``passwords`` those that may open them.
    Raises InputError for an unknown round, FileError rather than overwrite a workbook
    that somebody has filled in the meantime. The book notes which form was sent out.
    """
    from ledgerbook.book import read_book
    from ledgerbook.issue import issue_round, touched
    from ledgerbook.workers import read_files

    book = read_book(book_path)
    a_round = _round(book, round_name)
    folder = output / file_names([a_round.name])[a_round.name]
    reads = read_files(find_files(earlier), book, issued_on, passwords=passwords)
    given = answers_so_far(merge(book, reads, issued_on), a_round)
    issued = issue_round(book, a_round, issued_on, given)
    filled = [
        file.name
        for file in issued
        if (folder / file.name).exists() and touched(_bytes(folder / file.name))
    ]
    if filled:
        raise FileError(
            f"文件夹“{folder}”里的“{'”“'.join(filled)}”已经有人打开保存过，"
            "重新生成会覆盖其中内容，所以什么都没有改。请先把它们移到别处再运行。"
        )
    _remember(book_path, book)
    for file in issued:
        atomic.write(folder / file.name, file.data)
    return Generated(
        a_round,
        tuple(folder / file.name for file in issued),
        tuple(name for name in book.section_names if not book.tasks_of(name)),
        tuple(task.number for task in book.tasks if not task.assignments),
    )


def _remember(path: Path, book: Book) -> None:
    """Note in the book which forms are about to go out, before they do."""
    from ledgerbook.book import remember

    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileError(f"台账“{path}”读不了（{reason(error)}）。") from error
    if noted := remember(data, book):
        atomic.write(path, noted)


def answers_so_far(ledger: Ledger, a_round: Round) -> dict[tuple[str, str], Given]:
    """Return what each section has said so far, to start its next sheets from.

    By section and form key; a register's entries are numbered from 0.
    """
    given: dict[tuple[str, str], dict[str, Answers]] = {}
    for row in ledger.rows:
        answers = {
            key: answer.value
            for key, answer in row.answers.items()
            if not _of_last_time(ledger, row, a_round, key)
        }
        mine = given.setdefault((row.section, ledger.book.form.key), {})
        mine[row.task.code] = answers
    for record in ledger.records:
        answers = {key: answer.value for key, answer in record.answers.items()}
        mine = given.setdefault((record.section, record.form.key), {})
        mine[str(len(mine))] = answers
    return dict(given)


def _of_last_time(ledger: Ledger, row: LedgerRow, a_round: Round, key: str) -> bool:
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


def _round(book: Book, name: str) -> Round:
    if not name:
        return book.rounds[0]
    for a_round in book.rounds:
        if a_round.name == name:
            return a_round
    names = "、".join(a_round.name for a_round in book.rounds)
    raise InputError(
        f"台账的“批次”表中没有“{name}”。现有批次：{names}。"
        "请改用其中一个，或先在“批次”表中补上。"
    )


def collect(
    book_path: Path,
    returns: Sequence[Path],
    output: Path,
    *,
    as_of: date,
    prefer: Sequence[str] = (),
    dry_run: bool = False,
    passwords: Sequence[str] = (),
) -> Collected:
    """Merge every file under ``returns`` and write the annual summary into ``output``.

    ``prefer`` names files, by path or as 报送情况 names them, whose answers count
    whatever another file of the same round says; ``passwords`` are tried on files
    that are locked.
    Raises InputError or FileError when the book, the folders or the output cannot be
    used; whatever is wrong in a return is in the ledger instead.
    """
    from ledgerbook.book import read_book
    from ledgerbook.summary import summary_name, write_summary
    from ledgerbook.workers import read_files

    book = read_book(book_path)
    files = find_files(returns)
    reads = read_files(files, book, as_of, passwords=passwords)
    ledger = merge(book, reads, as_of, preferred=_preferred(prefer, files, reads))
    if dry_run:
        return Collected(ledger, ())
    target = output / summary_name(book)
    reviews = _reviews(target, book)
    pictures = _keep_pictures(ledger, output)
    atomic.write(target, write_summary(ledger, reviews))
    try:
        sent_back, left = _send_back(ledger, output / CORRECTIONS)
    except FileError as error:
        raise FileError(
            f"{error}年度汇总“{target}”已经写好，"
            f"只有“{CORRECTIONS}”还不全，再运行一次就能补上。"
        ) from error
    return Collected(ledger, (target, *sent_back), left, pictures)


def _keep_pictures(ledger: Ledger, output: Path) -> tuple[Path, ...]:
    """Put every picture where the summary will say that it is.

    What earlier runs have put there stays: somebody may refer to it.
    """
    wanted = {output / one.stored: one for one in ledger.attachments if one.stored}
    for path, one in wanted.items():
        if not (path.is_file() and _bytes(path) == one.data):
            atomic.write(path, one.data)
    return tuple(wanted)


@dataclass(frozen=True, slots=True)
class Checked:
    """What one file would give if it were collected now."""

    report: FileReport
    problems: tuple[Problem, ...]
    rows: int
    filled: int


def check(
    files: Sequence[Path],
    *,
    as_of: date,
    book_path: Path | None = None,
    passwords: Sequence[str] = (),
) -> tuple[Checked, ...]:
    """Check filled workbooks before they are sent, each for itself.

    They are checked by the book where one is given, else by what they carry of it.
    Raises InputError or FileError when the files or the book cannot be used.
    """
    from ledgerbook.book import read_book
    from ledgerbook.workers import read_files

    book = read_book(book_path) if book_path else None
    reads = read_files(find_files(files), book, as_of, passwords=passwords)
    return tuple(_checked(read, book or read.book, as_of) for read in reads)


def _checked(read: FileRead, book: Book | None, as_of: date) -> Checked:
    if book is None:
        return Checked(read.report, read.problems, 0, 0)
    ledger = merge(book, [read], as_of)
    (report,) = ledger.files
    own = [row for row in ledger.rows if row.section in report.sections]
    filled = sum(1 for row in own if row.answers)
    return Checked(report, ledger.problems, len(own), filled)


def _preferred(
    wanted: Sequence[str], files: Mapping[str, Path], reads: Sequence[FileRead]
) -> frozenset[str]:
    """Return the reported names of ``wanted`` files. Raises InputError for no file."""
    by_path = {path.resolve(): name for name, path in files.items()}
    names = {read.report.name for read in reads}
    found = {
        one: one if one in names else by_path.get(Path(one).resolve()) for one in wanted
    }
    unknown = [one for one, name in found.items() if name is None]
    if unknown:
        raise InputError(
            f"要优先采用的文件“{'”“'.join(unknown)}”不在这次读的文件里。"
            "请照“报送情况”表里的文件名写，或写出文件的完整路径。"
        )
    return frozenset(name for name in found.values() if name)


def _send_back(
    ledger: Ledger, folder: Path
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Write the workbooks to be corrected; take away those that are settled.

    One that somebody has opened and saved meanwhile is left as it is; return those
    written, and those left.
    """
    from ledgerbook.issue import corrections, touched

    made = {folder / one.name: one.data for one in corrections(ledger)}
    left: list[Path] = []
    stems = file_names(ledger.book.section_names).values()
    for path in (folder / f"{stem}.xlsx" for stem in stems):
        if not path.exists():
            continue
        if touched(_bytes(path)):
            left.append(path)
            made.pop(path, None)
        elif path not in made:
            atomic.remove(path)
    for path, data in made.items():
        atomic.write(path, data)
    return tuple(made), tuple(left)


def _reviews(summary: Path, book: Book) -> Reviews | None:
    """Read what the office has typed into the summary about to be replaced."""
    from ledgerbook.summary import code_header, read_reviews

    if not summary.exists():
        return None
    return read_reviews(_bytes(summary), code_header(book))


def _bytes(path: Path) -> bytes:
    """Read a file that is about to be replaced, for what somebody may have put in."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(
            f"原有的“{path}”读不了（{reason(error)}），没有覆盖。"
        ) from error
