"""Keep the files that commands write which tests start as processes of their own.

``tests.support.kept_outputs`` puts this folder on the path of those processes, and Python
imports this module at their start.
"""

import os
import sys
from pathlib import Path
from typing import Any

_FOLDER = Path(os.environ.get("KEEP_OUTPUTS", ""))


def _keep_renamed(event: str, arguments: tuple[Any, ...]) -> None:
    """Keep a file at the moment when ``ledgerbook.storage.atomic`` gives it its name."""
    if event != "os.rename":
        return
    target = Path(str(arguments[1]))
    # In 收回 are the files of others, which commands copy to there; keeping renames too.
    is_output = target.suffix in {".xlsx", ".docx"} and "收回" not in target.parts
    if is_output and target.parent != _FOLDER:
        from kept_files import keep_file

        keep_file(_FOLDER, Path(arguments[0]).read_bytes())


# pytest sets this variable while a test runs: its own processes started before.
if _FOLDER.is_absolute() and "PYTEST_CURRENT_TEST" in os.environ:
    sys.addaudithook(_keep_renamed)
