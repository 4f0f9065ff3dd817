"""Find the files that are shipped with ledgerbook: factory forms and the example plan."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from ledgerbook.errors import FileError
from ledgerbook.model.messages import INSTALLER

EXAMPLE_PLAN = "examples/zhongshan-2022/plan.txt"
EXAMPLE_RETURNS = "examples/zhongshan-2022/returns.toml"


def find_resource(name: str) -> Traversable:
    """Return the shipped file or folder ``name``, such as ``templates``.

    In an installed wheel it is inside the package; in a checkout it is at the top of the
    tree. Raises FileError where it is in neither.
    """
    packaged = files("ledgerbook").joinpath(name)
    in_tree = Path(__file__).parents[3].joinpath(name)
    for resource in (packaged, in_tree):
        if resource.is_file() or resource.is_dir():
            return resource
    raise FileError(
        f"本工具没有装好（缺少“{name}”），请找{INSTALLER}重装。",
        code="installation-incomplete",
        path=in_tree,
    )
