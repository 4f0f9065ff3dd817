"""What came back becomes the annual summary, and workbooks to be corrected."""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook.commands.inputs import find_returns, old_bytes, preferred, read_returns
from ledgerbook.errors import FileError
from ledgerbook.excel.names import file_names
from ledgerbook.export import rows_of
from ledgerbook.merge.ledger import merge
from ledgerbook.model import Book
from ledgerbook.model.results import FileStatus, Ledger
from ledgerbook.parallel import Progress, silent
from ledgerbook.storage import atomic
from ledgerbook.storage.folders import Url

if TYPE_CHECKING:
    import pandas as pd

    from ledgerbook.summary import OfficeNotes


CORRECTIONS = "退回修改"


@dataclass(frozen=True, slots=True)
class CollectResult:
    """A merged ledger and the files written for it (none in a dry run).

    ``left`` are workbooks to be corrected that somebody is working on: not renewed.
    ``pictures`` are those that hung on the returns; ``said`` the office's own words in
    the summary of before, by row code and header.
    """

    ledger: Ledger
    outputs: tuple[Path, ...]
    left: tuple[Path, ...] = ()
    pictures: tuple[Path, ...] = ()
    said: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def frame(self) -> pd.DataFrame:
        """Return the detail, a row a task and section: see docs/detail-schema.md."""
        from ledgerbook.export import to_frame

        return to_frame(rows_of(self.ledger, self.said))


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
    told: Progress = silent,
) -> CollectResult:
    """Merge every file under ``returns`` and write the annual summary into ``output``.

    ``prefer`` names files, by path or as 报送情况 names them, whose answers count
    whatever another file of the same round says; ``passwords`` are tried on files
    that are locked. ``export`` asks for the detail as csv or parquet as well. The
    workers of a Dask ``scheduler`` read the files, if one is named; what is at a URL
    only they can. ``told`` hears how many files are read, of how many known of.
    Raises InputError or FileError when the book, the folders or the output cannot be
    used; whatever is wrong in a return is in the ledger instead.
    """
    from ledgerbook.book import read_book
    from ledgerbook.export import check_exporter
    from ledgerbook.summary import summary_name

    check_exporter(export)
    book = read_book(book_path)
    # What reading a workbook leaves behind are rings, and large ones.
    gc.collect()
    target = output / summary_name(book)
    files = find_returns(returns, scheduler)
    if not dry_run:
        # Reading may take minutes: what stops the run then is better told now.
        atomic.ready([target])
    reads = read_returns(files, book, as_of, passwords, scheduler, told)
    ledger = _without_own(
        merge(book, reads, as_of, preferred=preferred(prefer, files, reads)),
        files,
        target,
    )
    return CollectResult(ledger, ()) if dry_run else _written(ledger, target, export)


def _written(ledger: Ledger, target: Path, export: str) -> CollectResult:
    """Write what was collected: the summary, the detail, what is to be corrected."""
    from ledgerbook.export import EXPORTERS
    from ledgerbook.summary import write_summary

    outputs = [target, *([_exports(target)[export]] if export else ())]
    back = _to_send_back(ledger, target.parent / CORRECTIONS)
    atomic.ready([*outputs, *back.made, *back.settled])
    reviews = _reviews(target, ledger.book)
    pictures = _keep_pictures(ledger, target.parent)
    said = reviews.said if reviews else {}
    atomic.write(target, write_summary(ledger, reviews))
    if export:
        atomic.write(outputs[-1], EXPORTERS[export](rows_of(ledger, said)))
    try:
        _send_back(back)
    except FileError as error:
        raise FileError(
            f"{error}年度汇总“{target}”已经写好，"
            f"只有“{CORRECTIONS}”还不全，再运行一次就能补上。"
        ) from error
    return CollectResult(ledger, (*outputs, *back.made), back.left, pictures, said)


def _exports(target: Path) -> dict[str, Path]:
    """Return where the detail goes beside the summary, by kind of export."""
    from ledgerbook.export import EXPORTERS

    return {kind: target.with_name(f"{target.stem}明细.{kind}") for kind in EXPORTERS}


def _without_own(
    ledger: Ledger, files: Mapping[str, Path | Url], target: Path
) -> Ledger:
    """Leave out what earlier runs have written where this one writes.

    It is no part of what came back; told of, it would make a second run differ from
    the first. A workbook that somebody has corrected there is a return.
    """
    folder = target.parent
    stems = file_names(ledger.book.section_names).values()
    written = (
        target,
        *(folder / CORRECTIONS / f"{stem}.xlsx" for stem in stems),
        *(folder / one.stored for one in ledger.attachments if one.stored),
    )
    own = {os.path.realpath(path) for path in written}
    exports = {os.path.realpath(path) for path in _exports(target).values()}
    real = {n: os.path.realpath(at) for n, at in files.items() if isinstance(at, Path)}
    skipped = {
        one.name
        for one in ledger.files
        if (one.verdict is FileStatus.SKIPPED and real.get(one.name) in own)
        # A csv is sent back as a rule, so that what it says is not lost.
        or real.get(one.name) in exports
    }
    return replace(
        ledger,
        files=tuple(one for one in ledger.files if one.name not in skipped),
        problems=tuple(p for p in ledger.problems if p.place.file not in skipped),
    )


def _keep_pictures(ledger: Ledger, output: Path) -> tuple[Path, ...]:
    """Put every picture where the summary will say that it is.

    What earlier runs have put there stays: somebody may refer to it.
    """
    wanted = {output / one.stored: one for one in ledger.attachments if one.stored}
    new = {
        path: one.data
        for path, one in wanted.items()
        if not (path.is_file() and old_bytes(path) == one.data)
    }
    atomic.write_all(new)
    return tuple(wanted)


@dataclass(frozen=True, slots=True)
class _Back:
    """Workbooks to be corrected: to be written, settled, and being worked on."""

    made: Mapping[Path, bytes]
    settled: tuple[Path, ...]
    left: tuple[Path, ...]


def _to_send_back(ledger: Ledger, folder: Path) -> _Back:
    """Make the workbooks to be corrected; those that somebody has saved stay."""
    from ledgerbook.identity import touched
    from ledgerbook.issue.corrections import corrections

    made = {folder / one.name: one.data for one in corrections(ledger)}
    stems = file_names(ledger.book.section_names).values()
    there = [path for stem in stems if (path := folder / f"{stem}.xlsx").exists()]
    left = tuple(path for path in there if touched(old_bytes(path)))
    return _Back(
        {path: data for path, data in made.items() if path not in left},
        tuple(path for path in there if path not in (*left, *made)),
        left,
    )


def _send_back(back: _Back) -> None:
    """Write the workbooks to be corrected; take away those that are settled."""
    for path in back.settled:
        atomic.remove(path)
    atomic.write_all(back.made)


def _reviews(summary: Path, book: Book) -> OfficeNotes | None:
    """Read what the office has typed into the summary about to be replaced."""
    from ledgerbook.summary import code_header, read_reviews

    if not summary.exists():
        return None
    return read_reviews(old_bytes(summary), code_header(book))
