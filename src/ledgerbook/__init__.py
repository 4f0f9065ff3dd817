"""ledgerbook: issue a bureau's task ledger, collect the returns, sum up the year.

The jobs are :func:`init`, :func:`generate` and :func:`collect`, and :func:`update` when
the plan is revised; what stops one of them is a :class:`LedgerbookError`. Paths in, a
frozen value out; days are :class:`datetime.date`; nothing is printed. ``collect`` and
``generate`` start processes: a script calls them below ``if __name__ == "__main__":``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ledgerbook.commands import collect, generate, init, update
    from ledgerbook.errors import FileError, InputError, LedgerbookError
    from ledgerbook.model import Book


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

# Found when first asked for: a look at --help loads no spreadsheet library.
_HOMES = {
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
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
