"""Where every filled cell of the plan's tables went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    TASK = "任务"
    HEADING = "标题"
    HEADER = "表头"
    NOTE = "备注"
    ASKED = "待确认"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many filled cells the plan's tables have, and how many went where.

    ``others`` counts the tables of the file that are not the plan's.
    """

    found: int
    went: Mapping[Fate, int]
    others: int = 0

    @property
    def balanced(self) -> bool:
        return self.found == sum(self.went.values())

    def __str__(self) -> str:
        parts = "，".join(f"{fate} {self.went[fate]} 格" for fate in Fate)
        more = f"另有 {self.others} 张表不是方案的表格，没有读。" if self.others else ""
        return f"方案表格里有字的格子共 {self.found} 格：{parts}。{more}"
