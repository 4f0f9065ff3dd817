"""Keep modules from being imported out of the current folder.

The current folder is often one of returns, into which anybody may have laid a file
``signal.py``. Only what Python has loaded before it runs any module is imported here, for
this module runs while the current folder may still be on the path.
"""

import os
import sys


def remove_current_folder() -> None:
    """Remove the current folder from ``sys.path``, unless this program itself is in it."""
    current = _resolve("")
    if current != _resolve(os.path.dirname(os.path.dirname(__file__))):  # noqa: PTH120
        sys.path[:] = [entry for entry in sys.path if _resolve(entry) != current]


def _resolve(folder: str) -> str:
    return os.path.normcase(os.path.realpath(folder))
