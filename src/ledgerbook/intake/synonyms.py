"""Tables of spellings, and nothing else: what people write for what is meant.

Keys are compared after :func:`ledgerbook.text.squash` (NFKC, no white space).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ledgerbook.model import Meaning

# How a section ticks a cell.
YES = frozenset({"是", "√", "✓", "✔", "Y", "y", "TRUE", "1"})

# How sections write where they stand, beside the choices offered. Taken with a
# notice; anything not listed here is a problem, never a guess.
STATUS_SYNONYMS: Mapping[str, Meaning] = MappingProxyType(
    {
        "完成": Meaning.DONE,
        "已办结": Meaning.DONE,
        "办结": Meaning.DONE,
        "已落实": Meaning.DONE,
        "已经落实": Meaning.DONE,
        "已经完成": Meaning.DONE,
        "全部完成": Meaning.DONE,
        "√": Meaning.DONE,
        "✓": Meaning.DONE,
        "✔": Meaning.DONE,
        "正在推进": Meaning.DOING,
        "进行中": Meaning.DOING,
        "正在落实": Meaning.DOING,
        "正在进行": Meaning.DOING,
        "推进": Meaning.DOING,
        "未开始": Meaning.TODO,
        "尚未启动": Meaning.TODO,
        "尚未开始": Meaning.TODO,
        "尚未落实": Meaning.TODO,
        "没有启动": Meaning.TODO,
        "长期": Meaning.ONGOING,
        "持续推进": Meaning.ONGOING,
        "长期坚持": Meaning.ONGOING,
        "常态化推进": Meaning.ONGOING,
        "不适用": Meaning.EXEMPT,
        "无此项工作": Meaning.EXEMPT,
        "未涉及": Meaning.EXEMPT,
    }
)
