"""What came back becomes the annual summary, and workbooks to be corrected."""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook.commands.inputs import (
    find_returns,
    read_existing_bytes,
    read_returns,
    resolve_preferred,
)
from ledgerbook.errors import FileError
from ledgerbook.excel.names import make_file_names
from ledgerbook.export import build_detail_rows, build_ledger_columns
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book
from ledgerbook.model.results import FileStatus, Ledger
from ledgerbook.parallel import ProgressCallback, no_progress
from ledgerbook.storage import atomic
from ledgerbook.storage.folders import Url

if TYPE_CHECKING:
    import pandas as pd

    from ledgerbook.summary import OfficeNotes


CORRECTIONS_FOLDER = "退回修改"


@dataclass(frozen=True, slots=True)
class CollectResult:
    """A merged ledger and the files written for it (none in a dry run).

    ``edited_corrections`` are workbooks to be corrected that somebody is working on: not renewed.
    ``pictures`` are those that hung on the returns; ``office_notes`` the office's own words in
    the summary of before, by row code and header.
    """

    ledger: Ledger
    outputs: tuple[Path, ...]
    edited_corrections: tuple[Path, ...] = ()
    pictures: tuple[Path, ...] = ()
    office_notes: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def frame(self) -> pd.DataFrame:
        """Return the detail, a row a task and section: see docs/detail-schema.md."""
        from ledgerbook.export import to_frame

        rows = build_detail_rows(self.ledger, self.office_notes)
        return to_frame(rows, build_ledger_columns(self.ledger))


def collect(  # noqa: PLR0913  one argument an option of the command
    book_path: Path,
    returns: Sequence[Path | Url],
    output: Path,
    *,
    as_of: date,
    prefer: Sequence[str] = (),
    dry_run: bool = False,
    passwords: Sequence[str] = (),
    export: str = "",
    scheduler: str = "",
    on_progress: ProgressCallback = no_progress,
) -> CollectResult:
    """Merge every file under ``returns`` and write the annual summary into ``output``.

    ``prefer`` names files, by path or as 报送情况 names them, whose answers count
    whatever another file of the same round says; ``passwords`` are tried on files
    that are locked. ``export`` asks for the detail as csv or parquet as well. The
    workers of a Dask ``scheduler`` read the files, if one is named; what is at a URL
    only they can. ``on_progress`` hears how many files are read, of how many known of.
    Raises InputError or FileError when the book, the folders or the output cannot be
    used; whatever is wrong in a return is in the ledger instead.
    """
    from ledgerbook.book import read_book
    from ledgerbook.export import check_exporter
    from ledgerbook.summary import build_summary_filename

    check_exporter(export)
    book = read_book(book_path)
    # What reading a workbook leaves behind are rings, and large ones.
    gc.collect()
    target = output / build_summary_filename(book)
    files = find_returns(returns, scheduler)
    if not dry_run:
        # Reading may take minutes: what stops the run then is better told now.
        atomic.check_writable([target])
    contents = read_returns(files, book, as_of, passwords, scheduler, on_progress)
    ledger = _exclude_written_files(
        merge_returns(book, contents, as_of, preferred=resolve_preferred(prefer, files, contents)),
        files,
        target,
    )
    return CollectResult(ledger, ()) if dry_run else _write_outputs(ledger, target, export)


