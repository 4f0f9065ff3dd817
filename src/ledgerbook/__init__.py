"""Issue a bureau's task ledger, collect the returns and write the annual summary.

The commands are :func:`init`, :func:`generate` and :func:`collect`, and :func:`update`
when the plan is revised. They take paths and return frozen dataclasses; days are
:class:`datetime.date`; nothing is printed. A command that cannot run raises a
:class:`LedgerbookError`. ``collect`` and ``generate`` start worker processes, so a script
must call them below ``if __name__ == "__main__":``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ledgerbook.commands import collect, generate, init, update
    from ledgerbook.errors import FileError, InputError, LedgerbookError
    from ledgerbook.model import Book

# Whoever uses the library decides where its records go; they never have what is in a cell.
logging.getLogger(__name__).addHandler(logging.NullHandler())

__all__ = [
    "Book",
    "FileError",
    "InputError",
    "LedgerbookError",
    "collect",
    "generate",
    "init",
    "update",
]

# Imported on first access (PEP 562), so that --help loads no spreadsheet library.
_MODULES_BY_NAME = {
    "Book": "model",
    "FileError": "errors",
    "InputError": "errors",
    "LedgerbookError": "errors",
    "collect": "commands",
    "generate": "commands",
    "init": "commands",
    "update": "commands",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES_BY_NAME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES_BY_NAME[name]}"), name)
