"""Find the files that are shipped with ledgerbook: factory forms and the example plan."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

EXAMPLE_PLAN = "examples/zhongshan-2022/plan.txt"
EXAMPLE_RETURNS = "examples/zhongshan-2022/returns.toml"


def find_resource(name: str) -> Traversable:
    """Return the shipped file or folder ``name``, such as ``templates``.

    In an installed wheel it is inside the package; in a checkout it is at the top of the
    tree.
    """
    packaged = files("ledgerbook").joinpath(name)
    if packaged.is_file() or packaged.is_dir():
        return packaged
    return Path(__file__).parents[3].joinpath(name)
