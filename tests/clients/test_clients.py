"""What each client makes of a filled workbook when it saves it, and what is collected.

Every answer arrives as it was given, or the problem list says which one did not.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model.results import Ledger
from tests.clients.all_column_types import BOOK, COUNT, Value, blank, each, filled
from tests.office.calc import Calc
from tests.support.books import AS_OF, OFFICE, columns_of, rows_of
from tests.support.requirements import need_program, skip_or_fail
from tests.support.returns import answers, codes

HERE = Path(__file__).parent
# A place whose midnight was not a whole minute in 1900, which some programs hold to.
_HERE_AND_NOW = {"TZ": "Asia/Shanghai"}
# A number in a column of texts; who types it there by hand types a text.
_NUMBER_IN_TEXT = {("T03", "note"): "number-in-text"}
# In an .xls, SheetJS cuts a text off.
_SHEETJS_CUT = 255
_NEVER_TYPED = ("=", "+", "1/2")
# A longer text comes over the clipboard.
_TYPED = 100

Place = tuple[str, str]
"""Task code and column key."""


@dataclass(frozen=True, slots=True)
class Client:
    """A program that saves, and what is known to go wrong.

    ``held`` answers are on the problem list under a code instead of in the summary,
    ``changed`` ones arrive as another text; ``beside`` are problems of no answer. ``is_typed``:
    by hand, not put into the cells as values.
    """

    name: str
    suffix: str
    save: Callable[[Path, pytest.FixtureRequest], None]
    held: Mapping[Place, str] = field(default_factory=dict)
    changed: Mapping[Place, tuple[str, Callable[[str], str]]] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    is_typed: bool = False


# -- the programs ---------------------------------------------------------------------


def by_libreoffice(target: Path, request: pytest.FixtureRequest) -> None:
    saved: Mapping[str, Path] = request.getfixturevalue("typed")
    shutil.copy(saved[target.suffix], target)


@pytest.fixture(scope="module")
def typed(calc: Calc, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Type every answer by hand and save the workbook: suffix → file."""
    folder = tmp_path_factory.mktemp("手填")
    source = folder / "空表.xlsx"
    source.write_bytes(blank())
    calc.open(path=source)
    for (_, _, value), ref in zip(each(), refs(), strict=True):
        text = by_hand(value)
        if text.startswith(_NEVER_TYPED):
            # Key events would make a formula of it, a dialogue, or ½.
            calc.put(ref=ref, text=text)
        else:
            deed = calc.paste if len(text) > _TYPED else calc.type
            assert deed(ref=ref, text=text), text
    paths = {suffix: folder / f"手填{suffix}" for suffix in (".xlsx", ".xls", ".ods")}
    for path in paths.values():
        calc.save(path=path)
    calc.close()
    return paths


def by_hand(value: Value) -> str:
    if isinstance(value, date):
        return f"{value.year}-{value.month}-{value.day}"
    return f"{value:.15g}" if isinstance(value, float) else value


def by_gnumeric(target: Path, request: pytest.FixtureRequest) -> None:
    need_program("ssconvert", "gnumeric is not installed")
    source = target.with_name("填好.xlsx")
    source.write_bytes(filled())
    command = ["ssconvert", str(source), str(target)]
    subprocess.run(command, check=True, capture_output=True)


def by_exceljs(target: Path, request: pytest.FixtureRequest) -> None:
    by_node("exceljs", target)


def by_sheetjs(target: Path, request: pytest.FixtureRequest) -> None:
    by_node("sheetjs", target)


def by_node(library: str, target: Path) -> None:
    if shutil.which("npm") is None:
        # These are the tests of who has it: not even the gate insists.
        pytest.skip("npm is not installed")
    need_program("node")
    if not (HERE / "node_modules").is_dir():
        skip_or_fail("“npm ci” has not been run in tests/clients")
    source = target.with_name("空表.xlsx")
    source.write_bytes(blank())
    cells = {ref: told(value) for (_, _, value), ref in zip(each(), refs(), strict=True)}
    job = {
        "library": library,
        "source": str(source),
        "target": str(target),
        "cells": cells,
    }
    subprocess.run(
        ["node", str(HERE / "save.cjs")],
        input=json.dumps([job]).encode(),
        env={**os.environ, **_HERE_AND_NOW},
        check=True,
    )


def told(value: Value) -> dict[str, Value]:
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return {"text" if isinstance(value, str) else "number": value}


def by_openpyxl(target: Path, request: pytest.FixtureRequest) -> None:
    workbook = load_workbook(io.BytesIO(blank()))
    sheet = workbook.worksheets[0]
    for (_, _, value), ref in zip(each(), refs(), strict=True):
        sheet[ref] = value
    workbook.save(target)


def by_pandas(target: Path, request: pytest.FixtureRequest) -> None:
    """Take every row for data: styles, checks and hidden sheets are lost."""
    import pandas as pd

    frame = pd.read_excel(io.BytesIO(blank()), header=None, dtype=object, engine="openpyxl")
    sheet = load_workbook(io.BytesIO(blank())).worksheets[0]
    columns, rows = columns_of(sheet), rows_of(sheet)
    for code, key, value in each():
        frame.iloc[rows[code] - 1, columns[key] - 1] = value
    frame.to_excel(target, header=False, index=False, engine="openpyxl")


