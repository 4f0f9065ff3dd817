"""Hand what was collected to people's own programs: as data frames, and as a folder of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledgerbook.commands.arguments import StrPath, check_flags, to_path
from ledgerbook.commands.collect import CollectResult
from ledgerbook.commands.rollup import RollupResult
from ledgerbook.errors import FileError
from ledgerbook.model.results import Ledger

if TYPE_CHECKING:
    import pandas as pd

    from ledgerbook.rollup import Rollup


def frames(
    result: CollectResult | RollupResult | Ledger | Rollup, *, personal_data: bool = False
) -> dict[str, pd.DataFrame]:
    """Return what was collected or rolled up as data frames, by name: tasks, files, problems ….

    Names, columns and types are those of docs/data-tables.md. The columns of personal data
    are there only with ``personal_data``.
    """
    from ledgerbook.data_tables.formats import to_frame
    from ledgerbook.data_tables.ledger_tables import build_ledger_tables
    from ledgerbook.data_tables.rollup_tables import build_rollup_tables
    from ledgerbook.merge.personal_data import omit_personal_data
    from ledgerbook.rollup import Rollup

    check_flags(personal_data=personal_data)
    if isinstance(result, CollectResult):
        result = result.ledger
    if isinstance(result, RollupResult):
        result = result.rollup
    if isinstance(result, Ledger):
        tables = build_ledger_tables(result if personal_data else omit_personal_data(result))
    elif isinstance(result, Rollup):
        tables = build_rollup_tables(result, personal_data=personal_data)
    else:
        expected = "the result of collect or roll_up"
        raise TypeError(f"result must be {expected}, not {type(result).__qualname__}")
    return {table.name: to_frame(table) for table in tables}


def read_frames(folder: StrPath) -> dict[str, pd.DataFrame]:
    """Return the data frames of a folder that ``--export`` has written, as :func:`frames` does.

    Raises FileError where the folder is none, or a file of it cannot be read.
    """
    from ledgerbook.data_tables import formats

    folder = to_path("folder", folder)
    try:
        return formats.read_frames(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileError(
            f"“{folder}”不是导出的数据表的文件夹，或者里面的文件缺了、改坏了。请重新导出一次。",
            code="file-unreadable",
            path=folder,
        ) from error
