"""The files that come with ledgerbook: factory forms and the packaged plan."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

PLAN = "examples/zhongshan-2022/plan.txt"
RETURNS = "examples/zhongshan-2022/returns.toml"


def resource(name: str) -> Traversable:
    """Return the shipped file or folder ``name``, such as ``templates``.

    A wheel carries it inside the package; a checkout keeps it at the top of the
    tree, where people look for it.
    """
    inside = files("ledgerbook").joinpath(name)
    if inside.is_file() or inside.is_dir():
        return inside
    return Path(__file__).parents[3].joinpath(name)
