"""The files that come with ledgerbook: factory forms and the packaged plan."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

EXAMPLE_PLAN = "examples/zhongshan-2022/plan.txt"
EXAMPLE_RETURNS = "examples/zhongshan-2022/returns.toml"


def find_resource(name: str) -> Traversable:
    """Return the shipped file or folder ``name``, such as ``templates``.

    A wheel carries it inside the package; a checkout keeps it at the top of the
    tree, where people look for it.
    """
    packaged = files("ledgerbook").joinpath(name)
    if packaged.is_file() or packaged.is_dir():
        return packaged
    return Path(__file__).parents[3].joinpath(name)
