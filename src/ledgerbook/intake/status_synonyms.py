"""List the spellings by which sections fill in ticks and statuses.

Keys are compared after :func:`ledgerbook.text.normalize` (NFKC, no white space). A new
spelling is a new line in a table here, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ledgerbook.model import StatusCategory
from ledgerbook.text import normalize

# What a section writes into a cell to tick it.
TICK_TEXTS = frozenset({"是", "√", "✓", "✔", "Y", "y", "TRUE", "1"})

# What sections write for “as above”. What stands above is not in the summary.
DITTO_TEXTS = frozenset(
    {
        *(
            "同上",
            "同上行",
            "同上一行",
            "同上一条",
            "同上一项",
            "同上一格",
            "同上所述",
            "同前",
            "如上",
        ),
        *("如上所述", "见上", "见上行", "见上条", "〃", "々", '"', "′′"),
    }
)
_SENTENCE_MARKS = "。."


def is_ditto(text: str) -> bool:
    """Return whether a text says that its cell is as the one above."""
    return normalize(text).strip(_SENTENCE_MARKS) in DITTO_TEXTS


# What sections write as a status instead of a choice that the form offers. It is read as
# that choice, with a notice; any text that is not listed here is rejected with a problem.
STATUS_SYNONYMS: Mapping[str, StatusCategory] = MappingProxyType(
    {
        "完成": StatusCategory.COMPLETED,
        "已办结": StatusCategory.COMPLETED,
        "办结": StatusCategory.COMPLETED,
        "已落实": StatusCategory.COMPLETED,
        "已经落实": StatusCategory.COMPLETED,
        "已经完成": StatusCategory.COMPLETED,
        "全部完成": StatusCategory.COMPLETED,
        "√": StatusCategory.COMPLETED,
        "✓": StatusCategory.COMPLETED,
        "✔": StatusCategory.COMPLETED,
        "正在推进": StatusCategory.IN_PROGRESS,
        "进行中": StatusCategory.IN_PROGRESS,
        "正在落实": StatusCategory.IN_PROGRESS,
        "正在进行": StatusCategory.IN_PROGRESS,
        "推进": StatusCategory.IN_PROGRESS,
        "未开始": StatusCategory.NOT_STARTED,
        "尚未启动": StatusCategory.NOT_STARTED,
        "尚未开始": StatusCategory.NOT_STARTED,
        "尚未落实": StatusCategory.NOT_STARTED,
        "没有启动": StatusCategory.NOT_STARTED,
        "长期": StatusCategory.ONGOING,
        "持续推进": StatusCategory.ONGOING,
        "长期坚持": StatusCategory.ONGOING,
        "常态化推进": StatusCategory.ONGOING,
        "不适用": StatusCategory.NOT_APPLICABLE,
        "无此项工作": StatusCategory.NOT_APPLICABLE,
        "未涉及": StatusCategory.NOT_APPLICABLE,
    }
)
