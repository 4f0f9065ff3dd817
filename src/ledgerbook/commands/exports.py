"""Write the tables of a ledger or a roll-up into a folder beside the summary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ledgerbook.data_tables.data_table import DataTable
from ledgerbook.data_tables.formats import (
    PACKAGE_NAME,
    TABLE_WRITERS,
    describe_package,
    list_package_paths,
)
from ledgerbook.export import make_export_folder_name
from ledgerbook.storage import atomic
from ledgerbook.storage.folders import read_file_bytes


def find_export_folder(summary: Path, kind: str) -> Path:
    """Return the folder of an export of ``kind`` beside a summary."""
    return summary.with_name(make_export_folder_name(summary.stem, kind))


def list_export_paths(folder: Path, tables: Sequence[DataTable], kind: str) -> list[Path]:
    """Return the files of an export, what describes them last."""
    return [*(folder / f"{table.name}.{kind}" for table in tables), folder / PACKAGE_NAME]


def write_export(folder: Path, tables: Sequence[DataTable], kind: str) -> None:
    """Write ``tables`` into ``folder``; files of an earlier export that this has not are removed.

    Raises FileError.
    """
    *paths, package = list_export_paths(folder, tables, kind)
    earlier = list_package_paths(read_file_bytes(package, "数据表") if package.exists() else b"")
    outdated = [folder / name for name in earlier if folder / name not in paths]
    atomic.check_writable([*paths, package, *outdated])
    write = TABLE_WRITERS[kind]
    pairs = zip(paths, tables, strict=True)
    atomic.write_files({path: write(table) for path, table in pairs})
    atomic.write_file(package, describe_package(tables, kind))
    for path in outdated:
        atomic.remove_file(path)
