"""Find and read the files that several commands need: returns, books, existing outputs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import count
from pathlib import Path

from ledgerbook.errors import FileError, InputError, ProgramFaultError, name_option
from ledgerbook.identity import OutputKind, read_output_kind
from ledgerbook.intake.file_content import FileContent
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.merge.saved_times import leave_out_later_files
from ledgerbook.model import Book
from ledgerbook.model.messages import advise_on_program_fault
from ledgerbook.model.results import FileReport, Ledger
from ledgerbook.parallel import ProgressCallback, no_progress
from ledgerbook.storage import atomic, locks
from ledgerbook.storage.file_names import EDITED_COPY_MARK
from ledgerbook.storage.folders import Url, find_files, read_file_bytes

# How many files on which the program failed a message names.
_MAX_NAMED_FILES = 5


def require_paths(name: str, paths: Sequence[Path | Url]) -> None:
    """Raise InputError when the argument ``name`` has no path at all.

    To go on would report every section as missing because a pattern has matched nothing.
    """
    if not paths:
        raise InputError(
            f"{name}= 是空的，一个文件或文件夹也没有给出，没有运行。"
            "请写上要读的文件或文件夹；生成器（generator）只能用一次，再用就是空的。",
            code="returns-missing",
        )


def find_returns(sources: Sequence[Path | Url], scheduler: str) -> dict[str, Path | Url]:
    """Return the files under ``sources`` by the names under which they are reported.

    ``scheduler`` is the address of a Dask cluster, or blank. Raises InputError for a URL
    without a cluster, and FileError for a path that cannot be listed.
    """
    urls = [source for source in sources if isinstance(source, Url)]
    paths = [source for source in sources if not isinstance(source, Url)]
    files: dict[str, Path | Url] = {**find_files(paths)}
    if not urls:
        return files
    if not scheduler:
        raise InputError(
            f"“{urls[0]}”是网址，本机只读文件和文件夹。请先下载到文件夹里再汇总；"
            f"或者加上 {name_option('--scheduler', 'scheduler=')}，由集群去读。",
            code="scheduler-missing",
            values={"url": urls[0].text},
        )
    from ledgerbook.intake.urls import find_urls

    return dict(sorted({**files, **find_urls(urls, files)}.items()))


def require_scheduler(scheduler: str, *, insecure_scheduler: bool) -> None:
    """Raise InputError where it is said how to reach a cluster, and not which."""
    if insecure_scheduler and not scheduler:
        insecure = name_option("--insecure-scheduler", "insecure_scheduler=")
        address = name_option("--scheduler", "scheduler=")
        raise InputError(
            f"{insecure} 要与 {address} 一起用，没有汇总。"
            f"由集群读表的，加上 {address} 和集群的地址；在本机汇总的，去掉 {insecure}。",
            code="scheduler-missing",
        )


def read_returns(
    files: Mapping[str, Path | Url],
    book: Book,
    as_of: date,
    passwords: Sequence[str],
    on_progress: ProgressCallback = no_progress,
    *,
    scheduler: str = "",
    insecure_scheduler: bool = False,
) -> list[FileContent]:
    """Read the returns in local worker processes, or on the cluster of ``scheduler``.

    Workbooks that are unchanged since they were issued are skipped with a notice, and so are
    those that were saved after ``as_of``.
    """
    from ledgerbook.intake.pipeline import refuse_as_sent

    if scheduler:
        from ledgerbook.intake import dask_backend

        contents = dask_backend.read_files(
            files,
            book,
            as_of,
            passwords=passwords,
            scheduler=scheduler,
            insecure_scheduler=insecure_scheduler,
            on_progress=on_progress,
        )
    else:
        from ledgerbook.intake.worker_pool import read_files

        local_files = {
            file_name: location
            for file_name, location in files.items()
            if not isinstance(location, Url)
        }
        contents = read_files(
            local_files, book, as_of, passwords=passwords, on_progress=on_progress
        )
    returned = [refuse_as_sent(content) for content in contents]
    return leave_out_later_files(book, returned, as_of)


def merge_files(
    book: Book,
    sources: Sequence[Path],
    as_of: date,
    command: str,
    *,
    prefer: Sequence[str],
    passwords: Sequence[str],
    on_progress: ProgressCallback = no_progress,
) -> Ledger:
    """Read and merge the files under ``sources`` for ``command``, on this machine.

    Raises InputError, FileError and ProgramFaultError as the functions here do.
    """
    files = find_files(sources)
    check_preferred(prefer, files)
    contents = read_returns(files, book, as_of, passwords, on_progress)
    refuse_program_faults(contents, command)
    preferred = resolve_preferred(prefer, files, contents)
    return merge_returns(book, contents, as_of, preferred=preferred)


def refuse_program_faults(
    contents: Sequence[FileContent], command: str, *, need_all: bool = False
) -> None:
    """Raise ProgramFaultError when the program's own faults left nothing to go on with.

    That is when no file gave anything and at least one failed by a fault of ours, or, with
    ``need_all``, when any did.
    """
    faulty = [content.report for content in contents if content.report.fault]
    has_content = any(
        content.rows or content.registers or content.nil_returns for content in contents
    )
    if faulty and (need_all or not has_content):
        raise make_program_fault_error(faulty, command)


def make_program_fault_error(faulty: Sequence[FileReport], command: str) -> ProgramFaultError:
    """Return the error for the files of ``faulty``, on which the program itself failed."""
    names = "、".join(report.name for report in faulty[:_MAX_NAMED_FILES])
    is_long = len(faulty) > _MAX_NAMED_FILES
    faults = [report.fault for report in faulty if report.fault]
    types = "、".join(dict.fromkeys(fault.error_type for fault in faults))
    message = (
        f"程序有错，不是表的问题：有 {len(faulty)} 个文件程序没能读（错误代号 {types}），"
        f"没有写任何文件："
        f"{names}{' 等' if is_long else ''}。"
        f"{advise_on_program_fault(command, len(faulty))}"
    )
    return ProgramFaultError(message, faults, code="program-fault")


def refuse_own_file(plan: Path) -> None:
    """Raise InputError where a file given as the plan is one that this program has made."""
    from ledgerbook.book import is_book

    kind = read_output_kind(plan) or (OutputKind.BOOK if is_book(plan) else "")
    if kind:
        raise InputError(
            f"“{plan.name}”是本工具做的{kind}，不是分工方案。方案修订了，请用修订后的方案文件。",
            code="plan-missing",
            path=plan,
        )


def read_current_book(path: Path, *, is_read_only: bool = False) -> tuple[Book, str]:
    """Return the book and its version, its cells brought up to date with what the office changed.

    Cells that cannot be written, as where another program has the book open, wait for the next
    command; nothing is written where ``is_read_only``. Raises as ``read_book``, and FileError
    where the file has changed meanwhile.
    """
    from ledgerbook.book import read_book_and_stale_cells, rewrite_stale_cells

    version = atomic.read_version(path)
    book, stale = read_book_and_stale_cells(path)
    if is_read_only or not stale.changes_by_sheet or locks.find_lock(path):
        return book, version
    try:
        data = rewrite_stale_cells(read_file_bytes(path, "台账"), stale)
        atomic.check_writable([path])
        atomic.write_file(path, data, version)
    except (FileError, InputError) as error:
        if error.code == "file-changed":
            raise
        return book, version
    return book, atomic.read_version(path)


def require_suffix(output: Path, suffix: str, document: str) -> None:
    """Raise InputError when ``output`` has another suffix; ``document`` is its Chinese name."""
    if output.suffix.lower() != suffix:
        raise InputError(
            f"{document}要存成 {suffix} 格式，“{output.name}”不行。"
            f"请把文件名改成“{output.stem}{suffix}”。",
            code="suffix-wrong",
            path=output,
            values={"suffix": suffix},
        )


def read_existing_bytes(path: Path) -> bytes:
    """Read a file that is about to be replaced, for what somebody may have put in."""
    return read_file_bytes(path, "原有的", "没有覆盖")


def is_edited(path: Path) -> bool:
    """Return whether a file exists and was edited since we wrote it, or is not ours."""
    from ledgerbook.identity import is_modified

    return path.exists() and is_modified(read_existing_bytes(path))


def keep_edited_copy(path: Path, day: date) -> Path | None:
    """Copy a summary or a roll-up that is about to be replaced, if somebody has saved it."""
    from ledgerbook.summary import was_saved_since

    data = read_existing_bytes(path) if path.exists() else b""
    if not data or not was_saved_since(data):
        return None
    return copy_summary(path, data, day, EDITED_COPY_MARK)


def copy_summary(target: Path, data: bytes, day: date, mark: str) -> Path:
    """Write ``data``, those of the summary, beside it under a name of their own with ``mark``."""
    for number in count(1):
        suffix = f" {number}" if number > 1 else ""
        name = f"{target.stem}{mark} {day}{suffix}）{target.suffix}"
        copy = target.with_name(name)
        if not copy.exists():
            atomic.write_file(copy, data)
        if read_existing_bytes(copy) == data:
            return copy
    raise AssertionError


def check_preferred(wanted: Sequence[str], files: Mapping[str, Path | Url]) -> None:
    """Raise InputError, before files are read, for one in ``wanted`` that cannot be among them.

    A file inside an archive or a mail is known only when that has been read, by a name that
    begins with the archive's.
    """
    names_by_location = {_resolve_location(location): name for name, location in files.items()}
    prefixes = tuple(f"{name}/" for name in files)
    _refuse_unknown_files(
        [
            wanted_file
            for wanted_file in wanted
            if wanted_file not in files
            and not wanted_file.startswith(prefixes)
            and _find_name(wanted_file, names_by_location) is None
        ]
    )


def _find_name(wanted_file: str, names_by_location: Mapping[str, str]) -> str | None:
    """Return the reported name of a file that is named by its path or URL."""
    return names_by_location.get(
        wanted_file, names_by_location.get(_resolve_location(Path(wanted_file)))
    )


def _refuse_unknown_files(unknown: Sequence[str]) -> None:
    if unknown:
        raise InputError(
            f"要优先采用的文件“{'”“'.join(unknown)}”不在这次读的文件里。"
            "请照“报送情况”表里的文件名写，或写出文件的完整路径。",
            code="preferred-unknown",
            values={"files": tuple(unknown)},
        )


def resolve_preferred(
    wanted: Sequence[str],
    files: Mapping[str, Path | Url],
    contents: Sequence[FileContent],
) -> frozenset[str]:
    """Return the reported names of the files that ``--prefer`` names.

    ``wanted`` are reported names or paths. An archive or a mail stands for all files that
    were read out of it. Raises InputError for a file that was not read.
    """
    if not wanted:
        return frozenset()
    names_by_location = {_resolve_location(location): name for name, location in files.items()}
    names = {content.report.name for content in contents}
    resolved = {
        wanted_file: wanted_file
        if wanted_file in names
        else _find_name(wanted_file, names_by_location)
        for wanted_file in wanted
    }
    _refuse_unknown_files([wanted_file for wanted_file, name in resolved.items() if name is None])
    chosen = [name for name in resolved.values() if name]
    prefixes = tuple(f"{name}/" for name in chosen)
    return frozenset((*chosen, *(name for name in names if name.startswith(prefixes))))


def _resolve_location(location: Path | Url) -> str:
    # os.path.realpath, because Path.resolve raises for a link to itself.
    return str(location) if isinstance(location, Url) else os.path.realpath(location)
