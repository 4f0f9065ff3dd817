"""What several jobs read from the disk."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from ledgerbook.errors import FileError, InputError, reason
from ledgerbook.intake.results import FileRead
from ledgerbook.model import Book
from ledgerbook.parallel import Progress, silent
from ledgerbook.storage.folders import Url, find_files


def find_returns(where: Sequence[Path | Url], scheduler: str) -> dict[str, Path | Url]:
    """List what came back, on disks and at URLs, by the names it is reported under.

    Raises InputError for a URL where there is no cluster that would read it.
    """
    paths = [one for one in where if isinstance(one, Path)]
    urls = [one for one in where if isinstance(one, Url)]
    files: dict[str, Path | Url] = {**find_files(paths)}
    if not urls:
        return files
    if not scheduler:
        raise InputError(
            f"“{urls[0]}”是网址，本机只读文件和文件夹。请先下载到文件夹里再汇总；"
            "或者加上 --scheduler，由集群去读。"
        )
    from ledgerbook.intake.dask_backend import find_urls

    return dict(sorted({**files, **find_urls(urls, files)}.items()))


def read_returns(
    files: Mapping[str, Path | Url],
    book: Book,
    as_of: date,
    passwords: Sequence[str],
    scheduler: str = "",
    told: Progress = silent,
) -> list[FileRead]:
    """Read what came back, here or on a cluster.

    A workbook that is as we sent it is no return.
    """
    from ledgerbook.intake.pipeline import returned

    if scheduler:
        from ledgerbook.intake import dask_backend

        reads = dask_backend.read_files(
            files, book, as_of, passwords=passwords, scheduler=scheduler, told=told
        )
    else:
        from ledgerbook.intake.worker_pool import read_files

        here = {n: where for n, where in files.items() if isinstance(where, Path)}
        reads = read_files(here, book, as_of, passwords=passwords, told=told)
    return [returned(read) for read in reads]


def demand_kind(output: Path, suffix: str, what: str) -> None:
    """Insist on the suffix by which programs know a file. Raises InputError."""
    if output.suffix.lower() != suffix:
        raise InputError(
            f"{what}要存成 {suffix} 格式，“{output.name}”不行。"
            f"请把文件名改成“{output.stem}{suffix}”。"
        )


def bytes_of_book(path: Path) -> bytes:
    """Read a book as it lies there. Raises FileError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"台账“{path}”读不了（{reason(error)}）。") from error


def old_bytes(path: Path) -> bytes:
    """Read a file that is about to be replaced, for what somebody may have put in."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(
            f"原有的“{path}”读不了（{reason(error)}），没有覆盖。"
        ) from error


def preferred(
    wanted: Sequence[str], files: Mapping[str, Path | Url], reads: Sequence[FileRead]
) -> frozenset[str]:
    """Return the reported names of ``wanted`` files. Raises InputError for no file.

    An archive or a mail stands for all that was read out of it.
    """
    if not wanted:
        return frozenset()
    by_place = {_place(where): name for name, where in files.items()}
    names = {read.report.name for read in reads}
    found = {
        one: one if one in names else by_place.get(one, by_place.get(_place(Path(one))))
        for one in wanted
    }
    unknown = [one for one, name in found.items() if name is None]
    if unknown:
        raise InputError(
            f"要优先采用的文件“{'”“'.join(unknown)}”不在这次读的文件里。"
            "请照“报送情况”表里的文件名写，或写出文件的完整路径。"
        )
    chosen = [name for name in found.values() if name]
    within = tuple(f"{name}/" for name in chosen)
    return frozenset((*chosen, *(name for name in names if name.startswith(within))))


def _place(where: Path | Url) -> str:
    # Path.resolve raises for a link to itself.
    return os.path.realpath(where) if isinstance(where, Path) else str(where)
