"""Let LibreOffice compute every formula anew, and compare with the values in the file."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.datetime import to_excel

from tests.validation.packages import Finding

# Their values depend on the day or the file's place: what is in the file is another day's.
_VOLATILE = ("TODAY(", "NOW(", "CELL(")
_SECONDS_FOR_ALL = 600
# LibreOffice trusts the values of a file unless its profile says "always" (0).
_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def recalculate(paths: Sequence[Path], folder: Path) -> list[Path]:
    """Return copies of workbooks in the new ``folder`` whose formulas LibreOffice computed.

    One process converts all; the names of ``paths`` must differ.
    """
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE)
    target = folder / "recalculated"
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    command += ["--convert-to", "xlsx", "--outdir", str(target), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS_FOR_ALL)
    return [target / path.name for path in paths]


def compare_values(path: Path, recalculated: Path) -> Iterator[Finding | None]:
    """Yield for each formula None, or a finding where LibreOffice comes to another value."""
    stored = load_workbook(path, data_only=True)
    computed = load_workbook(recalculated, data_only=True)
    for sheet in load_workbook(path).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f" or any(word in str(cell.value) for word in _VOLATILE):
                    continue
                at = cell.coordinate
                ours, theirs = stored[sheet.title][at].value, computed[sheet.title][at].value
                message = f"{at}: {ours!r} in the file, {theirs!r} computed by {cell.value!s:.120}"
                is_same = _are_equal(ours, theirs)
                yield None if is_same else Finding("recalculation", sheet.title, message)


def _are_equal(one: Any, other: Any) -> bool:
    """Return whether two values are equal; a file stores a day as a number, none as ''."""
    one, other = (
        to_excel(value)
        if isinstance(value, date | datetime | time)
        else ""
        if value is None
        else value
        for value in (one, other)
    )
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) < 1e-9 * max(1, abs(one))
    return bool(one == other)
