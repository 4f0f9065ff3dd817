"""Random damage to good returns: never an exception, a lost cell, a wrong place."""

from __future__ import annotations

import io
import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model.results import AssignmentResult, Ledger
from tests.support.attack_files.base import (
    RELATIONS,
    SHEET,
    STRINGS,
    WORKBOOK,
    genuine,
    packed,
    unpacked,
)
from tests.support.books import (
    AS_OF,
    FINANCE,
    INDUSTRY,
    OFFICE,
    edit,
    fill,
    issued,
    make_book,
)

pytestmark = pytest.mark.slow

BOOK = make_book()
NAME = "改动过.xlsx"
NEIGHBOURS = (OFFICE, FINANCE)
SIGNS = tuple(f"{section}·" for section in (*NEIGHBOURS, INDUSTRY))
_UNEXPECTED = re.compile("程序有错")
_SEED = st.integers(0, 2**32 - 1)


def signed(section: str, task: str, key: str) -> str:
    return f"{section}·{task}·{key}"


@cache
def neighbours() -> tuple[FileContent, ...]:
    """Return the two returns that nobody touches, read once."""
    reads = []
    for section in NEIGHBOURS:
        said = {
            task.code: {
                "status": "推进中",
                "result": signed(section, task.code, "result"),
                "note": signed(section, task.code, "note"),
            }
            for task in BOOK.get_tasks(section)
        }
        data = fill(issued(BOOK, section), said)
        reads.append(read_return(f"{section}.xlsx", data, ReadContext(BOOK, AS_OF)))
    return tuple(reads)


def untouched(ledger: Ledger) -> list[AssignmentResult]:
    return [row for row in ledger.assignment_results if row.section in NEIGHBOURS]


@cache
def alone() -> list[AssignmentResult]:
    return untouched(merge_returns(BOOK, neighbours(), AS_OF))


def misplaced(ledger: Ledger) -> list[tuple[str, str, str]]:
    """Return the signed answers that stand anywhere but where they belong."""
    return [
        (row.code, key, answer.text)
        for row in ledger.assignment_results
        for key, answer in row.answers.items()
        if any(
            sign in answer.text.replace(signed(row.section, row.task.code, key), "")
            for sign in SIGNS
        )
    ]


def check(data: bytes, *, moved: bool = False) -> Ledger:
    """Read a mutated return beside its neighbours, and hold all promises.

    ``moved`` says that the file itself may have put an answer elsewhere: then it
    must at least stay with the section whose file this is.
    """
    read = read_return(NAME, data, ReadContext(BOOK, AS_OF))
    ledger = merge_returns(BOOK, [*neighbours(), read], AS_OF)
    assert ledger.cell_balance.is_balanced, ledger.cell_balance
    assert untouched(ledger) == alone()
    wrong = misplaced(ledger)
    assert wrong == [] or (moved and all(INDUSTRY in text for *_, text in wrong)), wrong
    messages = [problem.message for problem in read.problems]
    assert not _UNEXPECTED.search("".join(messages)), messages
    # What was given up as a whole is said to be so: nothing vanishes in silence.
    assert read.rows or read.problems
    return ledger


def test_without_a_mutation_all_is_taken() -> None:
    """The base of all mutations is itself read whole."""
    ledger = check(genuine())
    (mine,) = [file for file in ledger.file_reports if file.name == NAME]
    assert (mine.cell_count, ledger.conflicts) == (12, ())


# -- bytes --------------------------------------------------------------------------


