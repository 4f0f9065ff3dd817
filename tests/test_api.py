"""The public surface: few names, each where it says it is."""

from __future__ import annotations

import ast
import inspect
import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import ledgerbook
from ledgerbook import book, commands, errors, model
from ledgerbook.book import MatchOverrides
from ledgerbook.cli.app import cli
from ledgerbook.commands.update import update
from ledgerbook.commands.workspace import RoundStatus
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import Ledger
from ledgerbook.rollup import Rollup
from ledgerbook.storage import folders
from ledgerbook.storage.folders import Url
from tests.support.type_checks import run_mypy


def test_exported_names() -> None:
    """The package offers these names, sorted, and no others."""
    assert ledgerbook.__all__ == sorted(ledgerbook.__all__)
    offered = {name: getattr(ledgerbook, name) for name in ledgerbook.__all__}
    assert offered == {
        "Book": model.Book,
        "FileError": errors.FileError,
        "InputError": errors.InputError,
        "LedgerbookError": errors.LedgerbookError,
        "MatchOverrides": MatchOverrides,
        "ProgramFaultError": errors.ProgramFaultError,
        "Url": Url,
        "__version__": ledgerbook.__version__,
        "check": commands.check,
        "collect": commands.collect,
        "diagnose": commands.diagnose,
        "frames": commands.frames,
        "generate": commands.generate,
        "init": commands.init,
        "read_frames": commands.read_frames,
        "read_workspace": commands.read_workspace,
        "remind": commands.remind,
        "roll_up": commands.roll_up,
        "run_demo": commands.run_demo,
        "update": update,
        "write_report": commands.write_report,
    }


# Command of the command line → function, where their names differ. Without a command, the
# command line shows the state of the folder: that is read_workspace.
_FUNCTION_NAMES = {"demo": "run_demo", "report": "write_report", "rollup": "roll_up"}


def test_every_command_is_a_function_of_the_package() -> None:
    """What a clerk can do, a script can do."""
    shown = {name for name, command in cli.commands.items() if not command.hidden}
    assert shown >= _FUNCTION_NAMES.keys()
    functions = {_FUNCTION_NAMES.get(name, name) for name in shown}
    assert functions - set(ledgerbook.__all__) == set()


def test_the_version_is_the_package_s_own() -> None:
    """The command line prints the one version that there is."""
    done = CliRunner().invoke(cli, ["--version"])
    assert done.output == f"ledgerbook {ledgerbook.__version__}\n"


@pytest.mark.slow
def test_a_type_checker_refuses_a_misspelt_name(tmp_path: Path) -> None:
    """The names are imported on first access, and are typed all the same."""
    script = tmp_path / "script.py"
    script.write_text("from ledgerbook import colect, collect\nreveal_type(collect)\n", "utf-8")
    done = run_mypy(script)
    assert 'script.py:1: error: Module "ledgerbook" has no attribute "colect"' in done.stdout
    assert "-> ledgerbook.commands.collect.CollectResult" in done.stdout
    assert done.stdout.endswith("Found 1 error in 1 file (checked 1 source file)\n")


def test_anything_else_is_missing_as_usual() -> None:
    """An unknown name raises what Python users expect."""
    with pytest.raises(AttributeError, match="no attribute 'summon'"):
        ledgerbook.summon  # noqa: B018


def test_no_foreign_exception_leaks(tmp_path: Path) -> None:
    """Whatever is given for a book or a plan, the error is one of ours."""
    rubbish = tmp_path / "台账.xlsx"
    rubbish.write_bytes(b"PK\x03\x04 rubbish")
    with pytest.raises(ledgerbook.LedgerbookError):
        ledgerbook.collect(rubbish, [tmp_path], tmp_path, as_of=date(2022, 1, 1))
    with pytest.raises(ledgerbook.LedgerbookError):
        ledgerbook.init(rubbish, tmp_path / "新.xlsx")


_STUB = re.compile(r"^```pyi\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PAGE = (Path(__file__).parents[1] / "docs" / "api.md").read_text("utf-8")


def test_the_page_describes_the_exported_names_and_no_others() -> None:
    """docs/api.md has a heading for each name of ``__all__``."""
    headings = re.findall(r"^## `(\w+)`$", _PAGE, re.MULTILINE)
    assert sorted(headings) == ledgerbook.__all__


def test_the_page_shows_signatures_and_shapes_as_they_are() -> None:
    """Every argument, default, field and type on docs/api.md is the code's own."""
    shown = [node for stub in _STUB.findall(_PAGE) for node in ast.parse(stub).body]
    assert len(shown) == 26
    homes = (commands, model, book, folders)
    for node in shown:
        assert isinstance(node, ast.FunctionDef | ast.ClassDef)
        real = next(vars(home)[node.name] for home in homes if node.name in vars(home))
        (source,) = ast.parse(inspect.getsource(real)).body
        assert _told(node) == _told(source), node.name


def test_the_page_names_only_what_there_is() -> None:
    """Each word in backticks between the stubs is an argument, a field or a module's name."""
    prose = re.sub(r"^```.*?^```", "", _PAGE, flags=re.MULTILINE | re.DOTALL)
    stubs = " ".join(_STUB.findall(_PAGE))
    known = {
        *re.findall(r"\w+", stubs),
        *ledgerbook.__all__,
        *commands.__all__,
        *dir(Ledger),
        *dir(Problem),
        *dir(errors.InputError("")),
        *dir(Rollup),
        *dir(RoundStatus),
        *("datetime", "ledgerbook"),
    }
    assert set(re.findall(r"`([a-z_]+)`", prose)) - known == set()


def _told(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        return [ast.unparse(node.args), ast.unparse(node.returns or node)]
    assert isinstance(node, ast.ClassDef)
    fields = [one for one in node.body if isinstance(one, ast.AnnAssign)]
    return [
        f"{ast.unparse(one.target)}: {ast.unparse(one.annotation)} = {_default(one)}"
        for one in fields
        if not ast.unparse(one.target).startswith("_")
    ]


def _default(field: ast.AnnAssign) -> str:
    """Return what a field is when it is not given; how it is shown is no part of it."""
    value = field.value
    made = isinstance(value, ast.Call) and "default_factory" in ast.unparse(value)
    if made or (isinstance(value, ast.Constant) and value.value is ...):
        return "made anew"
    return "" if value is None or isinstance(value, ast.Call) else ast.unparse(value)


def test_the_package_says_that_it_is_typed() -> None:
    """Type checkers of those who import it believe its annotations."""
    assert Path(ledgerbook.__file__).with_name("py.typed").is_file()
