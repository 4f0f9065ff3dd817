"""The summaries of many units become one of the level above."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook.errors import InputError
from ledgerbook.storage import atomic
from ledgerbook.storage.folders import find_files

if TYPE_CHECKING:
    from ledgerbook.rollup import Rollup


# The summary of a level is far larger than a return: 60,000 rows take half a GiB.
_SECONDS, _MEMORY = 300, 2 * 2**30


@dataclass(frozen=True, slots=True)
class RollupResult:
    """A roll-up and the files written for it (none in a dry run)."""

    rollup: Rollup
    outputs: tuple[Path, ...]


def rollup(  # noqa: PLR0913  one argument an option of the command
    summaries: Sequence[Path],
    output: Path,
    *,
    as_of: date,
    name: str = "",
    year: int | None = None,
    expect: Path | None = None,
    export: str = "",
    dry_run: bool = False,
    passwords: Sequence[str] = (),
) -> RollupResult:
    """Merge every summary under ``summaries`` and write the result into ``output``.

    ``name`` is what the level is called: 某市. ``expect`` lists who should report,
    ``export`` asks for the full detail as csv or parquet beside the workbook.
    Raises InputError or FileError when something cannot be used; whatever is wrong
    with a summary is in the roll-up instead.
    """
    from ledgerbook.export import EXPORTERS, check_exporter
    from ledgerbook.intake.worker_pool import ReadLimits, read_files
    from ledgerbook.rollup import (
        RollupRequest,
        read_expected,
        read_summary,
        roll_up,
        rollup_name,
        write_rollup,
    )

    check_exporter(export)
    expected = read_expected(expect) if expect else None
    files = _without_own(find_files(summaries), output, expect, name)
    limits = ReadLimits(_SECONDS, _MEMORY)
    reads = read_files(
        files, None, as_of, passwords=passwords, limits=limits, reader=read_summary
    )
    made = roll_up(reads, RollupRequest(as_of, name.strip(), year or 0, expected))
    if not made.units and not dry_run:
        raise InputError(
            "给出的文件里没有一份可以并入的年度汇总，没有写任何文件。",
            [f"{p.place}：{p.message}" for p in made.problems],
        )
    if dry_run:
        return RollupResult(made, ())
    stem = rollup_name(made)
    outputs = [output / f"{stem}.xlsx"]
    if export:
        outputs.append(output / f"{stem}明细.{export}")
    atomic.ready(outputs)
    atomic.write(outputs[0], write_rollup(made))
    if export:
        atomic.write(outputs[-1], EXPORTERS[export](made.rows))
    return RollupResult(made, tuple(outputs))


def _without_own(
    files: Mapping[str, Path], output: Path, expect: Path | None, name: str
) -> dict[str, Path]:
    """Leave out what an earlier run has written where this one writes, and the list.

    It is no part of what came in; told of, it would make a second run differ from the
    first.
    """
    from ledgerbook.rollup import is_own

    folder = os.path.realpath(output)
    listed = os.path.realpath(expect) if expect else ""

    def own(path: Path) -> bool:
        real = Path(os.path.realpath(path))
        inside = os.fspath(real.parent) == folder
        return os.fspath(real) == listed or (inside and is_own(real.name, name))

    return {name: path for name, path in files.items() if not own(path)}