def _write_outputs(ledger: Ledger, target: Path, export: str) -> CollectResult:
    """Write what was collected: the summary, the detail, what is to be corrected."""
    from ledgerbook.export import EXPORTERS
    from ledgerbook.summary import write_summary

    outputs = [target, *([_list_export_paths(target)[export]] if export else ())]
    correction_files = _prepare_corrections(ledger, target.parent / CORRECTIONS_FOLDER)
    atomic.check_writable([*outputs, *correction_files.to_write, *correction_files.to_remove])
    notes = _read_office_notes(target, ledger.book)
    pictures = _save_pictures(ledger, target.parent)
    note_texts = notes.texts if notes else {}
    atomic.write_file(target, write_summary(ledger, notes))
    if export:
        rows, columns = build_detail_rows(ledger, note_texts), build_ledger_columns(ledger)
        atomic.write_file(outputs[-1], EXPORTERS[export](rows, columns))
    try:
        _write_corrections(correction_files)
    except FileError as error:
        raise FileError(
            f"{error}年度汇总“{target}”已经写好，"
            f"只有“{CORRECTIONS_FOLDER}”还不全，再运行一次就能补上。"
        ) from error
    return CollectResult(
        ledger,
        (*outputs, *correction_files.to_write),
        correction_files.edited,
        pictures,
        note_texts,
    )


def _list_export_paths(target: Path) -> dict[str, Path]:
    """Return where the detail goes beside the summary, by kind of export."""
    from ledgerbook.export import EXPORTERS

    return {
        export_format: target.with_name(f"{target.stem}明细.{export_format}")
        for export_format in EXPORTERS
    }


def _exclude_written_files(ledger: Ledger, files: Mapping[str, Path | Url], target: Path) -> Ledger:
    """Leave out what earlier runs have written where this one writes.

    It is no part of what came back; told of, it would make a second run differ from
    the first. A workbook that somebody has corrected there is a return.
    """
    folder = target.parent
    stems = make_file_names(ledger.book.section_names).values()
    output_paths = (
        target,
        *(folder / CORRECTIONS_FOLDER / f"{stem}.xlsx" for stem in stems),
        *(folder / item.saved_path for item in ledger.attachments if item.saved_path),
    )
    real_outputs = {os.path.realpath(path) for path in output_paths}
    real_exports = {os.path.realpath(path) for path in _list_export_paths(target).values()}
    real_paths = {
        file_name: os.path.realpath(location)
        for file_name, location in files.items()
        if isinstance(location, Path)
    }
    skipped_names = {
        item.name
        for item in ledger.file_reports
        if (item.status is FileStatus.SKIPPED and real_paths.get(item.name) in real_outputs)
        # A csv is sent back as a rule, so that what it says is not lost.
        or real_paths.get(item.name) in real_exports
    }
    return replace(
        ledger,
        file_reports=tuple(item for item in ledger.file_reports if item.name not in skipped_names),
        problems=tuple(
            problem for problem in ledger.problems if problem.place.file not in skipped_names
        ),
    )


def _save_pictures(ledger: Ledger, output: Path) -> tuple[Path, ...]:
    """Put every picture where the summary will say that it is.

    What earlier runs have put there stays: somebody may refer to it.
    """
    pictures_by_path = {
        output / picture.saved_path: picture for picture in ledger.attachments if picture.saved_path
    }
    new_files = {
        path: picture.data
        for path, picture in pictures_by_path.items()
        if not (path.is_file() and read_existing_bytes(path) == picture.data)
    }
    atomic.write_files(new_files)
    return tuple(pictures_by_path)


@dataclass(frozen=True, slots=True)
class _CorrectionFiles:
    """Workbooks to be corrected: to be written, settled, and being worked on."""

    to_write: Mapping[Path, bytes]
    to_remove: tuple[Path, ...]
    edited: tuple[Path, ...]


def _prepare_corrections(ledger: Ledger, folder: Path) -> _CorrectionFiles:
    """Make the workbooks to be corrected; those that somebody has saved stay."""
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
    """Write the workbooks to be corrected; take away those that are settled."""
    for path in files.to_remove:
        atomic.remove_file(path)
    atomic.write_files(files.to_write)


def _read_office_notes(summary: Path, book: Book) -> OfficeNotes | None:
    """Read what the office has typed into the summary about to be replaced."""
    from ledgerbook.summary import find_row_code_header, read_office_notes

    if not summary.exists():
        return None
    return read_office_notes(read_existing_bytes(summary), find_row_code_header(book))
