"""Implement ``rollup``: merge the annual summaries of many units for the level above."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook.commands.arguments import (
    StrPath,
    check_flags,
    check_texts,
    to_day,
    to_optional_number,
    to_optional_path,
    to_path,
    to_paths,
    to_texts,
)
from ledgerbook.commands.exports import find_export_folder, list_export_paths, write_export
from ledgerbook.commands.inputs import (
    keep_edited_copy,
    make_program_fault_error,
    require_paths,
)
from ledgerbook.errors import InputError
from ledgerbook.model.results import FileReport, FileStatus
from ledgerbook.storage import atomic
from ledgerbook.storage.file_names import is_kept_copy
from ledgerbook.storage.folders import find_files, is_link, is_readable_whole, read_file_bytes

if TYPE_CHECKING:
    from ledgerbook.rollup import Rollup


# Limits for reading one summary, in seconds and bytes. It may be far larger than a
# return: the roll-up of a lower level with 60,000 rows takes half a GiB.
_MAX_SECONDS = 300
_MAX_MEMORY = 2 * 2**30


@dataclass(frozen=True, slots=True)
class RollupResult:
    """A roll-up and the files written for it (none in a dry run).

    ``edited_rollup`` is a copy of the previous one, kept because somebody had saved it.
    """

    rollup: Rollup
    outputs: tuple[Path, ...]
    edited_rollup: Path | None = None


def roll_up(  # noqa: PLR0913  one argument an option of the command
    summaries: StrPath | Iterable[StrPath],
    output: StrPath,
    *,
    as_of: date,
    name: str = "",
    year: int | None = None,
    expect: StrPath | None = None,
    export: str = "",
    dry_run: bool = False,
    passwords: str | Iterable[str] = (),
    personal_data: bool = False,
) -> RollupResult:
    """Merge every summary under ``summaries`` and write the result into ``output``.

    ``name`` is the name of this level, such as 某市. ``year`` is that of most summaries
    unless given. ``expect`` is a file that lists the units that should report. ``export``
    is "csv", "parquet" or blank: a folder of tables beside the workbook. Columns that the units
    mark as personal data are left out of everything unless ``personal_data``.
    Raises InputError or FileError when an argument cannot be used, or no summary can be
    merged; whatever is wrong with a summary is in the roll-up instead.
    """
    from ledgerbook.data_tables.rollup_tables import build_rollup_tables
    from ledgerbook.export import check_exporter
    from ledgerbook.intake.worker_pool import ReadLimits, read_files
    from ledgerbook.rollup import (
        RollupRequest,
        build_rollup_stem,
        read_expected_units,
        read_summary,
        roll_up,
        write_rollup,
    )

    summaries, output = to_paths("summaries", summaries), to_path("output", output)
    require_paths("summaries", summaries)
    as_of, year = to_day("as_of", as_of), to_optional_number("year", year)
    expect, passwords = to_optional_path("expect", expect), to_texts("passwords", passwords)
    check_texts(name=name, export=export)
    check_flags(dry_run=dry_run, personal_data=personal_data)
    check_exporter(export)
    expected = (
        read_expected_units(expect, read_file_bytes(expect, "应报单位名单")) if expect else None
    )
    files = _exclude_earlier_results(find_files(summaries), output, expect, name)
    # What is no such file, whatever it is called, is reported as any other.
    copies = {
        file: path
        for file, path in files.items()
        if is_kept_copy(file) and not is_link(path) and is_readable_whole(path)
    }
    files = {file: path for file, path in files.items() if file not in copies}
    limits = ReadLimits(cpu_seconds=_MAX_SECONDS, memory=_MAX_MEMORY)
    contents = read_files(
        files,
        None,
        as_of,
        passwords=passwords,
        limits=limits,
        reader=partial(read_summary, personal_data=personal_data),
    )
    request = RollupRequest(as_of, name.strip(), year or 0, expected, personal_data)
    merged = roll_up(contents, request)
    merged = replace(merged, files=(*merged.files, *_report_copies(copies)))
    faulty = [report for report in merged.files if report.fault]
    if not merged.units and faulty:
        raise make_program_fault_error(faulty, "rollup")
    if not merged.units and not dry_run:
        raise InputError(
            "给出的文件里没有一份可以并入的年度汇总，没有写任何文件。",
            [f"{problem.place}：{problem.message}" for problem in merged.problems],
            code="summaries-missing",
        )
    if dry_run:
        return RollupResult(merged, ())
    stem = build_rollup_stem(merged)
    workbook = output / f"{stem}.xlsx"
    tables = build_rollup_tables(merged, personal_data=personal_data) if export else ()
    folder = find_export_folder(workbook, export)
    paths = [workbook, *(list_export_paths(folder, tables, export) if export else ())]
    atomic.refuse_links(output, paths)
    atomic.check_writable(paths)
    version = atomic.read_version(workbook)
    edited_rollup = keep_edited_copy(workbook, as_of)
    atomic.write_file(workbook, write_rollup(merged), version)
    if export:
        write_export(folder, tables, export)
    return RollupResult(merged, (workbook, folder) if export else (workbook,), edited_rollup)


def _report_copies(copies: Mapping[str, Path]) -> Iterator[FileReport]:
    """Yield a report on each kept copy of a summary, which is passed over."""
    note = "这是留存的旧汇总，没有并入，只并入单位现在的那一份。"
    for name, path in sorted(copies.items()):
        data = read_file_bytes(path, "留存的汇总")
        digest = hashlib.sha256(data).hexdigest()
        yield FileReport(name, len(data), digest, FileStatus.SKIPPED, note=note)


def _exclude_earlier_results(
    files: Mapping[str, Path], output: Path, expect: Path | None, name: str
) -> dict[str, Path]:
    """Return the files without the results of earlier runs and the list of units.

    The output folder may lie among the summaries. Without this a second run would differ
    from the first.
    """
    from ledgerbook.rollup import is_rollup_filename

    folder = os.path.realpath(output)
    expected_list = os.path.realpath(expect) if expect else ""

    def is_excluded(path: Path) -> bool:
        real_path = Path(os.path.realpath(path))
        # The tables of an export are in a folder of their own.
        inner_parts = (
            real_path.relative_to(folder).parts if real_path.is_relative_to(folder) else ()
        )
        return os.fspath(real_path) == expected_list or (
            0 < len(inner_parts) <= 2 and is_rollup_filename(inner_parts[0], name)  # noqa: PLR2004
        )

    return {name: path for name, path in files.items() if not is_excluded(path)}
