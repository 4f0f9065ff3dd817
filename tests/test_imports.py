"""Each library is imported in few rooms, and rooms import downward only."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "ledgerbook"

# Library → the rooms that may import it.
LIBRARIES = {
    "chinese_calendar": {"statutory_limits"},
    "click": {"cli"},
    "dask": {"intake"},
    "defusedxml": {"file_types", "plan"},
    "distributed": {"intake"},
    "doc2docx": {"plan"},
    "docx": {"annual_report", "issue", "plan", "word"},
    "docxtpl": {"word"},
    "fsspec": {"intake"},
    "jinja2": {"word"},
    "lxml": {"book", "plan"},
    "msoffcrypto": {"intake"},
    "olefile": {"file_types", "intake"},
    "openpyxl": {"book", "commands", "excel", "summary"},
    "pandas": {"commands", "data_tables"},
    "pdfminer": {"plan"},
    "pdfplumber": {"plan"},
    "pyarrow": {"data_tables"},
    "python_calamine": {"intake", "plan", "summary"},
    "rapidfuzz": {"plan"},
    "rich": {"cli"},
    "xlrd": {"intake", "plan"},
    "xlsxwriter": {"excel"},
}
# From the roof down: a room imports from rooms below its own floor, and from no other.
FLOORS = (
    {"__main__"},
    {"cli"},
    {"__init__"},
    {"commands"},
    {"data_tables"},
    {"board", "reminders", "rollup"},
    {"summary"},
    {"merge"},
    {"book", "intake"},
    {"annual_report"},
    {"issue"},
    {"export", "forms", "plan", "word"},
    {"deadlines", "excel", "identity", "limited_process", "period", "statutory_limits", "storage"},
    {"counted_time", "file_types", "model", "parallel"},
    {"a1_references", "chinese_numerals", "errors", "text"},
    {"faults", "import_path", "temporary_folder"},
    {"system_lock"},
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
# Ways down that would bypass the way of the data.
FORBIDDEN = {
    "annual_report": {"issue", "storage"},
    "board": {"book", "issue", "plan", "storage"},
    "merge": {"book", "plan", "storage"},
    "plan": {"storage"},
    "reminders": {"book", "plan", "storage"},
    "rollup": {"book", "issue", "plan", "storage"},
    "summary": {"book", "plan", "storage"},
}
# Modules of forbidden rooms that are free to all, for they touch no file.
PURE = {"ledgerbook.storage.file_names"}
HEAVY = (
    "pandas",
    "openpyxl",
    "xlsxwriter",
    "docx",
    "docxtpl",
    "jinja2",
    "python_calamine",
    "lxml",
    "rapidfuzz",
    "xlrd",
    "olefile",
    "msoffcrypto",
    "chinese_calendar",
    "distributed",
    "fsspec",
    "rich",
    "pebble",
    "doc2docx",
    "pdfplumber",
)


@cache
def imports_of_rooms() -> dict[str, dict[str, set[str]]]:
    """Return room → module of ours → the modules that it imports, wherever in it."""
    rooms: dict[str, dict[str, set[str]]] = {}
    for path in SOURCE.rglob("*.py"):
        inside = path.relative_to(SOURCE)
        room = inside.parts[0].removesuffix(".py")
        tree = ast.parse(path.read_text("utf-8"))
        rooms.setdefault(room, {})[str(inside)] = set(_imports(tree))
    return rooms


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "ledgerbook":
                yield from (f"ledgerbook.{name.name}" for name in node.names)


def test_each_library_has_its_rooms() -> None:
    """A library is imported only in the rooms that stand for it."""
    found = {
        (library, room)
        for room, modules in imports_of_rooms().items()
        for names in modules.values()
        for library in {name.split(".")[0] for name in names} & LIBRARIES.keys()
    }
    allowed = {(library, room) for library, rooms in LIBRARIES.items() for room in rooms}
    assert found - allowed == set()


def test_rooms_import_downward() -> None:
    """No room imports from above, from its own floor, or past the way of the data."""
    wrong = [
        f"{module} imports {name}"
        for room, modules in imports_of_rooms().items()
        for module, names in modules.items()
        for name in sorted(names)
        if name.startswith("ledgerbook.")
        and (other := name.split(".")[1]) in FLOOR_OF
        and other != room
        and (
            FLOOR_OF[other] <= FLOOR_OF[room]
            or (other in FORBIDDEN.get(room, ()) and name not in PURE)
        )
    ]
    assert wrong == []


def test_intake_knows_only_the_layout_of_what_was_issued() -> None:
    """No module of intake imports what draws: of issue it knows layout, texts and values."""
    modules = imports_of_rooms()["intake"].values()
    names = {name for imports in modules for name in imports}
    drawing = {n for n in names if n.startswith(("ledgerbook.issue", "ledgerbook.excel"))}
    assert drawing == {
        "ledgerbook.issue.layout",
        "ledgerbook.issue.instruction_texts",
        "ledgerbook.issue.fixed_texts",
        "ledgerbook.issue.baseline",
    }


def test_every_room_has_a_floor() -> None:
    """The tables above know every room, and no room that is gone."""
    assert FLOOR_OF.keys() == imports_of_rooms().keys()


@pytest.mark.slow
def test_help_loads_no_heavy_library() -> None:
    """Asking for help imports none of the spreadsheet libraries."""
    code = (
        "import sys; from ledgerbook.cli.app import main; "
        f"print(sorted({set(HEAVY)!r} & set(sys.modules)))"
    )
    assert run(code) == "[]\n"


@pytest.mark.slow
def test_reading_a_return_loads_nothing_that_draws() -> None:
    """A worker process that reads untrusted files has no XlsxWriter in it.

    Of ``excel`` it has Excel's limits alone, by which definitions of forms are checked.
    """
    code = (
        "import sys, ledgerbook.intake.pipeline, ledgerbook.intake.worker_pool; "
        "print('xlsxwriter' in sys.modules, "
        "[name for name in sys.modules if name.startswith('ledgerbook.excel.')])"
    )
    assert run(code) == "False ['ledgerbook.excel.limits']\n"


def run(code: str) -> str:
    """Return what a new Python prints that runs ``code``."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout


def test_packages_are_opened_in_one_way() -> None:
    """Beside file_types only these know zipfile: they write, or read archives in a worker."""
    found = {
        module
        for modules in imports_of_rooms().values()
        for module, names in modules.items()
        if "zipfile" in names
    }
    assert found == {
        "commands/diagnose.py",
        "excel/deterministic_zip.py",
        "file_types.py",
        "intake/archives.py",
        "intake/formats/ooxml_package.py",
    }
