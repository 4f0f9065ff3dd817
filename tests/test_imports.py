"""Each library has one seam, rooms depend downward only, modules stay small."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

# In one process, for which every module is parsed once.
pytestmark = pytest.mark.xdist_group("imports")

SOURCE = Path(__file__).parents[1] / "src" / "ledgerbook"
MODULES = sorted(SOURCE.rglob("*.py"))

SEAMS = {
    "click": {"cli"},
    "xlsxwriter": {"sheets", "issue", "summary", "rollup"},
    "openpyxl": {"book", "demo", "summary", "sheets"},
    "python_calamine": {"plan", "returns", "summary"},
    "defusedxml": {"book", "returns", "plan"},
    "msoffcrypto": {"returns"},
    "olefile": {"plan", "returns"},
    "xlrd": {"plan", "returns"},
    "docx": {"draft", "plan"},
    "docxtpl": {"draft"},
    "jinja2": {"draft"},
    "lxml": {"plan"},
    "rapidfuzz": {"plan"},
    "rich": {"cli"},
    "pandas": {"detail", "jobs"},
    "pyarrow": {"detail"},
    "chinese_calendar": {"days"},
    "dask": {"cluster"},
    "distributed": {"cluster"},
    "fsspec": {"cluster"},
}
# From the roof down: a room builds on rooms below its own floor, and on no other.
FLOORS = (
    {"__main__"},
    {"cli"},
    {"demo"},
    {"__init__", "preview", "report"},
    {"jobs"},
    {"cluster", "rollup"},
    {"summary"},
    {"merging", "receiving"},
    {"book", "draft", "returns"},
    {"annual", "detail", "issue"},
    {"forms", "ledger", "plan"},
    {"cover", "days", "disk", "marks", "sheets"},
    {"errors", "model", "problems", "text", "workshop"},
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
# A long way down that would skip the way of the data: these must not be taken.
BARRED = {
    "plan": {"disk"},
    "returns": {"book", "disk"},
    "merging": {"book", "plan", "disk"},
    "summary": {"book", "plan", "disk"},
    "rollup": {"book", "plan", "disk", "issue"},
    "draft": {"disk", "issue", "returns"},
}


def room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Return every module that ``path`` imports, wherever in it."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "ledgerbook":
                yield from (f"ledgerbook.{name.name}" for name in node.names)


@pytest.mark.parametrize("library", SEAMS)
def test_each_library_has_its_seam(library: str) -> None:
    """A library is imported only in the rooms that stand for it."""
    users = {
        room(path)
        for path in MODULES
        if any(name.split(".")[0] == library for name in imports(path))
    }
    assert users <= SEAMS[library]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_rooms_depend_downward(path: Path) -> None:
    """No room reaches up, or sideways, or past the way of the data."""
    own = room(path)
    names = [name for name in imports(path) if name.startswith("ledgerbook.")]
    ours = {name.split(".")[1] for name in names} & FLOOR.keys() - {own}
    assert {one for one in ours if FLOOR[one] <= FLOOR[own]} == set()
    assert ours & BARRED.get(own, set()) == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_no_module_outgrows_its_reader(path: Path) -> None:
    """No module is over 400 lines."""
    assert len(path.read_text("utf-8").splitlines()) <= 400


def test_help_loads_no_heavy_library() -> None:
    """Asking for help imports none of the spreadsheet libraries."""
    code = (
        "import sys; from ledgerbook import cli; "
        "print(sorted({'pandas', 'openpyxl', 'xlsxwriter', 'docx', "
        "'docxtpl', 'jinja2', 'python_calamine', 'lxml', 'rapidfuzz', "
        "'xlrd', 'olefile', 'msoffcrypto', 'chinese_calendar', "
        "'distributed', 'fsspec', 'rich', 'pebble'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_no_function_is_long() -> None:
    """No function is over 60 lines."""
    long = [
        f"{path.name}:{node.name}"
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 60
    ]
    assert long == []
