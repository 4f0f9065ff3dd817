"""The same workbooks by bare XlsxWriter, in_memory: the calls known beforehand."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook


def main() -> None:
    """Write, by the recipe named first, into the folder named second, so many."""
    recipe = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301  our own
    folder, count = Path(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    first = recipe["sheets"][0][0]
    names = [f"第{n:05d}科" for n in range(1, count + 1)]
    for name in names:
        write(folder / f"{name}.xlsx", recipe, [(recipe["sheets"], first, name)])
    # The whole ledger: the section's sheet for each, the other sheets once.
    ledger, *others = recipe["sheets"]
    parts = [([ledger], first, name) for name in names]
    write(folder / "总台账.xlsx", recipe, [*parts, (others, first, first)])


def write(path: Path, recipe: dict[str, Any], parts: list[Any]) -> None:
    """Write one workbook: of each part its sheets, one section's name for another."""
    workbook = Workbook(path, {"in_memory": True})
    looks = [workbook.add_format(look) for look in recipe["looks"]]
    for sheets, old, new in parts:
        for title, state, calls in sheets:
            sheet = workbook.add_worksheet(title.replace(old, new))
            if state != "visible":
                sheet.hide()
            for call, arguments, more in calls:
                told = [_named(one, old, new) for one in arguments]
                kept = {key: looks[min(value)] for key, value in more.items()}
                getattr(sheet, call)(*told, **kept)
    for name, formula in recipe["names"]:
        workbook.define_name(name, formula)
    workbook.close()


def _named(value: Any, old: str, new: str) -> Any:
    return value.replace(old, new) if isinstance(value, str) and old in value else value


if __name__ == "__main__":
    main()
