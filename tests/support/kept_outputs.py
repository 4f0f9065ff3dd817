"""Keep every workbook and Word document that the program makes during the tests.

With the environment variable ``KEEP_OUTPUTS`` set to a folder, tests/conftest.py calls
:func:`keep_outputs`; ``make validate`` judges what is in the folder then. A file's name is
the hash of its bytes: processes may share the folder. What commands write in processes of
their own is kept by kept_by_commands/sitecustomize.py.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.kept_by_commands.kept_files import find_kept_path, keep_file

VARIABLE = "KEEP_OUTPUTS"

_FOR_CHILDREN = Path(__file__).with_name("kept_by_commands")

# Every output passes one of these functions: module, name. Those of issued files pass
# ``finish`` or ``render_template`` first, and are sealed then.
_MAKERS = (
    ("ledgerbook.book.writer", "build_book_bytes"),
    ("ledgerbook.book.issued_forms", "record_issued_forms"),
    ("ledgerbook.excel.workbook_writer", "WorkbookWriter.finish"),
    ("ledgerbook.word.styles", "save_document"),
    ("ledgerbook.word.template", "render_template"),
    ("ledgerbook.identity", "seal_package"),
)


def keep_outputs(folder: Path) -> None:
    """Keep in ``folder`` what the makers return from now on, in this process and its children."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    paths = [str(_FOR_CHILDREN), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ |= {VARIABLE: str(folder), "PYTHONPATH": os.pathsep.join(paths)}
    for module_name, path in _MAKERS:
        owner: Any = importlib.import_module(module_name)
        class_name, _, name = path.rpartition(".")
        owner = getattr(owner, class_name) if class_name else owner
        make = getattr(owner, name)
        wrapped = _keep_results(make, folder)
        setattr(owner, name, wrapped)
        for module in tuple(sys.modules.values()):
            if vars(module).get(name) is make:
                setattr(module, name, wrapped)


def _keep_results(make: Callable[..., bytes | None], folder: Path) -> Callable[..., bytes | None]:
    @functools.wraps(make)
    def make_and_keep(*args: Any, **named: Any) -> bytes | None:
        data = make(*args, **named)
        if make.__name__ == "seal_package":
            find_kept_path(folder, args[0]).unlink(missing_ok=True)
        if data is not None:
            keep_file(folder, data)
        return data

    return make_and_keep
