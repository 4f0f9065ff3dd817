"""Implement ``collect``: merge the returns and write the annual summary.

Written are the summary, a copy of it for the current round in 历次, the same on one page for
a browser (看板.html), the correction workbooks in 退回修改, the pictures found on the returns
and, if asked for, the summary without personal data (上报汇总) and a folder of tables as csv or
parquet. Files that somebody has edited are not overwritten.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook.commands.arguments import (
    StrPath,
    check_callback,
    check_flags,
    check_texts,
    to_day,
    to_locations,
    to_path,
    to_path_texts,
    to_texts,
)
from ledgerbook.commands.exports import find_export_folder, list_export_paths, write_export
from ledgerbook.commands.inputs import (
    check_preferred,
    copy_summary,
    find_returns,
    keep_edited_copy,
    read_current_book,
    read_existing_bytes,
    read_returns,
    refuse_program_faults,
    require_paths,
    require_scheduler,
    resolve_preferred,
)
from ledgerbook.errors import FileError
from ledgerbook.export import EXPORT_KINDS
from ledgerbook.merge.attachments import ATTACHMENT_FOLDER
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.merge.office_entries import leave_out_later_words
from ledgerbook.merge.personal_data import blank_note, blank_problem, omit_personal_data
from ledgerbook.model import Book
from ledgerbook.model.messages import OWN_CHANGED_CODE
from ledgerbook.model.results import FileStatus, Ledger
from ledgerbook.parallel import ProgressCallback, no_progress
from ledgerbook.storage import atomic
from ledgerbook.storage.file_names import (
    EDITED_COPY_MARK,
    HISTORY_FOLDER,
    UNREADABLE_COPY_MARK,
    is_kept_copy,
    make_file_names,
)
from ledgerbook.storage.folders import Url, read_file_bytes
from ledgerbook.storage.run_lock import hold_run_lock

if TYPE_CHECKING:
    from ledgerbook.model.office_entries import OfficeNote
    from ledgerbook.model.problems import Problem
    from ledgerbook.summary import Harvest


CORRECTIONS_FOLDER = "退回修改"


@dataclass(frozen=True, slots=True)
class CollectResult:
    """A merged ledger and the files written for it (none in a dry run).

    ``edited_corrections`` are correction workbooks that were not overwritten because
    somebody has edited them; ``pictures`` are the saved pictures of the returns;
    ``office_notes`` are the office's texts (采用口径, 审核意见, 销号) by row code and header;
    ``harvested`` is what was typed into the previous summary, for 办理记录 of the book, where it
    stands now if ``has_recorded``. ``edited_summary`` is a copy of the previous summary, kept
    because somebody typed into other cells of it (``edited_cells``, where they are known), or
    into the office's cells what newer texts of the book overrule: ``overruled_notes``.
    ``edited_upload`` is a copy of the previous 上报汇总, kept because somebody had saved it.
    ``unreadable_summary`` is a copy of the previous summary, kept because it cannot be opened:
    what was typed into it is not known.
    ``unread_notes`` are words there that can not be chosen.
    """

    ledger: Ledger
    outputs: tuple[Path, ...]
    edited_corrections: tuple[Path, ...] = ()
    pictures: tuple[Path, ...] = ()
    office_notes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    harvested: tuple[OfficeNote, ...] = ()
    has_recorded: bool = True
    edited_summary: Path | None = None
    unreadable_summary: Path | None = None
    edited_cells: tuple[str, ...] = ()
    overruled_notes: tuple[Problem, ...] = ()
    edited_upload: Path | None = None
    unread_notes: tuple[Problem, ...] = ()

    def omit_personal_data(self) -> CollectResult:
        """Return the result without the contents of personal columns, as ``--json`` shows it."""
        book = self.ledger.book
        return replace(
            self,
            ledger=omit_personal_data(self.ledger),
            harvested=tuple(blank_note(note, book) for note in self.harvested),
            overruled_notes=tuple(blank_problem(note, book) for note in self.overruled_notes),
            unread_notes=tuple(blank_problem(note, book) for note in self.unread_notes),
        )


def collect(  # noqa: PLR0913  one argument an option of the command
    book_path: StrPath,
    returns: StrPath | Url | Iterable[StrPath | Url],
    output: StrPath,
    *,
    as_of: date,
    prefer: StrPath | Iterable[StrPath] = (),
    dry_run: bool = False,
    passwords: str | Iterable[str] = (),
    export: str = "",
    scheduler: str = "",
    for_upload: bool = False,
    personal_data: bool = False,
    insecure_scheduler: bool = False,
    on_progress: ProgressCallback = no_progress,
) -> CollectResult:
    """Merge every file under ``returns`` and write the annual summary into ``output``.

    ``prefer`` names files, by path or by their name in 报送情况, whose answers take
    precedence over other files of the same round. ``passwords`` are tried on encrypted
    files. ``export`` is "csv", "parquet" or blank. ``scheduler`` is the address of a Dask
    cluster whose workers read the files; URLs in ``returns`` need one. Only with
    ``insecure_scheduler`` may they go there unencrypted. ``for_upload`` asks for 上报汇总.xlsx
    too, the summary without personal data; once there, it is kept up to date.
    The export has the columns of personal data only with ``personal_data``. ``on_progress``
    is called with the number of files read and the number known.
    Raises InputError or FileError when the book, the folders or the output cannot be
    used, and ProgramFaultError when the program failed on every file it should have read;
    whatever is wrong in a return is in the ledger instead.
    """
    from ledgerbook.export import check_exporter
    from ledgerbook.summary import (
        build_summary_filename,
        describe_overruled_notes,
        describe_unread_notes,
        list_review_texts,
    )

    book_path, returns = to_path("book_path", book_path), to_locations("returns", returns)
    require_paths("returns", returns)
    output, as_of = to_path("output", output), to_day("as_of", as_of)
    prefer, passwords = to_path_texts("prefer", prefer), to_texts("passwords", passwords)
    check_texts(export=export, scheduler=scheduler)
    check_flags(
        dry_run=dry_run,
        for_upload=for_upload,
        personal_data=personal_data,
        insecure_scheduler=insecure_scheduler,
    )
    check_callback("on_progress", on_progress)
    require_scheduler(scheduler, insecure_scheduler=insecure_scheduler)
    check_exporter(export)
    with nullcontext() if dry_run else hold_run_lock(book_path.parent):
        book, book_version = read_current_book(book_path, is_read_only=dry_run)
        # openpyxl leaves large reference cycles; the command line collects rarely.
        gc.collect()
        target = output / build_summary_filename(book)
        files = find_returns(returns, scheduler)
        check_preferred(prefer, files)
        folders = [output / ATTACHMENT_FOLDER, *_list_export_folders(target)]
        atomic.refuse_links(output, [*folders, *_list_output_paths(book, target)])
        if not dry_run:
            # Reading may take minutes: fail before it rather than after.
            atomic.check_writable([target, _name_upload_summary(target, book), _name_board(target)])
        contents = read_returns(
            files,
            book,
            as_of,
            passwords,
            on_progress,
            scheduler=scheduler,
            insecure_scheduler=insecure_scheduler,
        )
        refuse_program_faults(contents, "collect")
        earlier = _read_earlier_summary(target, book, as_of)
        notes = earlier.harvest.notes
        recorded = book
        book = replace(book, office_notes=(*book.office_notes, *notes))
        ledger = _exclude_written_files(
            merge_returns(
                book, contents, as_of, preferred=resolve_preferred(prefer, files, contents)
            ),
            files,
            target,
        )
        ledger = _name_changed_cells(ledger, files, target)
        if dry_run:
            return CollectResult(ledger, (), office_notes=list_review_texts(ledger.book))
        summary_version = atomic.compute_version(earlier.data)
        atomic.refuse_changed(
            {target: summary_version, **({book_path: book_version} if notes else {})}
        )
        has_recorded = _record_notes(book_path, book_version, book, notes)
        copy, cells = _keep_earlier_summary(target, ledger, earlier)
        upload = _name_upload_summary(target, book)
        extras = _Extras(export, personal_data, upload if for_upload or upload.exists() else None)
        edited_upload = keep_edited_copy(upload, ledger.as_of)
        recorded = leave_out_later_words(book if has_recorded else recorded, as_of)
        result = _write_outputs(ledger, target, extras, recorded, summary_version)
    return replace(
        result,
        edited_upload=edited_upload,
        harvested=notes,
        has_recorded=has_recorded,
        edited_summary=copy if earlier.is_readable else None,
        unreadable_summary=None if earlier.is_readable else copy,
        edited_cells=cells,
        overruled_notes=(
            describe_overruled_notes(ledger, earlier.harvest.overruled, copy) if copy else ()
        ),
        unread_notes=describe_unread_notes(ledger, earlier.harvest.unread),
    )


@dataclass(frozen=True, slots=True)
class _Extras:
    """What is written beside the summary: the kind of export or blank, and 上报汇总 or not."""

    export: str
    personal_data: bool
    upload: Path | None


def _write_outputs(
    ledger: Ledger, target: Path, extras: _Extras, recorded: Book, summary_version: str
) -> CollectResult:
    """Write what was collected: the summary, the detail, what is to be corrected.

    ``recorded`` is the book as it is on the disk, as of the same day; ``summary_version`` is
    that of the summary that is replaced.
    """
    from ledgerbook.board import write_board
    from ledgerbook.data_tables.ledger_tables import build_ledger_tables
    from ledgerbook.summary import list_review_texts, write_summary, write_upload_summary

    export, upload = extras.export, extras.upload
    outputs = [target, *([upload] if upload else ())]
    board, kept = _name_board(target), _find_kept_summaries(ledger, target)
    corrections = _prepare_corrections(ledger, target.parent / CORRECTIONS_FOLDER)
    exported = ledger if extras.personal_data or not export else omit_personal_data(ledger)
    tables = build_ledger_tables(exported) if export else ()
    folder = find_export_folder(target, export)
    atomic.check_writable(
        [
            *outputs,
            board,
            *(list_export_paths(folder, tables, export) if export else ()),
            *kept,
            *corrections.to_write,
            *corrections.to_remove,
        ]
    )
    pictures = _save_pictures(ledger, target.parent)
    note_texts = list_review_texts(ledger.book)
    summary = write_summary(ledger, recorded=recorded)
    data = {target: summary, **dict.fromkeys(kept, summary), board: write_board(ledger)}
    atomic.write_files(data, {target: summary_version})
    if upload:
        atomic.write_file(upload, write_upload_summary(ledger))
    if export:
        write_export(folder, tables, export)
        outputs.append(folder)
    try:
        _write_corrections(corrections)
    except FileError as error:
        raise FileError(
            f"{error}年度汇总“{target}”已经写好，"
            f"只有“{CORRECTIONS_FOLDER}”还不全，再运行一次就能补上。",
            code=error.code,
            path=error.path,
            values=error.values,
        ) from error
    return CollectResult(
        ledger,
        (*outputs, board, *kept, *corrections.to_write),
        corrections.edited,
        pictures,
        note_texts,
    )


def _find_kept_summaries(ledger: Ledger, target: Path) -> list[Path]:
    """Return where the summary of the current round is kept: 历次/<round>.xlsx.

    Those of earlier rounds stay as they are, whatever day is summed up. A year of one round
    has nothing to keep.
    """
    book = ledger.book
    if len(book.rounds) == 1 or not ledger.round_reports:
        return []
    names = [round_.name for round_ in book.rounds]
    current = ledger.round_reports[-1].round
    path = _list_kept_paths(book, target)[current]
    issued = {record.round for record in book.issue_records}
    is_over = any(name in issued for name in names[names.index(current) + 1 :])
    return [] if is_over and path.exists() else [path]


def _list_kept_paths(book: Book, target: Path) -> dict[str, Path]:
    """Return by round where its summary is kept."""
    stems = make_file_names([round_.name for round_ in book.rounds])
    return {name: target.parent / HISTORY_FOLDER / f"{stem}.xlsx" for name, stem in stems.items()}


def _list_output_paths(book: Book, target: Path) -> list[Path]:
    """Return every path to which any run writes, but for exports and pictures."""
    folder = target.parent / CORRECTIONS_FOLDER
    stems = make_file_names(book.section_names).values()
    kept = _list_kept_paths(book, target).values()
    beside = (_name_upload_summary(target, book), _name_board(target))
    return [target, *beside, *kept, *(folder / f"{stem}.xlsx" for stem in stems)]


def _name_upload_summary(target: Path, book: Book) -> Path:
    """Return where the summary without personal data goes, beside the full one."""
    from ledgerbook.identity import OutputKind
    from ledgerbook.summary import build_summary_filename

    return target.with_name(build_summary_filename(book, OutputKind.UPLOAD_SUMMARY))


def _name_board(target: Path) -> Path:
    """Return where 看板.html goes, beside the summary."""
    from ledgerbook.board import BOARD_NAME

    return target.with_name(BOARD_NAME)


def _list_export_folders(target: Path) -> list[Path]:
    """Return the folders beside the summary to which exports of any kind go."""
    return [find_export_folder(target, export_kind) for export_kind in EXPORT_KINDS]


def _exclude_written_files(ledger: Ledger, files: Mapping[str, Path | Url], target: Path) -> Ledger:
    """Return the ledger without the files that earlier runs have written.

    The output folder may lie among the returns. Without this a second run would list the
    outputs of the first and differ from it. What somebody typed into the summary there, and
    the copies of such ones, are the matter of :func:`_keep_earlier_summary`. A correction
    workbook that a section has filled in is a return and stays.
    """
    output_paths = (
        *_list_output_paths(ledger.book, target),
        *(target.parent / saved.saved_path for saved in ledger.attachments if saved.saved_path),
    )
    real_outputs = {os.path.realpath(path) for path in output_paths}
    real_exports = set(map(os.path.realpath, _list_export_folders(target)))
    real_paths = {
        file_name: os.path.realpath(location)
        for file_name, location in files.items()
        if not isinstance(location, Url)
    }
    changed_names = {
        problem.place.file for problem in ledger.problems if problem.code == OWN_CHANGED_CODE
    } & {report.name for report in ledger.file_reports if report.status is FileStatus.REJECTED}
    skipped_names = {
        report.name
        for report in ledger.file_reports
        if (
            (report.status is FileStatus.SKIPPED or report.name in changed_names)
            and (path := real_paths.get(report.name))
            and (path in real_outputs or _is_copy_beside(path, target))
        )
        # A csv file is otherwise rejected with a problem, not skipped.
        or os.path.split(real_paths.get(report.name, ""))[0] in real_exports
    }
    return replace(
        ledger,
        file_reports=tuple(
            report for report in ledger.file_reports if report.name not in skipped_names
        ),
        problems=tuple(
            problem for problem in ledger.problems if problem.place.file not in skipped_names
        ),
    )


def _is_copy_beside(path: str, target: Path) -> bool:
    """Return whether a file is a copy of an earlier summary that was kept beside ``target``."""
    folder, name = os.path.split(path)
    return folder == os.path.realpath(target.parent) and is_kept_copy(name)


# More would hide the sentence that they stand in.
_MAX_NAMED_CELLS = 20


def _name_changed_cells(ledger: Ledger, files: Mapping[str, Path | Url], target: Path) -> Ledger:
    """Return the ledger with the cells that somebody changed in a circulated summary.

    They are known of a file on disk where what was sent is at hand.
    """
    changed = {
        problem.place.file: problem
        for problem in ledger.problems
        if problem.code == OWN_CHANGED_CODE and isinstance(files.get(problem.place.file), Path)
    }
    if not changed:
        return ledger
    written = _list_written_summaries(target, ledger.book)
    named = {
        file: _name_cells(problem, Path(str(files[file])), written)
        for file, problem in changed.items()
    }
    return replace(
        ledger,
        problems=tuple(
            named[problem.place.file]
            if problem.code == OWN_CHANGED_CODE and problem.place.file in named
            else problem
            for problem in ledger.problems
        ),
        file_reports=tuple(
            replace(report, note=named[report.name].message)
            if report.name in named and report.status is FileStatus.REJECTED
            else report
            for report in ledger.file_reports
        ),
    )


def _list_written_summaries(target: Path, book: Book) -> list[tuple[str, bytes]]:
    """Return the summaries that are at hand as they were written, each with its kind."""
    from ledgerbook.identity import is_modified, read_output_kind

    folder = target.parent / HISTORY_FOLDER
    paths = [*sorted(folder.glob("*.xlsx")), target, _name_upload_summary(target, book)]
    summaries = [
        (read_output_kind(path), read_existing_bytes(path)) for path in paths if path.is_file()
    ]
    return [(kind, data) for kind, data in summaries if not is_modified(data, book.key)]


def _name_cells(problem: Problem, path: Path, written: Sequence[tuple[str, bytes]]) -> Problem:
    """Return the problem with the cells that differ from the likest summary of its kind."""
    data, values = read_existing_bytes(path), dict(problem.values)
    originals = [original for kind, original in written if kind == values["what"]]
    edits = [edit for one in originals if (edit := _find_hand_edits(data, one)) is not None]
    # The sheets that were read are no changes; the sentence names them.
    cells = [
        cell
        for cell in min(edits, key=len, default=())
        if f"“{cell.rpartition(' ')[0]}”" not in values["read"]
    ]
    more = f"等 {len(cells)} 处" if len(cells) > _MAX_NAMED_CELLS else ""
    text = f"：{'、'.join(cells[:_MAX_NAMED_CELLS])}{more}" if cells else ""
    return replace(problem, values=values | {"cells": text})


def _save_pictures(ledger: Ledger, output: Path) -> tuple[Path, ...]:
    """Save the pictures under the paths that the summary names, and return the paths.

    Pictures of earlier runs are not deleted: somebody may refer to them.
    """
    pictures_by_path = {
        output / picture.saved_path: picture for picture in ledger.attachments if picture.saved_path
    }
    atomic.refuse_links(output, pictures_by_path)
    new_files = {
        path: picture.data
        for path, picture in pictures_by_path.items()
        if not (path.is_file() and read_existing_bytes(path) == picture.data)
    }
    atomic.write_files(new_files)
    return tuple(pictures_by_path)


@dataclass(frozen=True, slots=True)
class _CorrectionFiles:
    """The correction workbooks of a run by path.

    ``to_remove`` have no open problems any more; ``edited`` were edited by somebody and
    are left alone.
    """

    to_write: Mapping[Path, bytes]
    to_remove: tuple[Path, ...]
    edited: tuple[Path, ...]


def _prepare_corrections(ledger: Ledger, folder: Path) -> _CorrectionFiles:
    """Build the correction workbooks, and sort them and the existing ones."""
    from ledgerbook.identity import is_modified
    from ledgerbook.issue.corrections import build_corrections

    data_by_path = {folder / file.name: file.data for file in build_corrections(ledger)}
    stems = make_file_names(ledger.book.section_names).values()
    existing = [path for stem in stems if (path := folder / f"{stem}.xlsx").exists()]
    edited = tuple(path for path in existing if is_modified(read_existing_bytes(path)))
    return _CorrectionFiles(
        {path: data for path, data in data_by_path.items() if path not in edited},
        tuple(path for path in existing if path not in (*edited, *data_by_path)),
        edited,
    )


def _write_corrections(files: _CorrectionFiles) -> None:
    """Write the correction workbooks; remove those without open problems."""
    for path in files.to_remove:
        atomic.remove_file(path)
    atomic.write_files(files.to_write)


@dataclass(frozen=True, slots=True)
class _EarlierSummary:
    """The summary that is about to be replaced, and what the office typed into it.

    ``data`` are its bytes, None where there is none. Of one that cannot be read nothing is
    known but that it must be kept.
    """

    data: bytes | None
    harvest: Harvest
    is_readable: bool = True


def _read_earlier_summary(path: Path, book: Book, day: date) -> _EarlierSummary:
    """Read the summary that is about to be replaced, if any.

    Raises FileError for one whose texts of the office cannot be assigned to their rows.
    """
    from ledgerbook.summary import Harvest, find_row_code_header, harvest_notes, read_office_notes

    if not path.exists():
        return _EarlierSummary(None, Harvest())
    data = read_existing_bytes(path)
    try:
        read = read_office_notes(data, find_row_code_header(book))
    except FileError as error:
        if error.code != "summary-unreadable":
            raise
        return _EarlierSummary(data, Harvest(), is_readable=False)
    return _EarlierSummary(data, harvest_notes(book, read, day))


def _record_notes(book_path: Path, version: str, book: Book, notes: Sequence[OfficeNote]) -> bool:
    """Append notes to the book that was read; return False where another program has it open."""
    from ledgerbook.book import append_office_notes

    if not notes:
        return True
    data = append_office_notes(read_file_bytes(book_path, "台账"), book, notes)
    try:
        atomic.check_writable([book_path])
        atomic.write_file(book_path, data, version)
    except FileError as error:
        if error.code == "file-changed":
            raise
        return False
    return True


def _keep_earlier_summary(
    target: Path, ledger: Ledger, earlier: _EarlierSummary
) -> tuple[Path | None, tuple[str, ...]]:
    """Copy the summary that is about to be replaced if something in it would be lost.

    That is where it cannot be read, where the book has newer texts than it, and where somebody
    typed into other cells. Return the copy and those cells. They are known where what was
    written is kept in 历次.
    """
    from ledgerbook.summary import was_saved_since

    if earlier.data is None:
        return None, ()
    if not earlier.is_readable:
        return copy_summary(target, earlier.data, ledger.as_of, UNREADABLE_COPY_MARK), ()
    was_saved = was_saved_since(earlier.data)
    written = _read_written_summary(target.parent / HISTORY_FOLDER, ledger.book)
    cells = _find_hand_edits(earlier.data, written) if was_saved else ()
    # None: what was written is not known, so that any cell may have been changed.
    if not earlier.harvest.overruled and cells == ():
        return None, ()
    return copy_summary(target, earlier.data, ledger.as_of, EDITED_COPY_MARK), cells or ()


def _find_hand_edits(data: bytes, written: bytes) -> tuple[str, ...] | None:
    """Return the cells that differ from what was ``written``, None where that cannot be read."""
    from ledgerbook.summary import find_hand_edits

    try:
        return find_hand_edits(data, written) if written else None
    except FileError:
        return None


def _read_written_summary(folder: Path, book: Book) -> bytes:
    """Return the newest summary of 历次 as it was written; no bytes where there is none."""
    stems = make_file_names([round_.name for round_ in book.rounds])
    for round_ in reversed(book.rounds):
        path = folder / f"{stems[round_.name]}.xlsx"
        if path.exists():
            return read_existing_bytes(path)
    return b""
