"""A round goes out: a workbook a section, filled with what it has said so far.

A cover note goes with it and, where asked for, a mail draft for each section.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook.commands.inputs import bytes_of_book, old_bytes, read_returns
from ledgerbook.errors import FileError, InputError, reason
from ledgerbook.excel.names import file_names
from ledgerbook.issue.email_drafts import CoverNote
from ledgerbook.issue.prefill import prefill_answers
from ledgerbook.merge.ledger import merge
from ledgerbook.model import Book, Round
from ledgerbook.parallel import Progress, silent, spread
from ledgerbook.storage import atomic
from ledgerbook.storage.folders import find_files

if TYPE_CHECKING:
    from ledgerbook.issue.email_drafts import EmailDraft
    from ledgerbook.issue.layout import Given
    from ledgerbook.issue.workbook import IssuedFile


NOTICE = "填报通知.docx"


@dataclass(frozen=True, slots=True)
class GenerateResult:
    """A round's folder; ``idle`` sections have no task, ``orphans`` no section.

    ``unaddressed`` sections have a mail draft without anybody to send it to; ``left``
    is a cover note that somebody has changed; ``dropped`` are mail drafts of before.
    """

    round: Round
    files: tuple[Path, ...]
    idle: tuple[str, ...]
    orphans: tuple[int, ...]
    unaddressed: tuple[str, ...] = ()
    left: tuple[Path, ...] = ()
    dropped: tuple[Path, ...] = ()


def generate(  # noqa: PLR0913  one argument an option of the command
    book_path: Path,
    output: Path,
    *,
    round_name: str = "",
    issued_on: date,
    earlier: Sequence[Path] = (),
    passwords: Sequence[str] = (),
    eml: bool = False,
    notice: Path | None = None,
    told: Progress = silent,
) -> GenerateResult:
    """Write the workbooks of one round and a cover note into ``output``/<round>.

    ``earlier`` are returns of earlier rounds: sections find their answers filled in;
    ``passwords`` those that may open them. ``eml`` asks for a mail draft beside each
    section's workbook; ``notice`` is a template of the office's own for the note.
    ``told`` hears how many workbooks are made, of how many.
    Raises InputError for an unknown round, an address that is none or a template that
    cannot be filled; FileError rather than overwrite what somebody has worked on in
    the meantime. The book notes which form was sent out.
    """
    from ledgerbook.book import check_addresses, read_book
    from ledgerbook.issue.email_drafts import letters
    from ledgerbook.issue.workbook import IssuedFile, issue_round

    book = read_book(book_path)
    if eml:
        check_addresses(book_path)
    cover = CoverNote(book, _round(book, round_name), issued_on)
    note = IssuedFile(NOTICE, _note(cover, notice))
    given = _said_before(cover, earlier, passwords)
    run = partial(spread, told=told)
    issued = tuple(issue_round(book, cover.round, issued_on, given, run))
    drafts = tuple(letters(cover, issued)) if eml else ()
    return _put(_Post(cover, issued, note, drafts), output, book_path)


def _said_before(
    cover: CoverNote, earlier: Sequence[Path], passwords: Sequence[str]
) -> dict[tuple[str, str], Given]:
    book, day = cover.book, cover.issued_on
    reads = read_returns(find_files(earlier), book, day, passwords)
    return prefill_answers(merge(book, reads, day), cover.round) if reads else {}


@dataclass(frozen=True, slots=True)
class _Post:
    """All that goes out for a round, before any of it is written."""

    cover: CoverNote
    workbooks: tuple[IssuedFile, ...]
    note: IssuedFile
    drafts: tuple[EmailDraft, ...]


def _put(post: _Post, output: Path, book_path: Path) -> GenerateResult:
    """Write all into the round's folder, over nothing that somebody has worked on."""
    book, a_round = post.cover.book, post.cover.round
    folder = output / file_names([a_round.name])[a_round.name]
    names = [file.name for file in post.workbooks]
    _keep_filled(folder, [*names, *(draft.name for draft in post.drafts)])
    left = tuple(path for path in [folder / NOTICE] if _worked_on(path))
    files = post.workbooks if left else (*post.workbooks, post.note)
    made = {folder / file.name: file.data for file in files}
    made |= {folder / draft.name: draft.data for draft in post.drafts}
    atomic.ready(made)
    _remember(book_path, book)
    atomic.write_all(made)
    return GenerateResult(
        a_round,
        tuple(made),
        tuple(name for name in book.section_names if not book.tasks_of(name)),
        tuple(task.number for task in book.tasks if not task.assignments),
        tuple(draft.section for draft in post.drafts if not draft.to),
        left,
        tuple(_drop(folder, {draft.name for draft in post.drafts})),
    )


def _note(cover: CoverNote, template: Path | None) -> bytes:
    """Return the cover note, sealed: to know later whether somebody has changed it."""
    from ledgerbook.identity import sealed
    from ledgerbook.issue.notice import fill_notice, write_notice

    if template is None:
        return sealed(write_notice(cover))
    try:
        data = template.read_bytes()
    except OSError as error:
        raise FileError(
            f"模板“{template}”读不了（{reason(error)}），什么都没有生成。"
        ) from error
    return sealed(fill_notice(cover, data, str(template)))


def _keep_filled(folder: Path, names: Sequence[str]) -> None:
    filled = [name for name in names if _worked_on(folder / name)]
    if filled:
        raise FileError(
            f"文件夹“{folder}”里的“{'”“'.join(filled)}”已经有人打开保存过，"
            "重新生成会覆盖其中内容，所以什么都没有改。请先把它们移到别处再运行。"
        )


def _worked_on(path: Path) -> bool:
    from ledgerbook.identity import touched

    return path.exists() and touched(old_bytes(path))


def _drop(folder: Path, fresh: Collection[str]) -> Iterator[Path]:
    """Take away mail drafts of before: the workbooks in them are out of date."""
    from ledgerbook.identity import is_draft

    for path in sorted(folder.glob("*.eml")):
        if path.name not in fresh and is_draft(old_bytes(path)):
            atomic.remove(path)
            yield path


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

    if noted := remember(bytes_of_book(path), book):
        atomic.ready([path])
        atomic.write(path, noted)
