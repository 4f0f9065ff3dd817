"""Tables of spellings, and nothing else: what people write for what is meant.

Keys are compared after :func:`ledgerbook.text.squash` (NFKC, no white space).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ledgerbook.model import StatusCategory

# How a section ticks a cell.
YES = frozenset({"是", "√", "✓", "✔", "Y", "y", "TRUE", "1"})

# How sections write where they stand, beside the choices offered. Taken with a
# notice; anything not listed here is a problem, never a guess.
STATUS_SYNONYMS: Mapping[str, StatusCategory] = MappingProxyType(
    {
        "完成": StatusCategory.DONE,
        "已办结": StatusCategory.DONE,
        "办结": StatusCategory.DONE,
        "已落实": StatusCategory.DONE,
        "已经落实": StatusCategory.DONE,
        "已经完成": StatusCategory.DONE,
        "全部完成": StatusCategory.DONE,
        "√": StatusCategory.DONE,
        "✓": StatusCategory.DONE,
        "✔": StatusCategory.DONE,
        "正在推进": StatusCategory.DOING,
        "进行中": StatusCategory.DOING,
        "正在落实": StatusCategory.DOING,
        "正在进行": StatusCategory.DOING,
        "推进": StatusCategory.DOING,
        "未开始": StatusCategory.TODO,
        "尚未启动": StatusCategory.TODO,
        "尚未开始": StatusCategory.TODO,
        "尚未落实": StatusCategory.TODO,
        "没有启动": StatusCategory.TODO,
        "长期": StatusCategory.ONGOING,
        "持续推进": StatusCategory.ONGOING,
        "长期坚持": StatusCategory.ONGOING,
        "常态化推进": StatusCategory.ONGOING,
        "不适用": StatusCategory.EXEMPT,
        "无此项工作": StatusCategory.EXEMPT,
        "未涉及": StatusCategory.EXEMPT,
    }
)
