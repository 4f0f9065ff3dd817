"""Issue a bureau's task ledger, collect the returns and write the annual summary.

Each command of the command line is a function here. They take paths, as str or
os.PathLike, and return frozen dataclasses; days are :class:`datetime.date`; nothing is
printed. A command that cannot run raises a :class:`LedgerbookError`; an argument of a wrong
type is a TypeError. Some start worker processes, so a script must call them below
``if __name__ == "__main__":``.
"""

import sys

if sys.argv[:1] == ["-m"]:
    # ``python -m ledgerbook`` is looking for __main__, and Python has put the current folder
    # first on the path: whatever is imported before this line may come from there.
    from ledgerbook.import_path import remove_current_folder

    remove_current_folder()

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledgerbook.book import MatchOverrides
    from ledgerbook.commands.check import check
    from ledgerbook.commands.collect import collect
    from ledgerbook.commands.demo import run_demo
    from ledgerbook.commands.diagnose import diagnose
    from ledgerbook.commands.frames import frames, read_frames
    from ledgerbook.commands.generate import generate
    from ledgerbook.commands.init import init
    from ledgerbook.commands.remind import remind
    from ledgerbook.commands.report import write_report
    from ledgerbook.commands.rollup import roll_up
    from ledgerbook.commands.update import update
    from ledgerbook.commands.workspace import read_workspace
    from ledgerbook.errors import FileError, InputError, LedgerbookError, ProgramFaultError
    from ledgerbook.model import Book
    from ledgerbook.storage.folders import Url

# Whoever uses the library decides where its records go; they never have what is in a cell.
logging.getLogger(__name__).addHandler(logging.NullHandler())

__all__ = [
    "Book",
    "FileError",
    "InputError",
    "LedgerbookError",
    "MatchOverrides",
    "ProgramFaultError",
    "Url",
    "__version__",
    "check",
    "collect",
    "diagnose",
    "frames",
    "generate",
    "init",
    "read_frames",
    "read_workspace",
    "remind",
    "roll_up",
    "run_demo",
    "update",
    "write_report",
]

# The one place of the version: pyproject.toml takes it from here.
__version__ = "0.1.0"

# Type checkers must not see __getattr__: to them any name would be here, even a misspelt one.
if not TYPE_CHECKING:
    # Imported on first access (PEP 562), so that --help loads no spreadsheet library.
    _MODULES_BY_NAME = {
        "Book": "model",
        "FileError": "errors",
        "InputError": "errors",
        "LedgerbookError": "errors",
        "MatchOverrides": "book",
        "ProgramFaultError": "errors",
        "Url": "storage.folders",
    }

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        module = import_module(f"{__name__}.{_MODULES_BY_NAME.get(name, 'commands')}")
        return getattr(module, name)
