"""Implement ``generate``: write the workbooks of a round, a cover note and mail drafts.

Each section gets a workbook, prefilled with its answers of earlier rounds. The book
records the form version that was issued.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook.commands.arguments import (
    StrPath,
    check_callback,
    check_flags,
    check_texts,
    to_day,
    to_optional_path,
    to_path,
    to_paths,
    to_texts,
)
from ledgerbook.commands.inputs import (
    is_edited,
    read_current_book,
    read_existing_bytes,
    read_returns,
    refuse_program_faults,
)
from ledgerbook.errors import FileError, InputError
from ledgerbook.issue.baseline import make_issued_values
from ledgerbook.issue.cover_note import CoverNote
from ledgerbook.issue.prefill import find_personal_sections, prefill_answers
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book, Round
from ledgerbook.parallel import ProgressCallback, no_progress, parallel_map
from ledgerbook.storage import atomic
from ledgerbook.storage.file_names import make_file_names
from ledgerbook.storage.folders import find_files, read_file_bytes
from ledgerbook.storage.run_lock import hold_run_lock

if TYPE_CHECKING:
    from ledgerbook.issue.email_drafts import EmailDraft
    from ledgerbook.issue.layout import PrefilledAnswers
    from ledgerbook.issue.workbook import IssuedFile
    from ledgerbook.model.issued_values import IssuedValues


NOTICE_NAME = "填报通知.docx"


@dataclass(frozen=True, slots=True)
class GenerateResult:
    """The files written for a round, and what the office should know about them.

    ``idle_sections`` have no task and no workbook; ``unassigned_numbers`` are the numbers
    of tasks without a section; ``unaddressed_sections`` have a mail draft without an
    address; ``edited_notices`` holds the path of the cover note if somebody has edited it
    and it was not overwritten; ``removed_drafts`` are deleted mail drafts of earlier runs.
    ``withheld_sections`` have no draft, since their registers hold personal data already.
    """

    round: Round
    files: tuple[Path, ...]
    idle_sections: tuple[str, ...]
    unassigned_numbers: tuple[int, ...]
    unaddressed_sections: tuple[str, ...] = ()
    edited_notices: tuple[Path, ...] = ()
    removed_drafts: tuple[Path, ...] = ()
    withheld_sections: tuple[str, ...] = ()


def generate(  # noqa: PLR0913  one argument an option of the command
    book_path: StrPath,
    output: StrPath,
    *,
    round_name: str = "",
    issued_on: date,
    earlier: StrPath | Iterable[StrPath] = (),
    passwords: str | Iterable[str] = (),
    eml: bool = False,
    notice: StrPath | None = None,
    personal_data: bool = False,
    on_progress: ProgressCallback = no_progress,
) -> GenerateResult:
    """Write the workbooks of one round and a cover note into ``output``/<round>.

    A blank ``round_name`` is the round issued last, else the first. ``earlier`` are returns
    of earlier rounds whose answers the new workbooks are prefilled with; ``passwords`` are
    tried on them. ``eml`` asks for a mail draft beside each section's workbook; ``notice`` is a
    .docx template of the office for the cover note. A section whose registers are prefilled
    with personal data gets a draft only with ``personal_data``. ``on_progress`` is called with
    the number of workbooks written and their total.
    Raises InputError for an unknown round, an invalid e-mail address or a template that
    cannot be filled, and FileError when a workbook or draft in the folder has been edited
    since it was issued.
    """
    from ledgerbook.book import check_email_addresses
    from ledgerbook.issue.email_drafts import build_email_drafts
    from ledgerbook.issue.workbook import IssuedFile, issue_round

    book_path, output = to_path("book_path", book_path), to_path("output", output)
    issued_on, earlier = to_day("issued_on", issued_on), to_paths("earlier", earlier)
    passwords, notice = to_texts("passwords", passwords), to_optional_path("notice", notice)
    check_texts(round_name=round_name)
    check_flags(eml=eml, personal_data=personal_data)
    check_callback("on_progress", on_progress)
    with hold_run_lock(book_path.parent):
        book, version = read_current_book(book_path)
        if eml:
            check_email_addresses(book_path)
        cover = CoverNote(book, _find_round(book, round_name), issued_on)
        prefilled = _read_earlier_answers(cover, earlier, passwords)
        cover = replace(cover, has_earlier_answers=_has_answers(prefilled))
        notice_file = IssuedFile(NOTICE_NAME, _render_cover_note(cover, notice))
        run_parallel = partial(parallel_map, on_progress=on_progress)
        issued = tuple(issue_round(book, cover.round, issued_on, prefilled, run_parallel))
        withheld = () if personal_data or not eml else find_personal_sections(book, prefilled)
        mailed = [file for file in issued if file.section not in withheld]
        drafts = tuple(build_email_drafts(cover, mailed)) if eml else ()
        values = make_issued_values(cover.round.name, issued_on, prefilled)
        outgoing = _OutgoingFiles(cover, issued, notice_file, drafts, values)
        written = _write_round(outgoing, output, book_path, version)
        return replace(written, withheld_sections=withheld)


def _read_earlier_answers(
    cover: CoverNote, earlier: Sequence[Path], passwords: Sequence[str]
) -> dict[tuple[str, str], PrefilledAnswers]:
    """Merge the returns of earlier rounds into the values to prefill."""
    book, day = cover.book, cover.issued_on
    contents = read_returns(find_files(earlier), book, day, passwords)
    # A section whose earlier answers are missing from its new form would fill it in again.
    refuse_program_faults(contents, "generate", need_all=True)
    return prefill_answers(merge_returns(book, contents, day), cover.round) if contents else {}


def _has_answers(prefilled: Mapping[tuple[str, str], PrefilledAnswers]) -> bool:
    return any(answers for rows in prefilled.values() for answers in rows.values())


@dataclass(frozen=True, slots=True)
class _OutgoingFiles:
    """All files of a round, built but not yet written."""

    cover: CoverNote
    workbooks: tuple[IssuedFile, ...]
    notice: IssuedFile
    drafts: tuple[EmailDraft, ...]
    values: IssuedValues


def _write_round(
    outgoing: _OutgoingFiles, output: Path, book_path: Path, version: str
) -> GenerateResult:
    """Write all files into the round's folder; ``version`` is the book's that was read.

    Raises FileError before anything is written when a workbook or draft was edited, or the
    book has changed since.
    """
    book, round_ = outgoing.cover.book, outgoing.cover.round
    folder = output / make_file_names([round_.name])[round_.name]
    names = [file.name for file in outgoing.workbooks]
    atomic.refuse_links(output, [folder / name for name in (*names, NOTICE_NAME)])
    _refuse_edited_files(folder, [*names, *(draft.name for draft in outgoing.drafts)])
    notice_path = folder / NOTICE_NAME
    edited_notices = (notice_path,) if is_edited(notice_path) else ()
    files = outgoing.workbooks if edited_notices else (*outgoing.workbooks, outgoing.notice)
    data_by_path = {folder / file.name: file.data for file in files}
    data_by_path |= {folder / draft.name: draft.data for draft in outgoing.drafts}
    atomic.check_writable(data_by_path)
    atomic.refuse_changed({book_path: version})
    _record_issue(book_path, version, outgoing)
    atomic.write_files(data_by_path)
    return GenerateResult(
        round_,
        tuple(data_by_path),
        tuple(name for name in book.section_names if not book.get_tasks(name)),
        tuple(task.number for task in book.tasks if not task.assignments),
        tuple(draft.section for draft in outgoing.drafts if not draft.to),
        edited_notices,
        tuple(_remove_stale_drafts(folder, {draft.name for draft in outgoing.drafts})),
    )


def _render_cover_note(cover: CoverNote, template: Path | None) -> bytes:
    """Return the cover note as .docx, sealed so that later edits can be detected."""
    from ledgerbook.identity import seal_package
    from ledgerbook.issue.cover_note_document import fill_notice, write_notice

    if template is None:
        return seal_package(write_notice(cover), cover.book.key)
    data = read_file_bytes(template, "模板", "什么都没有生成")
    return seal_package(fill_notice(cover, data, str(template)), cover.book.key)


def _refuse_edited_files(folder: Path, names: Sequence[str]) -> None:
    """Raise FileError when any of the files exists and was edited."""
    edited_names = [name for name in names if is_edited(folder / name)]
    if edited_names:
        raise FileError(
            f"文件夹“{folder}”里的“{'”“'.join(edited_names)}”已经有人打开保存过，"
            "重新生成会覆盖其中内容，所以什么都没有改。请先把它们移到别处再运行。",
            code="file-edited",
            path=folder,
            values={"names": edited_names},
        )


def _remove_stale_drafts(folder: Path, current_names: Collection[str]) -> Iterator[Path]:
    """Delete mail drafts of earlier runs, whose attached workbooks are out of date."""
    from ledgerbook.identity import is_draft

    for path in sorted(folder.glob("*.eml")):
        if path.name not in current_names and is_draft(read_existing_bytes(path)):
            atomic.remove_file(path)
            yield path


def _find_round(book: Book, name: str) -> Round:
    """Return the round ``name``. Raises InputError.

    A blank name is the round that was issued last, else the first: never silently the next.
    """
    if not name:
        issued = {record.round for record in book.issue_records}
        return next((one for one in reversed(book.rounds) if one.name in issued), book.rounds[0])
    for round_ in book.rounds:
        if round_.name == name:
            return round_
    round_names = tuple(round_.name for round_ in book.rounds)
    names = "、".join(round_names)
    raise InputError(
        f"台账的“批次”表中没有“{name}”。现有批次：{names}。请改用其中一个，或先在“批次”表中补上。",
        code="round-unknown",
        values={"round": name, "rounds": round_names},
    )


def _record_issue(path: Path, version: str, outgoing: _OutgoingFiles) -> None:
    """Record in the book file what is about to be issued, and the versions of its forms."""
    from ledgerbook.book import append_issue_records, list_issue_records, record_issued_forms

    book, data = outgoing.cover.book, read_file_bytes(path, "台账")
    records = list_issue_records(book, outgoing.values)
    updated = append_issue_records(record_issued_forms(data, book) or data, book, records)
    if updated != data:
        atomic.check_writable([path])
        atomic.write_file(path, updated, version)