def _flip(data: bytearray, chance: random.Random) -> None:
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _insert(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    data[at:at] = chance.randbytes(chance.randint(1, 8))


def _remove(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    del data[at : at + min(chance.randint(1, 8), len(data) - 1)]


def _truncate(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(1, len(data) + 1) :]


BYTES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip,
    _insert,
    _remove,
    _truncate,
)


def broken(data: bytes, chance: random.Random) -> bytes:
    fresh = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        chance.choice(BYTES)(fresh, chance)
    return bytes(fresh)


@given(_SEED)
def test_bytes_of_the_file(seed: int) -> None:
    """Bytes flipped, put in, taken out, cut off: checksums leave no doubt."""
    check(broken(genuine(), random.Random(seed)))  # noqa: S311


@given(_SEED)
def test_bytes_of_a_part(seed: int) -> None:
    """The same inside a part, under a checksum that fits: any text may be changed."""
    chance = random.Random(seed)  # noqa: S311
    parts = unpacked(genuine())
    name = chance.choice(sorted(parts))
    parts[name] = broken(parts[name], chance)
    check(packed(parts.items()), moved=True)


# -- elements and attributes --------------------------------------------------------

EXTREMES = (
    "",
    "0",
    "-1",
    "1",
    "A1",
    "L6",
    "XFD1048576",
    "A0",
    "99999999999",
    "4294967295",
    "1e999",
    "nan",
    "s",
    "str",
    "inlineStr",
    "e",
    "d",
    "b",
    "veryHidden",
    "../../x.xml",
    "/xl/workbook.xml",
    "rId1",
    "rId4",
    "行" * 300,
    "\u0661",  # a digit, though no ASCII one
)
# A change to these may move an answer in the file itself, whoever reads it.
_PLACING = {"r", "Id", "id", "Target", "name"}
_PARTS = (SHEET, STRINGS, WORKBOOK, RELATIONS)


def _element(root: ET.Element, chance: random.Random) -> ET.Element:
    return chance.choice(list(root.iter()))


def _drop(root: ET.Element, chance: random.Random) -> bool:
    parent = _element(root, chance)
    if len(parent):
        parent.remove(chance.choice(list(parent)))
    # A shared string that is gone moves all that follow it.
    return parent.tag.endswith("}sst")


def _double(root: ET.Element, chance: random.Random) -> bool:
    parent = _element(root, chance)
    if len(parent):
        parent.insert(chance.randint(0, len(parent)), chance.choice(list(parent)))
    return parent.tag.endswith("}sst")


def _shuffle(root: ET.Element, chance: random.Random) -> bool:
    parent = _element(root, chance)
    children = list(parent)
    chance.shuffle(children)
    parent[:] = children
    return parent.tag.endswith("}sst")


def _forget(root: ET.Element, chance: random.Random) -> bool:
    element = _element(root, chance)
    if not element.attrib:
        return False
    name = chance.choice(sorted(element.attrib))
    del element.attrib[name]
    return name.rpartition("}")[2] in _PLACING


def _exaggerate(root: ET.Element, chance: random.Random) -> bool:
    element = _element(root, chance)
    if not element.attrib:
        return False
    name = chance.choice(sorted(element.attrib))
    element.set(name, chance.choice(EXTREMES))
    return name.rpartition("}")[2] in _PLACING


def _reword(root: ET.Element, chance: random.Random) -> bool:
    element = _element(root, chance)
    element.text = chance.choice(EXTREMES)
    # A number in a cell may be the index of somebody else's text.
    return element.tag.endswith("}v")


TREES: tuple[Callable[[ET.Element, random.Random], bool], ...] = (
    _drop,
    _double,
    _shuffle,
    _forget,
    _exaggerate,
    _reword,
)


@given(_SEED)
def test_elements_and_attributes(seed: int) -> None:
    """Elements dropped, doubled, shuffled; attributes gone or absurd."""
    chance = random.Random(seed)  # noqa: S311
    parts = unpacked(genuine())
    moved = False
    for _ in range(chance.randint(1, 4)):
        name = chance.choice(_PARTS)
        root = ET.fromstring(parts[name])  # noqa: S314  our own file
        moved |= chance.choice(TREES)(root, chance)
        parts[name] = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    check(packed(parts.items()), moved=moved)


# -- cells --------------------------------------------------------------------------


@cache
def texts() -> tuple[str, ...]:
    """Return what already stands in the sheet: headers, keys, codes, official text.

    Signed answers are left out: to copy one is to move it.
    """
    sheet = openpyxl.load_workbook(io.BytesIO(genuine())).worksheets[0]
    found = (cell.value for row in sheet.iter_rows() for cell in row)
    return tuple(dict.fromkeys(v for v in found if isinstance(v, str) and v and "·" not in v))


def values() -> st.SearchStrategy[Any]:
    plain = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
    return st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**9), 10**9),
        st.floats(allow_nan=False, allow_infinity=False, width=32),
        st.datetimes(datetime(1901, 1, 1), datetime(2200, 1, 1)),  # noqa: DTZ001
        st.dates(date(1901, 1, 1), date(2200, 1, 1)),
        st.times(),
        st.timedeltas(timedelta(0), timedelta(999)),
        plain,
        st.sampled_from(["=1+1", "#REF!", "=NA()", " ", "已完成", "完成", "9.30"]),
        st.deferred(lambda: st.sampled_from(texts())),
    )


@given(
    st.dictionaries(
        st.tuples(st.integers(1, 14), st.integers(1, 24)),
        values(),
        min_size=1,
        max_size=12,
    )
)
def test_values_in_cells(cells: Mapping[tuple[int, int], object]) -> None:
    """Values of every kind in cells of every kind: none ends up in a wrong place."""
    workbook = openpyxl.load_workbook(io.BytesIO(genuine()))
    sheet = workbook.worksheets[0]
    for area in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(area))
    for (row, column), value in cells.items():
        sheet.cell(row, column).value = value
    check(serialize_workbook(workbook))


# By what a row is known: the columns of its code, its hidden key, its official text.
_VOTES = ("row_code", "_row", "measure")


@given(
    st.permutations([task.code for task in BOOK.get_tasks(INDUSTRY)]),
    st.sets(st.sampled_from(_VOTES), min_size=1, max_size=2),
)
def test_marks_that_changed_rows(order: list[str], votes: set[str]) -> None:
    """Some of the marks sorted apart from the answers: rows are held, not swapped."""

    def change(sheet: Worksheet, columns: Mapping[str, int], rows: Mapping[str, int]) -> None:
        for vote in votes:
            old = {code: sheet.cell(rows[code], columns[vote]).value for code in rows}
            for code, other in zip(rows, order, strict=True):
                sheet.cell(rows[code], columns[vote]).value = old[other]

    ledger = check(edit(genuine(), change))
    (mine,) = [file for file in ledger.file_reports if file.name == NAME]
    same = sum(one == other for one, other in zip(sorted(order), order, strict=True))
    assert mine.cell_count == 3 * same