def by_pandas_as_it_comes(target: Path, request: pytest.FixtureRequest) -> None:
    """Take the title for column names and add an index: all moves by a column."""
    import pandas as pd

    frame = pd.read_excel(io.BytesIO(filled()), engine="openpyxl")
    frame.to_excel(target, engine="xlsxwriter")


@cache
def refs() -> tuple[str, ...]:
    """Return where each answer's cell is, in the order of ``each``."""
    sheet = load_workbook(io.BytesIO(blank())).worksheets[0]
    columns, rows = columns_of(sheet), rows_of(sheet)
    return tuple(sheet.cell(rows[code], columns[key]).coordinate for code, key, _ in each())


# -- what comes of it -----------------------------------------------------------------

# These take a text that begins with = for a formula, which nothing ever computes.
_FORMULAS = {("T01", "person"): "cell-error", ("T02", "reason"): "cell-error"}


def _cut(text: str) -> str:
    units = text.encode("utf-16-le")[: 2 * _SHEETJS_CUT]
    return units.decode("utf-16-le").strip()


_CLIENTS: tuple[tuple[Client, Any], ...] = (
    *(
        (Client("LibreOffice", suffix, by_libreoffice, is_typed=True), pytest.mark.office)
        for suffix in (".xlsx", ".xls", ".ods")
    ),
    *(
        (Client("Gnumeric", suffix, by_gnumeric), pytest.mark.clients)
        for suffix in (".xlsx", ".xls", ".ods")
    ),
    (Client("exceljs", ".xlsx", by_exceljs), pytest.mark.clients),
    (Client("SheetJS", ".xlsx", by_sheetjs), pytest.mark.clients),
    (
        Client(
            "SheetJS",
            ".xls",
            by_sheetjs,
            changed={
                ("T01", "result"): ("text-cut", _cut),
                ("T05", "result"): ("text-cut", _cut),
            },
        ),
        pytest.mark.clients,
    ),
    (
        # It writes a date into an .ods as a bare number.
        Client(
            "SheetJS",
            ".ods",
            by_sheetjs,
            held={
                ("T01", "done_on"): "date-unclear",
                ("T05", "done_on"): "date-unclear",
            },
        ),
        pytest.mark.clients,
    ),
    (Client("openpyxl", ".xlsx", by_openpyxl, held=_FORMULAS), ()),
    (Client("pandas", ".xlsx", by_pandas, held=_FORMULAS), ()),
    (
        # Names such as “Unnamed: 1” above the title, and a number before each row.
        Client(
            "pandas-as-it-comes",
            ".xlsx",
            by_pandas_as_it_comes,
            held=_FORMULAS,
            beside=("stray", "stray-column"),
        ),
        (),
    ),
)
CLIENTS = [
    pytest.param(client, id=f"{client.name}{client.suffix}", marks=marks)
    for client, marks in _CLIENTS
]


def collected(path: Path) -> Ledger:
    read = read_return(path.name, path.read_bytes(), ReadContext(BOOK, AS_OF))
    return merge_returns(BOOK, [read], AS_OF)


def given() -> dict[Place, str]:
    """Return every answer as it is to be collected."""
    return {
        (code, key): value.isoformat() if isinstance(value, date) else by_hand(value)
        for code, key, value in each()
    }


def taken(ledger: Ledger) -> dict[Place, str]:
    found = answers(ledger)
    assert set(found) <= {OFFICE}
    return {
        (code, key): text
        for code, cells in found.get(OFFICE, {}).items()
        for key, text in cells.items()
    }


def test_the_workbook_as_filled_gives_every_answer(tmp_path: Path) -> None:
    """What the clients' files are measured against."""
    path = tmp_path / "填好.xlsx"
    path.write_bytes(filled())
    ledger = collected(path)
    assert taken(ledger) == given()
    assert codes(ledger) == [*_NUMBER_IN_TEXT.values()]
    assert (ledger.cell_balance.received, ledger.cell_balance.accepted) == (
        COUNT,
        COUNT,
    )


@pytest.mark.parametrize("client", CLIENTS)
def test_answers_survive_the_client(
    client: Client, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Every answer is in its place as given, or the problem list says otherwise."""
    target = tmp_path / f"报回{client.suffix}"
    client.save(target, request)
    ledger = collected(target)
    expected = given()
    for place in client.held:
        del expected[place]
    for place, (_, change) in client.changed.items():
        expected[place] = change(expected[place])
    assert taken(ledger) == expected
    said = {(p.task, p.column): p.code for p in ledger.problems if p.task}
    told_of = {place: code for place, (code, _) in client.changed.items()}
    number_in_text = {} if client.is_typed else _NUMBER_IN_TEXT
    assert said == {**client.held, **told_of, **number_in_text}
    task_codes = [p.code for p in ledger.problems if p.task]
    assert sorted(codes(ledger)) == sorted([*task_codes, *client.beside])
    assert ledger.cell_balance.is_balanced
    assert ledger.cell_balance.accepted == len(expected)


@pytest.mark.clients
def test_a_binary_workbook_is_one_plain_problem(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """An .xlsb is not read: one problem, which says what to do."""
    target = tmp_path / "报回.xlsb"
    by_sheetjs(target, request)
    ledger = collected(target)
    (problem,) = ledger.problems
    assert problem.code == "file-old-format"
    assert ".xlsb" in problem.message
    assert "另存为 .xlsx" in problem.advice
    assert (ledger.cell_balance.received, ledger.cell_balance.is_balanced) == (0, True)
