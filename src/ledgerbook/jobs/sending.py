"""A round goes out: a workbook a section, filled with what it has said so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook import atomic
from ledgerbook.deadlines import asked
from ledgerbook.errors import FileError, InputError, reason
from ledgerbook.folder import find_files
from ledgerbook.issue.names import file_names
from ledgerbook.jobs.disk import old_bytes, read_returns
from ledgerbook.ledger import Ledger, LedgerRow
from ledgerbook.merge import merge
from ledgerbook.model import Book, Kind, Recurrence, Round

if TYPE_CHECKING:
    from ledgerbook.issue import Given
    from ledgerbook.issue.canvas import Answers


@dataclass(frozen=True, slots=True)
class Generated:
    """A round's folder; ``idle`` sections have no task, ``orphans`` no section."""

    round: Round
    files: tuple[Path, ...]
    idle: tuple[str, ...]
    orphans: tuple[int, ...]


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

    book = read_book(book_path)
    a_round = _round(book, round_name)
    folder = output / file_names([a_round.name])[a_round.name]
    reads = read_returns(find_files(earlier), book, issued_on, passwords)
    given = answers_so_far(merge(book, reads, issued_on), a_round)
    issued = issue_round(book, a_round, issued_on, given)
    filled = [
        file.name
        for file in issued
        if (folder / file.name).exists() and touched(old_bytes(folder / file.name))
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
